"""The options of `shardmeter target`, as somebody meets them who starts it from a shell or a CI job."""

import json
import pathlib
import re
import socket
import time
import urllib.error
import urllib.request

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from harness import client
from wire import Wire

RECORD = {"Data": b"x", "PartitionKey": "k", "ExplicitHashKey": "0"}
OTHER = RECORD | {"ExplicitHashKey": str((1 << 128) - 1)}


def put(kinesis, count=1, record=RECORD):
    return kinesis.put_records(StreamName="orders", Records=[record] * count)


# Encryption.


def test_a_certificate_of_its_own(target, tmp_path):
    one = target("--tls-self-signed", env={"TMPDIR": str(tmp_path)})
    assert one.endpoint.startswith("https://127.0.0.1:")
    trusted = pathlib.Path(one.line("CA certificate "))
    assert trusted.parent == tmp_path and "BEGIN CERTIFICATE" in trusted.read_text()

    def connect(endpoint, verify):
        return boto3.client(
            "kinesis",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            verify=verify,
            config=Config(retries={"total_max_attempts": 1}),
        )

    for endpoint in (one.endpoint, one.endpoint.replace("127.0.0.1", "localhost")):
        assert put(connect(endpoint, str(trusted)), 500)["FailedRecordCount"] == 0
    with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
        put(connect(one.endpoint, True))
    # Its files serve as --tls-cert of another target only with the key, which is never written.
    assert one.stop() == 0 and not trusted.exists()


def test_wrong_encryption_options(tool, tmp_path):
    (tmp_path / "nonsense.pem").write_text("nonsense")
    for words in (
        ["--tls-cert", tmp_path / "none.pem", "--tls-key", tmp_path / "none.pem"],
        ["--tls-cert", tmp_path / "nonsense.pem", "--tls-key", tmp_path / "nonsense.pem"],
        ["--tls-cert", "x"],
        ["--tls-self-signed", "--tls-key", "x"],
    ):
        done = tool("target", "--port", 0, *words)
        assert done.returncode == 2 and done.stderr.startswith("shardmeter target: ") and not done.stdout, done.stderr


# Where it listens.


def test_a_port_in_use_names_the_option_that_helps(tool, target):
    for option in ("--port", "--admin-port"):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            number = taken.getsockname()[1]
            words = ["--port", 0] if option == "--admin-port" else []
            done = tool("target", *words, option, number)
            assert done.returncode == 6 and done.stdout == ""
            assert re.fullmatch(
                rf"shardmeter target: port {number} of 127\.0\.0\.1 is in use: choose another with {option} PORT, "
                rf"or any free one with {option} 0\n",
                done.stderr,
            )


def test_it_says_so_when_others_may_reach_it(target):
    for host, warns in [("0.0.0.0", True), ("127.0.0.1", False), ("::1", False), ("localhost", False)]:
        one = target("--host", host)
        one.stop()
        assert one.errors.startswith(f"warning: listening on {host}, which other machines may reach") == warns


@pytest.mark.parametrize(
    "words",
    [
        ["--shard-map", "/nonexistent"],
        ["--shard-map", "README.md"],
        ["--shards", "0"],
        ["--limits", "records=0"],
        ["--fault", "500"],
        ["--fault", "throttle:1%,shard=9"],
        ["--latency", "soon"],
        ["--shard-latency", "9=1ms"],
        ["--capacity", "none"],
        ["--admin-port", "x"],
        ["--host", "203.0.113.1"],
        ["--no-such-option"],
        ["word"],
    ],
)
def test_a_wrong_option_is_one_clear_line(tool, words):
    done = tool("target", "--port", 0, *words)
    assert done.returncode == 2 and done.stdout == ""
    first, *rest = done.stderr.splitlines()
    assert first.startswith("shardmeter target: ") and rest in ([], ["see: shardmeter target --help"])


# What goes wrong on purpose, each kind over a socket.


