"""A Kinesis endpoint in raw sockets that does to PutRecords what a script says, down to single bytes and resets."""

import contextlib
import itertools
import json
import socket
import struct
import threading

from harness import HASH_SPACE


class Parted(Exception):
    """The connection is over, by the script's will."""


class Connection:
    """One client's connection: whole requests in, any bytes out."""

    def __init__(self, peer):
        self.socket = peer
        self.buffer = b""

    def request(self):
        """The next request as (operation, body); None at its end."""
        while b"\r\n\r\n" not in self.buffer:
            more = self.socket.recv(65536)
            if not more:
                return None
            self.buffer += more
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:])
        length = int(fields[b"content-length"])
        while len(self.buffer) < length:
            more = self.socket.recv(65536)
            if not more:
                return None
            self.buffer += more
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return fields[b"x-amz-target"].decode().split(".")[-1], body

    def send(self, *pieces, every=0, stop=None):
        """Sends bytes, with a pause between the pieces that ends early when the server is stopped."""
        for piece in pieces:
            self.socket.sendall(piece)
            if every and stop.wait(every):
                raise Parted

    def reset(self):
        """Ends the connection with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Parted


def message(body, status="200 OK", kind="application/x-amz-json-1.1", version="1.1", extra=""):
    """An HTTP answer as bytes; a body that is no bytes is written as JSON."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    head = f"HTTP/{version} {status}\r\nContent-Type: {kind}\r\n{extra}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class ScriptedServer:
    """Serves one stream of one shard; every `every`-th PutRecords, or all while `fails` says so, goes to the script.

    The script is called with (connection, server, records) and sends what it likes; what it does not answer stays
    unanswered until the server stops. `greet` is called with (connection, server) before anything is read, `refusal` answers
    control calls in place of the service, and with `tls`, an `ssl.SSLContext`, connections end without a word of TLS.
    """

    def __init__(self, script, every=4, greet=None, refusal=None, tls=None):
        self.script, self.every, self.greet, self.refusal, self.tls = script, every, greet, refusal, tls
        self.stopped = threading.Event()
        self.count = itertools.count(1)
        self.sequence = itertools.count(10**20)
        self.connections = 0
        self.failed_records = 0
        self.lock = threading.Lock()
        self.open = set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.endpoint = f"{'https' if tls else 'http'}://127.0.0.1:{self.listener.getsockname()[1]}"
        self.threads = [threading.Thread(target=self.accept)]
        self.threads[0].start()

    def accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.connections += 1
                self.open.add(peer)
                thread = threading.Thread(target=self.serve, args=(peer,))
                self.threads.append(thread)
                thread.start()

    def serve(self, peer):
        try:
            if self.tls:
                with self.lock:
                    self.open.discard(peer)
                    peer = self.tls.wrap_socket(peer, server_side=True)
                    self.open.add(peer)
            connection = Connection(peer)
            if self.greet:
                self.greet(connection, self)
            while request := connection.request():
                self.answer(connection, *request)
        except (Parted, OSError):
            pass
        finally:
            with self.lock:
                self.open.discard(peer)
                peer.close()

    def answer(self, connection, operation, body):
        # Header values are read in lower case.
        if operation == "listshards" and self.refusal:
            connection.send(self.refusal)
            return
        if operation == "listshards":
            whole = {"StartingHashKey": "0", "EndingHashKey": str(HASH_SPACE - 1)}
            shard = {"ShardId": "shardId-000000000000", "HashKeyRange": whole}
            connection.send(message({"Shards": [shard | {"SequenceNumberRange": {"StartingSequenceNumber": "1"}}]}))
            return
        records = body.count(b'"PartitionKey"')
        with self.lock:
            fails = next(self.count) % self.every == 0
            if fails:
                self.failed_records += records
        if fails:
            self.script(connection, self, records)
        else:
            connection.send(message(self.accepted(records)))

    def entries(self, records, **changes):
        """One accepted entry a record; a change of None takes a member out."""
        with self.lock:
            numbers = [str(next(self.sequence)) for _ in range(records)]
        plain = [{"SequenceNumber": number, "ShardId": "shardId-000000000000"} | changes for number in numbers]
        return [{name: value for name, value in entry.items() if value is not None} for entry in plain]

    def accepted(self, records, **changes):
        """The answer that takes every record."""
        return {"FailedRecordCount": 0, "Records": self.entries(records, **changes)}

    def stop(self):
        self.stopped.set()
        # A listener that another thread accepts from only wakes it when it is shut down.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            for peer in self.open:
                with contextlib.suppress(OSError):
                    peer.shutdown(socket.SHUT_RDWR)
        for thread in list(self.threads):
            thread.join(timeout=20)
