"""What somebody held at the end of each day, unwound from what they hold now. Pure and exact.

The journal has every movement of cash and shares with its time. Undoing those after a day gives
what was held at its end, so nothing has to be written down day by day.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from shared.kernel.ids import created_at
from shared.kernel.money import Currency, Price, Quantity
from shared.ledger.accounts import customer_cash, customer_shares, receivable
from shared.ledger.model import Draft, EntryKind, settled_by
from shared.management_fees.accruing import DayWorth

_CASH = Currency.USD.asset
_AT_EFFECT = frozenset({EntryKind.SPLIT, EntryKind.SYMBOL_CHANGED})
"""Booked before or after the day on which prices change with them."""


class Closes(Protocol):
    """Closing prices as they were traded."""

    def close(self, symbol: str, day: date) -> Price | None:
        """Of the day, or the last known one before it; None while none is known."""


@dataclass(frozen=True, slots=True)
class Held:
    """Cash less debts in cents, shares in nanos by symbol."""

    cash_minor: int = 0
    nanos: Mapping[str, int] = field(default_factory=dict)


def day_of(draft: Draft) -> date:
    """The day in New York to whose end an entry belongs. That of a split is when it takes effect,
    which is the time in the identifier of what it was booked for."""
    if draft.kind in _AT_EFFECT:
        return created_at(draft.reference).date()
    return settled_by(draft.at)


def changes(user_id: str, drafts: Iterable[Draft]) -> dict[date, dict[str, int]]:
    """By day and asset, what entries brought to a person (or took, negative)."""
    cash, shares, owed = customer_cash(user_id), customer_shares(user_id), receivable(user_id)
    found: defaultdict[date, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for draft in drafts:
        for leg in draft.postings:
            # What is owed to a person is a credit; what they owe, a debit.
            of_cash = leg.account in (cash, owed) and leg.asset == _CASH
            if of_cash or leg.account == shares:
                found[day_of(draft)][leg.asset] -= leg.amount
    return {day: dict(moved) for day, moved in found.items()}


def daily(
    now: Held, moved: Mapping[date, Mapping[str, int]], first: date, last: date, closes: Closes
) -> Iterator[DayWorth]:
    """The worth at the end of each day from ``last`` down to ``first``; ``moved`` has all that
    was moved after ``first``. Never below zero."""
    cash, nanos = now.cash_minor, dict(now.nanos)

    def undo(day: date) -> None:
        nonlocal cash
        for asset, amount in moved.get(day, {}).items():
            if asset == _CASH:
                cash -= amount
            else:
                symbol = asset.partition("/")[0]
                nanos[symbol] = nanos.get(symbol, 0) - amount

    for day in sorted((day for day in moved if day > last), reverse=True):
        undo(day)
    day = last
    while day >= first:
        yield _worth(day, cash, nanos, closes)
        undo(day)
        day -= timedelta(days=1)


def _worth(day: date, cash: int, nanos: Mapping[str, int], closes: Closes) -> DayWorth:
    total, unpriced = cash, []
    for symbol, held in sorted(nanos.items()):
        if held <= 0:
            continue
        price = closes.close(symbol, day)
        if price is None:
            unpriced.append(symbol)
        else:
            total += price.value_of(Quantity(held)).minor
    return DayWorth(day, max(total, 0), tuple(unpriced))
