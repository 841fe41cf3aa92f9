"""What cannot work is refused in one message, with its exit code, before anything is sent or left behind."""

import http.server
import json
import os
import subprocess
import threading

import pytest
from harness import client, free_port, scenario, self_signed


def assert_refused(done, folder, code, *needles):
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stdout == ""
    for needle in needles:
        assert needle in done.stderr, done.stderr
    assert "internal error" not in done.stderr and "Fatal" not in done.stderr
    assert not folder.exists() or not [name for name in os.listdir(folder) if not name.endswith(".partial")]


# Anything but loopback needs credentials before it needs anything else.
KEYS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}

FIELDS = [
    ("phases__0__rte", 5, 'phases[0]', 'did you mean "rate"?'),
    ("phases__0__rate", "fast", "phases[0].rate", '"fast"'),
    ("phases__0__rate", -1, "phases[0].rate", "-1"),
    ("phases__0__duration", "2 parsecs", "phases[0].duration", "parsecs"),
    ("phases__0__duration", None, "phases[0]", "duration"),
    ("phases", [], "phases", "empty"),
    ("phases__0__rate", None, "phases[0]", "rate"),
    ("batch__records", 501, "batch.records", "501"),
    ("batch__records", 0, "batch.records", "0"),
    ("batch__linger", 5, "batch.linger", "5"),
    ("records__size", {"type": "fixed", "value": "2MiB"}, "records.size", "2097164"),
    ("records__size", {"type": "fxed", "value": "1KiB"}, "records.size", "fixed"),
    ("records__key", {"type": "zipf", "exponent": -1, "cardinality": 10}, "records.key.exponent", "-1"),
    ("records__key", {"type": "uniform", "cardinality": 0}, "records.key.cardinality", "0"),
    ("records__key", {"type": "constant", "value": ""}, "records.key.value", ""),
    ("records__size", None, "records", "size"),
    ("stream", {"name": "two words", "shards": 4}, "stream.name", "two words"),
    ("stream", {"name": "orders", "shards": 0}, "stream.shards", "0"),
    ("stream", {"name": "orders", "shards": 2.5}, "stream.shards", "2.5"),
    ("client__producers", 0, "client.producers", "0"),
    ("client__timeout", "0s", "client.timeout", "0s"),
    ("seed", "one", "seed", '"one"'),
    ("schema", "shardmeter/9", "schema", "shardmeter/1"),
    ("name", None, "name", "name"),
    ("thresholds", [{"metric": "respnse.p99", "max": "5ms"}], "thresholds[0].metric", "response.p99"),
    ("thresholds", [{"metric": "response.p99"}], "thresholds[0]", "max"),
]


@pytest.mark.parametrize("path, value, place, word", FIELDS, ids=[f"{f[0]}={json.dumps(f[1])}"[:60] for f in FIELDS])
def test_a_wrong_field_is_named(tool, tmp_path, path, value, place, word):
    file = scenario(tmp_path, "wrong", **{path: value})
    done = tool("run", file, "--out", tmp_path / "results")
    assert_refused(done, tmp_path / "results", 2, str(file), place, word)
    assert len(done.stderr.strip().splitlines()) <= 2


TEXTS = {
    "empty": ("", "wrong.json"),
    "not json": ("rate: 5", "(line 1,"),
    "cut": ('{"schema": "shardmeter/1",', "(line 1,"),
    "trailing comma": ('{"schema": "shardmeter/1", "name": "x",}', "(line 1,"),
    "duplicate key": ('{"schema": "shardmeter/1", "name": "x", "name": "y"}', "name"),
    "trailing text": ('{"schema": "shardmeter/1"} {}', "(line 1,"),
    "a list": ("[]", "object"),
    "not UTF-8": (b'{"name": "\xff"}', "UTF-8"),
}


@pytest.mark.parametrize("text, word", TEXTS.values(), ids=TEXTS)
def test_malformed_json_says_where(tool, tmp_path, text, word):
    file = tmp_path / "wrong.json"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = tool("run", file, "--out", tmp_path / "results")
    assert_refused(done, tmp_path / "results", 2, str(file), word)


