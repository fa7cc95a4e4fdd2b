"""The small scanner reports in the managed one's words."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.scan_upload import handler as scan_upload
from functions.scan_upload.settings import Settings
from shared.kyc.files import EICAR

BUCKET = "quarantine-bucket"
KEY = "quarantine/usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV/doc_t1_01ARZ3NDEKTSV4RRFFQ69G5FAX"
JPEG = b"\xff\xd8\xff\xe0" + b"pixels" * 3000


class Bus:
    """Keeps what was put; refuses as often as it is told to."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.refuse = 0

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, int]:
        if self.refuse:
            self.refuse -= 1
            return {"FailedEntryCount": len(Entries)}
        self.entries += Entries
        return {"FailedEntryCount": 0}


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture
def bus(s3: Any, monkeypatch: pytest.MonkeyPatch) -> Bus:
    bus = Bus()
    vault = scan_upload.S3Vault(BUCKET, client=s3)
    settings = Settings(cell="t1", quarantine_bucket=BUCKET)
    monkeypatch.setattr(scan_upload, "_settings", lambda: settings)
    monkeypatch.setattr(scan_upload, "_vault", lambda: vault)
    monkeypatch.setattr(scan_upload, "_events", lambda: bus)
    return bus


def created(etag: str, bucket: str = BUCKET) -> dict[str, Any]:
    body = {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "000000000000",
        "time": "2026-03-02T09:00:00Z",
        "region": "us-east-1",
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {"key": KEY, "size": 5, "etag": etag, "sequencer": "00617F08299329D189"},
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "123456789012",
            "reason": "PostObject",
        },
    }
    record = {
        "messageId": "m1",
        "receiptHandle": "r1",
        "body": json.dumps(body),
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:uploads",
    }
    return {"Records": [record]}


def put(s3: Any, content: bytes) -> str:
    return str(s3.put_object(Bucket=BUCKET, Key=KEY, Body=content)["ETag"].strip('"'))


@pytest.mark.parametrize(
    ("content", "verdict", "threats"),
    [
        (JPEG, "NO_THREATS_FOUND", None),
        (JPEG + EICAR, "THREATS_FOUND", [{"name": "EICAR-Test-File"}]),
        (EICAR, "THREATS_FOUND", [{"name": "EICAR-Test-File"}]),
        (b"<svg>" + b"x" * 20_000, "UNSUPPORTED", None),
        (JPEG[:100], "UNSUPPORTED", None),
    ],
)
def test_the_verdict_has_the_shape_of_the_managed_scanners(
    s3: Any, bus: Bus, content: bytes, verdict: str, threats: Any
) -> None:
    etag = put(s3, content)
    assert scan_upload.handler(created(etag), None) == {"batchItemFailures": []}
    (entry,) = bus.entries
    assert entry["Source"] == "baobab.scan"
    assert entry["DetailType"] == "GuardDuty Malware Protection Object Scan Result"
    assert json.loads(entry["Detail"]) == {
        "schemaVersion": "1.0",
        "scanStatus": "COMPLETED",
        "resourceType": "S3_OBJECT",
        "s3ObjectDetails": {
            "bucketName": BUCKET,
            "objectKey": KEY,
            "eTag": etag,
            "versionId": "",
            "s3Throttled": False,
        },
        "scanResultDetails": {"scanResultStatus": verdict, "threats": threats},
    }


def test_bytes_that_are_gone_are_not_called_clean(s3: Any, bus: Bus) -> None:
    put(s3, JPEG)
    scan_upload.handler(created("0" * 32), None)
    detail = json.loads(bus.entries[0]["Detail"])
    assert detail["scanStatus"] == "FAILED"
    assert detail["scanResultDetails"]["scanResultStatus"] == "FAILED"


def test_a_result_that_the_bus_does_not_take_is_delivered_again(
    s3: Any, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.platform.worker._set_visibility", lambda record: None)
    bus.refuse = 1
    event = created(put(s3, JPEG))
    failed = {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert scan_upload.handler(event, None) == failed
    assert bus.entries == []
    assert scan_upload.handler(event, None) == {"batchItemFailures": []}
    assert len(bus.entries) == 1


def test_another_bucket_is_nothing_for_this_scanner(
    s3: Any, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.platform.worker._set_visibility", lambda record: None)
    answer = scan_upload.handler(created("x", bucket="another"), None)
    assert len(answer["batchItemFailures"]) == 1
    assert bus.entries == []
