"""Hostile requests to a target, made from botocore's model of the service.

Every member of every operation is left out, made null, of each wrong type, and put at and beyond each bound, in JSON and in
CBOR; then valid requests, tokens and iterators are spoilt at random. The same seed makes the same requests, but for the
tokens in them, which the target draws. Each has to be answered with a well-formed body and no failure of the service's own;
the target has to live, and to take records afterwards.

    SHARDMETER=PROGRAM python fuzzing.py REQUESTS [SEED]
"""

import base64
import json
import random
import socket
import struct
import sys
import urllib.parse

import botocore.loaders
import cbor2
from harness import Target, Tool
from wire import AUTHORIZATION, CBOR, JSON

# What the target serves; the model's other operations have to be told apart, and are asked for now and then.
SERVED = (
    "PutRecords PutRecord CreateStream DeleteStream DescribeStream DescribeStreamSummary ListStreams ListShards SplitShard "
    "MergeShards UpdateShardCount GetShardIterator GetRecords IncreaseStreamRetentionPeriod DecreaseStreamRetentionPeriod "
    "AddTagsToStream RemoveTagsFromStream ListTagsForStream DescribeLimits"
).split()
# Requests name this stream; records for another one show that the target still serves.
STREAM, KEPT = "orders", "kept"
# Requests on their way at a time, on each of so many connections.
PIPELINED, CONNECTIONS = 32, 4


class Raw:
    """Bytes that stand in a body as they are: one form for JSON, one for CBOR."""

    def __init__(self, in_json, in_cbor):
        self.in_json, self.in_cbor = in_json, in_cbor


class Live:
    """A token that the target gave out lately, spoilt or not."""

    def __init__(self, kind, spoil=None):
        self.kind, self.spoil = kind, spoil


def nested(depth):
    return Raw(b"[" * depth + b"]" * depth, b"\x81" * depth + b"\x80")


NUMBERS = [
    value
    for bound in (0, 1, 31, 53, 63, 64)
    for value in ((0, -1, 1) if bound == 0 else (2**bound - 1, 2**bound, 2**bound + 1, -(2**bound), -(2**bound) - 1))
] + [0.5, -0.5, 1e300, -1e300, 1e-300, 100, 101, 1000, 1001, 8761, 10_000, 10_001, 100_000, 100_001]
NUMBERS += [
    Raw(b"1e999", b"\xfb\x7f\xf0\0\0\0\0\0\0"),
    Raw(b"-1e999", b"\xfb\xff\xf0\0\0\0\0\0\0"),
    Raw(b"NaN", b"\xfb\x7f\xf8\0\0\0\0\0\0"),
    Raw(b"-0", b"\xf9\x80\x00"),
    Raw(b"9" * 400, b"\xc2\x58\x80" + b"\xff" * 128),
    Raw(b"-", b"\x3b" + b"\xff" * 8),
    Raw(b"0x10", b"\xc1\xfb\xfe\x37\xe4\x3c\x88\x00\x75\x9c"),
    Raw(b"1.", b"\xc1\x3b\x7f" + b"\xff" * 7),
]
TEXTS = [
    "", " ", "a", "-", "0", "-1", "/", ":", "\n", "\0", "\x1b[2J", "\x7f", "\u2028", "\u202e", "\ufeff", "\ufffe", "é", "😀",
    "\ud800", "\udc00\ud800", "a" * 128, "a" * 129, "é" * 256, "😀" * 129, "a" * 257, "a" * 513, "a" * 2049, "a" * 70_000,
    "shardId-", "shardId-99999999999999999999", "shardId--1", "shardId-2147483648", "9" * 39, "9" * 40, "9" * 129,
    str(2**128 - 1), str(2**128), "49" + "5" * 54, "2" * 57, "====", "AA=A", "A" * 5, "AAAAAAAAAAE=" * 8, "null", "true",
    "arn:aws:kinesis:us-east-1:000000000000:stream/orders", "arn:aws:kinesis:::stream/", "arn:aws" + ":" * 50,
    "AT_TIMESTAMP", "AFTER_SHARD_ID", "UNIFORM_SCALING", "ON_DEMAND",
]
OTHERS = [
    None, True, False, [], {}, [None], {"": None}, [[]], [{}], {"a": {"b": []}}, ["a"] * 51, ["a"] * 501, [{}] * 501,
    [None] * 3, {str(number): "x" for number in range(51)}, b"", b"\0\xff", b"x" * 1_048_577, nested(8), nested(63), nested(65),
    nested(5000), Raw(b"", b""), Raw(b'"\\ud800', b"\x7f\x61a"), Raw(b'"\xff"', b"\x62\xc3\x28"), Raw(b"[1,]", b"\x9f\x01"),
    Raw(b'{"a":1,"a":2}', b"\xbf\x61a\x01\x61a\x02\xff"), Raw(b"{1:2}", b"\xa1\x01\x02"), Raw(b"nul", b"\x9b" + b"\xff" * 8),
    Raw(b'"\\x"', b"\x5f\x41a\x60\xff"), Raw(b"tru", b"\xc1\x61a"), Raw(b"\0", b"\xf8\xff"),
]
HOSTILE = NUMBERS + TEXTS + OTHERS


