"""An account as our books have it and as its broker has it, and what differs. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from shared.ledger import accounts
from shared.ledger.model import Entry, EntryKind
from shared.portfolio.model import BASE

HOLD_REASON = "BROKER_DIFFERS"
"""Why automatic trading of an account is stopped, as rules tell it."""
MOST_ROUNDING = Decimal(100)
"""Cents that rounding may have left in an account in all, however many trades there were."""
_WITHOUT_FRACTIONS = frozenset(
    {
        EntryKind.DEPOSIT_FUNDED,
        EntryKind.CASH_RECALLED,
        EntryKind.CASH_GIVEN_BACK,
        EntryKind.MANAGEMENT_FEE,
    }
)
"""Entries of whole cents on both sides: journals of cash, which the broker does not round."""
_TRADES = frozenset({EntryKind.BUY, EntryKind.SELL, EntryKind.TRADE_REVERSED})
"""Entries that may leave a fraction also where they move no whole cent."""


class Outcome(StrEnum):
    """What a look at an account found."""

    AGREES = "AGREES"
    UNDER_WAY = "UNDER_WAY"
    """They differ, and it may be that one side has not heard of something yet."""
    DIFFERS = "DIFFERS"
    """They differ: automatic trading of the account is stopped."""
    ACCEPTED = "ACCEPTED"
    """They differ by what a member of staff has looked at and left."""
    UNREAD = "UNREAD"
    """The broker did not tell: nothing is known."""


@dataclass(frozen=True, slots=True)
class Books:
    """The person's part of customers' cash and of shares at brokers, folded out of the journal."""

    seq: int = 0
    """Of the last entry that is in it."""
    cash_minor: int = 0
    shares: Mapping[str, int] = field(default_factory=dict)
    """Nano-shares by symbol; never 0."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the broker holds: dollars, exact, and nano-shares by symbol."""

    cash: Decimal
    settled: Decimal
    shares: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """Theirs less ours: cents, and nano-shares by symbol."""

    cash_minor: int = 0
    shares: Mapping[str, int] = field(default_factory=dict)
    inside: Mapping[str, int] = field(default_factory=dict)
    """Of our own rows of positions, less what the journal says."""

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.cash_minor or self.shares or self.inside)

    def __add__(self, more: "Difference") -> "Difference":
        """Both together."""
        none: dict[str, int] = {}
        return Difference(
            self.cash_minor + more.cash_minor,
            less(self.shares, less(none, more.shares)),
            less(self.inside, less(none, more.inside)),
        )

    @property
    def text(self) -> str:
        """The same difference always reads the same: ``USD:-100 VTI:+5``."""
        parts = [f"USD:{self.cash_minor:+d}"] if self.cash_minor else []
        parts += [f"{symbol}:{nanos:+d}" for symbol, nanos in sorted(self.shares.items())]
        parts += [f"ROW.{symbol}:{nanos:+d}" for symbol, nanos in sorted(self.inside.items())]
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Record:
    """What is remembered of an account: the books when both sides last agreed, but for what a
    person has left, and since when they have not."""

    user_id: str
    books: Books = Books()
    rounding: Decimal = Decimal(0)
    """Cents by which the broker had more then: it does not round as we do."""
    agreed_at: datetime | None = None
    """The market's time of that."""
    agreed_here_at: datetime | None = None
    """The system's."""
    left: Difference = Difference()
    """What differed then, because a person had looked at it and left it."""
    differs: str = ""
    """The difference that was found since; empty when there is none."""
    differs_since: datetime | None = None
    """The system's time at which this very difference was found first."""
    unread_since: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Looked:
    """What became of one account in a day's reconciliation."""

    user_id: str
    account_id: str
    outcome: Outcome
    books: Books = Books()
    held: Held | None = None
    difference: Difference = Difference()
    since: datetime | None = None
    """Since when it is so, where it is not as it should be."""
    settled_off_minor: int = 0
    """By how much settled cash differs, where all else agrees; it is told and stops nothing."""


def entered(before: Books, entries: Iterable[Entry]) -> Books:
    """The books after these entries of the person's chain, in order of ``seq``.

    Raises ValueError where one is missing.
    """
    seq, cash, shares = before.seq, before.cash_minor, dict(before.shares)
    for entry in entries:
        if entry.seq != seq + 1:
            raise ValueError("an entry of the chain is missing")
        seq = entry.seq
        moved = effect_of(entry)
        cash += moved.cash_minor
        for symbol, nanos in moved.shares.items():
            shares[symbol] = shares.get(symbol, 0) + nanos
    return Books(seq, cash, {symbol: nanos for symbol, nanos in shares.items() if nanos})


