"""TLS as odd servers speak it: openssl's own server, with Python behind it for the HTTP inside."""

import json
import re
import socket
import subprocess
import threading
import time

import pytest
from harness import RAN, Result, free_port, scenario
from recorder import recording, server_context
from remote import Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def short(folder, **changes):
    settings = {
        "stream": {"name": "orders", "shards": 1},
        "batch": {"records": 20, "linger": "20ms"},
        "client": {"producers": 1, "connections": 1, "timeout": "20s"},
        "phases": [{"name": "steady", "duration": "1s", "rate": 200}],
    }
    return scenario(folder, "short", **settings | changes)


class OpenSSLServer:
    """`openssl s_server`, which serves one connection after the other; each request is answered and its connection ended.

    Its standard output is what clients send, its standard input what they get.
    """

    def __init__(self, certificate, key, *options, answers=True, cut=None):
        self.port = free_port()
        self.requests = []
        self.cut = cut
        self.process = subprocess.Popen(
            ["openssl", "s_server", "-quiet", "-accept", f"127.0.0.1:{self.port}", "-cert", certificate, "-key", key, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.words = b""
        threading.Thread(target=self._listen, daemon=True).start()
        if answers:
            threading.Thread(target=self._serve, daemon=True).start()
        self._wait()

    def _listen(self):
        for line in self.process.stderr:
            self.words += line

    def _wait(self):
        """Until somebody listens; the probe is itself a connection that ends before its handshake."""
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert time.monotonic() < deadline and self.process.poll() is None, self.words
                time.sleep(0.05)

    def _serve(self):
        pending = b""
        while True:
            piece = self.process.stdout.read1(1 << 16)
            if not piece:
                return
            pending += piece
            while b"\r\n\r\n" in pending:
                head, rest = pending.split(b"\r\n\r\n", 1)
                length = int(re.search(rb"Content-Length: (\d+)", head)[1])
                if len(rest) < length:
                    break
                pending = rest[length:]
                self._answer(head, rest[:length])

    def _answer(self, head, body):
        operation = re.search(rb"X-Amz-Target: \S+\.(\w+)", head)[1].decode()
        self.requests.append(operation)
        if operation == "PutRecords":
            count = len(json.loads(body)["Records"])
            start = 10**20 + 1_000 * len(self.requests)
            document = {
                "FailedRecordCount": 0,
                "Records": [{"SequenceNumber": str(start + i), "ShardId": "shardId-000000000000"} for i in range(count)],
            }
        else:
            last = str((1 << 128) - 1)
            document = {
                "Shards": [
                    {
                        "ShardId": "shardId-000000000000",
                        "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": last},
                        "SequenceNumberRange": {"StartingSequenceNumber": "1"},
                    }
                ]
            }
        text = json.dumps(document).encode()
        # The connection is the client's to end: this server knows no command to do it while it is quiet.
        answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(text) + text
        if self.cut and operation == "PutRecords":
            answer = answer[: self.cut]
        self.process.stdin.write(answer)
        self.process.stdin.flush()
        if self.cut and operation == "PutRecords":
            # Dies without a word of TLS once it has passed this on: the socket just ends.
            threading.Timer(0.5, self.process.kill).start()

    def stop(self):
        self.process.kill()
        self.process.wait(timeout=20)


@pytest.fixture
def server(authority):
    started = []

    def start(*options, names=("localhost", "127.0.0.1"), days=1, pair=None, **more):
        file, key = pair or authority.certificate(*names, stem=f"odd{len(started)}", days=days)
        one = OpenSSLServer(file, key, *options, **more)
        started.append(one)
        return one

    yield start
    for one in started:
        one.stop()


def run(tool, folder, port, *options, host="127.0.0.1", **changes):
    return tool("run", short(folder, **changes), "--target", f"https://{host}:{port}", "--run-dir", folder / "out", *options)


SERVED = {
    "TLS 1.2 only": ("-tls1_2",),
    "TLS 1.3 only": ("-tls1_3",),
    "TLS 1.2 with one old cipher": ("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"),
    "no renegotiation": ("-tls1_2", "-no_renegotiation"),
    "ALPN with other protocols first": ("-alpn", "h2,http/1.1"),
    "no ALPN in common": (),
    "no tickets": ("-no_ticket",),
    "no session cache and no tickets": ("-no_cache", "-no_ticket", "-tls1_2"),
    "small records": ("-max_send_frag", "512"),
    "a client certificate that may be left out": ("-verify", "1"),
}


@pytest.mark.parametrize("name", SERVED)
def test_servers_that_are_understood(tool, server, authority, tmp_path, name):
    one = server(*SERVED[name])
    done = run(tool, tmp_path, one.port, "--ca-file", authority.file)
    assert done.returncode in RAN, done.stdout + done.stderr + one.words.decode()
    summary = Result(tmp_path / "out").summary
    assert summary["records"]["accepted"] == summary["records"]["planned"] == 200
    assert one.requests.count("PutRecords") == summary["requests"]["total"]
    made = summary["connections"]
    # Each request had a connection of its own; the first handshake of this context cannot resume anything.
    assert made["opened"] >= summary["requests"]["total"]
    assert made["handshake_ms"]["count"] + made["resumed_handshake_ms"]["count"] == made["opened"]
    if name == "no session cache and no tickets":
        assert made["resumed"] == 0
    else:
        assert made["resumed"] > 0 and made["handshake_ms"]["count"] < made["opened"]


REFUSED = {
    # (server options, names of the certificate, its days, code and word of the message)
    "another name": ((), ("other.example",), 1, "tls-certificate", "mismatch"),
    "a name where an address is meant": ((), ("localhost",), 1, "tls-certificate", "mismatch"),
    "expired": ((), ("127.0.0.1",), -1, "tls-certificate", "expired"),
    "a client certificate demanded, TLS 1.2": (("-tls1_2", "-Verify", "1"), ("127.0.0.1",), 1, "tls-handshake", "handshake"),
    "TLS 1.1 only": (("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"), ("127.0.0.1",), 1, "tls-handshake", ""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_servers_that_are_refused(tool, server, authority, tmp_path, name):
    options, names, days, code, word = REFUSED[name]
    one = server(*options, names=names, days=days)
    done = run(tool, tmp_path, one.port, "--ca-file", authority.file)
    assert done.returncode == 6, done.stdout + done.stderr
    assert code in done.stderr and word in done.stderr, done.stderr
    assert not one.requests


def test_a_client_certificate_demanded_after_the_handshake(tool, server, authority, tmp_path):
    """In TLS 1.3 the client is done before the server has looked for its certificate: the first answer is an alert."""
    one = server("-tls1_3", "-Verify", "1")
    done = run(tool, tmp_path, one.port, "--ca-file", authority.file)
    assert done.returncode == 6 and "tls-protocol" in done.stderr, done.stderr
    assert not one.requests


def test_a_certificate_nobody_vouches_for(tool, server, authority, tmp_path):
    one = server()
    done = run(tool, tmp_path, one.port)
    assert done.returncode == 6 and "tls-certificate" in done.stderr and "issuer" in done.stderr, done.stderr
    # The system's store is OpenSSL's, which a variable can lead elsewhere.
    other = tool(
        "run", short(tmp_path), "--target", f"https://127.0.0.1:{one.port}", "--run-dir", tmp_path / "out",
        env={"SSL_CERT_FILE": str(authority.file)},
    )  # fmt: skip
    assert other.returncode in RAN, other.stdout + other.stderr


def test_insecure_is_said_everywhere(tool, server, tmp_path):
    """A wrong name, expired, of an unknown issuer: all accepted, and no artefact keeps quiet about it."""
    one = server(names=("other.example",), days=-1)
    done = run(tool, tmp_path, one.port, "--insecure")
    assert done.returncode in RAN, done.stdout + done.stderr
    words = "certificates were not verified (--insecure)"
    assert words in done.stdout and words in done.stderr
    assert words in Result(tmp_path / "out").summary["warnings"]
    for name in ("report.html", "summary.md", "junit.xml"):
        assert "certificates were not verified" in (tmp_path / "out" / name).read_text(), name


def test_a_server_that_ends_without_a_word(tool, server, authority, tmp_path):
    """Without close_notify an answer that is whole counts, and one that was cut is known by its length."""
    one = server(cut=120)
    done = run(tool, tmp_path, one.port, "--ca-file", authority.file, client={"producers": 1, "connections": 1, "timeout": "2s"})
    assert done.returncode in (*RAN, 6), done.stdout + done.stderr
    result = Result(tmp_path / "out")
    records = result.summary["records"]
    ends = ("accepted", "gave_up", "expired", "skipped", "unfinished")
    assert records["planned"] == sum(records[name] for name in ends) and records["accepted"] == 0
    assert {"closed-within-answer", "connect-refused"} <= set(result.csv("errors.csv")["code"])


def test_handshakes_are_in_no_service_time(tool, authority, tmp_path):
    """One connection, many requests: one handshake in its own columns, before any request."""
    with recording(server_context(*authority.certificate("127.0.0.1", stem="kept"))) as recorder:
        done = run(tool, tmp_path, recorder.server_port, "--ca-file", authority.file)
    assert done.returncode in RAN, done.stdout + done.stderr
    result = Result(tmp_path / "out")
    made = result.summary["connections"]
    assert made["opened"] == made["handshake_ms"]["count"] == 1 and made["resumed"] == 0
    assert result.summary["latency_ms"]["service"]["count"] == result.summary["requests"]["total"] > 1
    rows = result.csv("timeseries.csv")
    assert rows["connections_opened"].fillna(0).sum() == 1
    assert rows["handshake_max_ms"].dropna().tolist() == pytest.approx([made["handshake_ms"]["max"]], rel=0.01)
    assert made["connect_ms"]["max"] >= made["handshake_ms"]["max"]
    latency = result.csv("latency.csv")
    assert set(latency[latency["metric"] == "handshake"]["outcome"]) == {"full"}
    assert "TLS handshake" in (tmp_path / "out" / "report.html").read_text()