def test_a_missing_file_is_named(tool, tmp_path):
    done = tool("run", tmp_path / "nowhere.json", "--out", tmp_path / "results")
    assert_refused(done, tmp_path / "results", 2, "nowhere.json")


def test_a_folder_is_no_scenario(tool, tmp_path):
    assert_refused(tool("run", tmp_path, "--out", tmp_path / "results"), tmp_path / "results", 2, str(tmp_path))


@pytest.mark.parametrize(
    "words, needle",
    [
        (("--strem", "x"), "did you mean --stream?"),
        (("--workers", "many"), "--workers"),
        (("--target", "embeded"), "did you mean embedded?"),
        (("--target", "ftp://x"), "--target"),
        (("--target", "http://"), "http://"),
        (("--set", "phases[0].rte=5"), "rate"),
        (("--set", "phases[9].rate=5"), "phases[9]"),
        (("--set", "phases[0].rate=fast"), "phases[0].rate"),
        (("--stream", "two words"), "two words"),
        (("extra",), "extra"),
        (("--json=1",), "--json"),
    ],
)
def test_a_wrong_option_is_named(tool, tmp_path, words, needle):
    file = scenario(tmp_path)
    done = tool("run", file, *words, "--out", tmp_path / "results")
    assert_refused(done, tmp_path / "results", 2, needle)


def test_a_folder_in_use_is_refused(tool, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "precious.txt").write_text("keep me")
    done = tool("run", scenario(tmp_path), "--run-dir", tmp_path / "full")
    assert done.returncode == 2, done.stdout + done.stderr
    assert os.listdir(tmp_path / "full") == ["precious.txt"]


def test_an_unreachable_target(tool, tmp_path):
    endpoint = f"http://127.0.0.1:{free_port()}"
    done = tool("run", scenario(tmp_path), "--target", endpoint, "--out", tmp_path / "results")
    assert_refused(done, tmp_path / "results", 6, endpoint.removeprefix("http://"))


def test_a_name_that_does_not_resolve(tool, tmp_path):
    options = ("--stream", "orders", "--yes", "--existing-stream")
    done = tool("run", scenario(tmp_path), "--target", "http://nowhere.invalid:4567", *options, "--out", tmp_path / "results", env=KEYS)
    assert_refused(done, tmp_path / "results", 6, "nowhere.invalid")


def test_a_remote_target_needs_its_stream_on_the_command_line(tool, tmp_path):
    done = tool("run", scenario(tmp_path), "--target", "http://192.0.2.1:4567", "--yes", "--out", tmp_path / "results", env=KEYS)
    assert_refused(done, tmp_path / "results", 2, "--stream")


def test_wrong_credentials(tool, target, tmp_path):
    endpoint = target("--stream", "orders", "--access-key", "right", "--secret-key", "secret").endpoint
    keys = {"AWS_ACCESS_KEY_ID": "right", "AWS_SECRET_ACCESS_KEY": "wrong"}
    done = tool("run", scenario(tmp_path), "--target", endpoint, "--out", tmp_path / "results", env=keys)
    assert_refused(done, tmp_path / "results", 6, "InvalidSignatureException")
    assert "wrong" not in done.stderr.replace("wrong credentials", "")


def test_no_signature_where_one_is_needed(tool, target, tmp_path):
    endpoint = target("--stream", "orders").endpoint
    done = tool("run", scenario(tmp_path), "--target", endpoint, "--no-sign", "--out", tmp_path / "results")
    assert_refused(done, tmp_path / "results", 6, "MissingAuthenticationTokenException")


def test_a_stream_that_does_not_exist(tool, target, tmp_path):
    one = target("--stream", "orders")
    done = tool("run", scenario(tmp_path), "--target", one.endpoint, "--stream", "others", "--out", tmp_path / "results")
    assert_refused(done, tmp_path / "results", 6, "others")
    assert client(one.endpoint).list_streams()["StreamNames"] == ["orders"]


