"""Regression verdicts: the same judged by another implementation, and what CI sees of them."""

import copy
import csv
import io
import json
import xml.etree.ElementTree as ElementTree

import jsonschema
import numpy
import pytest
from harness import RAN, scenario
from signflips import LEVEL, adjusted, refuses

METRICS = {
    "response.p50": lambda summary: summary["latency_ms"]["response"]["p50"],
    "response.p99": lambda summary: summary["latency_ms"]["response"]["p99"],
    "throttle.ratio": lambda summary: summary["records"]["throttled"] / summary["records"]["attempted"],
    "accepted.rate": lambda summary: summary["rates"]["accepted_records_per_s"],
}


@pytest.fixture(scope="module")
def summary(tool, tmp_path_factory):
    """The summary of a real run, to be altered."""
    folder = tmp_path_factory.mktemp("comparison")
    done = tool("run", scenario(folder, "sides", phases=[{"name": "steady", "duration": "1s", "rate": 500}]), "--run-dir", folder / "run")
    assert done.returncode in RAN, done.stdout + done.stderr
    found = json.loads((folder / "run/summary.json").read_text())
    # A busy machine may have spoilt it; what is compared here is made up anyway.
    return found | {"complete": True, "verdict": "none", "validity": "valid", "exit_code": 0}


def altered(summary, number, side, p50=8.0, p99=25.0, throttled=0, accepted=500.0):
    one = copy.deepcopy(summary)
    one["run_id"] = f"{side}{number:02}"
    one["time"]["start"] = f"2026-03-14T09:{number:02}:{'00' if side == 'a' else '30'}.000Z"
    one["latency_ms"]["response"] |= {"p50": p50, "p99": p99}
    one["records"] |= {"attempted": 100_000, "accepted": 100_000 - throttled, "throttled": throttled}
    one["rates"]["accepted_records_per_s"] = accepted
    return one


def write(folder, runs):
    for run in runs:
        (folder / run["run_id"]).mkdir(parents=True)
        (folder / run["run_id"] / "summary.json").write_text(json.dumps(run))
    return folder


def differences(name, base, new):
    a = numpy.array([METRICS[name](run) for run in base])
    b = numpy.array([METRICS[name](run) for run in new])
    return b - a if name == "throttle.ratio" else numpy.log(b / a)


@pytest.mark.parametrize("seed", range(12))
def test_p_values_are_those_of_an_enumeration_in_numpy(tool, tmp_path, summary, seed):
    random = numpy.random.default_rng(seed)
    pairs = 6 + seed % 6
    shift = [0, 0.03, 0.12][seed % 3]
    # Four decimals, as summaries have; a common part makes the metrics depend on each other.
    common = random.normal(0, 0.03, (2, pairs))
    def runs(side, row, factor):
        return [
            altered(
                summary, number, side,
                p50=round(8 * float(numpy.exp(common[row, number] + random.normal(0, 0.02))), 4),
                p99=round(25 * factor * float(numpy.exp(common[row, number] + random.normal(0, 0.04))), 4),
                throttled=0 if seed % 4 == 0 else int(random.integers(0, 3_000)),
                accepted=round(500 * float(numpy.exp(random.normal(0, 0.01))), 3),
            )
            for number in range(pairs)
        ]
    base, new = runs("a", 0, 1), runs("b", 1, 1 + shift)
    done = tool("compare", write(tmp_path / "a", base), write(tmp_path / "b", new), "--json")
    found = json.loads(done.stdout)
    assert found["comparable"] and found["statistical"] and found["interleaved"] and found["pairs"] == pairs
    series = {name: differences(name, base, new) for name in METRICS}
    expected = adjusted(series)
    for metric in found["metrics"]:
        name = metric["metric"]
        if name not in expected:
            assert metric["p_value"] is None and metric["verdict"] == "no change"
            continue
        assert abs(metric["p_value"] - expected[name]) < 1e-9, name
        ends = [metric["ci_low"], metric["ci_high"]]
        low, high = numpy.log(ends) if metric["scale"] == "ratio" else ends
        assert not refuses(series[name], low + 1e-4) and not refuses(series[name], high - 1e-4)
        assert refuses(series[name], low - 1e-4) and refuses(series[name], high + 1e-4)
        effect = numpy.log(1 + metric["tolerance_ratio"]) if metric["scale"] == "ratio" else metric["tolerance_ratio"]
        median = float(numpy.median(series[name]))
        if expected[name] <= LEVEL and abs(median) > effect:
            bad = (median > 0) == (metric["better"] == "lower")
            assert metric["verdict"] == ("worse" if bad else "better")
        elif -effect < low and high < effect:
            assert metric["verdict"] == "no change"
        else:
            assert metric["verdict"] == "inconclusive"
    worse = any(metric["verdict"] == "worse" for metric in found["metrics"])
    assert done.returncode == (4 if worse else 0)


