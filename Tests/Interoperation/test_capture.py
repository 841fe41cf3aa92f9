"""`target --record`: what arrives, as a trace that run plays and size takes."""

import base64
import collections
import csv
import json
import os
import pathlib
import subprocess

import pytest
from harness import RAN, Result, clean_environment, client

CLIENTS = pathlib.Path(__file__).parent / "clients"


def rows(path):
    """The rows of a trace in either form, every value as text."""
    if path.suffix == ".csv":
        with open(path, newline="") as file:
            return list(csv.DictReader(file))
    return [{name: str(value) for name, value in json.loads(line).items()} for line in path.read_text().splitlines()]


def scenario(folder, records, **more):
    path = folder / "scenario.json"
    path.write_text(json.dumps({"schema": "shardmeter/1", "name": "x", "records": records, **more}))
    return path


def run(tool, endpoint, path, folder):
    """Accepted records by shard."""
    done = tool("run", path, "--target", endpoint, "--progress", "none", "--run-dir", folder)
    assert done.returncode in RAN, done.stdout + done.stderr
    assert Result(folder).summary["records"]["accepted"] == 3000
    with open(folder / "shards.csv", newline="") as file:
        return {row["shard_id"]: row["accepted_records"] for row in csv.DictReader(file)}


@pytest.mark.parametrize("end, keys", [("csv", "show"), ("ndjson", "show"), ("csv", "hash"), ("ndjson", "hash")])
def test_what_was_recorded_is_played_again(tool, target, tmp_path, end, keys):
    key = {"type": "zipf", "exponent": 1, "cardinality": 200}
    work = scenario(
        tmp_path,
        {"size": {"type": "uniform", "min": "0B", "max": "300B"}, "key": key},
        phases=[{"name": "p", "duration": "2s", "rate": 1500}],
    )
    seen = []
    for turn in ("first", "second"):
        trace = tmp_path / f"{turn}.{end}"
        one = target("--limits", "none", "--record", trace, "--keys", keys)
        shards = run(tool, one.endpoint, work, tmp_path / turn)
        assert one.stop() == 0, one.errors
        recorded = rows(trace)
        assert [int(row["container"]) for row in recorded] == list(range(3000))
        assert float(recorded[0]["t_s"]) == 0 and 1 < float(recorded[-1]["t_s"]) < 60
        # A hashed key is played as its digits, and keeps its place by its hash as the explicit hash key.
        places = [row.get("key") or row.get("explicit_hash_key") or str(int(row["hash"], 16)) for row in recorded]
        seen.append((shards, collections.Counter(zip(places, (row["size"] for row in recorded)))))
        work = scenario(tmp_path, {"trace": {"path": str(trace)}})
    assert seen[0] == seen[1]
    sized = tool("size", work, "--out", tmp_path / "sized")
    assert sized.returncode in (0, 3), sized.stdout + sized.stderr


def test_aggregated_records_are_opened_as_the_librarys_own_reader_opens_them(tool, target, tmp_path):
    made = subprocess.run(
        [os.environ.get("PRODUCERS_PYTHON", "python3"), CLIENTS / "aggregates.py", "600", "1"],
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=120,
    )
    assert made.returncode == 0, made.stderr[-2000:]
    aggregates = [json.loads(line) for line in made.stdout.splitlines()]
    trace = tmp_path / "trace.csv"
    one = target("--limits", "none", "--record", trace, "--keys", "show")
    kinesis = client(one.endpoint)
    for start in range(0, len(aggregates), 100):
        batch = [{"Data": base64.b64decode(it["data"]), "PartitionKey": "container"} for it in aggregates[start : start + 100]]
        assert kinesis.put_records(StreamName="orders", Records=batch)["FailedRecordCount"] == 0
    assert one.stop() == 0
    found = collections.defaultdict(list)
    for row in rows(trace):
        found[int(row["container"])].append([row["key"], int(row["size"]), row["explicit_hash_key"]])
    unopened = 0
    for number, aggregate in enumerate(aggregates):
        whole = [["container", len(base64.b64decode(aggregate["data"])), ""]]
        if aggregate["given"] is not None:
            assert found[number] == aggregate["given"]
        elif found[number] == whole:
            unopened += 1
            continue
        # Whatever is opened, the library opens too, and to the same. It takes the first explicit hash key for a record without.
        assert aggregate["records"] is not None, number
        assert [record[:2] for record in found[number]] == [record[:2] for record in aggregate["records"]], number
        assert all(own[2] in ("", other[2]) for own, other in zip(found[number], aggregate["records"])), number
    print(f"\n{len(aggregates)} aggregated records, {unopened} of 300 spoilt ones not opened")
    assert 0 < unopened < 300
    assert f"{unopened} aggregated records could not be opened" in one.errors


def test_tries_or_distinct_records(target, tmp_path):
    records = [{"Data": b"x", "PartitionKey": f"k{number}"} for number in range(10)]
    for options, count in (((), 30), (("--record-distinct",), 10)):
        trace = tmp_path / f"{count}.csv"
        one = target("--record", trace, "--fault", "throttle:share=100%,tries=2", *options)
        failed = [client(one.endpoint).put_records(StreamName="orders", Records=records)["FailedRecordCount"] for _ in range(3)]
        assert failed == [10, 10, 0]
        assert one.stop() == 0
        assert len(rows(trace)) == count


@pytest.mark.parametrize(
    "words, message",
    [
        (["--record", "trace.txt"], "expected a file that ends in .csv, .ndjson or .jsonl"),
        (["--record", "trace.csv.gz"], "expected a file that ends in .csv, .ndjson or .jsonl"),
        (["--record", "there.csv"], "exists; it is not written over"),
        (["--record", "no/folder/trace.csv"], "cannot be made: No such file or directory"),
        (["--record", "trace.csv", "--keys", "hide"], "--record needs keys or their hashes"),
        (["--record-distinct"], "--record-distinct needs --record"),
    ],
)
def test_what_cannot_be_recorded_is_said_before_anything_is_served(tool, tmp_path, words, message):
    (tmp_path / "there.csv").write_text("mine")
    done = tool("target", "--port", "0", *words, cwd=tmp_path)
    assert done.returncode == 2 and message in done.stderr and done.stdout == ""
    assert (tmp_path / "there.csv").read_text() == "mine"
