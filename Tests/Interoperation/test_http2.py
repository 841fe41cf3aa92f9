"""Other people's clients over HTTP/2, as they open it by themselves: what they count is what the target counts."""

import contextlib
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import ssl
import subprocess
import threading
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import h2.config
import h2.connection
import h2.events
import httpx
import pytest
from harness import ROOT, clean_environment, client
from test_http2_rules import PING, PREFACE, SETTINGS, data, frame, opened
from wire import headers, open_socket

CLIENTS = pathlib.Path(__file__).parent / "clients"
SERVED = re.compile(
    r"served HTTP/1\.1: (?P<requests1>\d+) requests on (?P<connections1>\d+) connections(?:, at most \d+ on one)?; "
    r"HTTP/2: (?P<requests2>\d+) requests in (?P<sessions>\d+) sessions(?:, at most (?P<most>\d+) streams in one and "
    r"(?P<open>\d+) open at once; (?P<cancelled>\d+) cancelled by clients, (?P<refused>\d+) refused, "
    r"(?P<ended>\d+) sessions refused)?\n"
)
# Room for all that a test sends.
LARGE = ("--limits", "none", "--retain", "512MiB", "--transition", "0ms")


def served(one):
    """Stops a target and returns what it has counted."""
    assert one.stop() == 0 and one.errors == ""
    found = SERVED.match(one.output)
    assert found, one.output
    return {name: int(value or 0) for name, value in found.groupdict().items()}


def needs(program):
    return pytest.mark.skipif(not shutil.which(program), reason=f"needs {program}")


def run(*words, timeout=180, **options):
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, env=clean_environment(), timeout=timeout, **options)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def encrypted(target, tmp_path, *options):
    """A target inside TLS, and its certificate's file."""
    one = target("--tls-self-signed", *options, env={"TMPDIR": str(tmp_path)})
    return one, one.line("CA certificate ")


@pytest.fixture
def body(tmp_path):
    """A small PutRecords request as a file."""
    file = tmp_path / "body.json"
    file.write_text(json.dumps({"StreamName": "orders", "Records": [{"Data": "AA==", "PartitionKey": "a"}] * 3}))
    return file


def fields(**options):
    """The fields of a signed request, as command lines take them."""
    return [word for name, value in headers(**options).items() for word in ("-H", f"{name}: {value}")]


@needs("node")
@pytest.mark.parametrize("mode, requests", [("sessions", 12), ("streams", 25)])
@pytest.mark.parametrize("isEncrypted", [False, True])
def test_node_as_the_javascript_sdk_uses_it(target, tmp_path, mode, requests, isEncrypted):
    one, trust = encrypted(target, tmp_path, *LARGE) if isEncrypted else (target(*LARGE), None)
    words = ["node", CLIENTS / "http2.js", one.endpoint, mode, requests, 10_240, *([trust] if trust else [])]
    report = json.loads(run(*words))
    assert report["accepted"] == report["read"] == 500 * requests and report["throttled"] == 0
    assert report["statuses"] == {"200": report["calls"]}
    # A page of 10 MiB of data is a third longer in base64.
    assert report["largest"] > 10 << 20
    counts = served(one)
    assert counts["requests2"] == report["calls"] and counts["requests1"] == 0
    assert counts["sessions"] == report["sessions"] == (1 if mode == "streams" else report["calls"])
    assert counts["refused"] == counts["ended"] == 0


@needs("node")
def test_a_hundred_streams_at_once_and_throttled_answers(target):
    one = target("--retain", "64MiB", "--latency", "1s", "--transition", "0ms")
    report = json.loads(run("node", CLIENTS / "http2.js", one.endpoint, "streams", 100, 100))
    assert report["throttled"] > 0 and report["accepted"] + report["throttled"] == 500 * 100
    assert report["read"] == report["accepted"]
    counts = served(one)
    assert counts["requests2"] == report["calls"] and counts["open"] == 100


@needs("go")
def test_gos_standard_client(target, tmp_path):
    built = subprocess.run(
        ["go", "build", "-o", tmp_path / "http2", CLIENTS / "http2.go"],
        capture_output=True,
        text=True,
        env=os.environ | {"GO111MODULE": "off", "GOCACHE": str(ROOT / ".build-go"), "CGO_ENABLED": "0"},
        timeout=600,
    )
    assert built.returncode == 0, built.stderr
    one, trust = encrypted(target, tmp_path, *LARGE)
    report = json.loads(run(tmp_path / "http2", one.endpoint, trust, 16))
    assert report["accepted"] == report["read"] == 500 * 16 and report["largest"] > 10 << 20
    assert report["versions"] == {"HTTP/2.0": report["calls"]}
    counts = served(one)
    assert counts["requests2"] == report["calls"] and counts["sessions"] < report["calls"]


