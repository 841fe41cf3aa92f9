"""CBOR on the wire, written and read by cbor2: what Java clients send by default."""

import datetime

import cbor2
import pytest
from wire import CBOR, Wire


@pytest.fixture
def call(target):
    wire = Wire(target("--retain", "16MiB", "--transition", "1ms").endpoint)

    def call(operation, document, status=200):
        found, headers, body = wire.send(cbor2.dumps(document), operation=operation, content_type=CBOR)
        assert found == status, body
        assert headers["Content-Type"] == CBOR
        # Times are milliseconds under the tag that stands for seconds, as Java clients write and read them.
        plain = body.replace(b"ApproximateArrivalTimestamp\xc1", b"ApproximateArrivalTimestamp")
        return cbor2.loads(plain) if body else None

    yield call
    wire.close()


def test_records_go_in_and_come_out_as_bytes(call):
    payloads = [b"", b"\x00\xff", bytes(range(256)), b"x" * 70_000]
    entries = [{"Data": data, "PartitionKey": f"schlüssel-{number}"} for number, data in enumerate(payloads)]
    answer = call("PutRecords", {"StreamName": "orders", "Records": entries})
    assert answer["FailedRecordCount"] == 0 and len(answer["Records"]) == len(payloads)
    single = call("PutRecord", {"StreamName": "orders", "Data": b"single", "PartitionKey": "k", "ExplicitHashKey": "0"})
    assert single["ShardId"] == "shardId-000000000000"
    found = {}
    for shard in call("ListShards", {"StreamName": "orders"})["Shards"]:
        start = {"StreamName": "orders", "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = call("GetShardIterator", start)["ShardIterator"]
        for record in call("GetRecords", {"ShardIterator": iterator, "Limit": 100})["Records"]:
            found[record["PartitionKey"]] = record["Data"]
            arrived = record["ApproximateArrivalTimestamp"]
            now = datetime.datetime.now().timestamp() * 1000
            assert now - 300_000 < arrived <= now + 1000
    assert found == {entry["PartitionKey"]: entry["Data"] for entry in entries} | {"k": b"single"}


def test_indefinite_lengths_are_read(call):
    # {_ "StreamName": (_ "ord", "ers"), "Records": [_ {_ "Data": (_ h'01', h'02'), "PartitionKey": "k"}]}
    def text(word):
        return cbor2.dumps(word)

    entry = b"\xbf" + text("Data") + b"\x5f\x41\x01\x41\x02\xff" + text("PartitionKey") + text("k") + b"\xff"
    body = b"\xbf" + text("StreamName") + b"\x7f" + text("ord") + text("ers") + b"\xff" + text("Records") + b"\x9f" + entry + b"\xff\xff"
    answer = call("PutRecords", cbor2.loads(body))
    assert answer["FailedRecordCount"] == 0


@pytest.mark.parametrize(
    "operation, document, code",
    [
        ("PutRecords", {"StreamName": "nobody", "Records": [{"Data": b"x", "PartitionKey": "k"}]}, "ResourceNotFoundException"),
        ("PutRecords", {}, "ValidationException"),
        ("PutRecords", {"StreamName": 5}, "SerializationException"),
        ("CreateStream", {"StreamName": "orders", "ShardCount": 1}, "ResourceInUseException"),
    ],
)
def test_errors_are_cbor_too(call, operation, document, code):
    assert call(operation, document, 400)["__type"] == code


def test_empty_outputs_are_empty(call):
    assert call("CreateStream", {"StreamName": "other", "ShardCount": 1}) is None


@pytest.mark.parametrize("body", [b"\xff", b"\xa1", b"\x9f", b"\xbf\x61", b"\xa1\x61a\x5b" + b"\xff" * 8, b"\x81" * 5000, b"{}"])
def test_what_is_no_cbor_is_refused(target, body):
    wire = Wire(target().endpoint)
    status, _, answer = wire.send(body, content_type=CBOR)
    assert status == 400 and cbor2.loads(answer)["__type"] in ("SerializationException", "ValidationException")
    wire.close()
