"""Clients that leave, come in crowds, speak another protocol, or ask for the impossible: the target serves the others."""

import json
import resource
import socket
import ssl
import struct
import time

import pytest
from wire import Wire, message, open_socket

RECORDS = json.dumps({"StreamName": "orders", "Records": [{"Data": "AA==", "PartitionKey": "a"}]}).encode()
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"


def serves(endpoint):
    """Whether a plain PutRecords is answered."""
    wire = Wire(endpoint)
    try:
        status, _, body = wire.send(RECORDS)
        return status == 200 and json.loads(body)["FailedRecordCount"] == 0
    finally:
        wire.close()


def test_a_time_of_creation_far_away(target):
    one = target()
    wire = Wire(one.endpoint)
    for time_of in ("-1e300", "1e300", "-9223372036854775808", "9223372036854775807"):
        status, _, body = wire.send(f'{{"StreamName":"orders","StreamCreationTimestamp":{time_of}}}', operation="ListShards")
        assert (status, json.loads(body)["__type"]) == (400, "ResourceNotFoundException")
    assert serves(one.endpoint)


@pytest.mark.parametrize(
    "words, how",
    [
        (["--latency", "1h"], "end"),
        (["--latency", "1900ms"], "end"),
        (["--fault", "stall:100%"], "reset"),
        (["--fault", "stall:100%,delay=1h"], "at once"),
    ],
)
def test_clients_that_leave_before_their_answer(target, words, how):
    """More of them than the target has connections, none of which waits for the answer to become due."""
    # Without limits: the crowd itself sends more than a shard takes.
    one = target("--limits", "none", "--admin-port", 0, *words)
    url = one.line("admin API on ")
    request = message(RECORDS)
    left = 0
    while left < 17_000:
        crowd = [open_socket(one.endpoint) for _ in range(500)]
        for connection in crowd:
            connection.sendall(request)
            if how == "at once":
                connection.shutdown(socket.SHUT_WR)
        if how == "at once":
            for connection in crowd:
                # The target ends its side as well: nothing is kept for who has gone.
                assert connection.recv(1) == b""
        for connection in crowd:
            if how == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        left += len(crowd)
    admin = Wire(url.removesuffix("/settings"))
    admin.connection.request("DELETE", "/settings")
    assert admin.connection.getresponse().read()
    admin.connection.request("PUT", "/settings", b'{"latency": null, "faults": []}')
    assert admin.connection.getresponse().status == 200
    assert serves(one.endpoint)
    assert one.peak_memory() < 512 << 20


def limited(tool, count, *options):
    """A target that may have so many descriptors, and its endpoint."""
    process = tool.start(
        "target", "--port", 0, *options,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count)),
    )  # fmt: skip
    return process, process.stdout.readline().split()[-1]


def test_out_of_descriptors_is_said_once(tool):
    process, endpoint = limited(tool, 64)
    try:
        for _ in range(2):
            crowd = [open_socket(endpoint) for _ in range(100)]
            # Those that were let in are served, and the others once there is room.
            crowd[0].sendall(message(RECORDS))
            assert crowd[0].recv(15).startswith(b"HTTP/1.1 200")
            time.sleep(0.1)
            for connection in crowd:
                connection.close()
            assert serves(endpoint)
    finally:
        process.terminate()
        errors = process.communicate(timeout=20)[1]
    assert errors == "warning: out of file descriptors (the limit is 64): further connections wait until others end\n"


def test_the_soft_limit_of_descriptors_is_raised(tool):
    process = tool.start(
        "target", "--port", 0, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 1024))
    )
    try:
        endpoint = process.stdout.readline().split()[-1]
        crowd = [open_socket(endpoint) for _ in range(200)]
        for connection in crowd:
            connection.sendall(message(RECORDS))
        for connection in crowd:
            assert connection.recv(15).startswith(b"HTTP/1.1 200")
            connection.close()
    finally:
        process.terminate()
        errors = process.communicate(timeout=20)[1]
    assert errors == ""


@pytest.mark.parametrize(
    "offered, taken", [(["h2"], "h2"), (["http/1.1", "h2"], "h2"), (["http/1.1"], "http/1.1"), (["spdy/3"], None), ([], None)]
)
def test_the_protocol_agreed_inside_tls(target, tmp_path, offered, taken):
    one = target("--tls-self-signed", env={"TMPDIR": str(tmp_path)})
    context = ssl.create_default_context(cafile=one.line("CA certificate "))
    if offered:
        context.set_alpn_protocols(offered)
    with context.wrap_socket(open_socket(one.endpoint), server_hostname="127.0.0.1") as connection:
        assert connection.selected_alpn_protocol() == taken
        if taken == "h2":
            connection.sendall(PREFACE)
            # Its settings.
            assert connection.recv(9)[3] == 4
        else:
            connection.sendall(message(RECORDS))
            assert connection.recv(15).startswith(b"HTTP/1.1 200")
    assert one.stop() == 0 and one.errors == ""


def test_more_shards_than_there_may_be(tool, tmp_path):
    done = tool("target", "--shards", 100_001)
    assert done.returncode == 2 and "a whole number from 1 to 100000" in done.stderr
    step = 2**128 // 100_001
    starts = [number * step for number in range(100_001)]
    ends = [start - 1 for start in starts[1:]] + [2**128 - 1]
    shards = [
        {"ShardId": f"s{number}", "HashKeyRange": {"StartingHashKey": str(start), "EndingHashKey": str(end)}}
        for number, (start, end) in enumerate(zip(starts, ends))
    ]
    (tmp_path / "map.json").write_text(json.dumps({"Shards": shards}))
    done = tool("target", "--shard-map", tmp_path / "map.json")
    assert done.returncode == 2 and "at most 100000 open shards" in done.stderr and "100001" in done.stderr
