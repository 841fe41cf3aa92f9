"""Reading a run's stream back: against the embedded target, moto, and streams that were tampered with."""

import http.server
import json
import threading
import urllib.request

import pytest
from harness import RAN, Result, client, free_port, read_back, scenario


def run_and_verify(tool, path, endpoint, folder, *options):
    done = tool("run", path, "--target", endpoint, "--run-dir", folder, "--progress", "none", *options)
    assert done.returncode in RAN, done.stdout + done.stderr
    return done


def verification(folder):
    return json.loads((folder / "verification.json").read_text())


@pytest.fixture
def workload(tmp_path):
    """One second of 400 records with identities."""
    return scenario(
        tmp_path,
        "verified",
        records={
            "size": {"type": "uniform", "min": 40, "max": 200},
            "key": {"type": "uniform", "cardinality": 50},
            "identity": True,
        },
        phases=[{"name": "steady", "duration": "1s", "rate": 400}],
    )


def test_the_embedded_target_of_a_run_is_read_back(tool, tmp_path):
    path = scenario(
        tmp_path,
        "faulty",
        client={"producers": 2, "connections": 4, "timeout": "300ms", "retry": "until-expired"},
        phases=[{"name": "warm", "duration": "500ms", "rate": 300, "measure": False}, {"name": "load", "duration": "1s", "rate": 600}],
        embedded={"faults": [{"type": "reset-within", "every": 5}, {"type": "stall", "every": 11}, {"type": "500", "every": 13}]},
        thresholds=[
            {"metric": "duplicate.ratio", "max": "99%"},
            {"metric": "duplicate.count", "max": 0},
            {"metric": "reorder.count", "max": 100000},
        ],
    )
    done = tool("run", path, "--read-back", "--run-dir", tmp_path / "run", "--progress", "none")
    # One of the thresholds is made to fail.
    assert done.returncode in (3, 5), done.stdout + done.stderr
    result = Result(tmp_path / "run")
    found = verification(tmp_path / "run")["records"]
    assert found == result.summary["verification"]
    accepted = result.summary["records"]["accepted"] + result.summary["warmup_records"]["accepted"]
    assert found["passed"] and found["accepted"] == found["found"] == accepted > 500
    # Of what got no answer until the end, some was accepted.
    assert found["unknown"] >= found["unknown_found"]
    # What was accepted behind a lost answer and sent again is there twice, and nothing else is.
    assert found["duplicated"] > 0 and found["duplicated_unexplained"] == 0
    # Thresholds on it are judged by just these counts.
    judged = {row["metric"]: row for row in result.summary["thresholds"]}
    assert judged["duplicate.ratio"]["observed"] == pytest.approx(found["duplicated"] / found["found"], abs=1e-6)
    assert judged["duplicate.count"]["observed"] == found["duplicated"] and not judged["duplicate.count"]["passed"]
    assert judged["reorder.count"]["observed"] == found["reordered"] and judged["reorder.count"]["passed"]
    assert found["altered"] == found["foreign"] == found["refused_found"] == 0
    assert json.loads((tmp_path / "run/scenario.json").read_text())["records"]["identity"] is True
    assert "read back" in done.stdout and "Read back" in (tmp_path / "run/report.html").read_text()


def test_a_closed_loop_is_read_back_though_nobody_knew_its_records_before(tool, tmp_path):
    path = scenario(
        tmp_path,
        "closed",
        records__key={"type": "drift", "cardinality": 200, "hotKeyShare": 0.1, "hotTrafficShare": 0.9, "period": "200ms"},
        client={"producers": 3, "connections": 4},
        phases=[{"name": "open", "duration": "500ms", "rate": 200}, {"name": "closed", "duration": "500ms", "rate": "max"}],
        embedded={"limits": "none", "latency": "20ms"},
    )
    done = tool("run", path, "--read-back", "--run-dir", tmp_path / "run", "--progress", "none")
    assert done.returncode in RAN, done.stdout + done.stderr
    found = verification(tmp_path / "run")["records"]
    assert found["passed"] and found["found"] == Result(tmp_path / "run").summary["records"]["accepted"] > 100
    # When a closed loop's records came due is not known any more, and with it their keys' order.
    assert found["order_judged"] == 100 and found["altered"] == found["foreign"] == 0