class HTMLServer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b"<html><body>It works!</body></html>"
        self.server.operations.append(self.headers["X-Amz-Target"])
        self.send_response(self.server.status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(params=[200, 404, 502])
def html_server(request):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), HTMLServer)
    server.status, server.operations = request.param, []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_target_that_answers_html(tool, html_server, tmp_path):
    """Garbage from the shard map is a warning; a run of which no record was accepted is not ok, and says why."""
    endpoint = f"http://127.0.0.1:{html_server.server_port}"
    done = tool("run", scenario(tmp_path, phases__0__duration="1s"), "--target", endpoint, "--out", tmp_path / "results")
    assert done.returncode in (5, 6), done.stdout + done.stderr
    assert "internal error" not in done.stderr
    if done.returncode == 6:
        assert_refused(done, tmp_path / "results", 6, endpoint.removeprefix("http://"))
    else:
        summary = json.loads((tmp_path / "results" / "latest" / "summary.json").read_text())
        assert summary["records"]["accepted"] == 0 and summary["records"]["planned"] > 0


@pytest.mark.parametrize("how", ["missing", "empty", "garbage"])
def test_report_of_what_is_no_result(tool, tmp_path, how):
    folder = tmp_path / "out"
    if how != "missing":
        folder.mkdir()
    if how == "garbage":
        (folder / "summary.json").write_text("{")
    done = tool("report", folder)
    assert done.returncode == 2, done.stdout + done.stderr
    assert str(folder) in done.stderr and "internal error" not in done.stderr
    assert not (folder / "report.html").exists()


def test_report_where_nothing_may_be_written(tool, tmp_path):
    """A folder in a report's place stands for one that is read only, which root may write to all the same."""
    done = tool("run", "--rate", "50", "--duration", "1s", "--run-dir", tmp_path / "out", "--progress", "none")
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "out" / "report.html").unlink()
    (tmp_path / "out" / "report.html").mkdir()
    before = sorted(entry.name for entry in (tmp_path / "out").iterdir())
    done = tool("report", tmp_path / "out")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == f"shardmeter report: cannot write {tmp_path}/out/report.html: Is a directory\n"
    assert sorted(entry.name for entry in (tmp_path / "out").iterdir()) == before


def changed(**members):
    """summary.json with other values of these members."""
    return lambda data: json.dumps(json.loads(data) | members).encode()


def cell(column, value):
    """The first row of a CSV file with another value in one column."""

    def edit(data):
        header, row, *rest = data.split(b"\n")
        cells = row.split(b",")
        cells[header.split(b",").index(column)] = value
        return b"\n".join([header, b",".join(cells), *rest])

    return edit


