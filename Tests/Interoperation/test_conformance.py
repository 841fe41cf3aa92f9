"""The tables of request checks over HTTP, row by row: texts as production gave them (mhart/kinesalite's tests)."""

import base64
import email.utils
import json
import re
import time

import pytest
from wire import AUTHORIZATION, CBOR, JSON, Wire

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
    from harness import Target

    target = Target(tool, "--shards", "3", "--limits", "none", "--account", "123456789012")
    connection = Wire(target.endpoint)
    yield connection
    connection.close()
    target.stop()


def strings():
    return [(True, f"{BOOLEAN} {TO_STRING}"), (34, f"{NUMBER} {TO_STRING}"), ([], LIST), ({}, STRUCTURE)]


SERIALIZATION = (
    [({"Records": value}, "Expected list or null") for value in ("34", True, 3.5)]
    + [({"Records": {}}, STRUCTURE)]
    + [({"Records": [value]}, "Expected null") for value in ("34", False, 34)]
    + [({"Records": [[]]}, LIST)]
    + [
        ({"Records": [{"PartitionKey": "a", "Data": value}]}, text)
        for value, text in [
            (True, f"{BOOLEAN} {TO_BLOB}"),
            (34.5, f"{NUMBER} {TO_BLOB}"),
            (-1, f"{NUMBER} {TO_BLOB}"),
            ([], LIST),
            ({}, STRUCTURE),
            ("23456", f"'23456' {TO_BLOB}: Base64 encoded length is expected a multiple of 4 bytes but found: 5"),
            ("=+/=", f"'=+/=' {TO_BLOB}: Invalid Base64 character: '='"),
            ("+/+=", f"'+/+=' {TO_BLOB}: Invalid last non-pad Base64 character dectected"),
        ]
    ]
    + [({"Records": [{name: value}]}, text) for name in ("ExplicitHashKey", "PartitionKey") for value, text in strings()]
    + [({"StreamName": value}, text) for value, text in strings()]
)


@pytest.mark.parametrize("document, text", SERIALIZATION)
def test_a_type_that_cannot_be(wire, document, text):
    status, _, body = wire.send(document)
    assert (status, json.loads(body)) == (400, {"__type": "SerializationException", "Message": text})


def part(value, path, rule):
    return f"Value {value} at '{path}' failed to satisfy constraint: Member must {rule}"


NAME = "satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
HASH = "satisfy regular expression pattern: 0|([1-9]\\d{0,38})"
ENTRY = "com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@c965e310"
VALIDATION = [
    ({}, {part("null", "records", "not be null"), part("null", "streamName", "not be null")}),
    (
        {"StreamName": "", "Records": []},
        {
            part("'[]'", "records", "have length greater than or equal to 1"),
            part("''", "streamName", NAME),
            part("''", "streamName", "have length greater than or equal to 1"),
        },
    ),
    (
        {"StreamName": "", "Records": [{"PartitionKey": "", "ExplicitHashKey": "", "Data": ""}]},
        {
            part("''", "records.1.member.partitionKey", "have length greater than or equal to 1"),
            part("''", "records.1.member.explicitHashKey", HASH),
            part("''", "streamName", NAME),
            part("''", "streamName", "have length greater than or equal to 1"),
        },
    ),
    (
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
        {"StreamName": "orders", "Records": [{"PartitionKey": "", "Data": ""}] * 501},
        {part(f"'[{', '.join([ENTRY] * 501)}]'", "records", "have length less than or equal to 500")}
        | {
            part("''", f"records.{number}.member.partitionKey", "have length greater than or equal to 1")
            for number in range(1, 10)
        },
    ),
]


@pytest.mark.parametrize("document, parts", VALIDATION)
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
        {"StreamName": "nobody", "Records": records({})},
        "ResourceNotFoundException",
        "Stream nobody under account 123456789012 not found.",
    ),
    (
        {"StreamName": "orders", "Records": records({"ExplicitHashKey": str(1 << 128)}, {})},
        "InvalidArgumentException",
        f"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {1 << 128}",
    ),
    (
        {
            "StreamName": "orders",
            "Records": [{"Data": base64.b64encode(bytes(1 << 20)).decode(), "PartitionKey": str(n)} for n in range(1, 6)],
        },
        "InvalidArgumentException",
        "Records size exceeds 5 MB limit",
    ),
]


@pytest.mark.parametrize("document, code, text", MORE)
def test_what_fits_no_stream(wire, document, code, text):
    status, _, body = wire.send(document)
    assert (status, json.loads(body)) == (400, {"__type": code, "message": text})


