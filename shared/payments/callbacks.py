"""Capability paths: an M-Pesa callback is unsigned, so its path names and proves the deposit.

A token is 96 lower-case hex digits: the person's ULID, the deposit's ULID and a truncated
HMAC-SHA256 over both and the cell, 16 bytes each. Hex, because Safaricom refuses callback URLs
that contain words such as ``exe``, ``cmd`` or ``sql``.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ulid import ULID

from shared.kernel.ids import Kind, cell_of, is_id, ulid_of

_TOKEN = re.compile(r"[0-9a-f]{96}", re.ASCII)
_ULID_BYTES = 16
_MAC_BYTES = 16


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose deposit a token names."""

    user_id: str
    deposit_id: str


def path_key(secret: Mapping[str, Any]) -> bytes:
    """The signing key out of the secret of webhook paths: the text of its ``key`` as it is."""
    return str(secret["key"]).encode()


def _mac(key: bytes, cell: str, ids: bytes) -> bytes:
    message = b"daraja-callback\x00" + cell.encode() + b"\x00" + ids
    return hmac.new(key, message, hashlib.sha256).digest()[:_MAC_BYTES]


def make_token(key: bytes, user_id: str, deposit_id: str) -> str:
    """The path segment for this deposit's callback; ids of another cell raise ValueError."""
    if not (is_id(user_id, Kind.USER) and is_id(deposit_id, Kind.DEPOSIT)):
        raise ValueError("a user id and a deposit id are needed")
    if cell_of(user_id) != cell_of(deposit_id):
        raise ValueError("the ids belong to different cells")
    ids = b"".join(ULID.from_str(ulid_of(text)).bytes for text in (user_id, deposit_id))
    return (ids + _mac(key, cell_of(user_id), ids)).hex()


def read_token(key: bytes, cell: str, token: str) -> Subject | None:
    """Whom a token names, or None when it is malformed or was not made with this key."""
    if not _TOKEN.fullmatch(token):
        return None
    raw = bytes.fromhex(token)
    ids, mac = raw[: 2 * _ULID_BYTES], raw[2 * _ULID_BYTES :]
    if not hmac.compare_digest(mac, _mac(key, cell, ids)):
        return None
    return named_by(cell, token)


def named_by(cell: str, token: str) -> Subject:
    """Whom a token names that was verified before; ValueError when it is malformed."""
    if not _TOKEN.fullmatch(token):
        raise ValueError("malformed token")
    raw = bytes.fromhex(token)
    user, deposit = (
        str(ULID.from_bytes(raw[start : start + _ULID_BYTES])) for start in (0, _ULID_BYTES)
    )
    return Subject(f"{Kind.USER.value}_{cell}_{user}", f"{Kind.DEPOSIT.value}_{cell}_{deposit}")
