"""Heap allocations of a worker's steady state, counted in the release build by a library that is preloaded into it."""

import pathlib
import shutil
import subprocess

import pytest
from harness import RAN, Target, scenario

COMPILER = shutil.which("clang") or shutil.which("cc")
SECONDS = 2
RETRIES = {"type": "failed-records", "maxAttempts": 3, "backoff": {"base": "5ms", "cap": "20ms"}}


@pytest.fixture(scope="module")
def counter(tmp_path_factory):
    library = tmp_path_factory.mktemp("allocations") / "allocations.so"
    source = pathlib.Path(__file__).parent / "allocations.c"
    subprocess.run([COMPILER, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, source], check=True)
    return library


@pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")
@pytest.mark.parametrize(
    "case, target, client",
    [
        ("signed", ("--null", "--records", "100"), {}),
        ("pool", ("--null", "--records", "100"), {"payloadPool": 16}),
        ("throttled", ("--shards", "2", "--limits", "records=20000,bytes=64MiB"), {"retry": RETRIES}),
    ],
)
def test_a_request_allocates_nothing(tool, tmp_path, counter, case, target, client):
    if "/debug/" in tool.path:
        pytest.skip("a build that is not optimised allocates")
    plan = scenario(
        tmp_path,
        case,
        stream={"name": "orders", "shards": 1},
        records={"size": "100B", "key": {"type": "uniform", "cardinality": 100}},
        batch={"records": 100},
        client={"producers": 2, "connections": 4, "maxInFlight": 4} | client,
        phases=[
            {"name": "warm-up", "duration": "200ms", "rate": "max", "measure": False},
            {"name": "first", "duration": "800ms", "rate": "max"},
            {"name": "second", "duration": "1s", "rate": "max"},
        ],
    )
    endpoint = Target(tool, *target)
    try:
        found = tmp_path / "allocations"
        run = tool(
            *("run", plan, "--target", endpoint.endpoint, "--workers", 1, "--run-dir", tmp_path / "run"),
            *("--progress", "none"),
            env={"LD_PRELOAD": str(counter), "ALLOCATIONS": str(found)},
        )
    finally:
        endpoint.stop()
    assert run.returncode in RAN, run.stderr
    sends, intervals, allocations = map(int, found.read_text().split())
    # A worker hands its figures over four times a second, begins each second, signature date and phase with memory of its
    # own, and lets what holds retries grow to its size: moments that come by the second and not by the request. With
    # retries a second has memory for each phase that ran in it with each whose records were tried in it.
    moments = (80 if "retry" in client else 60) * SECONDS
    if sends < 20 * moments:
        pytest.skip(f"{sends} requests are too few to tell what comes by the request")
    assert intervals <= moments, f"memory was allocated between {intervals} of {sends} requests, {allocations} times"
