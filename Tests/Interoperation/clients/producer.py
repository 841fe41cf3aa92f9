"""Puts numbered records with a producer library of its own and prints what it reports as JSON.

usage: producer.py aiokpl|aiokpl-aggregated|async-kinesis|async-kinesis-aggregated ENDPOINT STREAM RECORDS
"""

import asyncio
import json
import os
import sys

os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1")


def key(number):
    """Half of the records share one key, so that one shard throttles."""
    return "hot" if number % 2 else f"key-{number}"


async def aiokpl(endpoint, stream, count, aggregates):
    import aiokpl

    # More than a shard takes, so that its own limiter lets the endpoint throttle.
    config = aiokpl.Config(
        region="us-east-1",
        endpoint_url=endpoint,
        aggregation_enabled=aggregates,
        rate_limit_records_per_sec_per_shard=3000.0,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    delivered, attempts = [], 0
    async with aiokpl.Producer(config) as producer:
        outcomes = []
        for number in range(count):
            data = f"record-{number}".encode()
            outcomes.append(await producer.put_record(stream=stream, partition_key=key(number), data=data))
        for number, outcome in enumerate(outcomes):
            result = await outcome.wait()
            attempts += len(result.attempts)
            if result.success:
                delivered.append(f"record-{number}")
    return {"delivered": delivered, "retries": attempts - count}


async def async_kinesis(endpoint, stream, count, aggregates):
    from kinesis import Producer
    from kinesis.processors import KPLStringProcessor, StringProcessor

    processor = KPLStringProcessor() if aggregates else StringProcessor()
    async with Producer(
        stream,
        endpoint_url=endpoint,
        region_name="us-east-1",
        processor=processor,
        buffer_time=0.1,
        put_rate_limit_per_shard=3000,
    ) as producer:
        for number in range(count):
            # Its aggregation cannot carry keys of the caller's.
            await producer.put(f"record-{number}", None if aggregates else key(number))
        while True:
            await producer.flush()
            if not producer.queue.qsize() and not producer.overflow:
                break
        throttled = producer.throughput_exceeded_count
    # It tells of no single record: what has left its queues without an exception counts as delivered.
    return {"delivered": [f"record-{number}" for number in range(count)], "retries": throttled}


def main():
    library, endpoint, stream, count = sys.argv[1:]
    aggregates = library.endswith("-aggregated")
    produce = aiokpl if library.startswith("aiokpl") else async_kinesis
    json.dump(asyncio.run(produce(endpoint, stream, int(count), aggregates)), sys.stdout)


main()
