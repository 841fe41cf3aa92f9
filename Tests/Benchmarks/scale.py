"""scripts/bench --scale: what a record costs as connections, shards, keys and workers grow.

Each dimension grows alone from the same small case; figures are CPU time of the driver's process a record, medians over
the rounds, as ratios to the smallest value taken in the same round.
"""

import csv
import json
import resource
import statistics

from bench import Target, save_name, scenario

RECORDS, BYTES = 100, 100
# Where more than one core would be needed for a fair figure, all workers share the driver's.
DIMENSIONS = {
    "connections": (1, 8, 64, 512, 4096),
    "shards": (1, 16, 256, 4000),
    "keys": (1_000, 100_000, 1_000_000, 10_000_000),
    "workers": (1, 2, 4, 16),
}
# What is known to make a dimension's end dearer, to be read beside its ratios.
REMARKS = {
    "connections": "each connection has buffers and a socket of its own, which leave the processor's caches",
    "shards": "the counters of a shard, 72 bytes and its histogram, leave the processor's caches",
    "keys": "the counter and the shard of a key are a cache miss each, and a key that is new is hashed (MD5)",
    "workers": "all on one core: the changes between their threads",
}


def case(dimension, value, seconds):
    """The scenario, the target's options and the run's for one value of a dimension."""
    plan = scenario(RECORDS, BYTES, seconds, producers=16)
    target = ("--null", "--records", str(RECORDS))
    workers = 1
    if dimension == "connections":
        plan["client"] |= {"connections": value, "maxInFlight": value}
    elif dimension == "shards":
        plan["stream"]["shards"] = value
        target = ("--shards", str(value), "--limits", "none")
    elif dimension == "keys":
        plan["records"]["key"]["cardinality"] = value
    else:
        plan["client"] |= {"connections": 16, "maxInFlight": 16}
        workers = value
    return plan, target, workers


def sample(bench, dimension, value):
    """CPU nanoseconds a record, records/s and the peak of memory in bytes."""
    measured = {}
    for seconds in (0.2, bench.seconds):
        plan, options, workers = case(dimension, value, seconds)
        with Target(bench.options.binary, bench.target_core, *options) as target:
            summary, cpu, peak = bench.run(plan, target.url, workers=workers)
        measured[seconds] = (summary["records"]["accepted"], cpu, peak)
    (few, few_cpu, _), (many, many_cpu, peak) = measured.values()
    return (many_cpu - few_cpu) / (many - few) * 1e9, many / bench.seconds, peak


def measure(bench):
    """Rows of dimension, value, cost, ratio to the smallest, rate and memory."""
    # A descriptor for each connection, here and in the target.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    rows = []
    for dimension, values in DIMENSIONS.items():
        samples = {value: [] for value in values}
        for number in range(bench.rounds):
            print(f"{dimension}, round {number + 1} of {bench.rounds}", flush=True)
            for value in values:
                samples[value].append(sample(bench, dimension, value))
        for value, found in samples.items():
            ratios = [own[0] / first[0] for own, first in zip(found, samples[values[0]])]
            rows.append(
                {
                    "dimension": dimension,
                    "value": value,
                    "cpu_ns_per_record": statistics.median(one[0] for one in found),
                    "ratio": statistics.median(ratios),
                    "ratio_min": min(ratios),
                    "ratio_max": max(ratios),
                    "records_per_s": statistics.median(one[1] for one in found),
                    "memory_bytes": max(one[2] for one in found),
                }
            )
    return rows


def print_scale(rows):
    print()
    print(f"Requests of {RECORDS} records of {BYTES} B, signed; CPU is user + system of the driver's process, on one core.")
    print("%-12s %11s %14s %22s %12s %11s" % ("dimension", "value", "CPU ns/record", "to the smallest", "records/s", "memory MiB"))
    for row in rows:
        print(
            "%-12s %11d %14.0f %22s %12.0f %11.1f"
            % (
                row["dimension"],
                row["value"],
                row["cpu_ns_per_record"],
                "%.2f (%.2f-%.2f)" % (row["ratio"], row["ratio_min"], row["ratio_max"]),
                row["records_per_s"],
                row["memory_bytes"] / 2**20,
            )
        )
    for dimension, remark in REMARKS.items():
        print(f"{dimension}: {remark}")


def save_scale(folder, result):
    stem = save_name(folder, result)
    stem = stem.with_name(stem.name + "-scale")
    stem.with_suffix(".json").write_text(json.dumps(result, indent=2) + "\n")
    with stem.with_suffix(".csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, result["scale"][0].keys())
        writer.writeheader()
        writer.writerows(result["scale"])
    print(f"\nwritten: {stem}.json, {stem}.csv")
