"""Where requests go: regions, ARNs, configured endpoints, proxies, addresses in turn; and what must be said before they do."""

import contextlib
import json
import os
import pathlib
import pty
import shutil
import socket
import subprocess
import sys

import boto3
import botocore.exceptions
import botocore.session
import pytest
from harness import RAN, Result, clean_environment, free_port, scenario
from recorder import recording, server_context
from remote import Authority, ConnectProxy

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "hush"}
ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders"
SENDS = ("--existing-stream", "--yes")
REFUSAL = b"HTTP/1.1 403 Forbidden\r\n\r\n"


def short(folder, **changes):
    settings = {
        "stream": {"name": "orders", "shards": 1},
        "batch": {"records": 20, "linger": "20ms"},
        "client": {"producers": 1, "connections": 1},
        "phases": [{"name": "steady", "duration": "1s", "rate": 200}],
    }
    return scenario(folder, "short", **settings | changes)


@pytest.fixture
def refusing():
    """A proxy that lets nobody through, and so tells where a run would have gone."""
    proxy = ConnectProxy(answer=REFUSAL)
    yield proxy
    proxy.close()


def proxied(proxy, **more):
    return KEYS | {"https_proxy": f"http://user:p%40ss-hush@127.0.0.1:{proxy.port}"} | more


def botocore_regions():
    session = botocore.session.get_session()
    partitions = session.get_available_partitions()
    return [region for partition in partitions for region in session.get_available_regions("kinesis", partition)]


def botocore_host(region, arn=None):
    """Where botocore would send PutRecords and ListShards: nothing is sent."""
    kinesis = boto3.client("kinesis", region_name=region, aws_access_key_id="a", aws_secret_access_key="b")
    hosts = []

    def note(request, **_):
        hosts.append(request.url.split("/")[2])
        raise InterruptedError

    kinesis.meta.events.register("before-send", note)
    name = {"StreamARN": arn} if arn else {"StreamName": "orders"}
    for call, more in ((kinesis.list_shards, {}), (kinesis.put_records, {"Records": [{"Data": b"x", "PartitionKey": "k"}]})):
        with contextlib.suppress(InterruptedError, botocore.exceptions.HTTPClientError):
            call(**name, **more)
    return hosts


@pytest.mark.parametrize("region", botocore_regions())
def test_a_region_leads_where_botocore_leads(tool, refusing, tmp_path, region):
    done = tool(
        "run", short(tmp_path), "--target", "aws", "--region", region, "--stream", "orders", *SENDS,
        "--out", tmp_path / "results", env=proxied(refusing),
    )  # fmt: skip
    assert done.returncode == 6
    assert refusing.hosts == [f"{botocore_host(region)[0]}:443"]


def test_an_arn_leads_to_the_account_as_botocore_has_it(tool, tmp_path):
    control, data = botocore_host("eu-west-1", ARN)
    assert control != data
    authority = Authority(tmp_path)
    with recording(server_context(*authority.certificate(control, data))) as recorder:
        proxy = ConnectProxy(recorder.server_port)
        done = tool(
            "run", short(tmp_path), "--target", "aws", "--stream-arn", ARN, *SENDS, "--ca-file", authority.file,
            "--run-dir", tmp_path / "out", env=proxied(proxy),
        )  # fmt: skip
        proxy.close()
    assert done.returncode in RAN, done.stdout + done.stderr
    assert set(proxy.hosts) == {f"{control}:443", f"{data}:443"}
    for operation, headers, body in recorder.requests:
        assert headers["Host"] == (data if operation == "PutRecords" else control)
        assert "/eu-west-1/kinesis/" in headers["Authorization"]
        request = json.loads(body)
        assert request["StreamARN"] == ARN and "StreamName" not in request
    summary = Result(tmp_path / "out").summary
    assert summary["target"]["endpoint"] == "https://****.data-kinesis.eu-west-1.amazonaws.com"
    assert summary["target"]["stream"] == "orders"
    for file in (tmp_path / "out").iterdir():
        assert b"123456789012" not in file.read_bytes(), file.name
    # The terminal shows the ARN that is about to be loaded, as the safety rules ask.
    assert "About to load stream orders at https://****.data-kinesis.eu-west-1.amazonaws.com" in done.stderr


