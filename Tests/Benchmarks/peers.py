"""The peers of scripts/bench --peers: other load generators doing PutRecords work beside shardmeter, in the same passes.

Fair settings, for all alike:
- The work is requests of 500 records of 100 B with keys of 12 digits, over 8 connections (threads, users), HTTP/1.1 with
  keep-alive, plain text, against `shardmeter target --null`, which parses nothing and answers a fixed success for 500
  records. aiokpl makes its own batches, so the answer has to fit them: it gets an ordinary target without limits.
- The target is on one core, the whole client on another.
- Every figure is what a longer run takes more than a short one, so that start-up, imports and reports fall out: CPU time
  is user + system of the client and its children, from the kernel; requests are the client's own count, for want of
  a target that counts, and only those it calls a success.
- Runs of all clients take turns, several passes; medians are shown, and the spread of CPU time.

What differs is the work itself, and stands in the table: `records` says whether data and keys are new in each request,
`signed` whether it carries a version 4 signature, `checks` what is done with the answer. Clients without fresh records
send one prepared body; wrk, hey and h2load could not throttle-check it if it was not: a 200 is a success to them.
"""

import csv
import json
import os
import pathlib
import re
import shutil
import statistics
import sys

from bench import CONNECTIONS, Target, body, save_name

RECORDS, BYTES = 500, 100
TYPE = "application/x-amz-json-1.1"
OPERATION = "Kinesis_20131202.PutRecords"
SCRIPTS = pathlib.Path(__file__).parent / "peers"
ENVIRONMENT = pathlib.Path(".build-peers")
KPL_ENVIRONMENT = pathlib.Path(".build-peers-aiokpl")


class Peer:
    """One client: how it is run and what it does for its figure."""

    def __init__(self, name, needs, install, run, *, records, signed, checks, target="null"):
        self.name, self.needs, self.install, self.run = name, needs, install, run
        self.records, self.signed, self.checks, self.target = records, signed, checks, target

    @property
    def is_there(self):
        return shutil.which(str(self.needs)) is not None


