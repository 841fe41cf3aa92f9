"""What a killed run leaves: `report` tells what the journal says, as read here by other code."""

import json
import shutil
import struct

import pytest
from harness import ROOT, Result, scenario
from test_own_failures import partial_of, wait_for


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


class Cursor:
    def __init__(self, data):
        self.data, self.place = data, 0

    def unsigned(self):
        value = shift = 0
        while True:
            byte = self.data[self.place]
            self.place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def signed(self):
        folded = self.unsigned()
        return folded >> 1 ^ -(folded & 1)

    def flag(self):
        self.place += 1
        return bool(self.data[self.place - 1])

    def sparse(self, count):
        mask = self.unsigned()
        return [self.signed() if mask >> place & 1 else 0 for place in range(count)]

    def histogram(self):
        buckets, bucket = {}, 0
        for _ in range(self.unsigned()):
            bucket += self.unsigned()
            buckets[bucket] = self.unsigned()
        return buckets

    def text(self):
        length = self.unsigned()
        self.place += length
        return self.data[self.place - length : self.place].decode()


def entries(data):
    """Kind and body of every whole entry."""
    line, _, rest = data.partition(b"\n")
    assert line == b"shardmeter.journal/3"
    place = 0
    while place + 9 <= len(rest):
        (length,) = struct.unpack_from("<I", rest, place)
        end = place + 5 + length
        if end + 4 > len(rest):
            return
        (checksum,) = struct.unpack_from("<I", rest, end)
        assert checksum == crc32c(rest[place:end])
        yield rest[place + 4], rest[place + 5 : end]
        place = end + 4


def second(body):
    """The number of a second, its phases' planned records, then by cohort and phase by the clock tries and distributions."""
    cursor = Cursor(body)
    number = cursor.signed()
    phases = {}
    for _ in range(cursor.unsigned()):
        index, phases[index] = cursor.signed(), cursor.signed()
        cursor.flag(), cursor.signed()
    counts = {}
    for _ in range(cursor.unsigned()):
        pair = cursor.signed(), cursor.signed()
        counts[pair] = (cursor.sparse(15), cursor.sparse(6))
    if cursor.flag():
        cursor.signed()
    for _ in range(9):
        if cursor.flag():
            cursor.signed()
    cursor.flag()
    cursor.signed(), cursor.signed()
    for _ in range(3):
        cursor.histogram()
    if cursor.flag():
        cursor.place += 8
    for _ in range(cursor.unsigned()):
        cursor.text(), cursor.text(), cursor.unsigned(), cursor.flag()
        if cursor.signed() > 0:
            cursor.signed(), cursor.signed()
        for _ in range(cursor.unsigned()):
            cursor.unsigned()
        cursor.text()
    cursor.sparse(3)
    sets = {}
    if cursor.flag():
        for _ in range(cursor.unsigned()):
            pair = cursor.signed(), cursor.signed()
            sets[pair] = [cursor.histogram() for _ in range(10)]
    assert cursor.place == len(body)
    return number, phases, counts, sets


def highest(bucket):
    """The highest value of a bucket of HdrHistogram with 3 digits and a unit of 64 ns: 1,024 buckets a doubling."""
    doubling = max((bucket >> 10) - 1, 0)
    return ((bucket - (doubling << 10)) + 1 << doubling + 6) - 1


