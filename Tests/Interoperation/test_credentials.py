"""Credentials from every source, against local servers that play it: the right ones sign, and none is ever shown."""

import json
import os
import subprocess
import sys
import threading
import time

import pytest
from harness import RAN, Result, clean_environment, scenario
from recorder import expected_signature, recording, server_context
from remote import Authority, ConnectProxy, Issued, instant, metadata_service

REGION = "eu-central-1"
HOST = f"kinesis.{REGION}.amazonaws.com"


class Place:
    """A recorder that passes for the service in REGION: behind a proxy, with a certificate for its name."""

    def __init__(self, folder, recorder, proxy, authority):
        self.folder, self.recorder, self.proxy, self.authority = folder, recorder, proxy, authority
        self.environment = {"HTTPS_PROXY": f"http://proxy-user:proxy-hush@127.0.0.1:{proxy.port}"}
        self.options = (
            "--target", "aws", "--region", REGION, "--stream", "orders", "--existing-stream", "--yes",
            "--ca-file", authority.file,
        )  # fmt: skip


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def place(tmp_path, authority):
    with recording(server_context(*authority.certificate(HOST, stem="service"))) as recorder:
        proxy = ConnectProxy(recorder.server_port)
        yield Place(tmp_path, recorder, proxy, authority)
        proxy.close()


def short(folder, seconds=1):
    return scenario(
        folder,
        "short",
        stream={"name": "orders", "shards": 1},
        batch={"records": 20, "linger": "20ms"},
        client={"producers": 1, "connections": 4},
        phases=[{"name": "steady", "duration": f"{seconds}s", "rate": 200}],
    )


def assert_hidden(done, folder, secrets):
    """Nothing that was printed or written holds a secret."""
    texts = {"stdout": done.stdout, "stderr": done.stderr}
    for directory, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(directory, name)
            with open(path, "rb") as file:
                texts[path] = file.read().decode(errors="replace")
    for name, text in texts.items():
        for secret in secrets:
            assert secret not in text, f"{secret} in {name}"


def assert_signed(recorder, issued):
    """Every request was signed with the one of the issued credentials that it names; returns those used, in order."""
    by_key = {one.access_key: one for one in issued}
    used = []
    for operation, headers, body in recorder.requests:
        lower = {name.lower(): value for name, value in headers.items()}
        key = lower["authorization"].split("Credential=")[1].split("/")[0]
        one = by_key[key]
        assert lower.get("x-amz-security-token") == one.token
        assert lower["authorization"] == expected_signature(headers, body, one.access_key, one.secret, one.token, REGION), operation
        if not used or used[-1] != key:
            used.append(key)
    return used


def configuration(folder, credentials="", config=""):
    """Writes the two files and names them by their variables."""
    (folder / "credentials").write_text(credentials)
    (folder / "config").write_text(config)
    return {
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
        "AWS_CONFIG_FILE": str(folder / "config"),
        "HOME": str(folder),
    }


def process_line(folder, issued):
    """A `credential_process` line that prints these credentials, with a word that only a proper split leaves whole."""
    tool = folder / "the tool.py"
    document = {"Version": 1, "AccessKeyId": issued.access_key, "SecretAccessKey": issued.secret}
    if issued.token:
        document |= {"SessionToken": issued.token, "Expiration": issued.expiration}
    tool.write_text(
        "import sys\n"
        "assert sys.argv[1:] == ['argument hush; $HOME', 'two'], sys.argv\n"
        "print('stderr-hush', file=sys.stderr)\n"
        f"print({json.dumps(document)!r})\n"
    )
    return f"credential_process = \"{sys.executable}\" '{tool}' \"argument hush; $HOME\" two\n"


LASTING = Issued("AKIDLASTING", "secret-hush/lasting+", None, None)
SESSION = Issued("ASIASESSION", "secret-hush/session+", "token-hush/session==", None)


def lines(issued):
    text = f"aws_access_key_id = {issued.access_key}\naws_secret_access_key = {issued.secret}\n"
    return text + (f"aws_session_token = {issued.token}\n" if issued.token else "")


def variables(issued):
    found = {"AWS_ACCESS_KEY_ID": issued.access_key, "AWS_SECRET_ACCESS_KEY": issued.secret}
    return found | ({"AWS_SESSION_TOKEN": issued.token} if issued.token else {})


