"""A bank's statement, whichever format it came in. Pure."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from shared.kernel.money import Currency

BYTES_MAX = 5_000_000
_LONGEST = 60
_DIGITS = 15


class Refusal(StrEnum):
    """Why a file is no statement of ours."""

    TOO_LARGE = "TOO_LARGE"
    UNREADABLE = "UNREADABLE"
    """Neither CAMT.053 nor MT940, or a broken one."""
    OTHER_ACCOUNT = "OTHER_ACCOUNT"
    OTHER_CURRENCY = "OTHER_CURRENCY"
    DOES_NOT_ADD_UP = "DOES_NOT_ADD_UP"
    """Its entries are not what lies between its balances: something is missing, or doubled."""


class StatementRefused(ValueError):
    """Nothing of the file counts."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class BankEntry:
    """One booked entry; credits are positive. ``texts`` is what the payer wrote, which may name a
    person: it is searched and never kept."""

    reference: str
    """The bank's own name of it, or one made of its content where it has none. Some banks give
    the same one to several entries."""
    minor: int
    day: date
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BankStatement:
    """One account between two balances, in minor units."""

    account: str
    currency: Currency
    opening_minor: int
    closing_minor: int
    closing_day: date
    """The day at whose end the closing balance stood."""
    entries: tuple[BankEntry, ...]


def checked(statement: BankStatement) -> BankStatement:
    """The same with names for entries that have none, and of those that share name and amount;
    StatementRefused when it does not add up."""
    moved = sum(entry.minor for entry in statement.entries)
    if statement.opening_minor + moved != statement.closing_minor:
        raise StatementRefused(Refusal.DOES_NOT_ADD_UP)
    return replace(statement, entries=_named(statement.entries))


def _named(entries: Sequence[BankEntry]) -> tuple[BankEntry, ...]:
    """Names that the same entry gets in every file that tells of its day."""
    counted: Counter[tuple[str, int]] = Counter()
    named = []
    for entry in entries:
        name = entry.reference or _made(entry)
        counted[name, entry.minor] += 1
        number = counted[name, entry.minor]
        several = f"{name}/{number}" if number > 1 else name
        named.append(replace(entry, reference=several))
    return tuple(named)


def _made(entry: BankEntry) -> str:
    content = "\x00".join((entry.day.isoformat(), str(entry.minor), *entry.texts))
    return f"made-{hashlib.sha256(content.encode()).hexdigest()[:24]}"


def minor_of(text: str | None, currency: Currency) -> int:
    """Minor units of a plain amount; StatementRefused for anything else."""
    try:
        amount = Decimal(text or "")
    except InvalidOperation:
        raise StatementRefused(Refusal.UNREADABLE) from None
    if not amount.is_finite() or amount.adjusted() > _DIGITS:
        raise StatementRefused(Refusal.UNREADABLE)
    minor = amount.scaleb(int(currency.asset.partition("/")[2]))
    if minor != minor.to_integral_value():
        raise StatementRefused(Refusal.UNREADABLE)
    return int(minor)


def currency_of(code: str | None) -> Currency:
    """StatementRefused for a currency that we do not keep."""
    if code is None or code not in Currency:
        raise StatementRefused(Refusal.OTHER_CURRENCY)
    return Currency(code)


def reference_of(text: str | None) -> str:
    """A name that can be a part of a key; empty for none."""
    found = "".join(each for each in (text or "").strip() if "!" <= each <= "~")
    return "" if found.upper() in ("NONREF", "NOTPROVIDED") else found[:_LONGEST]