# Encoding.


def in_json(value):
    if isinstance(value, Raw):
        return value.in_json
    if isinstance(value, bytes):
        return b'"' + base64.b64encode(value) + b'"'
    if isinstance(value, dict):
        return b"{" + b",".join(json.dumps(name).encode() + b":" + in_json(part) for name, part in value.items()) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(in_json, value)) + b"]"
    return json.dumps(value).encode()


def head(major, count):
    if count < 24:
        return bytes([major << 5 | count])
    for information, form in ((24, ">B"), (25, ">H"), (26, ">I"), (27, ">Q")):
        if count < 1 << 8 * struct.calcsize(form):
            return bytes([major << 5 | information]) + struct.pack(form, count)
    return head(6, 2) + head(2, 16) + (count % (1 << 128)).to_bytes(16, "big")


def in_cbor(value):
    if isinstance(value, Raw):
        return value.in_cbor
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        data = value.encode("utf-8", "surrogatepass")
        return head(3, len(data)) + data
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(in_cbor, value))
    return head(5, len(value)) + b"".join(in_cbor(name) + in_cbor(part) for name, part in value.items())


# Values by the model.


class Model:
    """Valid inputs of every operation, and the places in them."""

    VALUES = {
        "StreamName": STREAM, "ShardId": "shardId-000000000000", "ShardToSplit": "shardId-000000000000",
        "ShardToMerge": "shardId-000000000000", "AdjacentShardToMerge": "shardId-000000000001",
        "ExclusiveStartShardId": "shardId-000000000000", "NewStartingHashKey": str(2**126), "ExplicitHashKey": "7",
        "StartingSequenceNumber": Live("SequenceNumber"), "SequenceNumberForOrdering": Live("SequenceNumber"),
        "ShardIterator": Live("ShardIterator"), "NextToken": Live("NextToken"), "PartitionKey": "key", "Data": b"data",
        "StreamARN": f"arn:aws:kinesis:us-east-1:000000000000:stream/{STREAM}", "RetentionPeriodHours": 24,
        "ShardCount": 2, "TargetShardCount": 2, "Limit": 2, "MaxResults": 1, "MaxRecordSizeInKiB": 1024,
    }  # fmt: skip

    def __init__(self):
        self.model = botocore.loaders.Loader().load_service_model("kinesis", "service-2")
        self.operations = list(self.model["operations"])

    def input(self, operation):
        shape = self.model["operations"][operation].get("input")
        return self.model["shapes"][shape["shape"]] if shape else {"type": "structure", "members": {}}

    def value(self, name, shape, depth=0):
        if name in self.VALUES and shape["type"] not in ("structure", "list"):
            return self.VALUES[name]
        kind = shape["type"]
        if kind == "structure":
            return {} if depth > 4 else self.structure(shape, list(shape["members"]), depth)
        if kind == "list":
            return [self.value("", self.model["shapes"][shape["member"]["shape"]], depth + 1)] if depth <= 4 else []
        if kind == "map":
            return {"tag": "value"}
        if kind == "string":
            return shape.get("enum", ["text"])[0]
        return {"blob": b"data", "boolean": True, "timestamp": 1.7e9}.get(kind, max(1, shape.get("min", 1)))

    def structure(self, shape, names, depth=0):
        return {
            name: self.value(name, self.model["shapes"][shape["members"][name]["shape"]], depth + 1) for name in names
        }

    def plain(self, operation):
        """An input with what is required and the stream's name."""
        shape = self.input(operation)
        wanted = set(shape.get("required", [])) | ({"StreamName"} & set(shape["members"]))
        if operation == "CreateStream":
            wanted.add("ShardCount")
        return self.structure(shape, [name for name in shape["members"] if name in wanted])

    def full(self, operation, name):
        """An input with one member more."""
        shape = self.input(operation)
        return self.plain(operation) | self.structure(shape, [name])


