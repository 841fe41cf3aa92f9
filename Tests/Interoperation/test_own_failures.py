"""What the tool itself may meet: full disks, closed streams, too few descriptors, signals. Nothing that was written is lost."""

import fcntl
import os
import resource
import shutil
import signal
import subprocess
import threading
import time

import pandas
import pytest
from harness import RAN, ROOT, Result, can_mount, clean_environment, scenario


def long_run(tmp_path, duration="20s", shards=64, rate=2000, **changes):
    """A run whose files grow by some KiB each second."""
    return scenario(
        tmp_path,
        "grows",
        **{
            "stream": {"name": "orders", "shards": shards},
            "phases": [{"name": "steady", "duration": duration, "rate": rate}],
        }
        | changes,
    )


def limited(kind, soft, hard=None):
    """For `preexec_fn`: a limit of the new process."""
    return lambda: resource.setrlimit(kind, (soft, hard or soft))


def wait_for(process, second):
    """Reads progress until this second of the run has begun."""
    for line in process.stderr:
        if line.startswith("t=") and int(line.split()[0][2:]) >= second:
            return
    raise AssertionError(f"the run ended before second {second}")


def partial_of(folder):
    """The one folder a run left behind unfinished."""
    (name,) = [entry for entry in folder.iterdir() if entry.name.endswith(".partial")]
    return name


