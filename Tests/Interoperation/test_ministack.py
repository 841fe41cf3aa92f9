"""A run against a third implementation, read back by boto3."""

import hashlib
import os

import pytest
from harness import MiniStack, RAN, Result, client, read_back, scenario, shard_of

pytestmark = pytest.mark.skipif("MINISTACK" not in os.environ, reason="no ministack: MINISTACK names none")


@pytest.fixture
def ministack():
    """A fresh one for every test: it becomes slow with what it stores."""
    server = MiniStack()
    yield server
    server.stop()


def test_what_is_accepted_is_what_was_planned_and_what_is_read_back(tool, ministack, tmp_path):
    path = scenario(
        tmp_path, "third", stream={"name": "third", "shards": 3}, records__key={"type": "zipf", "exponent": 0.9, "cardinality": 200},
        phases=[{"name": "steady", "duration": "4s", "rate": 300}],
    )
    done = tool("run", path, "--target", ministack.endpoint, "--create-stream", "--run-dir", tmp_path / "run")
    assert done.returncode in RAN, done.stdout + done.stderr
    result = Result(tmp_path / "run")
    records = result.summary["records"]
    assert records["accepted"] == records["planned"] == 1200
    checks = result.summary["checks"]
    assert checks["identity_holds"] is True and checks["sequence_violations"] == 0 and checks["shard_mismatches"] == 0
    assert len(result.csv("errors.csv")) == 0

    kinesis = client(ministack.endpoint)
    listed = kinesis.list_shards(StreamName="third")["Shards"]
    found = read_back(kinesis, "third")
    rows = result.csv("shards.csv")
    assert dict(zip(rows.shard_id, rows.accepted_records)) == {shard: len(got) for shard, got in found.items()}
    for shard, got in found.items():
        for record in got:
            assert shard_of(int(hashlib.md5(record["PartitionKey"].encode()).hexdigest(), 16), listed) == shard


def test_its_refusals_are_rows(tool, ministack, tmp_path):
    """A stream that vanishes in the middle: requests are refused whole, with the service's code and text."""
    kinesis = client(ministack.endpoint)
    kinesis.create_stream(StreamName="gone", ShardCount=1)
    path = scenario(tmp_path, "gone", stream={"name": "gone", "shards": 1}, phases=[{"name": "steady", "duration": "8s", "rate": 100}])
    process = tool.start("run", path, "--target", ministack.endpoint, "--run-dir", tmp_path / "run", "--progress", "1s")
    for line in process.stderr:
        if "t=1" in line:
            break
    kinesis.delete_stream(StreamName="gone")
    output, errors = process.communicate(timeout=60)
    assert process.returncode in RAN, output + errors
    result = Result(tmp_path / "run")
    rows = result.csv("errors.csv")
    assert set(rows.code) == {"ResourceNotFoundException"}
    assert rows[rows.level == "request"].sample_message.str.contains("gone").all()
    records = result.summary["records"]
    assert records["gave_up"] == records["fault"] > 0 and records["accepted"] > 0
    assert result.summary["checks"]["identity_holds"] is True


def test_it_listens_on_loopback_only(ministack):
    port = int(ministack.endpoint.rsplit(":", 1)[1])
    # 127.0.0.1 as /proc/net/tcp writes it.
    assert ministack.addresses() == {("0100007F", port)}
