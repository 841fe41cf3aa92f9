"""The tables of request checks over HTTP, row by row: texts as production gave them (mhart/kinesalite's tests)."""

import base64
import contextlib
import datetime
import email.utils
import json
import re
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import cbor2
import pytest
from conformance import TABLES, row, rows_of
from harness import Target
from wire import AUTHORIZATION, CBOR, JSON, Wire, headers, open_socket

DENIED = (
    b"<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n"
    b"</AccessDeniedException>\n"
)
NUMBER = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber"
LIST = "Start of list found where not expected"
STRUCTURE = "Start of structure or map found where not expected."
BOOLEAN = "class java.lang.Boolean"
TO_BLOB, TO_STRING = "can not be converted to a Blob", "can not be converted to an String"


@pytest.fixture(scope="module")
def wire(tool):
    target = Target(tool, "--shards", "3", "--limits", "none", "--account", "123456789012")
    connection = Wire(target.endpoint)
    connection.tool = tool
    yield connection
    connection.close()
    target.stop()


STRINGS = {
    "Boolean": (True, f"{BOOLEAN} {TO_STRING}"),
    "number": (34, f"{NUMBER} {TO_STRING}"),
    "list": ([], LIST),
    "structure": ({}, STRUCTURE),
}
SERIALIZATION = (
    [("Records string", {"Records": "34"}, "Expected list or null")]
    + [("Records Boolean", {"Records": True}, "Expected list or null")]
    + [("Records number", {"Records": 3.5}, "Expected list or null")]
    + [("Records structure", {"Records": {}}, STRUCTURE)]
    + [("Records.0 string", {"Records": ["34"]}, "Expected null")]
    + [("Records.0 Boolean", {"Records": [False]}, "Expected null")]
    + [("Records.0 number", {"Records": [34]}, "Expected null")]
    + [("Records.0 list", {"Records": [[]]}, LIST)]
    + [
        (f"Data {name}", {"Records": [{"PartitionKey": "a", "Data": value}]}, text)
        for name, value, text in [
            ("Boolean", True, f"{BOOLEAN} {TO_BLOB}"),
            ("number", 34.5, f"{NUMBER} {TO_BLOB}"),
            ("number", -1, f"{NUMBER} {TO_BLOB}"),
            ("list", [], LIST),
            ("structure", {}, STRUCTURE),
            ("23456", "23456", f"'23456' {TO_BLOB}: Base64 encoded length is expected a multiple of 4 bytes but found: 5"),
            ("=+/=", "=+/=", f"'=+/=' {TO_BLOB}: Invalid Base64 character: '='"),
            ("+/+=", "+/+=", f"'+/+=' {TO_BLOB}: Invalid last non-pad Base64 character dectected"),
        ]
    ]
    + [
        (f"{member} {name}", {"Records": [{member: value}]}, text)
        for member in ("ExplicitHashKey", "PartitionKey")
        for name, (value, text) in STRINGS.items()
    ]
    + [(f"StreamName {name}", {"StreamName": value}, text) for name, (value, text) in STRINGS.items()]
)


def rows(table, cases):
    """Parameters whose first value is the row."""
    return [pytest.param(*case[1:], marks=row(table, case[0]), id=case[0]) for case in cases]


@row("order of checks", "11 types")
@pytest.mark.parametrize("document, text", rows("serialization", SERIALIZATION))
def test_a_type_that_cannot_be(wire, document, text):
    status, _, body = wire.send(document)
    assert (status, json.loads(body)) == (400, {"__type": "SerializationException", "Message": text})


@row("serialization", "null is absent", "unknown member is absent")
def test_what_counts_as_absent(wire):
    record = {"PartitionKey": "a", "Data": "", "ExplicitHashKey": None, "Nonsense": [1, {"a": None}]}
    status, _, body = wire.send({"StreamName": "orders", "StreamARN": None, "Nonsense": {}, "Records": [record]})
    assert status == 200 and json.loads(body)["FailedRecordCount"] == 0
    status, _, body = wire.send({"StreamName": "orders", "Records": [{"PartitionKey": None, "Data": ""}]})
    assert status == 400 and "Value null at 'records.1.member.partitionKey'" in json.loads(body)["message"]


