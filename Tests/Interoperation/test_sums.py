"""Every CSV of a run with warm-up, retries, throttling and faults: columns, types, and sums that must be equal."""

import pandas
import pytest
from harness import RAN, Result, scenario

ENDS = ["accepted", "gave_up", "expired", "skipped", "unfinished"]
OUTCOMES = ["accepted", "throttled", "fault", "unknown"]
# Types of columns by their endings; what is not listed here or below is text.
WHOLE = ("_records", "_bytes", "_index", "_samples", "requests", "requests_partial", "requests_refused")
WHOLE += ("transport_errors", "shards_throttled", "in_flight_max", "samples", "samples_beyond", "rank", "records")
WHOLE += ("count", "http_status", "t_s", "bin_s", "seconds_throttled", "keys", "shards", "generator_bound_s", "records_error")
WHOLE += ("connections_opened",)
REAL = ("_ms", "_ratio", "_amplification", "_per_s", "start_s", "duration_s", "percentile", "open_from_s", "open_to_s")
FLAG = ("measured", "generator_bound", "supported", "capped")
TEXT = ("run_id", "time_utc", "phase", "shard_id", "hash_start", "hash_end", "top_key", "metric", "outcome", "hash")
TEXT += ("partition_key", "level", "code", "sample_message")
FILES = ["timeseries", "shards", "shard_seconds", "phases", "latency", "keys", "errors", "response_bins"]


@pytest.fixture(scope="module")
def result(tool, tmp_path_factory):
    """One run in which records meet everything: throttles, faults, lost answers, retries, expiry."""
    folder = tmp_path_factory.mktemp("sums")
    path = scenario(
        folder,
        "everything",
        stream={"name": "orders", "shards": 3},
        records__size={"type": "uniform", "min": 50, "max": 150},
        records__key={"type": "zipf", "exponent": 1.2, "cardinality": 300},
        client={
            "producers": 2,
            "connections": 8,
            "timeout": "500ms",
            "retry": {
                "type": "failed-records",
                "maxAttempts": 4,
                "ttl": "300ms",
                "backoff": {"base": "50ms", "cap": "200ms"},
            },
        },
        phases=[
            {"name": "warm-up", "duration": "2s", "rate": 1500, "measure": False},
            {"name": "calm", "duration": "2s", "rate": 800, "arrivals": "poisson"},
            {"name": "busy", "duration": "3s", "rate": 4000},
        ],
        embedded={
            "faults": [
                {"type": "500", "every": 17},
                {"type": "internal-failure", "probability": 0.02},
                {"type": "reset", "every": 29},
                {"type": "stall", "every": 31},
            ]
        },
    )
    done = tool("run", path, "--progress", "none", "--run-dir", folder / "run")
    assert done.returncode in RAN, done.stdout + done.stderr
    return Result(folder / "run")


def as_text(result, name):
    """A file's cells as they are written."""
    return pandas.read_csv(result.folder / f"{name}.csv", dtype=str, keep_default_na=False)


def measured(result, name):
    """The measured rows of a file that has both kinds."""
    rows = result.csv(f"{name}.csv")
    return rows[rows.measured]


@pytest.mark.parametrize("name", FILES)
def test_every_column_has_its_type(result, name):
    table = as_text(result, name)
    assert len(table) > 0
    for column in table:
        cells = table[column][table[column] != ""]
        if column.startswith("limit_") or column.endswith(REAL):
            pattern = r"-?\d+(\.\d+)?(e[-+]?\d+)?"
        elif column in FLAG:
            pattern = "true|false"
        elif column in TEXT:
            pattern = ".*"
        elif column.endswith(WHOLE):
            pattern = r"-?\d+"
        else:
            raise AssertionError(f"{name}.csv has a column {column} that no rule knows")
        wrong = cells[~cells.str.fullmatch(pattern)]
        assert wrong.empty, f"{name}.csv {column}: {wrong.iloc[0]!r}"


def test_the_run_met_everything(result):
    records = result.summary["records"]
    for name in ("throttled", "fault", "unknown", "gave_up", "expired", "maybe_duplicated"):
        assert records[name] > 0, name
    assert records["attempted"] > records["first_try"]
    assert result.summary["warmup_records"]["attempted"] > 0
    assert result.summary["checks"]["identity_holds"] is True
    assert result.summary["checks"]["sequence_violations"] == 0


@pytest.mark.parametrize("part", ["records", "warmup_records"])
def test_ends_and_outcomes_add_up(result, part):
    records = result.summary[part]
    assert records["planned"] == sum(records[end] for end in ENDS)
    assert records["attempted"] == sum(records[outcome] for outcome in OUTCOMES)


