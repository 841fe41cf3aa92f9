"""A run against another implementation, read back by a third."""

import hashlib

from harness import RAN, ROOT, Result, client, read_back, scenario, shard_of


def test_what_is_accepted_is_what_was_planned_and_what_is_read_back(tool, moto, tmp_path):
    arguments = [ROOT / "scenarios/zipf.json", "--set", "phases[0].rate=300", "--set", "phases[0].duration=10s"]
    done = tool(
        "run", *arguments, "--target", moto.endpoint, "--stream", "zipf-moto", "--create-stream", "--run-dir", tmp_path / "moto"
    )
    assert done.returncode in (0, 3, 5), done.stdout + done.stderr
    result = Result(tmp_path / "moto")
    records = result.summary["records"]
    assert records["accepted"] == records["planned"] > 0

    kinesis = client(moto.endpoint)
    listed = kinesis.list_shards(StreamName="zipf-moto")["Shards"]
    found = read_back(kinesis, "zipf-moto")
    rows = result.csv("shards.csv")
    assert dict(zip(rows.shard_id, rows.accepted_records)) == {shard: len(got) for shard, got in found.items()}
    for shard, got in found.items():
        for record in got:
            value = int(hashlib.md5(record["PartitionKey"].encode()).hexdigest(), 16)
            assert shard_of(value, listed) == shard

    # The plan is a function of the scenario alone: against another target it places the same records.
    again = tool("run", *arguments, "--run-dir", tmp_path / "embedded")
    assert again.returncode in (0, 3, 5), again.stdout + again.stderr
    planned = Result(tmp_path / "embedded").csv("shards.csv")
    assert list(planned.attempted_records) == list(rows.accepted_records)
    # And the heaviest keys of the result are those of the stream.
    counts = {}
    for got in found.values():
        for record in got:
            counts[record["PartitionKey"]] = counts.get(record["PartitionKey"], 0) + 1
    keys = result.csv("keys.csv")
    assert len(keys) > 0
    for key, count in zip(keys.partition_key, keys.records):
        assert counts[key] == count
    assert sorted(counts.values(), reverse=True)[: len(keys)] == list(keys.records)


def test_an_existing_stream_is_not_created_again_and_a_created_one_is_deleted(tool, moto, tmp_path):
    path = scenario(tmp_path, "short", phases=[{"name": "steady", "duration": "1s", "rate": 50}])
    options = ("--target", moto.endpoint, "--stream", "short-lived")
    missing = tool("run", path, *options, "--run-dir", tmp_path / "a")
    assert missing.returncode == 6, missing.stdout + missing.stderr
    assert "short-lived" in missing.stderr and not (tmp_path / "a").exists()
    done = tool("run", path, *options, "--create-stream", "--delete-stream", "--run-dir", tmp_path / "b")
    assert done.returncode in RAN, done.stdout + done.stderr
    assert "short-lived" not in client(moto.endpoint).list_streams()["StreamNames"]
