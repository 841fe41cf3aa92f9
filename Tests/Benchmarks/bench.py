"""The measurements of scripts/bench: CPU per request of shardmeter and of wrk against one sink, and what bounds them.

Every figure is CPU time (user + system) of the driver's own process, taken from the kernel when it ends; rates are
shown beside it, but ratios are of CPU time only. Runs of all kinds take turns, so that they share the machine's moods.
"""

import argparse
import base64
import csv
import datetime
import hashlib
import json
import os
import pathlib
import platform
import random
import re
import socket
import statistics
import subprocess
import tempfile
import threading
import time

ROWS = [(500, 100), (500, 1024), (100, 100), (1, 100)]
CONNECTIONS = 8
# A key of the scenario below takes 12 bytes.
KEY_BYTES = 12
KEYS = 100_000
# Bodies of `client.payloadPool`.
POOL = 64
DRIVERS = (
    ("signed", "shardmeter"),
    ("unsigned", "shardmeter --no-sign"),
    ("pooled", f"shardmeter, pool {POOL}"),
    ("wrk", "wrk, static"),
)


def scenario(records, size, seconds, **client):
    return {
        "schema": "shardmeter/1",
        "name": f"bench-{records}x{size}",
        "stream": {"name": "bench", "shards": 1},
        "records": {"size": f"{size}B", "payload": "random", "key": {"type": "uniform", "cardinality": KEYS}},
        "batch": {"records": records},
        "client": {"producers": 1, "connections": CONNECTIONS, "maxInFlight": CONNECTIONS} | client,
        "phases": [{"name": "drive", "duration": f"{round(seconds * 1000)}ms", "rate": "max"}],
    }


def body(records, size):
    """A PutRecords body like those of the scenario."""
    source = random.Random(1)
    entries = [
        '{"Data":"%s","PartitionKey":"%s"}'
        % (base64.b64encode(source.randbytes(size)).decode(), str(source.randrange(10**KEY_BYTES)).zfill(KEY_BYTES))
        for _ in range(records)
    ]
    return '{"StreamName":"bench","Records":[' + ",".join(entries) + "]}"


