"""Every signature that `run` sends, computed again by botocore."""

import base64
import http.server
import json
import threading

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
from harness import HASH_SPACE, RAN, Result, scenario


class Recorder(http.server.BaseHTTPRequestHandler):
    """Accepts everything and keeps every request."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers["X-Amz-Target"].split(".")[-1]
        self.server.requests.append((operation, dict(self.headers.items()), body))
        answer = json.dumps(getattr(self, operation)(json.loads(body))).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def PutRecords(self, request):
        count = len(request["Records"])
        start = self.server.count
        self.server.count += count
        return {
            "FailedRecordCount": 0,
            "Records": [
                {"SequenceNumber": str(10**20 + start + i), "ShardId": "shardId-000000000000"} for i in range(count)
            ],
        }

    def ListShards(self, request):
        return {
            "Shards": [
                {
                    "ShardId": "shardId-000000000000",
                    "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": str(HASH_SPACE - 1)},
                    "SequenceNumberRange": {"StartingSequenceNumber": "1"},
                }
            ]
        }

    def DescribeStreamSummary(self, request):
        return {
            "StreamDescriptionSummary": {
                "StreamName": request["StreamName"],
                "StreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/orders",
                "StreamStatus": "ACTIVE",
                "OpenShardCount": 1,
                "RetentionPeriodHours": 24,
                "EnhancedMonitoring": [{"ShardLevelMetrics": []}],
                "StreamCreationTimestamp": 1.7e9,
            }
        }

    def log_message(self, *_):
        pass


@pytest.fixture
def recorder():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    server.requests, server.count = [], 0
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def expected_signature(headers, body, access_key, secret, token, region):
    """What botocore signs for these headers at that moment."""
    lower = {name.lower(): value for name, value in headers.items()}
    authorization = lower["authorization"]
    signed = authorization.split("SignedHeaders=")[1].split(",")[0].split(";")
    host = lower["host"]
    request = botocore.awsrequest.AWSRequest("POST", f"http://{host}/", data=body)
    for name in signed:
        request.headers[name] = lower[name]
    request.context["timestamp"] = lower["x-amz-date"]
    signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials(access_key, secret, token), "kinesis", region)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    scope = signer.credential_scope(request)
    return (
        f"AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={';'.join(signed)}, "
        f"Signature={signer.signature(text, request)}"
    )


@pytest.mark.parametrize("token", [None, "a/session+token=="])
def test_botocore_computes_the_same_signature(tool, recorder, tmp_path, token):
    path = scenario(
        tmp_path,
        "signed",
        stream={"name": "orders", "shards": 1},
        records__size={"type": "lognormal", "median": "200B", "p99": "2KiB", "max": "8KiB"},
        records__key={"type": "uniform", "cardinality": 100_000},
        batch={"records": 7, "linger": "10ms"},
        phases=[{"name": "steady", "duration": "2s", "rate": 900}],
    )
    keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
    if token:
        keys["AWS_SESSION_TOKEN"] = token
    endpoint = f"http://127.0.0.1:{recorder.server_port}"
    done = tool("run", path, "--target", endpoint, "--region", "eu-central-1", "--run-dir", tmp_path / "out", env=keys)
    assert done.returncode in RAN, done.stdout + done.stderr
    puts = [request for request in recorder.requests if request[0] == "PutRecords"]
    assert len({body for _, _, body in puts}) >= 200
    for operation, headers, body in recorder.requests:
        lower = {name.lower(): value for name, value in headers.items()}
        expected = expected_signature(headers, body, keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], token, "eu-central-1")
        assert lower["authorization"] == expected, operation
        signed = lower["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
        assert {"content-type", "host", "x-amz-date", "x-amz-target"} <= set(signed)
        assert ("x-amz-security-token" in signed) == (token is not None)

    # What was sent is what was planned, and nothing secret is in the results.
    sent = [record for _, _, body in puts for record in json.loads(body)["Records"]]
    records = Result(tmp_path / "out").summary["records"]
    assert len(sent) == records["accepted"] == records["planned"]
    assert all(len(base64.b64decode(record["Data"], validate=True)) >= 1 for record in sent)
    for file in (tmp_path / "out").iterdir():
        text = file.read_bytes()
        for secret in keys.values():
            assert secret.encode() not in text, file.name


def test_unsigned_requests_carry_no_credentials(tool, recorder, tmp_path):
    path = scenario(tmp_path, "unsigned", phases=[{"name": "steady", "duration": "1s", "rate": 50}])
    endpoint = f"http://127.0.0.1:{recorder.server_port}"
    done = tool("run", path, "--target", endpoint, "--no-sign", "--run-dir", tmp_path / "out")
    assert done.returncode in RAN, done.stdout + done.stderr
    for _, headers, _ in recorder.requests:
        assert "authorization" not in {name.lower() for name in headers}
