"""Accepted records of each shard against the token buckets, computed here, record by record."""

import base64
import collections
import hashlib
import json
import random
import threading
import time

import pytest
from harness import Target
from wire import Wire

RATE, BYTES = 1000, 1 << 20
FACTORS = (0.5, 1, 1.5, 5)
STEP = 0.05  # seconds between requests of one load, at least


class Bucket:
    """The two buckets of a shard, from their description: full at the start, refilled all the time."""

    def __init__(self):
        self.records, self.bytes, self.at = RATE, BYTES, None

    def admits(self, size, at):
        if self.at is not None and at > self.at:
            self.records = min(RATE, self.records + (at - self.at) * RATE)
            self.bytes = min(BYTES, self.bytes + (at - self.at) * BYTES)
        self.at = at if self.at is None else max(at, self.at)
        if self.records < 1 or self.bytes < size:
            return False
        self.records -= 1
        self.bytes -= size
        return True


def shard_of(key, shards):
    return int(hashlib.md5(key.encode()).hexdigest(), 16) * shards >> 128


def keys(load, count):
    """So many keys; \"two-shard\" takes two whose shards differ."""
    if load == "constant":
        return ["one"] * count
    if load == "two-shard":
        first, second = "a", next(f"b{n}" for n in range(100) if shard_of(f"b{n}", 4) != shard_of("a", 4))
        return [first if n % 2 else second for n in range(count)]
    ranks = range(1, 1001)
    return random.Random(7).choices([f"key-{rank}" for rank in ranks], [1 / rank for rank in ranks], k=count)


# How many shards the load is meant for: its factor is of their limits together.
WIDTH = {"constant": 1, "two-shard": 2, "zipf": 4}


class Load(threading.Thread):
    """Sends a load at its rate on a connection of its own and notes when each request went and came."""

    def __init__(self, endpoint, load, factor, bound, seconds):
        super().__init__()
        self.load, self.factor, self.bound = load, factor, bound
        # 100 B records meet the limit of records first, 8 KiB records that of bytes.
        size = 100 if bound == "records" else 8192
        limit = RATE if bound == "records" else BYTES / (size + 5)
        rate = factor * limit * WIDTH[load]
        self.keys = keys(load, round(rate * seconds))
        self.step = max(1, min(500 if bound == "records" else 250, round(rate * STEP)))
        self.interval = self.step / rate
        self.size = size
        data = base64.b64encode(bytes(size)).decode()
        self.bodies = [
            json.dumps(
                {
                    "StreamName": f"{load}-{factor}",
                    "Records": [{"Data": data, "PartitionKey": key} for key in self.keys[start : start + self.step]],
                }
            )
            for start in range(0, len(self.keys), self.step)
        ]
        self.wire = Wire(endpoint)
        self.log = []

    def run(self):
        began = time.monotonic()
        for number, body in enumerate(self.bodies):
            time.sleep(max(0, began + number * self.interval - time.monotonic()))
            sent = time.monotonic()
            status, _, answer = self.wire.send(body)
            self.log.append((sent, time.monotonic(), answer))
            assert status == 200
        self.wire.close()

    def model(self, arrival):
        """Accepted records by shard when requests arrive at this end of their interval (0 sent, 1 answered)."""
        buckets = collections.defaultdict(Bucket)
        accepted = collections.Counter()
        for number, entry in enumerate(self.log):
            for key in self.keys[number * self.step : (number + 1) * self.step]:
                shard = shard_of(key, 4)
                accepted[shard] += buckets[shard].admits(self.size + len(key), entry[arrival])
        return accepted

    def rows(self):
        """Load, factor, bound, shard, attempted, accepted, and the model's least and most."""
        attempted = collections.Counter(shard_of(key, 4) for key in self.keys)
        accepted = collections.Counter()
        for _, _, answer in self.log:
            for result in json.loads(answer)["Records"]:
                if "ShardId" in result:
                    accepted[int(result["ShardId"][-12:])] += 1
        models = self.model(0), self.model(1)
        for shard in sorted(attempted):
            found = sorted(model[shard] for model in models)
            yield self.load, self.factor, self.bound, shard, attempted[shard], accepted[shard], *found


def measure(tool, loads, factors, bound, seconds):
    target = Target(tool, "--account", "123456789012", "--transition", "1ms")
    wire = Wire(target.endpoint)
    threads = []
    try:
        for load in loads:
            for factor in factors:
                wire.send({"StreamName": f"{load}-{factor}", "ShardCount": 4}, operation="CreateStream")
                threads.append(Load(target.endpoint, load, factor, bound, seconds))
        time.sleep(0.1)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        wire.close()
        target.stop()
    return [row for thread in threads for row in thread.rows()]


def check(rows):
    print("\nload       factor bound    shard  attempted  accepted     model     off by")
    for load, factor, bound, shard, attempted, accepted, low, high in rows:
        off = 0 if low <= accepted <= high else min(abs(accepted - low), abs(accepted - high)) / max(1, low)
        print(f"{load:10} {factor:6} {bound:8} {shard:5} {attempted:10} {accepted:9} {(low + high) / 2:9.0f} {off:9.4%}")
        assert off <= 0.005
    assert any(row[5] < row[4] for row in rows) and any(row[5] == row[4] for row in rows)


@pytest.mark.parametrize("bound", ["records", "bytes"])
def test_what_is_accepted_is_what_the_buckets_let_through(tool, bound):
    check(measure(tool, ["constant", "two-shard", "zipf"], (0.5, 1.5), bound, 4))


@pytest.mark.long
@pytest.mark.parametrize("bound", ["records", "bytes"])
@pytest.mark.parametrize("load", ["constant", "two-shard", "zipf"])
def test_the_whole_table(tool, load, bound):
    check(measure(tool, [load], FACTORS, bound, 20))
