"""The files of a result folder agree with each other, read by pandas."""

import csv
import json
import re

import jsonschema
import pandas
import pytest
from harness import RAN, ROOT, Result, scenario

GUIDE = (ROOT / "results/README.md").read_text()
FILES = GUIDE.split("The files of a result folder:")[1].split("\n\n`summary.json`")[0]

# The columns that may not move; new ones go to the end.
COLUMNS = {
    "timeseries.csv": "run_id t_s time_utc bin_s phase measured planned_records first_try_records attempted_records"
    " accepted_records throttled_records fault_records gave_up_records attempted_bytes accepted_bytes requests"
    " requests_partial requests_refused transport_errors shards_throttled response_p50_ms response_p90_ms"
    " response_p99_ms response_p999_ms response_max_ms service_p50_ms service_p99_ms delivery_p50_ms delivery_p99_ms"
    " lateness_p99_ms in_flight_max unsent_records cpu_ratio generator_bound",
    "shards.csv": "run_id shard_index shard_id hash_start hash_end limit_records_per_s limit_bytes_per_s"
    " attempted_records accepted_records throttled_records fault_records throttle_ratio seconds_throttled"
    " peak_1s_records peak_1s_bytes mean_use_ratio peak_use_ratio response_p50_ms response_p99_ms keys top_key"
    " top_key_ratio placed_by_prediction_records",
    "shard_seconds.csv": "t_s shard_index first_try_records attempted_records accepted_records throttled_records"
    " attempted_bytes",
    "phases.csv": "run_id phase",
    "latency.csv": "run_id metric outcome phase percentile value_ms samples_beyond samples supported",
    "keys.csv": "run_id rank partition_key hash shard_index records share_ratio peak_1s_records shard_limit_ratio",
    "errors.csv": "run_id level code http_status count first_t_s last_t_s shards sample_message",
}

NUMBER = {"type": "number"}
COUNT = {"type": "integer", "minimum": 0}
SUMMARY = {
    "type": "object",
    "required": ["schema", "run_id", "kind", "side", "complete", "verdict", "validity", "exit_code", "scenario", "tool", "target"]
    + ["time", "records", "rates", "latency_ms", "shards", "sizing", "generator", "thresholds", "comparison"]
    + ["machine", "files"],
    "properties": {
        "schema": {"const": "shardmeter.summary/2"},
        "run_id": {"pattern": r"^\d{8}T\d{6}Z-[a-z0-9-]{1,40}-[0-9a-f]{4}$"},
        "complete": {"type": "boolean"},
        "exit_code": {"enum": [0, 1, 2, 3, 4, 5, 6, 130]},
        "kind": {"const": "run"},
        "side": {"const": "driver"},
        "records": {
            "type": "object",
            # What only a target knows is null.
            "additionalProperties": COUNT,
            "properties": {name: {"type": "null"} for name in ("distinct", "delivered", "lost", "duplicates")},
        },
        "latency_ms": {"type": "object", "required": ["response", "service", "delivery"]},
        "thresholds": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "op", "limit", "observed", "passed"],
                "properties": {"op": {"enum": ["<=", ">="]}, "limit": NUMBER, "passed": {"type": "boolean"}},
            },
        },
        "files": {"type": "array", "items": {"type": "string"}},
    },
}


@pytest.fixture(scope="module")
def result(tool, tmp_path_factory):
    """A run with a warm-up, two measured phases, some throttling, under a parent folder."""
    folder = tmp_path_factory.mktemp("files")
    path = scenario(
        folder,
        "orders",
        stream={"name": "orders", "shards": 3},
        records__key={"type": "zipf", "exponent": 1.2, "cardinality": 500},
        phases=[
            {"name": "warm-up", "duration": "2s", "rate": 300, "measure": False},
            {"name": "calm", "duration": "3s", "rate": 800},
            {"name": "busy", "duration": "3s", "rate": {"type": "line", "from": 2000, "to": 6000}},
        ],
        thresholds=[{"metric": "throttle.ratio", "phase": "calm", "max": 0.5}],
    )
    done = tool("run", path, "--out", folder / "results")
    assert done.returncode in RAN, done.stdout + done.stderr
    assert not list((folder / "results").glob(".*.partial"))
    latest = folder / "results" / "latest"
    assert latest.is_symlink() and not str(latest.readlink()).startswith("/")
    one = Result(latest.resolve())
    assert one.folder.name == one.summary["run_id"]
    one.output = done.stdout
    return one


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_keep_their_names_and_order(result, name):
    with open(result.folder / name, newline="", encoding="utf-8") as file:
        text = file.read()
    assert not text.startswith("\ufeff") and "\r" not in text and text.endswith("\n")
    rows = list(csv.reader(text.splitlines()))
    expected = COLUMNS[name].split()
    assert rows[0][: len(expected)] == expected
    assert all(len(row) == len(rows[0]) for row in rows)
    assert not {"N/A", "NaN", "nan", "-"} & {cell for row in rows for cell in row}


