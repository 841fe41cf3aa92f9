"""A known limit goes in; the measured limit must come out."""

import pytest
from harness import RAN, Result, scenario


def test_a_constant_key_is_limited_by_its_shards_records(tool, tmp_path):
    path = scenario(
        tmp_path,
        "constant",
        records__key={"type": "constant", "value": "one"},
        batch={"records": 500, "linger": "50ms"},
        phases=[{"name": "steady", "duration": "20s", "rate": 2000}],
    )
    done = tool("run", path, "--run-dir", tmp_path / "out")
    assert done.returncode in RAN, done.stdout + done.stderr
    result = Result(tmp_path / "out")
    records = result.summary["records"]
    assert records["planned"] == records["first_try"] == records["attempted"] == 40_000
    assert records["accepted"] == pytest.approx(21_000, rel=0.01)
    assert records["throttled"] == 40_000 - records["accepted"]
    shards = result.csv("shards.csv")
    assert len(shards) == 4
    hot = shards[shards.attempted_records > 0]
    assert len(hot) == 1
    assert int(hot.accepted_records.iloc[0]) == records["accepted"]
    assert hot.top_key.iloc[0] == "one"
    cold = shards[shards.attempted_records == 0]
    assert cold[["accepted_records", "throttled_records", "fault_records"]].to_numpy().sum() == 0


def test_large_records_are_limited_by_their_shards_bytes(tool, tmp_path):
    path = scenario(
        tmp_path,
        "bytes",
        stream={"name": "orders", "shards": 1},
        records__size={"type": "fixed", "value": "4KiB"},
        records__key={"type": "constant", "value": "one"},
        batch={"records": 100, "linger": "50ms"},
        phases=[{"name": "steady", "duration": "20s", "rate": 600}],
    )
    done = tool("run", path, "--run-dir", tmp_path / "out")
    assert done.returncode in RAN, done.stdout + done.stderr
    result = Result(tmp_path / "out")
    records = result.summary["records"]
    assert records["attempted"] == 12_000
    # A full bucket of 1 MiB and 1 MiB/s for the 20 s, in records of 4,096 B of data and 3 B of key.
    assert records["accepted"] == pytest.approx(21 * (1 << 20) / (4096 + 3), rel=0.01)
    peak = result.csv("shards.csv")
    assert int(peak.peak_1s_records.iloc[0]) < 1000
    report = (result.folder / "report.html").read_text()
    assert "1 MiB/s" in report and "bytes" in report


def test_throttling_reaches_the_exit_code_through_a_threshold(tool, tmp_path):
    path = scenario(
        tmp_path,
        "gate",
        records__key={"type": "constant", "value": "one"},
        batch={"records": 500, "linger": "50ms"},
        phases=[{"name": "steady", "duration": "3s", "rate": 2000}],
        thresholds=[{"metric": "throttle.ratio", "max": 0.01}],
    )
    done = tool("run", path, "--run-dir", tmp_path / "out")
    assert done.returncode in (3, 5), done.stdout + done.stderr
    assert done.stdout.rstrip().splitlines()[-1].startswith(("FAIL", "INVALID"))
    summary = Result(tmp_path / "out").summary
    assert summary["exit_code"] == done.returncode
    assert [row["passed"] for row in summary["thresholds"]] == [False]
