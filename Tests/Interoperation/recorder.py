"""A server that accepts everything and keeps every request, and what botocore signs for them."""

import contextlib
import http.client
import http.server
import json
import ssl
import threading

import botocore.auth
import botocore.awsrequest
import botocore.credentials
from harness import HASH_SPACE


class Recorder(http.server.BaseHTTPRequestHandler):
    """Accepts everything and keeps every request as (operation, headers, body)."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers["X-Amz-Target"].split(".")[-1]
        self.server.requests.append((operation, dict(self.headers.items()), body))
        if self.server.forward:
            self.relay(body)
            return
        refusal = self.server.refuse(operation, dict(self.headers.items())) if self.server.refuse else None
        answer = json.dumps(refusal or getattr(self, operation)(json.loads(body))).encode()
        self.send_response(400 if refusal else 200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def relay(self, body):
        """Hands a request on, and the answer back."""
        other = http.client.HTTPConnection(self.server.forward.removeprefix("http://"))
        kept = {name: value for name, value in self.headers.items() if name.lower() not in ("connection", "host")}
        other.request("POST", "/", body=body, headers=kept)
        answer = other.getresponse()
        content = answer.read()
        other.close()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.getheader("Content-Type", ""))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

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
        name = request.get("StreamName") or request["StreamARN"].split("/")[-1]
        return {
            "StreamDescriptionSummary": {
                "StreamName": name,
                "StreamARN": f"arn:aws:kinesis:us-east-1:000000000000:stream/{name}",
                "StreamStatus": "ACTIVE",
                "OpenShardCount": 1,
                "RetentionPeriodHours": 24,
                "EnhancedMonitoring": [{"ShardLevelMetrics": []}],
                "StreamCreationTimestamp": 1.7e9,
            }
        }

    def log_message(self, *_):
        pass


class RecorderServer(http.server.ThreadingHTTPServer):
    # A client that ends its connection at the end of a run is no error.
    def handle_error(self, request, client_address):
        pass


@contextlib.contextmanager
def recording(tls=None, refuse=None, forward=None):
    """A recorder on a free loopback port; `tls` is a context, `refuse(operation, headers)` gives an error body or None,
    `forward` is an endpoint that answers in its place."""
    server = RecorderServer(("127.0.0.1", 0), Recorder)
    server.requests, server.count, server.refuse, server.forward = [], 0, refuse, forward
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def server_context(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


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