def outcome(kinesis, count=4, record=RECORD):
    """What a client sees of one request."""
    try:
        answer = put(kinesis, count, record)
    except ClientError as error:
        return f"{error.response['ResponseMetadata']['HTTPStatusCode']} {error.response['Error']['Code']}"
    except ReadTimeoutError:
        return "timeout"
    except (ConnectionClosedError, EndpointConnectionError):
        return "closed"
    except Exception as error:  # botocore wraps a short body in several ways
        return type(error).__name__
    if "Records" not in answer:
        return "no entries"  # how botocore takes a body that is no JSON
    codes = {result.get("ErrorCode", "ok") for result in answer["Records"]}
    numbers = [result.get("SequenceNumber") for result in answer["Records"]]
    if len(numbers) != count:
        return f"{len(numbers)} entries"
    if codes == {"ok"} and len(set(numbers)) < count:
        return "repeated numbers"
    return "/".join(sorted(codes))


THROTTLED = "ProvisionedThroughputExceededException"


@pytest.mark.parametrize(
    "kind, seen",
    [
        ("internal-failure", {"InternalFailure"}),
        ("throttle", {THROTTLED}),
        ("400", {f"400 {THROTTLED}"}),
        ("500", {"500 InternalFailure"}),
        ("503", {"503 ServiceUnavailable"}),
        ("stall", {"timeout"}),
        ("reset", {"closed"}),
        ("reset-within", {"closed", "ResponseStreamingError"}),
        ("truncate", {"no entries", "ResponseStreamingError", "IncompleteReadError"}),
        ("wrong-count", {"3 entries"}),
        ("duplicate-sequence", {"repeated numbers"}),
    ],
)
def test_every_kind_of_fault(target, kind, seen):
    kinesis = client(target("--fault", f"{kind}:1").endpoint, read_timeout=1)
    assert outcome(kinesis) in seen


def test_a_fault_by_count(target):
    kinesis = client(target("--fault", "500:every=100").endpoint)
    found = [outcome(kinesis) for _ in range(250)]
    assert [number for number, word in enumerate(found, 1) if word != "ok"] == [100, 200]
    kinesis = client(target("--fault", "internal-failure:every=100").endpoint)
    answer = put(kinesis, 500)
    assert [number for number, result in enumerate(answer["Records"], 1) if "ErrorCode" in result] == [100, 200, 300, 400, 500]


def test_a_fault_by_probability_follows_the_seed(target):
    def strikes(*options):
        kinesis = client(target("--limits", "none", "--fault", "throttle:10%", *options).endpoint)
        answers = [put(kinesis, 500) for _ in range(4)]
        return [number for answer in answers for number, result in enumerate(answer["Records"]) if "ErrorCode" in result]

    first = strikes("--seed", 5)
    assert 130 <= len(first) <= 270  # 2,000 draws at 10 %: five standard deviations
    assert strikes("--seed", 5) == first != strikes("--seed", 6)


def test_a_fault_of_one_shard(target):
    kinesis = client(target("--fault", "throttle:1,shard=3").endpoint)
    assert (outcome(kinesis), outcome(kinesis, record=OTHER)) == ("ok", THROTTLED)


def test_a_fault_for_some_time(target):
    # Without limits: an idle machine puts more than a shard takes into these four seconds.
    one = target("--fault", "503:from=1s,for=2s", "--limits", "none")
    kinesis = client(one.endpoint)
    began = time.monotonic()
    seen = []
    while time.monotonic() - began < 4:
        asked = time.monotonic()
        seen.append((asked, outcome(kinesis), time.monotonic()))
    assert seen[0][1] == "ok" or seen[0][2] - one.started > 1
    # The target started counting between its process's start and its first line, and looked at each request between the
    # moment it was asked and the answer.
    inside = [word for asked, word, answered in seen if asked - one.listened > 1 and answered - one.started < 3]
    assert set(inside) == {"503 ServiceUnavailable"}
    assert seen[-1][1] == "ok"


# How long answers take.


def seconds(kinesis, record=RECORD, count=1):
    began = time.monotonic()
    put(kinesis, count, record)
    return time.monotonic() - began


def test_latency_of_all_shards_and_of_one(target):
    kinesis = client(target("--latency", "400ms", "--shard-latency", "0=0ms", "--shard-latency", "1=700ms").endpoint)
    put(kinesis)
    assert min(seconds(kinesis) for _ in range(5)) < 0.3
    assert seconds(kinesis, OTHER) >= 0.4
    assert seconds(kinesis, RECORD | {"ExplicitHashKey": str(1 << 126)}) >= 0.7


def test_capacity_is_one_queue(target):
    kinesis = client(target("--capacity", 500).endpoint)
    assert seconds(kinesis, count=250) >= 0.5