class Target:
    """`shardmeter target` as a process on a core of its own; it ends with this one, however that goes."""

    def __init__(self, binary, core, *options):
        self.process = subprocess.Popen(
            ["taskset", "-c", str(core), binary, "target", "--port", "0", "--stream", "bench", "--until-input-ends",
             *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self.process.stdout.readline().split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        self.process.stdin.close()

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def timed(command):
    """Runs a command and returns what it printed, the CPU seconds it took and its peak of memory in bytes."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode not in (0, 5):
        raise SystemExit(f"{' '.join(command)} failed with {process.returncode}:\n{text}")
    return text, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


class Bench:
    def __init__(self, options):
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) < 2:
            raise SystemExit("two processors are needed: one for the driver, one for the target")
        self.options = options
        self.target_core, self.driver_core = cores[0], cores[1]
        self.seconds = 1.0 if options.quick else 3.0
        self.rounds = 3 if options.quick else 5
        self.folder = tempfile.TemporaryDirectory(prefix="shardmeter-bench-")
        self.path = pathlib.Path(self.folder.name)

    def pinned(self, *command):
        return timed(["taskset", "-c", str(self.driver_core), *map(str, command)])

    def run(self, plan, url, *options, workers=1):
        """One `shardmeter run` on the driver's core: its summary, CPU seconds and peak of memory."""
        file = self.path / "scenario.json"
        file.write_text(json.dumps(plan))
        out = self.path / f"run-{time.monotonic_ns()}"
        _, cpu, peak = self.pinned(
            self.options.binary, "run", file, "--target", url, "--workers", workers, "--run-dir", out,
            "--progress", "none", "--quiet", *options,
        )
        summary = json.loads((out / "summary.json").read_text())
        for path in sorted(out.iterdir()):
            path.unlink()
        out.rmdir()
        return summary, cpu, peak

    # The table

    def shardmeter(self, records, size, url, *options, **client):
        """CPU of a request: what a longer run takes more than a short one, so that start-up and reports fall out."""
        few, few_cpu, _ = self.run(scenario(records, size, 0.05, **client), url, *options)
        many, many_cpu, _ = self.run(scenario(records, size, self.seconds, **client), url, *options)
        total = many["requests"]["total"]
        assert many["requests"]["all_accepted"] == total, many["requests"]
        cpu = (many_cpu - few_cpu) / (total - few["requests"]["total"])
        return cpu * 1e6, total / self.seconds

    def wrk(self, records, size, url):
        script = self.path / f"{records}x{size}.lua"
        script.write_text(
            'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/x-amz-json-1.1"\n'
            'wrk.headers["X-Amz-Target"] = "Kinesis_20131202.PutRecords"\n'
            f"wrk.body = [==[{body(records, size)}]==]\n"
        )
        whole = max(1, round(self.seconds))
        text, cpu, _ = self.pinned("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{whole}s", "-s", script, url + "/")
        total, seconds = re.search(r"(\d+) requests in ([\d.]+)s", text).groups()
        return cpu / int(total) * 1e6, int(total) / float(seconds)

    def openssl(self, digest, length):
        """Microseconds of CPU that OpenSSL's own benchmark takes for one message."""
        text, _, _ = self.pinned("openssl", "speed", "-mr", "-seconds", 1, "-bytes", length, "-evp", digest)
        rate = float(re.search(r"^\+F:\d+:[^:]*:([\d.]+)", text, re.M).group(1))
        return length / rate * 1e6

    def socket(self, length):
        """Writing and reading so many bytes over loopback, both ends in this process."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            writer = socket.create_connection(listener.getsockname())
            reader, _ = listener.accept()
        writer.setblocking(False)
        data = memoryview(bytes(length))
        room = bytearray(1 << 20)
        count = max(20, 40_000_000 // max(length, 2_000))
        began = time.process_time()
        for _ in range(count):
            sent = received = 0
            while received < length:
                if sent < length:
                    try:
                        sent += writer.send(data[sent:])
                    except BlockingIOError:
                        pass
                received += reader.recv_into(room)
        cpu = time.process_time() - began
        writer.close()
        reader.close()
        return cpu / count * 1e6

    @staticmethod
    def base64(records, size):
        """Encoding the data of one request, in one piece."""
        data = os.urandom(records * size)
        count = max(50, 20_000_000 // len(data))
        began = time.process_time()
        for _ in range(count):
            base64.b64encode(data)
        return (time.process_time() - began) / count * 1e6

    def table(self):
        kinds = ["signed", "unsigned", "pooled", "wrk", "sha256", "md5", "base64", "socket"]
        samples = {(row, kind): [] for row in ROWS for kind in kinds}
        rates = {(row, kind): [] for row in ROWS for kind in kinds[:4]}
        targets = {n: Target(self.options.binary, self.target_core, "--null", "--records", str(n)) for n, _ in ROWS}
        os.sched_setaffinity(0, {self.driver_core})
        try:
            for number in range(self.rounds):
                print(f"round {number + 1} of {self.rounds}", flush=True)
                for row in ROWS:
                    records, size = row
                    url = targets[records].url
                    length = len(body(records, size))
                    for kind, measured in (
                        ("signed", lambda: self.shardmeter(records, size, url)),
                        ("wrk", lambda: self.wrk(records, size, url)),
                        ("unsigned", lambda: self.shardmeter(records, size, url, "--no-sign")),
                        ("pooled", lambda: self.shardmeter(records, size, url, payloadPool=POOL)),
                    ):
                        cpu, rate = measured()
                        samples[row, kind].append(cpu)
                        rates[row, kind].append(rate)
                    samples[row, "sha256"].append(self.openssl("sha256", length))
                    samples[row, "md5"].append(self.openssl("md5", KEY_BYTES) * records)
                    samples[row, "base64"].append(self.base64(records, size))
                    samples[row, "socket"].append(self.socket(length))
        finally:
            for target in targets.values():
                target.__exit__()
        return [self.summed_up(row, samples, rates) for row in ROWS]

    def summed_up(self, row, samples, rates):
        records, size = row
        length = len(body(records, size))
        result = {"records": records, "bytes": size, "body_bytes": length, "kinds": {}, "parts_us": {}}
        for kind in ("signed", "unsigned", "pooled", "wrk"):
            cpu, rate = samples[row, kind], statistics.median(rates[row, kind])
            result["kinds"][kind] = {
                "cpu_us": statistics.median(cpu),
                "cpu_us_min": min(cpu),
                "cpu_us_max": max(cpu),
                "requests_per_s": rate,
                "records_per_s": rate * records,
                "mib_per_s": rate * length / 2**20,
            }
        for part in ("sha256", "md5", "base64", "socket"):
            result["parts_us"][part] = statistics.median(samples[row, part])
        # Ratios within each round, then their median: a slow round is slow for both sides.
        limit = [w + s for w, s in zip(samples[row, "wrk"], samples[row, "sha256"])]
        result["limit_us"] = statistics.median(limit)
        result["signed_to_limit"] = statistics.median(a / b for a, b in zip(samples[row, "signed"], limit))
        result["signed_to_wrk"] = statistics.median(
            a / b for a, b in zip(samples[row, "signed"], samples[row, "wrk"])
        )
        return result

    # Single figures

    def target_cpu(self):
        """CPU of the embedded target for a 500-record PutRecords, limits on."""
        with Target(self.options.binary, self.target_core, "--shards", "4", "--allow-unsigned") as target:
            samples = []
            for _ in range(self.rounds):
                before = target.cpu_seconds()
                _, rate = self.wrk(500, 100, target.url)
                total = rate * max(1, round(self.seconds))
                samples.append((target.cpu_seconds() - before) / total * 1e6)
        return statistics.median(samples)

    def versions(self):
        """CPU of the sink for a request of one record and of 500, by version of HTTP; the same client sends all of them."""
        kinds = {"HTTP/1.1": ("--h1", "-m", 1), "HTTP/2": ("-m", 1), "HTTP/2, 32 streams a session": ("-m", 32)}
        samples = {}
        with Target(self.options.binary, self.target_core, "--null") as target:
            for _ in range(self.rounds):
                for records in (1, 500):
                    file = self.path / f"{records}.json"
                    file.write_text(body(records, 100))
                    count = round((20_000 if records == 1 else 5_000) * self.seconds)
                    for kind, options in kinds.items():
                        before = target.cpu_seconds()
                        text, _, _ = self.pinned(
                            "h2load", "-n", count, "-c", CONNECTIONS, *options, "-d", file,
                            "-H", "Content-Type: application/x-amz-json-1.1",
                            "-H", "X-Amz-Target: Kinesis_20131202.PutRecords", target.url,
                        )
                        assert f"{count} succeeded, 0 failed, 0 errored" in text, text
                        cost = (target.cpu_seconds() - before) / count * 1e6
                        samples.setdefault(f"{kind}, {records} x 100 B", []).append(cost)
        return {name: statistics.median(values) for name, values in samples.items()}

    def first_byte(self):
        """Milliseconds from starting the process to the first byte of its first PutRecords."""
        samples = []
        for _ in range(self.rounds):
            with FirstByteTarget() as target:
                began = time.monotonic()
                self.run(scenario(500, 100, 0.05), target.url)
                samples.append((target.first - began) * 1000)
        return statistics.median(samples)

    def memory(self):
        """Peaks of memory: short and long at 32 connections, and at 4,000 shards."""
        client = {"connections": 32, "maxInFlight": 32}
        with Target(self.options.binary, self.target_core, "--null") as target:
            short = self.run(scenario(500, 100, 1, **client), target.url)[2]
            long = self.run(scenario(500, 100, 2 if self.options.quick else 20, **client), target.url)[2]
        options = ("--shards", "4000", "--limits", "none")
        with Target(self.options.binary, self.target_core, *options) as target:
            plan = scenario(500, 100, 3, **client)
            plan["stream"]["shards"] = 4000
            many = self.run(plan, target.url)[2]
        return {"connections_32_1s": short, "connections_32_long": long, "shards_4000": many}

    def lateness(self):
        """Lateness at 10,000 records/s, one to a request, beside a bare loop over the same deadlines; microseconds."""
        plan = scenario(1, 100, 3)
        plan["phases"] = [{"name": "steady", "duration": "3s", "rate": 10_000}]
        plan["client"] |= {"connections": 32, "maxInFlight": 64}
        own, bare = [], []
        with Target(self.options.binary, self.target_core, "--null", "--records", "1") as target:
            for _ in range(self.rounds):
                own.append(self.run(plan, target.url)[0]["generator"]["lateness_p99_ms"] * 1000)
                bare.append(float(self.pinned(self.options.micro, "lateness")[0].split()[-1]))
        return {"shardmeter_p99_us": statistics.median(own), "bare_loop_p99_us": statistics.median(bare)}

    def micro(self):
        """The micro-benchmarks: medians of nanoseconds for one operation each."""
        samples = {}
        for _ in range(self.rounds):
            for line in self.pinned(self.options.micro)[0].splitlines():
                name, value = line.rsplit("\t", 1)
                samples.setdefault(name, []).append(float(value))
        return {name: statistics.median(values) for name, values in samples.items()}


class FirstByteTarget:
    """A target that knows one shard and notes when the first PutRecords arrives."""

    def __init__(self):
        self.first = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        entry = '{"SequenceNumber":"1","ShardId":"shardId-000000000000"}'
        with connection, connection.makefile("rb") as stream:
            try:
                while start := stream.read(1):
                    arrived = time.monotonic()
                    head = start
                    while not head.endswith(b"\r\n\r\n"):
                        head += stream.readline()
                    stream.read(int(re.search(rb"content-length: *(\d+)", head, re.I).group(1)))
                    if b".PutRecords\r\n" in head:
                        self.first = self.first or arrived
                        answer = '{"FailedRecordCount":0,"Records":[' + ",".join([entry] * 500) + "]}"
                    else:
                        answer = (
                            '{"Shards":[{"ShardId":"shardId-000000000000","HashKeyRange":{"StartingHashKey":"0",'
                            '"EndingHashKey":"%d"},"SequenceNumberRange":{"StartingSequenceNumber":"0"}}]}'
                            % (2**128 - 1)
                        )
                    connection.sendall(
                        b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\n"
                        b"Content-Length: %d\r\n\r\n%s" % (len(answer), answer.encode())
                    )
            except (ConnectionError, ValueError):
                pass


def print_table(rows):
    print()
    print("CPU is user + system of the driver's process; medians, in brackets lowest and highest round.")
    heads = ("records", "driver", "requests/s", "records/s", "MiB/s", "CPU us/request", "of limit", "of wrk")
    print("%-12s %-20s %11s %12s %8s %24s %9s %7s" % heads)
    for row in rows:
        for kind, name in DRIVERS:
            figures = row["kinds"][kind]
            print(
                "%-12s %-20s %11.0f %12.0f %8.0f %24s %9s %7s"
                % (
                    f"{row['records']} x {row['bytes']} B",
                    name,
                    figures["requests_per_s"],
                    figures["records_per_s"],
                    figures["mib_per_s"],
                    "%.1f (%.1f-%.1f)" % (figures["cpu_us"], figures["cpu_us_min"], figures["cpu_us_max"]),
                    "%.2f" % row["signed_to_limit"] if kind == "signed" else "",
                    "%.2f" % row["signed_to_wrk"] if kind == "signed" else "",
                )
            )
        parts = row["parts_us"]
        print(
            "%-12s limit = wrk + SHA-256 of the body = %.1f us; SHA-256 %.1f, MD5 of the keys %.1f, base64 %.1f, socket"
            " write and read %.1f" % ("", row["limit_us"], *(parts[p] for p in ("sha256", "md5", "base64", "socket")))
        )


def print_figures(figures):
    print()
    for name, value in figures["micro_ns"].items():
        print("%-58s %12.1f ns" % (name, value))
    print("%-58s %12.1f us" % ("target, PutRecords of 500 records, limits on", figures["target_cpu_us"]))
    print("%-58s %12.2f" % ("  of MD5 of its keys + one memchr pass", figures["target_to_limit"]))
    for name, value in figures["target_versions_us"].items():
        print("%-58s %12.1f us" % ("target --null, " + name, value))
    print("%-58s %12.1f ms" % ("process start to first byte of PutRecords", figures["first_byte_ms"]))
    for name, value in figures["memory_bytes"].items():
        print("%-58s %12.1f MiB" % ("peak memory, " + name, value / 2**20))
    late = figures["lateness"]
    print("%-58s %12.1f us" % ("lateness p99 at 10,000 records/s", late["shardmeter_p99_us"]))
    print("%-58s %12.1f us" % ("  of a bare loop on absolute deadlines", late["bare_loop_p99_us"]))


def save_name(folder, result):
    """The path of a run's files, without their endings; makes the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder / result["started"].replace(":", "")


def save(folder, result):
    stem = save_name(folder, result)
    stem.with_suffix(".json").write_text(json.dumps(result, indent=2) + "\n")
    with stem.with_suffix(".csv").open("w", newline="") as file:
        writer = csv.writer(file)
        columns = ("requests_per_s", "records_per_s", "mib_per_s", "cpu_us", "cpu_us_min", "cpu_us_max")
        writer.writerow(("records", "bytes", "driver", *columns, "limit_us", "signed_to_limit"))
        for row in result["table"]:
            for kind, figures in row["kinds"].items():
                ratio = row["signed_to_limit"] if kind == "signed" else ""
                writer.writerow(
                    (row["records"], row["bytes"], kind, *(figures[c] for c in columns), row["limit_us"], ratio)
                )
    print(f"\nwritten: {stem}.json, {stem}.csv")


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--binary", required=True)
    parser.add_argument("--micro", required=True)
    parser.add_argument("--revision", default="")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--table-only", action="store_true")
    parser.add_argument("--scale", action="store_true", help="only the cost of a record as the run grows")
    parser.add_argument("--peers", action="store_true", help="only the table of other load generators beside this one")
    options = parser.parse_args()
    bench = Bench(options)
    result = {
        "started": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "revision": options.revision,
        "binary_sha256": hashlib.sha256(pathlib.Path(options.binary).read_bytes()).hexdigest(),
        "machine": {"kernel": platform.release(), "processors": os.cpu_count(), "load": os.getloadavg()},
        "seconds": bench.seconds,
        "rounds": bench.rounds,
        "connections": CONNECTIONS,
    }
    if options.scale:
        import scale

        result["scale"] = scale.measure(bench)
        scale.print_scale(result["scale"])
        scale.save_scale(pathlib.Path("results/bench"), result)
        return
    if options.peers:
        import peers

        result["peers"] = peers.compare(bench)
        peers.print_peers(result["peers"])
        peers.save_peers(pathlib.Path("results/bench"), result)
        return
    result["table"] = bench.table()
    print_table(result["table"])
    if not options.table_only:
        micro = bench.micro()
        target = bench.target_cpu()
        bound = micro["MD5 of 500 keys"] + micro["memchr over a body of 500 records"]
        result["figures"] = {
            "micro_ns": micro,
            "target_cpu_us": target,
            "target_to_limit": target * 1000 / bound,
            "target_versions_us": bench.versions(),
            "first_byte_ms": bench.first_byte(),
            "memory_bytes": bench.memory(),
            "lateness": bench.lateness(),
        }
        print_figures(result["figures"])
        import accuracy

        result["accuracy"] = accuracy.measure(bench)
        accuracy.print_accuracy(result["accuracy"])
    save(pathlib.Path("results/bench"), result)


if __name__ == "__main__":
    main()
