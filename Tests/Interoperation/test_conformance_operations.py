"""The tables of limits and of the operations beside PutRecords over HTTP, row by row."""

import contextlib
import json
import re
import time

import cbor2
import pytest
from conformance import row
from harness import HASH_SPACE, Target
from wire import CBOR, Wire

ACCOUNT = "123456789012"
FIRST = "shardId-000000000000"
# More than any of these tests needs.
PATIENCE = 60


class Service:
    """A target and a connection to it."""

    def __init__(self, tool, *options):
        self.target = Target(tool, "--account", ACCOUNT, *options)
        self.wire = Wire(self.target.endpoint)

    def call(self, operation, code=None, **document):
        """The answer of a success, or the message of an error of that code."""
        status, _, body = self.wire.send(document, operation=operation)
        if code is None:
            assert status == 200, body
            return json.loads(body) if body else None
        answer = json.loads(body)
        assert (status, answer["__type"]) == (400, code), answer
        return answer["message"]

    def put(self, *sizes, stream="orders"):
        """The results of records of so many bytes on the shard of hash 0."""
        entries = [{"PartitionKey": "k", "ExplicitHashKey": "0", "Data": "AAAA" * (size // 3)} for size in sizes]
        return self.call("PutRecords", StreamName=stream, Records=entries)["Records"]

    def active(self, stream):
        """Waits until it is; returns its summary."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            summary = self.call("DescribeStreamSummary", StreamName=stream)["StreamDescriptionSummary"]
            if summary["StreamStatus"] == "ACTIVE":
                return summary
        raise AssertionError(f"{stream} did not become active")

    def stop(self):
        self.wire.close()
        self.target.stop()


@pytest.fixture
def serve(tool):
    with contextlib.ExitStack() as stack:

        def start(*options):
            service = Service(tool, *options)
            stack.callback(service.stop)
            return service

        yield start


@pytest.fixture(scope="module")
def service(tool):
    one = Service(tool, "--shards", "3", "--transition", "50ms", "--limits", "none")
    yield one
    one.stop()


THROTTLED = {
    "ErrorCode": "ProvisionedThroughputExceededException",
    "ErrorMessage": f"Rate exceeded for shard {FIRST} in stream orders under account {ACCOUNT}.",
}


# MARK: Limits; their exact counts under a manual clock are in LimitTests.swift.


@row("limits", "a thousand in one instant, not one more")
def test_a_bucket_of_a_thousand_records(serve):
    service = serve()
    began = time.monotonic()
    accepted = sum("ErrorCode" not in result for _ in range(4) for result in service.put(*[3] * 500))
    assert 1_000 <= accepted <= min(2_000, 1_000 + (time.monotonic() - began) * 1_000 + 1)


@row("limits", "part of a call", "a smaller one still fits", "text")
def test_records_are_judged_one_by_one(serve):
    first, second, third = serve().put(600 << 10, 600 << 10, 3)
    assert set(first) == set(third) == {"SequenceNumber", "ShardId"}
    assert second == THROTTLED


@row("limits", "all throttled is a 200", "PutRecord throttled is a 400", "back after a second")
def test_a_bucket_that_is_empty(serve):
    service = serve("--limits", "records=1")
    # One comes back each second: within so many calls, some see none.
    assert any([THROTTLED] * 3 == service.put(3, 3, 3) for _ in range(20))
    record = {"StreamName": "orders", "PartitionKey": "k", "ExplicitHashKey": "0", "Data": ""}
    status, refused, began = None, 0, time.monotonic()
    while status != 200 and time.monotonic() < began + PATIENCE:
        status, _, body = service.wire.send(record, operation="PutRecord")
        if status != 200:
            answer = json.loads(body)
            assert (status, answer["__type"]) == (400, THROTTLED["ErrorCode"])
            assert answer["message"] == THROTTLED["ErrorMessage"]
            refused += 1
    assert status == 200 and refused > 0


# MARK: Streams


@row("operations", "empty outputs are empty")
@pytest.mark.parametrize(
    "operation, more",
    [
        ("AddTagsToStream", {"Tags": {"a": "b"}}),
        ("RemoveTagsFromStream", {"TagKeys": ["a"]}),
        ("IncreaseStreamRetentionPeriod", {"RetentionPeriodHours": 48}),
        ("DecreaseStreamRetentionPeriod", {"RetentionPeriodHours": 24}),
    ],
)
def test_operations_without_output_answer_with_nothing(service, operation, more):
    assert service.wire.send({"StreamName": "orders"} | more, operation=operation)[::2] == (200, b"")


@row("operations", "CreateStream is asynchronous", "CreateStream exists", "DeleteStream", "DescribeStreamSummary")
def test_a_stream_comes_and_goes(service):
    assert service.wire.send({"StreamName": "new", "ShardCount": 2}, operation="CreateStream")[::2] == (200, b"")
    assert service.call("DescribeStream", StreamName="new")["StreamDescription"]["StreamStatus"] == "CREATING"
    exists = service.call("CreateStream", "ResourceInUseException", StreamName="new", ShardCount=2)
    assert exists == f"Stream new under account {ACCOUNT} already exists."
    summary = service.active("new")
    created = summary.pop("StreamCreationTimestamp")
    assert isinstance(created, float) and abs(created - time.time()) < PATIENCE
    assert summary == {
        "StreamName": "new",
        "StreamARN": f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/new",
        "StreamStatus": "ACTIVE",
        "StreamModeDetails": {"StreamMode": "PROVISIONED"},
        "RetentionPeriodHours": 24,
        "EnhancedMonitoring": [{"ShardLevelMetrics": []}],
        "EncryptionType": "NONE",
        "OpenShardCount": 2,
        "ConsumerCount": 0,
        "MaxRecordSizeInKiB": 1024,
    }
    assert service.wire.send({"StreamName": "new"}, operation="DeleteStream")[::2] == (200, b"")
    deadline = time.monotonic() + PATIENCE
    status = 200
    while status == 200 and time.monotonic() < deadline:
        status, _, body = service.wire.send({"StreamName": "new"}, operation="DescribeStreamSummary")
    assert json.loads(body)["message"] == f"Stream new under account {ACCOUNT} not found."


@row("operations", "CreateStream over the quota")
def test_a_stream_that_would_exceed_the_quota(serve):
    service = serve("--shards", "3", "--shard-limit", "5")
    message = service.call("CreateStream", "LimitExceededException", StreamName="new", ShardCount=4)
    assert message.startswith(
        f"This request would exceed the shard limit for the account {ACCOUNT} in us-east-1. Current shard count for the "
        "account: 3. Limit: 5. Number of additional shards that would have resulted from this request: 4. "
    )


@row("operations", "StreamARN")
def test_a_stream_by_its_arn(service):
    arn = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/orders"
    assert service.call("PutRecords", StreamARN=arn, Records=[{"Data": "", "PartitionKey": "a"}])["FailedRecordCount"] == 0
    service.call("DescribeStreamSummary", "ResourceNotFoundException", StreamARN=arn + "x")


# MARK: Shards


@row(
    "operations", "ListShards NextToken and StreamName", "ListShards neither", "ListShards NextToken and others",
    "ListShards pages", "ListShards filter",
)  # fmt: skip
def test_lists_of_shards(service):
    first = service.call("ListShards", StreamName="orders", MaxResults=2)
    token = first["NextToken"]
    rest = service.call("ListShards", NextToken=token)
    assert [shard["ShardId"][-1] for shard in first["Shards"] + rest["Shards"]] == list("012") and "NextToken" not in rest
    refused = "InvalidArgumentException"
    assert service.call("ListShards", refused) == "Either NextToken or StreamName should be provided."
    for name, value in (("StreamName", "orders"), ("StreamCreationTimestamp", 1.5), ("ExclusiveStartShardId", FIRST)):
        message = service.call("ListShards", refused, NextToken=token, **{name: value})
        assert message == f"NextToken and {name} cannot be provided together."
    assert len(service.call("ListShards", StreamName="orders", ShardFilter={"Type": "AT_LATEST"})["Shards"]) == 3
    later = service.call("ListShards", StreamName="orders", ShardFilter={"Type": "AFTER_SHARD_ID", "ShardId": FIRST})
    assert [shard["ShardId"][-1] for shard in later["Shards"]] == list("12")


@row("operations", "DescribeStream pages")
def test_a_description_has_a_hundred_shards(serve):
    service = serve("--shards", "101")
    first = service.call("DescribeStream", StreamName="orders")["StreamDescription"]
    assert len(first["Shards"]) == 100 and first["HasMoreShards"] is True
    start = first["Shards"][-1]["ShardId"]
    rest = service.call("DescribeStream", StreamName="orders", ExclusiveStartShardId=start)["StreamDescription"]
    assert [shard["ShardId"][-3:] for shard in rest["Shards"]] == ["100"] and rest["HasMoreShards"] is False
    few = service.call("DescribeStream", StreamName="orders", Limit=3)["StreamDescription"]
    assert len(few["Shards"]) == 3 and few["HasMoreShards"] is True


@row("operations", "UpdateShardCount", "UpdateShardCount on demand")
def test_another_number_of_shards(serve):
    service = serve("--shards", "2", "--transition", "1ms")
    answer = service.call("UpdateShardCount", StreamName="orders", TargetShardCount=4, ScalingType="UNIFORM_SCALING")
    assert (answer["StreamName"], answer["CurrentShardCount"], answer["TargetShardCount"]) == ("orders", 2, 4)
    assert service.active("orders")["OpenShardCount"] == 4
    service.call("CreateStream", StreamName="demand", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    service.active("demand")
    more = {"StreamName": "demand", "TargetShardCount": 8, "ScalingType": "UNIFORM_SCALING"}
    assert "demand" in service.call("UpdateShardCount", "ValidationException", **more)


@row("operations", "SplitShard key", "SplitShard not ACTIVE", "writes while UPDATING")
def test_a_split(serve):
    service = serve("--shards", "1", "--transition", "1h")
    top = HASH_SPACE - 1
    for key in ("0", "1", str(top)):
        message = service.call(
            "SplitShard", "InvalidArgumentException", StreamName="orders", ShardToSplit=FIRST, NewStartingHashKey=key
        )
        assert message == (
            f"NewStartingHashKey {key} used in SplitShard() on shard {FIRST} in stream orders under account {ACCOUNT} is not "
            f"both greater than one plus the shard's StartingHashKey 0 and less than the shard's EndingHashKey {top}."
        )
    split = {"StreamName": "orders", "ShardToSplit": FIRST, "NewStartingHashKey": str(HASH_SPACE // 2)}
    service.call("SplitShard", **split)
    message = service.call("SplitShard", "ResourceInUseException", **split)
    assert message == f"Stream orders under account {ACCOUNT} not ACTIVE, instead in state UPDATING"
    assert [result["ShardId"] for result in service.put(3, 30)] == [FIRST] * 2


@row("operations", "MergeShards inverted")
def test_a_merge_the_wrong_way_round(service):
    merge = {"StreamName": "orders", "ShardToMerge": "shardId-000000000001", "AdjacentShardToMerge": FIRST}
    message = service.call("MergeShards", "InvalidArgumentException", **merge)
    assert re.search(r"not an\s+adjacent pair of shards eligible for merging", message), message


# MARK: Reading


@row("operations", "GetShardIterator kinds", "GetRecords members", "GetRecords limit", "times in JSON and CBOR")
def test_reading(serve):
    service = serve("--retain", "1MiB")
    put = service.put(3, 30, 300)
    at = {"StreamName": "orders", "ShardId": FIRST}
    number = put[1]["SequenceNumber"]
    kinds = {
        "TRIM_HORIZON": ({}, 3),
        "LATEST": ({}, 0),
        "AT_SEQUENCE_NUMBER": ({"StartingSequenceNumber": number}, 2),
        "AFTER_SEQUENCE_NUMBER": ({"StartingSequenceNumber": number}, 1),
        "AT_TIMESTAMP": ({"Timestamp": 0}, 3),
    }
    for kind, (more, count) in kinds.items():
        iterator = service.call("GetShardIterator", **at, ShardIteratorType=kind, **more)["ShardIterator"]
        assert len(iterator) <= 512
        answer = service.call("GetRecords", ShardIterator=iterator)
        assert set(answer) == {"Records", "NextShardIterator", "MillisBehindLatest"} and answer["MillisBehindLatest"] == 0
        assert [record["SequenceNumber"] for record in answer["Records"]] == [
            result["SequenceNumber"] for result in put[len(put) - count :]
        ]
        for record in answer["Records"]:
            assert set(record) == {"SequenceNumber", "ApproximateArrivalTimestamp", "Data", "PartitionKey"}
            assert abs(record["ApproximateArrivalTimestamp"] - time.time()) < PATIENCE
    iterator = service.call("GetShardIterator", **at, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    message = service.call("GetRecords", "ValidationException", ShardIterator=iterator, Limit=10_001)
    assert "'limit' failed to satisfy constraint: Member must have value less than or equal to 10000" in message
    assert len(service.call("GetRecords", ShardIterator=iterator, Limit=2)["Records"]) == 2
    # Milliseconds, under the tag of times.
    body = cbor2.dumps({"ShardIterator": iterator})
    status, _, answer = service.wire.send(body, operation="GetRecords", content_type=CBOR)
    plain = answer.replace(b"ApproximateArrivalTimestamp\xc1", b"ApproximateArrivalTimestamp")
    assert status == 200 and plain != answer
    assert abs(cbor2.loads(plain)["Records"][0]["ApproximateArrivalTimestamp"] / 1000 - time.time()) < PATIENCE


@row("operations", "end of a closed shard")
def test_the_end_of_a_closed_shard(serve):
    service = serve("--shards", "1", "--transition", "1ms", "--retain", "1MiB")
    put = service.put(3)
    service.call("SplitShard", StreamName="orders", ShardToSplit=FIRST, NewStartingHashKey=str(HASH_SPACE // 2))
    service.active("orders")
    start = {"StreamName": "orders", "ShardId": FIRST, "ShardIteratorType": "TRIM_HORIZON"}
    answer = service.call("GetRecords", ShardIterator=service.call("GetShardIterator", **start)["ShardIterator"])
    assert [record["SequenceNumber"] for record in answer["Records"]] == [put[0]["SequenceNumber"]]
    assert answer.get("NextShardIterator") is None
    children = [(child["ShardId"][-1], child["ParentShards"]) for child in answer["ChildShards"]]
    assert children == [("1", [FIRST]), ("2", [FIRST])]
