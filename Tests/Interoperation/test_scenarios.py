"""Scenarios from outside: the schema by an independent validator, flags, built-in names, and plans against results."""

import copy
import json

import jsonschema
import pandas
import pytest
from harness import RAN, ROOT, Result, scenario

SCENARIOS = sorted(ROOT.glob("scenarios/*.json"))


@pytest.fixture(scope="module")
def schema(tool):
    done = tool("schema")
    assert done.returncode == 0 and done.stderr == ""
    document = json.loads(done.stdout)
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_scenario_is_valid(schema, path):
    schema.validate(json.loads(path.read_text()))


def test_the_schema_is_the_one_beside_the_scenarios(tool):
    assert tool("schema").stdout == (ROOT / "scenarios/schema/scenario.json").read_text()


@pytest.mark.parametrize(
    "flags",
    [[], ["--rate", "5MiB", "--keys", "1"], ["--top-key", "20%", "--shards", "9", "--duration", "90s", "--name", "x"]],
)
def test_what_init_writes_is_valid(schema, tool, flags):
    schema.validate(json.loads(tool("init", *flags).stdout))


@pytest.mark.parametrize("name", ["quickstart", "mixed-events", "tenants", "producer-retries"])
def test_the_resolved_scenario_of_a_run_is_valid(schema, tool, tmp_path, name):
    done = tool("run", name, "--duration", "1s", "--scale", "0.1", "--run-dir", tmp_path / "out")
    assert done.returncode in (0, 3, 5), done.stderr
    schema.validate(json.loads((tmp_path / "out/scenario.json").read_text()))
    assert json.loads((tmp_path / "out/scenario.json").read_text())["name"] == name


def broken(document):
    """The document with one thing wrong at a time."""

    def changed(change):
        copied = copy.deepcopy(document)
        change(copied)
        return copied

    yield changed(lambda d: d.pop("schema"))
    yield changed(lambda d: d.update(schema="shardmeter/2"))
    yield changed(lambda d: d.update(colour="red"))
    yield changed(lambda d: d.update(phases=[]))
    yield changed(lambda d: d["phases"][0].update(rate="fast"))
    yield changed(lambda d: d["phases"][0].update(rate=-1))
    yield changed(lambda d: d["phases"][0].update(duration=5))
    yield changed(lambda d: d["phases"][0].update(durations="5s"))
    yield changed(lambda d: d["records"].update(size="100 bytes"))
    yield changed(lambda d: d["records"].update(key={"type": "zipff", "cardinality": 9}))
    yield changed(lambda d: d["records"].update(key={"type": "uniform"}))
    yield changed(lambda d: d["stream"].update(shards=0))


def test_schema_and_program_refuse_alike(schema, tool, tmp_path):
    path = scenario(tmp_path)
    for number, document in enumerate(broken(json.loads(path.read_text()))):
        assert not schema.is_valid(document), number
        path.write_text(json.dumps(document))
        done = tool("plan", path)
        assert done.returncode == 2 and done.stdout == "" and str(path) in done.stderr, number


def test_summaries_are_valid(tool, tmp_path):
    done = tool("schema", "--summary")
    document = json.loads(done.stdout)
    jsonschema.Draft202012Validator.check_schema(document)
    done = tool("run", scenario(tmp_path), "--run-dir", tmp_path / "out", "--json")
    assert done.returncode in RAN, done.stderr
    jsonschema.validate(json.loads(done.stdout), document)
    assert json.loads(done.stdout) == json.loads((tmp_path / "out/summary.json").read_text())


def test_a_run_does_what_the_plan_says(tool, tmp_path):
    path = scenario(tmp_path, records__key={"type": "zipf", "exponent": 1.1, "cardinality": 50})
    plan = json.loads(tool("plan", path, "--json").stdout)
    assert plan["counted"] and plan["scope"] == "measured"
    done = tool("run", path, "--run-dir", tmp_path / "out")
    assert done.returncode in RAN, done.stderr
    result = Result(tmp_path / "out")
    assert result.summary["records"]["planned"] == plan["total"]["records"]
    assert result.summary["scenario"]["sha256"] == plan["workload_sha256"]
    assert result.summary["scenario"]["plan_sha256"] == plan["plan_sha256"]
    shards = result.csv("shards.csv")
    assert list(shards.first_try_records) == [shard["planned_records"] for shard in plan["shards"]]
    assert list(shards.shard_id) == [shard["shard_id"] for shard in plan["shards"]]
    keys = result.csv("keys.csv").set_index("partition_key")
    for key in plan["keys"]:
        assert keys.records[key["key"]] == key["planned_records"]
        assert keys.shard_index[key["key"]] == key["shard"]


