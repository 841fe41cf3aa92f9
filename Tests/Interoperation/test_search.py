"""`search`: the knee of endpoints whose capacity is known, and of moto, whose capacity is not."""

import csv
import json
import signal
import subprocess

import pytest
from harness import clean_environment, scenario


def rows(folder):
    return list(csv.DictReader((folder / "probes.csv").open()))


def searched(tmp_path, name="knee", *, probe="2s", rate=1000, thresholds=None, search=None, **members):
    """A scenario with a search in it: two seconds a probe."""
    members.setdefault("batch", {"records": 50, "linger": "20ms"})
    members.setdefault("phases", [{"name": "load", "duration": "2s", "rate": rate}])
    if thresholds is not None:
        members["thresholds"] = thresholds
    return scenario(tmp_path, name, search={"probe": probe, "cooldown": "50ms"} | (search or {}), **members)


def answer(done, codes=(0,)):
    assert done.returncode in codes, done.stdout + done.stderr
    return json.loads(done.stdout)


def until_quiet(search, *, near, within):
    """What a search finds when the machine lets it be: others that take its cores make probes fail or prove nothing."""
    for attempt in range(3):
        found = search(attempt)
        if found["limited_by"] == "target" and found["highest_pass"] == pytest.approx(near, rel=within):
            break
    return found


def check_books(folder, found):
    """The folder's files agree with what was printed, and each probe's own run with its row."""
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["kind"] == "search" and summary["search"] == found
    table = rows(folder)
    assert [row["verdict"] for row in table] == [probe["verdict"] for probe in found["probes"]]
    for row, probe in zip(table, found["probes"]):
        run = json.loads((folder / row["folder"] / "summary.json").read_text())
        assert run["rates"]["accepted_records_per_s"] == pytest.approx(float(row["accepted_records_per_s"]), abs=1e-3)
        assert run["time"]["measured_s"] == probe["measured_s"]
    assert len(table) <= 15
    for name in ("report.html", "summary.md", "scenario.json"):
        assert (folder / name).stat().st_size > 0


def test_a_server_of_known_capacity_is_found(tool, tmp_path):
    work = searched(tmp_path, thresholds=[{"metric": "response.p99", "max": "150ms"}],
                    stream={"shards": 4, "limits": "none"}, embedded={"capacity": {"records": 5000}})

    def search(attempt):
        folder = tmp_path / f"out-{attempt}"
        done = tool("search", work, "--run-dir", folder, "--json", timeout=300)
        found = answer(done, (0, 3, 5))
        check_books(folder, found)
        # The time it takes is told before anything is sent.
        assert "at most 15 probes of 2s" in done.stderr.splitlines()[0]
        return found

    found = until_quiet(search, near=5000, within=0.03)
    assert found["limited_by"] == "target" and found["bound_by"] in ("time", "goals")
    assert found["highest_pass"] == pytest.approx(5000, rel=0.03), found["sentences"]
    assert found["lowest_fail"] > found["highest_pass"]


def test_buckets_are_emptied_before_they_are_judged(tool, tmp_path):
    work = searched(tmp_path, thresholds=[{"metric": "throttle.ratio", "max": "0.5%"}], stream={"shards": 2},
                    records={"size": "100B", "key": {"type": "uniform", "cardinality": 100000}}, batch={"linger": "20ms"},
                    search={"from": 2100, "tolerance": "4%"})

    def search(attempt):
        folder = tmp_path / f"out-{attempt}"
        found = answer(tool("search", work, "--run-dir", folder, "--json", timeout=300), (0, 3, 5))
        check_books(folder, found)
        # Full buckets carry 2,100/s for two seconds; once something was throttled they are emptied, and carry it no more.
        assert found["probes"][0]["emptied"] is False
        assert found["analytic_limit"] == pytest.approx(2000, rel=0.01)
        return found

    found = until_quiet(search, near=2000, within=0.06)
    assert found["highest_pass"] == pytest.approx(2000, rel=0.06), found["sentences"]
    assert found["bound_by"] == "records" and any(probe["emptied"] for probe in found["probes"])


