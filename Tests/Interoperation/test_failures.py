"""What a target may do to requests, one failure a row: where its records end, in which files, with which exit code.

The table of all of them ends pytest's output (`accounting.py`).
"""

import os
import ssl
import subprocess
import time

import pytest
from accounting import NOTES, PLANNED, check, run
from harness import RAN, ROOT, Result, Target, can_mount, clean_environment, free_port, scenario, self_signed
from scripted import Parted, ScriptedServer, message

def refuse(status, code, text="no"):
    """An error answer of the service."""
    return lambda connection, server, records: connection.send(
        message({"__type": code, "message": text}, status, extra=f"x-amzn-ErrorType: {code}\r\n")
    )


def reset_before(connection, server, records):
    connection.reset()


def reset_within(connection, server, records):
    connection.send(message(server.accepted(records))[:150])
    connection.reset()


def reset_after(connection, server, records):
    connection.send(message(server.accepted(records)))
    connection.reset()


def close_before(connection, server, records):
    raise Parted


def close_within(connection, server, records):
    connection.send(message(server.accepted(records))[:-1])
    raise Parted


def stall(connection, server, records):
    server.stopped.wait(30)
    raise Parted


def drip(connection, server, records):
    """A byte at a time, never for long without one, and not done for a minute."""
    connection.send(*(bytes([byte]) for byte in message(server.accepted(records))), every=0.05, stop=server.stopped)


def dawdle(connection, server, records):
    """Slow, but done in time."""
    whole = message(server.accepted(records))
    connection.send(*(whole[at : at + 100] for at in range(0, len(whole), 100)), every=0.01, stop=server.stopped)


def empty_413(connection, server, records):
    connection.send(message(b"", "413 Request Entity Too Large", kind="text/plain"))


def html_502(connection, server, records):
    connection.send(message(b"<html>\r\n<h1>502 Bad Gateway</h1>\x1b[31m</html>", "502 Bad Gateway", kind="text/html"))


def html_200(connection, server, records):
    connection.send(message(b"<html>It works!</html>", kind="text/html"))


def whole_error_200(connection, server, records):
    connection.send(message({"__type": "InternalFailure", "message": "in a 200"}))


def cut_json(connection, server, records):
    connection.send(message(message(server.accepted(records)).split(b"\r\n\r\n")[1][:-40]))


def one_less(connection, server, records):
    connection.send(message(server.accepted(records - 1)))


def one_more(connection, server, records):
    connection.send(message(server.accepted(records + 1)))


def no_shard(connection, server, records):
    connection.send(message(server.accepted(records, ShardId=None)))


def neither(connection, server, records):
    connection.send(message(server.accepted(records, ShardId=None, SequenceNumber=None)))


def unknown_codes(connection, server, records):
    """Every second record one code, the others another, a control character in it."""
    failed = [{"ErrorCode": ("Odd\x1b[2JException", "EvenException")[i % 2], "ErrorMessage": f"no {i}"} for i in range(records)]
    connection.send(message({"FailedRecordCount": 1, "Records": failed}))


def gigantic_length(connection, server, records):
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\n{")
    server.stopped.wait(30)


def gigantic_chunks(connection, server, records):
    connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.send(b"100000\r\n" + b" " * (1 << 20) + b"\r\n")


def gigantic_head(connection, server, records):
    connection.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.send(b"X-Filler: " + b"x" * 1000 + b"\r\n")


def interim_for_ever(connection, server, records):
    while True:
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def interim_first(connection, server, records):
    connection.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + message(server.accepted(records)))


def garbage(connection, server, records):
    connection.send(bytes(range(256)) * 8)
    raise Parted


def closes(connection, server, records):
    connection.send(message(server.accepted(records), extra="Connection: close\r\n"))
    raise Parted


def http_1_0(connection, server, records):
    body = message(server.accepted(records)).split(b"\r\n\r\n")[1]
    connection.send(b"HTTP/1.0 200 OK\r\n\r\n" + body)
    raise Parted


def cut_1_0(connection, server, records):
    body = message(server.accepted(records)).split(b"\r\n\r\n")[1]
    connection.send(b"HTTP/1.0 200 OK\r\n\r\n" + body[:-1])
    raise Parted


def two_answers(connection, server, records):
    """An answer nobody asked for behind the right one."""
    connection.send(message(server.accepted(records)) + message(server.accepted(records)))