def part(value, path, rule):
    return f"Value {value} at '{path}' failed to satisfy constraint: Member must {rule}"


NAME = "satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
HASH = "satisfy regular expression pattern: 0|([1-9]\\d{0,38})"
ENTRY = "com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@c965e310"
VALIDATION = [
    ("no StreamName", {}, {part("null", "records", "not be null"), part("null", "streamName", "not be null")}),
    (
        "empty StreamName",
        {"StreamName": "", "Records": []},
        {
            part("'[]'", "records", "have length greater than or equal to 1"),
            part("''", "streamName", NAME),
            part("''", "streamName", "have length greater than or equal to 1"),
        },
    ),
    (
        "empty PartitionKey",
        {"StreamName": "", "Records": [{"PartitionKey": "", "ExplicitHashKey": "", "Data": ""}]},
        {
            part("''", "records.1.member.partitionKey", "have length greater than or equal to 1"),
            part("''", "records.1.member.explicitHashKey", HASH),
            part("''", "streamName", NAME),
            part("''", "streamName", "have length greater than or equal to 1"),
        },
    ),
    (
        "long everything",
        {
            "StreamName": "n" * 129,
            "Records": [
                {"PartitionKey": "k" * 257, "ExplicitHashKey": "", "Data": base64.b64encode(bytes(1048577)).decode()}
            ],
        },
        {
            part(f"'{'k' * 257}'", "records.1.member.partitionKey", "have length less than or equal to 256"),
            part("''", "records.1.member.explicitHashKey", HASH),
            part(
                "'java.nio.HeapByteBuffer[pos=0 lim=1048577 cap=1048577]'",
                "records.1.member.data",
                "have length less than or equal to 1048576",
            ),
            part(f"'{'n' * 129}'", "streamName", "have length less than or equal to 128"),
        },
    ),
    (
        "501 records",
        {"StreamName": "orders", "Records": [{"PartitionKey": "", "Data": ""}] * 501},
        {part(f"'[{', '.join([ENTRY] * 501)}]'", "records", "have length less than or equal to 500")}
        | {
            part("''", f"records.{number}.member.partitionKey", "have length greater than or equal to 1")
            for number in range(1, 10)
        },
    ),
]


@row("order of checks", "12 constraints, ten at most")
@pytest.mark.parametrize("document, parts", rows("validation", VALIDATION))
def test_a_constraint_that_does_not_hold(wire, document, parts):
    status, _, body = wire.send(document)
    answer = json.loads(body)
    assert status == 400 and answer["__type"] == "ValidationException"
    found = re.fullmatch(r"(\d+) validation errors? detected: (.*)", answer["message"], re.DOTALL)
    assert found and int(found[1]) == len(parts)
    assert set(found[2].split("; ")) == parts


def records(*entries):
    return [{"Data": "AA==", "PartitionKey": "k"} | entry for entry in entries]


MORE = [
    (
        "unknown stream",
        {"StreamName": "nobody", "Records": records({})},
        "ResourceNotFoundException",
        "Stream nobody under account 123456789012 not found.",
    ),
    (
        "ExplicitHashKey of 2^128",
        {"StreamName": "orders", "Records": records({"ExplicitHashKey": str(1 << 128)}, {})},
        "InvalidArgumentException",
        f"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {1 << 128}",
    ),
    (
        "data and key over the limit",
        {"StreamName": "orders", "Records": records({"Data": base64.b64encode(bytes(1 << 20)).decode()})},
        "InvalidArgumentException",
        "Record 1 has 1048577 bytes of data and partition key, more than 1048576",
    ),
    (
        "request over the limit",
        {
            "StreamName": "orders",
            "Records": [{"Data": base64.b64encode(bytes(1 << 20)).decode(), "PartitionKey": str(n)} for n in range(1, 6)],
        },
        "InvalidArgumentException",
        "Records size exceeds 5 MB limit",
    ),
]


