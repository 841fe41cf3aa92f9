"""Producers of other people, run under `shardmeter observe`: what the report says is what they are known to do."""

import csv
import hashlib
import json
import os
import pathlib
import random
import signal
import sys
import textwrap
import time

import pytest
from harness import clean_environment, client

CLIENTS = pathlib.Path(__file__).parent / "clients"
LOOP = CLIENTS / "loops.py"
PRODUCERS = os.environ.get("PRODUCERS_PYTHON", sys.executable)


def observe(tool, folder, *options, command, timeout=120, env=None):
    """Runs a command under observation; its summary, and how that ended."""
    done = tool("observe", "--run-dir", folder, "--quiet-for", "200ms", *options, "--", *command, timeout=timeout, env=env)
    file = folder / "summary.json"
    return (json.loads(file.read_text()) if file.exists() else None), done


def loop(how, count, *more):
    return [sys.executable, LOOP, how, str(count), *map(str, more)]


def identities(summary):
    records, seen = summary["records"], summary["observe"]["records"]
    assert records["distinct"] == records["delivered"] + records["lost"]
    assert records["accepted"] == records["delivered"] + records["duplicates"]
    assert records["attempted"] == records["accepted"] + records["throttled"] + records["fault"]
    assert seen["attempted"] == seen["distinct"] + seen["retries"] + seen["repeats"]
    assert summary["checks"]["identity_holds"]


LOOPS = {
    "ignore": ("refused once, never sent again", "never retries", ("lost", "=")),
    "retry": ("delivered all", "retries refused records after", ("lost", 0)),
    "whole": ("delivered all", "records sent again that had been accepted", ("lost", 0)),
    "at-once": ("retries refused records at once", "without back-off", ("retries", ">")),
}


@pytest.mark.parametrize("how", LOOPS)
def test_the_report_says_what_a_loop_does(tool, tmp_path, how):
    summary, done = observe(tool, tmp_path / "seen", "--shards", 1, command=loop(how, 3000))
    assert done.returncode == 0, done.stdout + done.stderr
    identities(summary)
    said = json.loads(done.stdout.splitlines()[0])
    seen = summary["observe"]["records"]
    assert seen["attempted"] == said["sent"]
    assert seen["accepted"] == said["accepted"]
    assert seen["throttled"] == said["throttled"]
    page = (tmp_path / "seen" / "report.html").read_text()
    text = " ".join(done.stdout.split())
    for words in LOOPS[how][:2]:
        assert words in text
        assert words in (tmp_path / "seen" / "summary.md").read_text()
    assert "The producer" in page and "Load generator" not in page
    if how == "ignore":
        assert seen["lost"] == said["throttled"] > 0 and seen["lost_after_one_try"] == seen["lost"]
        assert f"lost {seen['lost']} of 3000 records" in text
    if how == "whole":
        assert seen["duplicates"] > 0 and "AWS: send only the refused records again" in text
    if how == "at-once":
        assert seen["retries"] > 0 and summary["observe"]["retry_gap_ms"]["p50"] < 20
    if how == "retry":
        assert seen["lost"] == seen["duplicates"] == 0 and seen["retries"] > 0


def test_what_a_target_cannot_know_is_null(tool, tmp_path):
    summary, _ = observe(tool, tmp_path / "seen", command=loop("retry", 200))
    assert (summary["kind"], summary["side"]) == ("observe", "target")
    assert summary["validity"] is None and summary["generator"] is None and summary["scenario"] is None
    assert summary["records"]["planned"] is None and summary["records"]["unfinished"] is None
    assert summary["latency_ms"]["response"] is None and summary["latency_ms"]["queue"] is None
    assert summary["latency_ms"]["service"]["count"] == 2
    assert summary["observe"]["command"]["exit_code"] == 0
    rows = list(csv.DictReader(open(tmp_path / "seen" / "timeseries.csv")))
    assert sum(int(row["attempted_records"]) for row in rows) == 200
    rows = list(csv.DictReader(open(tmp_path / "seen" / "shards.csv")))
    assert sum(int(row["accepted_records"]) for row in rows) == 200
    metrics = {row["metric"] for row in csv.DictReader(open(tmp_path / "seen" / "latency.csv"))}
    assert metrics == {"service", "delivery"}
    keys = list(csv.DictReader(open(tmp_path / "seen" / "keys.csv")))
    assert len(keys) == 50 and all(row["partition_key"].startswith("0x") for row in keys)