@pytest.mark.long
@pytest.mark.parametrize("probe", ["8s", "20s"])
def test_two_shards_take_two_thousand(tool, tmp_path, probe):
    work = searched(tmp_path, thresholds=[{"metric": "throttle.ratio", "max": "0.5%"}], stream={"shards": 2}, probe=probe,
                    records={"size": "100B", "key": {"type": "uniform", "cardinality": 100000}}, batch={"linger": "20ms"})
    found = answer(tool("search", work, "--run-dir", tmp_path / "out", "--json", timeout=600))
    assert found["highest_pass"] == pytest.approx(2000, rel=0.03), found["sentences"]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_capacity_is_found_five_times_of_five(tool, tmp_path, seed):
    work = searched(tmp_path, thresholds=[{"metric": "response.p99", "max": "150ms"}],
                    stream={"shards": 4, "limits": "none"}, embedded={"capacity": {"records": 5000}})
    found = answer(tool("search", work, "--run-dir", tmp_path / "out", "--json", "--seed", seed, timeout=300))
    assert found["highest_pass"] == pytest.approx(5000, rel=0.03), found["sentences"]


def test_the_fewest_records_a_batch_are_what_littles_law_gives(tool, tmp_path):
    # 2 connections of some 10 ms an answer carry 200 requests/s: 4,000 records/s take 20 records each.
    work = searched(tmp_path, rate=4000, probe="1s", batch={"records": 500, "linger": "2s"},
                    client={"connections": 2, "maxInFlight": 2}, stream={"shards": 8},
                    embedded={"latency": "10ms"}, search={"vary": "batch.records", "find": "lowest", "from": 64})
    folder = tmp_path / "out"
    found = answer(tool("search", work, "--run-dir", folder, "--json", timeout=300), (0, 3, 5))
    check_books(folder, found)
    assert found["unit"] == "records a batch"
    if found["limited_by"] == "target" and found["closed"]:
        service = min(probe["service_p50_ms"] for probe in found["probes"])
        assert found["highest_pass"] == pytest.approx(4000 * service / 1000 / 2, rel=0.35)


def test_given_values_are_swept(tool, tmp_path):
    folder = tmp_path / "out"
    work = searched(tmp_path, stream={"shards": 1}, search={"values": [200, 400, 4000]}, probe="1s")
    found = answer(tool("search", work, "--run-dir", folder, "--json"), (0, 3, 5))
    check_books(folder, found)
    assert [probe["value"] for probe in found["probes"]] == [200, 400, 4000]
    assert {probe["purpose"] for probe in found["probes"]} == {"sweep"}
    assert found["probes"][2]["verdict"] in ("fail", "generator-bound")


def test_one_value_that_fails_passes_nothing(tool, tmp_path):
    work = searched(tmp_path, stream={"shards": 1}, search={"values": [4000]}, probe="1s")
    found = answer(tool("search", work, "--run-dir", tmp_path / "out", "--json"), (3, 5))
    assert found["highest_pass"] is None and found["lowest_fail"] == 4000


def test_a_threshold_that_no_rate_can_meet_ends_soon(tool, tmp_path):
    work = searched(tmp_path, thresholds=[{"metric": "response.p99", "max": "1us"}], probe="1s",
                    stream={"limits": "none"}, search={"from": 500})
    done = tool("search", work, "--run-dir", tmp_path / "out", "--json", timeout=200)
    found = answer(done, (3, 5))
    assert found["highest_pass"] is None
    if done.returncode == 3:
        assert found["sentences"][0].startswith("Nothing passes: ")


def test_a_generator_that_is_the_limit_is_no_capacity(tool, target, tmp_path):
    # A sink that answers at once, and more requests than a worker can make.
    sink = target("--null", "--records", "500")
    work = searched(tmp_path, probe="1s", stream={"limits": "none"}, batch={"records": 500, "linger": "unbounded"},
                    client={"connections": 64, "maxInFlight": 4096}, search={"values": [60000000]})
    done = tool("search", work, "--target", sink.endpoint, "--no-sign", "--run-dir", tmp_path / "out", "--json",
                timeout=200)
    found = answer(done, (5,))
    assert found["limited_by"] == "generator" and found["probes"][-1]["verdict"] == "generator-bound"