def test_the_trace_is_the_plan(tool, tmp_path):
    trace = tmp_path / "trace.csv"
    plan = json.loads(tool("plan", "mixed-events", "--duration", "13s", "--json", "--record", trace).stdout)
    rows = pandas.read_csv(trace)
    assert list(rows.columns) == ["t_s", "key", "size"]
    assert rows.t_s.is_monotonic_increasing and rows.t_s.max() < 13
    assert len(rows) == sum(phase["records"] for phase in plan["phases"])
    measured = rows[rows.t_s >= plan["phases"][1]["start_s"]]
    sizes = measured["size"] + measured.key.str.encode("utf-8").str.len()
    assert sizes.sum() == plan["total"]["bytes"]
    counts = measured.key.value_counts()
    for key in plan["keys"]:
        assert counts.get(key["key"], 0) == key["planned_records"]


def test_standard_input_flags_and_built_in_names(tool, tmp_path):
    path = scenario(tmp_path)
    by_file = tool("plan", path)
    assert tool("plan", "-", stdin=path.read_text()).stdout == by_file.stdout
    done = tool("run", "-", "--duration", "1s", "--run-dir", tmp_path / "a", stdin=path.read_text())
    assert done.returncode in RAN, done.stderr
    done = tool("run", "quickstart", "--duration", "1s", "--scale", "0.2", "--run-dir", tmp_path / "b", cwd=tmp_path)
    assert done.returncode in (0, 3, 5) and Result(tmp_path / "b").summary["scenario"]["name"] == "quickstart"
    flags = ["--rate", 300, "--record-size", "50B", "--keys", 40, "--shards", 2, "--duration", "1s", "--name", "flags"]
    done = tool("run", *flags, "--keys", "hash", "--run-dir", tmp_path / "c")
    assert done.returncode in RAN, done.stderr
    result = Result(tmp_path / "c")
    assert result.summary["records"]["planned"] == 300 and result.summary["target"]["shards"] == 2
    assert result.csv("keys.csv").partition_key.str.fullmatch("0x[0-9a-f]{32}").all()
    assert "key-000" not in (tmp_path / "c/report.html").read_text()


LAST = (1 << 128) - 1


def test_a_shard_map_is_what_the_embedded_target_serves(tool, tmp_path):
    bounds = [(0, 9), (10, LAST // 3), (LAST // 3 + 1, LAST)]
    shards = [
        {"ShardId": f"shardId-{i:012}", "HashKeyRange": {"StartingHashKey": str(a), "EndingHashKey": str(b)}}
        for i, (a, b) in enumerate(bounds)
    ]
    path = tmp_path / "map.json"
    path.write_text(json.dumps({"Shards": shards}))
    words = [scenario(tmp_path), "--shard-map", path]
    plan = json.loads(tool("plan", *words, "--json").stdout)
    assert [(int(s["hash_start"]), int(s["hash_end"])) for s in plan["shards"]] == bounds
    done = tool("run", *words, "--run-dir", tmp_path / "out")
    assert done.returncode in (0, 3, 5), done.stderr
    assert "warning" not in done.stderr
    found = Result(tmp_path / "out").csv("shards.csv")
    assert [(int(a, 16), int(b, 16)) for a, b in zip(found.hash_start, found.hash_end)] == bounds
    assert list(found.first_try_records) == [s["planned_records"] for s in plan["shards"]]
    assert found.first_try_records.sum() == 1000


def test_another_streams_shards_win_over_the_map(tool, target, tmp_path):
    path = tmp_path / "map.json"
    whole = {"ShardId": "s", "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": str(LAST)}}
    path.write_text(json.dumps({"Shards": [whole]}))
    one = target("--shards", "2")
    done = tool(
        "run", scenario(tmp_path), "--target", one.endpoint, "--shard-map", path, "--duration", "1s", "--run-dir",
        tmp_path / "out",
    )
    assert done.returncode in RAN, done.stderr
    assert f"has 2 open shards, {path} has 1: the observed ones count" in done.stderr
    assert Result(tmp_path / "out").summary["target"]["shards"] == 2
