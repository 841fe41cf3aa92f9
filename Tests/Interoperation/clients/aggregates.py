"""Aggregated records of the producer library's form, made by aws_kinesis_agg, honest and spoilt, and what it opens of them.

Prints one JSON object a line: `data` in base64, `given`, what was packed (null in a spoilt one), and `records`, what the library
opens (null where it finds no aggregated record or gives up in the middle of one): of each record the key, the bytes of data
and the explicit hash key.
"""

import base64
import contextlib
import hashlib
import io
import json
import random
import sys

import aws_kinesis_agg
from aws_kinesis_agg.aggregator import AggRecord
from aws_kinesis_agg.deaggregator import iter_deaggregate_records


def opened(data):
    """What the library makes of a record's data."""
    record = {"SequenceNumber": "1", "PartitionKey": "container", "ApproximateArrivalTimestamp": 0, "Data": data}
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors):
        try:
            found = [one["kinesis"] for one in iter_deaggregate_records([record], "Boto3")]
        except (IndexError, UnicodeDecodeError):
            return None
    # A key that is not UTF-8 comes out as bytes.
    if errors.getvalue() or not all(one.get("aggregated") and isinstance(one["partitionKey"], str) for one in found):
        return None
    places = [str(one["explicitHashKey"] or "") for one in found]
    return [[one["partitionKey"], len(base64.b64decode(one["data"])), place] for one, place in zip(found, places)]


def sealed(message):
    return aws_kinesis_agg.MAGIC + message + hashlib.md5(message).digest()


def main(count, seed):
    chance = random.Random(seed)
    for number in range(count):
        aggregate, given = AggRecord(), []
        for _ in range(chance.randrange(1, 40)):
            key = chance.choice(["k", "é", "customer-", "\U0001f600"]) + str(chance.randrange(9))
            place = str(chance.randrange(1 << 128)) if chance.random() < 0.5 else None
            size = chance.randrange(60)
            aggregate.add_user_record(key, chance.randbytes(size), place)
            given.append([key, size, place or ""])
        data = aggregate.get_contents()[2]
        if number % 2 == 1:
            given = None
            message = bytearray(data[4:-16])
            for _ in range(chance.randrange(1, 4)):
                message[chance.randrange(len(message))] ^= 1 << chance.randrange(8)
            if chance.random() < 0.3:
                del message[chance.randrange(len(message)) :]
            data = sealed(bytes(message))
        print(json.dumps({"data": base64.b64encode(data).decode(), "given": given, "records": opened(data)}))


main(int(sys.argv[1]), int(sys.argv[2]))