def percentile(buckets, fraction):
    total = sum(buckets.values())
    target, seen = max(-(-total * fraction // 1), 1), 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen >= target:
            return highest(bucket) / 1e6
    raise AssertionError("nothing was recorded")


@pytest.fixture(scope="module")
def killed(tool, tmp_path_factory):
    """A partial folder: shards that throttle, retries, a warm-up, killed in its middle."""
    tmp_path = tmp_path_factory.mktemp("killed")
    path = scenario(
        tmp_path,
        "killed",
        client__retry={"type": "failed-records", "maxAttempts": 2},
        stream={"name": "orders", "shards": 2},
        phases=[
            {"name": "warm-up", "duration": "2s", "rate": 500, "measure": False},
            {"name": "steady", "duration": "60s", "rate": 3000},
        ],
    )
    process = tool.start("run", path, "--out", tmp_path / "results", "--progress", "1s")
    wait_for(process, 5)
    process.kill()
    process.communicate(timeout=30)
    return partial_of(tmp_path / "results")


def copy_of(killed, tmp_path):
    """A copy that a test may change."""
    folder = tmp_path / killed.name
    shutil.copytree(killed, folder)
    return folder


def test_report_tells_what_the_journal_says(tool, killed, tmp_path):
    folder = copy_of(killed, tmp_path)
    seconds = [second(body) for kind, body in entries((folder / "journal.bin").read_bytes()) if kind == 1]
    assert [number for number, *_ in seconds] == list(range(-2, len(seconds) - 2)) and len(seconds) >= 5
    done = tool("report", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    result = Result(folder)
    summary, records = result.summary, result.summary["records"]
    assert (summary["complete"], summary["verdict"], summary["exit_code"]) == (False, "incomplete", 130)
    assert any("did not end in order" in warning for warning in summary["warnings"])

    counts = [(pair, *counted) for _, _, by_pair, _ in seconds for pair, counted in by_pair.items()]
    cohort = [(traffic, ends) for (phase, _), traffic, ends in counts if phase == 1]
    clock = [traffic for (_, phase), traffic, _ in counts if phase == 1]
    names = "first_try attempted accepted throttled fault unknown attempted_bytes accepted_bytes".split()
    assert records["planned"] == sum(phases.get(1, 0) for _, phases, _, _ in seconds)
    told = {name: sum(traffic[place] for traffic, _ in cohort) for place, name in enumerate(names)}
    # A try whose outcome had not come by then is one without an answer.
    told["unknown"] += told["attempted"] - sum(told[name] for name in ("accepted", "throttled", "fault", "unknown"))
    assert {name: records[name] for name in names} == told
    assert records["throttled"] > 0 and records["gave_up"] == sum(ends[0] for _, ends in cohort)
    by_the_clock = [sum(traffic[place] for traffic in clock) for place in range(6)]
    assert records["clock_attempted_records"] == by_the_clock[1]
    assert records["clock_accepted_records"] == by_the_clock[2]
    assert records["clock_throttled_records"] == by_the_clock[3]
    assert records["clock_fault_records"] == by_the_clock[4] + by_the_clock[5]
    ends = ("accepted", "gave_up", "expired", "skipped", "unfinished")
    assert records["planned"] == sum(records[end] for end in ends)
    assert records["planned"] + records["not_reached"] == 180_000
    assert summary["time"]["measured_s"] == len(seconds) - 2

    response = {}
    for *_, sets in seconds:
        for (phase, _), histograms in sets.items():
            for bucket, count in [*histograms[3].items(), *histograms[4].items()] if phase == 1 else []:
                response[bucket] = response.get(bucket, 0) + count
    told = summary["latency_ms"]["response"]
    assert told["count"] == sum(response.values())
    for name, fraction in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99)):
        assert told[name] == pytest.approx(percentile(response, fraction), abs=1e-4), name

    # The files agree with each other, and a second report with the first.
    assert result.csv("timeseries.csv").query("measured").accepted_records.sum() == records["clock_accepted_records"]
    assert result.csv("shards.csv").accepted_records.sum() == records["accepted"]
    assert result.csv("keys.csv").records.sum() > 0
    before = {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix in (".csv", ".json", ".hlog")}
    assert tool("report", folder).returncode == 0
    assert before == {name: (folder / name).read_bytes() for name in before}


def test_a_run_that_ends_leaves_no_journal(tool, tmp_path):
    path = scenario(tmp_path, "whole", phases=[{"name": "steady", "duration": "2s", "rate": 100}])
    done = tool("run", path, "--run-dir", tmp_path / "out")
    # Whatever the verdict: where others had the driver's core, the run is invalid and has ended in order all the same.
    assert Result(tmp_path / "out").summary["complete"] is True, done.stdout + done.stderr
    assert not (tmp_path / "out" / "journal.bin").exists()


@pytest.mark.parametrize(
    "spoil, says",
    [
        (lambda data: b"", "it is empty"),
        (lambda data: data.replace(b"journal/3", b"journal/2", 1), "it has format 2, this program reads 3"),
        (lambda data: data[:40], "its header is not whole"),
        (lambda data: bytes([data[0] ^ 1]) + data[1:], "it is no journal"),
        (lambda data: data[:200] + bytes([data[200] ^ 4]) + data[201:], "its header is not whole"),
    ],
    ids=["empty", "another format", "cut in its header", "not one", "a bit of the header"],
)
def test_a_journal_that_cannot_be_read_is_refused(tool, killed, tmp_path, spoil, says):
    folder = copy_of(killed, tmp_path)
    journal = folder / "journal.bin"
    journal.write_bytes(spoil(journal.read_bytes()))
    done = tool("report", folder)
    assert done.returncode == 2
    assert says in done.stderr and "journal.bin" in done.stderr and done.stderr.strip().count("\n") == 0, done.stderr


def test_a_journal_of_another_run_is_refused(tool, killed, tmp_path):
    folder = copy_of(killed, tmp_path)
    rows = (folder / "timeseries.csv").read_text()
    own = rows.splitlines()[1].split(",")[0]
    (folder / "timeseries.csv").write_text(rows.replace(own, "20200101T000000Z-other-0000"))
    done = tool("report", folder)
    assert done.returncode == 2 and own in done.stderr and "20200101T000000Z-other-0000" in done.stderr, done.stderr


@pytest.mark.parametrize("how", ["cut", "flipped"])
def test_a_spoilt_journal_is_drawn_as_far_as_it_is_whole(tool, killed, tmp_path, how):
    folder = copy_of(killed, tmp_path)
    journal = folder / "journal.bin"
    data = journal.read_bytes()
    place = len(data) * 2 // 3
    journal.write_bytes(data[:place] if how == "cut" else data[:place] + bytes([data[place] ^ 16]) + data[place + 1 :])
    done = tool("report", folder)
    assert done.returncode == 0, done.stderr
    summary = Result(folder).summary
    assert any("journal.bin is whole up to byte" in warning for warning in summary["warnings"])
    assert summary["complete"] is False and summary["records"]["planned"] > 0
    assert summary["checks"]["identity_holds"] is True
