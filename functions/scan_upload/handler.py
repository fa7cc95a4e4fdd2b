"""Scans each new file in quarantine and reports in the words of the managed scanner."""

import json
from functools import cache
from typing import Any

import boto3

from functions.scan_upload.scanning import ScannedObject, scan
from functions.scan_upload.settings import Settings
from shared.kernel.errors import TemporarilyUnavailable
from shared.kyc.providers.s3 import S3Vault
from shared.platform.entry import entry_point
from shared.platform.queues import AwsMessage, MalformedMessage, Message
from shared.platform.worker import consume

SOURCE = "baobab.scan"
DETAIL_TYPE = "GuardDuty Malware Protection Object Scan Result"


@cache
def _settings() -> Settings:
    return Settings.load()


@cache
def _vault() -> S3Vault:
    return S3Vault(_settings().quarantine_bucket)


@cache
def _events() -> Any:
    return boto3.client("events")


def handle(message: Message) -> None:
    """One "Object Created" event of the quarantine bucket."""
    if not isinstance(message, AwsMessage) or message.detail_type != "Object Created":
        raise MalformedMessage("not an S3 event")
    bucket, found = message.detail["bucket"]["name"], message.detail["object"]
    if bucket != _settings().quarantine_bucket:
        raise MalformedMessage("another bucket")
    result = scan(
        _vault(), ScannedObject(bucket, found["key"], found["etag"], found.get("version-id"))
    )
    entry = {"Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": json.dumps(result)}
    if _events().put_events(Entries=[entry])["FailedEntryCount"]:
        raise TemporarilyUnavailable


@entry_point("scan_upload")
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Lambda entry point."""
    return consume(event, handle, service="scan_upload")
