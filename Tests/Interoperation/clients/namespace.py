"""Run inside a network namespace of its own (`unshare --net`): addresses that are not loopback, with nothing behind them.

Plays a service at 192.0.2.1, the instance metadata service and a container's credentials endpoint at their real addresses,
and runs the program given by SHARDMETER against them. Leaves with 0 when all is as it should be.
"""

import pathlib
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import RAN, Result, Tool, scenario  # noqa: E402
from recorder import Recorder, RecorderServer, expected_signature  # noqa: E402
from remote import Issued, instant, metadata_service  # noqa: E402

for words in ("link set lo up", *(f"addr add {a}/32 dev lo" for a in ("192.0.2.1", "169.254.169.254", "169.254.170.2"))):
    subprocess.run(["ip", *words.split()], check=True)

folder = pathlib.Path(tempfile.mkdtemp(dir=sys.argv[1]))
tool = Tool()
service = RecorderServer(("192.0.2.1", 4567), Recorder)
service.requests, service.count, service.refuse, service.forward = [], 0, None, None
thread = threading.Thread(target=service.serve_forever, daemon=True)
thread.start()
file = scenario(
    folder,
    "short",
    stream={"name": "orders", "shards": 1},
    batch={"records": 20, "linger": "20ms"},
    client={"producers": 1, "connections": 2},
    phases=[{"name": "steady", "duration": "1s", "rate": 200}],
)
TARGET = ("--target", "http://192.0.2.1:4567", "--region", "eu-west-1")
SENDS = ("--stream", "orders", "--existing-stream", "--yes")
issued = Issued("ASIAISSUED", "secret-hush", "token-hush", instant(3600))


def check(name, environment, options=SENDS):
    """Runs, and looks whether every request was signed with what was issued."""
    service.requests.clear()
    done = tool("run", file, *TARGET, *options, "--run-dir", folder / name, env={"AWS_EC2_METADATA_DISABLED": "", **environment})
    assert done.returncode in RAN, done.stdout + done.stderr
    assert len(service.requests) > 5
    for _, headers, body in service.requests:
        expected = expected_signature(headers, body, issued.access_key, issued.secret, issued.token, "eu-west-1")
        assert headers["Authorization"] == expected
    assert "hush" not in done.stdout + done.stderr
    return done, Result(folder / name)


with metadata_service(lambda: issued, session="session-hush", address="169.254.169.254", port=80) as metadata:
    done, result = check("instance", {})
    assert metadata.requests[0] == "PUT /latest/api/token" and len(metadata.requests) == 3
    assert done.stderr.startswith("About to load stream orders at http://192.0.2.1:4567 (arn:aws:kinesis:"), done.stderr
    assert result.summary["records"]["accepted"] == 200
    # A container's endpoint comes before the instance's.
    with metadata_service(lambda: issued, address="169.254.170.2", port=80) as container:
        metadata.requests.clear()
        check("container", {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/x"})
        assert container.requests == ["GET /v2/credentials/x"] and not metadata.requests
    # The bound holds for every try.
    done, result = check("bounded", {}, (*SENDS, "--max-records", "60"))
    assert 0 < result.summary["records"]["attempted"] <= 60
    # Nothing is asked of anybody before the command line says enough.
    metadata.requests.clear()
    service.requests.clear()
    for options in ((), ("--stream", "orders"), ("--stream", "orders", "--existing-stream")):
        done = tool("run", file, *TARGET, *options, "--out", folder / "none", env={"AWS_EC2_METADATA_DISABLED": ""})
        assert done.returncode == 2, done.stderr
    assert not metadata.requests and not service.requests

# Nobody at the metadata service's address: no route, or silence, and the reason is said.
done = tool("run", file, *TARGET, *SENDS, "--out", folder / "none", env={"AWS_EC2_METADATA_DISABLED": ""})
assert done.returncode == 2 and "no AWS credentials" in done.stderr and "169.254.169.254" in done.stderr, done.stderr

# A plain target elsewhere is not reached past a proxy that is set for it.
done = tool(
    "run", file, *TARGET, *SENDS, "--out", folder / "none",
    env={"http_proxy": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"},
)  # fmt: skip
assert done.returncode == 2 and "http_proxy is set" in done.stderr, done.stderr
service.shutdown()
print("ok")