THROTTLE = "ProvisionedThroughputExceededException"
# script; level, codes and outcome of what fails, nothing where all is accepted; sample message; options
ROWS = {
    "reset before the answer": (reset_before, "transport", {"reset-before-answer"}, "unknown", None),
    "reset inside the answer": (reset_within, "transport", {"reset-within-answer"}, "unknown", None),
    "reset after the answer": (reset_after, None, set(), None, None),
    "closed before the answer": (close_before, "transport", {"closed-before-answer"}, "unknown", None),
    "closed inside the answer": (close_within, "transport", {"closed-within-answer"}, "unknown", None),
    "stall until time-out": (stall, "transport", {"timeout"}, "unknown", None),
    "slow drip": (drip, "transport", {"timeout"}, "unknown", None),
    "slow, but in time": (dawdle, None, set(), None, None),
    "400 throttle of the request": (refuse("400 Bad Request", THROTTLE, "Rate exceeded"), "request", {THROTTLE}, "throttled", "Rate exceeded"),
    "400 unknown error": (refuse("400 Bad Request", "FooException", "bar"), "request", {"FooException"}, "fault", "bar"),
    "400 expired token": (refuse("400 Bad Request", "ExpiredTokenException", "The security token included in the request is expired"), "request", {"ExpiredTokenException"}, "fault", "The security token included in the request is expired"),
    "403 clock skew": (refuse("403 Forbidden", "InvalidSignatureException", "Signature expired: 1"), "request", {"InvalidSignatureException"}, "fault", "Signature expired: 1"),
    "500": (refuse("500 Internal Server Error", "InternalFailure", "for account 123456789012"), "request", {"InternalFailure"}, "fault", "for account ************"),
    "503": (refuse("503 Service Unavailable", "ServiceUnavailable"), "request", {"ServiceUnavailable"}, "fault", "no"),
    "413, empty body": (empty_413, "request", {"http-413"}, "fault", None),
    "HTML error page": (html_502, "request", {"http-502"}, "fault", r"<html> <h1>502 Bad Gateway</h1>\x1b[31m</html>"),
    "HTML with 200": (html_200, "transport", {"malformed-answer"}, "unknown", "<html>It works!</html>"),
    "error of the whole with 200": (whole_error_200, "transport", {"malformed-answer"}, "unknown", '{"__type": "InternalFailure", "message": "in a 200"}'),
    "truncated JSON": (cut_json, "transport", {"malformed-answer"}, "unknown", ...),
    "one record less": (one_less, "transport", {"record-count-mismatch"}, "unknown", ...),
    "one record more": (one_more, "transport", {"record-count-mismatch"}, "unknown", ...),
    "missing ShardId": (no_shard, None, set(), None, None),
    "neither number nor code": (neither, "record", {"no-code"}, "fault", None),
    "unknown codes of records": (unknown_codes, "record", {r"Odd\u001b[2JException", "EvenException"}, "fault", ...),
    "gigantic length": (gigantic_length, "transport", {"answer-too-large"}, "unknown", None),
    "gigantic chunks": (gigantic_chunks, "transport", {"answer-too-large"}, "unknown", None),
    "gigantic head": (gigantic_head, "transport", {"answer-too-large"}, "unknown", None),
    "interim answers for ever": (interim_for_ever, "transport", {"answer-too-large"}, "unknown", None),
    "interim answers first": (interim_first, None, set(), None, None),
    "garbage bytes": (garbage, "transport", {"malformed-http"}, "unknown", None),
    "closed after each answer": (closes, None, set(), None, None),
    "HTTP/1.0 until the end": (http_1_0, None, set(), None, None),
    "an answer too many": (two_answers, None, set(), None, None),
}


@pytest.fixture
def scripted():
    started = []

    def start(*words, **options):
        started.append(ScriptedServer(*words, **options))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.mark.parametrize("title", ROWS)
def test_every_fourth_request_meets(tool, scripted, tmp_path, title):
    script, level, codes, outcome, sample = ROWS[title]
    server = scripted(script)
    waits = title in ("stall until time-out", "slow drip")
    changes = {"client": {"producers": 2, "connections": 12, "timeout": "700ms"}} if waits else {}
    done = run(tool, tmp_path, server.endpoint, **changes)
    assert done.returncode in RAN, done.stdout + done.stderr
    result = Result(tmp_path / "run")
    errors = check(result, title)
    records = result.summary["records"]
    lost = server.failed_records if level else 0
    assert server.failed_records >= PLANNED // 8
    # The last request may be cut off by the end of the drain before its time is over.
    late = {"unfinished"} if waits else set()
    assert records["gave_up"] + records["unfinished"] == lost == PLANNED - records["accepted"], errors
    assert records["gave_up"] > 0 or not level
    assert codes <= set(errors.code) <= codes | late
    if level:
        assert records[outcome] == lost
        assert set(errors.level) == {level, "record"}
        messages = {text for text in errors[errors.level == level].sample_message if isinstance(text, str)}
        assert (len(messages) > 0) if sample is ... else messages == ({sample} if sample else set())
    # A script that sees one connection a request, or one in four fail, never sees more.
    assert server.connections <= 12 + 1 + 40 + 4
    assert result.summary["checks"]["sequence_violations"] == 0