def places(value, path=()):
    """Every place in a value, members of members included."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, part in value.items():
            yield from places(part, (*path, name))
    elif isinstance(value, list):
        for number, part in enumerate(value[:2]):
            yield from places(part, (*path, number))


MISSING = object()


def changed(value, path, other):
    """A value with another one at a place, or with none."""
    if not path:
        return other
    copy = value.copy()
    if len(path) == 1 and other is MISSING:
        del copy[path[0]]
    else:
        copy[path[0]] = changed(value[path[0]], path[1:], other)
    return copy


class Fuzzer:
    """Requests in an order that the seed decides, and the tokens of the answers so far."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.model = Model()
        self.live = {}
        self.bounds = [
            (operation, content, value, path, other)
            for operation in SERVED
            for value, path in self.members(operation)
            for other in [MISSING, *HOSTILE]
            for content in (JSON, CBOR)
        ]
        self.random.shuffle(self.bounds)

    def members(self, operation):
        """Each place of the operation's input once, in an input that is valid otherwise."""
        seen = set()
        for name in self.model.input(operation)["members"]:
            value = self.model.full(operation, name)
            for path in places(value):
                if path not in seen:
                    seen.add(path)
                    yield value, path

    def token(self, live):
        """A token of late, or what can be made of one."""
        text = self.live.get(live.kind, "AAAAAAAAAAE" * 8)
        if live.spoil is None:
            return text
        data = bytearray(text.encode())
        for _ in range(live.spoil.randrange(1, 4)):
            at = live.spoil.randrange(len(data)) if data else 0
            match live.spoil.randrange(4):
                case 0 if data:
                    data[at] = live.spoil.choice(b"AZaz09+/=\x01\x7f")
                case 1:
                    del data[at : at + live.spoil.randrange(1, 40)]
                case 2:
                    data[at:at] = data[: live.spoil.randrange(1, 40)]
                case _:
                    data = data[::-1] if live.spoil.randrange(4) == 0 else data
        return data.decode("latin-1")

    def settled(self, value):
        """A value with its tokens put in."""
        if isinstance(value, Live):
            return self.token(value)
        if isinstance(value, dict):
            return {name: self.settled(part) for name, part in value.items()}
        if isinstance(value, list) and len(value) < 10:
            return [self.settled(part) for part in value]
        return value

    def spoilt(self, body):
        """Bytes with a few changes."""
        data = bytearray(body)
        for _ in range(self.random.randrange(1, 5)):
            at = self.random.randrange(len(data) + 1)
            match self.random.randrange(5):
                case 0:
                    del data[at : at + self.random.randrange(1, 20)]
                case 1:
                    data[at:at] = self.random.choice((b"\xff", b"\0", b"{", b"[", b'"', b"\\u", b"\x9f", b"\xbf", b"\x5b\xff"))
                case 2 if at < len(data):
                    data[at] ^= 1 << self.random.randrange(8)
                case 3:
                    data[at:at] = data[at : at + self.random.randrange(1, 60)]
                case _:
                    del data[at:]
        return bytes(data)

    def next(self, number):
        """The operation, content type, body and further changes of a request."""
        if number % 2 == 0 and self.bounds:
            operation, content, value, path, other = self.bounds[number // 2 % len(self.bounds)]
            value = self.settled(changed(value, path, other))
            return operation, content, (in_json if content == JSON else in_cbor)(value), {}
        operation = self.random.choice(SERVED if self.random.randrange(50) else self.model.operations)
        content = self.random.choice((JSON, CBOR))
        value = self.model.plain(operation)
        for name in self.model.input(operation)["members"]:
            if self.random.randrange(6) == 0:
                value = value | self.model.structure(self.model.input(operation), [name])
        for path in [path for path in places(value) if self.random.randrange(8) == 0]:
            try:
                value = changed(value, path, self.random.choice(HOSTILE))
            except (KeyError, IndexError, TypeError, AttributeError):
                continue  # A change before took the place away.
        if self.random.randrange(4) == 0:
            for name in ("ShardIterator", "NextToken", "StartingSequenceNumber"):
                if name in self.model.input(operation)["members"]:
                    value[name] = Live(Model.VALUES[name].kind, self.random)
        body = (in_json if content == JSON else in_cbor)(self.settled(value))
        if self.random.randrange(4) == 0:
            body = self.spoilt(body)
        changes = {}
        if self.random.randrange(40) == 0:
            name = self.random.choice(("X-Amz-Target", "Content-Type", "Authorization", "X-Amz-Date"))
            changes[name] = self.random.choice(("", "x", "a.b.c", "=" * 300, "Kinesis_20131202.", "AWS4-HMAC-SHA256 ,=,", "\xff"))
        return operation, content, body, changes

    def learn(self, body):
        """Keeps the tokens of an answer."""
        if not isinstance(body, dict):
            return
        for name, part in body.items():
            if name in ("ShardIterator", "NextShardIterator", "NextToken", "SequenceNumber") and isinstance(part, str):
                self.live[name.removeprefix("Next") if name == "NextShardIterator" else name] = part
            elif name == "Records" and isinstance(part, list) and part:
                self.learn(part[0])


# The wire.


class Answers:
    """One kept-alive connection with pipelined requests."""

    def __init__(self, endpoint):
        address = urllib.parse.urlsplit(endpoint)
        self.host = f"{address.hostname}:{address.port}"
        self.socket = socket.create_connection((address.hostname, address.port), timeout=60)
        self.file = self.socket.makefile("rb")

    def send(self, requests):
        self.socket.sendall(b"".join(self.message(*request) for request in requests))

    def message(self, operation, content, body, changes):
        fields = {
            "Host": self.host, "Content-Type": content, "X-Amz-Target": f"Kinesis_20131202.{operation}",
            "X-Amz-Date": "20260101T000000Z", "Authorization": AUTHORIZATION, "Content-Length": str(len(body)),
        } | changes  # fmt: skip
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return b"POST / HTTP/1.1\r\n" + lines.encode("latin-1") + b"\r\n" + body

    def receive(self):
        """Status, content type and body of the next answer."""
        line = self.file.readline()
        assert line.startswith(b"HTTP/1.1 "), f"the target said {line!r}"
        fields = {}
        while (field := self.file.readline().strip()):
            name, value = field.split(b":", 1)
            fields[name.lower()] = value.strip().decode()
        body = self.file.read(int(fields[b"content-length"]))
        assert len(body) == int(fields[b"content-length"]), "an answer that ends early"
        return int(line.split()[1]), fields.get(b"content-type", ""), body

    def close(self):
        self.file.close()
        self.socket.close()


def content_of(status, kind, body):
    """The body of a well-formed answer."""
    assert status in (200, 400, 403, 404), f"status {status}"
    if kind == JSON or kind == "application/json":
        value = json.loads(body) if body else None
    elif kind == CBOR:
        # Times are milliseconds under the tag that stands for seconds.
        value = cbor2.loads(body, semantic_decoders={1: lambda value, _: value}) if body else None
    else:
        assert status in (403, 404) and body.startswith(b"<") and body.endswith(b">\n"), f"{kind}: {body!r}"
        return None
    assert status == 200 or isinstance(value, dict) and ("__type" in value or "Output" in value), body[:500]
    return value


def fuzz(endpoint, count, seed=1):
    """Sends so many requests and looks at every answer.

    Returns how many answers there were by status. Raises AssertionError with the request that shows a fault.
    """
    fuzzer = Fuzzer(seed)
    connections = [Answers(endpoint) for _ in range(CONNECTIONS)]
    statuses = {}
    sent = 0
    record = in_json({"StreamName": KEPT, "Records": [{"PartitionKey": "key", "Data": b"data"}]})
    while sent < count:
        batches = []
        for connection in connections:
            size = min(PIPELINED, count - sent)
            # Some answers are large: what is not read while more is sent would hold both sides up.
            batch = [fuzzer.next(sent + number) for number in range(size)]
            sent += size
            connection.send(batch[:1])
            batches.append((connection, batch))
        for connection, batch in batches:
            connection.send(batch[1:] + [("PutRecords", JSON, record, {})])
            for number, request in enumerate(batch):
                answer = None
                try:
                    answer = connection.receive()
                    value = content_of(*answer)
                except (AssertionError, OSError, ValueError) as problem:
                    operation, content, body, changes = request
                    raise AssertionError(
                        f"{problem}\nseed {seed}, request {number} of a batch that ends before {sent}: {operation} "
                        f"{content} {changes} {base64.b64encode(body).decode()[:4000]}\nanswer {answer}"
                    ) from problem
                fuzzer.learn(value)
                statuses[answer[0]] = statuses.get(answer[0], 0) + 1
            status, _, body = connection.receive()
            assert status == 200 and json.loads(body)["Records"], f"no record is taken any more: {status} {body!r}"
        ask(connections[0], "CreateStream", {"StreamName": STREAM, "ShardCount": 2})
    for connection in connections:
        connection.close()
    return statuses


def ask(connection, operation, value):
    """One plain request; a stream that the others deleted is made again by it."""
    connection.send([(operation, JSON, in_json(value), {})])
    return connection.receive()


OPTIONS = [
    "--stream", KEPT, "--limits", "none", "--retain", "1MiB", "--transition", "1ms", "--shard-limit", "64",
]  # fmt: skip

if __name__ == "__main__":
    requests, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    target = Target(Tool(), *OPTIONS)
    try:
        statuses = fuzz(target.endpoint, requests, seed)
    finally:
        code = target.stop()
        print(target.errors, file=sys.stderr, end="")
    assert code == 0 and target.errors == "", f"the target ended with {code}"
    print(f"{requests} hostile requests, seed {seed}, answered with {statuses}; the target lives and takes records")
