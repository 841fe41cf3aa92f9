"""Signals: the first drains and reports, the second leaves, SIGUSR1 asks."""

import json
import signal

import pytest
from harness import RAN, Result, scenario


def first_progress_line(process):
    """Waits until the run says that it sends."""
    for line in process.stderr:
        if "t=" in line:
            return line
    raise AssertionError("no progress line")


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_leaves_whole_reports_marked_incomplete(tool, tmp_path, which):
    path = scenario(tmp_path, "long", phases=[{"name": "steady", "duration": "10m", "rate": 500}])
    process = tool.start("run", path, "--out", tmp_path / "results", "--progress", "1s")
    first_progress_line(process)
    process.send_signal(which)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 130, output + errors
    result = Result((tmp_path / "results" / "latest").resolve())
    assert result.summary["complete"] is False and result.summary["exit_code"] == 130
    records = result.summary["records"]
    assert records["planned"] == sum(
        records[end] for end in ("accepted", "gave_up", "expired", "skipped", "unfinished")
    )
    assert 0 < records["planned"] < 300_000
    assert records["planned"] + records["not_reached"] == 300_000
    assert "INCOMPLETE" in output or "incomplete" in output
    assert (result.folder / "report.html").stat().st_size > 0


def test_the_second_signal_leaves_at_once(tool, target, tmp_path):
    # Answers take longer than the drain of 5 s would.
    endpoint = target("--stream", "orders", "--latency", "30s").endpoint
    path = scenario(
        tmp_path, "stuck", client__timeout="60s", phases=[{"name": "steady", "duration": "10m", "rate": 100}]
    )
    process = tool.start("run", path, "--target", endpoint, "--out", tmp_path / "results", "--progress", "1s")
    first_progress_line(process)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=4)
    assert process.returncode == 130, output + errors
    assert not (tmp_path / "results" / "latest").exists()
    assert all(entry.name.endswith(".partial") for entry in (tmp_path / "results").iterdir())


def test_a_progress_line_on_request(tool, tmp_path):
    path = scenario(tmp_path, "asked", phases=[{"name": "steady", "duration": "4s", "rate": 500}])
    process = tool.start("run", path, "--run-dir", tmp_path / "out", "--progress", "3s")
    first = first_progress_line(process)
    process.send_signal(signal.SIGUSR1)
    second = first_progress_line(process)
    _, errors = process.communicate(timeout=30)
    assert process.returncode in RAN, errors
    names = [[word.split("=")[0] for word in line.split()] for line in (first, second)]
    assert names[0] == names[1] and names[0][0] == "t"


def test_progress_none_is_silent_and_json_is_alone_on_stdout(tool, tmp_path):
    path = scenario(tmp_path, "silent", phases=[{"name": "steady", "duration": "1s", "rate": 100}])
    done = tool("run", path, "--run-dir", tmp_path / "out", "--progress", "none", "--json")
    assert done.returncode in RAN, done.stdout + done.stderr
    assert done.stderr == ""
    assert json.loads(done.stdout) == json.loads((tmp_path / "out" / "summary.json").read_text())


@pytest.mark.parametrize("quiet, lines", [("-q", 1), ("-qq", 0)])
def test_quiet_keeps_the_verdict_and_twice_only_the_code(tool, tmp_path, quiet, lines):
    path = scenario(tmp_path, "quiet", phases=[{"name": "steady", "duration": "1s", "rate": 100}])
    done = tool("run", path, "--run-dir", tmp_path / "out", quiet)
    assert done.returncode in RAN, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == lines


@pytest.mark.long
def test_memory_does_not_grow_with_the_length_of_a_run(tool, tmp_path):
    path = scenario(
        tmp_path, "memory", batch={"records": 500, "linger": "50ms"},
        stream={"name": "orders", "shards": 64}, phases=[{"name": "steady", "duration": "10m", "rate": 20_000}],
    )
    process = tool.start("run", path, "--run-dir", tmp_path / "out", "--progress", "30s")
    sizes = []
    for line in process.stderr:
        if line.startswith("t="):
            with open(f"/proc/{process.pid}/status") as status:
                sizes += [int(row.split()[1]) for row in status if row.startswith("VmRSS:")]
    process.communicate(timeout=60)
    assert process.returncode in (0, 3, 5)
    assert len(sizes) >= 15
    # After the first minutes: no more than a twentieth, which is below one row per second kept in memory.
    assert max(sizes[-5:]) <= 1.05 * max(sizes[3:8]), sizes
    assert max(sizes) <= 64 * 1024, sizes
