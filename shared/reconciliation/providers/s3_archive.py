"""Reports in S3: versioned, locked, and named by what they hold."""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_GONE = frozenset({"NoSuchKey", "404"})


def archive_client() -> "S3Client":
    """A client with short timeouts."""
    config = Config(
        connect_timeout=2, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3}
    )
    return boto3.client("s3", config=config)


class S3Archive:
    """See Archive."""

    def __init__(
        self, bucket: str, client: "S3Client | None" = None, *, most: int | None = None
    ) -> None:
        """Of an object that is larger than ``most`` bytes one byte more is read, and no more."""
        self._bucket = bucket
        self._most = most
        self._client = client or archive_client()

    def keep(self, place: str, content: bytes) -> None:
        """See Archive."""
        self._client.put_object(
            Bucket=self._bucket,
            Key=place,
            Body=content,
            ContentType="application/json",
            # A bucket under Object Lock takes nothing without a checksum.
            ChecksumAlgorithm="SHA256",
        )

    def read(self, place: str) -> bytes | None:
        """See Archive."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=place)
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return None
            raise
        return answer["Body"].read(None if self._most is None else self._most + 1)
