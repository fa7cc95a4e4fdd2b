"""Lines and balances of the firm's own accounts. Pure.

A house account has no row that anybody may set: every balance here is a sum of journal entries.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from shared.ledger.events import EntryPostedV1


@dataclass(frozen=True, slots=True)
class HouseLine:
    """One leg of one entry, as it stands on an account's statement. Debits are positive.

    ``owner_id``, ``chain`` and ``seq`` name the entry in the journal, ``leg`` its place in it, from
    0. ``memo`` is the entry's: the gateway's name of the payment is ``payment``, and so on.
    """

    account: str
    asset: str
    amount: int
    at: datetime
    kind: str
    reference: str
    owner_id: str
    chain: str
    seq: int
    leg: int
    memo: Mapping[str, str] = field(default_factory=dict)

    @property
    def day(self) -> date:
        """The day it counts for, in UTC: the one time basis of all statements here."""
        return self.at.astimezone(UTC).date()

    @property
    def entry_id(self) -> str:
        """The one name of its entry."""
        return f"{self.owner_id}#{self.chain}#{self.seq}"


@dataclass(frozen=True, slots=True, order=True)
class HouseAccount:
    """An account in one asset."""

    account: str
    asset: str


@dataclass(frozen=True, slots=True)
class HouseBalance:
    """What an account holds; debits are positive."""

    account: str
    asset: str
    minor: int


@dataclass(frozen=True, slots=True)
class Closing:
    """An account at the end of a day in UTC, as the books stood when it was closed: what it held,
    what moved on that day, and ``late``, what came for days before it since the closing before.
    So the closing before, ``late`` and ``moved`` are together ``minor``.

    ``lines`` counts those of the day, ``total_lines`` all until its end.
    """

    account: str
    asset: str
    day: date
    minor: int
    moved: int
    lines: int
    total_lines: int
    late: int = 0


@dataclass(frozen=True, slots=True)
class Proof:
    """All lines of an account that were summed, whatever their day: ``minor`` of ``lines``.

    ``since`` is the first day of the clock on which what was touched may not be among them; None
    before the first closing. ``version`` counts the changes.
    """

    account: str
    asset: str
    minor: int = 0
    lines: int = 0
    since: date | None = None
    version: int = 0

    @property
    def sums(self) -> tuple[int, int]:
        """To be compared with the counters."""
        return self.minor, self.lines


def lines_of(entry: EntryPostedV1) -> tuple[HouseLine, ...]:
    """The lines of an entry, one per leg."""
    return tuple(
        HouseLine(
            account=leg.account,
            asset=leg.asset,
            amount=leg.amount,
            at=entry.at,
            kind=entry.kind,
            reference=entry.reference,
            owner_id=entry.owner_id,
            chain=entry.chain,
            seq=entry.seq,
            leg=number,
            memo=dict(entry.memo),
        )
        for number, leg in enumerate(entry.legs)
    )


def moved(lines: Iterable[HouseLine]) -> dict[HouseAccount, int]:
    """By how much each account changes; accounts on which legs cancel out are there with 0."""
    totals: dict[HouseAccount, int] = {}
    for line in lines:
        account = HouseAccount(line.account, line.asset)
        totals[account] = totals.get(account, 0) + line.amount
    return totals
