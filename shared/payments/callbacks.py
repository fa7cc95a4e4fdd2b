"""Capability paths: M-Pesa signs nothing, so a path names and proves what its message is about.

The token of a push is 96 lower-case hex digits: the person's ULID, the deposit's ULID and a
truncated HMAC-SHA256 over both and the cell, 16 bytes each. Tokens of other purposes are two
bytes longer: in front stand what kind of thing they name and which attempt at it; purpose, kind
and attempt are under the HMAC. Hex, because Safaricom refuses callback URLs that contain words
such as ``exe``, ``cmd`` or ``sql``.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ulid import ULID

from shared.kernel.ids import Kind, cell_of, is_id, ulid_of

_ULID_BYTES = 16
_MAC_BYTES = 16
_LARGEST_ATTEMPT = 255


class Purpose(StrEnum):
    """What a path is for. A token of one purpose proves nothing for another one."""

    STK = "STK"
    """The end of a push."""
    RESULT = "RESULT"
    """The end of a payment to a phone, or of a reversal."""
    STATUS = "STATUS"
    """The answer to a question about one transaction."""
    TIMEOUT = "TIMEOUT"
    """An order that waited for too long in Safaricom's queue."""
    BALANCE = "BALANCE"
    """The answer to a question about our accounts."""


VENDORS: Mapping[Purpose, str] = {
    Purpose.STK: "daraja",
    Purpose.RESULT: "daraja-result",
    Purpose.STATUS: "daraja-status",
    Purpose.TIMEOUT: "daraja-timeout",
    Purpose.BALANCE: "daraja-balance",
}
"""The name in the path before the token."""

_KINDS = {0x01: Kind.DEPOSIT, 0x02: Kind.PAYOUT, 0x03: Kind.REPORT, 0x04: Kind.MOVEMENT}
_BYTES = {kind: byte for byte, kind in _KINDS.items()}
_OF_NOBODY = frozenset({Kind.REPORT, Kind.MOVEMENT})
"""Things that belong to no person: their tokens have zeroes in the person's place."""
_FORMS = {
    True: re.compile(r"[0-9a-f]{96}", re.ASCII),
    False: re.compile(r"0[1-4][0-9a-f]{98}", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a token names. ``user_id`` is empty for what belongs to no person."""

    user_id: str
    subject_id: str
    attempt: int = 0
    """Of a payout: which of its orders."""

    @property
    def kind(self) -> Kind:
        """Of the thing."""
        return Kind(self.subject_id.partition("_")[0])

    @property
    def deposit_id(self) -> str:
        """The thing, where it can only be a deposit."""
        return self.subject_id


def path_key(secret: Mapping[str, Any]) -> bytes:
    """The signing key out of the secret of webhook paths: the text of its ``key`` as it is."""
    return str(secret["key"]).encode()


def _mac(key: bytes, cell: str, purpose: Purpose, named: bytes) -> bytes:
    # The first purpose had no name: its paths stay good across versions.
    domain = "callback" if purpose is Purpose.STK else purpose.value.lower()
    message = f"daraja-{domain}\x00{cell}\x00".encode() + named
    return hmac.new(key, message, hashlib.sha256).digest()[:_MAC_BYTES]


def make_token(
    key: bytes,
    user_id: str,
    subject_id: str,
    purpose: Purpose = Purpose.STK,
    *,
    attempt: int = 0,
) -> str:
    """The path segment for messages about this thing: a deposit of a push, else a deposit, a
    payout, a report or a movement. ValueError for ids of another kind or of different cells."""
    kind = next((one for one in _KINDS.values() if is_id(subject_id, one)), None)
    if kind is None or (purpose is Purpose.STK and kind is not Kind.DEPOSIT):
        raise ValueError("a user id and a subject of this purpose are needed")
    if kind in _OF_NOBODY:
        if user_id:
            raise ValueError("this subject belongs to nobody")
        person = bytes(_ULID_BYTES)
    else:
        if not is_id(user_id, Kind.USER):
            raise ValueError("a user id is needed")
        if cell_of(user_id) != cell_of(subject_id):
            raise ValueError("the ids belong to different cells")
        person = ULID.from_str(ulid_of(user_id)).bytes
    if not 0 <= attempt <= _LARGEST_ATTEMPT:
        raise ValueError("an attempt is one byte")
    front = b"" if purpose is Purpose.STK else bytes((_BYTES[kind], attempt))
    named = front + person + ULID.from_str(ulid_of(subject_id)).bytes
    return (named + _mac(key, cell_of(subject_id), purpose, named)).hex()


def read_token(key: bytes, cell: str, token: str, purpose: Purpose = Purpose.STK) -> Subject | None:
    """What a token names, or None when it is malformed or was not made with this key and for
    this purpose."""
    if not _FORMS[purpose is Purpose.STK].fullmatch(token):
        return None
    raw = bytes.fromhex(token)
    named, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(key, cell, purpose, named)):
        return None
    return named_by(cell, token, purpose)


def named_by(cell: str, token: str, purpose: Purpose = Purpose.STK) -> Subject:
    """What a token names that was verified before; ValueError when it is malformed."""
    if not _FORMS[purpose is Purpose.STK].fullmatch(token):
        raise ValueError("malformed token")
    raw = bytes.fromhex(token)[:-_MAC_BYTES]
    kind, attempt = Kind.DEPOSIT, 0
    if purpose is not Purpose.STK:
        kind, attempt, raw = _KINDS[raw[0]], raw[1], raw[2:]
    person, thing = (ULID.from_bytes(raw[at : at + _ULID_BYTES]) for at in (0, _ULID_BYTES))
    user_id = "" if kind in _OF_NOBODY else f"{Kind.USER.value}_{cell}_{person}"
    return Subject(user_id, f"{kind.value}_{cell}_{thing}", attempt)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where M-Pesa may tell us something. ``base_url`` is that of the webhooks; ``key`` gives the
    signing key and is called per use, so that a rotation is seen."""

    base_url: str
    key: Callable[[], bytes]

    def of(self, purpose: Purpose, user_id: str, subject_id: str, *, attempt: int = 0) -> str:
        """The address of messages of this purpose about one thing; see ``make_token``."""
        token = make_token(self.key(), user_id, subject_id, purpose, attempt=attempt)
        return f"{self.base_url.rstrip('/')}/{VENDORS[purpose]}/{token}"
