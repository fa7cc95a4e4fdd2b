"""Rebalance plans of a million portfolios: blocks of whole numbers against one after the other.

Each plan is: worths in cents, whether the bands or the calendar make it due, what is sold down to
target, what is bought once that has settled, what may be spent today, and whether there are orders.
"""

import time
from collections.abc import Collection, Mapping, Sequence
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


@dataclass(frozen=True)
class Single:
    """One plan in decimals."""

    due: bool
    sells: tuple[int, ...]
    buys: tuple[int, ...]
    budget: int
    trades: bool


def in_blocks(found: Book, rows: Collection[int]) -> "Made":
    """All plans, one block after the other as the sweep makes them; those of some rows are kept."""
    units, usable = scaled(found.prices)
    kept, due, seconds = {}, 0, 0.0
    wanted = sorted(rows)
    for first in range(0, len(found.cash), ROWS):
        block = found.block(first, first + ROWS)
        began = time.process_time()
        plans = judge(block, units, usable, RULES, TODAY)
        seconds += time.process_time() - began
        due += int(plans.due.sum())
        while wanted and wanted[0] < first + ROWS:
            row = wanted.pop(0)
            kept[row] = single_of(plans, row - first)
    return Made(kept, due, seconds)


def single_of(plans: Plans, at: int) -> Single | None:
    """One of a block; None for one that is to be judged singly."""
    if not plans.exact[at]:
        return None
    return Single(
        bool(plans.due[at]),
        tuple(map(int, plans.sells[at])),
        tuple(map(int, plans.buys[at])),
        int(plans.budget[at]),
        bool(plans.trades[at]),
    )


@dataclass(frozen=True)
class Made:
    """Of all portfolios: sampled plans, how many are due, and the seconds of CPU that they took."""

    kept: Mapping[int, Single | None]
    due: int
    seconds: float


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


def sampled(found: Book) -> set[int]:
    """Those that are looked at one by one: the first ones, and some of all others."""
    step = max(1, len(found.cash) // SAMPLED)
    return {*range(ONE_BY_ONE), *range(0, len(found.cash), step)}


def differences(found: Book, plans: Mapping[int, Single | None], singles: Sequence[Single]) -> int:
    """How many sampled portfolios differ from the planner's own functions, or from decimals."""
    return sum(
        not _same(found, row, plan) or (row < len(singles) and plan != singles[row])
        for row, plan in plans.items()
    )


def _same(found: Book, row: int, plan: Single | None) -> bool:
    names = [f"A{number:02}" for number in range(ASSETS)]
    prices = dict(zip(names, (Price(each, Currency.USD) for each in found.prices), strict=True))
    values = {
        name: prices[name].value_of(Quantity(int(held))).minor
        for name, held in zip(names, found.nanos[row], strict=True)
    }
    targets = dict(zip(names, map(int, found.targets[row]), strict=True))
    cash = int(found.cash[row])
    expected = trim(values, targets, sum(values.values()) + cash)
    return (
        plan is not None
        and plan.due == bool(breaches(values, targets, cash, RULES))
        and {name: each for name, each in zip(names, plan.sells, strict=True) if each} == expected
        and plan.budget == budget_of(cash, values, RULES.buffer_bp)
    )


def main() -> None:
    """Print the table; fails when plans differ or are not so many times as fast."""
    found = book(PORTFOLIOS)
    singles, slow = one_by_one(found, ONE_BY_ONE)
    rows = sampled(found)
    rounds = [in_blocks(found, rows) for _ in range(3)]
    made = min(rounds, key=lambda each: each.seconds)
    again, slow_again = one_by_one(found, ONE_BY_ONE)
    assert again == singles
    each = min(slow, slow_again) / ONE_BY_ONE
    times = each / (made.seconds / PORTFOLIOS)
    wrong = differences(found, made.kept, singles)
    print("| way | portfolios | plans per second |")
    print("|---|---|---|")
    print(f"| decimals, one by one | {ONE_BY_ONE:,} | {1 / each:,.0f} |")
    print(f"| blocks of {ROWS:,} rows | {PORTFOLIOS:,} | {PORTFOLIOS / made.seconds:,.0f} |")
    print(f"\n{times:.0f} times as fast; {made.due:,} due; {wrong} sampled portfolios differ.")
    if wrong or times < TIMES:
        raise SystemExit(f"wanted: no difference, and {TIMES} times")