# An orderly end of the socket without TLS's own, as many servers leave. Where it ends a body without a length, only whole
# JSON is an answer, and no part of a JSON object is one.
CUT = {
    "TLS cut before the answer": (close_before, {"closed-before-answer"}),
    "TLS cut inside the answer": (close_within, {"closed-within-answer"}),
    "TLS cut in place of the end": (http_1_0, set()),
    "TLS cut in a body without a length": (cut_1_0, {"malformed-answer"}),
}


@pytest.mark.parametrize("title", CUT)
def test_every_fourth_answer_over_tls(tool, scripted, tmp_path, title):
    script, codes = CUT[title]
    cert, key = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server = scripted(script, tls=context)
    done = run(tool, tmp_path, server.endpoint, "--ca-file", cert)
    assert done.returncode in RAN, done.stdout + done.stderr
    result = Result(tmp_path / "run")
    errors = check(result, title)
    assert set(errors.code) == codes
    lost = server.failed_records if codes else 0
    assert result.summary["records"]["gave_up"] == result.summary["records"]["unknown"] == lost


def test_an_expired_token_stops_the_run_before_it_begins(tool, scripted, tmp_path):
    """And its text cannot do anything to the terminal."""
    refusal = message({"__type": "ExpiredTokenException", "message": "The token\x1b[2J\nis expired"}, "400 Bad Request")
    done = run(tool, tmp_path, scripted(reset_before, refusal=refusal).endpoint)
    assert done.returncode == 6, done.stdout + done.stderr
    assert "ExpiredTokenException" in done.stderr and "is expired" in done.stderr
    assert "\x1b" not in done.stderr and len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("title", ["500", "reset inside the answer", "413, empty body", "truncated JSON", "400 throttle of the request"])
def test_retries_carry_every_record_through(tool, scripted, tmp_path, title):
    script, _, codes, outcome, _ = ROWS[title]
    server = scripted(script)
    retry = {"type": "failed-records", "maxAttempts": 10, "backoff": {"base": "10ms", "cap": "50ms"}}
    done = run(tool, tmp_path, server.endpoint, client={"producers": 2, "connections": 8, "timeout": "5s", "retry": retry})
    assert done.returncode in RAN, done.stdout + done.stderr
    result = Result(tmp_path / "run")
    errors = check(result, f"{title}, with retries")
    records = result.summary["records"]
    assert records["accepted"] == PLANNED and records["attempted"] > PLANNED
    assert records[outcome] == server.failed_records and set(errors.code) == codes
    assert (records["maybe_duplicated"] > 0) == (outcome == "unknown")


def test_a_target_that_drops_connections_at_once_is_not_stormed(tool, scripted, tmp_path):
    """The control calls get through, then every connection is closed as soon as it is made."""

    def greet(connection, server):
        if server.connections > 1:
            raise Parted

    server = scripted(reset_before, greet=greet)
    done = run(tool, tmp_path, server.endpoint, client={"producers": 2, "connections": 4, "timeout": "2s"})
    assert done.returncode == 5, done.stdout + done.stderr
    result = Result(tmp_path / "run")
    errors = check(result, "dropped as soon as connected")
    assert result.summary["records"]["accepted"] == 0
    assert set(errors.code) <= {"closed-before-answer", "reset-before-answer", "no-connection", "connect-timeout", "unfinished"}
    # Four connections, each with pauses of 50 ms doubled: about six attempts each in 3 s.
    assert server.connections <= 60


