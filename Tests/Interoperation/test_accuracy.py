"""Latencies over sockets against delays that the target was told to make. Counts are judged, never single times."""

import pathlib
import time

import pytest
from harness import RAN, Result, scenario
from scripted import ScriptedServer, message

RATE, SECONDS, STALL_MS = 100, 3, 1000


@pytest.fixture(scope="module")
def stalled(tool, tmp_path_factory):
    """A run over one connection whose 200th request of 300 is held back for a second."""
    folder = tmp_path_factory.mktemp("stalled")
    plan = scenario(
        folder,
        "stalled",
        batch={"records": 1},
        client={"producers": 1, "connections": 1, "maxInFlight": 1, "timeout": "20s"},
        phases=[{"name": "steady", "duration": f"{SECONDS}s", "rate": RATE}],
        embedded={"limits": "none", "faults": [{"type": "stall", "every": 200, "delay": f"{STALL_MS}ms"}]},
    )
    run = tool("run", plan, "--run-dir", folder / "run", "--progress", "none")
    assert run.returncode in RAN, run.stderr
    return Result(folder / "run")


def at(result, metric, outcome, percentile):
    """One row of latency.csv, over all measured phases."""
    rows = result.csv("latency.csv")
    row = rows[
        (rows.metric == metric) & (rows.outcome == outcome) & (rows.phase == "all") & (rows.percentile == percentile)
    ]
    assert len(row) == 1, (metric, outcome, percentile)
    return row.iloc[0]


def test_every_record_that_came_due_during_a_stall_carries_it(stalled):
    bins = stalled.csv("response_bins.csv")
    assert bins.records.sum() == RATE * SECONDS
    for waited in (250, 500, 750):
        # Those due in the first so many milliseconds of the stall waited at least the rest of it.
        expected = RATE * (STALL_MS - waited) / 1000
        seen = bins[bins.below_ms > waited].records.sum()
        assert seen >= expected - 5, f"{seen} of {expected} records waited {waited} ms"
    assert at(stalled, "response", "accepted", 100).value_ms >= STALL_MS


def test_the_stall_is_one_request_of_service(stalled):
    service = at(stalled, "service", "all", 100)
    assert service.samples == RATE * SECONDS
    assert service.value_ms >= STALL_MS
    # 3 of 300 requests lie beyond p99: one stalled, and a busy machine may hold up two more.
    assert at(stalled, "service", "all", 99).value_ms < STALL_MS
    assert at(stalled, "response", "accepted", 90).value_ms > at(stalled, "service", "all", 90).value_ms + 250


@pytest.mark.parametrize("delay", (2, 20))
def test_service_and_response_are_never_below_the_delay(tool, tmp_path, delay):
    plan = scenario(
        tmp_path,
        "delayed",
        batch={"records": 1},
        client={"producers": 1, "connections": 64, "maxInFlight": 64, "timeout": "20s"},
        phases=[{"name": "steady", "duration": "1s", "rate": 300}],
        embedded={"limits": "none", "latency": f"{delay}ms"},
    )
    run = tool("run", plan, "--run-dir", tmp_path / "run", "--progress", "none")
    assert run.returncode in RAN, run.stderr
    result = Result(tmp_path / "run")
    # Percentile 0 is the bucket's lower bound: at most a thousandth below.
    for metric, outcome in (("service", "all"), ("response", "accepted"), ("delivery", "all")):
        assert at(result, metric, outcome, 0).value_ms >= delay * 0.998, metric
    assert at(result, "service", "all", 0).samples == 300
    assert at(result, "response", "accepted", 50).value_ms >= at(result, "service", "all", 50).value_ms * 0.998


def established(server):
    """The connections to a server as the kernel has them, whether or not the server has taken them over yet."""
    remote = f"0100007F:{server.listener.getsockname()[1]:04X}"
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[2] == remote and row[3] == "01" for row in rows)


def test_the_load_begins_on_open_connections_and_without_a_burst(tool, tmp_path):
    connections, seen = 32, []

    def note(connection, server, records):
        seen.append((time.monotonic(), established(server) if not seen else 0))
        connection.send(message(server.accepted(records)))

    server = ScriptedServer(note, every=1)
    try:
        plan = scenario(
            tmp_path,
            "start",
            batch={"records": 1},
            client={"producers": connections, "connections": connections, "timeout": "20s"},
            phases=[{"name": "steady", "duration": "1s", "rate": RATE}],
        )
        run = tool("run", plan, "--target", server.endpoint, "--run-dir", tmp_path / "run", "--progress", "none")
    finally:
        server.stop()
    assert run.returncode in RAN, run.stderr
    assert len(seen) == RATE
    assert seen[0][1] >= connections, "connections were opened when records were due already"
    # Two or three by the schedule; one for each connection or producer if all of them began at once.
    first = min(at for at, _ in seen)
    assert sum(at < first + 0.02 for at, _ in seen) <= connections // 2