def check_partial(tool, folder, seconds):
    """What is there can be read, and `report` draws it as what it is; at least so many whole seconds are in it."""
    rows = pandas.read_csv(folder / "timeseries.csv", on_bad_lines="error")
    done = tool("report", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "INCOMPLETE" in done.stdout
    assert "INCOMPLETE" in (folder / "report.html").read_text().upper()
    assert rows.planned_records.head(seconds).sum() > 0 and len(rows) >= seconds
    return rows


def test_kill_in_the_middle_leaves_a_folder_that_can_be_read(tool, tmp_path):
    process = tool.start("run", long_run(tmp_path), "--out", tmp_path / "results", "--progress", "1s")
    wait_for(process, 4)
    children = [
        int(child)
        for task in os.listdir(f"/proc/{process.pid}/task")
        for child in open(f"/proc/{process.pid}/task/{task}/children").read().split()
    ]
    process.kill()
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    # Second 4 had begun: seconds 0 to 2 are there, and of second 3 what was final.
    rows = check_partial(tool, partial_of(tmp_path / "results"), 3)
    assert rows.accepted_records.iloc[:2].gt(0).all()
    # The embedded target does not outlive the run.
    assert len(children) == 1
    deadline = time.monotonic() + 20
    while os.path.exists(f"/proc/{children[0]}") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{children[0]}")


@pytest.mark.parametrize("spoil", ["summary.json", "timeseries.csv", "phases.csv", "errors.csv"])
def test_kill_while_a_file_is_written(tool, tmp_path, spoil):
    """A file cut in its middle, as the end of the process leaves it, keeps nobody from reading the rest."""
    done = tool("run", long_run(tmp_path, "2s", shards=4, rate=200), "--run-dir", tmp_path / "run")
    assert done.returncode in RAN, done.stdout + done.stderr
    folder = tmp_path / ".run.partial"
    (tmp_path / "run").rename(folder)
    if spoil != "summary.json":
        (folder / "summary.json").unlink()
    (folder / "report.html").unlink()
    whole = (folder / spoil).read_bytes()
    (folder / spoil).write_bytes(whole[: len(whole) * 2 // 3])
    done = tool("report", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "INCOMPLETE" in done.stdout


def test_a_full_disk_stops_the_run_and_keeps_what_was_written(tool, tmp_path):
    """RLIMIT_FSIZE plays the disk: journal.bin, the largest file, reaches it after some seconds."""
    process = tool.start(
        "run", long_run(tmp_path), "--out", tmp_path / "results", "--progress", "none",
        preexec_fn=limited(resource.RLIMIT_FSIZE, 48 << 10),
    )
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 1, output + errors
    folder = partial_of(tmp_path / "results")
    assert "journal.bin" in errors and "File too large" in errors and str(folder) in errors, errors
    assert "internal error" not in errors
    check_partial(tool, folder, 2)


def test_a_disk_that_is_full_when_the_report_is_drawn(tool, tmp_path):
    process = tool.start(
        "run", long_run(tmp_path, "2s", shards=4, rate=200), "--out", tmp_path / "results", "--progress", "none",
        preexec_fn=limited(resource.RLIMIT_FSIZE, 30 << 10),
    )
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 1, output + errors
    folder = partial_of(tmp_path / "results")
    assert "report.html" in errors and str(folder) in errors and "internal error" not in errors, errors
    done = tool("report", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert Result(folder).summary["checks"]["identity_holds"] is True


@pytest.mark.skipif(not can_mount(), reason="a tmpfs of its own needs root")
def test_a_small_tmpfs_that_fills_up(tool, tmp_path):
    (tmp_path / "small").mkdir()
    script = 'small=$1 copy=$2; shift 2; mount -t tmpfs -o size=48k none "$small" && "$@"; code=$?; cp -a "$small/." "$copy"; exit $code'
    (tmp_path / "copy").mkdir()
    command = ["unshare", "-m", "sh", "-c", script, "sh", tmp_path / "small", tmp_path / "copy", tool.path]
    command += ["run", long_run(tmp_path), "--out", tmp_path / "small", "--progress", "none"]
    done = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, cwd=ROOT, env=clean_environment(), timeout=60
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "No space left on device" in done.stderr and "internal error" not in done.stderr, done.stderr
    check_partial(tool, partial_of(tmp_path / "copy"), 2)


@pytest.mark.skipif(not can_mount(), reason="a file system that is read-only needs root")
def test_a_folder_that_cannot_be_written(tool, tmp_path):
    (tmp_path / "fixed").mkdir()
    script = 'mount -t tmpfs -o ro none "$1" && shift && exec "$@"'
    command = ["unshare", "-m", "sh", "-c", script, "sh", tmp_path / "fixed", tool.path]
    command += ["run", long_run(tmp_path), "--out", tmp_path / "fixed" / "results"]
    done = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, cwd=ROOT, env=clean_environment(), timeout=60
    )
    assert done.returncode == 2 and done.stdout == "", done.stdout + done.stderr
    assert "Read-only file system" in done.stderr and str(tmp_path / "fixed") in done.stderr, done.stderr


@pytest.mark.parametrize("option", ["--out", "--run-dir"])
def test_a_folder_that_is_a_file(tool, tmp_path, option):
    (tmp_path / "file").write_text("precious")
    done = tool("run", long_run(tmp_path), option, tmp_path / "file")
    assert done.returncode == 2 and done.stdout == "", done.stdout + done.stderr
    assert str(tmp_path / "file") in done.stderr and "internal error" not in done.stderr
    assert (tmp_path / "file").read_text() == "precious"


def test_a_folder_that_vanishes_in_the_middle(tool, tmp_path):
    # It would take ten minutes: its end is that of the folder.
    process = tool.start("run", long_run(tmp_path, "10m"), "--out", tmp_path / "results", "--progress", "1s")
    wait_for(process, 1)
    shutil.rmtree(tmp_path / "results")
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 1, output + errors
    assert str(tmp_path / "results") in errors and "internal error" not in errors, errors
    assert "it was taken away" in errors, errors


def test_a_reader_that_leaves_early(tool, tmp_path):
    """`run … | head -1`: the results are written, and the exit code is the run's."""
    path = long_run(tmp_path, "2s", shards=4, rate=200)
    script = f'set -o pipefail; "$0" run {path} --run-dir {tmp_path}/run --progress none | head -n 1'
    done = subprocess.run(
        ["bash", "-c", script, tool.path], capture_output=True, text=True, cwd=ROOT, env=clean_environment(), timeout=60
    )
    assert done.returncode in RAN and done.stderr == "", done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert (tmp_path / "run" / "report.html").stat().st_size > 0


def test_a_reader_that_is_gone_before_anything_is_written(tool, tmp_path):
    read, write = os.pipe()
    os.close(read)
    command = [tool.path, "run", long_run(tmp_path, "2s", shards=4, rate=200), "--run-dir", tmp_path / "run", "--progress", "1s"]
    code = subprocess.run([*map(str, command)], stdout=write, stderr=write, cwd=ROOT, env=clean_environment(), timeout=60).returncode
    os.close(write)
    assert code in RAN
    assert Result(tmp_path / "run").summary["complete"] is True


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_standard_streams_that_are_closed(tool, tmp_path, closed):
    """No file and no socket takes their numbers: every result file holds what it is to hold."""
    path = long_run(tmp_path, "2s", shards=4, rate=200)
    script = f'exec "$0" run {path} --run-dir {tmp_path}/run --progress 1s {closed}'
    done = subprocess.run(["bash", "-c", script, tool.path], capture_output=True, cwd=ROOT, env=clean_environment(), timeout=60)
    assert done.returncode in RAN, done.stdout + done.stderr
    result = Result(tmp_path / "run")
    assert result.summary["checks"]["identity_holds"] is True
    assert result.summary["records"]["accepted"] == result.summary["records"]["planned"] == 400
    for file in (tmp_path / "run").glob("*.csv"):
        pandas.read_csv(file, on_bad_lines="error")
        assert b"t=" not in file.read_bytes()


def test_progress_that_nobody_reads_does_not_hold_up_the_run(tool, tmp_path):
    """A pipe of one page that stays full: lines are dropped, the run is not."""
    read, write = os.pipe()
    fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
    path = long_run(tmp_path, "5s", shards=4, rate=200)
    command = [tool.path, "run", path, "--run-dir", tmp_path / "run", "--progress", "20ms"]
    started = time.monotonic()
    process = subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, stderr=write, text=True, cwd=ROOT, env=clean_environment())
    os.close(write)
    # Without an answer to a full pipe the run would wait for its reader: it comes only after a minute.
    rescue = threading.Timer(60, lambda: os.read(read, 1 << 20))
    rescue.start()
    output, _ = process.communicate(timeout=120)
    rescue.cancel()
    os.close(read)
    assert process.returncode in RAN, output
    assert time.monotonic() - started < 40
    assert Result(tmp_path / "run").summary["records"]["planned"] == 1000


def test_too_few_descriptors_are_named(tool, tmp_path):
    path = long_run(tmp_path, client={"producers": 1, "connections": 200})
    process = tool.start("run", path, "--out", tmp_path / "results", preexec_fn=limited(resource.RLIMIT_NOFILE, 100))
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 2 and output == "", output + errors
    assert "200 connections" in errors and "100" in errors and "ulimit -n 264" in errors, errors
    assert not (tmp_path / "results").exists()


def test_the_soft_limit_of_descriptors_is_raised(tool, tmp_path):
    path = long_run(tmp_path, "2s", shards=4, rate=400, client={"producers": 4, "connections": 200}, batch={"records": 1, "linger": "0s"})
    process = tool.start(
        "run", path, "--run-dir", tmp_path / "run", "--progress", "none", preexec_fn=limited(resource.RLIMIT_NOFILE, 40, 1024)
    )
    output, errors = process.communicate(timeout=60)
    assert process.returncode in RAN, output + errors
    assert Result(tmp_path / "run").summary["records"]["accepted"] == 800
