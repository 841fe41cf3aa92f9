"""Interleaved rounds, repeated runs, baselines and histories of the built program."""

import csv
import json
import re
import shlex
import xml.etree.ElementTree as ElementTree

import jsonschema
import pytest
import xmlschema
from harness import RAN, ROOT, scenario

JUDGED = (0, 4)


@pytest.fixture
def short(tmp_path):
    return scenario(tmp_path, "short", phases=[{"name": "steady", "duration": "1s", "rate": 300}])


def rounds(folder):
    return list(csv.DictReader((folder / "rounds.csv").open()))


def test_rounds_go_by_turns_and_are_kept(tool, tmp_path, short):
    folder = tmp_path / "ab"
    done = tool("ab", short, "--a", "embedded", "--b", "embedded", "--b-options", "--set embedded.latency=30ms",
                "--rounds", "2", "--cooldown", "1ms", "--tolerance", "20%", "--run-dir", folder)
    # Side b answers 30 ms later, which no busy machine undoes; it is invalid only when the generator was bound.
    assert done.returncode in (4, 2), done.stdout + done.stderr
    # With the rounds that may be made again: three times as long at most.
    announced = re.search(r"2 pairs of rounds, (\d+) s a round: about (\d+) s, at most (\d+) s where", done.stderr)
    round_time, usual, most = map(int, announced.groups())
    assert usual <= 4 * round_time and 3 * (usual - 1) < most <= 3 * usual
    kept = [row["side"] for row in rounds(folder) if row["kept"] == "true"]
    assert kept == ["a", "b", "b", "a"]
    assert all(int(row["attempt"]) <= 3 for row in rounds(folder))
    found = json.loads((folder / "summary.json").read_text())
    jsonschema.validate(found, json.loads(tool("schema", "--summary").stdout))
    suite = xmlschema.XMLSchema(str(ROOT / "Tests/Interoperation/junit.xsd"))
    suite.validate(folder / "junit.xml")
    measured = found["comparison"]["base"]["measured_s"] + found["comparison"]["this"]["measured_s"]
    times = [float(case.get("time")) for case in ElementTree.parse(folder / "junit.xml").iter("testcase")]
    assert measured == pytest.approx(4, abs=0.1) and sum(times) == pytest.approx(measured, abs=0.01)
    assert found["kind"] == "ab" and found["comparison"]["rounds_repeated"] == len(rounds(folder)) - 4
    if done.returncode == 4:
        assert found["comparison"]["verdict"] == "worse" and found["comparison"]["interleaved"]
        p50 = next(one for one in found["comparison"]["metrics"] if one["metric"] == "response.p50")
        assert p50["verdict"] == "worse"
        again = tool("compare", folder / "a", folder / "b", "--tolerance", "20%", "--json")
        assert again.returncode == 4
        assert json.loads(again.stdout)["metrics"] == found["comparison"]["metrics"]
        # The folder itself is its side a as BASE and its side b as NEW.
        whole = tool("compare", folder, folder, "--tolerance", "20%", "--json")
        assert whole.returncode == 4 and json.loads(whole.stdout)["metrics"] == found["comparison"]["metrics"]
    assert all((folder / side / number / "report.html").exists() for side in "ab" for number in ("01", "02"))


def test_a_server_is_started_for_each_round(tool, tmp_path, short):
    serve = f"{shlex.quote(str(tool.path))} target --port {{port}} --stream orders --shards 4"
    folder = tmp_path / "ab"
    done = tool("ab", short, "--a-start", serve, "--b-start", f"echo started >&2; {serve}", "--rounds", "1",
                "--cooldown", "1ms", "--run-dir", folder)
    assert done.returncode in (0, 2), done.stdout + done.stderr
    assert done.stderr.count("started") == len([row for row in rounds(folder) if row["side"] == "b"])


def test_a_server_that_never_listens_is_told(tool, tmp_path, short):
    done = tool("ab", short, "--a-start", "exec sleep 60 {port}", "--b", "embedded", "--run-dir", tmp_path / "ab")
    assert done.returncode == 6
    assert "--a-start: nothing listens on port" in done.stderr