@pytest.mark.parametrize("document, code, text", rows("validation", MORE))
def test_what_fits_no_stream(wire, document, code, text):
    status, _, body = wire.send(document)
    assert (status, json.loads(body)) == (400, {"__type": code, "message": text})


ORDER = [
    # Method.
    ("4 method is not POST", {"method": "GET"}, 403, None, DENIED),
    ("4 method is not POST", {"method": "PUT"}, 403, None, DENIED),
    ("4 method is not POST", {"method": "DELETE"}, 403, None, DENIED),
    ("4 method is not POST", {"method": "OPTIONS"}, 403, None, DENIED),
    # Empty body.
    ("5 empty body, JSON", {"body": b""}, 400, JSON, b'{"__type":"SerializationException"}'),
    ("5 empty body, unknown target", {"body": b"", "operation": "Nothing"}, 400, JSON, b'{"__type":"UnknownOperationException"}'),
    ("5 empty body, CBOR", {"body": b"", "content_type": None}, 400, CBOR, b"\xbf\x66__type\x76SerializationException\xff"),
    ("5 empty body, CBOR", {"body": b"", "content_type": "text/plain"}, 400, CBOR, b"\xbf\x66__type\x76SerializationException\xff"),
    # Content type.
    ("6 content type, target", {"content_type": None}, 404, None, b"<UnknownOperationException/>\n"),
    ("6 content type, target", {"content_type": "application/x-amz-json-1.0"}, 404, None, b"<UnknownOperationException/>\n"),
    ("6 content type, no target", {"content_type": "text/plain", "X_Amz_Target": None}, 403, None, DENIED),
    # Body that is none.
    ("7 no JSON", {"body": b"{"}, 400, JSON, b'{"__type":"SerializationException"}'),
    ("7 no JSON", {"body": b"hello", "Authorization": None}, 400, JSON, b'{"__type":"SerializationException"}'),
    ("7 no JSON", {"body": b"null", "operation": "Nothing"}, 400, JSON, b'{"__type":"SerializationException"}'),
    (
        "7 no JSON, application/json",
        {"body": b"{", "content_type": "application/json"},
        400,
        "application/json",
        b'{"Output":{"__type":"com.amazon.coral.service#SerializationException"},"Version":"1.0"}',
    ),
    (
        "8 application/json",
        {"content_type": "application/json"},
        404,
        "application/json",
        b'{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}',
    ),
    # Target.
    ("9 unknown target", {"operation": "Nothing", "Authorization": None}, 400, JSON, b'{"__type":"UnknownOperationException"}'),
    ("9 unknown target", {"X_Amz_Target": "DynamoDB_20120810.PutRecords"}, 400, JSON, b'{"__type":"UnknownOperationException"}'),
    ("9 unknown target", {"X_Amz_Target": None}, 400, JSON, b'{"__type":"UnknownOperationException"}'),
]
MISSING = [
    (
        "missing",
        {"Authorization": None},
        400,
        JSON,
        b'{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}',
    ),
]


@row("order of checks", "2 identifiers on every answer", "10 authorization after both")
@pytest.mark.parametrize(
    "options, status, content_type, answer", rows("order of checks", ORDER) + rows("authorization", MISSING)
)
def test_the_order_of_checks(wire, options, status, content_type, answer):
    options = dict(options)
    found, given, body = wire.send(options.pop("body", b"{}"), **options)
    assert (found, given["Content-Type"]) == (status, content_type)
    if content_type == CBOR:
        assert cbor2.loads(body) == cbor2.loads(answer)
    else:
        assert body == answer
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", given["x-amzn-RequestId"])
    assert 64 <= len(base64.b64decode(given["x-amz-id-2"])) <= 80
    assert given["Connection"] is None
    at = email.utils.parsedate_to_datetime(given["Date"])
    assert abs(at.timestamp() - time.time()) < 10


