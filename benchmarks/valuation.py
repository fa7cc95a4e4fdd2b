"""What a million people's holdings are worth: the sweep's arrays against decimals one by one.

Everybody holds twelve of twenty symbols. A worth is the sum of quantities times prices, each
rounded half to even to the cent, with cash.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np

from shared.kernel.money import Currency, Price, Quantity
from shared.rebalancing.blocks import ROWS, Flags, Whole, scaled, worths

PEOPLE, SYMBOLS, HOLD = 1_000_000, 20, 12
ONE_BY_ONE, SAMPLED, ROUNDS = 20_000, 5_000, 3
TIMES = 30
"""At least so many times as fast as one after the other."""
_CENT = Decimal(1)
_PER_CENT = Decimal(10**7)
"""Nano-shares times dollars in a cent."""


@dataclass(frozen=True)
class Book:
    """What everybody holds, and the prices of this moment."""

    nanos: Whole
    cash: Whole
    prices: Sequence[Decimal]


def book(people: int, seed: int = 7) -> Book:
    """Between a billionth of a share and a thousand shares, at ten to six hundred dollars."""
    random = np.random.default_rng(seed)
    held = random.random((people, SYMBOLS)).argsort(axis=1) < HOLD
    nanos = np.where(held, random.integers(1, 10**12, (people, SYMBOLS)), 0)
    cash = random.integers(0, 10_000_000, people)
    prices = [Decimal(int(each)) / 10_000 for each in random.integers(10**5, 6 * 10**6, SYMBOLS)]
    return Book(nanos, cash, prices)


def in_blocks(found: Book) -> tuple[Whole, Flags, float]:
    """All worths in cents, which of them are exact, and the seconds of CPU that they took."""
    units, usable = scaled(found.prices)
    totals, exact = np.empty_like(found.cash), np.empty(len(found.cash), dtype=np.bool_)
    began = time.process_time()
    for first in range(0, len(found.cash), ROWS):
        some = slice(first, first + ROWS)
        values, exact[some] = worths(np.asfortranarray(found.nanos[some]), units, usable)
        totals[some] = values.sum(axis=1) + found.cash[some]
    return totals, exact, time.process_time() - began


def by_decimals(held: Mapping[int, Decimal], cash: Decimal, prices: Sequence[Decimal]) -> Decimal:
    """One person's, as an ordinary program adds it up."""
    return sum(
        (
            (nanos * prices[symbol] / _PER_CENT).quantize(_CENT, ROUND_HALF_EVEN)
            for symbol, nanos in held.items()
        ),
        cash,
    )


def one_by_one(found: Book, people: int) -> tuple[list[int], float]:
    """The first people's, and the seconds of CPU that they took; only what is held is looked at."""
    rows = [
        (
            {symbol: Decimal(nanos) for symbol, nanos in enumerate(row) if nanos},
            Decimal(int(cash)),
        )
        for row, cash in zip(found.nanos[:people].tolist(), found.cash[:people], strict=True)
    ]
    began = time.process_time()
    totals = [by_decimals(*row, found.prices) for row in rows]
    return [int(each) for each in totals], time.process_time() - began


def differences(found: Book, totals: Whole, exact: Flags, singles: Sequence[int]) -> int:
    """How many differ from the decimals, or, of those sampled, from how the ledger values them."""
    prices = [Price(each, Currency.USD) for each in found.prices]
    wrong = int((~exact).sum()) + sum(
        int(total) != single for total, single in zip(totals, singles, strict=False)
    )
    for row in range(0, len(found.cash), max(1, len(found.cash) // SAMPLED)):
        known = sum(
            price.value_of(Quantity(nanos)).minor
            for price, nanos in zip(prices, found.nanos[row].tolist(), strict=True)
            if nanos
        )
        wrong += int(totals[row]) != known + int(found.cash[row])
    return wrong


def main() -> None:
    """Print the table; fails when worths differ or are not so many times as fast."""
    found = book(PEOPLE)
    slow, fast = [], []
    # In turns, so that whoever else uses the machine disturbs both.
    for _ in range(ROUNDS):
        singles, seconds = one_by_one(found, ONE_BY_ONE)
        slow.append(seconds / ONE_BY_ONE)
        totals, exact, seconds = in_blocks(found)
        fast.append(seconds / PEOPLE)
    times, wrong = min(slow) / min(fast), differences(found, totals, exact, singles)
    print("| way | people | people per second |")
    print("|---|---|---|")
    print(f"| decimals, one by one | {ONE_BY_ONE:,} | {1 / min(slow):,.0f} |")
    print(f"| blocks of {ROWS:,} rows | {PEOPLE:,} | {1 / min(fast):,.0f} |")
    print(f"\n{times:.0f} times as fast; {wrong} of those compared differ.")
    if wrong or times < TIMES:
        raise SystemExit(f"wanted: no difference, and {TIMES} times")