@needs("curl")
@pytest.mark.parametrize(
    "isEncrypted, option, version",
    [(False, "--http2-prior-knowledge", "2"), (False, "--http2", "1.1"), (True, "--http2", "2"), (True, "--http1.1", "1.1")],
)
def test_curl(target, tmp_path, body, isEncrypted, option, version):
    one, trust = encrypted(target, tmp_path) if isEncrypted else (target(), None)
    words = ["curl", "-sS", option, *(["--cacert", trust] if trust else []), *fields(), "--data-binary", f"@{body}"]
    words += ["-w", "\n%{http_version} %{http_code}", one.endpoint]
    answer, said = run(*words).rsplit("\n", 1)
    assert said == f"{version} 200" and json.loads(answer)["FailedRecordCount"] == 0
    counts = served(one)
    assert (counts["requests1"], counts["requests2"]) == ((0, 1) if version == "2" else (1, 0))


@needs("nghttp")
def test_nghttp(target, body):
    one = target("--retain", "1MiB")
    said = run("nghttp", "-v", "-d", body, *fields(), one.endpoint)
    assert ":status: 200" in said and '"FailedRecordCount":0' in said and "END_STREAM" in said
    assert served(one)["requests2"] == 1


@needs("h2load")
@pytest.mark.parametrize("options", [(), ("--null", "--records", 3)])
def test_h2load_counts_what_the_target_counts(target, body, options):
    one = target(*options)
    said = run("h2load", "-n", 5000, "-c", 20, "-m", 50, "-d", body, *fields(), one.endpoint)
    assert "5000 total, 5000 started, 5000 done, 5000 succeeded, 0 failed, 0 errored, 0 timeout" in said
    assert "status codes: 5000 2xx" in said
    counts = served(one)
    assert counts["requests2"] == 5000 and counts["sessions"] == 20
    assert counts["most"] == 250 and 1 <= counts["open"] <= 50


@needs("h2load")
def test_clients_that_are_killed_cost_nobody_else_an_answer(target, body):
    one = target("--latency", "20ms")
    words = ["h2load", "-n", 1_000_000, "-c", 10, "-m", 20, "-d", body, *fields(), one.endpoint]
    doomed = [subprocess.Popen([*map(str, words)], stdout=subprocess.DEVNULL, env=clean_environment()) for _ in range(2)]
    try:
        said = run("h2load", "-n", 2000, "-c", 5, "-m", 20, "-d", body, *fields(), one.endpoint)
    finally:
        for process in doomed:
            process.send_signal(signal.SIGKILL)
            process.wait()
    assert "2000 succeeded, 0 failed, 0 errored" in said
    said = run("h2load", "-n", 100, "-c", 5, "-m", 20, "-d", body, *fields(), one.endpoint)
    assert "100 succeeded, 0 failed, 0 errored" in said
    counts = served(one)
    assert counts["requests2"] >= 2100 and counts["sessions"] == 30 and counts["ended"] == 0


def test_httpx_signs_what_the_target_verifies(target, tmp_path):
    one, trust = encrypted(target, tmp_path, "--access-key", "key", "--secret-key", "secret")
    keys = botocore.credentials.Credentials("key", "secret")
    with httpx.Client(http1=False, http2=True, verify=ssl.create_default_context(cafile=trust)) as http:
        for secret, status in (("secret", 200), ("another", 400)):
            keys.secret_key = secret
            request = botocore.awsrequest.AWSRequest(
                "POST",
                one.endpoint + "/",
                data=json.dumps({"StreamName": "orders", "Records": [{"Data": "AA==", "PartitionKey": "a"}]}),
                headers={"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Kinesis_20131202.PutRecords"},
            )
            botocore.auth.SigV4Auth(keys, "kinesis", "us-east-1").add_auth(request)
            sent = request.prepare()
            answer = http.post(sent.url, content=sent.body, headers=dict(sent.headers))
            assert (answer.http_version, answer.status_code) == ("HTTP/2", status), answer.text
    counts = served(one)
    assert counts["requests2"] == 2 and counts["sessions"] == 1


class Session:
    """A connection by the `h2` package, which is an implementation of its own."""

    def __init__(self, endpoint):
        self.address = urllib.parse.urlsplit(endpoint)
        self.socket = open_socket(endpoint)
        self.state = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.state.initiate_connection()
        self.flush()

    def flush(self):
        self.socket.sendall(self.state.data_to_send())

    def put(self, data=b'{"StreamName":"orders","Records":[{"Data":"AA==","PartitionKey":"a"}]}', **changes):
        """Sends a request and returns its stream."""
        stream = self.state.get_next_available_stream_id()
        named = [(":method", "POST"), (":scheme", "http"), (":authority", self.address.netloc), (":path", "/")]
        named += [(name.lower(), value) for name, value in headers(**changes).items()]
        self.state.send_headers(stream, named)
        self.state.send_data(stream, data, end_stream=True)
        self.flush()
        return stream

    def until(self, *kinds):
        """All events up to the first of these kinds."""
        seen = []
        while True:
            data = self.socket.recv(65_536)
            if not data:
                return seen
            for event in self.state.receive_data(data):
                if isinstance(event, h2.events.DataReceived) and event.flow_controlled_length:
                    self.state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                seen.append(event)
            self.flush()
            if any(isinstance(event, kinds) for event in seen):
                return seen

    def close(self):
        self.socket.close()