FILES = {
    "environment": (LASTING, lambda folder: variables(LASTING)),
    "environment with a token": (SESSION, lambda folder: variables(SESSION)),
    "environment before AWS_PROFILE": (
        LASTING,
        lambda folder: variables(LASTING) | {"AWS_PROFILE": "x"} | configuration(folder, "[x]\n" + lines(SESSION)),
    ),
    "shared credentials": (LASTING, lambda folder: configuration(folder, "[default]\n" + lines(LASTING))),
    "AWS_PROFILE": (
        SESSION,
        lambda folder: {"AWS_PROFILE": "x"} | configuration(folder, "[default]\n" + lines(LASTING) + "[x]\n" + lines(SESSION)),
    ),
    "config file": (LASTING, lambda folder: configuration(folder, config="[default]\n" + lines(LASTING))),
    "profile of the config file": (
        SESSION,
        lambda folder: {"AWS_PROFILE": "two words"} | configuration(folder, config='[profile "two words"]\n' + lines(SESSION)),
    ),
    "credentials before config": (
        LASTING,
        lambda folder: configuration(folder, "[default]\n" + lines(LASTING), "[default]\n" + lines(SESSION)),
    ),
    "process": (LASTING, lambda folder: configuration(folder, config="[default]\n" + process_line(folder, LASTING))),
    "process before the config file's keys": (
        LASTING,
        lambda folder: configuration(folder, config="[default]\n" + process_line(folder, LASTING) + lines(SESSION)),
    ),
    "keys of the credentials file before the process": (
        SESSION,
        lambda folder: configuration(folder, "[default]\n" + lines(SESSION), "[default]\n" + process_line(folder, LASTING)),
    ),
}
SECRETS = ["hush"]


@pytest.mark.parametrize("name", FILES)
def test_the_right_credentials_sign(tool, place, tmp_path, name):
    issued, prepare = FILES[name]
    environment = place.environment | prepare(tmp_path)
    done = tool("run", short(tmp_path), *place.options, "--run-dir", tmp_path / "out", env=environment)
    assert done.returncode in RAN, done.stdout + done.stderr
    assert assert_signed(place.recorder, [issued]) == [issued.access_key]
    assert Result(tmp_path / "out").summary["records"]["accepted"] == 200
    assert_hidden(done, tmp_path / "out", SECRETS + [issued.secret])


def test_a_named_profile_comes_before_the_environment(tool, place, tmp_path):
    environment = place.environment | variables(LASTING) | configuration(tmp_path, "[x]\n" + lines(SESSION))
    done = tool("run", short(tmp_path), *place.options, "--profile", "x", "--run-dir", tmp_path / "out", env=environment)
    assert done.returncode in RAN, done.stdout + done.stderr
    assert assert_signed(place.recorder, [SESSION]) == [SESSION.access_key]


@pytest.mark.parametrize("name", FILES)
def test_the_aws_command_line_resolves_the_same(tmp_path, name):
    """The sources above are what the aws tools take them for: they sign with the same keys for the same files."""
    issued, prepare = FILES[name]
    assert signed_by_the_aws_command_line(prepare(tmp_path), [issued]) == [issued.access_key]


