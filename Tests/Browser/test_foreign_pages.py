"""What a page of another site can do with a target that runs beside the browser: nothing, unless it is allowed."""

import http.server
import json
import threading

import pytest
from chromium import Chromium
from harness import client

RECORDS = [{"Data": b"secret", "PartitionKey": "a"}]


class Site(http.server.SimpleHTTPRequestHandler):
    """A page that does nothing by itself."""

    def do_GET(self):
        page = b"<!doctype html><title>site</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site():
    """The site's address; its port makes it another origin than the target's."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    one = Chromium(tmp_path_factory.mktemp("profile"))
    yield one
    one.close()


# Calls an operation as a page would, and says what the page gets to see.
CALL = """
async function call(url, operation, input, mode) {
  try {
    const answer = await fetch(url, {
      method: "POST", mode, body: JSON.stringify(input), headers: mode === "no-cors" ? {} : {
        "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Kinesis_20131202." + operation,
        "X-Amz-Date": "20260101T000000Z", "Authorization": "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c"}})
    return [answer.type, answer.status, await answer.text()]
  } catch (problem) { return ["blocked", 0, String(problem)] }
}
"""


def call(browser, url, operation, mode="cors", **members):
    return browser.evaluate(f"{CALL} call({json.dumps(url)}, {operation!r}, {json.dumps(members)}, {mode!r})")


def send(browser, url, method, body, mode="cors"):
    """A bare request of a page."""
    script = f"fetch({url!r}, {{method: {method!r}, body: {body!r}, mode: {mode!r}}})"
    return browser.evaluate(f"{script}.then(async answer => [answer.type, await answer.text()], problem => ['blocked', ''])")


def read(browser, endpoint):
    """The record as the page reads it, or None."""
    kind, status, text = call(
        browser, endpoint, "GetShardIterator", StreamName="orders", ShardId="0", ShardIteratorType="TRIM_HORIZON"
    )  # fmt: skip
    if kind == "blocked":
        return None
    assert status == 200, text
    _, _, records = call(browser, endpoint, "GetRecords", ShardIterator=json.loads(text)["ShardIterator"])
    return json.loads(records)["Records"][0]["Data"]


def test_a_page_can_neither_read_nor_write_nor_stop_anything(target, browser, site):
    one = target("--shards", 1, "--retain", "1MiB", "--admin-port", 0)
    admin = one.line("admin API on ")
    kinesis = client(one.endpoint)
    kinesis.put_records(StreamName="orders", Records=RECORDS)
    browser.open(site, 800)
    assert browser.evaluate("location.origin") == site
    assert read(browser, one.endpoint) is None
    record = {"Data": "AA==", "PartitionKey": "a"}
    assert call(browser, one.endpoint, "PutRecords", StreamName="orders", Records=[record])[0] == "blocked"
    assert call(browser, one.endpoint, "DeleteStream", StreamName="orders")[0] == "blocked"
    # Requests that a browser sends without asking: they arrive, and are refused; the page does not see the answer.
    for mode in ("cors", "no-cors"):
        kind, text = send(browser, one.endpoint, "POST", '{"StreamName":"orders"}', mode)
        assert kind in ("blocked", "opaque") and text == ""
    assert call(browser, one.endpoint, "DeleteStream", "no-cors", StreamName="orders")[2] in ("", "TypeError: Failed to fetch")
    # The admin API: not read, not changed.
    for method, body in (("PATCH", '{"faults": [{"type": "stall", "probability": 1}]}'), ("DELETE", ""), ("POST", "{}")):
        assert send(browser, admin, method, body)[0] == "blocked"
        kind, text = send(browser, admin, "POST", body, "no-cors")
        assert kind in ("blocked", "opaque") and text == ""
    assert browser.evaluate(f"fetch({admin!r}).then(() => 'read', () => 'blocked')") == "blocked"
    # What was there is there, and nothing more, and the target serves.
    iterator = kinesis.get_shard_iterator(StreamName="orders", ShardId="0", ShardIteratorType="TRIM_HORIZON")
    records = kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    assert [found["Data"] for found in records] == [b"secret"]


def test_a_page_whose_name_leads_here_is_refused(target, tmp_path):
    """The attacker's name is made to lead to this machine: to the browser, page and admin API are then of one origin."""
    one = target("--admin-port", 0)
    admin = one.line("admin API on ")
    port = admin.removesuffix("/settings").rsplit(":", 1)[1]
    browser = Chromium(tmp_path / "profile", "--host-resolver-rules=MAP attacker.example 127.0.0.1")
    try:
        browser.open(f"http://attacker.example:{port}/settings", 800)
        assert browser.evaluate("location.host") == f"attacker.example:{port}"
        for method in ("GET", "PATCH", "DELETE"):
            body = "null" if method == "GET" else "'{}'"
            script = f"fetch('/settings', {{method: '{method}', body: {body}}})"
            kind, status, text = browser.evaluate(f"{script}.then(async answer => [answer.type, answer.status, await answer.text()])")
            assert (kind, status) == ("basic", 403) and "--allow-host" in text
    finally:
        browser.close()


def test_a_page_that_is_allowed_reads(target, browser, site):
    one = target("--shards", 1, "--retain", "1MiB", "--allow-origin", site)
    client(one.endpoint).put_records(StreamName="orders", Records=RECORDS)
    browser.open(site, 800)
    assert read(browser, one.endpoint) == "c2VjcmV0"
    # A page of another port of the same host is another origin.
    other = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=other.serve_forever, daemon=True).start()
    browser.open(f"http://127.0.0.1:{other.server_port}", 800)
    assert read(browser, one.endpoint) is None
    other.shutdown()
