"""What the model predicts against what the embedded target does."""

import csv
import json
import os
import random
import shlex
import subprocess

import pytest
from harness import RAN, clean_environment

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


def model_against_target(tool, tmp_path, scenario):
    """The largest distance of throttle ratios of a shard, model against a run that kept up, with both and the run's summary.

    On a machine that is busy with other things the generator may be late and so throttle less: such a run, which says so
    itself, is no evidence against the model and is repeated.
    """
    path = tmp_path / "scenario.json"
    path.write_text(json.dumps(scenario))
    plan = tool("plan", path, "--json")
    assert plan.returncode == 0, plan.stderr
    predicted = [shard["predicted"] for shard in json.loads(plan.stdout)["shards"]]
    for attempt in range(4):
        folder = tmp_path / f"run-{attempt}"
        run = tool("run", path, "--run-dir", folder, "--quiet", "--progress", "none")
        assert run.returncode in RAN, run.stderr
        with open(folder / "shards.csv") as file:
            measured = list(csv.DictReader(file))
        assert len(measured) == len(predicted) == scenario["stream"]["shards"]
        apart = [
            abs(int(shard["throttled_records"]) / int(shard["attempted_records"]) - (model["throttle_ratio"] or 0))
            for model, shard in zip(predicted, measured)
            if int(shard["attempted_records"])
        ]
        if max(apart) <= 0.01 or run.returncode == 0:
            break
    return max(apart), predicted, measured, json.loads((folder / "summary.json").read_text())


@pytest.mark.parametrize("name", CASES)
def test_the_model_is_the_target(tool, tmp_path, name):
    rate, key, retry = CASES[name]
    scenario = {
        "schema": "shardmeter/1",
        "name": "model",
        "stream": {"shards": 4},
        "records": {"size": "60B", "key": key},
        "batch": {"records": 100, "linger": "20ms"},
        "client": {"producers": 4, "connections": 32, "maxInFlight": 500, "retry": retry},
        "phases": [{"name": "load", "duration": "6s", "rate": rate}],
    }
    apart, predicted, measured, _ = model_against_target(tool, tmp_path, scenario)
    assert any(shard["throttle_ratio"] > 0.1 for shard in predicted)
    assert apart <= 0.01, (predicted, measured)


