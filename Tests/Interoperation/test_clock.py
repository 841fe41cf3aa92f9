"""Rates are by the clock and fates of the cohort, over sockets: what is answered after the plan's end is in no rate."""

import pytest
from harness import Result, scenario


def run(tool, path, folder):
    """A run with its folder; the exit code is the test's to judge."""
    done = tool("run", path, "--progress", "none", "--run-dir", folder)
    assert "internal error" not in done.stderr and "Fatal" not in done.stderr, done.stderr
    result = Result(folder)
    result.code, result.output = done.returncode, done.stdout
    return result


def phase(result, name):
    rows = result.csv("phases.csv")
    return rows[rows.phase == name].iloc[0]


@pytest.fixture(scope="module")
def slow(tool, tmp_path_factory):
    """Two requests at once, 200 ms each, asked for 1,500 records a second: all are accepted, most of them afterwards."""
    folder = tmp_path_factory.mktemp("slow")
    path = scenario(
        folder,
        "slow",
        stream={"name": "orders", "shards": 2},
        batch={"records": 50, "linger": "20ms"},
        client={"connections": 2, "maxInFlight": 2, "timeout": "20s"},
        phases=[{"name": "steady", "duration": "2s", "rate": 1500}],
        embedded={"latency": "200ms"},
        thresholds=[{"metric": "accepted.rate", "min": 1400}],
    )
    return run(tool, path, folder / "run")


def test_a_rate_is_what_was_accepted_while_the_plan_ran(slow):
    records, rates = slow.summary["records"], slow.summary["rates"]
    assert records["planned"] == records["accepted"] + records["unfinished"] == 3000
    # Two requests of at most 50 records at once, five times a second; a request may begin before and end within.
    most = 2 * 50 * 5 * 1.1
    assert records["clock_accepted_records"] / 2 <= most
    assert rates["accepted_records_per_s"] == pytest.approx(records["clock_accepted_records"] / 2)
    assert rates["accepted_records_per_s"] <= most < rates["planned_records_per_s"] == 1500
    seconds = slow.csv("timeseries.csv")
    assert seconds.groupby("t_s").accepted_records.sum().max() <= 2 * 50 * 5 + 2 * 50
    assert seconds[seconds.measured].accepted_records.sum() == records["clock_accepted_records"]


def test_a_threshold_on_the_rate_fails(slow):
    (threshold,) = slow.summary["thresholds"]
    assert (threshold["metric"], threshold["status"]) == ("accepted.rate", "fail")
    assert threshold["observed"] == pytest.approx(slow.summary["rates"]["accepted_records_per_s"], abs=0.01)
    # 5 where a busy machine kept the generator.
    assert slow.code in (3, 5)
    assert "FAIL  accepted.rate" in slow.output


def test_littles_law_agrees_with_the_rate(slow):
    if slow.summary["validity"] != "capped":
        pytest.skip(f"the machine made the run {slow.summary['validity']}")
    law = slow.summary["generator"]["littles_law"]
    # A whole round of both requests may be cut off at either end of two seconds.
    assert slow.summary["rates"]["accepted_records_per_s"] == pytest.approx(law["records_per_s"], rel=0.25)


def test_the_drain_is_told_and_in_no_rate(slow):
    drain, whole = phase(slow, "drain"), phase(slow, "all")
    late = slow.summary["records"]["accepted"] - slow.summary["records"]["clock_accepted_records"]
    assert drain.clock_accepted_records == late > 1500
    assert (drain.start_s, drain.measured, drain.planned_records) == (2, False, 0)
    assert drain.duration_s == pytest.approx(slow.summary["time"]["drain_s"], abs=1e-3) and drain.duration_s > 2
    assert whole.accepted_records == slow.summary["records"]["accepted"]
    assert f"{late} accepted" in slow.output.replace("\n", " ")
    assert "Drain: in the" in slow.output


def test_the_plan_is_not_said_to_be_kept(slow):
    page = (slow.folder / "report.html").read_text()
    assert "The plan was kept" not in page
    assert "The plan was not kept: 1500 rec/s planned" in page.replace('<i class="t"></i>', "").replace("<i class=t></i>", "")
    assert "Drain: in the" in page
    assert "Drain: in the" in (slow.folder / "summary.md").read_text()


def test_a_frozen_endpoint_accepts_nothing_while_it_is(tool, tmp_path):
    """Every request after the first two waits two seconds for its answer: those seconds accepted nothing."""
    path = scenario(
        tmp_path,
        "frozen",
        stream={"name": "orders", "shards": 1},
        batch={"records": 10, "linger": "50ms"},
        client={"producers": 1, "connections": 64, "maxInFlight": 64, "timeout": "20s"},
        phases=[{"name": "steady", "duration": "2s", "rate": 100}],
        embedded={"faults": [{"type": "stall", "every": 1, "delay": "3s"}]},
        thresholds=[{"metric": "accepted.rate", "min": 1, "window": "1s"}, {"metric": "lost.ratio", "max": 0}],
    )
    result = run(tool, path, tmp_path / "run")
    records = result.summary["records"]
    assert records["accepted"] == records["planned"] == 200
    assert records["clock_accepted_records"] == 0 and records["clock_attempted_records"] >= 180
    assert result.summary["rates"]["accepted_records_per_s"] == 0
    seconds = result.csv("timeseries.csv")
    assert seconds[seconds.accepted_records > 0].t_s.min() >= 3
    assert set(seconds[seconds.accepted_records > 0].phase) == {"drain"}
    status = {threshold["metric"]: threshold["status"] for threshold in result.summary["thresholds"]}
    assert status == {"accepted.rate": "fail", "lost.ratio": "pass"}
    assert result.code in (3, 5)
    # What was sent kept pace with the plan all the same.
    assert "The plan was kept" in (result.folder / "report.html").read_text()
