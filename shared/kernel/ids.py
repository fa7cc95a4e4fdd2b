"""Identifiers: ``<kind>_<cell>_<ulid>``, sortable by creation time, carrying their home cell."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from ulid import ULID

from shared.kernel.clock import Clock, SystemClock

_CELL = re.compile(r"[a-z][a-z0-9]{0,7}", re.ASCII)
_ID = re.compile(r"([a-z]{3})_([a-z][a-z0-9]{0,7})_([0-7][0-9A-HJKMNP-TV-Z]{25})", re.ASCII)


class Kind(StrEnum):
    """What an identifier names."""

    USER = "usr"
    ACCOUNT = "acc"
    DEPOSIT = "dep"
    ENTRY = "ent"
    EVENT = "evt"
    PLAN = "pln"
    ORDER = "ord"
    PORTFOLIO = "pfl"
    DOCUMENT = "doc"
    NOTICE = "ntc"
    SESSION = "ses"
    CASE = "cas"
    FX_QUOTE = "fxq"
    RISK = "rsk"
    AUDIT = "aud"
    PAYOUT = "pay"
    PAYOUT_ACCOUNT = "pac"
    DISPUTE = "dsp"
    SCHEDULE = "sch"
    REPORT = "rep"
    MOVEMENT = "mov"
    PROPOSAL = "prp"
    GOAL = "gol"
    RUN = "run"
    ACTION = "act"
    FEE = "fee"
    ROUND_UPS = "rup"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


class Ids(Protocol):
    """Makes new identifiers for one cell."""

    @property
    def cell(self) -> str:
        """The cell in which new identifiers are at home."""

    def new(self, kind: Kind) -> str:
        """A fresh, unguessable identifier."""


class UlidIds:
    """Identifiers with the clock's time and 80 random bits each."""

    def __init__(self, cell: str, clock: Clock | None = None) -> None:
        if not _CELL.fullmatch(cell):
            raise ValueError("a cell is 1-8 lower-case letters and digits")
        self.cell = cell
        self._clock = clock or SystemClock()

    def new(self, kind: Kind) -> str:
        """A fresh identifier at the clock's time."""
        at = _milliseconds(self._clock.now()).to_bytes(6, "big")
        return f"{kind.value}_{self.cell}_{ULID.from_bytes(at + ULID().bytes[6:])}"


class SequentialIds:
    """Predictable identifiers for tests: the counter is the random part."""

    def __init__(self, cell: str = "t1", clock: Clock | None = None) -> None:
        self.cell = cell
        self._clock = clock or SystemClock()
        self._count = 0

    def new(self, kind: Kind) -> str:
        """The next identifier."""
        self._count += 1
        at = _milliseconds(self._clock.now()).to_bytes(6, "big")
        return f"{kind.value}_{self.cell}_{ULID.from_bytes(at + self._count.to_bytes(10, 'big'))}"


def is_id(text: str, kind: Kind) -> bool:
    """Whether ``text`` is a well-formed identifier of this kind."""
    match = _ID.fullmatch(text)
    return match is not None and match.group(1) == kind.value


def ulid_of(identifier: str) -> str:
    """The ULID inside an identifier; raises ValueError when it is malformed."""
    match = _ID.fullmatch(identifier)
    if match is None:
        raise ValueError("malformed identifier")
    return match.group(3)


def cell_of(identifier: str) -> str:
    """The cell inside an identifier; raises ValueError when it is malformed."""
    match = _ID.fullmatch(identifier)
    if match is None:
        raise ValueError("malformed identifier")
    return match.group(2)


def created_at(identifier: str) -> datetime:
    """The creation instant that the identifier carries, to the millisecond."""
    return ULID.from_str(ulid_of(identifier)).datetime.astimezone(UTC)


def same_moment(kind: Kind, identifier: str) -> str:
    """An identifier of another kind with the same cell and ULID: one per original, for ever."""
    return f"{kind.value}_{cell_of(identifier)}_{ulid_of(identifier)}"


def derived(kind: Kind, identifier: str, *parts: str) -> str:
    """A deterministic identifier: the original's time, randomness from a hash of the parts."""
    digest = hashlib.sha256("\x00".join((kind.value, identifier, *parts)).encode()).digest()
    time_bytes = ULID.from_str(ulid_of(identifier)).bytes[:6]
    return f"{kind.value}_{cell_of(identifier)}_{ULID.from_bytes(time_bytes + digest[:10])}"


def dated(kind: Kind, identifier: str, at: datetime, *parts: str) -> str:
    """As ``derived``, with another time than the original's: what recurs lies at its own moment."""
    text = derived(kind, identifier, *parts, str(_milliseconds(at)))
    time_bytes = _milliseconds(at).to_bytes(6, "big")
    random = ULID.from_str(ulid_of(text)).bytes[6:]
    return f"{kind.value}_{cell_of(identifier)}_{ULID.from_bytes(time_bytes + random)}"
