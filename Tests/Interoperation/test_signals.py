"""A first SIGINT or SIGTERM in every stage of a command: what was measured is written and marked, 130; a second: at once."""

import fcntl
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time

import pytest
from harness import Result, Target, scenario
from scripted import ScriptedServer, message

COMPILER = shutil.which("clang") or shutil.which("cc")
SIGNALS = pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
PATIENCE = 30


def until(condition, process):
    """Waits for a condition, as long as the process lives."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None and time.monotonic() < deadline, process.communicate(timeout=PATIENCE)
        time.sleep(0.005)


def minds(process):
    """Whether signals can no longer be lost: each of the three has its descriptor."""
    folder = pathlib.Path(f"/proc/{process.pid}/fd")
    links = []
    for entry in folder.iterdir():
        try:
            links.append(os.readlink(entry))
        except OSError:
            pass
    return sum("signalfd" in link for link in links) >= 3


def ended(process, timeout=PATIENCE):
    output, errors = process.communicate(timeout=timeout)
    assert process.returncode == 130, (process.returncode, output, errors)
    return output, errors


def progress(process, second=None):
    """Waits until the run says that this second has begun, counted from the first that is measured; any, by default."""
    for line in process.stderr:
        if line.startswith("t=") and (second is None or int(line.split()[0][2:]) >= second):
            return
    raise AssertionError("the run ended before")


def heard(process):
    """Waits until the process says that it heard the signal."""
    for line in process.stderr:
        if line.startswith("interrupted: what is there is written"):
            return
    raise AssertionError("it ended without a word")


class HoldingServer(ScriptedServer):
    """Takes records and never answers the operation that is held."""

    def __init__(self, held):
        self.held, self.asked = held, threading.Event()
        super().__init__(script=None, every=1 << 62)

    def answer(self, connection, operation, body):
        if operation == self.held:
            self.asked.set()
            self.stopped.wait(PATIENCE)
        elif operation == "getsharditerator":
            connection.send(message({"ShardIterator": "it"}))
        elif operation == "getrecords":
            connection.send(message({"Records": [], "NextShardIterator": "it", "MillisBehindLatest": 0}))
        else:
            super().answer(connection, operation, body)


@pytest.fixture
def holding():
    servers = []

    def start(held):
        servers.append(HoldingServer(held))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def hold(tmp_path_factory):
    """Says how a process is held at a file's name."""
    if COMPILER is None:
        pytest.skip("there is no C compiler")
    library = tmp_path_factory.mktemp("hold") / "hold.so"
    source = pathlib.Path(__file__).parent / "hold.c"
    subprocess.run([COMPILER, "-shared", "-fPIC", "-Wall", "-Werror", "-o", library, source], check=True)
    return lambda name, folder: {
        "LD_PRELOAD": str(library), "HOLD_NAME": name, "HOLD_MARK": str(folder / "held"),
        "HOLD_RELEASE": str(folder / "go"),
    }


def short(tmp_path, **changes):
    return scenario(tmp_path, "short", **{"phases": [{"name": "steady", "duration": "500ms", "rate": 200}]} | changes)


def marked(folder):
    """The results of a run that was interrupted: whole files that say so."""
    result = Result(pathlib.Path(folder).resolve())
    assert result.summary["complete"] is False and result.summary["exit_code"] == 130
    assert result.summary["verdict"] == "incomplete"
    records = result.summary["records"]
    ends = sum(records[end] for end in ("accepted", "gave_up", "expired", "skipped", "unfinished"))
    assert records["planned"] == ends
    for name in ("report.html", "summary.md", "junit.xml"):
        assert (result.folder / name).stat().st_size > 0
    return result


# Opening: nothing was measured, nothing is left.


@SIGNALS
def test_opening_while_the_scenario_is_read(tool, tmp_path, which):
    process = tool.start("run", "-", "--out", tmp_path / "results", stdin=subprocess.PIPE)
    until(lambda: minds(process), process)
    process.send_signal(which)
    # Its end comes before that of its input.
    process.wait(timeout=PATIENCE)
    assert "interrupted: nothing was sent" in ended(process)[1]
    assert not (tmp_path / "results").exists()


@SIGNALS
@pytest.mark.parametrize("command", ["run", "create"])
def test_opening_while_the_target_is_asked(tool, tmp_path, holding, which, command):
    server = holding("listshards" if command == "run" else "createstream")
    words = ["--create-stream", "--delete-stream"] if command == "create" else []
    words += ["--target", server.endpoint, "--out", tmp_path / "results"]
    process = tool.start("run", short(tmp_path), *words)
    assert server.asked.wait(PATIENCE)
    process.send_signal(which)
    assert "interrupted: nothing was sent" in ended(process)[1]
    assert not (tmp_path / "results").exists()


# Warm-up, run, drain.


@SIGNALS
@pytest.mark.parametrize("stage", ["warm-up", "run"])
def test_while_it_sends(tool, tmp_path, which, stage):
    phases = [
        {"name": "first", "duration": "10m" if stage == "warm-up" else "1s", "rate": 200, "measure": False},
        {"name": "second", "duration": "10m", "rate": 200},
    ]
    words = ["--out", tmp_path / "results", "--progress", "1s"]
    process = tool.start("run", scenario(tmp_path, "long", phases=phases), *words)
    progress(process, None if stage == "warm-up" else 1)
    process.send_signal(which)
    ended(process)
    summary = marked(tmp_path / "results" / "latest").summary
    assert (summary["records"]["planned"] == 0) == (stage == "warm-up")
    assert summary["warmup_records"]["planned"] > 0


