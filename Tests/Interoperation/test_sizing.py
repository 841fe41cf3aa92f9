"""What the model predicts against what the embedded target does."""

import csv
import json

import pytest
from harness import RAN

# Name, rate, keys, retry policy: each some way above its limits, for six seconds.
CASES = {
    "overload": (5200, {"type": "uniform", "cardinality": 5000}, "none"),
    "skewed, tried again": (
        3200,
        {"type": "zipf", "exponent": 0.99, "cardinality": 1000},
        {"type": "failed-records", "maxAttempts": 3, "backoff": {"base": "50ms", "jitter": "full"}},
    ),
    "bursts until expired": (
        {"type": "square", "low": 500, "high": 13000, "period": "2s", "duty": 0.25},
        {"type": "uniform", "cardinality": 300},
        "until-expired",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_model_is_the_target(tool, tmp_path, name):
    rate, key, retry = CASES[name]
    scenario = tmp_path / "scenario.json"
    scenario.write_text(
        json.dumps(
            {
                "schema": "shardmeter/1",
                "name": "model",
                "stream": {"shards": 4},
                "records": {"size": "60B", "key": key},
                "batch": {"records": 100, "linger": "20ms"},
                "client": {"producers": 4, "connections": 32, "maxInFlight": 500, "retry": retry},
                "phases": [{"name": "load", "duration": "6s", "rate": rate}],
            }
        )
    )
    plan = tool("plan", scenario, "--json")
    assert plan.returncode == 0, plan.stderr
    predicted = [shard["predicted"] for shard in json.loads(plan.stdout)["shards"]]
    assert any(shard["throttle_ratio"] > 0.1 for shard in predicted)
    # On a machine that is busy with other things the generator may be late and so throttle less: such a run, which says so
    # itself, is no evidence against the model and is repeated.
    for attempt in range(4):
        folder = tmp_path / f"run-{attempt}"
        run = tool("run", scenario, "--run-dir", folder, "--quiet", "--progress", "none")
        assert run.returncode in RAN, run.stderr
        with open(folder / "shards.csv") as file:
            measured = list(csv.DictReader(file))
        assert len(measured) == len(predicted) == 4
        apart = [
            abs(int(shard["throttled_records"]) / int(shard["attempted_records"]) - model["throttle_ratio"])
            for model, shard in zip(predicted, measured)
        ]
        if max(apart) <= 0.01 or run.returncode == 0:
            break
    assert max(apart) <= 0.01, (predicted, measured)


VERIFIED = [
    "size", "--rate", "2600", "--record-size", "60B", "--keys", "4000", "--duration", "4s", "--max-shards", "8",
    "--headroom", "0",
]  # fmt: skip


def test_the_answer_is_driven_as_well(tool, tmp_path):
    """`--verify` runs the answer and one shard less, and what it writes is what the runs' own files say."""
    for attempt in range(4):
        folder = tmp_path / f"answer-{attempt}"
        done = tool(*VERIFIED, "--verify", "--json", "--run-dir", folder)
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        if all(count["agrees"] for count in answer["measured"]):
            break
    count = answer["recommended"]["shards"]
    assert [one["shards"] for one in answer["measured"]] == [count - 1, count]
    assert all(one["agrees"] for one in answer["measured"]), answer["measured"]
    with open(folder / "sizing.csv") as file:
        rows = {int(row["shards"]): row["measured_throttle_ratio"] for row in csv.DictReader(file)}
    for one in answer["measured"]:
        assert one["target"] == "embedded" and len(one["by_shard"]) == one["shards"]
        with open(folder / "verify" / str(one["shards"]) / "shards.csv") as file:
            shards = list(csv.DictReader(file))
        for shard, row in zip(one["by_shard"], shards):
            ratio = int(row["throttled_records"]) / int(row["attempted_records"])
            assert abs(shard["throttle_ratio"] - ratio) < 1e-6
            assert abs(shard["difference"] - (shard["throttle_ratio"] - shard["model_throttle_ratio"])) < 1e-9
        assert abs(float(rows[one["shards"]]) - one["throttle_ratio"]) < 1e-6
    assert sum(value != "" for value in rows.values()) == 2
    page = (folder / "report.html").read_text()
    assert "Model against measurement" in page and page.count(", measured: ") >= 2
    assert json.loads((folder / "summary.json").read_text())["sizing"] == answer


def test_disagreement_is_called_out(tool, tmp_path):
    """The scenario's limits are not the target's: the model is wrong there, and says so."""
    scenario = tmp_path / "scenario.json"
    scenario.write_text(
        json.dumps(
            {
                "schema": "shardmeter/1",
                "name": "wrong",
                "stream": {"shards": 1},
                "embedded": {"limits": "none"},
                "records": {"size": "60B", "key": {"type": "uniform", "cardinality": 900}},
                "phases": [{"name": "load", "duration": "3s", "rate": 2600}],
            }
        )
    )
    done = tool("size", scenario, "--verify", "--max-shards", "4", "--headroom", "0")
    assert done.returncode == 0, done.stderr
    assert "more than 1 percentage point apart" in done.stdout and "<- apart" in done.stdout
    assert "warning: With 2 shards model and measurement are more than 1 percentage point apart." in done.stderr
