"""Personal data at rest: envelope encryption with one data key per person.

Destroying a person's wrapped key (it lies in their profile row only) erases what it sealed.
AES-256-GCM with the person's id as associated data: a ciphertext moved to another person's row
does not open.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import boto3
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from mypy_boto3_kms.client import KMSClient

_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Sealed:
    """What to store: the data key wrapped by KMS, and nonce + ciphertext."""

    wrapped_key: bytes
    ciphertext: bytes


class PersonalData(Protocol):
    """Seals and opens one person's data."""

    def seal(
        self, data: Mapping[str, str], *, subject: str, wrapped_key: bytes | None = None
    ) -> Sealed:
        """Encrypt for ``subject`` (a user id), with their key when they already have one."""

    def open(self, sealed: Sealed, *, subject: str) -> dict[str, str]:
        """Decrypt; fails when the data was sealed for somebody else."""


def _encrypt(key: bytes, data: Mapping[str, str], subject: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    plain = json.dumps(dict(data), separators=(",", ":")).encode()
    return nonce + AESGCM(key).encrypt(nonce, plain, subject.encode())


def _decrypt(key: bytes, ciphertext: bytes, subject: str) -> dict[str, str]:
    nonce, body = ciphertext[:_NONCE_BYTES], ciphertext[_NONCE_BYTES:]
    opened: dict[str, str] = json.loads(AESGCM(key).decrypt(nonce, body, subject.encode()))
    return opened


class KmsPersonalData:
    """Data keys wrapped by a KMS key, bound to the person by encryption context."""

    def __init__(self, key_arn: str, client: "KMSClient | None" = None) -> None:
        self._key_arn = key_arn
        self._client: KMSClient = client or boto3.client("kms")
        # Saves a KMS call per request in a warm process; the person is part of the cache key.
        self._unwrap = lru_cache(maxsize=256)(self._unwrap_by_kms)

    def seal(
        self, data: Mapping[str, str], *, subject: str, wrapped_key: bytes | None = None
    ) -> Sealed:
        """See PersonalData."""
        if wrapped_key is not None:
            key = self._unwrap(wrapped_key, subject)
            return Sealed(wrapped_key, _encrypt(key, data, subject))
        made = self._client.generate_data_key(
            KeyId=self._key_arn, KeySpec="AES_256", EncryptionContext={"user": subject}
        )
        return Sealed(made["CiphertextBlob"], _encrypt(made["Plaintext"], data, subject))

    def open(self, sealed: Sealed, *, subject: str) -> dict[str, str]:
        """See PersonalData."""
        return _decrypt(self._unwrap(sealed.wrapped_key, subject), sealed.ciphertext, subject)

    def _unwrap_by_kms(self, wrapped_key: bytes, subject: str) -> bytes:
        answer = self._client.decrypt(
            CiphertextBlob=wrapped_key, KeyId=self._key_arn, EncryptionContext={"user": subject}
        )
        return answer["Plaintext"]


class MemoryPersonalData:
    """The same encryption with keys wrapped by a local master key, for tests."""

    def __init__(self) -> None:
        self._master = AESGCM.generate_key(256)

    def seal(
        self, data: Mapping[str, str], *, subject: str, wrapped_key: bytes | None = None
    ) -> Sealed:
        """See PersonalData."""
        wrapped = wrapped_key or self._wrap(AESGCM.generate_key(256), subject)
        return Sealed(wrapped, _encrypt(self._unwrap(wrapped, subject), data, subject))

    def open(self, sealed: Sealed, *, subject: str) -> dict[str, str]:
        """See PersonalData."""
        return _decrypt(self._unwrap(sealed.wrapped_key, subject), sealed.ciphertext, subject)

    def _wrap(self, key: bytes, subject: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self._master).encrypt(nonce, key, subject.encode())

    def _unwrap(self, wrapped: bytes, subject: str) -> bytes:
        nonce, body = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        return AESGCM(self._master).decrypt(nonce, body, subject.encode())