@SIGNALS
def test_while_it_drains(tool, target, tmp_path, which):
    endpoint = target("--latency", "60s").endpoint
    path = short(tmp_path, client__timeout="120s")
    words = ["--target", endpoint, "--out", tmp_path / "results", "--progress", "1s"]
    process = tool.start("run", path, *words)
    progress(process, 2)
    process.send_signal(which)
    ended(process)
    records = marked(tmp_path / "results" / "latest").summary["records"]
    assert records["unfinished"] == records["planned"] == 100 and records["not_reached"] == 0


# Read back, files, reports: the load is whole, and what follows it is not.


@SIGNALS
def test_while_the_stream_is_read_back(tool, tmp_path, holding, which):
    server = holding("getrecords")
    words = ["--target", server.endpoint, "--out", tmp_path / "results", "--read-back"]
    process = tool.start("run", short(tmp_path), *words)
    assert server.asked.wait(PATIENCE)
    process.send_signal(which)
    ended(process)
    summary = marked(tmp_path / "results" / "latest").summary
    assert summary["records"]["planned"] == summary["records"]["accepted"] == 100
    assert summary["verification"]["complete"] is False
    assert summary["verification"]["problem"] == "interrupted after 0 records"
    assert any("interrupted while the stream was read back" in text for text in summary["warnings"])


# The first of the files that are written at the end, the last, and a report.
@SIGNALS
@pytest.mark.parametrize("name", ["shards.csv", "summary.json", "report.html"])
def test_while_files_and_reports_are_written(tool, tmp_path, hold, which, name):
    words = ["--out", tmp_path / "results"]
    process = tool.start("run", short(tmp_path), *words, env=hold(name, tmp_path))
    until((tmp_path / "held").exists, process)
    process.send_signal(which)
    heard(process)
    (tmp_path / "go").touch()
    output, _ = ended(process)
    summary = marked(tmp_path / "results" / "latest").summary
    assert summary["records"]["planned"] == summary["records"]["accepted"] == 100
    assert any("interrupted while the results were written" in text for text in summary["warnings"])
    assert "INCOMPLETE: interrupted while the results were written" in output


@SIGNALS
@pytest.mark.parametrize("name", ["shards.csv", "report.html"])
def test_the_second_leaves_at_once_though_files_are_held(tool, tmp_path, hold, which, name):
    process = tool.start("run", short(tmp_path), "--out", tmp_path / "results", env=hold(name, tmp_path))
    until((tmp_path / "held").exists, process)
    process.send_signal(which)
    heard(process)
    process.send_signal(which)
    ended(process)
    (left,) = (tmp_path / "results").iterdir()
    assert left.name.endswith(".partial")


@SIGNALS
def test_while_the_table_is_shown(tool, tmp_path, which):
    # Standard output is a pipe that is full and that nobody reads.
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    os.write(writer, b"x" * 4096)
    process = subprocess.Popen(
        [tool.path, "run", short(tmp_path), "--out", tmp_path / "results"], stdout=writer, stderr=subprocess.PIPE, text=True
    )
    until((tmp_path / "results" / "latest").exists, process)
    until(lambda: blocked_in_write(process), process)
    process.send_signal(which)
    ended(process)
    os.close(reader)
    os.close(writer)
    assert Result((tmp_path / "results" / "latest").resolve()).summary["complete"] is True


def blocked_in_write(process):
    return pathlib.Path(f"/proc/{process.pid}/wchan").read_text() in ("pipe_write", "anon_pipe_write")


# The other commands.


@pytest.fixture
def finished(tool, target, tmp_path):
    """A run with identities, whole, and the target that holds its records."""
    endpoint = target("--retain", "10MiB").endpoint
    words = ["--target", endpoint, "--run-dir", tmp_path / "out", "--set", "records.identity=true"]
    done = tool("run", short(tmp_path), *words)
    assert done.returncode in (0, 5), done.stderr
    return tmp_path / "out"


@SIGNALS
def test_verify_while_it_opens_and_reads(tool, finished, holding, which):
    before = (finished / "summary.json").read_bytes()
    for held, words in (("listshards", "nothing was read"), ("getrecords", "interrupted after 0 records")):
        server = holding(held)
        process = tool.start("verify", finished, "--target", server.endpoint)
        assert server.asked.wait(PATIENCE)
        process.send_signal(which)
        assert words in ended(process)[1]
        assert (finished / "verification.json").exists() == (held == "getrecords")
        assert (finished / "summary.json").read_bytes() == before


@SIGNALS
@pytest.mark.parametrize(
    "name, words", [("timeseries.csv", "nothing was drawn"), ("summary.md", "the reports are drawn")]
)
def test_report_while_it_reads_and_draws(tool, finished, tmp_path, hold, which, name, words):
    process = tool.start("report", finished, env=hold(name, tmp_path))
    until((tmp_path / "held").exists, process)
    process.send_signal(which)
    if name == "summary.md":
        heard(process)
        (tmp_path / "go").touch()
    assert words in ended(process)[1]
    assert (finished / "report.html").stat().st_size > 0


@SIGNALS
def test_a_target_that_serves_ends_in_order_and_one_that_opens_did_nothing(tool, tmp_path, which):
    target = Target(tool)
    target.process.send_signal(which)
    assert target.process.wait(timeout=PATIENCE) == 0
    target.process.communicate()
    opening = tool.start("target", "--port", "0", "--from-input", stdin=subprocess.PIPE)
    until(lambda: minds(opening), opening)
    opening.send_signal(which)
    opening.wait(timeout=PATIENCE)
    assert "interrupted: nothing was served" in ended(opening)[1]