def test_counts_are_those_of_boto3_in_random_faults(tool, tmp_path, pytestconfig):
    draw = random.Random(17)
    kinds = ["internal-failure:{}%", "throttle:{}%", "500:{}%", "400:{}%", "503:{}%"]
    for round in range(50 if pytestconfig.getoption("--long") else 5):
        faults = [word for kind in draw.sample(kinds, 2) for word in ("--fault", kind.format(draw.randint(1, 30)))]
        folder = tmp_path / f"seen-{round}"
        options = ["--shards", draw.randint(1, 4), "--seed", draw.randint(0, 10**9), *faults]
        how = draw.choice(["ignore", "retry", "whole", "at-once"])
        # A whole batch that is sent until nothing in it is refused never ends where many records are refused.
        shapes = [(60, 1)] if how == "whole" else [(60, 1), (300, 20), (1000, 100), (1000, 500)]
        count, batch = draw.choice(shapes)
        summary, done = observe(tool, folder, *options, command=loop(how, count, batch))
        assert done.returncode == 0, done.stdout + done.stderr
        said = json.loads(done.stdout.splitlines()[0])
        identities(summary)
        seen = summary["observe"]["records"]
        for name in ("attempted", "accepted", "throttled", "fault", "distinct", "delivered", "duplicates"):
            assert seen[name] == said["sent" if name == "attempted" else name], (round, name, options, how)
        assert summary["requests"]["total"] == said["requests"]


GATES = [
    ([{"metric": "lost.count", "max": 0}], "ignore", 3),
    ([{"metric": "lost.count", "max": 0}], "retry", 0),
    ([{"metric": "duplicate.count", "max": 0}], "whole", 3),
    ([{"metric": "retry.gap.p50", "min": "20ms"}], "at-once", 3),
    ([{"metric": "retry.gap.p50", "min": "20ms"}], "retry", 0),
    ([{"metric": "requests.count", "max": 10}], "ignore", 3),
    ([{"metric": "requests.fill", "min": 0.99}], "ignore", 3),
    ([{"metric": "reorder.count", "max": 0}, {"metric": "service.p99", "max": "10s"}], "ignore", 0),
    ([{"metric": "retry.gap.p99", "max": "1s"}], "ignore", 3),
]


@pytest.mark.parametrize("gate, how, code", GATES, ids=[f"{g[0][0]['metric']}-{g[1]}" for g in GATES])
def test_gates_hold_or_fail(tool, tmp_path, gate, how, code):
    file = tmp_path / "gate.json"
    file.write_text(json.dumps(gate))
    summary, done = observe(tool, tmp_path / "seen", "--shards", 1, "--gate", file, command=loop(how, 2500))
    assert done.returncode == code, done.stdout + done.stderr
    assert summary["exit_code"] == code
    assert summary["verdict"] == ("pass" if code == 0 else "fail")


REFUSED_GATES = [
    ([{"metric": "lateness.p99", "max": "5ms"}], "[0].metric", "only the sender"),
    ([{"metric": "queue.p99", "max": "5ms"}], "[0].metric", "only the sender"),
    ([{"metric": "response.p99", "max": "5ms"}], "[0].metric", "only the sender"),
    ([{"metric": "lost.cont", "max": 0}], "[0].metric", "lost.count"),
    ([{"metric": "lost.count"}], "[0]", "max"),
    ([{"metric": "lost.count", "max": 0, "phase": "a"}], "[0].phase", "what a target sees has none"),
    ([{"metric": "lost.count", "max": 0, "abort": {}}], "[0].abort", "when it has ended"),
    ({"metric": "lost.count", "max": 0}, "list", "object"),
    ([], "thresholds", "empty"),
]


@pytest.mark.parametrize("gate, place, word", REFUSED_GATES, ids=[str(number) for number in range(len(REFUSED_GATES))])
def test_a_wrong_gate_is_named_and_nothing_is_started(tool, tmp_path, gate, place, word):
    file = tmp_path / "gate.json"
    file.write_text(json.dumps(gate))
    summary, done = observe(tool, tmp_path / "seen", "--gate", file, command=["touch", str(tmp_path / "started")])
    assert done.returncode == 2 and summary is None
    assert str(file) in done.stderr and place in done.stderr and word in done.stderr, done.stderr
    assert not (tmp_path / "started").exists() and not (tmp_path / "seen").exists()


