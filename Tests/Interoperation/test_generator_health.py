"""The verdict on the generator, over sockets: its own limits, a slow target, and a slow target behind a full cap.

Margins are wide, because the machine may be busy: what must be bound is asked for many times what a core makes, what
must be capped needs many times its slots. Where somebody else's load can still change the word, the run is made up to three times.
"""

import os
import signal
import subprocess
import time

import pytest
from harness import Result, scenario

# Records/s: several times what a core signs and sends in batches of 500, while a sink takes far more than that core makes.
BEYOND_ONE_CORE = 10_000_000
FLOOD = {
    "stream": {"name": "orders", "shards": 1},
    "batch": {"records": 500},
    "client": {"producers": 1, "connections": 32, "maxInFlight": 512, "timeout": "1s"},
    "phases": [{"name": "flood", "duration": "2s", "rate": BEYOND_ONE_CORE}],
    "thresholds": [{"metric": "fault.ratio", "max": 1}],
}


def run(tool, path, folder, endpoint=None, **changes):
    options = ("--target", endpoint) if endpoint else ()
    done = tool("run", path, *options, "--run-dir", folder, **changes)
    assert done.returncode in (0, 3, 5), done.stdout + done.stderr
    result = Result(folder)
    result.code, result.output = done.returncode, done.stdout
    assert result.summary["exit_code"] == done.returncode
    assert result.summary["generator"]["verdict"] == result.summary["validity"]
    return result


def artefacts(result):
    """The texts of a run that a person or a CI job reads."""
    names = ("report.html", "summary.md", "junit.xml")
    return [result.output] + [(result.folder / name).read_text() for name in names]


def test_a_load_beyond_one_core_is_the_generators_limit(tool, target, tmp_path):
    """A sink whose core others use may fill the cap before the driver is at its end: three tries."""
    endpoint = target("--null").endpoint
    path = scenario(tmp_path, "beyond", **FLOOD)
    for attempt in range(3):
        result = run(tool, path, tmp_path / f"run-{attempt}", endpoint)
        assert result.summary["validity"] != "valid", result.summary["generator"]
        generator = result.summary["generator"]
        # Where others have the core, it was starved before it was asked too much.
        if result.summary["validity"] == "generator-bound" and generator["stopped_s"] * 2 <= generator["bound_s"]:
            break
        print(f"try {attempt + 1}: {result.summary['validity']} on a busy machine: {generator}")
    assert (result.code, result.summary["verdict"], result.summary["validity"]) == (5, "invalid", "generator-bound")
    assert generator["unsent"] > 0 and generator["bound_s"] * 20 >= generator["seconds"] >= 1
    seconds = result.csv("timeseries.csv")
    assert seconds[seconds.generator_bound].t_s.nunique() == generator["bound_s"]
    page = (result.folder / "report.html").read_text()
    assert '<path class="hat"' in page
    # Three times others had most of the core: then it was starved, and says so.
    if generator["stopped_s"] * 2 > generator["bound_s"]:
        assert all("stopped or starved" in text for text in artefacts(result))
        return
    for text in artefacts(result):
        assert "generator was the bottleneck" in text or "generator bound" in text
    assert "<error" in (result.folder / "junit.xml").read_text()
    # What was lost may need a last line of its own.
    last = result.output.rstrip().splitlines()[-2:]
    assert last[-1].startswith("INVALID: ")
    assert any(line.startswith("INVALID: the generator was the bottleneck") for line in last)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="the target needs a core of its own")
