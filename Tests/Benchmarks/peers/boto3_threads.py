"""PutRecords by boto3 from eight threads for so many seconds; prints what was accepted as JSON.

usage: boto3_threads.py ENDPOINT SECONDS RECORDS BYTES THREADS
"""

import json
import os
import random
import sys
import threading
import time

import boto3
import botocore.config


def batch(records, size):
    """Fresh random data and keys of 12 digits, as the other clients send."""
    return [
        {"Data": os.urandom(size), "PartitionKey": f"{random.randrange(10**12):012}"} for _ in range(records)
    ]


def client(endpoint, connections):
    return boto3.client(
        "kinesis",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=botocore.config.Config(max_pool_connections=connections, retries={"total_max_attempts": 1}),
    )


def put(kinesis, records, size):
    """One request; every entry of the answer is looked at."""
    answer = kinesis.put_records(StreamName="bench", Records=batch(records, size))
    assert answer["FailedRecordCount"] == 0
    accepted = sum(1 for entry in answer["Records"] if entry["ShardId"] and entry["SequenceNumber"])
    assert accepted == records


def main():
    endpoint, (seconds, records, size, threads) = sys.argv[1], map(float, sys.argv[2:])
    records, size, threads = int(records), int(size), int(threads)
    kinesis = client(endpoint, threads)
    counts = [0] * threads

    def drive(number, until):
        while time.monotonic() < until:
            put(kinesis, records, size)
            counts[number] += 1

    began = time.monotonic()
    workers = [threading.Thread(target=drive, args=(number, began + seconds)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(json.dumps({"requests": sum(counts), "seconds": time.monotonic() - began}))


if __name__ == "__main__":
    main()