def test_limits_by_number(target):
    kinesis = client(target("--limits", "records=5,recordBurst=20,bytes=1KiB").endpoint)
    assert 20 <= 100 - put(kinesis, 100)["FailedRecordCount"] <= 25
    assert put(kinesis, 1, {"Data": bytes(1020), "PartitionKey": "kkkk", "ExplicitHashKey": str(1 << 127)})["FailedRecordCount"] == 0
    assert put(kinesis, 1, {"Data": bytes(1021), "PartitionKey": "kkkk", "ExplicitHashKey": str(3 << 126)})["FailedRecordCount"] == 1


@pytest.mark.parametrize(
    ("limits", "accepted"),
    [
        ("rule=second,records=5,bytes=1KiB", 5),
        ('{"rule": "sliding", "records": 5, "bytes": "1KiB"}', 5),
        ("rule=bucket,records=5,recordBurst=20,bytes=1KiB", 20),
        ("rule=none", 100),
    ],
)
def test_rules_of_limits(target, limits, accepted):
    kinesis = client(target("--limits", limits).endpoint)
    # A request is one instant: what it takes is what the rule lets through at once.
    assert 100 - put(kinesis, 100)["FailedRecordCount"] == accepted
    large = put(kinesis, 1, {"Data": bytes(1021), "PartitionKey": "kkkk", "ExplicitHashKey": str(3 << 126)})
    assert large["FailedRecordCount"] == (0 if accepted == 100 else 1)


# Changing it while it runs.


def admin(url, method="GET", document=None):
    body = None if document is None else json.dumps(document).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, method=method), timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_the_admin_api_changes_a_running_target(target):
    one = target("--admin-port", 0, "--latency", "1ms", "--seed", 3)
    url = one.line("admin API on ")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/settings", url)
    kinesis = client(one.endpoint)
    first = {"latency": {"type": "fixed", "value": "1ms"}, "shardLatency": [], "faults": [], "capacity": None}
    assert admin(url) == (200, first)
    assert outcome(kinesis) == "ok"
    status, changed = admin(url, "PATCH", {"faults": [{"type": "500", "probability": "100%"}]})
    assert status == 200 and changed == first | {"faults": [{"type": "500", "probability": 1}]}
    assert outcome(kinesis) == "500 InternalFailure"
    status, changed = admin(url, "PUT", {"shardLatency": [{"shard": 0, "latency": "300ms"}]})
    assert status == 200 and changed["faults"] == [] and changed["latency"] is None
    assert seconds(kinesis) >= 0.3
    assert admin(url, "PUT", {"capacity": {"records": 1000}})[0] == 200
    assert seconds(kinesis, count=300) >= 0.3
    # A span counts from the change, not from the start.
    assert admin(url, "PUT", {"faults": [{"type": "throttle", "for": "1h", "shard": 0}]})[0] == 200
    assert (outcome(kinesis), outcome(kinesis, record=OTHER)) == (THROTTLED, "ok")
    for wrong in ({"latency": "soon"}, {"limits": "none"}, [], {"faults": [{"type": "500"}]}):
        status, answer = admin(url, "PATCH", wrong)
        assert status == 400 and answer["error"].startswith("body: ")
    assert outcome(kinesis) == THROTTLED
    assert admin(url, "DELETE") == (200, first)
    assert outcome(kinesis) == "ok"
    assert admin(url.replace("settings", "other"))[0] == 404 and admin(url, "POST", {})[0] == 405
    assert one.stop() == 0


def test_the_admin_api_is_not_on_the_public_port(target):
    one = target("--admin-port", 0)
    wire = Wire(one.endpoint)
    assert wire.send(b"", method="GET")[0] == 403
    wire.close()


def test_a_target_ends_with_its_parent(tool):
    import subprocess
    import sys

    # The parent holds the target's standard input, and is killed.
    script = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.argv[1], 'target', '--port', '0', '--until-input-ends'], stdin=subprocess.PIPE)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, tool.path], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    assert parent.stdout.readline().startswith("listening on ")
    parent.kill()
    parent.wait()
    # The pipe closes when the target, its last writer, is gone.
    assert parent.stdout.read() == ""
    status = pathlib.Path(f"/proc/{child}/stat")
    assert not status.exists() or " Z " in status.read_text()
