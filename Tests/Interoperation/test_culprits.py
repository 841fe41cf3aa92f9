"""What a run says was to blame, over sockets: each run is made so that the cause is known beforehand.

A run in which others kept the generator from its core says so and blames nobody else: it is made up to three times.
"""

import json
import pathlib
import re
import xml.etree.ElementTree as xml

import pytest
from harness import Result, scenario

ONE_SHARD = {"name": "orders", "shards": 1}
KEYS = {"size": "100B", "key": {"type": "uniform", "cardinality": 20_000}}
BATCH = {"linger": "100ms"}


def shard_list(*widths):
    """A list of shards as the aws command line prints it, their ranges in these proportions."""
    total, start, shards = sum(widths), 0, []
    for number, width in enumerate(widths):
        end = (1 << 128) - 1 if number == len(widths) - 1 else start + (width << 128) // total - 1
        shards.append(
            {
                "ShardId": f"shardId-{number:012}",
                "HashKeyRange": {"StartingHashKey": str(start), "EndingHashKey": str(end)},
                "SequenceNumberRange": {"StartingSequenceNumber": "1"},
            }
        )
        start = end + 1
    return json.dumps({"Shards": shards})


def run(tool, path, folder, *options):
    for attempt in range(3):
        done = tool("run", path, "--run-dir", f"{folder}-{attempt}", "--progress", "none", *options)
        result = Result(pathlib.Path(f"{folder}-{attempt}"))
        if result.summary["validity"] != "generator-bound":
            break
    result.code, result.output = done.returncode, " ".join(done.stdout.split())
    result.last = done.stdout.rstrip().splitlines()[-1]
    result.page = (result.folder / "report.html").read_text()
    assert result.summary["exit_code"] == done.returncode, done.stdout + done.stderr
    return result


def test_a_shard_above_its_refill_lives_on_burst_credit(tool, tmp_path):
    phases = [{"name": "steady", "duration": "15s", "rate": 1050}]
    path = scenario(tmp_path, "credit", stream=ONE_SHARD, records=KEYS, batch=BATCH, phases=phases)
    result = run(tool, path, tmp_path / "run")
    assert result.summary["records"]["throttled"] == 0
    # A bucket of 1,000 and 50 more a second than the refill: 20 s.
    sentence = "lived on burst credit: 1050 rec/s against a refill of 1000 rec/s; at this rate a full bucket lasts 20 s"
    assert sentence in result.output
    assert "lived on burst credit" in result.page


def test_bursts_are_told_from_too_few_shards(tool, tmp_path):
    """3,000 records in the first 50 ms of every 5 s: three fifths of the limit on average."""
    rate = {"type": "square", "low": 0, "high": 60_000, "period": "5s", "duty": 0.01}
    path = scenario(
        tmp_path, "bursts", stream=ONE_SHARD, records=KEYS, batch=BATCH,
        phases=[{"name": "bursts", "duration": "15s", "rate": rate}],
    )
    result = run(tool, path, tmp_path / "run")
    # The bucket holds 1,000, and refills by 50 while the burst comes.
    assert result.summary["rates"]["throttle_ratio"] == pytest.approx(0.65, abs=0.02)
    assert re.search(r"6[4-7] % throttled in bursts of up to 300 % in a second; on average 60 % of the record limit", result.output)
    assert "too few shards" not in result.output + result.page


def test_a_wide_range_is_named_as_the_cause(tool, tmp_path):
    (tmp_path / "shards.json").write_text(shard_list(2, 1, 1))
    path = scenario(
        tmp_path, "wide", stream={"name": "orders", "shards": 3}, records=KEYS, batch=BATCH,
        phases=[{"name": "steady", "duration": "6s", "rate": 2800}],
    )
    result = run(tool, path, tmp_path / "run", "--shard-map", tmp_path / "shards.json")
    shards = result.csv("shards.csv").set_index("shard_index")
    assert list(shards.throttled_records > 0) == [True, False, False]
    assert "throttled: the shard has 1.5 times the mean's range; split it" in result.output
    assert "times the mean" in result.page


def test_one_key_that_no_shard_count_helps_is_named(tool, tmp_path):
    weights = [{"key": "tenant-0042", "share": 0.5}]
    key = {"type": "weighted", "values": weights, "rest": {"type": "uniform", "cardinality": 1000}}
    records = {"size": "100B", "key": key}
    path = scenario(
        tmp_path, "tenant", stream={"name": "orders", "shards": 8}, records=records, batch=BATCH,
        phases=[{"name": "steady", "duration": "5s", "rate": 3000}],
    )
    result = run(tool, path, tmp_path / "run")
    needed = re.search(r"tenant-0042 alone needs ([\d.]+) shards; no shard count helps", result.output)
    assert float(needed[1]) == pytest.approx(1.5, abs=0.1)
    assert "no shard count helps" in result.page


def test_failures_are_as_loud_as_throttling(tool, tmp_path):
    """Half of the requests fail with 500: every surface says so, though no record was throttled."""
    path = scenario(
        tmp_path, "failing", stream={"name": "orders", "shards": 2}, records=KEYS, batch=BATCH,
        phases=[{"name": "steady", "duration": "4s", "rate": 1000}],
        embedded={"faults": [{"type": "500", "probability": 0.5}]},
    )
    result = run(tool, path, tmp_path / "run")
    lost = result.summary["records"]["gave_up"]
    assert 0.3 < lost / result.summary["records"]["planned"] < 0.7
    assert (result.code, result.summary["verdict"]) == (0, "none")
    assert result.last.startswith(f"DONE: no thresholds were set; {lost} records lost (")
    assert "none throttled" not in result.output
    assert "failed for another reason, all of them with InternalFailure" in result.output
    assert "InternalFailure" in result.page and "InternalFailure" in (result.folder / "summary.md").read_text()
    case = xml.parse(result.folder / "junit.xml").getroot().find(".//testcase")
    assert case.find("failure") is None and str(lost) in "".join(case.itertext())
