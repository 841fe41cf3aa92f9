"""The rules of RFC 9113 one by one, as h2spec goes through them: each is broken (or kept) by frames written here, and the
server's last word has to be the one that the RFC names. The sections are those of RFC 9113 and RFC 7541."""

import dataclasses
import re
import socket
import struct
import urllib.parse

import hpack
import pytest
from harness import ROOT, Target
from wire import headers

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
CODES = (
    "NO_ERROR PROTOCOL_ERROR INTERNAL_ERROR FLOW_CONTROL_ERROR SETTINGS_TIMEOUT STREAM_CLOSED FRAME_SIZE_ERROR REFUSED_STREAM "
    "CANCEL COMPRESSION_ERROR CONNECT_ERROR ENHANCE_YOUR_CALM"
).split()
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
END_STREAM, END_HEADERS, PADDED, PRIORITISED, ACK = 1, 4, 8, 32, 1
BODY = b'{"StreamName":"orders","Records":[{"Data":"AA==","PartitionKey":"a"}]}'


def frame(kind, flags=0, stream=0, payload=b"", length=None):
    count = len(payload) if length is None else length
    return struct.pack(">I", count)[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def block(*fields, leave_out=(), **changes):
    """A request's fields, compressed without a table."""
    named = {":method": "POST", ":scheme": "http", ":path": "/", ":authority": "localhost"}
    named |= {name.lower(): value for name, value in headers().items()} | changes
    lines = [(name, value) for name, value in named.items() if name not in leave_out] + list(fields)
    lines.sort(key=lambda line: not line[0].startswith(":"))
    return raw(*lines)


def raw(*fields):
    """Fields in just this order, as literals that no table remembers."""
    return b"".join(b"\x10" + word(name.encode()) + word(value.encode()) for name, value in fields)


def word(text):
    count = len(text)
    if count < 127:
        return bytes([count]) + text
    prefix, count = b"\x7f", count - 127
    while count >= 128:
        prefix, count = prefix + bytes([count & 127 | 128]), count >> 7
    return prefix + bytes([count]) + text


def head(stream=1, flags=END_HEADERS | END_STREAM, payload=None, **options):
    return frame(HEADERS, flags, stream, block(**options) if payload is None else payload)


def opened(stream=1, **options):
    return head(stream, END_HEADERS, **options)


def data(stream=1, payload=BODY, flags=END_STREAM):
    return frame(DATA, flags, stream, payload)


def setting(name, value):
    return frame(SETTINGS, payload=struct.pack(">HI", name, value))


def update(stream, increment):
    return frame(WINDOW_UPDATE, stream=stream, payload=struct.pack(">I", increment))


@dataclasses.dataclass(frozen=True)
class Rule:
    """Frames, and what has to come of them: `GOAWAY CODE`, `RST_STREAM CODE`, `STATUS` or `PING`, or one of several."""

    section: str
    name: str
    frames: bytes
    word: str
    opens: bool = True


def rules():
    goaway, reset = "GOAWAY PROTOCOL_ERROR", "RST_STREAM PROTOCOL_ERROR"
    size, closed = "GOAWAY FRAME_SIZE_ERROR", "GOAWAY STREAM_CLOSED|RST_STREAM STREAM_CLOSED"
    request = opened() + data()
    four = b"\0\0\0\1"
    yield from (
        Rule("3.4", "the client's preface and settings", request, "200"),
        Rule("3.4", "a preface that is none", b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", goaway, False),
        Rule("3.4", "no settings behind the preface", PREFACE + frame(PING, payload=b"12345678"), goaway, False),
        Rule("4.1", "a frame of an unknown kind", frame(0x16, 0xFF, 0, b"12345678") + request, "200"),
        Rule("4.1", "flags that mean nothing", frame(PING, 0xFE, 0, b"12345678"), "PING"),
        Rule("4.1", "the reserved bit of a stream's number", frame(PING, 0, 1 << 31, b"12345678"), "PING"),
        Rule("4.2", "data of 16 KiB", opened() + data(payload=b" " * (16_384 - len(BODY)) + BODY), "200"),
        Rule("4.2", "data beyond 16 KiB", opened() + data(payload=b"x" * 16_385), f"{size}|RST_STREAM FRAME_SIZE_ERROR"),
        Rule("4.2", "a head beyond 16 KiB in one frame", frame(HEADERS, 5, 1, b"x" * 16_385), size),
        Rule("4.3", "a head that cannot be decompressed", frame(HEADERS, 5, 1, b"\xff\xff\xff\xff\xff"), "GOAWAY COMPRESSION_ERROR"),
        Rule("4.3", "a priority inside a head", head(flags=END_STREAM) + frame(PRIORITY, 0, 1, four + b"\0"), goaway),
        Rule("4.3", "another stream's head inside a head", head(flags=END_STREAM) + head(3), goaway),
        Rule("4.3", "an unknown frame inside a head", head(flags=END_STREAM) + frame(0x16), goaway),
        Rule("5.1", "data of an idle stream", data(), goaway),
        Rule("5.1", "a reset of an idle stream", frame(RST_STREAM, 0, 1, four), goaway),
        Rule("5.1", "a window of an idle stream", update(1, 1), goaway),
        Rule("5.1", "a continuation of an idle stream", frame(CONTINUATION, END_HEADERS, 1, block()), goaway),
        Rule("5.1", "data behind the end of a request", request + data(), closed),
        Rule("5.1", "a head behind the end of a request", request + head(), closed),
        Rule("5.1", "a continuation behind the end of a request", request + frame(CONTINUATION, 4, 1, block()), f"{goaway}|{closed}"),
        Rule("5.1", "a head of a stream that was reset is passed over", opened() + frame(RST_STREAM, 0, 1, b"\0\0\0\x08") + head() + frame(PING, payload=b"12345678"), "PING"),
        Rule("5.1.1", "a stream of an even number", head(2), goaway),
        Rule("5.1.1", "a stream below the last one is closed, and passed over", head(5) + head(3) + frame(PING, payload=b"12345678"), "PING"),
        Rule("5.1.2", "more streams than there may be", b"".join(opened(2 * n + 1) for n in range(1001)), "RST_STREAM REFUSED_STREAM|GOAWAY PROTOCOL_ERROR"),
        Rule("5.3", "a priority, which means nothing any more", frame(PRIORITY, 0, 1, four + b"\0") + request, "200"),
        Rule("5.5", "an extension's frame", frame(0x21, 0, 1, b"x") + request, "200"),
        Rule("6.1", "data of stream 0", data(0), goaway),
        Rule("6.1", "padded data", opened() + frame(DATA, PADDED | END_STREAM, 1, b"\4" + BODY + b"\0\0\0\0"), "200"),
        Rule("6.1", "padding longer than the frame", opened() + frame(DATA, PADDED | END_STREAM, 1, b"\xff12"), goaway),
        Rule("6.2", "a padded head", frame(HEADERS, 13, 1, b"\4" + block() + b"\0\0\0\0"), "400"),
        Rule("6.2", "a head with a priority", frame(HEADERS, 5 | PRIORITISED, 1, four + b"\0" + block()), "400|GOAWAY PROTOCOL_ERROR"),
        Rule("6.2", "a head of stream 0", head(0), goaway),
        Rule("6.2", "padding longer than the head", frame(HEADERS, 13, 1, b"\xff" + block()[:10]), goaway),
        Rule("6.3", "a priority of stream 0", frame(PRIORITY, 0, 0, four + b"\0"), goaway),
        Rule("6.3", "a priority of four bytes", opened() + frame(PRIORITY, 0, 1, four), f"{size}|RST_STREAM FRAME_SIZE_ERROR"),
        Rule("6.4", "a reset of stream 0", frame(RST_STREAM, 0, 0, four), goaway),
        Rule("6.4", "a reset of three bytes", opened() + frame(RST_STREAM, 0, 1, b"\0\0\0"), size),
        Rule("6.5", "an acknowledgement with content", frame(SETTINGS, ACK, 0, b"\0\3\0\0\0\1"), size),
        Rule("6.5", "settings of a stream", frame(SETTINGS, 0, 1, b"\0\3\0\0\0\1"), goaway),
        Rule("6.5", "settings of five bytes", frame(SETTINGS, 0, 0, b"\0\3\0\0\0"), size),
        Rule("6.5.2", "push that is neither on nor off", setting(2, 2), goaway),
        Rule("6.5.2", "a window beyond 2^31 - 1", setting(4, 1 << 31), "GOAWAY FLOW_CONTROL_ERROR"),
        Rule("6.5.2", "a frame size below 16 KiB", setting(5, 16_383), goaway),
        Rule("6.5.2", "a frame size beyond 2^24 - 1", setting(5, 1 << 24), goaway),
        Rule("6.5.2", "a setting that nobody knows", setting(0xFF, 1) + request, "200"),
        Rule("6.5.3", "settings are acknowledged", setting(3, 100), "SETTINGS"),
        Rule("6.6", "a promise from a client", frame(PUSH_PROMISE, END_HEADERS, 1, b"\0\0\0\2" + block()), goaway),
        Rule("6.7", "a ping is answered", frame(PING, payload=b"12345678"), "PING"),
        Rule("6.7", "an answered ping is not", frame(PING, ACK, 0, b"87654321") + frame(PING, payload=b"12345678"), "PING"),
        Rule("6.7", "a ping of a stream", frame(PING, 0, 1, b"12345678"), goaway),
        Rule("6.7", "a ping of six bytes", frame(PING, payload=b"123456"), size),
        Rule("6.8", "a goodbye of a stream", frame(GOAWAY, 0, 1, b"\0" * 8), goaway),
        Rule("6.9", "a window of stream 0 opened by nothing", update(0, 0), goaway),
        Rule("6.9", "a stream's window opened by nothing", opened() + update(1, 0), f"{reset}|{goaway}"),
        Rule("6.9", "a window of three bytes", frame(WINDOW_UPDATE, payload=b"\0\0\1"), size),
        Rule("6.9.1", "the connection's window beyond 2^31 - 1", update(0, (1 << 31) - 1) * 2, "GOAWAY FLOW_CONTROL_ERROR"),
        Rule("6.9.1", "a stream's window beyond 2^31 - 1", opened() + update(1, (1 << 31) - 1) * 2, "RST_STREAM FLOW_CONTROL_ERROR"),
        Rule("6.9.1", "no data while the window is closed", setting(4, 0) + request + frame(PING, payload=b"12345678"), "PING without DATA"),
        Rule("6.9.1", "one byte while the window is one", setting(4, 1) + request + frame(PING, payload=b"12345678"), "DATA 1"),
        Rule("6.9.2", "a window that is opened by settings", setting(4, 0) + request + setting(4, 1), "DATA 1"),
        Rule("6.10", "a continued head", head(flags=0, payload=block()[:20]) + frame(CONTINUATION, 4, 1, block()[20:]) + data(), "200"),
        Rule("6.10", "several continuations", head(flags=0, payload=block()[:9]) + frame(CONTINUATION, 0, 1, block()[9:20]) + frame(CONTINUATION, 4, 1, block()[20:]) + data(), "200"),
        Rule("6.10", "something else than a continuation", head(flags=0) + data(), goaway),
        Rule("6.10", "a continuation of stream 0", head(flags=0) + frame(CONTINUATION, 4, 0, b""), goaway),
        Rule("6.10", "a continuation behind a whole head", opened() + frame(CONTINUATION, 4, 1, block()), goaway),
        Rule("8.1", "trailers", opened() + data(flags=0) + head(payload=raw(("a", "b"))), "200"),
        Rule("8.1", "a second head that does not end the request", opened() + opened(payload=raw(("a", "b"))), reset),
        Rule("8.1.1", "a body longer than its length", opened(**{"content-length": "1"}) + data(), reset),
        Rule("8.1.1", "a body shorter than its length", opened(**{"content-length": "1000"}) + data(), reset),
        Rule("8.1.1", "two lengths", head(payload=block(("content-length", "1"), ("content-length", "2"))), reset),
        Rule("8.2", "a name in capital letters", head(payload=block(("X-Test", "a"))), reset),
        Rule("8.2.1", "a line end in a value", head(payload=block(("x", "a\nb"))), reset),
        Rule("8.2.1", "an empty name", head(payload=block(("", "a"))), reset),
        Rule("8.2.2", "connection", head(payload=block(("connection", "keep-alive"))), reset),
        Rule("8.2.2", "transfer-encoding", head(payload=block(("transfer-encoding", "chunked"))), reset),
        Rule("8.2.2", "te that is not trailers", head(payload=block(("te", "gzip"))), reset),
        Rule("8.2.2", "te: trailers", opened(payload=block(("te", "trailers"))) + data(), "200"),
        Rule("8.3", "an unknown pseudo field", head(payload=block((":test", "a"))), reset),
        Rule("8.3", "a pseudo field of answers", head(payload=block((":status", "200"))), reset),
        Rule("8.3", "a pseudo field in trailers", opened() + data(flags=0) + head(payload=raw((":method", "POST"))), reset),
        Rule("8.3", "a pseudo field behind a field", head(payload=raw(("a", "b")) + block()), reset),
        Rule("8.3.1", "no method", head(leave_out=(":method",)), reset),
        Rule("8.3.1", "no scheme", head(leave_out=(":scheme",)), reset),
        Rule("8.3.1", "no path", head(leave_out=(":path",)), reset),
        Rule("8.3.1", "an empty path", head(**{":path": ""}), reset),
        Rule("8.3.1", "no host of any kind", head(leave_out=(":authority",)), reset),
        Rule("8.3.1", "two methods", head(payload=block((":method", "GET"))), reset),
        Rule("8.3.1", "two paths", head(payload=block((":path", "/b"))), reset),
        Rule("8.3.1", "two different hosts", head(payload=block(("host", "elsewhere"))), reset),
        Rule("8.3.1", "the same host twice", opened(payload=block(("host", "localhost"))) + data(), "200"),
        Rule("8.4", "a promise inside a request", opened() + frame(PUSH_PROMISE, 4, 1, b"\0\0\0\2"), goaway),
        Rule("8.5", "a tunnel", head(payload=raw((":method", "CONNECT"), (":authority", "localhost:1"))), "405"),
        Rule("8.5", "a tunnel with a path", head(payload=raw((":method", "CONNECT"), (":authority", "a:1"), (":path", "/"))), reset),
        Rule("7541 2.3.3", "an index beyond the tables", head(payload=b"\xff\x80\x01"), "GOAWAY COMPRESSION_ERROR"),
        Rule("7541 4.2", "a table's size behind a field", head(payload=block() + b"\x20"), "GOAWAY COMPRESSION_ERROR"),
        Rule("7541 5.2", "Huffman's code padded by more than seven bits", head(payload=block() + b"\x00\x85\xf2\xb2\x4a\x84\xff\x84\x49\x50\x9f\xff"), "GOAWAY COMPRESSION_ERROR"),
        Rule("7541 5.2", "Huffman's code padded by zeros", head(payload=block() + b"\x00\x85\xf2\xb2\x4a\x84\xff\x83\x49\x50\x90"), "GOAWAY COMPRESSION_ERROR"),
        Rule("7541 5.2", "Huffman's code with its end of string", head(payload=block() + b"\x00\x85\xf2\xb2\x4a\x84\xff\x87\x49\x51\xff\xff\xff\xfa\x7f"), "GOAWAY COMPRESSION_ERROR"),
        Rule("7541 6.1", "index 0", head(payload=b"\x80"), "GOAWAY COMPRESSION_ERROR"),
        Rule("7541 6.3", "a table larger than the settings allow", head(payload=b"\x3f\xe1\xff\x03" + block()), "GOAWAY COMPRESSION_ERROR"),
    )  # fmt: skip


RULES = list(rules())


@pytest.fixture(scope="module")
def endpoint(tool):
    """One target for all rules: each has to leave it serving the next."""
    one = Target(tool)
    yield one.endpoint
    assert one.stop() == 0 and one.errors == ""


def words(connection):
    """The server's frames one by one, in words; the last one is the connection's end."""
    buffer, decoder = b"", hpack.Decoder()
    while True:
        while len(buffer) >= 9 and len(buffer) >= 9 + (length := int.from_bytes(buffer[:3], "big")):
            kind, flags, payload = buffer[3], buffer[4], buffer[9 : 9 + length]
            buffer = buffer[9 + length :]
            if kind == HEADERS:
                yield dict(decoder.decode(payload))[":status"]
            elif kind == DATA:
                yield f"DATA {len(payload)}"
            elif kind in (SETTINGS, PING) and flags & ACK:
                yield {SETTINGS: "SETTINGS", PING: f"PING {payload.decode()}"}[kind]
            elif kind == RST_STREAM:
                yield f"RST_STREAM {CODES[int.from_bytes(payload, 'big')]}"
            elif kind == GOAWAY:
                yield f"GOAWAY {CODES[int.from_bytes(payload[4:8], 'big')]}"
        part = connection.recv(65_536)
        if not part:
            yield "end"
            return
        buffer += part


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.section} {rule.name}".replace(" ", "-"))
def test_rule(endpoint, rule):
    address = urllib.parse.urlsplit(endpoint)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        opening = PREFACE + frame(SETTINGS) if rule.opens else b""
        connection.sendall(opening + rule.frames)
        wanted = rule.word.removesuffix(" without DATA").replace("PING", "PING 12345678").split("|")
        acknowledged = 0
        seen = []
        for one in words(connection):
            seen.append(one)
            acknowledged += one == "SETTINGS"
            # The opening's settings are acknowledged too.
            if one in wanted and (one != "SETTINGS" or acknowledged == 2):
                break
            assert one != "end", seen
        if rule.word.endswith(" without DATA"):
            assert not any(one.startswith("DATA") for one in seen), seen
        if seen[-1].startswith("GOAWAY"):
            assert list(words(connection))[-1] == "end"


def test_the_rules_are_as_many_as_it_says():
    """What the guide counts."""
    sections = {rule.section for rule in RULES}
    print(f"\n{len(RULES)} rules of {len(sections)} sections of RFC 9113 and RFC 7541")
    guide = (ROOT / "Sources/LocalKinesis/README.md").read_text()
    assert f"{len(RULES)} rules of RFC 9113 and RFC 7541" in " ".join(guide.split())
    assert len({(rule.section, rule.name) for rule in RULES}) == len(RULES)
    assert all(re.fullmatch(r"(7541 )?\d(\.\d+)*", section) for section in sections)
