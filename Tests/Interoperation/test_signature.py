"""Every signature that `run` sends, computed again by botocore."""

import base64
import json

import pytest
from harness import RAN, Result, scenario
from recorder import expected_signature, recording


@pytest.fixture
def recorder():
    with recording() as server:
        yield server


EVEN = {"type": "uniform", "cardinality": 100_000}
ODD = {
    "type": "weighted",
    "values": [
        {"key": key, "share": 0.1}
        for key in ('"', "\\", "é🎈", "line\nend", "\u0001", " spaces  inside ", "/a?b=c&d#%41", "k" * 256, "\u2028", "{}[],:")
    ],
}


@pytest.mark.parametrize(
    "token, key, pool",
    [(None, EVEN, 0), ("a/session+token==", EVEN, 0), (None, ODD, 0), ("t" * 2_000, ODD, 0), (None, EVEN, 220)],
    ids=["keys", "keys and token", "odd bodies", "odd bodies and a long token", "bodies that come again"],
)
def test_botocore_computes_the_same_signature(tool, recorder, tmp_path, token, key, pool):
    path = scenario(
        tmp_path,
        "signed",
        stream={"name": "orders", "shards": 1},
        records__size={"type": "lognormal", "median": "200B", "p99": "2KiB", "max": "8KiB"},
        records__key=key,
        batch={"records": 7, "linger": "10ms"},
        client={"producers": 1, "connections": 4, "payloadPool": pool},
        phases=[{"name": "steady", "duration": "2s", "rate": 900}],
    )
    keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
    if token:
        keys["AWS_SESSION_TOKEN"] = token
    endpoint = f"http://127.0.0.1:{recorder.server_port}"
    done = tool("run", path, "--target", endpoint, "--region", "eu-central-1", "--run-dir", tmp_path / "out", env=keys)
    assert done.returncode in RAN, done.stdout + done.stderr
    puts = [request for request in recorder.requests if request[0] == "PutRecords"]
    full = [body for _, _, body in puts if len(json.loads(body)["Records"]) == 7]
    assert len(full) >= 200 and len(set(full)) == (pool or len(full)), (len(full), len(set(full)))
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