class Peers:
    """The clients' command lines, over a bench that pins and times them."""

    def __init__(self, bench):
        self.bench = bench
        self.body = bench.path / "peer-body.json"
        self.body.write_text(body(RECORDS, BYTES))
        self.headers = ("-H", f"X-Amz-Target: {OPERATION}")

    def wrk(self, url, seconds):
        script = self.bench.path / "peer.lua"
        script.write_text(
            f'wrk.method = "POST"\nwrk.headers["Content-Type"] = "{TYPE}"\n'
            f'wrk.headers["X-Amz-Target"] = "{OPERATION}"\nwrk.body = [==[{self.body.read_text()}]==]\n'
        )
        text, cpu, _ = self.bench.pinned("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", script, url + "/")
        assert "Non-2xx" not in text and "Socket errors" not in text, text
        return int(re.search(r"(\d+) requests in", text).group(1)), cpu

    def hey(self, url, seconds):
        text, cpu, _ = self.bench.pinned(
            "hey", "-z", f"{seconds}s", "-c", CONNECTIONS, "-cpus", 1, "-m", "POST", "-T", TYPE, *self.headers,
            "-D", self.body, url + "/",
        )
        return int(re.search(r"\[200\]\s+(\d+) responses", text).group(1)), cpu

    def h2load(self, url, seconds):
        text, cpu, _ = self.bench.pinned(
            "h2load", "--h1", "-t", 1, "-c", CONNECTIONS, "-D", seconds, "-d", self.body, "-H", f"content-type: {TYPE}",
            "-H", f"x-amz-target: {OPERATION}", url + "/",
        )
        return int(re.search(r"status codes: (\d+) 2xx", text).group(1)), cpu

    def k6(self, url, seconds, static):
        summary = self.bench.path / "k6.json"
        settings = ["ENDPOINT=" + url, f"RECORDS={RECORDS}", f"BYTES={BYTES}"]
        settings += [f"BODY={self.body}"] if static else []
        text, cpu, _ = self.bench.pinned(
            ENVIRONMENT / "bin/k6", "run", "--quiet", "--no-usage-report", "--no-color", "--address", "127.0.0.1:0",
            "--vus", CONNECTIONS, "--duration", f"{seconds}s", "--summary-export", summary,
            *(word for setting in settings for word in ("-e", setting)), SCRIPTS / "put_records.js",
        )
        metrics = json.loads(summary.read_text())["metrics"]
        total = metrics["http_reqs"]["count"]
        assert metrics["http_req_failed"]["value"] == 0, text
        assert static or (metrics["checks"]["passes"], metrics["checks"]["fails"]) == (total, 0), text
        return total, cpu

    def python(self, script, environment, url, seconds):
        """A script that prints one line of JSON with its count of requests or records."""
        text, cpu, _ = self.bench.pinned(
            environment / "bin/python", SCRIPTS / script, url, seconds, RECORDS, BYTES, CONNECTIONS
        )
        counted = json.loads(text.splitlines()[-1])
        return counted.get("requests", counted.get("records", 0) / RECORDS), cpu

    def locust(self, url, seconds):
        os.environ |= {
            "PEER_ENDPOINT": url,
            "PEER_RECORDS": str(RECORDS),
            "PEER_BYTES": str(BYTES),
            "PEER_CONNECTIONS": str(CONNECTIONS),
        }
        text, cpu, _ = self.bench.pinned(
            ENVIRONMENT / "bin/locust", "-f", SCRIPTS / "locustfile.py", "--headless", "--users", CONNECTIONS,
            "--spawn-rate", CONNECTIONS, "--run-time", f"{seconds}s", "--stop-timeout", "5s", "--only-summary",
            "--skip-log-setup",
        )
        counted = json.loads(re.search(r"^\{.*\}$", text, re.M).group())
        assert counted["failures"] == 0, text
        return counted["requests"], cpu

    def list(self):
        python = f"python3 -m venv {ENVIRONMENT} && {ENVIRONMENT}/bin/pip install -r Tests/Benchmarks/requirements-peers.txt"
        aiokpl = (
            f"python3 -m venv {KPL_ENVIRONMENT} && {KPL_ENVIRONMENT}/bin/pip install"
            " -r Tests/Benchmarks/requirements-peers-aiokpl.txt"
        )
        entries = f"every one of the {RECORDS} entries"
        return [
            Peer("wrk", "wrk", "apt-get install wrk", self.wrk, records="one body", signed=False, checks="status"),
            Peer(
                "h2load --h1", "h2load", "apt-get install nghttp2-client", self.h2load, records="one body", signed=False,
                checks="status",
            ),
            Peer("hey", "hey", "apt-get install hey", self.hey, records="one body", signed=False, checks="status"),
            Peer(
                "k6, one body", ENVIRONMENT / "bin/k6", python, lambda url, s: self.k6(url, s, static=True),
                records="one body", signed=False, checks="status",
            ),
            Peer(
                "k6", ENVIRONMENT / "bin/k6", python, lambda url, s: self.k6(url, s, static=False),
                records="fresh", signed=True, checks=entries,
            ),
            Peer(
                "boto3, 8 threads", ENVIRONMENT / "bin/python", python,
                lambda url, s: self.python("boto3_threads.py", ENVIRONMENT, url, s),
                records="fresh", signed=True, checks=entries,
            ),
            Peer(
                "locust + boto3", ENVIRONMENT / "bin/locust", python, self.locust, records="fresh", signed=True,
                checks=entries,
            ),
            Peer(
                "aiokpl", KPL_ENVIRONMENT / "bin/python", aiokpl,
                lambda url, s: self.python("aiokpl_producer.py", KPL_ENVIRONMENT, url, s),
                records="fresh", signed=True, checks="every record, to its caller", target="embedded",
            ),
        ]


