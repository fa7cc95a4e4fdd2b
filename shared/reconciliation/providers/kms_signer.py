"""Signatures of reports with an asymmetric KMS key, which never leaves KMS."""

import base64
import binascii
from typing import TYPE_CHECKING, Final, Literal

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_kms.client import KMSClient

_ALGORITHM: Final[Literal["ECDSA_SHA_256"]] = "ECDSA_SHA_256"
_WRONG = frozenset({"KMSInvalidSignatureException", "KMSInvalidSignature", "ValidationException"})


def signing_client() -> "KMSClient":
    """A client with short timeouts."""
    config = Config(
        connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3}
    )
    return boto3.client("kms", config=config)


class KmsSigner:
    """See Signer and Verifier."""

    def __init__(self, key: str, client: "KMSClient | None" = None) -> None:
        self._key = key
        self._client = client or signing_client()

    def sign(self, digest: bytes) -> str:
        """See Signer."""
        answer = self._client.sign(
            KeyId=self._key, Message=digest, MessageType="DIGEST", SigningAlgorithm=_ALGORITHM
        )
        return base64.b64encode(answer["Signature"]).decode()

    def verified(self, digest: bytes, signature: str) -> bool:
        """See Verifier."""
        try:
            signed = base64.b64decode(signature, validate=True)
        except binascii.Error:
            return False
        try:
            answer = self._client.verify(
                KeyId=self._key,
                Message=digest,
                MessageType="DIGEST",
                Signature=signed,
                SigningAlgorithm=_ALGORITHM,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _WRONG:
                return False
            raise
        return answer["SignatureValid"]