def test_summary_has_its_form(result):
    jsonschema.validate(result.summary, SUMMARY)
    assert result.summary["complete"] is True
    for name in result.summary["files"]:
        assert (result.folder / name).exists(), name


def test_every_record_has_one_end(result):
    records = result.summary["records"]
    assert records["planned"] == sum(
        records[end] for end in ("accepted", "gave_up", "expired", "skipped", "unfinished")
    )
    assert records["attempted"] == sum(records[kind] for kind in ("accepted", "throttled", "fault", "unknown"))
    assert records["attempted"] >= records["first_try"]
    # Three seconds of 800/s and three of a line from 2,000 to 6,000/s.
    assert records["planned"] == 2400 + 12_000
    assert records["throttled"] > 0


@pytest.mark.parametrize(
    "column, name",
    [(f"{name}_records", name) for name in ("first_try", "attempted", "accepted", "throttled", "fault")]
    + [("attempted_bytes", "attempted_bytes"), ("accepted_bytes", "accepted_bytes")],
)
def test_sums_agree_between_files(result, column, name):
    expected = result.summary["records"][name]
    assert int(result.csv("shards.csv")[column].sum()) == expected
    phases = result.csv("phases.csv")
    assert int(phases[phases.phase == "all"][column].iloc[0]) == expected
    measured = phases[(phases.phase != "all") & phases.measured]
    assert int(measured[column].sum()) == expected
    # Whosever records they were, and whenever it was: everything.
    everything = expected + result.summary["warmup_records"][name]
    assert int(result.csv("timeseries.csv")[column].sum()) == everything
    if column != "accepted_bytes":
        assert int(result.csv("shard_seconds.csv")[column].sum()) == everything


@pytest.mark.parametrize("name", ["attempted", "accepted", "throttled", "fault"])
def test_seconds_add_up_to_the_clock_columns(result, name):
    def total(rows):
        column = rows[f"{name}_records"] + (rows.unknown_records if name == "fault" else 0)
        return int(column.sum())

    column = f"clock_{name}_records"
    seconds, cells, phases = (result.csv(f"{file}.csv") for file in ("timeseries", "shard_seconds", "phases"))
    assert list(phases.phase) == ["warm-up", "calm", "busy", "drain", "all"]
    for rows in (seconds, cells):
        assert total(rows[rows.measured]) == result.summary["records"][column]
    for phase in ("warm-up", "calm", "busy", "drain"):
        assert total(seconds[seconds.phase == phase]) == int(phases[phases.phase == phase][column].iloc[0]), phase
    assert int(phases[phases.phase == "all"][column].iloc[0]) == result.summary["records"][column]
    if name in ("attempted", "accepted"):
        rates = phases.set_index("phase")[f"{name}_records_per_s"]
        for row in phases[phases.phase != "drain"].itertuples():
            assert rates[row.phase] * row.duration_s == pytest.approx(getattr(row, column), abs=0.01 * row.duration_s)
        assert pandas.isna(rates["drain"])


def test_shard_seconds_add_up_to_seconds(result):
    cells = result.csv("shard_seconds.csv")
    seconds = result.csv("timeseries.csv")
    for column in ("attempted_records", "accepted_records", "throttled_records"):
        for measured in (True, False):
            by_second = seconds[seconds.measured == measured].groupby("t_s")[column].sum()
            totals = cells[cells.measured == measured].groupby("t_s")[column].sum().reindex(by_second.index, fill_value=0)
            assert totals.to_dict() == by_second.to_dict()
    # No shard takes more than its full bucket and its rate.
    accepted = cells.groupby("shard_index").accepted_records.sum()
    duration = cells.t_s.max() - cells.t_s.min() + 1
    assert (accepted <= 1000 + 1000 * (duration + 2)).all()


def test_planned_records_of_the_seconds_are_exact(result):
    seconds = result.csv("timeseries.csv")
    calm = seconds[seconds.phase == "calm"].set_index("t_s")
    assert calm.planned_records[calm.planned_records > 0].to_dict() == {0: 800, 1: 800, 2: 800}
    busy = seconds[seconds.phase == "busy"].set_index("t_s").planned_records
    assert int(busy.sum()) == 12_000
    assert busy.loc[3] < busy.loc[4] < busy.loc[5]
    assert (seconds[seconds.phase == "warm-up"].t_s < 0).any()


