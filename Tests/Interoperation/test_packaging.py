"""What is handed out besides the program: manual pages, completions in real shells, policies, the parts of a package."""

import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import time

import pytest
from harness import RAN, ROOT, clean_environment, scenario
from recorder import recording


def needs(program):
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")


def test_manual_pages_are_what_two_formatters_take(tool, tmp_path):
    needs("groff")
    assert tool("man", "--out", tmp_path).returncode == 0
    pages = sorted(tmp_path.iterdir())
    assert len(pages) > 10
    for page in pages:
        done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", page], capture_output=True, text=True, errors="replace")
        assert done.returncode == 0 and done.stderr == "", page.name
        drawn = re.sub(r"\x1b\[[0-9;]*m|.\x08", "", done.stdout)
        command = page.stem.removeprefix("shardmeter").removeprefix("-")
        if command:
            # What is copied from a page can be typed: options keep their own dashes.
            options = re.findall(r"^  (?:-\w, )?(--[a-z-]+)", tool(command, "--help").stdout, re.MULTILINE)
            assert options and all(option in drawn for option in options), page.name
        if shutil.which("mandoc"):
            lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True).stdout
            assert [line for line in lint.splitlines() if "missing date" not in line] == []


def typed(shell, arguments, keys, folder, env, expected, seconds=20):
    """What a real shell on a terminal shows after some keys, once every expected word is there."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.execvpe(shell, [shell, *arguments], env)
    shown, end, sent = "", time.monotonic() + seconds, False
    try:
        while time.monotonic() < end:
            if select.select([terminal], [], [], 0.2)[0]:
                try:
                    shown += os.read(terminal, 65536).decode(errors="replace")
                except OSError:
                    break
            plain = re.sub(r"\x1b(\[[0-9;?<>=]*[a-zA-Z]|\][^\x07]*\x07|[()][A-Z0-9]|[=>])", "", shown)
            if not sent and "ready>" in plain:
                os.write(terminal, keys.encode())
                sent, shown = True, ""
            elif sent and all(word in plain for word in expected):
                break
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)
    return re.sub(r"\x1b(\[[0-9;?<>=]*[a-zA-Z]|\][^\x07]*\x07|[()][A-Z0-9]|[=>])", "", shown)


@pytest.fixture(scope="module")
def place(tool, tmp_path_factory):
    """A folder with a result folder in it, a home without settings, and the program on the path."""
    folder = tmp_path_factory.mktemp("shells")
    (folder / "results" / "20260101T000000Z-orders-0001").mkdir(parents=True)
    (folder / "results" / "20260101T000000Z-orders-0001" / "summary.json").write_text("{}")
    (folder / "results" / "unfinished").mkdir()
    (folder / "mine.json").write_text("{}")
    (folder / "bin").mkdir()
    (folder / "bin" / "shardmeter").symlink_to(pathlib.Path(tool.path).resolve())
    (folder / "_shardmeter").write_text(tool("completion", "zsh").stdout)
    settings = ["bell-style none", "show-all-if-ambiguous on", "page-completions off", "completion-query-items 0"]
    lines = [tool("completion", "bash").stdout, "PS1='ready>'", *(f"bind 'set {setting}'" for setting in settings)]
    (folder / ".bashrc").write_text("\n".join(lines) + "\n")
    lines = [f"fpath=({folder} $fpath)", "autoload -Uz compinit", f"compinit -u -d {folder}/dump"]
    lines += ["setopt autolist noautomenu nolistambiguous", "LISTMAX=500", "PS1='ready>'"]
    (folder / ".zshrc").write_text("\n".join(lines) + "\n")
    config = folder / "config" / "fish"
    config.mkdir(parents=True)
    (config / "config.fish").write_text(tool("completion", "fish").stdout)
    return folder


# Typed words, what has to be offered, what must not be.
OFFERS = [
    ("shardmeter ver", ["verify"], []),
    ("shardmeter run qui", ["quickstart"], []),
    ("shardmeter run --set client.producers=8 mi", ["mine.json", "mixed-events"], []),
    ("shardmeter run --create", ["--create-stream"], []),
    ("shardmeter run --keys ha", ["hash"], []),
    ("shardmeter report results/20", ["results/20260101T000000Z-orders-0001"], []),
    ("shardmeter baseline sa", ["save"], []),
    ("shardmeter baseline save results/20", ["results/20260101T000000Z-orders-0001"], ["save results/save"]),
    ("shardmeter man hist", ["history"], []),
    ("shardmeter policy ver", ["verify"], []),
    ("shardmeter completion fi", ["fish"], []),
]


@pytest.mark.parametrize("line, offered, absent", OFFERS)
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_completes_on_a_terminal(place, shell, line, offered, absent):
    needs(shell)
    env = clean_environment(
        HOME=str(place), ZDOTDIR=str(place), TERM="xterm", PATH=f"{place}/bin:{os.environ['PATH']}", COLUMNS="200")
    arguments = ["--rcfile", f"{place}/.bashrc", "-i"] if shell == "bash" else ["-i"]
    shown = typed(shell, arguments, line + "\t\t", place, env, offered)
    assert all(word in shown for word in offered), shown
    assert not any(word in shown for word in absent), shown


@pytest.mark.parametrize("line, offered, absent", [*OFFERS, ("shardmeter run --keys=ha", ["--keys=hash"], [])])
def test_fish_completes(place, line, offered, absent):
    needs("fish")
    env = clean_environment(HOME=str(place), XDG_CONFIG_HOME=f"{place}/config", PATH=f"{place}/bin:{os.environ['PATH']}")
    done = subprocess.run(
        ["fish", "-c", 'complete -C "$argv[1]"', line], capture_output=True, text=True, env=env, cwd=place)
    words = [row.split("\t")[0] for row in done.stdout.splitlines()]
    assert set(offered) <= {word.rstrip("/") for word in words}, done.stdout + done.stderr


def test_bash_completes_values_behind_an_equals_sign(place):
    env = clean_environment(HOME=str(place), TERM="xterm", PATH=f"{place}/bin:{os.environ['PATH']}")
    shown = typed("bash", ["--rcfile", f"{place}/.bashrc", "-i"], "shardmeter run --keys=ha\t", place, env, ["--keys=hash"])
    assert "--keys=hash" in shown, shown


def actions(tool, *words):
    """The operations that a policy allows."""
    statement = json.loads(tool("policy", *words).stdout)["Statement"]
    assert len(statement) == 1 and statement[0]["Effect"] == "Allow"
    return {action.removeprefix("kinesis:") for action in statement[0]["Action"]}


def test_a_policy_allows_what_a_run_calls_and_no_more(tool, tmp_path):
    path = scenario(tmp_path, "asked", phases=[{"name": "steady", "duration": "1s", "rate": 50}])
    with recording() as server:
        words = ("--target", f"http://127.0.0.1:{server.server_port}", "--stream", "orders", "--progress", "none", "--run-dir")
        assert tool("run", path, *words, tmp_path / "plain").returncode in RAN
        plain = {operation for operation, _, _ in server.requests}
    # The recorder is loopback, where no consent is asked for, and knows ListShards, for which DescribeStream stands in.
    assert plain == actions(tool, "run") - {"DescribeStream", "DescribeStreamSummary"}


def test_a_policy_allows_what_a_whole_life_calls(tool, target, tmp_path):
    """Create, load, read back and delete."""
    path = scenario(tmp_path, "life", phases=[{"name": "steady", "duration": "1s", "rate": 50}])
    allowed = actions(tool, "run", "--create-stream", "--delete-stream", "--read-back")
    endpoint = target("--stream", "other", "--retain", "8MiB").endpoint
    with recording(forward=endpoint) as server:
        words = ["--target", f"http://127.0.0.1:{server.server_port}", "--stream", "orders", "--read-back"]
        done = tool("run", path, *words, "--create-stream", "--delete-stream", "--progress", "none", "--run-dir", tmp_path / "life")
        assert done.returncode in RAN, done.stderr
        called = {operation for operation, _, _ in server.requests}
    assert called <= allowed
    # Loopback is asked for no consent; that takes DescribeStreamSummary, which creating asks as well.
    assert allowed - called == {"DescribeStream"}


def test_the_parts_of_a_package_are_in_order(tool):
    done = subprocess.run(
        [ROOT / "scripts/package", "--check", "--binary", tool.path], capture_output=True, text=True,
        env=clean_environment(), timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "are in order" in done.stdout