def test_counts_alone_where_the_budget_is_short(tool, tmp_path, short):
    folder = tmp_path / "ab"
    done = tool("ab", short, "--a", "embedded", "--b", "embedded", "--cooldown", "1ms", "--budget", "5s", "--run-dir", folder)
    assert done.returncode in (0, 2, 4), done.stdout + done.stderr
    assert "--budget holds 1 of 8 pairs" in done.stderr and "counts alone" in done.stderr
    comparison = json.loads((folder / "summary.json").read_text())["comparison"]
    assert {left["metric"] for left in comparison["left_out"]} >= ({"response.p50", "response.p99"} if comparison["comparable"] else set())
    assert not any(metric["unit"] == "ms" for metric in comparison["metrics"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "side a is missing"),
        (["--a", "embedded"], "side b is missing"),
        (["--a", "embedded", "--b", "ftp://x"], "expected embedded, or a URL"),
        (["--a", "embedded", "--b", "embedded", "--b-start", "x {port}"], "--b and --b-start exclude each other"),
        (["--a", "embedded", "--b-start", "server"], "--b-start names no {port}"),
        (["--a", "embedded", "--b", "embedded", "--a-options", "--out x"], "--a-options cannot have --out"),
        (["--a", "embedded", "--b", "embedded", "--a-options", "--sede 4"], "did you mean --seed"),
        (["--a", "embedded", "--b", "embedded", "--b-options", "'x"], "with every quote closed"),
        (["--a", "embedded", "--b", "embedded", "--b-options", "--seed 9"], "the sides do different work: seed: 7 against 9"),
        (["--a", "embedded", "--b", "embedded", "--budget", "1s"], "--budget holds not even one pair"),
        (["--a", "embedded", "--b", "embedded", "--effect", "respnse.p99=10%"], "did you mean response.p99"),
    ],
)
def test_what_cannot_be_asked(tool, tmp_path, short, words, message):
    done = tool("ab", short, *words, "--run-dir", tmp_path / "ab")
    assert done.returncode == 2 and message in done.stderr, done.stderr
    assert not (tmp_path / "ab").exists()


def test_repeated_runs_baseline_and_history(tool, tmp_path, short):
    runs = tmp_path / "runs"
    done = tool("run", short, "--repeat", "2", "--cooldown", "1ms", "--out", runs)
    assert done.returncode in RAN, done.stdout + done.stderr
    folders = [path for path in runs.iterdir() if path.is_dir() and not path.is_symlink()]
    assert len(folders) == 2
    summaries = [json.loads((folder / "summary.json").read_text()) for folder in folders]
    if any(summary["verdict"] == "invalid" for summary in summaries):
        pytest.skip("the machine was too busy for a run that may be quoted")
    saved = tool("baseline", "save", runs, "--name", "main", "--out", tmp_path / "baselines")
    assert saved.returncode == 0, saved.stderr
    path = tmp_path / "baselines/main.json"
    assert saved.stdout == f"{path}\n"
    text = path.read_text()
    document = json.loads(text)
    assert text == json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n" or list(document) == sorted(document)
    assert "key-0" not in text and len(document["runs"]) == 2 and len(document["histograms"]) == 2
    assert tool("baseline", "save", runs, "--name", "main", "--out", tmp_path / "baselines").returncode == 0
    assert path.read_text() == text
    assert tool("compare", path, runs, "--tolerance", "1%").returncode == 0

    # Judged as soon as it is over: twice the answer's time is worse, another workload is refused before anything is sent.
    slow = tool("run", short, "--set", "embedded.latency=30ms", "--baseline", path, "--tolerance", "20%", "--run-dir", tmp_path / "slow")
    summary = json.loads((tmp_path / "slow/summary.json").read_text())
    if summary["validity"] == "valid":
        assert slow.returncode == 4, slow.stdout
        assert summary["verdict"] == "fail" and summary["exit_code"] == 4
        assert slow.stdout.splitlines()[-1] == "FAIL: worse than the baseline"
        assert "Against the baseline" in (tmp_path / "slow/report.html").read_text()
        assert "Against `main`: **Worse**" in (tmp_path / "slow/summary.md").read_text()
        assert 'type="regression"' in (tmp_path / "slow/junit.xml").read_text()
    other = tool("run", short, "--seed", "8", "--baseline", path, "--run-dir", tmp_path / "other")
    assert other.returncode == 2 and "scenario differs" in other.stderr and not (tmp_path / "other").exists()

    shown = tool("history", "short", "--out", runs, "--page", tmp_path / "history.html")
    assert shown.returncode == 0 and shown.stdout.startswith("short   2 runs."), shown.stdout + shown.stderr
    assert all(len(line) <= 80 for line in shown.stdout.splitlines())
    assert "response.p99 of 2 runs" in (tmp_path / "history.html").read_text()
    missing = tool("history", "shrt", "--out", runs)
    assert missing.returncode == 2 and "did you mean short" in missing.stderr


def test_baselines_that_cannot_be_made(tool, tmp_path):
    for words, message in [
        (["save", tmp_path, "--name", "x"], "expected a result folder"),
        (["save", tmp_path], "missing --name"),
        (["sav", tmp_path, "--name", "x"], "did you mean save"),
        (["save", tmp_path, "--name", "../x"], "letters, digits"),
    ]:
        done = tool("baseline", *words, "--out", tmp_path / "baselines")
        assert done.returncode == 2 and message in done.stderr, done.stderr
    assert not (tmp_path / "baselines").exists()
