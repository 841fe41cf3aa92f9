"""The built program: streams, help, versions, completion in a real shell."""

import re
import shutil
import subprocess

import pytest
from harness import RAN, scenario


def test_version(tool):
    done = tool("--version")
    assert done.returncode == 0
    first, *formats = done.stdout.splitlines()
    assert re.fullmatch(r"shardmeter \d+\.\d+\.\d+ \(revision \S+.*, Swift \S+.*, (release|debug)\)", first)
    said = dict(line.split(None, 1) for line in formats)
    assert {"platform", "scenario", "generator", "summary", "CSV", "baseline", "journal"} == set(said)


def test_help_names_only_commands_that_explain_themselves(tool):
    text = tool("help").stdout
    commands = re.findall(r"^  ([a-z]+) ", text.split("Commands\n")[1].split("\n\n")[0], re.MULTILINE)
    assert {"run", "target", "report"} <= set(commands)
    for command in commands:
        done = tool(command, "--help")
        assert done.returncode == 0 and done.stdout.startswith(f"shardmeter {command}: ")
        assert done.stdout == tool("help", command).stdout


def test_a_closed_pipe_is_no_crash(tool):
    process = tool.start("help")
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=10) == 0 and errors == ""


@pytest.mark.parametrize(
    "line, offered",
    [
        ("shardmeter rep", {"report"}),
        ("shardmeter completion ", {"bash", "zsh", "fish"}),
        ("shardmeter run --create", {"--create-stream"}),
        ("shardmeter run --keys ", {"show", "hash", "hide"}),
    ],
)
def test_bash_completes(tool, line, offered):
    words = line.split(" ")
    script = (
        'source /dev/stdin; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _shardmeter; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", script, "bash", *words], input=tool("completion", "bash").stdout, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert set(done.stdout.split()) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_parse(tool, shell, tmp_path):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text(tool("completion", shell).stdout)
    subprocess.run([shell, "-n", script], check=True)


def test_colour_follows_the_switches(tool, tmp_path):
    path = scenario(tmp_path, "colour", phases=[{"name": "steady", "duration": "1s", "rate": 50}])
    assert tool("run", path, "--run-dir", tmp_path / "out").returncode in RAN
    for words, env, coloured in [
        ((), {}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
    ]:
        done = tool("report", tmp_path / "out", *words, env=env)
        assert ("\x1b[" in done.stdout) == coloured, (words, env)
