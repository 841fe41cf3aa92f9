"""nginx between run and embedded target: TLS in front, and the faults that a proxy makes of its own."""

import os

import pytest
from accounting import PLANNED, check, run
from harness import RAN, Nginx, Result, self_signed

pytestmark = pytest.mark.skipif("NGINX" not in os.environ, reason="no nginx: NGINX names none")

# One PutRecords in four, by the hash of a random number; control calls never.
SOME = """
split_clients "$request_id" $unlucky { 25% 1; * 0; }
map $http_x_amz_target$unlucky $fails { "Kinesis_20131202.PutRecords1" 1; default 0; }
"""


@pytest.fixture
def nginx(tmp_path):
    started = []

    def start(server, outside=""):
        folder = tmp_path / f"nginx-{len(started)}"
        folder.mkdir()
        started.append(Nginx(folder, server, outside))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def proxy(endpoint, more=""):
    """Passes on to the target over connections that stay."""
    address = endpoint.removeprefix("http://")
    return (
        "listen 127.0.0.1:{port}; location / { proxy_http_version 1.1; proxy_set_header Host $http_host; "
        f"proxy_set_header Connection ''; proxy_pass http://{address}; {more} }}"
    )


# what stands in the location, what beside the server; codes that may be met, level, outcome
FAULTS = {
    "nginx: 503 of one in four": ("if ($fails) { return 503; }", SOME, {"http-503"}, "request", "fault"),
    "nginx: 502 of one in four": ("if ($fails) { proxy_pass http://127.0.0.1:1; }", SOME, {"http-502"}, "request", "fault"),
    # It closes with the request's body unread, which the kernel makes a reset of.
    "nginx: reset of one in four": ("if ($fails) { return 444; }", SOME, {"reset-before-answer"}, "transport", "unknown"),
    "nginx: more than client_max_body_size": ("client_max_body_size 1k;", "", {"http-413"}, "request", "fault"),
    "nginx: limit_req": (
        "limit_req zone=few burst=2 nodelay; limit_req_status 429;",
        "limit_req_zone $binary_remote_addr zone=few:64k rate=20r/s;",
        {"http-429"}, "request", "fault",
    ),
    "nginx: connections closed after 5 requests": ("keepalive_requests 5;", "", set(), None, None),
    "nginx: every connection closed": ("keepalive_timeout 0;", "", set(), None, None),
}


@pytest.mark.parametrize("title", FAULTS)
def test_what_a_proxy_does_to_requests(tool, target, nginx, tmp_path, title):
    inside, outside, codes, level, outcome = FAULTS[title]
    endpoint = target("--stream", "orders", "--shards", "1").endpoint
    front = nginx(proxy(endpoint, inside), outside)
    done = run(tool, tmp_path, f"http://127.0.0.1:{front.port}")
    assert done.returncode in RAN, done.stdout + done.stderr
    result = Result(tmp_path / "run")
    errors = check(result, title)
    records = result.summary["records"]
    assert set(errors.code) == codes, errors
    assert records["gave_up"] == PLANNED - records["accepted"] == (records[outcome] if outcome else 0)
    if level:
        assert set(errors.level) == {level, "record"} and records["gave_up"] > 0
    if level == "request":
        # The page that nginx wrote is what the row shows.
        assert errors[errors.level == "request"].sample_message.str.contains("<html>").all()


def test_an_upstream_that_takes_too_long_is_504(tool, target, nginx, tmp_path):
    endpoint = target("--stream", "orders", "--shards", "1", "--fault", "stall:every=4").endpoint
    front = nginx(proxy(endpoint, "proxy_read_timeout 1s; proxy_next_upstream off;"))
    done = run(tool, tmp_path, f"http://127.0.0.1:{front.port}", client={"producers": 2, "connections": 16, "timeout": "5s"})
    assert done.returncode in RAN, done.stdout + done.stderr
    result = Result(tmp_path / "run")
    errors = check(result, "nginx: 504 after its own time-out")
    assert set(errors.code) == {"http-504"}
    assert result.summary["records"]["gave_up"] == 100


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return self_signed(tmp_path_factory.mktemp("certificate"))


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize("requests", [1000, 5])
def test_tls_ends_at_nginx(tool, target, nginx, certificate, tmp_path, version, requests):
    endpoint = target("--stream", "orders", "--shards", "1").endpoint
    cert, key = certificate
    front = nginx(
        proxy(endpoint, f"keepalive_requests {requests};").replace("{port};", "{port} ssl;")
        + f" ssl_certificate {cert}; ssl_certificate_key {key}; ssl_protocols {version};"
    )
    done = run(tool, tmp_path, f"https://127.0.0.1:{front.port}", "--ca-file", cert)
    assert done.returncode in RAN, done.stdout + done.stderr
    result = Result(tmp_path / "run")
    check(result, f"nginx: {version}, {requests} requests a connection")
    assert result.summary["records"]["accepted"] == PLANNED


def test_a_reset_inside_tls(tool, target, nginx, certificate, tmp_path):
    """The connection ends without a word of TLS."""
    endpoint = target("--stream", "orders", "--shards", "1").endpoint
    cert, key = certificate
    front = nginx(
        proxy(endpoint, "if ($fails) { return 444; }").replace("{port};", "{port} ssl;")
        + f" ssl_certificate {cert}; ssl_certificate_key {key};",
        SOME,
    )
    done = run(tool, tmp_path, f"https://127.0.0.1:{front.port}", "--ca-file", cert)
    assert done.returncode in RAN, done.stdout + done.stderr
    errors = check(Result(tmp_path / "run"), "nginx: reset of one in four, TLS")
    assert set(errors.code) <= {"reset-before-answer", "closed-before-answer"} and len(errors) > 0, errors


def test_a_certificate_that_nobody_vouches_for(tool, target, nginx, certificate, tmp_path):
    endpoint = target("--stream", "orders", "--shards", "1").endpoint
    cert, key = certificate
    front = nginx(proxy(endpoint).replace("{port};", "{port} ssl;") + f" ssl_certificate {cert}; ssl_certificate_key {key};")
    done = run(tool, tmp_path, f"https://127.0.0.1:{front.port}")
    assert done.returncode == 6 and "tls-certificate" in done.stderr, done.stdout + done.stderr
