"""The CI files of scripts/ci: they parse, are short, and their shell parts do what they say."""

import json
import os
import shlex
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest
import yaml
from harness import ROOT, clean_environment, scenario

FOLDER = ROOT / "scripts/ci"


def load(name):
    return yaml.safe_load((FOLDER / name).read_text())


def shell(text, cwd, **environment):
    """As GitHub's runner runs a step."""
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", text], cwd=cwd, env=clean_environment(**environment),
        capture_output=True, text=True, timeout=300,
    )


@pytest.fixture
def project(tool, tmp_path):
    """A repository of a server, two commits long, whose build leaves a script and whose start is this program's target."""
    folder = tmp_path / "project"
    (folder / "scenarios").mkdir(parents=True)
    scenario(folder / "scenarios", "steady", phases=[{"name": "steady", "duration": "1s", "rate": 300}])
    git = ["git", "-c", "user.name=ci", "-c", "user.email=ci@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run([*git, "init", "-q"], cwd=folder, check=True)
    commits = []
    for word in ("base", "head"):
        (folder / "word").write_text(word)
        subprocess.run([*git, "add", "-A"], cwd=folder, check=True)
        subprocess.run([*git, "commit", "-q", "-m", word], cwd=folder, check=True)
        commits.append(subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True).stdout.strip())
    path = shlex.quote(os.path.abspath(tool.path))
    variables = {
        "BUILD": f"printf '#!/bin/sh\\nexec %s target --port $1 --stream orders --shards 4\\n' {path} > server && chmod +x server",
        "START": "./server {port}", "SCENARIO": "scenarios/steady.json", "ROUNDS": "1", "SHARDMETER": str(tool.path),
    }
    return folder, commits, variables


@pytest.mark.parametrize("name", [path.name for path in sorted(FOLDER.iterdir())])
def test_each_file_is_yaml_and_fits_a_screen(name):
    text = (FOLDER / name).read_text()
    assert isinstance(load(name), dict)
    assert len(text.splitlines()) <= 40 and max(map(len, text.splitlines())) <= 120


def check(folder):
    found = json.loads((folder / "comparison/summary.json").read_text())
    assert found["kind"] == "ab" and found["comparison"]["comparable"]
    assert found["comparison"]["pairs"] == 1 and not found["comparison"]["statistical"]
    assert ElementTree.parse(folder / "comparison/junit.xml").getroot().tag == "testsuites"


def test_the_github_workflow(project, tmp_path):
    folder, commits, variables = project
    work = tmp_path / "work"
    for side, commit in zip(("base", "head"), commits):
        subprocess.run(["git", "clone", "-q", folder, work / side], check=True)
        subprocess.run(["git", "checkout", "-q", commit], cwd=work / side, check=True)
    job = load("github.yml")["jobs"]["compare"]
    assert set(job["env"]) == set(variables)
    steps = [step["run"] for step in job["steps"] if "run" in step]
    summary = tmp_path / "step-summary"
    for step in steps:
        done = shell(step, work, **variables, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
        assert done.returncode == 0, done.stdout + done.stderr
    check(work)
    assert summary.read_text() == (work / "comparison/summary.md").read_text() + "\n"


def test_the_gitlab_job(project):
    folder, commits, variables = project
    job = load("gitlab.yml")["compare"]
    assert {name for name in job["variables"] if name != "GIT_DEPTH"} == set(variables)
    done = shell(
        "\n".join(job["script"]), folder, **variables, CI_MERGE_REQUEST_DIFF_BASE_SHA=commits[0], CI_COMMIT_SHA=commits[1],
    )
    assert done.returncode == 0, done.stdout + done.stderr
    check(folder)
    assert job["artifacts"]["reports"]["junit"] == "comparison/junit.xml"


@pytest.mark.parametrize(("existing", "method"), [("", "POST"), ("17", "PATCH")])
def test_the_comment_is_edited_not_repeated(tmp_path, existing, method):
    """`gh` is a stand-in that notes its words: it has the artefact, one pull request, and one comment or none."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "gh").write_text(
        f"""#!/bin/sh
echo "$@" >> {tmp_path}/calls
case "$*" in
  "run download"*) mkdir comparison && echo '### WORSE' > comparison/summary.md ;;
  *"--method GET"*) echo 5 ;;
  *--paginate*) [ -z "{existing}" ] || echo "{existing}" ;;
esac
"""
    )
    (tools / "gh").chmod(0o755)
    job = load("github-comment.yml")["jobs"]["comment"]
    environment = {"GH_REPO": "a/b", "RUN": "9", "HEAD": "someone:a branch", "PATH": f"{tools}:{os.environ['PATH']}"}
    done = shell(job["steps"][0]["run"], tmp_path, **environment)
    assert done.returncode == 0, done.stderr
    last = (tmp_path / "calls").read_text().splitlines()[-1]
    place = f"comments/{existing}" if existing else "5/comments"
    assert f"--method {method} repos/a/b/issues/{place}" in last and "body=@body.md" in last
    assert (tmp_path / "body.md").read_text() == "<!-- shardmeter -->\n### WORSE\n"