def measured(peer, url, seconds):
    """CPU seconds per million records and records/s: what a run of some seconds more takes than one of a second.

    On a machine that others use the long run may get less done than the short one: such a pair is no figure.
    """
    for _ in range(3):
        few, few_cpu = peer.run(url, 1)
        many, many_cpu = peer.run(url, 1 + seconds)
        if many > few and many_cpu > few_cpu:
            return (many_cpu - few_cpu) / (many - few) / RECORDS * 1e6, (many - few) / seconds * RECORDS
    raise SystemExit(f"{peer.name}: {1 + seconds} s brought no more than one second, three times: too busy a machine")


def compare(bench):
    """The side-by-side table as a list of rows, and the lines that install what is not there."""
    peers = Peers(bench)
    present = [peer for peer in peers.list() if peer.is_there]
    missing = {peer.name: peer.install for peer in peers.list() if not peer.is_there}
    own = [("shardmeter", True, ()), ("shardmeter --no-sign", False, ("--no-sign",))]
    seconds = max(2, round(bench.seconds))
    samples = {name: [] for name in [o[0] for o in own] + [p.name for p in present]}
    options = ("--shards", "1", "--limits", "none", "--allow-unsigned")
    with Target(bench.options.binary, bench.target_core, "--null") as null, Target(
        bench.options.binary, bench.target_core, *options
    ) as embedded:
        for number in range(bench.rounds):
            print(f"peers, pass {number + 1} of {bench.rounds}", flush=True)
            for name, _, extra in own:
                cpu, rate = bench.shardmeter(RECORDS, BYTES, null.url, *extra)
                samples[name].append((cpu / RECORDS, rate * RECORDS))
            for peer in present:
                url = null.url if peer.target == "null" else embedded.url
                samples[peer.name].append(measured(peer, url, seconds))
    about = {peer.name: (peer.records, peer.signed, peer.checks) for peer in present}
    about |= {name: ("fresh", signed, "every entry, to its shard") for name, signed, _ in own}
    rows = []
    for name, pairs in samples.items():
        cpu = [pair[0] for pair in pairs]
        # Ratios within each pass, then their median: a slow pass is slow for all.
        ratios = [c / s[0] for c, s in zip(cpu, samples["shardmeter"])]
        rows.append(
            {
                "client": name,
                "records_per_s": statistics.median(pair[1] for pair in pairs),
                "cpu_s_per_million": statistics.median(cpu),
                "cpu_s_per_million_min": min(cpu),
                "cpu_s_per_million_max": max(cpu),
                "to_shardmeter": statistics.median(ratios),
                "records": about[name][0],
                "signed": about[name][1],
                "checks": about[name][2],
            }
        )
    rows.sort(key=lambda row: row["cpu_s_per_million"])
    return {"records": RECORDS, "bytes": BYTES, "passes": bench.rounds, "rows": rows, "left_out": missing}


def print_peers(result):
    print()
    print(
        f"PutRecords of {result['records']} records of {result['bytes']} B; CPU is user + system of the client, seconds per"
        f" million records;\nmedians of {result['passes']} passes, in brackets lowest and highest."
    )
    form = "%-22s %12s %24s %10s  %-9s %-7s %s"
    print(form % ("client", "records/s", "CPU s/million", "of ours", "records", "signed", "checks"))
    for row in result["rows"]:
        spread = "%.3g (%.3g-%.3g)" % tuple(
            row[name] for name in ("cpu_s_per_million", "cpu_s_per_million_min", "cpu_s_per_million_max")
        )
        print(
            form
            % (
                row["client"], "%.0f" % row["records_per_s"], spread, "%.3g" % row["to_shardmeter"], row["records"],
                "yes" if row["signed"] else "no", row["checks"],
            )
        )
    for name, line in result["left_out"].items():
        print(f"left out: {name}; to have it: {line}", file=sys.stderr)


def save_peers(folder, result):
    """The table as CSV, and everything as JSON."""
    stem = save_name(folder, result)
    stem.with_suffix(".peers.json").write_text(json.dumps(result, indent=2) + "\n")
    with stem.with_suffix(".peers.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(result["peers"]["rows"][0]))
        writer.writeheader()
        writer.writerows(result["peers"]["rows"])
    print(f"\nwritten: {stem}.peers.json, {stem}.peers.csv")
