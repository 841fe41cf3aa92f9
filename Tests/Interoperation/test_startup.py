"""What producers ask for when they start, several streams, and the admin API between tests."""

import json
import urllib.error
import urllib.request

import boto3
import botocore.config
from harness import client


def other(service, endpoint):
    """boto3 for another service on the target's port."""
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=botocore.config.Config(retries={"total_max_attempts": 1}),
    )


def ask(url, method="GET", **headers):
    with urllib.request.urlopen(urllib.request.Request(url, method=method, headers=headers), timeout=10) as answer:
        return json.load(answer)


def test_other_services_are_answered_and_counted(target):
    one = target("--admin-port", 0, "--account", "123456789012")
    admin = one.line("admin API on ").removesuffix("/settings")
    identity = other("sts", one.endpoint).get_caller_identity()
    assert identity["Account"] == "123456789012" and identity["Arn"] == "arn:aws:iam::123456789012:user/test"
    metrics = other("cloudwatch", one.endpoint)
    metrics.put_metric_data(Namespace="KinesisProducerLibrary", MetricData=[{"MetricName": "UserRecordsPut", "Value": 1}])
    report = ask(admin + "/report")
    assert (report["get_caller_identity"], report["put_metric_data"]) == (1, 1)


def test_streams_from_the_start_and_a_reset_between_tests(target):
    one = target("--stream", "a", "--stream", "b=8", "--shards", 2, "--admin-port", 0)
    admin = one.line("admin API on ").removesuffix("/settings")
    assert ask(admin + "/healthz") == {"status": "serving"}
    kinesis = client(one.endpoint)
    empty = ask(admin + "/report")
    for _ in range(2):
        assert {name: len(kinesis.list_shards(StreamName=name)["Shards"]) for name in "ab"} == {"a": 2, "b": 8}
        assert sorted(kinesis.list_streams()["StreamNames"]) == ["a", "b"]
        # One key, one shard: its bucket is full at the start, and again after a reset.
        answers = [
            kinesis.put_records(StreamName="a", Records=[{"Data": b"x", "PartitionKey": "k"}] * 500)["FailedRecordCount"]
            for _ in range(4)
        ]
        assert answers[:2] == [0, 0]
        kinesis.put_record(StreamName="b", Data=b"x", PartitionKey="k")
        kinesis.create_stream(StreamName="c", ShardCount=1)
        report = {stream.pop("stream"): stream for stream in ask(admin + "/report")["streams"]}
        assert report["a"] == {
            "requests": 4,
            "accepted_records": 2000 - sum(answers),
            "throttled_records": sum(answers),
            "fault_records": 0,
        }
        assert report["b"]["accepted_records"] == 1
        assert ask(admin + "/reset", "POST") == empty == ask(admin + "/report")


def test_pages_of_other_origins_change_nothing(target):
    one = target("--admin-port", 0)
    admin = one.line("admin API on ").removesuffix("/settings")
    client(one.endpoint).put_record(StreamName="orders", Data=b"x", PartitionKey="k")
    for path, method, headers in (
        ("/reset", "POST", {"Origin": "http://evil.example"}),
        ("/reset", "POST", {"Host": "evil.example"}),
        ("/report", "GET", {"Host": "evil.example"}),
        ("/healthz", "GET", {"Host": "evil.example"}),
    ):
        try:
            ask(admin + path, method, **headers)
            raise AssertionError(path)
        except urllib.error.HTTPError as refusal:
            assert refusal.code == 403
    assert ask(admin + "/report")["streams"][0]["accepted_records"] == 1
