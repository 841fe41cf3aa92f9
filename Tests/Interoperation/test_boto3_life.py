"""The whole life of a stream as boto3 sees it, answers and errors as botocore parses them."""

import datetime
import hashlib

import pytest
from botocore.exceptions import ClientError
from harness import HASH_SPACE, client

STREAM = "life"
WAIT = {"Delay": 1, "MaxAttempts": 30}


def drain(kinesis, shard):
    """Every record of a shard, and whether its end was reached."""
    iterator = kinesis.get_shard_iterator(StreamName=STREAM, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    records, children = [], []
    while iterator:
        answer = kinesis.get_records(ShardIterator=iterator, Limit=1000)
        records += answer["Records"]
        children = answer.get("ChildShards", [])
        iterator = answer.get("NextShardIterator")
        if not answer["Records"] and answer["MillisBehindLatest"] == 0:
            break
    return records, iterator is None, [child["ShardId"] for child in children]


def batch(count, size=10, key="key-{}"):
    return [{"Data": bytes(size), "PartitionKey": key.format(number)} for number in range(count)]


def test_a_stream_from_creation_to_deletion(target):
    kinesis = client(target("--transition", "300ms", "--retain", "64MiB", "--account", "123456789012").endpoint)
    kinesis.create_stream(StreamName=STREAM, ShardCount=2)
    assert kinesis.describe_stream(StreamName=STREAM)["StreamDescription"]["StreamStatus"] == "CREATING"
    with pytest.raises(kinesis.exceptions.ResourceNotFoundException):
        kinesis.put_record(StreamName=STREAM, Data=b"early", PartitionKey="k")
    kinesis.get_waiter("stream_exists").wait(StreamName=STREAM, WaiterConfig=WAIT)
    assert sorted(kinesis.list_streams()["StreamNames"]) == [STREAM, "orders"]
    described = kinesis.describe_stream(StreamName=STREAM)["StreamDescription"]
    arn = f"arn:aws:kinesis:us-east-1:123456789012:stream/{STREAM}"
    assert described["StreamARN"] == arn and described["StreamStatus"] == "ACTIVE"
    assert described["RetentionPeriodHours"] == 24 and described["HasMoreShards"] is False
    age = datetime.datetime.now(datetime.timezone.utc) - described["StreamCreationTimestamp"]
    assert datetime.timedelta(0) <= age < datetime.timedelta(minutes=5)
    summary = kinesis.describe_stream_summary(StreamARN=arn)["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 2 and summary["StreamModeDetails"] == {"StreamMode": "PROVISIONED"}

    put = kinesis.put_record(StreamName=STREAM, Data=b"one", PartitionKey="a")
    assert put["ShardId"] == "shardId-000000000000"
    answer = kinesis.put_records(StreamName=STREAM, Records=batch(100))
    assert answer["FailedRecordCount"] == 0 and all("SequenceNumber" in result for result in answer["Records"])
    later = kinesis.put_record(
        StreamName=STREAM, Data=b"two", PartitionKey="a", SequenceNumberForOrdering=put["SequenceNumber"]
    )
    assert int(later["SequenceNumber"]) > int(put["SequenceNumber"])
    sent = 102

    # A split: the parent closes, its children take over.
    kinesis.split_shard(StreamName=STREAM, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(HASH_SPACE // 4))
    assert kinesis.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]["StreamStatus"] == "UPDATING"
    with pytest.raises(kinesis.exceptions.ResourceInUseException):
        kinesis.split_shard(
            StreamName=STREAM, ShardToSplit="shardId-000000000001", NewStartingHashKey=str(HASH_SPACE // 4 * 3)
        )
    kinesis.put_records(StreamName=STREAM, Records=batch(50))
    kinesis.get_waiter("stream_exists").wait(StreamName=STREAM, WaiterConfig=WAIT)
    answer = kinesis.put_records(StreamName=STREAM, Records=batch(50))
    sent += 100
    assert {result["ShardId"] for result in answer["Records"]} <= {f"shardId-{number:012d}" for number in (1, 2, 3)}
    records, ended, children = drain(kinesis, "shardId-000000000000")
    assert ended and sorted(children) == ["shardId-000000000002", "shardId-000000000003"]
    assert records[0]["Data"] == b"one"

    # A merge of the children.
    kinesis.merge_shards(
        StreamName=STREAM, ShardToMerge="shardId-000000000002", AdjacentShardToMerge="shardId-000000000003"
    )
    kinesis.get_waiter("stream_exists").wait(StreamName=STREAM, WaiterConfig=WAIT)
    merged = [shard for shard in kinesis.list_shards(StreamName=STREAM)["Shards"] if "AdjacentParentShardId" in shard]
    assert [shard["ShardId"] for shard in merged] == ["shardId-000000000004"]

    # Twice as many shards.
    changed = kinesis.update_shard_count(StreamName=STREAM, TargetShardCount=4, ScalingType="UNIFORM_SCALING")
    assert (changed["CurrentShardCount"], changed["TargetShardCount"]) == (2, 4)
    kinesis.get_waiter("stream_exists").wait(StreamName=STREAM, WaiterConfig=WAIT)
    listed = [shard for page in kinesis.get_paginator("list_shards").paginate(StreamName=STREAM) for shard in page["Shards"]]
    opened = [shard for shard in listed if "EndingSequenceNumber" not in shard["SequenceNumberRange"]]
    assert len(opened) == 4
    bounds = sorted(int(shard["HashKeyRange"]["StartingHashKey"]) for shard in opened)
    assert bounds == [HASH_SPACE // 4 * number for number in range(4)]
    kinesis.put_records(StreamName=STREAM, Records=batch(200))
    sent += 200

    # Parents, then children: everything is there once, on the shard of its hash.
    found = []
    for shard in listed:
        records, ended, _ = drain(kinesis, shard["ShardId"])
        assert ended == (shard not in opened)
        numbers = [int(record["SequenceNumber"]) for record in records]
        assert numbers == sorted(set(numbers))
        low, high = (int(shard["HashKeyRange"][name]) for name in ("StartingHashKey", "EndingHashKey"))
        for record in records:
            assert low <= int(hashlib.md5(record["PartitionKey"].encode()).hexdigest(), 16) <= high
        found += numbers
    assert len(found) == len(set(found)) == sent

    kinesis.add_tags_to_stream(StreamName=STREAM, Tags={"team": "x"})
    assert kinesis.list_tags_for_stream(StreamName=STREAM)["Tags"] == [{"Key": "team", "Value": "x"}]
    kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=48)
    assert kinesis.describe_limits()["OpenShardCount"] == 8
    kinesis.delete_stream(StreamName=STREAM)
    kinesis.get_waiter("stream_not_exists").wait(StreamName=STREAM, WaiterConfig=WAIT)


def test_a_request_throttled_in_part_and_whole(target):
    kinesis = client(target("--shards", 2, "--limits", "records=100").endpoint)
    hashes = {0: "0", 1: str(HASH_SPACE - 1)}

    def put(shards):
        return kinesis.put_records(
            StreamName="orders",
            Records=[{"Data": b"x", "PartitionKey": "k", "ExplicitHashKey": hashes[shard]} for shard in shards],
        )

    answer = put([0] * 400 + [1])
    assert 400 - 150 <= answer["FailedRecordCount"] <= 300
    assert "ErrorCode" in answer["Records"][399] and answer["Records"][400]["ShardId"] == "shardId-000000000001"
    answer = put([0])
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    while put([0] * 100)["FailedRecordCount"] < 90:
        pass
    with pytest.raises(kinesis.exceptions.ProvisionedThroughputExceededException) as refusal:
        while True:
            kinesis.put_record(StreamName="orders", Data=b"x", PartitionKey="k", ExplicitHashKey="0")
    message = refusal.value.response["Error"]["Message"]
    assert message == "Rate exceeded for shard shardId-000000000000 in stream orders under account 000000000000."


@pytest.mark.parametrize(
    "call, arguments, code",
    [
        ("create_stream", {"StreamName": "orders", "ShardCount": 1}, "ResourceInUseException"),
        ("create_stream", {"StreamName": "big", "ShardCount": 30_000}, "LimitExceededException"),
        ("describe_stream", {"StreamName": "nobody"}, "ResourceNotFoundException"),
        ("delete_stream", {"StreamName": "nobody"}, "ResourceNotFoundException"),
        ("put_record", {"StreamName": "orders", "Data": b"", "PartitionKey": ""}, "ValidationException"),
        ("put_record", {"StreamName": "orders", "Data": bytes(1048577), "PartitionKey": "k"}, "ValidationException"),
        (
            "put_record",
            {"StreamName": "orders", "Data": b"", "PartitionKey": "k", "SequenceNumberForOrdering": "1"},
            "InvalidArgumentException",
        ),
        (
            "put_record",
            {"StreamName": "orders", "Data": b"", "PartitionKey": "k", "ExplicitHashKey": str(HASH_SPACE)},
            "InvalidArgumentException",
        ),
        (
            "split_shard",
            {"StreamName": "orders", "ShardToSplit": "shardId-000000000009", "NewStartingHashKey": "5"},
            "ResourceNotFoundException",
        ),
        (
            "split_shard",
            {"StreamName": "orders", "ShardToSplit": "shardId-000000000000", "NewStartingHashKey": "1"},
            "InvalidArgumentException",
        ),
        (
            "merge_shards",
            {"StreamName": "orders", "ShardToMerge": "shardId-000000000000", "AdjacentShardToMerge": "shardId-000000000002"},
            "InvalidArgumentException",
        ),
        (
            "update_shard_count",
            {"StreamName": "orders", "TargetShardCount": 9, "ScalingType": "UNIFORM_SCALING"},
            "InvalidArgumentException",
        ),
        ("list_shards", {"StreamName": "orders", "NextToken": "x"}, "InvalidArgumentException"),
        ("get_records", {"ShardIterator": "x"}, "InvalidArgumentException"),
        (
            "get_shard_iterator",
            {"StreamName": "orders", "ShardId": "shardId-000000000009", "ShardIteratorType": "LATEST"},
            "ResourceNotFoundException",
        ),
        ("register_stream_consumer", {"StreamARN": "arn:aws:kinesis:us-east-1:0:stream/x", "ConsumerName": "c"}, "UnknownOperationException"),
    ],
)
def test_errors_are_what_botocore_expects(target, call, arguments, code):
    kinesis = client(target().endpoint, parameter_validation=False)
    with pytest.raises(ClientError) as refusal:
        getattr(kinesis, call)(**arguments)
    assert refusal.value.response["Error"]["Code"] == code, refusal.value
    assert refusal.value.response["ResponseMetadata"]["RequestId"]
