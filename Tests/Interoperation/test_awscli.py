"""The aws command line against the embedded target, from its own virtual environment (AWSCLI)."""

import base64
import json
import os
import subprocess

from harness import clean_environment


def test_a_stream_through_the_command_line(target, tmp_path):
    endpoint = target("--retain", "16MiB", "--transition", "200ms").endpoint

    def aws(*words):
        done = subprocess.run(
            [os.environ.get("AWSCLI", "aws"), "kinesis", *words, "--endpoint-url", endpoint, "--output", "json"],
            capture_output=True,
            text=True,
            env=clean_environment(
                AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1", AWS_MAX_ATTEMPTS="1"
            ),
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    stream = ("--stream-name", "cli")
    assert aws("create-stream", *stream, "--shard-count", "2") is None
    aws("wait", "stream-exists", *stream)
    # Version 1 of the command line takes data as they are and shows them in base64.
    entries = [{"Data": f"data {number}", "PartitionKey": f"k{number}"} for number in range(20)]
    (tmp_path / "records.json").write_text(json.dumps(entries))
    put = aws("put-records", *stream, "--records", f"file://{tmp_path}/records.json")
    assert put["FailedRecordCount"] == 0 and len(put["Records"]) == 20
    assert aws("describe-stream-summary", *stream)["StreamDescriptionSummary"]["OpenShardCount"] == 2
    shards = aws("list-shards", *stream)["Shards"]
    assert len(shards) == 2
    found = []
    for shard in shards:
        iterator = aws(
            "get-shard-iterator", *stream, "--shard-id", shard["ShardId"], "--shard-iterator-type", "TRIM_HORIZON"
        )["ShardIterator"]
        found += aws("get-records", "--shard-iterator", iterator)["Records"]
    assert sorted(record["PartitionKey"] for record in found) == sorted(entry["PartitionKey"] for entry in entries)
    assert {base64.b64decode(record["Data"]).decode() for record in found} == {entry["Data"] for entry in entries}
    changed = aws("update-shard-count", *stream, "--target-shard-count", "4", "--scaling-type", "UNIFORM_SCALING")
    assert changed["TargetShardCount"] == 4
    aws("wait", "stream-exists", *stream)

    # What it prints of the shards is a shard map for the next target.
    (tmp_path / "shards.json").write_text(json.dumps(aws("list-shards", *stream)))
    copy = endpoint
    endpoint = target("--shard-map", tmp_path / "shards.json", "--stream", "cli").endpoint
    assert [shard["HashKeyRange"] for shard in aws("list-shards", *stream)["Shards"]] == sorted(
        (
            shard["HashKeyRange"]
            for shard in json.loads((tmp_path / "shards.json").read_text())["Shards"]
            if "EndingSequenceNumber" not in shard["SequenceNumberRange"]
        ),
        key=lambda bounds: int(bounds["StartingHashKey"]),
    )
    endpoint = copy
    assert aws("delete-stream", *stream) is None
    aws("wait", "stream-not-exists", *stream)
