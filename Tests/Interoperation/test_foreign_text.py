"""A hostile endpoint's words in every output: each is read by its format's own reader, and nothing in them acts."""

import csv
import html.parser
import json
import unicodedata
import xml.etree.ElementTree

import pytest
from harness import HASH_SPACE, scenario
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
from scripted import ScriptedServer, message

SECRETS = {
    "AWS_ACCESS_KEY_ID": "ASIAQZXWVUTSRPNMLKJH",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYzkQpLmNoRs",
    "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJHMEUCIQ" + "Dh4m/8Zq+Y7w" * 20,
}
WORDS = (
    '\x1b[2J\x1b]0;owned\x07\x00\r\nTag=x,1,2,3\n::error::x\t\x7f\x9b31m\u202eevil\u2028\u200b\ufeff\ufffe\uffff\U000e0041'
    '</td></script><img src=x onerror=alert(1)>]]>&"\'|`,=1+1'
)
ECHO = " ".join(SECRETS.values())
KEYS = {"type": "weighted", "values": [{"key": WORDS, "share": 0.75}, {"key": "plain", "share": 0.25}]}
SHARDS = ["shardId-000000000000", "\x1b[31mshardId-1\r\n,\u202e\ufffe\x00<b>"]


class Hostile(ScriptedServer):
    """Two shards, one with a name to be afraid of; every answer carries something."""

    def __init__(self):
        self.turn = 0
        super().__init__(None)

    def answer(self, connection, operation, body):
        if operation == "listshards":
            half = HASH_SPACE // 2
            ranges = [("0", str(half - 1)), (str(half), str(HASH_SPACE - 1))]
            shards = [
                {"ShardId": name, "HashKeyRange": {"StartingHashKey": low, "EndingHashKey": high}}
                | {"SequenceNumberRange": {"StartingSequenceNumber": "1"}}
                for name, (low, high) in zip(SHARDS, ranges)
            ]
            connection.send(message({"Shards": shards}))
            return
        self.turn += 1
        records = body.count(b'"PartitionKey"')
        entries = self.entries(records)
        for number, entry in enumerate(entries):
            entry["ShardId"] = SHARDS[number % 2]
        if self.turn % 5 == 0:
            fault = {"ErrorCode": WORDS, "ErrorMessage": WORDS + ECHO}
            connection.send(message({"FailedRecordCount": 1, "Records": [fault, *entries[1:]]}))
        elif self.turn % 5 == 1:
            refusal = {"__type": WORDS + ECHO, "message": ECHO[30:] + WORDS}
            connection.send(message(refusal, status="400 Bad Request"))
        elif self.turn % 5 == 2:
            connection.send(message((ECHO + WORDS).encode("utf-8", "surrogatepass"), status="502 Bad Gateway"))
        elif self.turn % 5 == 3:
            connection.send(message(b"{" + (WORDS + ECHO).encode() + b"\xff\xfe\xed\xa0\x80"))
        else:
            connection.send(message({"FailedRecordCount": 0, "Records": entries}))


def acts(text, ends="\n"):
    """The characters of a text that a terminal obeys, that hide, or that are none."""
    kinds = ("Cc", "Cf", "Zl", "Zp", "Cs", "Cn")
    return {c for c in text if c not in ends and unicodedata.category(c) in kinds}


def check_silence(text, where):
    for name, secret in SECRETS.items():
        pieces = {secret[start : start + 8] for start in range(len(secret) - 7)}
        assert not any(piece in text for piece in pieces), f"{name} in {where}"


@pytest.fixture
def hostile():
    server = Hostile()
    yield server
    server.stop()


def test_every_file_and_line_is_harmless(tool, hostile, tmp_path):
    path = scenario(tmp_path, records__key=KEYS)
    out = tmp_path / "out"
    done = tool("run", path, "--target", hostile.endpoint, "--out", out, "--keys", "show", "--progress=1s", env=SECRETS)
    assert done.returncode in (0, 1, 4, 5), done.stdout + done.stderr
    for name, text in (("stdout", done.stdout), ("stderr", done.stderr)):
        assert not acts(text), name
        check_silence(text, name)
    folder = (out / "latest").resolve()
    assert not acts(folder.name, "")
    names = {file.name for file in folder.iterdir()}
    assert {"errors.csv", "shards.csv", "keys.csv", "histograms.hlog", "junit.xml", "summary.md", "report.html"} <= names
    for file in [*folder.iterdir(), out / "history.csv"]:
        text = file.read_bytes().decode("utf-8")
        check_silence(text, file.name)
        if file.suffix == ".csv":
            rows = list(csv.reader(text.splitlines(keepends=True), strict=True))
            assert {len(row) for row in rows} == {len(rows[0])}, file.name
            assert not acts(text), file.name
            assert len(rows) == text.count("\n"), file.name
        elif file.suffix == ".json":
            json.loads(text)
        elif file.suffix == ".xml":
            assert not acts(text)
            xml.etree.ElementTree.fromstring(text)
        elif file.suffix in (".md", ".html"):
            assert not acts(text, "\n"), file.name
            html.parser.HTMLParser().feed(text)
            assert "<img" not in text
    errors = list(csv.DictReader((folder / "errors.csv").open(encoding="utf-8")))
    assert any("\\x1b[2J" in row["sample_message"] for row in errors)
    assert any("****" in row["sample_message"] for row in errors)
    shards = [row["shard_id"] for row in csv.DictReader((folder / "shards.csv").open(encoding="utf-8"))]
    assert shards == ["shardId-000000000000", "\\x1b[31mshardId-1\\x0d\\x0a,\\u{202e}\\u{fffe}\\x00<b>"]
    reader = HistogramLogReader(str(folder / "histograms.hlog"), HdrHistogram(1, 3_600_000_000_000, 3))
    tags = []
    while histogram := reader.get_next_interval_histogram():
        tags.append(histogram.get_tag())
    reader.close()
    lines = [line for line in (folder / "histograms.hlog").read_text().splitlines() if line.startswith("Tag=")]
    assert len(tags) == len(lines) >= 2
    assert "shardId-000000000000" in tags


@pytest.mark.parametrize("status", ["400 Bad Request", "403 Forbidden", "502 Bad Gateway", "200 OK"])
def test_what_the_control_plane_says(tool, tmp_path, status):
    for body in ({"__type": WORDS + ECHO, "message": ECHO + WORDS}, (ECHO + WORDS).encode()):
        server = ScriptedServer(None, every=1 << 30, refusal=message(body, status=status))
        try:
            path = scenario(tmp_path, phases__0__duration="1s")
            done = tool("run", path, "--target", server.endpoint, "--run-dir", tmp_path / f"run{id(body)}", env=SECRETS)
        finally:
            server.stop()
        assert done.returncode in (0, 5, 6), done.stderr
        assert done.stderr
        assert not acts(done.stdout + done.stderr)
        check_silence(done.stdout + done.stderr, "terminal")
