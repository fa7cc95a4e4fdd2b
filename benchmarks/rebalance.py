"""Rebalance plans of a million portfolios: blocks of whole numbers against one after the other.

Each plan is: worths in cents, whether the bands or the calendar make it due, what is sold down to
target, what is bought once that has settled, what may be spent today, and whether there are orders.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal

import numpy as np

from shared.investing.bands import breaches
from shared.investing.inputs import Rules
from shared.investing.raising import trim
from shared.investing.rebalancing import budget_of
from shared.kernel.money import Currency, Price, Quantity
from shared.rebalancing.blocks import NEVER, ROWS, Block, Plans, judge, scaled

PORTFOLIOS, ASSETS = 1_000_000, 20
ONE_BY_ONE, SAMPLED = 4_000, 2_000
TIMES = 100
"""At least so many times as fast as one after the other."""
TODAY = date(2026, 3, 2)
RULES = Rules()
_CENT, _WHOLE = Decimal(1), Decimal(10_000)


@dataclass(frozen=True)
class Book:
    """All portfolios, and the prices of this moment."""

    nanos: np.ndarray
    targets: np.ndarray
    cash: np.ndarray
    prices: Sequence[Decimal]

    def block(self, first: int, last: int) -> Block:
        """Some of them."""
        none = np.zeros(len(self.cash[first:last]), dtype=np.int64)
        return Block(
            self.nanos[first:last],
            self.targets[first:last],
            self.cash[first:last],
            none,
            none + NEVER,
        )


def book(count: int, seed: int = 7) -> Book:
    """Portfolios of a thousand to half a million dollars, near their targets and beside them."""
    random = np.random.default_rng(seed)
    prices = [Decimal(int(each)) / 100 for each in random.integers(1_000, 60_000, ASSETS)]
    parts = random.integers(1, 10, (10, ASSETS))
    models = parts * 10_000 // parts.sum(axis=1, keepdims=True)
    models[:, 0] += 10_000 - models.sum(axis=1)
    targets = models[random.integers(0, 10, count)]
    whole = random.integers(100_000, 50_000_000, count)
    # Off by up to three tenths of what is aimed for, half of them by much less.
    off = random.integers(700, 1_300, (count, ASSETS))
    off = np.where(random.integers(0, 2, (count, 1)) == 1, off, 1_000 + (off - 1_000) // 20)
    cents = whole[:, None] * targets // 10_000 * off // 1_000
    units = np.array([int(price * 100) for price in prices])
    nanos = cents * 1_000_000 // units * 1_000
    return Book(nanos.astype(np.int64), targets, whole // 100, prices)


def in_blocks(found: Book) -> tuple[list[Plans], float]:
    """All plans, and the seconds of CPU that they took."""
    units, usable = scaled(found.prices)
    began = time.process_time()
    plans = [
        judge(found.block(first, first + ROWS), units, usable, RULES, TODAY)
        for first in range(0, len(found.cash), ROWS)
    ]
    return plans, time.process_time() - began


@dataclass(frozen=True)
class Single:
    """One plan in decimals."""

    due: bool
    sells: tuple[int, ...]
    buys: tuple[int, ...]
    budget: int
    trades: bool


def by_decimals(
    nanos: Sequence[Decimal], targets: Sequence[Decimal], cash: Decimal, prices: Sequence[Decimal]
) -> Single:
    """The same plan as an ordinary program makes it: one portfolio, decimals throughout."""
    values = [
        (held * price / 10_000_000).quantize(_CENT, ROUND_HALF_EVEN)
        for held, price in zip(nanos, prices, strict=True)
    ]
    whole = sum(values, cash)
    absolute, relative = Decimal(RULES.absolute_bp) / _WHOLE, Decimal(RULES.relative_bp) / _WHOLE
    due = cash > absolute * whole
    for value, target in zip(values, targets, strict=True):
        share = target / _WHOLE
        due = due or abs(value - share * whole) > min(absolute, share * relative) * whole
    goals = [(whole * target / _WHOLE) for target in targets]
    sells = [
        max(Decimal(0), value - goal.quantize(_CENT, ROUND_CEILING))
        for value, goal in zip(values, goals, strict=True)
    ]
    buffer = (whole * RULES.buffer_bp / _WHOLE).quantize(_CENT, ROUND_CEILING)
    buys = [
        max(Decimal(0), (whole - buffer) * target // _WHOLE - value)
        for value, target in zip(values, targets, strict=True)
    ]
    budget = max(Decimal(0), cash - buffer)
    least = RULES.minimum_order_minor
    sold = any(
        sell > 0 and (sell >= least or sell == value)
        for sell, value in zip(sells, values, strict=True)
    )
    wants = any(t > 0 and not sell for t, sell in zip(targets, sells, strict=True))
    trades = due and (sold or (wants and budget >= least))
    return Single(due, _whole(sells), _whole(buys), int(budget), trades)


def _whole(amounts: Sequence[Decimal]) -> tuple[int, ...]:
    return tuple(int(each) for each in amounts)


def one_by_one(found: Book, count: int) -> tuple[list[Single], float]:
    """The first of them in decimals, and the seconds of CPU that they took."""
    rows = [
        (
            [Decimal(int(each)) for each in found.nanos[row]],
            [Decimal(int(each)) for each in found.targets[row]],
            Decimal(int(found.cash[row])),
        )
        for row in range(count)
    ]
    began = time.process_time()
    singles = [by_decimals(*row, found.prices) for row in rows]
    return singles, time.process_time() - began


def differences(found: Book, plans: Sequence[Plans], singles: Sequence[Single]) -> int:
    """How many sampled portfolios differ from the planner's own functions, or from decimals."""
    step = max(1, len(found.cash) // SAMPLED)
    rows = {*range(len(singles)), *range(0, len(found.cash), step)}
    return sum(not _same(found, plans, singles, row) for row in sorted(rows))


def _same(found: Book, plans: Sequence[Plans], singles: Sequence[Single], row: int) -> bool:
    plan, at = plans[row // ROWS], row % ROWS
    names = [f"A{number:02}" for number in range(ASSETS)]
    prices = dict(zip(names, (Price(each, Currency.USD) for each in found.prices), strict=True))
    values = {
        name: prices[name].value_of(Quantity(int(held))).minor
        for name, held in zip(names, found.nanos[row], strict=True)
    }
    targets = dict(zip(names, map(int, found.targets[row]), strict=True))
    cash = int(found.cash[row])
    expected = trim(values, targets, sum(values.values()) + cash)
    same = (
        bool(plan.exact[at])
        and bool(plan.due[at]) == bool(breaches(values, targets, cash, RULES))
        and {name: int(n) for name, n in zip(names, plan.sells[at], strict=True) if n} == expected
        and int(plan.budget[at]) == budget_of(cash, values, RULES.buffer_bp)
    )
    if row >= len(singles):
        return same
    single = singles[row]
    return same and single == Single(
        bool(plan.due[at]),
        tuple(map(int, plan.sells[at])),
        tuple(map(int, plan.buys[at])),
        int(plan.budget[at]),
        bool(plan.trades[at]),
    )


def main() -> None:
    """Print the table; fails when plans differ or are not so many times as fast."""
    found = book(PORTFOLIOS)
    singles, slow = one_by_one(found, ONE_BY_ONE)
    rounds = [in_blocks(found) for _ in range(3)]
    plans, fast = min(rounds, key=lambda each: each[1])
    again, slow_again = one_by_one(found, ONE_BY_ONE)
    assert again == singles
    each = min(slow, slow_again) / ONE_BY_ONE
    times = each / (fast / PORTFOLIOS)
    wrong = differences(found, plans, singles)
    due = sum(int(plan.due.sum()) for plan in plans)
    print("| way | portfolios | plans per second |")
    print("|---|---|---|")
    print(f"| decimals, one by one | {ONE_BY_ONE:,} | {1 / each:,.0f} |")
    print(f"| blocks of {ROWS:,} rows | {PORTFOLIOS:,} | {PORTFOLIOS / fast:,.0f} |")
    print(f"\n{times:.0f} times as fast; {due:,} due; {wrong} sampled portfolios differ.")
    if wrong or times < TIMES:
        raise SystemExit(f"wanted: no difference, and {TIMES} times")