@pytest.mark.parametrize(
    "options, status, content_type, answer",
    [
        # Method.
        ({"method": "GET"}, 403, None, DENIED),
        ({"method": "PUT"}, 403, None, DENIED),
        ({"method": "DELETE"}, 403, None, DENIED),
        ({"method": "OPTIONS"}, 403, None, DENIED),
        # Empty body.
        ({"body": b""}, 400, JSON, b'{"__type":"SerializationException"}'),
        ({"body": b"", "operation": "Nothing"}, 400, JSON, b'{"__type":"UnknownOperationException"}'),
        ({"body": b"", "content_type": None}, 400, CBOR, b"\xbf\x66__type\x76SerializationException\xff"),
        ({"body": b"", "content_type": "text/plain"}, 400, CBOR, b"\xbf\x66__type\x76SerializationException\xff"),
        # Content type.
        ({"content_type": None}, 404, None, b"<UnknownOperationException/>\n"),
        ({"content_type": "application/x-amz-json-1.0"}, 404, None, b"<UnknownOperationException/>\n"),
        ({"content_type": "text/plain", "X_Amz_Target": None}, 403, None, DENIED),
        # Body that is none.
        ({"body": b"{"}, 400, JSON, b'{"__type":"SerializationException"}'),
        ({"body": b"hello", "Authorization": None}, 400, JSON, b'{"__type":"SerializationException"}'),
        ({"body": b"null", "operation": "Nothing"}, 400, JSON, b'{"__type":"SerializationException"}'),
        (
            {"body": b"{", "content_type": "application/json"},
            400,
            "application/json",
            b'{"Output":{"__type":"com.amazon.coral.service#SerializationException"},"Version":"1.0"}',
        ),
        (
            {"content_type": "application/json"},
            404,
            "application/json",
            b'{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}',
        ),
        # Target.
        ({"operation": "Nothing", "Authorization": None}, 400, JSON, b'{"__type":"UnknownOperationException"}'),
        ({"X_Amz_Target": "DynamoDB_20120810.PutRecords"}, 400, JSON, b'{"__type":"UnknownOperationException"}'),
        ({"X_Amz_Target": None}, 400, JSON, b'{"__type":"UnknownOperationException"}'),
        # Authorization.
        (
            {"Authorization": None},
            400,
            JSON,
            b'{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}',
        ),
    ],
)
def test_the_order_of_checks(wire, options, status, content_type, answer):
    options = dict(options)
    found, headers, body = wire.send(options.pop("body", b"{}"), **options)
    assert (found, headers["Content-Type"]) == (status, content_type)
    if content_type == CBOR:
        import cbor2

        assert cbor2.loads(body) == cbor2.loads(answer)
    else:
        assert body == answer
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", headers["x-amzn-RequestId"])
    assert 64 <= len(base64.b64decode(headers["x-amz-id-2"])) <= 80
    assert headers["Connection"] is None
    sent = email.utils.parsedate_to_datetime(headers["Date"])
    assert abs(sent.timestamp() - time.time()) < 10


PARTS = {"Credential": "c", "SignedHeaders": "s", "Signature": "g"}


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


def test_cross_origin_requests(wire):
    status, headers, body = wire.send(
        b"", method="OPTIONS", Origin="https://example.org", Access_Control_Request_Headers="x-amz-target"
    )
    assert (status, body) == (200, b"")
    assert headers["Access-Control-Allow-Origin"] == "*" and headers["Access-Control-Max-Age"] == "172800"
    assert headers["Access-Control-Allow-Headers"] == "x-amz-target"
    status, headers, _ = wire.send("{}", operation="ListStreams", Origin="null")
    assert status == 200 and headers["Access-Control-Expose-Headers"].startswith("x-amzn-RequestId,")


def put(wire, *entries):
    status, headers, body = wire.send({"StreamName": "orders", "Records": list(entries)})
    assert status == 200 and headers["Content-Type"] == JSON
    return json.loads(body)


def test_keys_and_hash_keys_find_their_shards(wire):
    answer = put(wire, *[{"PartitionKey": key, "Data": ""} for key in "abef"])
    assert [int(result["ShardId"][-12:]) for result in answer["Records"]] == [0, 1, 2, 1]
    edge = (1 << 128) // 3
    hashes = [(0, 0), (edge - 1, 0), (edge, 1), (2 * edge - 1, 1), (2 * edge, 2), ((1 << 128) - 1, 2)]
    answer = put(wire, *[{"PartitionKey": "k", "Data": "", "ExplicitHashKey": str(value)} for value, _ in hashes])
    assert [int(result["ShardId"][-12:]) for result in answer["Records"]] == [shard for _, shard in hashes]


def test_a_success_has_these_members_and_no_others(wire):
    answer = put(wire, {"PartitionKey": "a", "Data": base64.b64encode(bytes(50 << 10)).decode(), "Nonsense": None})
    assert set(answer) == {"FailedRecordCount", "Records"} and answer["FailedRecordCount"] == 0
    assert set(answer["Records"][0]) == {"SequenceNumber", "ShardId"}


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


@pytest.mark.parametrize("operation", ["AddTagsToStream", "RemoveTagsFromStream"])
def test_operations_without_output_answer_with_nothing(wire, operation):
    more = {"Tags": {"a": "b"}} if operation.startswith("Add") else {"TagKeys": ["a"]}
    assert wire.send({"StreamName": "orders"} | more, operation=operation)[::2] == (200, b"")


def test_the_authorization_may_stand_in_the_query_but_not_in_both(wire):
    query = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    for authorization, code in [(AUTHORIZATION, "InvalidSignatureException"), (None, "IncompleteSignatureException")]:
        from wire import headers

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
