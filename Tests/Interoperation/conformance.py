"""The tables of what a Kinesis endpoint answers, row by row, and how many rows of each held in this session.

A row is what one line of the service's known behaviour says: the order of its checks and their texts (mhart/kinesalite's
tests, which ran against production), its hashing and sequence numbers (the same, and the API reference), its limits
(developer guide) and what its other operations answer (botocore's service model). Each row has at least one test that
carries it as a mark; a row held when all its tests passed.
"""

import collections

import pytest

TYPES = ("Boolean", "number", "list", "structure")
TABLES = {
    "order of checks": (
        "1 body too large", "2 identifiers on every answer", "3 CORS", "3 preflight", "4 method is not POST",
        "5 empty body, JSON", "5 empty body, CBOR", "5 empty body, unknown target", "6 content type, no target",
        "6 content type, target", "7 no JSON", "7 no JSON, application/json", "8 application/json", "9 unknown target",
        "10 authorization after both", "11 types", "12 constraints, ten at most", "13 stream, status, then hash key",
    ),
    "authorization": (
        "missing", "header and query", "header lacks parts", "query lacks parts", "unknown key", "wrong region",
        "wrong session token", "clock skew", "wrong secret",
    ),
    "serialization": (
        *(f"Records {kind}" for kind in ("string", "Boolean", "number", "structure")),
        *(f"Records.0 {kind}" for kind in ("string", "Boolean", "number", "list")),
        *(f"Data {kind}" for kind in TYPES), "Data 23456", "Data =+/=", "Data +/+=",
        *(f"{name} {kind}" for name in ("ExplicitHashKey", "PartitionKey", "StreamName") for kind in TYPES),
        "null is absent", "unknown member is absent",
    ),
    "validation": (
        "no StreamName", "empty StreamName", "empty PartitionKey", "long everything", "501 records", "unknown stream",
        "ExplicitHashKey of 2^128", "data and key over the limit", "request over the limit",
    ),
    "records": (
        "50 KiB", "keys to shards", "hash keys to shards", "members of a success", "empty data",
        "SequenceNumberForOrdering", "both ends of 1, 2, 3, 7, 50 shards", "MD5 of known keys",
        "sequence numbers of version 2, rising",
    ),
    "limits": (
        "a thousand in one instant, not one more", "part of a call", "a smaller one still fits", "text",
        "all throttled is a 200", "PutRecord throttled is a 400", "back after a second",
    ),
    "operations": (
        "empty outputs are empty", "CreateStream is asynchronous", "CreateStream exists", "CreateStream over the quota",
        "DescribeStreamSummary", "ListShards NextToken and StreamName", "ListShards neither",
        "ListShards NextToken and others", "ListShards pages", "ListShards filter", "DescribeStream pages",
        "UpdateShardCount", "UpdateShardCount on demand", "SplitShard key", "SplitShard not ACTIVE", "MergeShards inverted",
        "DeleteStream", "GetShardIterator kinds", "GetRecords members", "GetRecords limit", "end of a closed shard",
        "writes while UPDATING", "StreamARN", "times in JSON and CBOR",
    ),
}  # fmt: skip

OUTCOMES = collections.defaultdict(dict)


def row(table, *names):
    """Marks a test as the proof of rows."""
    for name in names:
        assert name in TABLES[table], f"{table} has no row {name!r}"
    return pytest.mark.conformance(table, names)


def rows_of(item):
    """The rows a test proves."""
    return [(mark.args[0], name) for mark in item.iter_markers("conformance") for name in mark.args[1]]


def note(item, passed):
    """Keeps how a test ended."""
    for table, name in rows_of(item):
        OUTCOMES[table][name] = OUTCOMES[table].get(name, True) and passed


def lines():
    """The tables as lines for the end of pytest's output; none when no row was tried."""
    if not OUTCOMES:
        return
    yield "Conformance of the embedded target, rows that held:"
    held = total = 0
    for table, names in TABLES.items():
        good = sum(OUTCOMES[table].get(name, False) for name in names)
        held, total = held + good, total + len(names)
        yield f"  {table:<20}{good:>4} of {len(names)}"
        for name in names:
            if not OUTCOMES[table].get(name, False):
                yield f"    {'failed' if name in OUTCOMES[table] else 'not tried'}: {name}"
    yield f"  {'all':<20}{held:>4} of {total}"
