"""A small scanner for stages without the managed one: kind, size, and the test virus.

It finds no real malware; its results have the shape of GuardDuty's so that everything behind
it is the same on every stage.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from shared.kyc import files
from shared.kyc.ports import DocumentVault
from shared.kyc.uploads import ScanVerdict


@dataclass(frozen=True, slots=True)
class ScannedObject:
    """An object as S3 announces it."""

    bucket: str
    key: str
    etag: str
    version_id: str | None = None


def scan(vault: DocumentVault, found: ScannedObject) -> dict[str, Any]:
    """The detail of a scan result event about these bytes."""
    content = vault.read_new(unquote_plus(found.key), found.etag)
    threats: list[dict[str, str]] = []
    if content is None:
        verdict = ScanVerdict.FAILED
    elif files.is_test_virus(content):
        verdict = ScanVerdict.INFECTED
        threats = [{"name": "EICAR-Test-File"}]
    elif not files.is_acceptable(content):
        verdict = ScanVerdict.UNSUPPORTED
    else:
        verdict = ScanVerdict.CLEAN
    return {
        "schemaVersion": "1.0",
        "scanStatus": "FAILED" if verdict is ScanVerdict.FAILED else "COMPLETED",
        "resourceType": "S3_OBJECT",
        "s3ObjectDetails": {
            "bucketName": found.bucket,
            "objectKey": unquote_plus(found.key),
            "eTag": found.etag,
            "versionId": found.version_id or "",
            "s3Throttled": False,
        },
        "scanResultDetails": {
            "scanResultStatus": verdict.value,
            "threats": threats or None,
        },
    }