@row("order of checks", "1 body too large")
def test_a_body_beyond_every_limit_is_not_even_read(wire):
    with contextlib.closing(open_socket(wire.endpoint)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n")
        answer = b""
        while part := connection.recv(1 << 16):
            answer += part
    assert answer.startswith(b"HTTP/1.1 413 ") and answer.endswith(b"\r\n\r\n")


@row("order of checks", "13 stream, status, then hash key")
def test_the_stream_is_looked_up_before_hash_keys_are_judged(wire):
    too_high = records({"ExplicitHashKey": str(1 << 128)})
    codes = []
    for name in ("nobody", "orders"):
        codes.append(json.loads(wire.send({"StreamName": name, "Records": too_high})[2])["__type"])
    assert codes == ["ResourceNotFoundException", "InvalidArgumentException"]
    # One that is being created, for as long as that takes, has no shard yet.
    target = Target(wire.tool, "--transition", "1h")
    with contextlib.closing(Wire(target.endpoint)) as other:
        assert other.send({"StreamName": "new", "ShardCount": 1}, operation="CreateStream")[0] == 200
        answer = json.loads(other.send({"StreamName": "new", "Records": too_high})[2])
    target.stop()
    assert answer["__type"] == "ResourceNotFoundException"


PARTS = {"Credential": "c", "SignedHeaders": "s", "Signature": "g"}


@row("authorization", "header lacks parts")
@pytest.mark.parametrize("missing", [["Credential"], ["Signature"], ["SignedHeaders"], ["Credential", "Signature", "SignedHeaders"]])
@pytest.mark.parametrize("date", [True, False])
def test_an_authorization_that_lacks_parts(wire, missing, date):
    header = "AWS4-HMAC-SHA256 " + ", ".join(f"{name}={value}" for name, value in PARTS.items() if name not in missing)
    status, _, body = wire.send("{}", Authorization=header.strip(), **({} if date else {"X_Amz_Date": None}))
    text = "".join(f"Authorization header requires '{name}' parameter. " for name in ("Credential", "Signature", "SignedHeaders") if name in missing)
    if not date:
        text += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
    expected = {"__type": "IncompleteSignatureException", "message": f"{text}Authorization={header.strip()}"}
    assert (status, json.loads(body)) == (400, expected)


@row("order of checks", "3 CORS", "3 preflight")
def test_cross_origin_requests(target):
    """Of the origins allowed; the service allows every one, which beside a developer's browser is too many."""
    wire = Wire(target("--allow-origin", "https://example.org", "--allow-origin", "http://localhost:3000").endpoint)
    status, headers, body = wire.send(
        b"", method="OPTIONS", Origin="https://example.org", Access_Control_Request_Headers="x-amz-target"
    )
    assert (status, body) == (200, b"")
    assert headers["Access-Control-Allow-Origin"] == "https://example.org" and headers["Access-Control-Max-Age"] == "172800"
    assert headers["Access-Control-Allow-Headers"] == "x-amz-target"
    status, headers, _ = wire.send("{}", operation="ListStreams", Origin="http://localhost:3000")
    assert status == 200 and headers["Access-Control-Expose-Headers"].startswith("x-amzn-RequestId,")


def put(wire, *entries):
    status, headers, body = wire.send({"StreamName": "orders", "Records": list(entries)})
    assert status == 200 and headers["Content-Type"] == JSON
    return json.loads(body)


@row("records", "keys to shards", "hash keys to shards", "empty data")
def test_keys_and_hash_keys_find_their_shards(wire):
    answer = put(wire, *[{"PartitionKey": key, "Data": ""} for key in "abef"])
    assert [int(result["ShardId"][-12:]) for result in answer["Records"]] == [0, 1, 2, 1]
    edge = (1 << 128) // 3
    hashes = [(0, 0), (edge - 1, 0), (edge, 1), (2 * edge - 1, 1), (2 * edge, 2), ((1 << 128) - 1, 2)]
    answer = put(wire, *[{"PartitionKey": "k", "Data": "", "ExplicitHashKey": str(value)} for value, _ in hashes])
    assert [int(result["ShardId"][-12:]) for result in answer["Records"]] == [shard for _, shard in hashes]


@row("records", "50 KiB", "members of a success")
def test_a_success_has_these_members_and_no_others(wire):
    answer = put(wire, {"PartitionKey": "a", "Data": base64.b64encode(bytes(50 << 10)).decode(), "Nonsense": None})
    assert set(answer) == {"FailedRecordCount", "Records"} and answer["FailedRecordCount"] == 0
    assert set(answer["Records"][0]) == {"SequenceNumber", "ShardId"}


@row("records", "sequence numbers of version 2, rising")
def test_sequence_numbers_are_of_version_2_and_rise(wire):
    last = {}
    for _ in range(20):
        for result in put(wire, *[{"PartitionKey": f"k{number}", "Data": ""} for number in range(50)])["Records"]:
            digits = f"{int(result['SequenceNumber']):x}"
            assert len(result["SequenceNumber"]) == 56 and len(digits) == 47
            assert digits[0] == "2" and digits[-1] == "2" and digits[27:29] == "00" and digits[11] <= "7"
            assert int(digits[38:46], 16) == int(result["ShardId"][-12:])
            assert int(result["SequenceNumber"]) > last.get(result["ShardId"], 0)
            last[result["ShardId"]] = int(result["SequenceNumber"])


@row("authorization", "header and query", "query lacks parts")
def test_the_authorization_may_stand_in_the_query_but_not_in_both(wire):
    query = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    for authorization, code in [(AUTHORIZATION, "InvalidSignatureException"), (None, "IncompleteSignatureException")]:
        wire.connection.request("POST", query, b"{}", headers("ListStreams", Authorization=authorization))
        answer = wire.connection.getresponse()
        body = json.loads(answer.read())
        assert (answer.status, body["__type"]) == (400, code)
        if authorization:
            assert body["message"] == (
                "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
            )
        else:
            assert body["message"].endswith("'X-Amz-Date'. Re-examine the query-string parameters.")


SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
INVALID = "InvalidSignatureException"
INVALID_TOKEN = ("UnrecognizedClientException", "The security token included in the request is invalid.")
SIGNED = [
    ("unknown key", {"key": "AKIDOTHER"}, INVALID_TOKEN),
    ("wrong region", {"region": "eu-west-1"}, INVALID_TOKEN),
    ("wrong session token", {"token": "TOKEN"}, INVALID_TOKEN),
    ("clock skew", {"offset": -600}, (INVALID, r"Signature expired: \w+ is now earlier than \w+ \(\w+ - 5 min\.\)")),
    ("wrong secret", {"secret": "other"}, (INVALID, "The request signature we calculated does not match .*")),
]


@pytest.mark.parametrize("changes, expected", rows("authorization", SIGNED))
def test_a_signature_that_does_not_hold(tool, monkeypatch, changes, expected):
    target = Target(tool, "--access-key", "AKIDEXAMPLE", "--secret-key", SECRET)

    def answer(key="AKIDEXAMPLE", secret=SECRET, region="us-east-1", token=None, offset=0):
        moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=offset)
        monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_: moment.replace(tzinfo=None))
        request = botocore.awsrequest.AWSRequest("POST", target.endpoint + "/", data=b"{}")
        request.headers["Content-Type"] = JSON
        request.headers["X-Amz-Target"] = "Kinesis_20131202.ListStreams"
        credentials = botocore.credentials.Credentials(key, secret, token)
        botocore.auth.SigV4Auth(credentials, "kinesis", region).add_auth(request)
        with contextlib.closing(Wire(target.endpoint)) as wire:
            wire.connection.request("POST", "/", b"{}", dict(request.headers))
            found = wire.connection.getresponse()
            return found.status, json.loads(found.read())

    assert answer()[0] == 200
    status, body = answer(**changes)
    target.stop()
    code, text = expected
    assert (status, body["__type"]) == (400, code)
    assert re.fullmatch(text, body["message"], re.DOTALL), body["message"]