def test_times_are_read_as_times(result):
    seconds = pandas.read_csv(result.folder / "timeseries.csv", parse_dates=["time_utc"])
    assert str(seconds.time_utc.dtype).startswith("datetime64")
    start = seconds[seconds.t_s == 0].time_utc.iloc[0]
    assert ((seconds.time_utc - start).dt.total_seconds() == seconds.t_s).all()


def test_percentiles_rise_and_know_their_samples(result):
    latency = result.csv("latency.csv")
    assert {"response", "service", "delivery", "lateness"} <= set(latency.metric)
    for _, rows in latency.groupby(["metric", "outcome", "phase"]):
        rows = rows.dropna(subset=["value_ms"]).sort_values("percentile")
        assert rows.value_ms.is_monotonic_increasing
        assert rows.samples_beyond.is_monotonic_decreasing
        assert (rows.samples_beyond <= rows.samples).all()


def test_keys_and_shards_name_the_same_hot_key(result):
    keys = result.csv("keys.csv")
    assert list(keys["rank"]) == list(range(1, len(keys) + 1))
    assert keys.records.is_monotonic_decreasing
    top = keys.iloc[0]
    shards = result.csv("shards.csv").set_index("shard_index")
    assert shards.loc[top.shard_index].top_key == top.partition_key
    low, high = (int(shards.loc[top.shard_index][name], 16) for name in ("hash_start", "hash_end"))
    assert low <= int(top["hash"], 16) <= high


def test_throttling_is_in_the_table_of_errors(result):
    errors = result.csv("errors.csv")
    rows = errors[(errors.level == "record") & (errors.code == "ProvisionedThroughputExceededException")]
    measured = rows[rows.measured] if "measured" in rows else rows
    assert int(measured["count"].sum()) == result.summary["records"]["throttled"]


def test_the_resolved_scenario_runs_the_same_plan(result, tool, tmp_path):
    again = tool("run", result.folder / "scenario.json", "--run-dir", tmp_path / "again")
    assert again.returncode in RAN, again.stdout + again.stderr
    assert list(Result(tmp_path / "again").csv("shards.csv").attempted_records) == list(
        result.csv("shards.csv").attempted_records
    )


def test_every_file_is_in_the_guide_and_in_the_summary(result):
    present = {file.name for file in result.folder.iterdir()}
    table = set(re.findall(r"^\| `([^`]+)` \|", FILES, re.M))
    assert present <= table, present - table
    assert present == set(result.summary["files"])


def test_report_draws_the_same_bytes_again(result, tool):
    page = result.folder / "report.html"
    before = page.read_bytes()
    page.unlink()
    done = tool("report", result.folder)
    assert done.returncode == 0, done.stderr
    assert page.read_bytes() == before
    assert done.stdout == result.output
    as_json = tool("report", result.folder, "--json")
    assert json.loads(as_json.stdout) == result.summary


def test_the_final_table_fits_eighty_columns(result):
    lines = result.output.rstrip().splitlines()
    assert max(map(len, lines)) <= 80
    assert result.output.isascii()
    assert lines[-1].startswith(("PASS", "INVALID"))


def test_workers_do_not_change_what_is_sent(tool, tmp_path):
    path = scenario(tmp_path, "split", records__key={"type": "zipf", "exponent": 1.0, "cardinality": 100})
    sent = []
    for workers in (1, 2):
        done = tool("run", path, "--workers", workers, "--run-dir", tmp_path / str(workers))
        assert done.returncode in RAN, done.stdout + done.stderr
        result = Result(tmp_path / str(workers))
        sent.append((result.csv("keys.csv").drop(columns=["run_id", "peak_1s_records", "shard_limit_ratio"])))
    pandas.testing.assert_frame_equal(*sent)


def test_hidden_keys_are_nowhere(tool, tmp_path):
    path = scenario(tmp_path, "private", records__key={"type": "constant", "value": "customer-4711"})
    for how in ("hash", "hide"):
        done = tool("run", path, "--keys", how, "--run-dir", tmp_path / how)
        assert done.returncode in RAN, done.stdout + done.stderr
        assert "customer-4711" not in done.stdout + done.stderr
        for file in (tmp_path / how).iterdir():
            if file.name != "scenario.json":
                assert b"customer-4711" not in file.read_bytes(), file.name
