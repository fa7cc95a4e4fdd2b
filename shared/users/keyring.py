"""Keyed hashes and sealing with the session secret's pepper.

A copy of the table alone tells neither who has an account nor opens a session: addresses and
session secrets are stored as HMAC-SHA-256, refresh tokens under keys derived from the pepper.
"""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_FAMILY_BYTES = 16
_SECRET_BYTES = 32


class Keyring:
    """Derives everything from one random secret, read when first needed."""

    def __init__(self, pepper: Callable[[], str]) -> None:
        self._pepper = pepper

    def hash(self, purpose: str, text: str) -> str:
        """Keyed hash in hex; the same text under another purpose has an unrelated hash."""
        return self._mac(purpose, text).hex()

    def seal(self, purpose: str, context: str, text: str) -> bytes:
        """AES-256-GCM under a key derived from the pepper, the purpose and the context."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self._mac(purpose, context)).encrypt(nonce, text.encode(), None)

    def open(self, purpose: str, context: str, sealed: bytes) -> str | None:
        """What ``seal`` sealed, or None when purpose, context or content do not fit."""
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return AESGCM(self._mac(purpose, context)).decrypt(nonce, body, None).decode()
        except InvalidTag:
            return None

    def seal_text(self, purpose: str, context: str, text: str) -> str:
        """Like ``seal``, as text for a cookie."""
        return base64.urlsafe_b64encode(self.seal(purpose, context, text)).decode().rstrip("=")

    def open_text(self, purpose: str, context: str, sealed: str) -> str | None:
        """What ``seal_text`` sealed, or None."""
        padded = sealed + "=" * (-len(sealed) % 4)
        try:
            raw = base64.b64decode(padded, altchars=b"-_", validate=True)
        except ValueError:
            return None
        return self.open(purpose, context, raw) if len(raw) > _NONCE_BYTES else None

    def _mac(self, purpose: str, text: str) -> bytes:
        message = f"{purpose}\x00{text}".encode()
        return hmac.digest(self._pepper().encode(), message, hashlib.sha256)


def new_family() -> str:
    """The part of a session id that stays the same: 128 random bits."""
    return secrets.token_urlsafe(_FAMILY_BYTES)


def new_secret() -> str:
    """The part of a session id that rotates, or a challenge's id: 256 random bits."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def split_session_id(session_id: str) -> tuple[str, str] | None:
    """Family and secret of a cookie's value, or None when it has another form."""
    family, dot, secret = session_id.partition(".")
    if not dot or not _is_token(family, _FAMILY_BYTES) or not _is_token(secret, _SECRET_BYTES):
        return None
    return family, secret


def _is_token(text: str, size: int) -> bool:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return False
    return len(raw) == size