@pytest.mark.parametrize(
    ("name", "edit", "words"),
    [
        ("summary.json", lambda data: data[: len(data) // 2], "summary.json: "),
        ("summary.json", lambda data: b"", "an empty file"),
        ("summary.json", lambda data: data.decode().encode("utf-16"), "found text in UTF-16"),
        ("summary.json", lambda data: b"[" * 100_000, "levels of nesting"),
        ("summary.json", changed(schema="shardmeter.summary/9"), 'found "shardmeter.summary/9"'),
        ("summary.json", changed(records=[]), "records: expected an object"),
        ("summary.json", changed(exit_code="many"), 'exit_code: expected a whole number'),
        ("summary.json", changed(exit_code=10**30), "found 1000000000000000000000000000000"),
        ("timeseries.csv", lambda data: data + b"1,2\n", "2 cells under"),
        ("shards.csv", lambda data: bytes(range(256)) * 100, "shards.csv row 2"),
        ("shards.csv", cell(b"attempted_records", b"1e400"), 'column attempted_records: not readable: "1e400"'),
        ("shards.csv", cell(b"attempted_records", b"\0"), 'not readable: "\\x00"'),
        ("shards.csv", cell(b"attempted_records", b"-5"), "below 0: -5"),
        ("shards.csv", cell(b"attempted_records", b"x" * 10_000_000), "not readable: \"xxx"),
        ("latency.csv", cell(b"value_ms", b"nan"), 'column value_ms: not readable: "nan"'),
    ],
)
def test_report_of_a_folder_edited_by_hand(tool, tmp_path, name, edit, words):
    """Each ends in one line that names file and place, never in a signal."""
    done = tool("run", "--rate", "50", "--duration", "1s", "--run-dir", tmp_path / "out", "--progress", "none")
    assert done.returncode == 0, done.stdout + done.stderr
    file = tmp_path / "out" / name
    file.write_bytes(edit(file.read_bytes()))
    done = tool("report", tmp_path / "out")
    assert done.returncode == 2 and done.stdout == "", (done.returncode, done.stderr[:500])
    assert words in done.stderr and done.stderr.count("\n") == 1 and len(done.stderr) < 1000, done.stderr[:500]


@pytest.mark.parametrize(
    "words",
    [("--shards", "0"), ("--port", "70000"), ("--limits", "kinesys"), ("--latency", "soon"), ("--strem", "x"), ("word",)],
)
def test_wrong_options_of_the_target(tool, words):
    done = tool("target", "--port", "0", *words)
    assert done.returncode == 2 and done.stdout == "", done.stdout + done.stderr
    assert words[0].strip("-") in done.stderr


def test_a_port_in_use(tool, target):
    one = target()
    done = tool("target", "--port", one.endpoint.rsplit(":", 1)[1])
    assert done.returncode not in (0, 2) and done.stdout == ""
    assert one.endpoint.rsplit(":", 1)[1] in done.stderr


@pytest.fixture(params=["pipe", "folder", "device"])
def no_file(request, tmp_path):
    """Something that could be waited for, and how it is called."""
    place = tmp_path / "thing"
    if request.param == "pipe":
        os.mkfifo(place)
    elif request.param == "folder":
        place.mkdir()
    else:
        place.symlink_to("/dev/zero")
    return place, {"pipe": "a named pipe", "folder": "a folder", "device": "a device"}[request.param]


@pytest.mark.parametrize("role", ["scenario", "trace", "packed", "map", "payload", "shard-map", "ca-file"])
def test_nothing_waits_for_what_is_no_file(tool, tmp_path, no_file, role):
    place, name = no_file
    records = {"key": "unique", "payload": {"type": "files", "paths": ["thing"]}}
    packed = tmp_path / "thing.csv.gz"
    packed.symlink_to("thing")
    changes = {
        "trace": {"records": {"trace": {"path": "thing"}}, "phases": None},
        "packed": {"records": {"trace": {"path": "thing.csv.gz"}}, "phases": None},
        "map": {"stream": {"name": "orders", "shardMap": "thing"}},
        "payload": {"records": records},
    }
    path = place if role == "scenario" else scenario(tmp_path, "s", **changes.get(role, {}))
    words = {"shard-map": ["--shard-map", place], "ca-file": ["--target", "https://127.0.0.1:1", "--ca-file", place]}
    done = tool("run", path, *words.get(role, []), "--out", tmp_path / "results", timeout=30)
    assert_refused(done, tmp_path / "results", 2, f"it is {name}, not a file")


@pytest.mark.parametrize("option", ["--shard-map", "--tls-cert", "--tls-key"])
def test_a_target_waits_for_no_file_either(tool, tmp_path, no_file, option):
    place, name = no_file
    certificate, key = self_signed(tmp_path)
    words = {
        "--shard-map": ["--shard-map", place], "--tls-cert": ["--tls-cert", place, "--tls-key", key],
        "--tls-key": ["--tls-cert", certificate, "--tls-key", place],
    }
    done = tool("target", "--port", "0", *words[option], timeout=30)
    assert_refused(done, tmp_path / "results", 2, f"it is {name}, not a file")


def test_a_scenario_may_come_through_a_pipe_of_the_shell(tool, tmp_path):
    script = f'"$0" plan <(cat {scenario(tmp_path)}) --json'
    done = subprocess.run(["bash", "-c", script, tool.path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and json.loads(done.stdout), done.stderr


@pytest.mark.parametrize("kind", ["file", "pipe"])
def test_a_scenario_that_never_ends_is_refused_while_it_is_read(tool, tmp_path, kind):
    large = tmp_path / "large.json"
    with open(large, "wb") as file:
        file.truncate(1 << 30)
    source = "-" if kind == "pipe" else str(large)
    # 1 GiB of addresses holds the program and what it may read, not the file.
    script = f'ulimit -v 1048576; "$0" plan {source} < /dev/zero'
    done = subprocess.run(["bash", "-c", script, tool.path], capture_output=True, text=True, timeout=60)
    assert_refused(done, tmp_path / "results", 2, "it has more than 64 MiB")
