"""Requests to a target byte by byte, without an SDK in between."""

import http.client
import json
import socket
import urllib.parse

JSON = "application/x-amz-json-1.1"
CBOR = "application/x-amz-cbor-1.1"
AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0"


def headers(operation="PutRecords", content_type=JSON, **changes):
    """The headers of a signed request; a change to None leaves one out."""
    given = {
        "Content-Type": content_type,
        "X-Amz-Target": f"Kinesis_20131202.{operation}",
        "X-Amz-Date": "20260101T000000Z",
        "Authorization": AUTHORIZATION,
    }
    given |= {name.replace("_", "-"): value for name, value in changes.items()}
    return {name: value for name, value in given.items() if value is not None}


class Wire:
    """One kept-alive connection."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.address = urllib.parse.urlsplit(endpoint)
        self.connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=60)

    def send(self, body, method="POST", **options):
        """Sends a request; returns status, headers and body."""
        if not isinstance(body, bytes | str):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        self.connection.request(method, "/", body, headers(**options))
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def close(self):
        self.connection.close()


def open_socket(endpoint):
    """A bare connection."""
    address = urllib.parse.urlsplit(endpoint)
    return socket.create_connection((address.hostname, address.port), timeout=30)


def message(body, operation="PutRecords", extra="", **options):
    """A whole request as bytes."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers(operation, **options).items())
    return f"POST / HTTP/1.1\r\nHost: localhost\r\n{lines}{extra}".encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body
