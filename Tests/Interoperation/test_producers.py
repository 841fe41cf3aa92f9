"""Producers with retry logic of their own: what they report as delivered is read back by boto3."""

import collections
import hashlib
import json
import os
import pathlib
import shutil
import subprocess

import pytest
from harness import ROOT, clean_environment, client, read_back

CLIENTS = pathlib.Path(__file__).parent / "clients"
GO_SOURCES = pathlib.Path("/usr/share/gocode/src/github.com/aws/aws-sdk-go-v2/service/kinesis")
MAGIC = b"\xf3\x89\x9a\xc2"


def varint(data, place):
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place


def fields(data):
    """The fields of a protocol buffer: numbers and byte strings."""
    place = 0
    while place < len(data):
        tag, place = varint(data, place)
        if tag & 7 == 0:
            value, place = varint(data, place)
        else:
            assert tag & 7 == 2, "the aggregation format has numbers and byte strings only"
            length, place = varint(data, place)
            value, place = data[place : place + length], place + length
        yield tag >> 3, value


def opened(data):
    """The user records of a Kinesis record, aggregated or not (the producer library's aggregation-format.md)."""
    if not data.startswith(MAGIC):
        return [data]
    body, digest = data[4:-16], data[-16:]
    assert hashlib.md5(body).digest() == digest
    return [dict(fields(record))[3] for number, record in fields(body) if number == 3]


@pytest.mark.parametrize("library", ["aiokpl", "aiokpl-aggregated", "async-kinesis", "async-kinesis-aggregated"])
def test_what_a_producer_reports_is_read_back(target, library):
    count = 6000
    endpoint = target("--shards", 2, "--retain", "64MiB", "--fault", "internal-failure:every=200").endpoint
    done = subprocess.run(
        [os.environ.get("PRODUCERS_PYTHON", "python3"), CLIENTS / "producer.py", library, endpoint, "orders", str(count)],
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout)
    stored = [record for records in read_back(client(endpoint), "orders").values() for record in records]
    seen = collections.Counter()
    for record in stored:
        for data in opened(record["Data"]):
            seen[data.decode().strip('"')] += 1
    assert set(report["delivered"]) <= set(seen)
    assert len(report["delivered"]) == count
    # Records that failed were not stored, so retrying them makes no duplicates.
    assert sum(seen.values()) == count
    if library.endswith("aggregated"):
        assert len(stored) < count / 10
    else:
        assert len(stored) == count
        assert report["retries"] > 0
    print(f"\n{library}: {count} delivered, {len(stored)} Kinesis records, {report['retries']} retries, 0 duplicates")


@pytest.mark.skipif(
    not shutil.which("go") or not GO_SOURCES.exists(), reason="needs golang-go and golang-github-aws-aws-sdk-go-v2-dev"
)
def test_the_go_sdk_goes_through_a_streams_life(target, tmp_path):
    built = subprocess.run(
        ["go", "build", "-o", tmp_path / "lifecycle", CLIENTS / "lifecycle.go"],
        capture_output=True,
        text=True,
        env=os.environ | {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(ROOT / ".build-go"), "CGO_ENABLED": "0"},
        timeout=600,
    )
    assert built.returncode == 0, built.stderr
    # This SDK closes a request's body once the answer begins; when its sender has not yet asked the body for its end by
    # then, it takes the closed body for a failed write and drops the connection (smithy-go's safeWriteToReadCloser). An
    # answer within microseconds loses that race about once in sixty runs; the service never answers that soon.
    endpoint = target("--retain", "64MiB", "--transition", "200ms", "--latency", "5ms").endpoint
    done = subprocess.run(
        [tmp_path / "lifecycle", endpoint, "from-go", "4000"], capture_output=True, text=True, env=clean_environment(), timeout=120
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["read"] == 4000 and report["duplicates"] == 0 and report["shards"] == 2
    assert report["throttled"] > 0