@pytest.mark.parametrize("end", [*ENDS, "planned", "first_try", "attempted", "throttled", "fault", "unknown"])
def test_seconds_phases_and_summary_agree(result, end):
    column = f"{end}_records"
    phases = result.csv("phases.csv")
    parts = ("records", True), ("warmup_records", False)
    for part, is_measured in parts:
        rows = phases[(phases.phase != "all") & (phases.measured == is_measured)]
        assert int(rows[column].sum()) == result.summary[part][end]
    assert int(result.csv("timeseries.csv")[column].sum()) == sum(result.summary[part][end] for part, _ in parts)


def test_every_try_has_its_outcome_in_the_end(result):
    phases = result.csv("phases.csv").query("phase != 'all'")
    clock = {name: int(phases[f"clock_{name}_records"].sum()) for name in ("attempted", "accepted", "throttled", "fault")}
    assert clock["attempted"] == clock["accepted"] + clock["throttled"] + clock["fault"] == phases.attempted_records.sum()
    # The last ones have theirs when nothing comes due any more.
    drain = phases[phases.phase == "drain"]
    assert int(drain.clock_accepted_records.sum() + drain.clock_throttled_records.sum() + drain.clock_fault_records.sum()) > 0


@pytest.mark.parametrize("kind", ["first_try", "attempted", "accepted", "throttled", "fault", "unknown"])
def test_shards_and_their_seconds_agree(result, kind):
    column = f"{kind}_records"
    assert int(result.csv("shards.csv")[column].sum()) == result.summary["records"][kind]
    seconds = result.csv("timeseries.csv")
    everything = result.csv("shard_seconds.csv")
    assert everything.groupby("t_s")[column].sum().to_dict() == {
        t: n for t, n in seconds.groupby("t_s")[column].sum().to_dict().items() if t in set(everything.t_s)
    }


def test_bytes_agree(result):
    for kind in ("attempted_bytes", "accepted_bytes"):
        total = result.summary["records"][kind]
        assert int(result.csv("shards.csv")[kind].sum()) == total
        assert int(result.csv("timeseries.csv")[kind].sum()) == total + result.summary["warmup_records"][kind]
    assert int(measured(result, "shard_seconds").attempted_bytes.sum()) == int(measured(result, "timeseries").attempted_bytes.sum())


def test_requests_agree(result):
    phases = measured(result, "phases").query("phase != 'all'")
    requests = result.summary["requests"]
    assert int(phases.requests.sum()) == requests["total"]
    assert int(phases.requests_partial.sum()) == requests["partial"]
    assert int(phases.requests_refused.sum()) == requests["refused"]
    assert int(phases.transport_errors.sum()) == requests["transport_errors"]
    everything = result.csv("phases.csv").query("phase != 'all'")
    assert int(result.csv("timeseries.csv").requests.sum()) == int(everything.requests.sum())
    total = requests["all_accepted"] + requests["partial"] + requests["refused"] + requests["transport_errors"]
    assert total == requests["total"]


def test_errors_name_what_failed(result):
    errors = measured(result, "errors")
    records = errors[errors.level == "record"]
    throttled = records[records.code == "ProvisionedThroughputExceededException"]["count"].sum()
    assert int(throttled) == result.summary["records"]["throttled"]
    lost = errors[errors.level == "transport"]
    assert int(lost["count"].sum()) == result.summary["requests"]["transport_errors"]
    assert {"timeout"} <= set(lost.code)
    assert (errors.first_t_s <= errors.last_t_s).all()


def test_keys_are_the_first_tries(result):
    keys = result.csv("keys.csv")
    first = result.summary["records"]["first_try"]
    assert int(keys.records.sum()) <= first
    # 300 keys, all listed.
    if len(keys) == 300 or keys.share_ratio.sum() > 0.9999:
        assert int(keys.records.sum()) == first
    assert keys.share_ratio.tolist() == pytest.approx((keys.records / first).tolist(), abs=1e-6)


def test_response_samples_are_the_accepted_and_the_lost(result):
    bins = result.csv("response_bins.csv").query("t_s >= 0")
    shards = result.csv("shards.csv")
    latency = result.csv("latency.csv")
    whole = latency[(latency.metric == "response") & (latency.phase == "all")]
    samples = whole.groupby("outcome").samples.first()
    # By the clock: among those answered from the first measured second on may be some of the warm-up.
    strangers = int(bins.records.sum()) - int(shards.response_samples.sum())
    assert 0 <= strangers <= result.summary["warmup_records"]["attempted"]
    assert int(samples["accepted"]) <= result.summary["records"]["accepted"]
    delivery = latency[(latency.metric == "delivery") & (latency.phase == "all")]
    assert int(delivery.samples.max()) == result.summary["records"]["accepted"]