def signed_by_the_aws_command_line(environment, issued, *options):
    """The access keys that the aws command line signs with, each signature checked with its secret."""
    with recording() as recorder:
        done = subprocess.run(
            [os.environ.get("AWSCLI", "aws"), "kinesis", "list-shards", "--stream-name", "orders", "--region", REGION,
             "--endpoint-url", f"http://127.0.0.1:{recorder.server_port}", *options],
            capture_output=True,
            text=True,
            timeout=60,
            env={name: value for name, value in clean_environment(**environment).items() if value},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return assert_signed(recorder, issued)


def issuer(life, count=[0]):
    """A function that issues credentials of so many seconds' life, each time others, and the list of them."""
    issued = []

    def issue():
        count[0] += 1
        one = Issued(f"ASIAISSUED{count[0]:04}", f"secret-hush/{count[0]}", f"token-hush/{count[0]}==", instant(life))
        issued.append(one)
        return one

    return issue, issued


def asked(kind, issue, folder):
    """A service that is asked for credentials, and the environment that leads to it."""
    if kind == "instance":
        service = metadata_service(issue, session="session-hush")
        return service, lambda port: {
            "AWS_EC2_METADATA_DISABLED": "",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://127.0.0.1:{port}/",
            "AWS_METADATA_SERVICE_TIMEOUT": "20",
        }
    if kind == "instance of version 1":
        service = metadata_service(issue)
        return service, lambda port: {
            "AWS_EC2_METADATA_DISABLED": "false",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://127.0.0.1:{port}",
            "AWS_METADATA_SERVICE_TIMEOUT": "20",
        }
    (folder / "authorization").write_text("Bearer authorization-hush\n" if kind == "container, token file" else "")
    service = metadata_service(issue, token="Bearer authorization-hush")
    token = (
        {"AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer authorization-hush"}
        if kind == "container"
        else {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(folder / "authorization")}
    )
    return service, lambda port: {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{port}/credentials/path-hush"} | token


KINDS = ["instance", "instance of version 1", "container", "container, token file"]


@pytest.mark.parametrize("kind", KINDS)
def test_who_is_asked_gives_the_credentials(tool, place, tmp_path, kind):
    issue, issued = issuer(3600)
    service, variables = asked(kind, issue, tmp_path)
    with service as server:
        environment = place.environment | variables(server.server_port)
        done = tool("run", short(tmp_path), *place.options, "--run-dir", tmp_path / "out", env=environment)
        assert done.returncode in RAN, done.stdout + done.stderr
        assert assert_signed(place.recorder, issued) == [issued[0].access_key]
        if kind == "instance":
            roles = "/latest/meta-data/iam/security-credentials/"
            assert server.requests == ["PUT /latest/api/token", f"GET {roles}", f"GET {roles}web-role"]
        if kind != "container, token file":  # The aws tools refuse a token file that ends with its line.
            assert signed_by_the_aws_command_line(variables(server.server_port), issued) == [issued[-1].access_key]
    assert len(issued) >= 1
    assert_hidden(done, tmp_path / "out", SECRETS)


@pytest.mark.parametrize("kind", ["instance", "container, token file", "process"])
def test_credentials_are_renewed_before_they_end(tool, place, tmp_path, kind):
    """With a life of six seconds each set is replaced after three: no request carries one that has ended."""
    issue, issued = issuer(6)
    ends = {}

    def refuse(operation, headers):
        key = headers["Authorization"].split("Credential=")[1].split("/")[0]
        if time.time() > ends.setdefault(key, time.time() + 6):
            return {"__type": "ExpiredTokenException", "message": "The security token included in the request is expired"}
        return None

    place.recorder.refuse = refuse
    if kind == "process":
        with metadata_service(issue, token="t") as server:
            tool_file = tmp_path / "tool.py"
            tool_file.write_text(
                "import json, urllib.request\n"
                f"request = urllib.request.Request('http://127.0.0.1:{server.server_port}/x', headers={{'Authorization': 't'}})\n"
                "found = json.load(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request))\n"
                "print(json.dumps({'Version': 1, 'SessionToken': found.pop('Token')} | found))\n"
            )
            files = configuration(tmp_path, config=f"[default]\ncredential_process = {sys.executable} {tool_file}\n")
            done = tool("run", short(tmp_path, 9), *place.options, "--run-dir", tmp_path / "out", env=place.environment | files)
    else:
        service, variables = asked(kind, issue, tmp_path)
        with service as server:
            environment = place.environment | variables(server.server_port)
            done = tool("run", short(tmp_path, 9), *place.options, "--run-dir", tmp_path / "out", env=environment)
    assert done.returncode in RAN, done.stdout + done.stderr
    used = assert_signed(place.recorder, issued)
    assert len(used) >= 3 and used == [one.access_key for one in issued[: len(used)]]
    result = Result(tmp_path / "out").summary
    assert result["records"]["accepted"] == result["records"]["planned"]
    assert not [text for text in result["warnings"] if "renew" in text]
    assert_hidden(done, tmp_path / "out", SECRETS)


def test_what_cannot_be_renewed_is_told_and_counted(tool, place, tmp_path):
    """A source that goes away: a warning while the old credentials live, then refused requests, and the sums hold."""
    issue, issued = issuer(6)
    first = threading.Event()

    def once():
        if first.is_set():
            return None
        first.set()
        return issue()

    end = []

    def refuse(operation, headers):
        if not end:
            end.append(time.time() + 6)
        if time.time() > end[0]:
            return {"__type": "ExpiredTokenException", "message": "The security token included in the request is expired"}
        return None

    place.recorder.refuse = refuse
    service, variables = asked("container", once, tmp_path)
    with service as server:
        environment = place.environment | variables(server.server_port)
        done = tool("run", short(tmp_path, 10), *place.options, "--run-dir", tmp_path / "out", env=environment)
    assert done.returncode in RAN, done.stdout + done.stderr
    assert assert_signed(place.recorder, issued) == [issued[0].access_key]
    result = Result(tmp_path / "out")
    records = result.summary["records"]
    ends = ("accepted", "gave_up", "expired", "skipped", "unfinished")
    assert records["planned"] == sum(records[name] for name in ends) == 2000
    assert records["accepted"] > 0 and records["gave_up"] > 0
    errors = result.csv("errors.csv")
    assert "ExpiredTokenException" in set(errors["code"])
    told = [text for text in result.summary["warnings"] if "renewed" in text]
    assert any("end at" in text for text in told) and any("ended at" in text for text in told), told
    for text in told:
        assert text in done.stderr and text[:60] in (tmp_path / "out" / "report.html").read_text()
    assert_hidden(done, tmp_path / "out", SECRETS)


@pytest.mark.parametrize("kind", KINDS)
def test_loopback_targets_ask_nobody(tool, tmp_path, kind):
    issue, issued = issuer(3600)
    service, variables = asked(kind, issue, tmp_path)
    with service as server, recording() as recorder:
        done = tool(
            "run", short(tmp_path), "--target", f"http://127.0.0.1:{recorder.server_port}", "--region", REGION,
            "--run-dir", tmp_path / "out", env=variables(server.server_port),
        )  # fmt: skip
        assert done.returncode in RAN, done.stdout + done.stderr
        assert not issued and not server.requests
        assert assert_signed(recorder, [Issued("test", "test", None, None)]) == ["test"]


def test_loopback_targets_ask_a_program(tool, tmp_path):
    """A profile is a profile: its program is run for a target on this machine as for any other."""
    environment = configuration(tmp_path, config="[default]\n" + process_line(tmp_path, SESSION))
    with recording() as recorder:
        done = tool(
            "run", short(tmp_path), "--target", f"http://127.0.0.1:{recorder.server_port}", "--region", REGION,
            "--run-dir", tmp_path / "out", env=environment,
        )  # fmt: skip
        assert done.returncode in RAN, done.stdout + done.stderr
        assert assert_signed(recorder, [SESSION]) == [SESSION.access_key]
    assert_hidden(done, tmp_path / "out", SECRETS)


def test_a_program_that_fails_does_not_stop_a_loopback_run(tool, tmp_path):
    """It is told, and the keys of emulators sign; for the embedded target it is not even run."""
    mark = tmp_path / "was-run"
    line = f"[default]\ncredential_process = sh -c 'touch {mark}; exit 1'\n"
    environment = configuration(tmp_path, config=line)
    done = tool("run", short(tmp_path), "--run-dir", tmp_path / "embedded", env=environment)
    assert done.returncode in RAN and not mark.exists(), done.stderr
    with recording() as recorder:
        target = f"http://127.0.0.1:{recorder.server_port}"
        done = tool("run", short(tmp_path), "--target", target, "--region", REGION, "--run-dir", tmp_path / "out", env=environment)
        assert done.returncode in RAN and mark.exists(), done.stderr
        assert "exit code 1" in done.stderr and "customary keys of emulators" in done.stderr
        assert assert_signed(recorder, [Issued("test", "test", None, None)]) == ["test"]
        # A profile named on the command line is meant.
        done = tool("run", short(tmp_path), "--target", target, "--profile", "default", "--out", tmp_path / "none", env=environment)
        assert done.returncode == 2 and "exit code 1" in done.stderr


ROLE = "role_arn = arn:aws:iam::123456789012:role/x\nsource_profile = default\n"
STOPS = {
    "role": (f"[profile x]\n{ROLE}", {"AWS_PROFILE": "x"}, (), "profile \"x\" uses role_arn", "--profile x "),
    "role named": (f"[profile x]\n{ROLE}", {}, ("--profile", "x"), "profile \"x\" uses role_arn", "--profile x "),
    "sso": ("[default]\nsso_session = corp\n", {}, (), "profile \"default\" uses sso_session", "--profile default "),
    "old sso": ("[default]\nsso_start_url = https://x\n", {}, (), "uses sso_start_url", "--profile default "),
    "web identity of a profile": (
        "[default]\nweb_identity_token_file = /x\nrole_arn = arn:x\n", {}, (), "uses role_arn", "--profile default ",
    ),
    "web identity of the environment": (
        "", {"AWS_WEB_IDENTITY_TOKEN_FILE": "/x", "AWS_ROLE_ARN": "arn:x"}, (), "AWS_WEB_IDENTITY_TOKEN_FILE is set", "",
    ),
    "login": ("[profile x]\nlogin_session = arn:x\n", {"AWS_PROFILE": "x"}, (), "uses login_session", "--profile x "),
}  # fmt: skip


@pytest.mark.parametrize("name", STOPS)
def test_what_needs_more_stops_with_the_line_to_run(tool, place, tmp_path, name):
    config, environment, options, reason, profile = STOPS[name]
    environment = place.environment | configuration(tmp_path, config=config) | environment
    done = tool("run", short(tmp_path), *place.options, *options, "--run-dir", tmp_path / "out", env=environment)
    assert done.returncode == 2 and done.stdout == ""
    assert reason in done.stderr
    assert f'run: eval "$(aws configure export-credentials {profile}--format env)"' in done.stderr
    assert not place.recorder.requests and not place.proxy.heads


SAD = {
    "nothing anywhere": ({}, "no AWS credentials"),
    "no such profile": ({"AWS_PROFILE": "nobody"}, 'no profile "nobody"'),
    "half": ({"AWS_ACCESS_KEY_ID": "AKID"}, "AWS_SECRET_ACCESS_KEY"),
    "container elsewhere": (
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/hush"}, "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ),
    "nobody at the container's endpoint": (
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/hush"}, "http://127.0.0.1:1 gave no credentials: no answer",
    ),
    "nobody at the metadata service": (
        {"AWS_EC2_METADATA_DISABLED": "", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1"},
        "the instance metadata service http://127.0.0.1:1 gave no credentials: no answer (connect-refused)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAD)
def test_no_credentials_stop_the_run(tool, place, tmp_path, name):
    environment, needle = SAD[name]
    done = tool("run", short(tmp_path), *place.options, "--run-dir", tmp_path / "out", env=place.environment | environment)
    assert done.returncode == 2 and done.stdout == "" and needle in done.stderr, done.stderr
    assert not place.recorder.requests and not place.proxy.heads
    assert_hidden(done, tmp_path, [])
    assert "hush" not in done.stderr


PROGRAMS = {
    "fails": ("import sys; print('hush'); print('hush', file=sys.stderr); sys.exit(4)", "exit code 4"),
    "prints no JSON": ("print('secret-hush')", "no JSON object"),
    "prints another version": ("print('{\"Version\": 2, \"SecretAccessKey\": \"hush\"}')", "found Version 2"),
    "has no secret": ("print('{\"Version\": 1, \"AccessKeyId\": \"hush\"}')", "SecretAccessKey"),
    "has an odd end": (
        "print('{\"Version\": 1, \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"hush\", \"Expiration\": \"hush\"}')", "Expiration",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_that_gives_none_stops_the_run(tool, place, tmp_path, name):
    text, needle = PROGRAMS[name]
    (tmp_path / "tool.py").write_text(text + "\n")
    line = f"[default]\ncredential_process = {sys.executable} {tmp_path / 'tool.py'} --password hush\n"
    environment = place.environment | configuration(tmp_path, config=line)
    done = tool("run", short(tmp_path), *place.options, "--run-dir", tmp_path / "out", env=environment)
    assert done.returncode == 2 and needle in done.stderr, done.stderr
    assert "hush" not in done.stderr + done.stdout
    assert not place.recorder.requests


def test_credentials_of_the_environment_that_end_too_early_are_told(tool, place, tmp_path):
    environment = place.environment | variables(SESSION) | {"AWS_CREDENTIAL_EXPIRATION": instant(1)}
    done = tool("run", short(tmp_path, 3), *place.options, "--run-dir", tmp_path / "out", env=environment)
    assert done.returncode in RAN, done.stdout + done.stderr
    warnings = Result(tmp_path / "out").summary["warnings"]
    assert any("the credentials of the environment end at" in text for text in warnings), warnings
