"""The examples of the guide to the local endpoint, as they stand there."""

import os
import re
import subprocess
import sys

from harness import ROOT, clean_environment

SECTION = (ROOT / "Sources/LocalKinesis/README.md").read_text()


def example(language):
    return re.search(rf"```{language}\n(.*?)```", SECTION, re.DOTALL)[1]


def test_the_example_in_python(target):
    endpoint = target("--stream", "orders", "--shards", 2, "--retain", "64MiB").endpoint
    code = example("python").replace("http://127.0.0.1:4567", endpoint)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=clean_environment(), timeout=60)
    assert done.returncode == 0, done.stderr
    first, second, third, fourth = map(int, done.stdout.split())
    assert (first, second) == (0, 0) and third + fourth > 250


def test_the_example_for_ci(tool, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/shardmeter").symlink_to(tool.path)
    job = tmp_path / "run-my-tests"
    job.write_text(
        f"#!{sys.executable}\nimport boto3\n"
        "print(boto3.client('kinesis').put_record(StreamName='orders', Data=b'x', PartitionKey='k')['ShardId'])\n"
    )
    job.chmod(0o755)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", example("bash")],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=clean_environment(PATH=f"{tmp_path}/bin:{os.environ['PATH']}"),
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("shardId-")
