"""histograms.hlog, read by HdrHistogram's reference implementation for Python, says what the CSV files say."""

import math
import re
import subprocess
import sys

import pandas
import pytest
from harness import RAN, ROOT, Result, scenario
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

# 64-bit floats of a count times a percentage: one less than this part of a sample is rounding, not a further sample.
ROUNDING = 1e-9


@pytest.fixture(scope="module")
def result(tool, tmp_path_factory):
    """A run with a warm-up, throttling and a shard that nobody writes to."""
    folder = tmp_path_factory.mktemp("histograms")
    path = scenario(
        folder,
        "distributions",
        stream={"name": "orders", "shards": 5},
        records__key={"type": "shard", "shards": [0, 1, 3, 4], "share": 1, "cardinality": 300},
        batch={"records": 25, "linger": "20ms"},
        phases=[
            {"name": "warm-up", "duration": "1s", "rate": 500, "measure": False},
            {"name": "busy", "duration": "4s", "rate": {"type": "line", "from": 1000, "to": 9000}},
        ],
        embedded={"latency": {"type": "lognormal", "median": "8ms", "p99": "60ms"}},
    )
    done = tool("run", path, "--run-dir", folder / "run")
    assert done.returncode in RAN, done.stdout + done.stderr
    return Result(folder / "run")


@pytest.fixture(scope="module")
def histograms(result):
    """Every histogram of the log by its tag."""
    reader = HistogramLogReader(str(result.folder / "histograms.hlog"), HdrHistogram(1, 3_600_000_000_000, 3))
    found = {}
    try:
        while histogram := reader.get_next_interval_histogram():
            assert histogram.get_tag() not in found
            found[histogram.get_tag()] = histogram
    finally:
        reader.close()
    return found


def at_rank(histogram, percentile):
    """The highest value that shares a bucket with the sample of this percentile, by the definition: rank ceil(p n)."""
    target = max(1, math.ceil(percentile / 100 * histogram.total_count - ROUNDING))
    seen = 0
    for item in histogram.get_recorded_iterator():
        seen += item.count_at_value_iterated_to
        if seen >= target:
            return histogram.get_highest_equivalent_value(item.value_iterated_to)
    raise AssertionError(f"no sample of rank {target} among {seen}")


def test_tags_are_the_distributions_and_the_shards_with_traffic(result, histograms):
    shards = result.csv("shards.csv")
    answered = set(shards.shard_id[shards.response_samples > 0])
    assert 0 < len(answered) < len(shards)
    assert set(histograms) == {"response", "queue", "service", "delivery", "lateness"} | answered


@pytest.mark.parametrize("metric", ["response", "queue", "service", "delivery", "lateness"])
def test_counts_and_percentiles_are_those_of_latency_csv(result, histograms, metric):
    histogram = histograms[metric]
    rows = result.csv("latency.csv")
    outcome = "accepted" if metric == "response" else "all"
    rows = rows[(rows.metric == metric) & (rows.outcome == outcome) & (rows.phase == "all")]
    assert len(rows) > 50
    assert set(rows.samples) == {histogram.total_count}
    agreed = 0
    for row in rows.itertuples():
        if row.percentile == 0:
            # The lowest bucket of the reference is the lowest value, as in the file.
            assert row.value_ms == pytest.approx(histogram.get_min_value() / 1e6, abs=6e-5)
            continue
        assert row.value_ms == pytest.approx(at_rank(histogram, row.percentile) / 1e6, abs=6e-5), row
        # The reference rounds a rank to the nearest whole number: where that is the rank above, it says the same itself.
        exact = row.percentile / 100 * histogram.total_count
        if int(exact + 0.5) == max(1, math.ceil(exact - ROUNDING)):
            assert row.value_ms == pytest.approx(histogram.get_value_at_percentile(row.percentile) / 1e6, abs=6e-5), row
            agreed += 1
    assert agreed > 15


def test_counts_and_percentiles_are_those_of_shards_csv(result, histograms):
    for row in result.csv("shards.csv").itertuples():
        if row.response_samples == 0:
            assert row.shard_id not in histograms
            continue
        histogram = histograms[row.shard_id]
        assert histogram.total_count == row.response_samples
        assert row.response_p50_ms == pytest.approx(at_rank(histogram, 50) / 1e6, abs=6e-5)
        assert row.response_p99_ms == pytest.approx(at_rank(histogram, 99) / 1e6, abs=6e-5)


def test_the_example_of_the_guide(result, histograms):
    section = (ROOT / "results/README.md").read_text()
    code = re.search(r"```python\n(.*?)```", section, re.DOTALL)[1]
    code = code.replace("results/latest", str(result.folder))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert {tag: int(count) for tag, count, _, _ in lines} == {t: h.total_count for t, h in histograms.items()}


def test_shards_add_up_to_the_whole(result, histograms):
    of_shards = sum(h.total_count for tag, h in histograms.items() if tag.startswith("shardId-"))
    assert of_shards == histograms["response"].total_count == result.summary["latency_ms"]["response"]["count"]
    assert histograms["service"].total_count == result.summary["latency_ms"]["service"]["count"]
    # Means by the reference's own arithmetic.
    for metric in ("response", "service", "delivery"):
        mean = result.summary["latency_ms"][metric]["mean"]
        assert histograms[metric].get_mean_value() / 1e6 == pytest.approx(mean, rel=1e-3)


def test_the_interval_is_the_measured_time(result, histograms):
    response = histograms["response"]
    seconds = (response.get_end_time_stamp() - response.get_start_time_stamp()) / 1000
    assert seconds == pytest.approx(result.summary["time"]["measured_s"], abs=1e-3)
    first = result.csv("timeseries.csv").query("t_s == 0").time_utc.iloc[0]
    assert response.get_start_time_stamp() / 1000 == pytest.approx(pandas.Timestamp(first).timestamp(), abs=2e-3)
