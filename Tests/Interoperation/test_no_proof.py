"""A run that proves nothing never passes: its exit code is not 0, and every format says why."""

import csv
import json
import pathlib

import jsonschema
import pytest
import xmlschema
from harness import scenario

STEADY = {"name": "steady", "duration": "1s", "rate": 300}
JUNIT = xmlschema.XMLSchema(str(pathlib.Path(__file__).parent / "junit.xsd"))

# What is wrong with the run, the exit code it has, and what each format says of it.
CASES = {
    "no measured records": (
        {"phases": [STEADY | {"measure": False}, {"name": "idle", "duration": "1s", "rate": 0}]}, [], 5, "invalid",
        "nothing was measured",
    ),
    "an empty phase": (
        {"phases": [STEADY, {"name": "idle", "duration": "1s", "rate": 0}]}, [], 5, "invalid", "nothing was measured in phase idle",
    ),
    "a metric without a value": (
        {"phases": [STEADY], "thresholds": [{"metric": "response.p99", "max": "10s", "minSamples": 100_000}]}, [], 3, "fail", "100000",
    ),
    "a metric of an empty phase": (
        {"phases": [STEADY, {"name": "idle", "duration": "1s", "rate": 0}], "thresholds": [{"metric": "response.p99", "phase": "idle", "max": "10s"}]},
        [], 5, "invalid", "nothing was measured in phase idle",
    ),
    "a target that answers nothing usable": (
        {"phases": [STEADY], "embedded": {"faults": [{"type": "500", "probability": 1}]}}, [], 5, "invalid", "nothing was measured",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_format_says_why(tool, tmp_path, name):
    change, options, code, verdict, words = CASES[name]
    folder, step = tmp_path / "run", tmp_path / "step-summary"
    done = tool("run", scenario(tmp_path, "proof", **change), *options, "--run-dir", folder,
                env={"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(step)})
    summary = json.loads((folder / "summary.json").read_text())
    if code == 3 and done.returncode == 5:
        pytest.skip("the machine was too busy for a run that may be quoted")
    assert (done.returncode, summary["exit_code"], summary["verdict"]) == (code, code, verdict), done.stdout + done.stderr
    jsonschema.validate(summary, json.loads(tool("schema", "--summary").stdout))
    JUNIT.validate(folder / "junit.xml")
    junit = (folder / "junit.xml").read_text()
    assert "<error " in junit
    annotations = [line for line in done.stderr.splitlines() if line.startswith("::")]
    formats = {
        "terminal": " ".join(done.stdout.split()), "summary.md": (folder / "summary.md").read_text(), "junit.xml": junit,
        "report.html": (folder / "report.html").read_text(), "summary.json": json.dumps(summary),
        "annotations": "\n".join(annotations), "step summary": step.read_text(),
    }
    for format, text in formats.items():
        assert words in text.lower().replace("100,000", "100000"), format
    assert any(line.startswith("::error") for line in annotations)
    shown = tool("report", folder, "--json")
    assert json.loads(shown.stdout)["exit_code"] == code
    assert next(csv.DictReader((folder / "phases.csv").open()))["phase"]