def test_a_custom_endpoint_wins_and_gets_the_arn(tool, target, tmp_path):
    one = target("--stream", "orders", "--shards", "1", "--region", "eu-west-1", "--account", "123456789012")
    for options, environment in (
        (("--target", one.endpoint), {}),
        (("--target", "aws"), {"AWS_ENDPOINT_URL_KINESIS": one.endpoint}),
    ):
        folder = tmp_path / options[1].split(":")[0]
        done = tool("run", short(tmp_path), *options, "--stream-arn", ARN, "--run-dir", folder, env=environment)
        assert done.returncode in RAN, done.stdout + done.stderr
        assert Result(folder).summary["records"]["accepted"] == 200


@pytest.mark.parametrize(
    "words, needle",
    [
        (("--stream-arn", "orders"), "arn:aws:kinesis:"),
        (("--stream-arn", "arn:aws:sqs:eu-west-1:123456789012:stream/orders"), "arn:aws:kinesis:"),
        (("--stream-arn", 'arn:aws:kinesis:eu-west-1:123456789012:stream/a"b'), "arn:aws:kinesis:"),
        (("--stream-arn", ARN, "--stream", "orders"), "exclude each other"),
        (("--stream-arn", ARN, "--create-stream"), "--create-stream needs --stream"),
        (("--stream-arn", ARN, "--region", "us-east-1"), "eu-west-1"),
        (("--stream-arn", ARN.replace("eu-west-1", "cn-north-1"), "--target", "aws"), "aws-cn"),
        (("--target", "aws", "--region", "eu-west-1/evil", "--stream", "orders"), "expected a region"),
        (("--target", "aws", "--stream", "orders"), "--region"),
    ],
)
def test_what_names_no_endpoint_is_refused(tool, tmp_path, words, needle):
    done = tool("run", short(tmp_path), *words, *SENDS, "--out", tmp_path / "results", env=KEYS)
    assert done.returncode == 2 and needle in done.stderr, done.stderr


def test_configured_endpoints_in_their_order(tool, refusing, tmp_path):
    with recording() as first, recording() as second, recording() as third:
        urls = [f"http://127.0.0.1:{server.server_port}" for server in (first, second, third)]
        (tmp_path / "config").write_text(f"[default]\nregion = eu-west-1\nendpoint_url = {urls[2]}\n")
        profile = proxied(refusing, AWS_CONFIG_FILE=str(tmp_path / "config"))

        def used(environment, target="aws"):
            for server in (first, second, third):
                server.requests.clear()
            refusing.heads.clear()
            done = tool(
                "run", short(tmp_path), "--target", target, "--stream", "orders", *SENDS,
                "--out", tmp_path / "results", env=profile | environment,
            )  # fmt: skip
            assert done.returncode in (*RAN, 6), done.stdout + done.stderr
            return [bool(server.requests) for server in (first, second, third)] + refusing.hosts[:1]

        both = {"AWS_ENDPOINT_URL_KINESIS": urls[0], "AWS_ENDPOINT_URL": urls[1]}
        assert used(both) == [True, False, False]
        assert used({"AWS_ENDPOINT_URL": urls[1]}) == [False, True, False]
        assert used({}) == [False, False, True]
        service = "kinesis.eu-west-1.amazonaws.com:443"
        assert used(both | {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}) == [False, False, False, service]
        # A target that is named is the target.
        assert used(both, target=urls[2]) == [False, False, True]


def test_a_configured_endpoint_that_is_none_names_its_variable(tool, tmp_path):
    done = tool(
        "run", short(tmp_path), "--target", "aws", "--out", tmp_path / "results",
        env=KEYS | {"AWS_ENDPOINT_URL": "http://user:hush@x"},
    )  # fmt: skip
    assert done.returncode == 2 and "AWS_ENDPOINT_URL" in done.stderr and "without user name" in done.stderr
    assert "hush" not in done.stderr


# MARK: Proxies


def test_a_proxy_that_refuses(tool, refusing, tmp_path):
    done = tool(
        "run", short(tmp_path), "--target", "https://kinesis.example", "--stream", "orders", *SENDS,
        "--out", tmp_path / "results", env=proxied(refusing),
    )  # fmt: skip
    assert done.returncode == 6
    assert f"(through the proxy http://127.0.0.1:{refusing.port})" in done.stderr
    assert "proxy-refused, the proxy answers 403 Forbidden" in done.stderr
    assert "hush" not in done.stderr + done.stdout and "user" not in done.stderr
    head = refusing.heads[0]
    assert head.startswith("CONNECT kinesis.example:443 HTTP/1.1\r\nHost: kinesis.example:443\r\n")
    # base64 of user:p@ss-hush
    assert "Proxy-Authorization: Basic dXNlcjpwQHNzLWh1c2g=\r\n" in head