def test_a_core_shared_with_others_is_lateness_of_the_generator(tool, target, tmp_path):
    """Two busy programs on the worker's only core: it is late, though its own share of the core is far below 90 %."""
    others, core = sorted(os.sched_getaffinity(0))[:-1], max(os.sched_getaffinity(0))
    sink = target("--null")
    os.sched_setaffinity(sink.process.pid, others)
    for thread in os.listdir(f"/proc/{sink.process.pid}/task"):
        os.sched_setaffinity(int(thread), others)
    phases = [{"name": "flood", "duration": "2s", "rate": BEYOND_ONE_CORE // 2}]
    path = scenario(tmp_path, "shared-core", **(FLOOD | {"phases": phases}))
    hogs = [
        subprocess.Popen(["taskset", "-c", str(core), "timeout", "60", "sh", "-c", "while :; do :; done"])
        for _ in range(2)
    ]
    try:
        done = subprocess.run(
            ["taskset", "-c", str(core), tool.path, "run", str(path), "--target", sink.endpoint, "--workers", "1"]
            + ["--run-dir", str(tmp_path / "run")],
            capture_output=True,
            text=True,
            timeout=120,
        )
    finally:
        for hog in hogs:
            hog.terminate()
            hog.wait()
    assert done.returncode == 5, done.stdout + done.stderr
    result = Result(tmp_path / "run")
    assert result.summary["validity"] == "generator-bound"
    generator = result.summary["generator"]
    assert generator["lateness_p99_ms"] > 10 * generator["lateness_bound_ms"]
    assert generator["stopped_s"] * 2 > generator["bound_s"], "it was starved, not asked too much"


SLOW = ("--stream", "orders", "--shards", "1", "--limits", "none", "--latency", "200ms")


def slow_scenario(tmp_path, title, connections, rate, **changes):
    return scenario(
        tmp_path,
        title,
        stream={"name": "orders", "shards": 1},
        batch={"records": 10, "linger": "100ms"},
        client={"producers": 1, "connections": connections, "maxInFlight": connections},
        phases=[{"name": "slow", "duration": "3s", "rate": rate}],
        **changes,
    )


def test_a_slow_target_is_not_the_generators_fault(tool, target, tmp_path):
    """200 ms an answer, 64 slots, 10 requests/s: two slots are needed. A noisy machine may steal or delay: three tries."""
    endpoint = target(*SLOW).endpoint
    path = slow_scenario(tmp_path, "slow", 64, 100, thresholds=[{"metric": "response.p50", "max": "150ms"}])
    for attempt in range(3):
        result = run(tool, path, tmp_path / f"run-{attempt}", endpoint)
        generator = result.summary["generator"]
        assert result.summary["validity"] != "capped", generator
        if result.summary["validity"] == "valid":
            break
        print(f"try {attempt + 1}: {result.summary['validity']} on a busy machine: {generator}")
    assert result.summary["validity"] == "valid", generator
    # The target is slow, and that is what the run says: the threshold fails.
    assert (result.code, result.summary["verdict"]) == (3, "fail")
    assert result.summary["latency_ms"]["service"]["p50"] >= 200
    assert generator["capped_s"] == 0 and generator["littles_law"] is None
    assert '<path class="hat"' not in (result.folder / "report.html").read_text()


@pytest.mark.parametrize(("limit", "code", "verdict"), [("100ms", 3, "fail"), ("1h", 0, "pass")])
def test_a_full_cap_is_the_targets_doing_and_thresholds_are_judged(tool, target, tmp_path, limit, code, verdict):
    """200 ms an answer, 2 slots: 10 requests/s, asked for 100. A noisy machine may bind the generator: three tries."""
    endpoint = target(*SLOW).endpoint
    path = slow_scenario(
        tmp_path, "capped", 2, 1000, client__timeout="2s", thresholds=[{"metric": "response.p50", "max": limit}]
    )
    for attempt in range(3):
        result = run(tool, path, tmp_path / f"run-{attempt}", endpoint)
        generator = result.summary["generator"]
        assert result.summary["validity"] != "valid", generator
        # Whatever else the machine did, the cap was seen.
        assert generator["capped_s"] >= 2 and generator["in_flight_max"] == 2, generator
        if result.summary["validity"] == "capped":
            break
        print(f"try {attempt + 1}: {result.summary['validity']} on a busy machine: {generator}")
    assert (result.summary["validity"], result.code, result.summary["verdict"]) == ("capped", code, verdict)
    seconds = result.csv("timeseries.csv")
    assert seconds[seconds.capped].t_s.nunique() == generator["capped_s"]
    law = generator["littles_law"]
    service = result.summary["latency_ms"]["service"]["mean"]
    assert law["at_once"] == 2 and law["service_mean_ms"] == pytest.approx(service, rel=1e-6) and service >= 200
    assert law["requests_per_s"] == pytest.approx(2 / (service / 1000), rel=1e-3)
    assert law["records_per_s"] == pytest.approx(law["requests_per_s"] * 10, rel=1e-3)
    assert law["busiest_planned_records"] == 1000 and law["needed_at_once"] >= 20
    # What was sent in three seconds is what the law says: nothing went out beside the slots.
    sent = seconds[(seconds.t_s >= 0) & (seconds.t_s < 3)].requests.sum()
    assert 0 < sent <= law["requests_per_s"] * 3 * 1.2 + 2
    for text in artefacts(result)[:3]:
        assert "Little" in text and "2 requests at once" in text.replace("\n           ", " ")
    for text in artefacts(result):
        assert "capped" in text.lower()


def test_a_full_send_buffer_is_counted(tool, target, tmp_path):
    """Requests of megabytes do not fit into the kernel's buffer; requests of a kilobyte do."""
    counts = {}
    for title, size, records in (("large", "1MB", 5), ("small", "1KiB", 1)):
        endpoint = target("--null", "--records", str(records)).endpoint
        path = scenario(
            tmp_path,
            title,
            stream={"name": "orders", "shards": 1},
            records__size={"type": "fixed", "value": size},
            batch={"records": records, "linger": "1s"},
            client={"producers": 1, "connections": 2},
            phases=[{"name": "steady", "duration": "2s", "rate": 5 * records}],
        )
        result = run(tool, path, tmp_path / title, endpoint)
        count = result.summary["generator"]["send_buffer_full_requests"]
        seconds = result.csv("timeseries.csv")
        # Those of the plan, and those of the drain in which the generator was at fault.
        measured = seconds[(seconds.t_s >= 0) & ((seconds.t_s < 2) | seconds.generator_bound)]
        assert measured.drop_duplicates("t_s").send_buffer_full_requests.sum() == count
        counts[title] = count
        assert ("send buffer" in (result.folder / "report.html").read_text()) == (count > 0)
    assert counts["small"] == 0
    assert counts["large"] > 0


STOPPED = {
    "stream": {"name": "orders", "shards": 1},
    "embedded": {"limits": "none"},
    "batch": {"records": 10, "linger": "20ms"},
    "client": {"producers": 1, "connections": 2, "maxInFlight": 2, "late": "burst"},
}


@pytest.mark.parametrize(
    ("freeze", "duration"), [(1.0, "5s"), (0.5, "2s")], ids=["in the middle, with few connections", "across the end"]
)
def test_a_generator_that_was_frozen_says_so(tool, target, tmp_path, freeze, duration):
    """Stopped for two seconds: not valid, not capped, and not the target's doing, wherever the plan ends meanwhile."""
    endpoint = target("--stream", "orders", "--shards", "1", "--limits", "none", "--latency", "2ms").endpoint
    path = scenario(tmp_path, "frozen", **STOPPED, phases=[{"name": "steady", "duration": duration, "rate": 500}])
    process = tool.start("run", path, "--target", endpoint, "--run-dir", tmp_path / "run", "--progress", "100ms")
    for line in process.stderr:
        # The first line that knows an answer: from then on the run has begun.
        if line.startswith("t=") and "p50_ms= " not in line:
            break
    time.sleep(freeze)
    process.send_signal(signal.SIGSTOP)
    time.sleep(2)
    process.send_signal(signal.SIGCONT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 5, output + errors
    result = Result(tmp_path / "run")
    generator = result.summary["generator"]
    assert (result.summary["validity"], result.summary["verdict"]) == ("generator-bound", "invalid")
    assert generator["stopped_s"] * 2 > generator["bound_s"] >= 2, generator
    seconds = result.csv("timeseries.csv").drop_duplicates("t_s")
    assert seconds.stopped_ms.sum() > 1_500
    bound = seconds[seconds.generator_bound]
    assert len(bound) == generator["bound_s"]
    assert set(seconds[seconds.stopped_ms > 100].t_s) <= set(bound.t_s)
    assert not seconds[seconds.stopped_ms > 100].capped.any()
    result.output = output
    for text in artefacts(result):
        assert "stopped or starved" in text


FROZEN = {
    "stream": {"name": "orders", "shards": 1},
    "batch": {"records": 10, "linger": "20ms"},
    "client": {"producers": 1, "connections": 2, "maxInFlight": 2, "timeout": "20s"},
    "phases": [{"name": "steady", "duration": "60s", "rate": 500}],
}


@pytest.mark.parametrize(
    "limit",
    [
        {"metric": "response.p99", "max": "3s", "abort": {"after": "1s"}},
        {"metric": "accepted.rate", "min": 50, "window": "2s", "abort": {"after": "1s"}},
        {"metric": "response.p99", "max": "3s", "per": "shard", "abort": {"after": "1s"}},
    ],
    ids=["response.p99", "accepted.rate over 2 s", "response.p99 per shard"],
)
def test_a_target_that_hangs_is_told_and_stops_the_run(tool, target, tmp_path, limit):
    """Frozen and never thawed: lines say so while it lasts, the run ends long before its time-out, and names its end."""
    sink = target("--stream", "orders", "--shards", "1", "--limits", "none")
    path = scenario(tmp_path, "hanging", **FROZEN, thresholds=[limit])
    process = tool.start("run", path, "--target", sink.endpoint, "--run-dir", tmp_path / "run", "--progress", "250ms")
    lines = []
    for line in process.stderr:
        if not line.startswith("t="):
            continue
        lines.append(dict(word.split("=", 1) for word in line.split()))
        # The window's first seconds are over: what it has from here on is zero.
        if int(lines[-1]["t"]) >= 3 and sink.process.poll() is None:
            sink.process.send_signal(signal.SIGSTOP)
            break
    try:
        output, errors = process.communicate(timeout=60)
    finally:
        sink.process.send_signal(signal.SIGCONT)
    lines += [dict(word.split("=", 1) for word in line.split()) for line in errors.splitlines() if line.startswith("t=")]
    result = Result(tmp_path / "run")
    result.output = output
    summary = result.summary
    # Only a machine so busy that the driver itself was starved makes it another end than the threshold's.
    assert process.returncode == (5 if summary["validity"] == "generator-bound" else 3), output
    assert summary["complete"] is False and summary["time"]["measured_s"] < 15
    (threshold,) = summary["thresholds"]
    assert (threshold["status"], threshold["metric"]) == ("fail", limit["metric"])
    assert abs(threshold["aborted_at_s"] - summary["time"]["measured_s"]) < 0.5
    for text in artefacts(result):
        assert f"stopped the run at {threshold['aborted_at_s']:.1f} s" in text
    assert f"Stopped at {threshold['aborted_at_s']:.1f} s by its threshold {threshold['id']}" in artefacts(result)[2]
    silent = [line for line in lines if line["no_answer_s"] and float(line["no_answer_s"]) >= 1.5]
    assert silent and all(line["capped"] == "1" for line in silent), lines
    assert any(line["behind_s"] and float(line["behind_s"]) > 1 for line in silent)
