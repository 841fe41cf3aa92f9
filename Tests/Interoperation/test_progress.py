"""Progress as a terminal sees it, and as a log does."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

import pytest
from harness import RAN, clean_environment, scenario

FIELDS = (
    "t phase plan attempted accepted throttled_pct failed_pct lost_per_s p50_ms p99_ms worst cpu_pct late_p99_ms".split()
    + "behind_s no_answer_s capped".split()
)


def on_terminal(tool, words, columns=80, **environment):
    """Runs with standard error on a terminal of its own; gives exit code, standard output and what the terminal got."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    variables = clean_environment(TERM="xterm") | environment
    if "CI" not in environment:
        variables.pop("CI", None)
    process = subprocess.Popen(
        [tool.path, *map(str, words)], stdout=subprocess.PIPE, stderr=follower, stdin=subprocess.DEVNULL, text=True,
        env=variables,
    )
    os.close(follower)
    seen = b""
    while True:
        try:
            piece = os.read(leader, 65_536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    os.close(leader)
    output = process.stdout.read()
    process.stdout.close()
    return process.wait(timeout=60), output, seen.decode()


def screen(text):
    """What a terminal shows after the text: its lines, by the few control sequences that are used."""
    lines, row, column = [""], 0, 0
    for part in re.findall(r"\x1b\[\d*[AJK]|\r|\n|[^\x1b\r\n]+", text):
        if part == "\r":
            column = 0
        elif part == "\n":
            row += 1
            column = 0
        elif part.endswith("A") and part.startswith("\x1b"):
            row -= int(part[2:-1] or 1)
            assert row >= 0, "above the first line"
        elif part == "\x1b[K":
            lines[row] = lines[row][:column]
        elif part == "\x1b[J":
            lines[row] = lines[row][:column]
            del lines[row + 1 :]
        else:
            lines[row] = lines[row][:column].ljust(column) + part + lines[row][column + len(part) :]
            column += len(part)
        while len(lines) <= row:
            lines.append("")
    return [line for line in lines if line]


@pytest.mark.parametrize("columns, count", [(80, 3), (200, 3), (59, 1)])
def test_live_lines_are_redrawn_and_gone_at_the_end(tool, tmp_path, columns, count):
    code, output, seen = on_terminal(tool, ["run", scenario(tmp_path), "--run-dir", tmp_path / "out"], columns)
    assert code in RAN and output.count("\n") > 5 and "\x1b" not in output
    frames = [screen(seen[: match.start()]) for match in re.finditer(r"\x1b\[\d+A", seen)]
    assert len(frames) >= 4
    for frame in frames:
        assert len(frame) == count and all(len(line) <= min(columns, 80) for line in frame), frame
    if count == 3:
        assert all(frame[0].startswith("probe  steady 1/1  [") for frame in frames)
        assert any(re.search(r"attempted \d+  accepted \d+ rec/s  throttled", frame[1]) for frame in frames)
        assert all("generator" in frame[2] for frame in frames)
    assert screen(seen) == []


def test_the_environment_narrows_live_lines(tool, tmp_path):
    code, _, seen = on_terminal(tool, ["run", scenario(tmp_path), "--run-dir", tmp_path / "out"], COLUMNS="40")
    assert code in RAN and len(screen(seen[: seen.index("\x1b[1A")])) == 1


@pytest.mark.parametrize("environment", [{"CI": "true"}, {"TERM": "dumb"}])
def test_no_live_lines_where_none_can_be_redrawn(tool, tmp_path, environment):
    words = ["run", scenario(tmp_path), "--run-dir", tmp_path / "out"]
    code, _, seen = on_terminal(tool, words, **environment)
    assert code in RAN and "\x1b" not in seen


def test_log_lines_have_the_same_fields_in_the_same_order(tool, tmp_path):
    path = scenario(tmp_path, phases__0__duration="5s")
    done = tool("run", path, "--run-dir", tmp_path / "out", "--progress", "500ms")
    assert done.returncode in RAN
    lines = [line for line in done.stderr.splitlines() if line.startswith("t=")]
    assert len(lines) >= 2
    for line in lines:
        names = [field.split("=")[0] for field in line.split(" ")]
        assert names == FIELDS
    last = dict(field.split("=") for field in lines[-1].split(" "))
    assert last["phase"] == "steady" and 0 < int(last["accepted"]) <= 600 and float(last["throttled_pct"]) == 0


def test_nothing_on_a_terminal_when_quiet(tool, tmp_path):
    code, output, seen = on_terminal(tool, ["run", scenario(tmp_path), "-q", "--run-dir", tmp_path / "out"])
    assert code in RAN and seen == "" and len(output.splitlines()) == 1
