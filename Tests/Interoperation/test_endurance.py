"""Ten minutes at 5,000 records/s with a fault every ten seconds: memory, descriptors, accounts.

ENDURANCE_SECONDS sets another length; below 120 it only shows that the test works, and beyond 1,000 the hundred faults that
a scenario may have lie further apart.
"""

import os
import pathlib

import accounting
import pytest
from harness import Result, scenario

RATE = 5_000
KINDS = ("500", "503", "reset", "reset-within", "stall", "truncate", "wrong-count", "throttle", "internal-failure")
CODES = {
    "InternalFailure", "http-503", "ServiceUnavailable", "reset-before-answer", "reset-within-answer", "timeout",
    "malformed-answer", "closed-within-answer", "record-count-mismatch", "ProvisionedThroughputExceededException", "no-connection",
    "unfinished",
}


def sample(pid):
    """Resident KiB and open descriptors of a process."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]), len(os.listdir(f"/proc/{pid}/fd"))


def children(pid):
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        found += pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text().split()
    return [int(child) for child in found]


@pytest.mark.long
def test_faults_all_the_time(tool, tmp_path):
    seconds = int(os.environ.get("ENDURANCE_SECONDS", "600"))
    spacing = max(10, -(-seconds // 100))
    faults = [
        {"type": KINDS[number % len(KINDS)], "from": f"{spacing * number + 5}s", "for": "1s"}
        for number in range(seconds // spacing)
    ]
    path = scenario(
        tmp_path,
        "endurance",
        stream={"name": "orders", "shards": 8},
        records__key={"type": "uniform", "cardinality": 100_000},
        batch={"records": 100, "linger": "50ms"},
        client={
            "producers": 2,
            "connections": 32,
            "maxInFlight": 128,
            "timeout": "2s",
            "retry": {"type": "failed-records", "maxAttempts": 10, "backoff": {"base": "100ms", "cap": "1s"}},
        },
        phases=[{"name": "steady", "duration": f"{seconds}s", "rate": RATE}],
        embedded={"faults": faults},
    )
    process = tool.start("run", path, "--run-dir", tmp_path / "run", "--progress", "5s")
    samples, others = [], []
    for line in process.stderr:
        if line.startswith("t=") and (own := children(process.pid)):
            samples.append(sample(process.pid))
            others.append(sample(own[0]))
    process.communicate(timeout=120)
    assert process.returncode in (0, 3, 5)
    result = Result(tmp_path / "run")
    records, requests = result.summary["records"], result.summary["requests"]
    lost = {outcome: records[outcome] for outcome in accounting.OUTCOMES[1:]}
    ends = ", ".join(f"{end} {records[end]}" for end in accounting.ENDS)
    accounting.NOTES += [
        f"{seconds} s at {RATE} records/s, a fault of 1 s every {spacing} s: planned {records['planned']} = {ends}",
        f"  attempts that failed: {lost}; requests {requests['total']}; exit {process.returncode}",
        *(
            f"  {name}: VmRSS {rows[0][0]} KiB at the start, {rows[len(rows) // 2][0]} in the middle, {rows[-1][0]} at the end,"
            f" {max(row[0] for row in rows)} at most; descriptors {rows[0][1]}, {rows[-1][1]}, {max(row[1] for row in rows)}"
            for name, rows in (("run", samples), ("target", others))
        ),
    ]
    assert records["planned"] == RATE * seconds == sum(records[end] for end in accounting.ENDS)
    assert records["attempted"] == sum(records[outcome] for outcome in accounting.OUTCOMES)
    assert result.summary["checks"]["identity_holds"] is True and result.summary["checks"]["sequence_violations"] == 0
    errors = result.csv("errors.csv")
    assert set(errors.code) <= CODES, set(errors.code) - CODES
    assert int(errors[errors.level == "record"]["count"].sum()) == sum(lost.values())
    # Retries carry most of what fails through.
    assert records["accepted"] >= 0.95 * records["planned"] and sum(lost.values()) > 0
    if seconds < 120:
        return
    assert set(errors.code) >= {"InternalFailure", "timeout", "record-count-mismatch", "ProvisionedThroughputExceededException"}
    for rows in (samples, others):
        # A quarter of the time is for all kinds of fault to be met and buffers to reach their size. From then to the end: no
        # more memory than a twentieth, no more descriptors.
        settled, late = rows[len(rows) // 4 : len(rows) // 2], rows[-len(rows) // 4 :]
        assert max(row[0] for row in late) <= 1.05 * max(row[0] for row in settled), rows
        assert max(row[1] for row in late) <= max(row[1] for row in settled), rows
