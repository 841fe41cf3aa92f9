"""boto3 as an independent client of the embedded target."""

import hashlib
import http.client
import json
import re
import time

import botocore.exceptions
import pytest
from harness import HASH_SPACE, client, shard_of


def records(count, size=100, key=lambda i: f"key-{i}"):
    return [{"Data": bytes([i % 256]) * size, "PartitionKey": key(i)} for i in range(count)]


@pytest.mark.parametrize("shards", [1, 2, 3, 7, 50])
def test_shards_tile_the_hash_space(target, shards):
    kinesis = client(target("--stream", "orders", "--shards", shards).endpoint)
    summary = kinesis.describe_stream_summary(StreamName="orders")["StreamDescriptionSummary"]
    assert summary["StreamName"] == "orders"
    assert summary["StreamStatus"] == "ACTIVE"
    assert summary["OpenShardCount"] == shards
    assert re.fullmatch(r"arn:aws:kinesis:us-east-1:\d{12}:stream/orders", summary["StreamARN"])
    listed = kinesis.list_shards(StreamName="orders")["Shards"]
    assert [shard["ShardId"] for shard in listed] == [f"shardId-{i:012d}" for i in range(shards)]
    edge = 0
    for shard in listed:
        assert int(shard["HashKeyRange"]["StartingHashKey"]) == edge
        edge = int(shard["HashKeyRange"]["EndingHashKey"]) + 1
    assert edge == HASH_SPACE


def test_accepted_records_name_shard_and_rising_sequence_numbers(target):
    kinesis = client(target("--stream", "orders", "--shards", 4).endpoint)
    shards = kinesis.list_shards(StreamName="orders")["Shards"]
    last = {}
    for _ in range(3):
        sent = records(200)
        answer = kinesis.put_records(StreamName="orders", Records=sent)
        assert answer["FailedRecordCount"] == 0
        assert len(answer["Records"]) == len(sent)
        for record, result in zip(sent, answer["Records"]):
            expected = int(hashlib.md5(record["PartitionKey"].encode()).hexdigest(), 16)
            assert result["ShardId"] == shard_of(expected, shards)
            number = int(result["SequenceNumber"])
            assert number > last.get(result["ShardId"], 0)
            last[result["ShardId"]] = number


def test_an_explicit_hash_key_overrules_the_partition_key(target):
    kinesis = client(target("--stream", "orders", "--shards", 4).endpoint)
    shards = kinesis.list_shards(StreamName="orders")["Shards"]
    for value in [0, HASH_SPACE // 4 - 1, HASH_SPACE // 4, HASH_SPACE // 2, HASH_SPACE - 1]:
        answer = kinesis.put_records(
            StreamName="orders", Records=[{"Data": b"x", "PartitionKey": "k", "ExplicitHashKey": str(value)}]
        )
        assert answer["Records"][0]["ShardId"] == shard_of(value, shards)


def test_a_full_bucket_is_accepted_then_records_are_throttled(target):
    kinesis = client(target("--stream", "orders", "--shards", 1).endpoint)
    began = time.monotonic()
    accepted = throttled = 0
    for _ in range(6):
        answer = kinesis.put_records(StreamName="orders", Records=records(500))
        failed = [result for result in answer["Records"] if "ErrorCode" in result]
        assert answer["FailedRecordCount"] == len(failed)
        for result in failed:
            assert result["ErrorCode"] == "ProvisionedThroughputExceededException"
            assert re.fullmatch(
                r"Rate exceeded for shard shardId-000000000000 in stream orders under account \d{12}\.",
                result["ErrorMessage"],
            )
            assert "ShardId" not in result and "SequenceNumber" not in result
        accepted += 500 - len(failed)
        throttled += len(failed)
    elapsed = time.monotonic() - began
    assert 1000 <= accepted <= 1000 + 1000 * elapsed + 1
    assert throttled == 3000 - accepted > 0


def test_bytes_bind_before_records_when_records_are_large(target):
    kinesis = client(target("--stream", "orders", "--shards", 1).endpoint)
    began = time.monotonic()
    sent = records(500, size=4096, key=lambda _: "k")
    answer = kinesis.put_records(StreamName="orders", Records=sent)
    elapsed = time.monotonic() - began
    accepted = 500 - answer["FailedRecordCount"]
    assert (1 << 20) // 4097 <= accepted <= (1 << 20) * (1 + elapsed) / 4097 + 1


def test_streams_are_created_and_deleted(target):
    kinesis = client(target().endpoint)
    kinesis.create_stream(StreamName="extra", ShardCount=3)
    kinesis.get_waiter("stream_exists").wait(StreamName="extra", WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    assert kinesis.describe_stream_summary(StreamName="extra")["StreamDescriptionSummary"]["OpenShardCount"] == 3
    with pytest.raises(kinesis.exceptions.ResourceInUseException):
        kinesis.create_stream(StreamName="extra", ShardCount=3)
    kinesis.delete_stream(StreamName="extra")
    kinesis.get_waiter("stream_not_exists").wait(StreamName="extra", WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    with pytest.raises(kinesis.exceptions.ResourceNotFoundException):
        kinesis.describe_stream_summary(StreamName="extra")


@pytest.mark.parametrize(
    "request_body, code",
    [
        ({"StreamName": "nowhere", "Records": [{"Data": b"x", "PartitionKey": "k"}]}, "ResourceNotFoundException"),
        ({"StreamName": "orders", "Records": records(501)}, "ValidationException"),
        ({"StreamName": "orders", "Records": [{"Data": b"x" * (1 << 20), "PartitionKey": "k"}]}, "ValidationException"),
    ],
)
def test_impossible_requests_are_refused_whole(target, request_body, code):
    kinesis = client(target("--stream", "orders").endpoint, parameter_validation=False)
    with pytest.raises(botocore.exceptions.ClientError) as refusal:
        kinesis.put_records(**request_body)
    found = refusal.value.response["Error"]["Code"]
    assert found in (code, "InvalidArgumentException") if code == "ValidationException" else found == code


def test_unsigned_requests_are_refused_unless_allowed(target):
    body = json.dumps({"StreamName": "orders"})
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "Kinesis_20131202.DescribeStreamSummary",
    }
    for options, status in [((), 400), (("--allow-unsigned",), 200)]:
        endpoint = target("--stream", "orders", *options).endpoint
        connection = http.client.HTTPConnection(endpoint.removeprefix("http://"))
        connection.request("POST", "/", body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        assert answer.status == status, text
        assert ("MissingAuthenticationTokenException" in text) == (status == 400)


def test_it_stops_cleanly_on_sigterm(target):
    one = target("--stream", "orders")
    assert one.stop() == 0