def effect_of(entry: Entry) -> Books:
    """What one entry changes of what the broker holds for the person."""
    cash, shares = 0, dict[str, int]()
    for leg in entry.draft.postings:
        if leg.account == accounts.customers_cash_at_broker() and leg.asset == BASE.asset:
            cash += leg.amount
        elif leg.account == accounts.shares_at_broker():
            symbol = leg.asset.partition("/")[0]
            shares[symbol] = shares.get(symbol, 0) + leg.amount
    return Books(entry.seq, cash, {symbol: nanos for symbol, nanos in shares.items() if nanos})


def roundings(entries: Iterable[Entry]) -> int:
    """How many of the entries may have left a fraction of a cent."""
    return sum(
        1
        for entry in entries
        if entry.draft.kind in _TRADES
        or (entry.draft.kind not in _WITHOUT_FRACTIONS and effect_of(entry).cash_minor)
    )


def compare(
    books: Books,
    held: Held,
    *,
    rounding: Decimal = Decimal(0),
    rounded: int = 0,
    rows: Mapping[str, int] | None = None,
    left: Difference | None = None,
) -> tuple[Difference, Decimal]:
    """What differs beside what was ``left``, and what rounding has left now.

    The broker need not round as we do, so its cash may be off by a cent for each of the
    ``rounded`` entries since both sides last agreed, when it was off by ``rounding``; without
    such entries not by half a cent. ``rows`` are our own positions, nano-shares by symbol.
    """
    left = Difference() if left is None else left
    off = held.cash * 10**BASE.exponent - books.cash_minor - left.cash_minor
    moved = off - rounding
    explained = abs(moved) <= rounded and abs(off) <= MOST_ROUNDING
    cash = 0 if explained else int(moved.to_integral_value(ROUND_HALF_EVEN))
    difference = Difference(
        cash_minor=cash,
        shares=less(less(held.shares, books.shares), left.shares),
        inside={} if rows is None else less(less(rows, books.shares), left.inside),
    )
    return difference, off if explained else rounding


def less(these: Mapping[str, int], those: Mapping[str, int]) -> dict[str, int]:
    """The first less the second, without what is the same."""
    every = {symbol: these.get(symbol, 0) - those.get(symbol, 0) for symbol in {*these, *those}}
    return {symbol: nanos for symbol, nanos in sorted(every.items()) if nanos}


def settled_off(books: Books, held: Held, unsettled_minor: int, open_orders: int) -> int:
    """Cents by which the broker's settled cash exceeds ours, to the cent that rounding may take;
    0 while orders are open, for which the broker sets cash aside in its own way."""
    if open_orders:
        return 0
    off = held.settled * 10**BASE.exponent - (books.cash_minor - unsettled_minor)
    return 0 if abs(off) <= MOST_ROUNDING else int(off.to_integral_value(ROUND_HALF_EVEN))


def shares_text(shares: Mapping[str, int]) -> str:
    """As rows keep them: ``VTI:5,BND:7`` in the order of symbols."""
    return ",".join(f"{symbol}:{nanos}" for symbol, nanos in sorted(shares.items()))


def shares_from(text: str) -> dict[str, int]:
    """Out of ``shares_text``."""
    pairs = (part.split(":") for part in text.split(",")) if text else ()
    return {symbol: int(nanos) for symbol, nanos in pairs}


@dataclass(frozen=True, slots=True)
class Segment:
    """How far a segment of a day has come, with the sums of the accounts that agree."""

    number: int
    cursor: str | None = None
    """The last person who was looked at."""
    done: bool = False
    agreed: int = 0
    ours_minor: int = 0
    theirs: Decimal = Decimal(0)
    shares: Mapping[str, int] = field(default_factory=dict)
    settled_off: int = 0
    """How many accounts' settled cash differs."""
    version: int = 0
    touched_at: datetime | None = None

    def plus(self, looked: Looked) -> "Segment":
        """With one more account that agrees."""
        shares = dict(self.shares)
        for symbol, nanos in looked.books.shares.items():
            shares[symbol] = shares.get(symbol, 0) + nanos
        return replace(
            self,
            agreed=self.agreed + 1,
            ours_minor=self.ours_minor + looked.books.cash_minor,
            theirs=self.theirs + (Decimal(0) if looked.held is None else looked.held.cash),
            shares=shares,
            settled_off=self.settled_off + bool(looked.settled_off_minor),
        )


@dataclass(frozen=True, slots=True)
class DayReport:
    """A day's report, in figures: the whole of it is in the archive."""

    day: date
    hash: str
    place: str
    signature: str
    made_at: datetime
    agreed: int
    under_way: int
    differs: int
    accepted: int
    unread: int
    ours_minor: int
    theirs_minor: int
    """Rounded to the cent."""