def test_expected_records(tool, tmp_path):
    data = [f"record-{number}".encode() for number in range(1500)]
    file = tmp_path / "expected"
    file.write_text("".join(hashlib.sha256(record).hexdigest() + "\n" for record in data))
    for options, how, code in [
        (["--expect", 1500], "ignore", 3),
        (["--expect", 1500], "retry", 0),
        (["--expect", file], "retry", 0),
        (["--expect", file], "ignore", 3),
        (["--expect", 1501], "retry", 3),
    ]:
        folder = tmp_path / f"seen-{how}-{code}-{len(list(tmp_path.iterdir()))}"
        summary, done = observe(tool, folder, "--shards", 1, *options, command=loop(how, 1500))
        assert done.returncode == code, done.stdout + done.stderr
        assert summary["observe"]["expected"] == (1501 if options[1] == 1501 else 1500)


EXPECTATIONS = [
    ("a" * 64 + "\n" + "a" * 64 + "\n", [], "line 2", "again"),
    ("no hash\n", [], "line 1", "SHA-256"),
    ("one\ntwo\none\n", ["--record-id", "/id"], "line 3", "again"),
    ("\n", [], "expected", "names no record"),
]


@pytest.mark.parametrize("text, options, place, word", EXPECTATIONS, ids=["twice", "no-hash", "id-twice", "empty"])
def test_a_wrong_expectation_is_named(tool, tmp_path, text, options, place, word):
    file = tmp_path / "expected"
    file.write_text(text)
    summary, done = observe(tool, tmp_path / "seen", "--expect", file, *options, command=["true"])
    assert done.returncode == 2 and place in done.stderr and word in done.stderr, done.stderr


def script(text):
    return ["sh", "-c", textwrap.dedent(text)]


ENDINGS = [
    ("not found", ["/nonexistent/producer"], [], 2, "no such command", None),
    ("died at once", script("exit 9"), [], 7, "exit code 9", 9),
    ("killed itself", script("kill -9 $$"), [], 7, "signal 9", 137),
    ("never sends", ["true"], [], 5, "Nothing connected", 0),
    ("never ends", ["sleep", "60"], ["--timeout", "500ms"], 5, "did not end", 143),
    ("a service", ["sleep", "60"], ["--for", "500ms"], 5, "Nothing connected", 143),
]


@pytest.mark.parametrize("name, command, options, code, word, exit_code", ENDINGS, ids=[e[0] for e in ENDINGS])
def test_a_command_that_does_nothing_useful_is_named(tool, tmp_path, name, command, options, code, word, exit_code):
    summary, done = observe(tool, tmp_path / "seen", *options, command=command)
    assert done.returncode == code, done.stdout + done.stderr
    assert word in " ".join((done.stdout + done.stderr).split()), done.stdout + done.stderr
    if exit_code is None:
        assert summary is None
    else:
        assert summary["observe"]["command"]["exit_code"] == exit_code
        assert summary["exit_code"] == code


def test_a_service_is_ended_after_its_time_with_success(tool, tmp_path):
    summary, done = observe(tool, tmp_path / "seen", "--for", "2s", command=loop("forever", 100))
    assert done.returncode == 0, done.stdout + done.stderr
    assert summary["observe"]["command"]["ended_by"] == "time"
    assert summary["records"]["delivered"] > 0


def test_another_stream_is_named(tool, tmp_path):
    summary, done = observe(tool, tmp_path / "seen", "--stream", "payments", command=loop("ignore", 10))
    assert done.returncode == 7
    assert summary["observe"]["elsewhere"] == [{"name": "orders (not there)", "count": 1}]
    assert "--stream" in done.stdout


def test_clear_text_port_that_is_spoken_to_in_tls(tool, tmp_path):
    command = script("curl -s -m 5 -k https://${AWS_ENDPOINT_URL_KINESIS#http://}/; true")
    summary, done = observe(tool, tmp_path / "seen", command=command)
    assert done.returncode == 5
    assert summary["observe"]["garbage"] == 1 and "--tls-self-signed" in done.stdout


def test_children_are_ended_with_the_command(tool, tmp_path):
    command = script(f"sleep 300 & echo $! > {tmp_path}/pid; exit 0")
    observe(tool, tmp_path / "seen", command=command)
    pid = int((tmp_path / "pid").read_text())
    for _ in range(200):
        state = pathlib.Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            return
        time.sleep(0.01)
    raise AssertionError("the command's child is still there")


