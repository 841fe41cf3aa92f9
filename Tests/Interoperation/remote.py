"""What stands between a run and a "real" endpoint, all of it on loopback: certificates, a proxy, metadata services."""

import contextlib
import http.server
import json
import select
import socket
import subprocess
import threading
import time


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


class Authority:
    """A certificate authority and the server certificates it signs, made by the openssl program."""

    def __init__(self, folder):
        self.folder = folder
        self.file, self.key = folder / "authority.pem", folder / "authority.key"
        openssl(
            *"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority".split(),
            "-addext", "basicConstraints=critical,CA:TRUE", "-keyout", self.key, "-out", self.file,
        )  # fmt: skip

    def certificate(self, *names, stem="server", days=1):
        """Certificate and key files for these names or addresses; `days` may lie in the past."""
        request, file, key = (self.folder / f"{stem}.{end}" for end in ("csr", "pem", "key"))
        openssl(
            *"req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=server".split(), "-keyout", key, "-out", request
        )
        alternative = ",".join(f"{'IP' if name.replace('.', '').isdigit() or ':' in name else 'DNS'}:{name}" for name in names)
        extensions = self.folder / f"{stem}.ext"
        extensions.write_text(f"subjectAltName={alternative}\nbasicConstraints=CA:FALSE\n")
        openssl(
            "x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key, "-CAcreateserial", "-days", days,
            "-extfile", extensions, "-out", file,
        )  # fmt: skip
        return file, key


class ConnectProxy:
    """An HTTP proxy that notes every CONNECT and leads each to one local port, whatever host is asked for."""

    def __init__(self, port=None, answer=None):
        self.port_behind, self.answer = port, answer
        self.heads = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.closing = False
        self.threads = []
        thread = threading.Thread(target=self._accept)
        thread.start()
        self.threads.append(thread)

    @property
    def hosts(self):
        return [head.split(" ")[1] for head in self.heads]

    def _accept(self):
        while not self.closing:
            ready, _, _ = select.select([self.listener], [], [], 0.1)
            if ready:
                client, _ = self.listener.accept()
                thread = threading.Thread(target=self._serve, args=(client,))
                thread.start()
                self.threads.append(thread)

    def _serve(self, client):
        with client:
            head = b""
            while b"\r\n\r\n" not in head:
                piece = client.recv(4096)
                if not piece:
                    return
                head += piece
            self.heads.append(head.decode())
            if self.answer:
                client.sendall(self.answer)
                return
            with socket.create_connection(("127.0.0.1", self.port_behind)) as server:
                for end in (client, server):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                self._pass_on(client, server)

    def _pass_on(self, *ends):
        with contextlib.suppress(OSError):
            while not self.closing:
                ready, _, _ = select.select(ends, [], [], 0.1)
                for end in ready:
                    piece = end.recv(1 << 16)
                    if not piece:
                        return
                    ends[1 - ends.index(end)].sendall(piece)

    def close(self):
        self.closing = True
        for thread in self.threads:
            thread.join()
        self.listener.close()


class MetadataService(http.server.BaseHTTPRequestHandler):
    """Plays the instance metadata service and a container's credentials endpoint, and notes every request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_PUT(self):
        self._note()
        self._answer(200 if self.server.session else 404, self.server.session)

    def do_GET(self):
        self._note()
        server = self.server
        roles = "/latest/meta-data/iam/security-credentials/"
        if self.path.startswith(roles):
            if server.session and self.headers["X-Aws-Ec2-Metadata-Token"] != server.session:
                return self._answer(401, "")
            return self._answer(200, "web-role" if self.path == roles else self._credentials())
        if self.headers["Authorization"] != server.token:
            return self._answer(403, "{}")
        return self._answer(200, self._credentials())

    def _credentials(self):
        made = self.server.issue()
        if made is None:
            return '{"Code": "Unavailable"}'
        return json.dumps(
            {
                "Code": "Success",
                "AccessKeyId": made.access_key,
                "SecretAccessKey": made.secret,
                "Token": made.token,
                "Expiration": made.expiration,
            }
        )

    def _note(self):
        self.server.requests.append(f"{self.command} {self.path}")

    def _answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Issued:
    """One set of temporary credentials."""

    def __init__(self, access_key, secret, token, expiration):
        self.access_key, self.secret, self.token, self.expiration = access_key, secret, token, expiration


@contextlib.contextmanager
def metadata_service(issue, session="", token=None, address="127.0.0.1", port=0):
    """A metadata service; `issue()` makes the credentials of one request, or None where there are none."""
    server = http.server.ThreadingHTTPServer((address, port), MetadataService)
    server.issue, server.session, server.token, server.requests = issue, session, token, []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def instant(seconds):
    """The time so many seconds from now, as services write it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