def sides(tmp_path, summary, factor, pairs=6):
    base = write(tmp_path / "a", [altered(summary, number, "a", p99=25 + number / 100) for number in range(pairs)])
    new = write(tmp_path / "b", [altered(summary, number, "b", p99=(25 + number / 90) * factor) for number in range(pairs)])
    return base, new


@pytest.mark.parametrize(
    ("factor", "code", "sign", "counts"),
    [(1.2, 4, "✗ WORSE", (5, 1, 0, 0)), (1.0, 0, "✓ NO CHANGE", (5, 0, 0, 0)), (0.8, 0, "✓ BETTER", (5, 0, 0, 0))],
)
def test_every_format_says_the_same(tool, tmp_path, summary, factor, code, sign, counts):
    base, new = sides(tmp_path, summary, factor)
    folder = tmp_path / "out"
    done = tool("compare", base, new, "--run-dir", folder)
    assert done.returncode == code, done.stdout + done.stderr
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    found = json.loads((folder / "summary.json").read_text())
    assert found["kind"] == "compare" and found["exit_code"] == code
    jsonschema.validate(found, json.loads(tool("schema", "--summary").stdout))
    comparison = found["comparison"]
    assert json.loads(tool("compare", base, new, "--json").stdout) == comparison
    suite = ElementTree.parse(folder / "junit.xml").getroot().find("testsuite")
    assert tuple(int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")) == counts
    assert [case.get("name") for case in suite][1:] == [metric["metric"] + ", compared" for metric in comparison["metrics"]]
    assert (folder / "summary.md").read_text().startswith(f"### {sign}\n")
    page = (folder / "report.html").read_text()
    assert f"<title>{sign} · sides · shardmeter</title>" in page
    rows = list(csv.DictReader(io.StringIO((folder / "comparison.csv").read_text())))
    assert [row["verdict"] for row in rows] == [metric["verdict"] for metric in comparison["metrics"]]
    # Drawn again from the folder alone, it is the same.
    before = {name: (folder / name).read_bytes() for name in ("report.html", "summary.md", "junit.xml")}
    assert tool("report", folder).returncode == 0
    assert before == {name: (folder / name).read_bytes() for name in before}


def spoilt(summary, **changes):
    one = altered(summary, 0, "b")
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = one
        for parent in parents:
            place = place[parent]
        place[last] = value
    return one


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"verdict": "invalid"}, "the run is invalid"),
        ({"complete": False}, "the run is incomplete"),
        ({"latency_ms__response": None}, "response.p99: no value"),
        ({"records__attempted": 0, "rates__accepted_records_per_s": None}, "accepted.rate: no value"),
        ({"scenario__sha256": "ffff"}, "scenario differs"),
        ({"target__shards": 9}, "shards differ"),
    ],
)
def test_what_cannot_be_compared_never_passes(tool, tmp_path, summary, changes, word):
    base = write(tmp_path / "a", [altered(summary, 0, "a")])
    new = write(tmp_path / "b", [spoilt(summary, **changes)])
    folder = tmp_path / "out"
    done = tool("compare", base, new, "--run-dir", folder, "--tolerance", "50%")
    assert done.returncode == 2
    assert word in " ".join(done.stdout.split()) and "NOT COMPARABLE" in done.stdout
    assert word in (folder / "report.html").read_text()
    assert "NOT COMPARABLE" in (folder / "summary.md").read_text()
    suite = ElementTree.parse(folder / "junit.xml").getroot().find("testsuite")
    assert suite.get("errors") == "1" and word in suite.find("testcase/error").text
    assert json.loads((folder / "summary.json").read_text())["comparison"]["verdict"] == "not comparable"


def test_refusals_are_one_line(tool, tmp_path, summary):
    good = write(tmp_path / "a", [altered(summary, 0, "a")])
    (tmp_path / "empty").mkdir()
    cut = tmp_path / "cut"
    cut.mkdir()
    (cut / "summary.json").write_text(json.dumps(summary)[:500])
    newer = tmp_path / "newer"
    newer.mkdir()
    (newer / "summary.json").write_text(json.dumps(summary | {"schema": "shardmeter.summary/3"}))
    for side, word in [(tmp_path / "empty", "result folder"), (cut, "cut/summary.json"), (newer, "summary/2"), ("/nonexistent", "no such")]:
        done = tool("compare", good, side)
        assert done.returncode == 2 and not done.stdout
        assert len(done.stderr.splitlines()) == 1 and word in done.stderr, done.stderr