@pytest.mark.parametrize(
    "target, environment, needle",
    [
        ("http://192.0.2.1:4567", {"http_proxy": "http://127.0.0.1:9"}, "http_proxy is set, but only https targets"),
        ("http://192.0.2.1:4567", {"HTTP_PROXY": "http://u:hush@127.0.0.1:9"}, "name 192.0.2.1 in no_proxy"),
        ("https://192.0.2.1", {"HTTPS_PROXY": "https://u:hush@127.0.0.1:9"}, "HTTPS_PROXY: a proxy that is itself reached by https"),
        ("https://192.0.2.1", {"HTTPS_PROXY": "socks5h://u:hush@127.0.0.1:9"}, "HTTPS_PROXY: expected http://"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_refused(tool, tmp_path, target, environment, needle):
    done = tool(
        "run", short(tmp_path), "--target", target, "--stream", "orders", *SENDS, "--out", tmp_path / "results",
        env=KEYS | environment,
    )  # fmt: skip
    assert done.returncode == 2 and needle in done.stderr, done.stderr
    assert "hush" not in done.stderr


def test_loopback_targets_and_exceptions_pass_by_the_proxy(tool, refusing, tmp_path):
    authority = Authority(tmp_path)
    with recording(server_context(*authority.certificate("localhost", "127.0.0.1"))) as recorder:
        done = tool(
            "run", short(tmp_path), "--target", f"https://127.0.0.1:{recorder.server_port}", "--ca-file", authority.file,
            "--run-dir", tmp_path / "out", env=proxied(refusing),
        )  # fmt: skip
        assert done.returncode in RAN, done.stdout + done.stderr
        assert recorder.requests and not refusing.heads
    # Without a proxy the name has to be looked up, which fails here: that is how one sees that none was asked.
    done = tool(
        "run", short(tmp_path), "--target", "https://kinesis.invalid", "--stream", "orders", *SENDS,
        "--out", tmp_path / "results", env=proxied(refusing, no_proxy="other.example, .invalid"),
    )  # fmt: skip
    assert done.returncode == 6 and "no address" in done.stderr
    assert not refusing.heads


def test_results_say_that_a_proxy_was_in_the_way(tool, tmp_path):
    authority = Authority(tmp_path)
    with recording(server_context(*authority.certificate("kinesis.example"))) as recorder:
        proxy = ConnectProxy(recorder.server_port)
        done = tool(
            "run", short(tmp_path), "--target", "https://kinesis.example", "--stream", "orders", *SENDS,
            "--ca-file", authority.file, "--run-dir", tmp_path / "out", env=proxied(proxy),
        )  # fmt: skip
        proxy.close()
    assert done.returncode in RAN, done.stdout + done.stderr
    text = f"every request went through the proxy http://127.0.0.1:{proxy.port}"
    assert any(warning.startswith(text) for warning in Result(tmp_path / "out").summary["warnings"])
    for name in ("report.html", "summary.md", "junit.xml"):
        assert "went through the proxy" in (tmp_path / "out" / name).read_text(), name


# MARK: Addresses


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        return True
    except OSError:
        return False


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback")


@needs_ipv6
def test_an_ipv6_target(tool, target, tmp_path):
    one = target("--stream", "orders", "--shards", "1", "--host", "::1")
    assert one.endpoint.startswith("http://[::1]:")
    done = tool("run", short(tmp_path), "--target", one.endpoint, "--run-dir", tmp_path / "out")
    assert done.returncode in RAN, done.stdout + done.stderr
    summary = Result(tmp_path / "out").summary
    assert summary["records"]["accepted"] == 200 and summary["target"]["endpoint"] == one.endpoint


@needs_ipv6
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_name_of_which_one_address_is_dead(tool, target, tmp_path, host):
    families = {family for family, *_ in socket.getaddrinfo("localhost", 1, type=socket.SOCK_STREAM)}
    if families != {socket.AF_INET, socket.AF_INET6}:
        pytest.skip("localhost has one address only")
    one = target("--stream", "orders", "--shards", "1", "--host", host)
    endpoint = f"http://localhost:{one.endpoint.rsplit(':', 1)[1]}"
    client = {"producers": 1, "connections": 4}
    done = tool("run", short(tmp_path, client=client), "--target", endpoint, "--run-dir", tmp_path / "out")
    assert done.returncode in RAN, done.stdout + done.stderr
    records = Result(tmp_path / "out").summary["records"]
    assert records["accepted"] == records["planned"] == 200


# MARK: Safety


@pytest.fixture
def service(tmp_path):
    """A recorder that passes for a target that is not this machine."""
    authority = Authority(tmp_path)
    with recording(server_context(*authority.certificate("kinesis.example"))) as recorder:
        proxy = ConnectProxy(recorder.server_port)
        recorder.options = ("--target", "https://kinesis.example", "--ca-file", authority.file)
        recorder.environment = proxied(proxy)
        yield recorder
        proxy.close()


@pytest.mark.parametrize(
    "words, needle",
    [
        ((), "name the stream with --stream"),
        (("--yes", "--existing-stream"), "name the stream with --stream"),
        (("--stream", "orders"), "give --existing-stream if it may be loaded"),
        (("--stream", "orders", "--yes"), "give --existing-stream if it may be loaded"),
        (("--stream", "orders", "--existing-stream"), "nobody is there to be asked: give --yes"),
        (("--stream", "orders", "--create-stream"), "nobody is there to be asked: give --yes"),
        (("--stream-arn", ARN, "--yes"), "give --existing-stream if it may be loaded"),
    ],
)
def test_a_remote_stream_must_be_meant(tool, service, tmp_path, words, needle):
    done = tool("run", short(tmp_path), *service.options, *words, "--out", tmp_path / "results", env=service.environment)
    assert done.returncode == 2 and needle in done.stderr, done.stderr
    assert not service.requests and not (tmp_path / "results").exists()


def test_what_will_be_sent_is_shown_first(tool, service, tmp_path):
    done = tool(
        "run", short(tmp_path), *service.options, "--stream", "orders", *SENDS, "--run-dir", tmp_path / "out",
        env=service.environment,
    )  # fmt: skip
    assert done.returncode in RAN, done.stdout + done.stderr
    assert service.requests[0][0] == "DescribeStreamSummary"
    notice = done.stderr.splitlines()[0]
    assert notice == (
        "About to load stream orders at https://kinesis.example (arn:aws:kinesis:us-east-1:000000000000:stream/orders, "
        "ACTIVE, 1 open shard): 200 records, about 21.9 KiB of data and keys, first tries, in 1s; retries come on top "
        "(--max-records and --max-bytes bound them)."
    )


@pytest.mark.parametrize("words", [("--max-records", "70"), ("--max-bytes", "7KiB")])
def test_a_remote_run_stops_at_its_bound(tool, service, tmp_path, words):
    done = tool(
        "run", short(tmp_path), *service.options, "--stream", "orders", *SENDS, *words, "--run-dir", tmp_path / "out",
        env=service.environment,
    )  # fmt: skip
    sent = [record for operation, _, body in service.requests if operation == "PutRecords" for record in json.loads(body)["Records"]]
    assert 0 < len(sent) <= 70
    assert "it stops at " in done.stderr
    summary = Result(tmp_path / "out").summary
    assert summary["records"]["attempted"] == len(sent)
    assert "stopped at --max-records or --max-bytes" in summary["warnings"]


def test_a_no_sends_nothing(tool, service, tmp_path):
    """Asked on a terminal, and answered with anything but yes."""
    for answer, sends in (("n", False), ("", False), ("yes", True)):
        service.requests.clear()
        leader, follower = pty.openpty()
        process = subprocess.Popen(
            [tool.path, "run", short(tmp_path), *service.options, "--stream", "orders", "--existing-stream",
             "--run-dir", tmp_path / f"out-{answer}", "--progress", "none"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=follower, env=clean_environment(**service.environment),
        )  # fmt: skip
        os.close(follower)
        process.communicate(f"{answer}\n".encode(), timeout=60)
        os.close(leader)
        operations = [operation for operation, _, _ in service.requests]
        assert ("PutRecords" in operations) == sends
        assert (process.returncode == 2) == (not sends)


def test_a_refused_connection_says_so(tool, tmp_path):
    done = tool("run", short(tmp_path), "--target", f"http://127.0.0.1:{free_port()}", "--out", tmp_path / "results")
    assert done.returncode == 6 and "connect-refused" in done.stderr


def test_addresses_that_are_not_loopback(tmp_path):
    """A service and the metadata services at their real addresses, in a network namespace that holds nothing else."""
    for program in ("unshare", "ip"):
        if not shutil.which(program):
            pytest.skip(f"there is no {program} program")
    if subprocess.run(["unshare", "--net", "ip", "link", "set", "lo", "up"], capture_output=True).returncode != 0:
        pytest.skip("network namespaces are not permitted here")
    script = pathlib.Path(__file__).parent / "clients/namespace.py"
    done = subprocess.run(
        ["unshare", "--net", sys.executable, script, tmp_path],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"PYTHONPATH": str(script.parents[1])},
    )
    assert done.returncode == 0 and done.stdout == "ok\n", done.stdout + done.stderr