@pytest.mark.parametrize(
    "fault, means",
    [
        ("reset:every=2", "StreamReset"),
        ("reset-within:every=2", "ResponseReceived DataReceived StreamReset"),
        ("500:every=2", "ResponseReceived DataReceived StreamEnded"),
        ("stall:every=2,delay=300ms", "ResponseReceived DataReceived StreamEnded"),
    ],
)
def test_a_fault_is_one_streams(target, fault, means):
    one = target("--fault", fault)
    with contextlib.closing(Session(one.endpoint)) as session:
        for number in range(4):
            stream = session.put()
            events = session.until(h2.events.StreamEnded, h2.events.StreamReset)
            ours = [type(event).__name__ for event in events if getattr(event, "stream_id", None) == stream]
            ours = [name for name in ours if name not in ("WindowUpdated", "PriorityUpdated")]
            usual = "ResponseReceived DataReceived StreamEnded"
            assert " ".join(ours) == (means if number % 2 else usual)
    counts = served(one)
    assert counts["requests2"] == 4 and counts["sessions"] == 1 and counts["refused"] == 0


def test_answers_overtake_each_other(target):
    """A stalled stream does not keep those behind it waiting."""
    one = target("--fault", "stall:every=2,delay=1s")
    with contextlib.closing(Session(one.endpoint)) as session:
        streams = [session.put() for _ in range(3)]
        ended = []
        while len(ended) < 3:
            ended += [event.stream_id for event in session.until(h2.events.StreamEnded) if isinstance(event, h2.events.StreamEnded)]
    assert ended == [streams[0], streams[2], streams[1]]


def test_an_answer_cut_short_is_shorter_than_its_length(target):
    one = target("--fault", "truncate:1")
    with contextlib.closing(Session(one.endpoint)) as session:
        session.put()
        with pytest.raises(h2.exceptions.InvalidBodyLengthError):
            session.until(h2.events.StreamEnded)
    assert served(one)["requests2"] == 1


def test_requests_given_up_are_counted(target):
    one = target("--latency", "1h")
    with contextlib.closing(Session(one.endpoint)) as session:
        for _ in range(50):
            session.state.reset_stream(session.put(), error_code=8)
        session.flush()
        session.state.ping(b"12345678")
        session.flush()
        session.until(h2.events.PingAckReceived)
    counts = served(one)
    assert counts["requests2"] == counts["cancelled"] == counts["most"] == 50


def test_memory_of_idle_sessions_and_of_many_streams(target):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 20_000:
        pytest.skip("needs 20,000 file descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (20_000, hard))
    one = target("--latency", "1h")
    opening = PREFACE + frame(SETTINGS)
    sessions = []
    try:
        before = one.memory()
        for _ in range(10_000):
            sessions.append(open_socket(one.endpoint))
            sessions[-1].sendall(opening)
        for session in sessions:
            assert session.recv(1)
        idle = one.memory()
        busy = sessions[0]
        busy.sendall(b"".join(opened(2 * n + 1) + data(2 * n + 1) for n in range(1000)) + frame(PING, payload=b"12345678"))
        seen = b""
        while b"12345678" not in seen:
            seen += busy.recv(65_536)
        streams = one.memory() - idle
    finally:
        for session in sessions:
            session.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    print(f"\n10,000 idle sessions {(idle - before) >> 20} MiB, 1,000 streams waiting for their answers {streams >> 20} MiB")
    assert idle - before < 10_000 * (32 << 10) and streams < 1000 * (32 << 10)
    counts = served(one)
    assert counts["open"] == counts["requests2"] == 1000 and counts["sessions"] == 10_000


def test_both_versions_at_once(target):
    one = target()
    records = [{"Data": b"x", "PartitionKey": "a"}]
    failed = []

    def old():
        kinesis = client(one.endpoint)
        for _ in range(50):
            failed.append(kinesis.put_records(StreamName="orders", Records=records)["FailedRecordCount"])

    thread = threading.Thread(target=old)
    thread.start()
    with contextlib.closing(Session(one.endpoint)) as session:
        for _ in range(50):
            session.put()
            session.until(h2.events.StreamEnded)
    thread.join()
    assert failed == [0] * 50
    counts = served(one)
    assert (counts["requests1"], counts["requests2"]) == (50, 50)
