"""Files in S3: a quarantine bucket that browsers post to, and a bucket of inspected files."""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from shared.kyc.model import MAX_FILE_BYTES
from shared.kyc.ports import UploadTarget

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_SOURCE = "scanned-etag"
_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "PreconditionFailed", "404", "412"})
# What the bucket's policy withholds: bytes that replaced the scanned ones and are not scanned yet.
_WITHHELD = frozenset({"AccessDenied", "403"})


def s3_client() -> "S3Client":
    """A client with short timeouts; addresses and credentials come from the environment."""
    config = Config(
        connect_timeout=2,
        read_timeout=10,
        retries={"mode": "standard", "total_max_attempts": 3},
        signature_version="s3v4",
    )
    return boto3.client("s3", config=config)


class S3Vault:
    """See DocumentVault. Functions that only make upload links have no ``documents`` bucket."""

    def __init__(
        self, quarantine: str, documents: str | None = None, client: "S3Client | None" = None
    ) -> None:
        self._quarantine = quarantine
        self._documents = documents
        self._client = client or s3_client()

    def upload_target(
        self, key: str, content_type: str, smallest: int, largest: int, seconds: int
    ) -> UploadTarget:
        """See DocumentVault."""
        form = self._client.generate_presigned_post(
            self._quarantine,
            key,
            Fields={"Content-Type": content_type},
            Conditions=[
                {"Content-Type": content_type},
                ["content-length-range", smallest, largest],
            ],
            ExpiresIn=seconds,
        )
        return UploadTarget(form["url"], form["fields"])

    def read_new(self, key: str, etag: str) -> bytes | None:
        """See DocumentVault."""
        try:
            answer = self._client.get_object(Bucket=self._quarantine, Key=key, IfMatch=f'"{etag}"')
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return None
            raise
        if answer["ETag"].strip('"') != etag:
            return None
        return answer["Body"].read(MAX_FILE_BYTES + 1)

    def keep(self, key: str, etag: str, kept_key: str, content_type: str) -> bool:
        """See DocumentVault."""
        try:
            self._client.copy_object(
                Bucket=self._kept_bucket(),
                Key=kept_key,
                CopySource={"Bucket": self._quarantine, "Key": key},
                CopySourceIfMatch=f'"{etag}"',
                ContentType=content_type,
                Metadata={_SOURCE: etag},
                MetadataDirective="REPLACE",
                TaggingDirective="REPLACE",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in _GONE | _WITHHELD:
                raise
            return self._kept_already(kept_key, etag)
        return True

    def _kept_already(self, kept_key: str, etag: str) -> bool:
        """Quarantine is emptied after a while; an earlier run may have copied before that."""
        try:
            kept = self._client.head_object(Bucket=self._kept_bucket(), Key=kept_key)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _GONE | _WITHHELD:
                raise
            return False
        return kept["Metadata"].get(_SOURCE) == etag

    def read_kept(self, kept_key: str) -> bytes:
        """See DocumentVault."""
        answer = self._client.get_object(Bucket=self._kept_bucket(), Key=kept_key)
        return answer["Body"].read()

    def _kept_bucket(self) -> str:
        if self._documents is None:
            raise RuntimeError("this function has no bucket of inspected files")
        return self._documents
