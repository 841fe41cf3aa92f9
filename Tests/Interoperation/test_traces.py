"""Traces from files, plain and compressed, and what is wrong with them."""

import gzip
import json

import pytest
from harness import RAN, ROOT, Result


def write(folder, name):
    """A scenario that plays a trace beside it."""
    path = folder / "scenario.json"
    path.write_text(
        json.dumps({"schema": "shardmeter/1", "name": "played", "records": {"trace": {"path": name, "speed": 12}}})
    )
    return path


def test_a_compressed_trace_is_the_same_work(tool, tmp_path):
    plain = (ROOT / "scenarios/replay.csv").read_bytes()
    hashes = []
    for name, content in (("replay.csv", plain), ("replay.csv.gz", gzip.compress(plain))):
        folder = tmp_path / name
        folder.mkdir()
        (folder / name).write_bytes(content)
        done = tool("run", write(folder, name), "--progress", "none", "--run-dir", folder / "run")
        assert done.returncode in RAN, done.stdout + done.stderr
        summary = Result(folder / "run").summary
        assert summary["records"]["planned"] == plain.count(b"\n") - 1
        assert summary["records"]["attempted"] == summary["records"]["planned"]
        hashes.append((summary["scenario"]["sha256"], summary["scenario"]["plan_sha256"]))
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize(
    "name, content, words",
    [
        ("t.csv.gz", b"no gzip at all", ["t.csv.gz", "gzip cannot decompress"]),
        ("t.csv.gz", gzip.compress(b"t_s,key,size\n0,a,1\n" * 5000)[:-9], ["gzip cannot decompress"]),
        ("t.csv", b"t_s,key\n0,a\n", ['a column "size"']),
        ("t.csv", b"t_s,key,size\n" + b"0,a,x\n" * 25, ["25 bad of 25 rows", "line 2:", "line 11:", "and 15 more"]),
    ],
)
def test_a_bad_trace_ends_the_run_before_it_begins(tool, tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    done = tool("run", write(tmp_path, name), "--run-dir", tmp_path / "run")
    assert done.returncode == 2, done.stdout + done.stderr
    for word in words:
        assert word in done.stderr
    assert "line 12:" not in done.stderr
    assert not (tmp_path / "run").exists()


def test_a_trace_that_is_not_there(tool, tmp_path):
    done = tool("run", write(tmp_path, "nowhere.csv"), "--run-dir", tmp_path / "run")
    assert done.returncode == 2
    assert f"no file {tmp_path}/nowhere.csv" in done.stderr