def test_verify_reads_the_folder_alone_and_agrees_with_boto3(tool, target, tmp_path, workload):
    served = target("--retain", "64MiB", "--shards", "4")
    folder = tmp_path / "run"
    run_and_verify(tool, workload, served.endpoint, folder)
    assert not (folder / "verification.json").exists()
    done = tool("verify", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    found = verification(folder)
    by_boto3 = read_back(client(served.endpoint), "orders")
    assert {shard["id"]: shard["read"] for shard in found["shards"]} == {name: len(got) for name, got in by_boto3.items()}
    assert found["records"]["found"] == 400 and found["records"]["missing"] == 0
    assert done.stdout.splitlines()[-1].startswith("VERIFIED: all 400 accepted records were read back")
    assert Result(folder).summary["verification"] == found["records"]
    assert json.loads(tool("verify", folder, "--json").stdout)["records"] == found["records"]
    by_arn = ("--stream-arn", "arn:aws:kinesis:us-east-1:000000000000:stream/orders")
    assert json.loads(tool("verify", folder, "--json", *by_arn).stdout)["records"] == found["records"]


def test_tampering_is_told_apart(tool, target, tmp_path, workload):
    served = target("--retain", "64MiB", "--shards", "4")
    folder = tmp_path / "run"
    run_and_verify(tool, workload, served.endpoint, folder)
    kinesis = client(served.endpoint)
    records = [record for got in read_back(kinesis, "orders").values() for record in got]
    for record in records[:7]:
        kinesis.put_record(StreamName="orders", Data=record["Data"], PartitionKey=record["PartitionKey"])
    kinesis.put_record(StreamName="orders", Data=records[0]["Data"][:-1] + b"\x00\x01", PartitionKey=records[0]["PartitionKey"])
    kinesis.put_record(StreamName="orders", Data=b"not ours", PartitionKey="somebody")
    done = tool("verify", folder, "--keys", "show")
    assert done.returncode == 3, done.stdout + done.stderr
    found = verification(folder)
    counts = found["records"]
    assert (counts["duplicated"], counts["duplicated_unexplained"]) == (7, 7)
    assert (counts["altered"], counts["foreign"], counts["missing"]) == (1, 1, 0)
    assert {example["kind"] for example in found["examples"]} >= {"duplicated", "altered"}
    assert all(example["key"].startswith("key-") for example in found["examples"])
    summary = Result(folder).summary
    assert (summary["verdict"], summary["exit_code"]) in (("fail", 3), ("invalid", 5))


class Lossy(http.server.ThreadingHTTPServer):
    """Passes everything on but some of the records of each PutRecords, of which it says that they were accepted."""

    daemon_threads = True

    def __init__(self, upstream, lose):
        self.upstream, self.lose = upstream, lose
        super().__init__(("127.0.0.1", free_port()), LossyHandler)
        self.endpoint = f"http://127.0.0.1:{self.server_port}"


class LossyHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        dropped = []
        if self.headers["X-Amz-Target"].endswith("PutRecords"):
            document = json.loads(body)
            dropped = [place for place in range(len(document["Records"])) if place % self.server.lose == 0]
            document["Records"] = [r for place, r in enumerate(document["Records"]) if place % self.server.lose]
            body = json.dumps(document).encode()
        if dropped and not document["Records"]:
            answer = b'{"FailedRecordCount":0,"Records":[]}'
        else:
            headers = {name: self.headers[name] for name in ("Content-Type", "X-Amz-Target", "Authorization", "X-Amz-Date")}
            request = urllib.request.Request(self.server.upstream, body, headers)
            answer = urllib.request.urlopen(request, timeout=20).read()
        if dropped:
            document = json.loads(answer)
            for place in dropped:
                document["Records"].insert(place, {"SequenceNumber": "1", "ShardId": "shardId-000000000000"})
            answer = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def test_a_proxy_that_drops_what_it_accepts_is_found_out(tool, target, tmp_path, workload):
    served = target("--retain", "64MiB", "--shards", "4")
    proxy = Lossy(served.endpoint, lose=10)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    folder = tmp_path / "run"
    done = tool("run", workload, "--target", proxy.endpoint, "--read-back", "--run-dir", folder, "--progress", "none")
    proxy.shutdown()
    assert done.returncode in (3, 5), done.stdout + done.stderr
    counts = verification(folder)["records"]
    there = sum(len(got) for got in read_back(client(served.endpoint), "orders").values())
    assert counts["accepted"] == 400 and counts["found"] == there and counts["missing"] == 400 - there > 0
    assert "missing" in done.stdout.splitlines()[-1] or done.returncode == 5
    missing = [example for example in verification(folder)["examples"] if example["kind"] == "missing"]
    assert len(missing) == min(20, counts["missing"])
    assert not any(example["key"].startswith("key-") for example in missing)
    # The proxy is gone; the target behind it still holds the stream.
    again = tool("verify", folder, "--target", served.endpoint)
    assert again.returncode == 3, again.stdout + again.stderr
    assert verification(folder)["records"] == counts


def test_moto_is_read_back_by_its_own_iterators(tool, moto, tmp_path, workload):
    done = tool(
        "run", workload, "--target", moto.endpoint, "--stream", "verified", "--create-stream", "--read-back",
        "--run-dir", tmp_path / "run", "--progress", "none",
    )
    assert done.returncode in RAN, done.stdout + done.stderr
    counts = verification(tmp_path / "run")["records"]
    assert counts["passed"] and counts["found"] == counts["accepted"] == 400 and counts["foreign"] == 0
    # The same records sent again are another run's, by the time they arrived.
    again = tool(
        "run", workload, "--target", moto.endpoint, "--stream", "verified", "--read-back",
        "--run-dir", tmp_path / "again", "--progress", "none",
    )
    assert again.returncode in RAN, again.stdout + again.stderr
    counts = verification(tmp_path / "again")["records"]
    assert counts["passed"] and counts["found"] == 400
    assert counts["duplicated"] <= counts["earlier"] + counts["duplicated"] <= 400


def test_what_cannot_be_verified_says_why(tool, target, tmp_path, workload):
    served = target("--retain", "64MiB", "--shards", "4")
    folder = tmp_path / "run"
    run_and_verify(tool, workload, served.endpoint, folder)
    plain = scenario(tmp_path, "plain", phases=[{"name": "steady", "duration": "1s", "rate": 50}])
    assert tool("run", plain, "--run-dir", tmp_path / "plain").returncode in RAN
    for words, code, text in [
        ((tmp_path / "nowhere",), 2, "no such folder"),
        ((tmp_path / "plain",), 2, "carry no identity"),
        ((folder, "--target", "ftp://x"), 2, "--target"),
        ((folder, "--target", f"http://127.0.0.1:{free_port()}"), 6, "connect-refused"),
        ((folder, "--stream", "missing"), 6, "ResourceNotFoundException"),
    ]:
        done = tool("verify", *words)
        assert done.returncode == code and text in done.stderr, (words, done.returncode, done.stderr)
    text = (folder / "scenario.json").read_text()
    (folder / "scenario.json").write_text(text.replace('"seed": 7', '"seed": 8'))
    done = tool("verify", folder)
    assert done.returncode == 2 and "plan_sha256" in done.stderr
    (folder / "scenario.json").write_text(text)
    (folder / "outcomes.bin").write_bytes(b"spoilt")
    done = tool("verify", folder)
    assert done.returncode == 2 and "outcomes.bin" in done.stderr
    short = scenario(tmp_path, "short", records__size={"type": "fixed", "value": "10B"})
    done = tool("run", short, "--read-back", "--run-dir", tmp_path / "short")
    assert done.returncode == 2 and "records.identity" in done.stderr
    embedded = tool("run", workload, "--run-dir", tmp_path / "embedded")
    assert embedded.returncode in RAN
    done = tool("verify", tmp_path / "embedded")
    assert done.returncode == 2 and "--read-back" in done.stderr