def test_gigantic_answers_on_every_connection_take_bounded_memory(tool, scripted, tmp_path):
    """32 connections, each sent more than it may take: they hold no more than that, 4 MiB each, however late they are read."""
    server = scripted(gigantic_chunks, every=1)
    path = scenario(
        tmp_path,
        "large",
        stream={"name": "orders", "shards": 1},
        batch={"records": 10, "linger": "50ms"},
        client={"producers": 2, "connections": 32, "timeout": "5s"},
        phases=[{"name": "steady", "duration": "1s", "rate": PLANNED}],
    )
    command = [tool.path, "run", path, "--target", server.endpoint, "--run-dir", tmp_path / "run", "--progress", "none"]
    process = subprocess.Popen([*map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=clean_environment(), cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    errors = process.stderr.read()
    process.stderr.close()
    assert process.returncode == 5, errors
    check(Result(tmp_path / "run"), "gigantic answers only")
    NOTES.append(f"32 connections that are sent answers without end: {usage.ru_maxrss} KiB at most")
    # 64 MiB is what a run of 32 connections may take without them.
    assert usage.ru_maxrss <= (32 * 4 + 64) << 10, f"{usage.ru_maxrss} KiB"


def restart_target(tool, port, *options):
    return Target(tool, "--stream", "orders", "--shards", "1", "--transition", "0ms", *options, port=port)


def test_a_target_killed_and_started_again_during_the_run(tool, tmp_path):
    port = free_port()
    one = restart_target(tool, port)
    path = scenario(
        tmp_path,
        "killed",
        stream={"name": "orders", "shards": 1},
        batch={"records": 10, "linger": "50ms"},
        client={"producers": 2, "connections": 4, "timeout": "2s"},
        phases=[{"name": "steady", "duration": "4s", "rate": PLANNED // 4}],
    )
    process = tool.start("run", path, "--target", one.endpoint, "--run-dir", tmp_path / "run", "--progress", "1s")
    try:
        for line in process.stderr:
            if "t=1" in line:
                break
        one.process.kill()
        one.process.communicate()
        time.sleep(1)
        one = restart_target(tool, port)
        output, errors = process.communicate(timeout=60)
    finally:
        one.stop()
    assert process.returncode in RAN, output + errors
    result = Result(tmp_path / "run")
    rows = check(result, "killed and started again", duration=4)
    assert set(rows.code) <= {"connect-refused", "closed-before-answer", "reset-before-answer", "no-connection", "timeout"}
    assert "connect-refused" in set(rows.code)
    seconds = result.csv("timeseries.csv").groupby("t_s").accepted_records.sum()
    # It took records again before the end.
    assert seconds[seconds.index >= 3].sum() > 0
    assert result.summary["checks"]["sequence_violations"] == 0


def test_nobody_listens_any_more(tool, scripted, tmp_path):
    """The target goes away for good once the run has found the stream."""
    server = scripted(close_before, every=1)

    def leave(connection, server, records):
        server.listener.shutdown(2)
        server.listener.close()
        raise Parted

    server.script = leave
    done = run(tool, tmp_path, server.endpoint, client={"producers": 2, "connections": 4, "timeout": "1s"})
    assert done.returncode == 5, done.stdout + done.stderr
    errors = check(Result(tmp_path / "run"), "refused connect")
    assert "connect-refused" in set(errors.code)
    assert Result(tmp_path / "run").summary["records"]["accepted"] == 0


@pytest.mark.parametrize("offset", ["10m", "-10m"])
def test_a_clock_that_is_wrong_stops_the_run_before_it_begins(tool, target, tmp_path, offset):
    keys = ("right", "secret")
    endpoint = target("--stream", "orders", "--access-key", keys[0], "--secret-key", keys[1], f"--clock-offset={offset}").endpoint
    done = run(tool, tmp_path, endpoint, env={"AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1]})
    assert done.returncode == 6, done.stdout + done.stderr
    assert "InvalidSignatureException" in done.stderr and "Signature" in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(not can_mount(), reason="a mount namespace for a hosts file of its own needs root")
def test_a_name_that_stops_resolving_during_the_run(tool, scripted, tmp_path):
    """A hosts file of its own is the resolver; the name vanishes from it, and the target ends every connection."""
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost peer.test\n")
    (tmp_path / "nsswitch").write_text("hosts: files\n")
    server = scripted(closes, every=1)
    endpoint = server.endpoint.replace("127.0.0.1", "peer.test")
    path = scenario(
        tmp_path,
        "nameless",
        stream={"name": "orders", "shards": 1},
        batch={"records": 10, "linger": "50ms"},
        client={"producers": 2, "connections": 4, "timeout": "2s"},
        phases=[{"name": "steady", "duration": "10s", "rate": PLANNED // 10}],
    )
    mounts = f"mount --bind {hosts} /etc/hosts && mount --bind {tmp_path}/nsswitch /etc/nsswitch.conf && exec \"$@\""
    command = ["unshare", "-m", "sh", "-c", mounts, "sh", tool.path, "run", path, "--target", endpoint, "--run-dir", tmp_path / "run", "--progress", "1s"]
    process = subprocess.Popen(
        [*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment(), cwd=ROOT
    )
    for line in process.stderr:
        if "t=1" in line:
            break
    hosts.write_text("127.0.0.1 localhost\n")
    output, errors = process.communicate(timeout=60)
    assert process.returncode in RAN, output + errors
    result = Result(tmp_path / "run")
    rows = check(result, "name stops resolving", duration=10)
    assert "name-not-resolved" in set(rows.code) and set(rows.code) <= {"name-not-resolved", "no-connection"}
    assert result.summary["records"]["accepted"] > 0