@row("records", "both ends of 1, 2, 3, 7, 50 shards")
@pytest.mark.parametrize("count", [1, 2, 3, 7, 50])
def test_both_ends_of_every_range(wire, count):
    name = f"even-{count}"
    assert wire.send({"StreamName": name, "ShardCount": count}, operation="CreateStream")[0] == 200
    while True:
        listed = json.loads(wire.send({"StreamName": name}, operation="ListShards")[2])
        if len(listed.get("Shards", [])) == count:
            break
    step = (1 << 128) // count
    ends = [(step * shard, step * (shard + 1) - 1 if shard + 1 < count else (1 << 128) - 1) for shard in range(count)]
    ranges = [shard["HashKeyRange"] for shard in listed["Shards"]]
    assert ranges == [{"StartingHashKey": str(first), "EndingHashKey": str(last)} for first, last in ends]
    entries = [{"PartitionKey": "k", "Data": "", "ExplicitHashKey": str(value)} for pair in ends for value in pair]
    status, _, body = wire.send({"StreamName": name, "Records": entries})
    found = [int(result["ShardId"][-12:]) for result in json.loads(body)["Records"]]
    assert status == 200 and found == [shard for shard in range(count) for _ in range(2)]


@row("records", "MD5 of known keys")
def test_keys_of_known_hash(tool):
    target = Target(tool, "--shards", "1000", "--limits", "none")
    known = {
        "a": 0x0CC175B9C0F1B6A831C399E269772661,
        "b": 195289424170611159128911017612795795343,
        "é": 0x66DDCD97CFDEABB2F6FB8A999B4BC76F,
        "\U0001f600": 0x2A02EAC39D716A70ECF37579185927B6,
    }
    with contextlib.closing(Wire(target.endpoint)) as wire:
        found = put(wire, *[{"PartitionKey": key, "Data": ""} for key in known])["Records"]
    target.stop()
    shards = [int(result["ShardId"][-12:]) for result in found]
    assert shards == [hashed // ((1 << 128) // 1000) for hashed in known.values()]


@row("records", "SequenceNumberForOrdering")
def test_a_sequence_number_to_follow(wire):
    record = {"StreamName": "orders", "PartitionKey": "a", "Data": ""}
    first = json.loads(wire.send(record, operation="PutRecord")[2])["SequenceNumber"]
    later = json.loads(wire.send(record | {"SequenceNumberForOrdering": first}, operation="PutRecord")[2])["SequenceNumber"]
    assert int(later) > int(first)
    # Of a second to come: nothing can have had it.
    future = int(first) + (1 << 48 << 20)
    status, _, body = wire.send(record | {"SequenceNumberForOrdering": str(future)}, operation="PutRecord")
    assert (status, json.loads(body)) == (
        400,
        {
            "__type": "InvalidArgumentException",
            "message": f"ExclusiveMinimumSequenceNumber {future} used in PutRecord on stream orders under account "
            "123456789012 is invalid.",
        },
    )


def test_every_row_has_its_test(request):
    if request.config.option.keyword or any("::" in word for word in request.config.args):
        pytest.skip("only some of the tests were collected")
    marked = {pair for item in request.session.items for pair in rows_of(item)}
    tables = {table for table, _ in marked}
    assert {(table, name) for table in tables for name in TABLES[table]} == marked