def random_scenario(seed):
    """A scenario around the limits of a few shards, with any retry policy."""
    draw = random.Random(seed)
    shards = draw.randint(1, 4)
    rate = shards * draw.randint(500, 1_800)
    keys = draw.randint(2, 3_000)
    backoff = {"base": draw.choice(["20ms", "50ms", "200ms"]), "jitter": draw.choice(["none", "full"])}
    return {
        "schema": "shardmeter/1",
        "name": f"random-{seed}",
        "seed": seed,
        "stream": {"shards": shards},
        "records": {
            "size": draw.choice(["60B", "300B", {"type": "uniform", "min": 100, "max": 1500}]),
            "key": draw.choice(
                [
                    {"type": "uniform", "cardinality": keys},
                    {"type": "zipf", "exponent": 0.99, "cardinality": keys},
                    {"type": "hotspot", "cardinality": keys + 9, "hotKeyShare": 0.1, "hotTrafficShare": 0.6},
                ]
            ),
        },
        "batch": {"records": draw.choice([50, 100, 500]), "linger": draw.choice(["20ms", "100ms"])},
        "client": {
            "producers": draw.randint(1, 4),
            "connections": 32,
            "maxInFlight": 1_000,
            "retry": ["none", "until-expired", {"type": "failed-records", "maxAttempts": 4, "backoff": backoff}][seed % 3],
        },
        "phases": [
            {
                "name": "load",
                "duration": "30s",
                "rate": draw.choice(
                    [
                        rate,
                        {"type": "line", "from": rate // 3, "to": rate * 2},
                        {"type": "square", "low": rate // 4, "high": rate * 3, "period": "3s", "duty": 0.3},
                    ]
                ),
                "arrivals": draw.choice(["uniform", "poisson"]),
            }
        ],
    }


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
def test_the_model_is_the_target_at_random(tool, tmp_path, seed):
    """Within a point per shard, or the run itself says what kept it from doing as planned."""
    apart, predicted, measured, summary = model_against_target(tool, tmp_path, random_scenario(seed))
    reason = summary["validity"] != "valid" or summary["records"]["fault"] > 0
    assert apart <= 0.01 or reason, (apart, summary["validity"], predicted, measured)


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
    assert "more than 1 percentage point apart" in " ".join(done.stdout.split()) and "<- apart" in done.stdout
    assert "the embedded target has the limits none, the model kinesis" in " ".join(done.stdout.split())
    assert "warning: With 2 shards model and measurement are more than 1 percentage point apart." in done.stderr


def test_what_helps_can_be_carried_out(tool, target, tmp_path):
    """Every command that `size` prints, as it stands, by the aws command line against a stream like the present one."""
    scenario = tmp_path / "scenario.json"
    scenario.write_text(
        json.dumps(
            {
                "schema": "shardmeter/1",
                "name": "commands",
                "stream": {"name": "clicks", "shards": 2},
                "records": {"size": "100B", "key": {"type": "zipf", "exponent": 0.7, "cardinality": 300}},
                "phases": [{"name": "load", "duration": "3s", "rate": 4000}],
            }
        )
    )
    done = tool("size", scenario, "--json", "--max-shards", "16", "--region", "us-east-1")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    environment = clean_environment(
        AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_MAX_ATTEMPTS="1", PATH=os.environ["PATH"]
    )
    program = shlex.quote(os.environ.get("AWSCLI", "aws"))
    ran = set()
    for help in answer["help"]:
        if not help["commands"]:
            continue
        endpoint = target("--shards", "2", "--stream", "clicks").endpoint
        for command in help["commands"]:
            assert command.startswith("aws kinesis ")
            # The words are the printed ones; only where the service is, and which program it is, is added.
            line = command.replace("aws kinesis ", f"{program} kinesis --endpoint-url {endpoint} ")
            shell = subprocess.run(
                ["bash", "-c", line], capture_output=True, text=True, env=environment, timeout=60
            )
            ran.add(command.split()[2])
            if command.split()[2] == "update-stream-mode":
                # The embedded target has no modes: that the call reached it proves the words.
                assert "UnknownOperationException" in shell.stderr, (command, shell.stderr)
                continue
            assert shell.returncode == 0, (command, shell.stderr)
        shards = subprocess.run(
            ["bash", "-c", f"{program} kinesis --endpoint-url {endpoint} --region us-east-1 describe-stream-summary "
             "--stream-name clicks --query StreamDescriptionSummary.OpenShardCount --output text"],
            capture_output=True, text=True, env=environment, timeout=60,
        )  # fmt: skip
        if help["shards"] is not None:
            assert int(shards.stdout) == help["shards"], help["action"]
    assert ran >= {"split-shard", "update-shard-count", "wait", "update-stream-mode"}


@pytest.mark.parametrize("keys, said", [("show", "are the real ones"), ("hash", "hashes of keys"), ("hide", "no keys")])
def test_a_folder_without_a_scenario_is_sized_by_what_was_seen(tool, tmp_path, keys, said):
    folder = tmp_path / "run"
    done = tool(
        "run", "--rate", "1500", "--record-size", "80B", "--keys", "40", "--keys", keys, "--top-key", "40%", "--shards", "2",
        "--duration", "4s", "--run-dir", folder, "--size", "--quiet", "--progress", "none",
    )  # fmt: skip
    assert done.returncode in RAN, done.stderr
    summary = json.loads((folder / "summary.json").read_text())
    assert "Throttling against shards" in (folder / "report.html").read_text()
    assert [one["shards"] for one in summary["sizing"]["measured"]] == [2]
    whole = tool("size", "--from", folder, "--json", "--max-shards", "8")
    (folder / "scenario.json").unlink()
    seen = tool("size", "--from", folder, "--json", "--max-shards", "8")
    assert seen.returncode in (0, 3), seen.stderr
    one, other = json.loads(whole.stdout), json.loads(seen.stdout)
    assert any(said in text for text in other["assumptions"]), other["assumptions"]
    assert abs(other["records_per_s"] / one["records_per_s"] - 1) < 0.05
    assert abs(other["bytes_per_s"] / one["bytes_per_s"] - 1) < 0.05
    assert abs(other["hot_key"]["share"] - one["hot_key"]["share"]) < 0.03
    assert other["shards_now"] == 2
    if keys == "show":
        assert other["hot_key"]["key"] == one["hot_key"]["key"]
        # The names are those that were sent, so there is one answer: that of the run's own section.
        assert other["draws"] is None and summary["sizing"]["draws"] is None
        assert abs(other["recommended"]["shards"] - summary["sizing"]["recommended"]["shards"]) <= 1


@pytest.mark.parametrize("file, message", [("keys.csv", "no key in keys.csv"), ("timeseries.csv", "no measured second")])
def test_a_folder_that_has_not_seen_enough_is_refused(tool, tmp_path, file, message):
    folder = tmp_path / "run"
    done = tool("run", "--rate", "50", "--duration", "1s", "--run-dir", folder, "--quiet", "--progress", "none")
    assert done.returncode in RAN, done.stderr
    (folder / "scenario.json").unlink()
    (folder / file).unlink()
    refused = tool("size", "--from", folder)
    assert refused.returncode == 2 and message in refused.stderr, refused.stderr