def test_a_target_that_dies_leaves_the_bracket_so_far(tool, target, tmp_path):
    work = searched(tmp_path, probe="1s", search={"from": 200, "cooldown": "400ms"})
    serving = target("--shards", "4")
    process = subprocess.Popen(
        [tool.path, "search", str(work), "--target", serving.endpoint, "--run-dir", str(tmp_path / "out"), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment())
    told = [process.stderr.readline() for _ in range(3)]
    assert "probe 2" in told[2], told
    serving.stop()
    out, error = process.communicate(timeout=60)
    assert process.returncode == 6, out + error
    found = json.loads(out)
    # On a machine that is busy with other things none of the two passes.
    assert found["stopped"] and found["highest_pass"] in (200, 400, None)
    check_books_of_what_is_there(tmp_path / "out", found)


def check_books_of_what_is_there(folder, found):
    assert [float(row["value"]) for row in rows(folder)] == [probe["value"] for probe in found["probes"]]


def test_ctrl_c_leaves_the_bracket_so_far(tool, tmp_path):
    work = searched(tmp_path, probe="1s", search={"from": 200, "cooldown": "5s"})
    process = subprocess.Popen(
        [tool.path, "search", str(work), "--run-dir", str(tmp_path / "out"), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment())
    assert "at most 15 probes" in process.stderr.readline()
    assert "probe 1" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=30)
    assert process.returncode == 130, out + error
    assert json.loads(out)["stopped"] == "interrupted"
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["verdict"] == "incomplete"


def test_a_budget_bounds_it(tool, tmp_path):
    work = searched(tmp_path, probe="1s")
    found = answer(tool("search", work, "--run-dir", tmp_path / "out", "--json", "--budget", "4s"), (0, 3, 5))
    assert "--budget 4s" in found["stopped"]
    assert len(found["probes"]) <= 3


def test_two_searches_are_compared_by_their_brackets(tool, tmp_path):
    folders = []
    for name, capacity in (("base", 4000), ("same", 4000), ("slower", 2000)):
        work = searched(tmp_path, "knee", probe="1s", stream={"shards": 4, "limits": "none"},
                        embedded={"capacity": {"records": capacity}}, search={"values": [1500, 2200, 3600, 4800]})
        folders.append(tmp_path / name)
        assert tool("search", work, "--run-dir", folders[-1], "--json", timeout=200).returncode in (0, 3, 5)
    passes = [json.loads((folder / "summary.json").read_text())["search"]["highest_pass"] for folder in folders]
    if passes[0] == 3600 and passes[2] == 1500:
        worse = tool("compare", folders[0], folders[2], "--json")
        assert worse.returncode == 4, worse.stdout + worse.stderr
        assert json.loads(worse.stdout)["verdict"] == "worse"
        assert tool("compare", folders[2], folders[0], "--json").returncode == 0
    if passes[0] == passes[1]:
        assert json.loads(tool("compare", folders[0], folders[1], "--json").stdout)["verdict"] == "inconclusive"
    mixed = tool("compare", folders[0], folders[0] / rows(folders[0])[0]["folder"])
    assert mixed.returncode == 2 and "a search can be compared with another search only" in mixed.stderr


def test_moto_has_a_knee(tool, moto, tmp_path):
    work = searched(tmp_path, probe="1s", stream={"shards": 2}, batch={"records": 100, "linger": "50ms"},
                    client={"connections": 4}, search={"from": 1000, "tolerance": "40%"})
    folder = tmp_path / "out"
    found = answer(tool("search", work, "--target", moto.endpoint, "--stream", "knee", "--create-stream", "--delete-stream",
                        "--run-dir", folder, "--json", timeout=400), (0, 3, 5))
    check_books(folder, found)
    assert found["lowest_fail"] is not None, "moto is slow and never throttles: it falls behind"
    assert all(probe["throttle_ratio"] == 0 for probe in found["probes"])


@pytest.mark.parametrize("change, message", [
    (["--set", "search.vary=shards"], "search.vary"),
    (["--set", "search.from=0"], "search.from"),
    (["--set", "search.values=[1]", "--set", "search.from=2"], 'no "from" beside "values"'),
    (["--set", "search.vary=connections", "--set", "search.from=2.5"], "a whole number of connections"),
    (["--set", "search.vary=batch.records", "--set", "search.values=[501]"], "a whole number of records a batch"),
    (["--set", "phases[0].rate=max"], 'expected phases with rates to vary, found a phase of rate "max"'),
    (["--set", "phases[0].measure=false"], "expected a measured phase to judge"),
    (["--read-back"], "--read-back is for a single run"),
    (["--budget", "soon"], "--budget"),
])
def test_bad_input_is_named_before_anything_is_sent(tool, tmp_path, change, message):
    done = tool("search", searched(tmp_path), "--run-dir", tmp_path / "out", *change)
    assert done.returncode == 2, done.stdout + done.stderr
    assert message in done.stderr
    assert not (tmp_path / "out").exists()
