"""Records through aiokpl for so many seconds; prints how many it says were delivered as JSON.

Without aggregation, so that its requests carry 500 records as the others' do, and with its own limits of a shard lifted.

usage: aiokpl_producer.py ENDPOINT SECONDS RECORDS BYTES CONNECTIONS
"""

import asyncio
import json
import os
import random
import sys
import time

import aiokpl


async def produce(endpoint, seconds, size):
    config = aiokpl.Config(
        region="us-east-1",
        endpoint_url=endpoint,
        aggregation_enabled=False,
        rate_limit_records_per_sec_per_shard=1e9,
        rate_limit_bytes_per_sec_per_shard=1e12,
        max_outstanding_records=8 * 500,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    delivered = 0
    began = time.monotonic()
    async with aiokpl.Producer(config) as producer:
        waiting = []
        while time.monotonic() < began + seconds:
            key = f"{random.randrange(10**12):012}"
            waiting.append(await producer.put_record(stream="bench", partition_key=key, data=os.urandom(size)))
            if len(waiting) == 8 * 500:
                delivered += sum([(await outcome.wait()).success for outcome in waiting[:500]])
                del waiting[:500]
        delivered += sum([(await outcome.wait()).success for outcome in waiting])
    print(json.dumps({"records": delivered, "seconds": time.monotonic() - began}))


endpoint, seconds, _, size, _ = sys.argv[1:]
asyncio.run(produce(endpoint, float(seconds), int(size)))