def test_no_credentials_reach_the_command(tool, tmp_path):
    outer = {
        "AWS_PROFILE": "production", "AWS_SESSION_TOKEN": "secret", "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/r", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2", "AWS_ACCESS_KEY_ID": "AKIAREAL", "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_CONFIG_FILE": "/real", "AWS_ENDPOINT_URL": "http://elsewhere",
    }
    seen = {}
    for options in ([], ["--all-services", "--tls-self-signed"]):
        file = tmp_path / f"env-{len(options)}"
        observe(tool, tmp_path / f"seen-{len(options)}", *options, command=script(f"env -0 > {file}"), env=outer)
        seen[len(options)] = dict(word.split("=", 1) for word in file.read_text().split("\0") if "=" in word)
    inner = seen[0]
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_ENDPOINT_URL",
                 "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        assert name not in inner
    assert inner["AWS_ACCESS_KEY_ID"] == inner["AWS_SECRET_ACCESS_KEY"] == "test"
    assert inner["AWS_CONFIG_FILE"] == inner["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"
    assert inner["AWS_EC2_METADATA_DISABLED"] == "true" and inner["AWS_REGION"] == "us-east-1"
    assert inner["AWS_ENDPOINT_URL_KINESIS"].startswith("http://127.0.0.1:")
    assert seen[2]["AWS_ENDPOINT_URL"] == seen[2]["AWS_ENDPOINT_URL_KINESIS"]
    assert seen[2]["AWS_ENDPOINT_URL"].startswith("https://")
    assert seen[2]["AWS_CA_BUNDLE"].endswith(".pem")


def test_a_signal_is_passed_on_and_the_folder_is_written(tool, tmp_path):
    process = tool.start("observe", "--run-dir", tmp_path / "seen", "--quiet-for", "200ms", "--", *loop("forever", 100))
    marker = tmp_path / "seen"
    for _ in range(1000):
        if process.poll() is not None:
            break
        if (pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()).strip():
            break
        time.sleep(0.01)
    line = process.stdout.readline()
    assert line == "sending\n"
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 130, output + errors
    summary = json.loads((marker / "summary.json").read_text())
    assert summary["observe"]["command"]["ended_by"] == "signal" and summary["verdict"] == "incomplete"
    assert summary["records"]["delivered"] > 0


def test_a_target_by_itself_writes_its_folder_when_it_is_stopped(target, tool, tmp_path):
    folder = tmp_path / "seen"
    server = target("--shards", 1, "--run-dir", folder)
    stream = client(server.endpoint)
    for batch in range(4):
        stream.put_records(
            StreamName="orders",
            Records=[{"Data": f"{batch}-{number}".encode(), "PartitionKey": f"k{number}"} for number in range(400)],
        )
    server.process.send_signal(signal.SIGTERM)
    output, _ = server.process.communicate(timeout=20)
    assert server.process.returncode == 0
    summary = json.loads((folder / "summary.json").read_text())
    identities(summary)
    assert summary["records"]["attempted"] == 1600 and summary["observe"]["command"] is None
    names = [line.split()[0] for line in output.splitlines()]
    assert names == ["served", "requests", "records", "delivery", "order", "retries", "batches", "shards", "keys", "report"]
    assert tool("report", folder).returncode == 0


def test_a_target_without_a_folder_says_eight_lines(target):
    server = target("--shards", 1)
    client(server.endpoint).put_records(StreamName="orders", Records=[{"Data": b"a", "PartitionKey": "k"}] * 10)
    server.process.send_signal(signal.SIGTERM)
    output, _ = server.process.communicate(timeout=20)
    lines = output.splitlines()[1:]
    assert len(lines) == 8 and "10 attempted, 10 accepted" in lines[1]


@pytest.mark.parametrize("library", ["aiokpl", "aiokpl-aggregated", "async-kinesis", "async-kinesis-aggregated"])
def test_producer_libraries(tool, tmp_path, library):
    count = 4000
    command = ["sh", "-c", f'exec {PRODUCERS} {CLIENTS / "producer.py"} {library} "$AWS_ENDPOINT_URL_KINESIS" orders {count}']
    summary, done = observe(tool, tmp_path / "seen", "--shards", 2, "--fault", "internal-failure:every=200", command=command)
    assert done.returncode == 0, done.stdout + done.stderr
    seen = summary["observe"]["user_records"] or summary["observe"]["records"]
    identities(summary)
    assert (summary["observe"]["user_records"] is not None) == library.endswith("-aggregated")
    assert seen["distinct"] == seen["delivered"] == count and seen["duplicates"] == 0
    if library.endswith("-aggregated"):
        assert summary["records"]["attempted"] < count / 10
    else:
        assert seen["retries"] > 0
    print(f"\n{library}: " + " ".join(done.stdout.split("\n\n")[1].split()))
