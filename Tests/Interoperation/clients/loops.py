"""boto3 loops around put_records as people write them; prints what it counted of the answers as one line of JSON.

usage: loops.py ignore|retry|whole|at-once|forever RECORDS [BATCH]

The endpoint is the environment's. `ignore` looks at no entry, `retry` sends the refused records again after a growing
wait, `whole` the whole request, `at-once` the refused records without a wait; `forever` sends until it is ended.
"""

import collections
import json
import sys
import time

import boto3
import botocore.config
import botocore.exceptions

TRIES = 400


def main():
    how, count, batch = sys.argv[1], int(sys.argv[2]), int((sys.argv + ["100"])[3])
    stream = boto3.client("kinesis", config=botocore.config.Config(retries={"total_max_attempts": 1}))
    said = collections.Counter(requests=0, sent=0, accepted=0, throttled=0, fault=0)
    accepted = collections.Counter()

    def put(numbers):
        """Sends records; those that were not accepted."""
        records = [{"Data": f"record-{number}".encode(), "PartitionKey": f"key-{number % 50}"} for number in numbers]
        said.update(requests=1, sent=len(records))
        try:
            answer = stream.put_records(StreamName="orders", Records=records)
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                raise
            throttled = error.response["Error"]["Code"] == "ProvisionedThroughputExceededException"
            said["throttled" if throttled else "fault"] += len(records)
            return numbers
        refused = []
        for number, entry in zip(numbers, answer["Records"]):
            if "ErrorCode" not in entry:
                said["accepted"] += 1
                accepted[number] += 1
                continue
            refused.append(number)
            said["throttled" if entry["ErrorCode"].startswith("Provisioned") else "fault"] += 1
        return refused

    first = 0
    while how == "forever" or first < count:
        numbers = list(range(first, first + batch if how == "forever" else min(first + batch, count)))
        wait = 0.05
        for _ in range(TRIES):
            refused = put(numbers)
            if not refused or how in ("ignore", "forever"):
                break
            if how != "whole":
                numbers = refused
            if how != "at-once":
                time.sleep(wait)
                wait = min(wait * 2, 0.4)
        if how == "forever":
            if first == 0:
                print("sending", flush=True)
            time.sleep(0.05)
        first += batch
    said["distinct"] = count
    said["delivered"] = len(accepted)
    said["duplicates"] = sum(accepted.values()) - len(accepted)
    print(json.dumps(said), flush=True)


main()
