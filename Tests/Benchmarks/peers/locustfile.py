"""Users of locust that put records by boto3; what was accepted is printed as JSON at the end.

Environment: PEER_ENDPOINT, PEER_RECORDS, PEER_BYTES, PEER_CONNECTIONS.
"""

import json
import os
import sys
import time

from boto3_threads import client, put
from locust import User, constant, events, task

ENDPOINT = os.environ["PEER_ENDPOINT"]
RECORDS, BYTES, CONNECTIONS = (int(os.environ[name]) for name in ("PEER_RECORDS", "PEER_BYTES", "PEER_CONNECTIONS"))
# One client for all users, as a producer has one; its pool holds a connection for each.
KINESIS = client(ENDPOINT, CONNECTIONS)


class Producer(User):
    wait_time = constant(0)

    @task
    def put_records(self):
        began = time.perf_counter()
        error = None
        try:
            put(KINESIS, RECORDS, BYTES)
        except Exception as caught:
            error = caught
        self.environment.events.request.fire(
            request_type="PutRecords",
            name="bench",
            response_time=(time.perf_counter() - began) * 1000,
            response_length=0,
            exception=error,
        )


@events.quitting.add_listener
def report(environment, **_):
    total = environment.stats.total
    print(json.dumps({"requests": total.num_requests - total.num_failures, "failures": total.num_failures}))
    sys.stdout.flush()
