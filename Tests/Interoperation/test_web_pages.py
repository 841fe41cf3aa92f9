"""What web pages may do: over bare sockets, with the two headers that a page cannot forge."""

import json

import pytest
from wire import CBOR, JSON, Wire, open_socket

RECORDS = {"StreamName": "orders", "Records": [{"Data": "AA==", "PartitionKey": "a"}]}


def asked(endpoint, host, origin=None, method="POST", path="/", body=b"", **fields):
    """One request with this `Host`; the status and the whole answer."""
    with open_socket(endpoint) as connection:
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
        lines += f"Origin: {origin}\r\n" if origin else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    return int(answer.split()[1]), answer.decode("latin-1")


def ask_for_streams(endpoint, host, origin=None, content_type=JSON):
    return asked(
        endpoint, host, origin, body=b"{}", Content_Type=content_type, X_Amz_Target="Kinesis_20131202.ListStreams",
    )  # fmt: skip


@pytest.mark.parametrize(
    "host, status",
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:4567", 200),
        ("localhost:80", 200),
        ("[::1]:4567", 200),
        ("kinesis.local", 200),
        ("Kinesis.Local:4567", 200),
        ("attacker.example", 403),
        ("localhost.attacker.example:4567", 403),
        ("10.0.0.1", 403),
        ("127.0.0.1@attacker.example", 403),
        ("", 403),
    ],
)
def test_names_of_the_host(target, host, status):
    one = target("--allow-unsigned", "--allow-host", "kinesis.local")
    found, answer = ask_for_streams(one.endpoint, host)
    assert found == status, answer
    if status == 403:
        failure = json.loads(answer.split("\r\n\r\n", 1)[1])
        assert failure["__type"] == "AccessDeniedException" and "--allow-host" in failure["message"]


def test_a_name_that_is_listened_at_elsewhere(target):
    """In a container the endpoint goes by its service's name, which it cannot know."""
    for options, host, status in (
        ([], "kinesis:4567", 200),
        (["--allow-host", "stream"], "kinesis:4567", 403),
        (["--allow-host", "stream"], "stream:4567", 200),
        (["--allow-host", "stream"], "127.0.0.1:4567", 200),
    ):
        one = target("--allow-unsigned", "--host", "0.0.0.0", *options)
        assert ask_for_streams(one.endpoint.replace("0.0.0.0", "127.0.0.1"), host)[0] == status


def test_pages_of_other_origins_are_refused_unless_allowed(target):
    one = target("--allow-unsigned", "--allow-origin", "http://localhost:3000")
    for origin in ("https://attacker.example", "null", "http://localhost:3001", "https://localhost:3000", "http://localhost"):
        for content_type in (JSON, CBOR):
            status, answer = ask_for_streams(one.endpoint, "127.0.0.1", origin, content_type)
            assert status == 403 and "AccessDeniedException" in answer and "--allow-origin" in answer
            assert "access-control" not in answer.lower()
        status, answer = asked(one.endpoint, "127.0.0.1", origin, "OPTIONS", Access_Control_Request_Method="POST")
        assert status == 403 and "access-control" not in answer.lower()
    status, answer = ask_for_streams(one.endpoint, "127.0.0.1", "http://localhost:3000")
    assert status == 200 and "Access-Control-Allow-Origin: http://localhost:3000\r\n" in answer
    assert "Vary: Origin\r\n" in answer
    # The name decides first: an origin that is allowed does not help a page that came by another.
    assert ask_for_streams(one.endpoint, "attacker.example", "http://localhost:3000")[0] == 403


def test_a_sink_looks_at_both_too(target):
    one = target("--null", "--records", 1)
    fields = {"Content_Type": JSON, "X_Amz_Target": "Kinesis_20131202.PutRecords", "body": json.dumps(RECORDS).encode()}
    assert asked(one.endpoint, "127.0.0.1", **fields)[0] == 200
    assert asked(one.endpoint, "attacker.example", **fields)[0] == 403
    assert asked(one.endpoint, "127.0.0.1", "https://attacker.example", **fields)[0] == 403
    assert asked(one.endpoint, "127.0.0.1", "https://attacker.example", "OPTIONS")[0] == 403


def test_the_admin_api(target):
    one = target("--admin-port", 0, "--allow-origin", "http://localhost:3000", "--allow-host", "devbox")
    url = one.line("admin API on ").removesuffix("/settings")
    port = url.rsplit(":", 1)[1]

    def admin(host, origin=None, method="PATCH", body=b'{"latency": "5ms"}'):
        return asked(url, host, origin, method, "/settings", body)

    own = f"127.0.0.1:{port}"
    for host in (own, f"localhost:{port}", "devbox"):
        assert admin(host)[0] == 200 and admin(host, method="GET", body=b"")[0] == 200
    assert admin(own, f"http://{own}")[0] == 200
    for method in ("GET", "PATCH", "PUT", "DELETE", "POST", "OPTIONS"):
        status, answer = admin("attacker.example", method=method)
        assert status == 403 and '"error"' in answer
    # What is allowed to use the stream may not change the target.
    for origin in ("https://attacker.example", "null", "http://localhost:3000"):
        for method in ("PATCH", "PUT", "DELETE", "POST"):
            status, answer = admin(own, origin, method)
            assert status == 403 and '"error"' in answer and "access-control" not in answer.lower()
        assert "access-control" not in admin(own, origin, "GET", b"")[1].lower()
    assert '"5ms"' in admin(own, method="GET", body=b"")[1]


def test_tokens_are_of_one_start(target):
    """The seed is public; what it does not decide is who may go on reading."""
    one, other, again, third = (
        Wire(target("--shards", 3, "--retain", "1MiB", "--seed", 7).endpoint) for _ in range(4)
    )

    def call(wire, operation, **members):
        status, _, body = wire.send(members, operation=operation)
        return status, json.loads(body)

    _, page = call(one, "ListShards", StreamName="orders", MaxResults=1)
    _, first = call(one, "GetShardIterator", StreamName="orders", ShardId="0", ShardIteratorType="LATEST")
    for operation, token in (
        ("ListShards", {"NextToken": page["NextToken"]}),
        ("GetRecords", {"ShardIterator": first["ShardIterator"]}),
    ):
        assert call(one, operation, **token)[0] == 200
        status, failure = call(other, operation, **token)
        assert (status, failure["__type"]) == (400, "InvalidArgumentException")
    # What the seed decides is the same in both all the same.
    identifiers = [wire.send("{}", operation="ListStreams")[1]["x-amzn-RequestId"] for wire in (again, third)]
    assert identifiers[0] == identifiers[1]
