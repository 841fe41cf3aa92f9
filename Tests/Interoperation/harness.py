"""Starts shardmeter, its embedded target and moto as child processes, and ends them by process id."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import boto3
import botocore.config

ROOT = pathlib.Path(__file__).resolve().parents[2]
HASH_SPACE = 1 << 128
# Exit codes of a run that ended in order: 5 is the generator's word on a machine that is busy with other things.
RAN = (0, 5)


def free_port():
    """A loopback port nobody listens on at this moment."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def can_mount():
    """Whether a process may have file systems of its own."""
    return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


def clean_environment(**extra):
    """The environment without anything that names an AWS account, an endpoint or a colour."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AWS_") and name not in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "GITHUB_STEP_SUMMARY", "GITHUB_ACTIONS")
    }
    return kept | {"AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent"} | extra


def client(endpoint, **options):
    """boto3 with fixed test keys, one try per call."""
    return boto3.client(
        "kinesis",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=botocore.config.Config(retries={"total_max_attempts": 1}, **options),
    )


def self_signed(folder):
    """A certificate of 127.0.0.1 that signs itself, and its key, as files."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=peer", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    subprocess.run([*map(str, command)], check=True, capture_output=True, env=clean_environment())
    return folder / "cert.pem", folder / "key.pem"


class Tool:
    """The built program."""

    def __init__(self):
        self.path = os.environ.get("SHARDMETER", str(ROOT / ".build/release/shardmeter"))

    def __call__(self, *words, env=None, timeout=120, cwd=ROOT, stdin=None):
        """Runs a command line to its end, whatever its exit code."""
        return subprocess.run(
            [self.path, *map(str, words)],
            capture_output=True,
            text=True,
            input=stdin,
            cwd=cwd,
            env=clean_environment(**(env or {})),
            timeout=timeout,
        )

    def start(self, *words, env=None, cwd=ROOT, **options):
        """Starts a command line; the caller ends it."""
        return subprocess.Popen(
            [self.path, *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=cwd,
            env=clean_environment(**(env or {})),
            **options,
        )


class Target:
    """`shardmeter target` on a free port, or the one given."""

    def __init__(self, tool, *options, env=None, port=0):
        self.started = time.monotonic()
        self.process = tool.start("target", "--port", port, *options, env=env)
        self.errors = ""
        self.output = ""
        line = self.process.stdout.readline()
        self.listened = time.monotonic()
        if not line.startswith("listening on http"):
            self.process.kill()
            raise AssertionError(f"first line was {line!r}; {self.process.communicate()[1]}")
        self.endpoint = line.split()[-1]

    def line(self, prefix):
        """What follows the prefix on the next line it prints."""
        line = self.process.stdout.readline()
        assert line.startswith(prefix), line
        return line.removeprefix(prefix).rstrip("\n")

    def memory(self):
        """Its resident bytes now."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) << 10

    def peak_memory(self):
        """The most resident bytes it has had."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) << 10

    def stop(self):
        """Ends it as a user would, with SIGTERM; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.output, errors = self.process.communicate(timeout=20)
                self.errors += errors
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.communicate()
                raise
        return self.process.returncode


class PeerServer:
    """Another implementation of Kinesis as a child process; up once it answers a GET."""

    def __init__(self, command, port, path, **environment):
        self.endpoint = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=clean_environment(**environment)
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(self.endpoint + path, timeout=5).close()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    self.stop()
                    raise
                time.sleep(0.1)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class MotoServer(PeerServer):
    """moto's server, from its own virtual environment (MOTO_PYTHON)."""

    def __init__(self):
        port = free_port()
        python = os.environ.get("MOTO_PYTHON", sys.executable)
        super().__init__([python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], port, "/moto-api/")


class MiniStack(PeerServer):
    """ministack, from its own virtual environment (MINISTACK names its program), on the loopback interface only."""

    def __init__(self):
        port = free_port()
        # Without the first two it listens on every address, and on a second port.
        super().__init__(
            [os.environ["MINISTACK"]], port, "/_ministack/health",
            BIND_HOST="127.0.0.1", IOT_MTLS_ENABLED="0", GATEWAY_PORT=str(port),
        )

    def addresses(self):
        """Where the process listens, as (address, port)."""
        sockets = {os.readlink(f"/proc/{self.process.pid}/fd/{entry}") for entry in os.listdir(f"/proc/{self.process.pid}/fd")}
        found = set()
        for table in ("tcp", "tcp6"):
            for line in pathlib.Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                cells = line.split()
                if cells[3] == "0A" and f"socket:[{cells[9]}]" in sockets:
                    address, port = cells[1].split(":")
                    found.add((address, int(port, 16)))
        return found


class Nginx:
    """nginx (NGINX names its program) as one process in a folder of its own.

    `server` is what stands in the server block, `outside` beside it; `{port}` is the port it listens on.
    """

    def __init__(self, folder, server, outside=""):
        self.port = free_port()
        self.folder = folder
        (folder / "nginx.conf").write_text(
            f"""daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
            events {{ worker_connections 200; }}
            http {{
              access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
              fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
              {outside}
              server {{ {server.replace("{port}", str(self.port))} }}
            }}"""
        )
        self.process = subprocess.Popen(
            [os.environ["NGINX"], "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    log = (folder / "error.log").read_text()
                    self.stop()
                    raise AssertionError(log)
                time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)


class Result:
    """A result folder, read with nothing but the standard library and pandas."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.summary = json.loads((self.folder / "summary.json").read_text())

    def csv(self, name):
        import pandas

        return pandas.read_csv(self.folder / name)


def scenario(tmp_path, title="probe", /, **changes):
    """Writes a scenario of one steady phase; dotted names change single fields, None removes one."""
    document = {
        "schema": "shardmeter/1",
        "name": title,
        "seed": 7,
        "stream": {"name": "orders", "shards": 4},
        "records": {"size": {"type": "fixed", "value": "100B"}, "key": {"type": "uniform", "cardinality": 1000}},
        "batch": {"records": 100, "linger": "50ms"},
        "client": {"producers": 2, "connections": 4},
        "phases": [{"name": "steady", "duration": "2s", "rate": 500}],
    }
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = document
        for parent in parents:
            place = place[int(parent)] if parent.isdigit() else place[parent]
        if value is None:
            del place[last]
        else:
            place[int(last) if last.isdigit() else last] = value
    path = tmp_path / f"{title}.json"
    path.write_text(json.dumps(document, indent=2))
    return path


def shard_of(hash_value, shards):
    """The id of the shard (as ListShards gives them) whose range holds the hash."""
    for shard in shards:
        bounds = shard["HashKeyRange"]
        if int(bounds["StartingHashKey"]) <= hash_value <= int(bounds["EndingHashKey"]):
            return shard["ShardId"]
    raise AssertionError(f"no shard holds {hash_value}")


def read_back(kinesis, stream):
    """Every record of a stream, by shard id, as boto3 reads them."""
    found = {}
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        iterator = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records = []
        while iterator:
            answer = kinesis.get_records(ShardIterator=iterator, Limit=10_000)
            records += answer["Records"]
            iterator = answer.get("NextShardIterator")
            if not answer["Records"] and answer.get("MillisBehindLatest", 0) == 0:
                break
        found[shard["ShardId"]] = records
    return found
