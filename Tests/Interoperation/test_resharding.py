"""Shards that are split, merged and counted anew while a run writes to them."""

import csv
import json
import time

import pytest
from harness import RAN, Result, client, read_back, scenario


def split(kinesis, stream, shard):
    """Splits a shard in the middle of its range."""
    listed = {one["ShardId"]: one["HashKeyRange"] for one in kinesis.list_shards(StreamName=stream)["Shards"]}
    low, high = (int(listed[shard][end]) for end in ("StartingHashKey", "EndingHashKey"))
    kinesis.split_shard(StreamName=stream, ShardToSplit=shard, NewStartingHashKey=str((low + high) // 2))


def merge(kinesis, stream, first, second):
    kinesis.merge_shards(StreamName=stream, ShardToMerge=first, AdjacentShardToMerge=second)


def double(kinesis, stream):
    kinesis.update_shard_count(StreamName=stream, TargetShardCount=8, ScalingType="UNIFORM_SCALING")


def name(number):
    return f"shardId-{number:012}"


def while_running(tool, path, endpoint, folder, stream, *steps):
    """A run during which each step happens at its time, in seconds since the first record was there."""
    process = tool.start("run", path, "--target", endpoint, "--stream", stream, "--read-back", "--run-dir", folder, "--progress", "none")
    kinesis = client(endpoint)
    first = kinesis.get_shard_iterator(StreamName=stream, ShardId=name(0), ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    deadline = time.monotonic() + 30
    while not kinesis.get_records(ShardIterator=first)["Records"] and time.monotonic() < deadline:
        time.sleep(0.05)
    began = time.monotonic()
    for at, step in steps:
        time.sleep(max(0, began + at - time.monotonic()))
        step(kinesis)
    out, errors = process.communicate(timeout=120)
    assert process.returncode in RAN, out + errors
    return Result(folder), out, errors


def check_sums(result, by_boto3):
    """What the result says of each shard is what boto3 reads back from it."""
    rows = result.csv("shards.csv")
    there = {shard: len(records) for shard, records in by_boto3.items()}
    said = dict(zip(rows.shard_id, rows.accepted_records))
    assert {shard: count for shard, count in said.items() if count} == {shard: count for shard, count in there.items() if count}
    records = result.summary["records"]
    assert sum(said.values()) == records["accepted"] == records["planned"]
    seconds = result.csv("shard_seconds.csv")
    by_second = seconds.groupby("shard_index").accepted_records.sum().to_dict()
    assert {int(row.shard_index): int(row.accepted_records) for row in rows.itertuples() if row.accepted_records} == {
        index: count for index, count in by_second.items() if count
    }
    tags = {line.split(",")[0].removeprefix("Tag=") for line in (result.folder / "histograms.hlog").read_text().splitlines()}
    assert {shard for shard, count in said.items() if count} <= tags
    assert result.summary["checks"]["identity_holds"] is True


@pytest.fixture
def workload(tmp_path):
    """Fourteen seconds of 300 records a second over all of the hash-key space, two workers' worth of producers."""
    return scenario(
        tmp_path,
        "resharded",
        records__key={"type": "uniform", "cardinality": 2000},
        batch={"records": 50, "linger": "50ms"},
        client={"producers": 4, "connections": 8, "retry": "until-expired"},
        phases=[{"name": "load", "duration": "14s", "rate": 300}],
    )


def test_split_and_merge_are_followed(tool, target, tmp_path, workload):
    served = target("--retain", "64MiB", "--shards", "4", "--stream", "live", "--limits", "none")
    result, out, _ = while_running(
        tool, workload, served.endpoint, tmp_path / "run", "live",
        (1, lambda kinesis: split(kinesis, "live", name(1))),
        (3, lambda kinesis: merge(kinesis, "live", name(2), name(3))),
    )
    check_sums(result, read_back(client(served.endpoint), "live"))
    rows = {row["shard_id"]: row for row in csv.DictReader((result.folder / "shards.csv").open())}
    # Those of the start in hash order, then the others as answers named them.
    assert list(rows)[:4] == [name(number) for number in range(4)] and sorted(rows) == [name(number) for number in range(7)]
    changes = result.summary["shards"]["changes"]
    assert [(change["closed"], sorted(change["opened"])) for change in changes] == [
        ([name(1)], [name(4), name(5)]),
        ([name(2), name(3)], [name(6)]),
    ]
    # The second change came within ten seconds of the first look, and waited for the second.
    assert changes[1]["listed_t_s"] - changes[0]["listed_t_s"] >= 9.9
    assert rows[name(1)]["open_to_s"] and rows[name(4)]["open_from_s"] and not rows[name(0)]["open_from_s"]
    assert result.summary["target"]["shards"] == 4 and result.summary["shards"]["at_end"] == 4
    # What came from unexpected shards is counted as such, and there is an end to it.
    surprises = result.summary["checks"]["shard_mismatches"]
    assert 0 < surprises < result.summary["records"]["accepted"]
    page = (result.folder / "report.html").read_text()
    assert "shards changed at" in page and "1 closed, 2 opened" in page
    assert "shards changed at" in out and "4 to 4 shards" in out
    # Parents, then children: nothing is missing and the order of keys outlasts the change.
    found = result.summary["verification"]
    assert found["passed"] and found["duplicated"] == 0 and found["shards"] == 7
    listed = {shard["id"]: shard["parents"] for shard in json.loads((result.folder / "verification.json").read_text())["shards"]}
    assert listed[name(4)] == [name(1)] and sorted(listed[name(6)]) == [name(2), name(3)]
    assert tool("verify", result.folder).returncode == 0
    assert tool("report", result.folder).returncode == 0


def test_a_new_shard_count_is_followed(tool, target, tmp_path, workload):
    served = target("--retain", "64MiB", "--shards", "4", "--stream", "live", "--limits", "none")
    result, _, _ = while_running(
        tool, workload, served.endpoint, tmp_path / "run", "live", (1, lambda kinesis: double(kinesis, "live"))
    )
    check_sums(result, read_back(client(served.endpoint), "live"))
    shards = result.summary["shards"]
    assert shards["at_end"] == 8 and shards["unlisted"] == []
    assert sum(len(change["opened"]) for change in shards["changes"]) >= 8
    assert result.summary["verification"]["passed"]


def test_moto_goes_on_writing_to_the_parent(tool, moto, tmp_path, workload):
    kinesis = client(moto.endpoint)
    kinesis.create_stream(StreamName="split", ShardCount=4)
    short = scenario(tmp_path, "short", phases=[{"name": "load", "duration": "4s", "rate": 200}])
    result, _, _ = while_running(
        tool, short, moto.endpoint, tmp_path / "run", "split", (1, lambda kinesis: split(kinesis, "split", name(1)))
    )
    check_sums(result, read_back(kinesis, "split"))
    assert result.summary["verification"]["passed"]
    # Begun after the split, the map predicts the children, and the answers name the parent, which no map of open shards has.
    again = tool("run", short, "--target", moto.endpoint, "--stream", "split", "--set", "seed=8", "--run-dir", tmp_path / "again")
    assert again.returncode in RAN, again.stdout + again.stderr
    later = Result(tmp_path / "again")
    rows = dict(zip(later.csv("shards.csv").shard_id, later.csv("shards.csv").accepted_records))
    before = dict(zip(result.csv("shards.csv").shard_id, result.csv("shards.csv").accepted_records))
    there = {shard: len(records) for shard, records in read_back(kinesis, "split").items()}
    assert {shard: rows.get(shard, 0) + before.get(shard, 0) for shard in there} == there
    assert later.summary["shards"]["unlisted"] == [name(1)]
    assert later.summary["checks"]["shard_mismatches"] == rows[name(1)] > 0
