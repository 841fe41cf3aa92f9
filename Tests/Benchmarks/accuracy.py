"""The accuracy part of scripts/bench: latencies over sockets against delays that the target was told to make.

Swift tests show with a manual clock and scripted connections that every latency is exact; here a scheduler, two event loops
and a kernel lie in between, and what they add is printed.
"""

import statistics

from bench import Target, scenario

DELAYS_MS = (1, 5, 20)
RATE = 1000
STALL_MS = 1000


def steady(seconds, **client):
    """One request for each record, at a rate far below what one core can make."""
    plan = scenario(1, 100, seconds, **client)
    plan["phases"] = [{"name": "steady", "duration": f"{seconds}s", "rate": RATE}]
    return plan


def delays(bench, *options):
    """By scripted delay: by how much service and response lie above it, microseconds, medians over the rounds."""
    result = {}
    plan = steady(2, connections=64, maxInFlight=64)
    for delay in DELAYS_MS:
        samples = {}
        words = ("--shards", "1", "--limits", "none", "--latency", f"{delay}ms")
        with Target(bench.options.binary, bench.target_core, *words) as target:
            for _ in range(bench.rounds):
                latencies = bench.run(plan, target.url, *options)[0]["latency_ms"]
                for metric in ("service", "response"):
                    for point in ("p50", "p90", "p99", "max"):
                        samples.setdefault((metric, point), []).append((latencies[metric][point] - delay) * 1000)
        result[delay] = {f"{metric}_{point}": statistics.median(values) for (metric, point), values in samples.items()}
    return result


def stall(bench):
    """Latencies in milliseconds of a run whose only connection is held up for a second in the middle."""
    plan = steady(3, connections=1, maxInFlight=1, timeout="20s")
    fault = f"stall:every={RATE * 2},delay={STALL_MS}ms"
    with Target(bench.options.binary, bench.target_core, "--shards", "1", "--limits", "none", "--fault", fault) as target:
        return bench.run(plan, target.url)[0]["latency_ms"]


def measure(bench):
    """All of it, for the result's `accuracy`."""
    return {
        "delays_us_beyond": {
            "sleeping": delays(bench),
            "spinning": delays(bench, "--spin", "100us"),
        },
        "stall_ms": stall(bench),
    }


def print_accuracy(accuracy):
    print()
    print(f"What is measured beyond a delay that the target was told to make, {RATE} requests/s, microseconds:")
    print("%-10s %-9s" % ("waits", "delay") + "".join("%10s" % h for h in ("p50", "p90", "p99", "max") * 2))
    for way, figures in accuracy["delays_us_beyond"].items():
        for delay, found in figures.items():
            print(
                "%-10s %6s ms" % (way, delay)
                + "".join("%10.0f" % found[f"{m}_{p}"] for m in ("service", "response") for p in ("p50", "p90", "p99", "max"))
            )
    print("%-19s %-39s %s" % ("", "  service", "  response"))
    print(f"A stall of {STALL_MS} ms on the only connection, {RATE} records/s for 3 s, milliseconds:")
    for metric in ("service", "response"):
        figures = accuracy["stall_ms"][metric]
        print(
            "%-20s" % metric
            + "".join("%6s %9.2f" % (p, figures[p]) for p in ("p50", "p90", "p99", "p999", "max"))
            + f"   of {figures['count']}"
        )
