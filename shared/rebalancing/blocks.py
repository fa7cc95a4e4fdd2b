"""Bands, sales and buys of thousands of portfolios at once: whole numbers in arrays. Pure.

The same decisions as ``investing.bands``, ``raising.trim`` and ``rebalancing.budget_of`` take for
one portfolio, exactly: amounts in cents and quantities in nano-shares as 64-bit integers, with
bounds within which nothing overflows. What lies outside of them is said to be, and not guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from shared.investing.inputs import Band, Period, Rules
from shared.kernel.money import NANOS_PER_SHARE

type Whole = NDArray[np.int64]
type Flags = NDArray[np.bool_]

ROWS = 4_096
"""Portfolios per block: the arrays of one stay in the processor's cache."""
WHOLE_BP = 10_000
_LARGEST = 2**63 - 1
_PRICE_SCALE = 10_000
_PER_CENT = NANOS_PER_SHARE * _PRICE_SCALE // 100
"""Nano-shares times ten-thousandths of a dollar, in a cent."""
_RICHEST = 4 * 10**10
"""Cents; four hundred million dollars. Weights of more do not fit where they are multiplied."""
NEVER = 0
"""Instead of a day on which a run was completed: there was none."""


@dataclass(frozen=True, slots=True)
class Block:
    """Portfolios as rows, symbols as columns."""

    nanos: Whole
    targets: Whole
    """Basis points by symbol; those of a row sum to ``WHOLE_BP``."""
    cash: Whole
    """Cents, with what has not settled."""
    unsettled: Whole
    last: Whole
    """Ordinals of the days on which the last runs were completed, or ``NEVER``."""
    shared: Flags | None = None
    """Positions of which another goal holds a part: no order closes them."""


@dataclass(frozen=True, slots=True)
class Plans:
    """What a rebalance would do, in cents. Rows that are not ``exact`` are to be judged singly:
    what the others say does not hold for them."""

    exact: Flags
    due: Flags
    sells: Whole
    """What is above target."""
    buys: Whole
    """What would be below target once sales have settled, of all but the buffer."""
    budget: Whole
    """Settled cash that may be spent today."""
    trades: Flags
    """Due, and large enough for an order today."""


def scaled(prices: Sequence[Decimal | None]) -> tuple[Whole, Flags]:
    """Prices in ten-thousandths of a dollar; and which of them are known and are such whole."""
    found = np.zeros(len(prices), dtype=np.int64)
    usable = np.zeros(len(prices), dtype=np.bool_)
    for number, price in enumerate(prices):
        if price is None:
            continue
        units = price * _PRICE_SCALE
        if units == int(units) and 0 < units < 9 * 10**9:
            found[number], usable[number] = int(units), True
    return found, usable


def judge(block: Block, prices: Whole, usable: Flags, rules: Rules, today: date) -> Plans:
    """The plans of a block at these prices."""
    # Column after column: sums over symbols are then sums of whole columns.
    nanos, targets = np.asfortranarray(block.nanos), np.asfortranarray(block.targets)
    values, exact = worths(nanos, prices, usable)
    whole = values.sum(axis=1) + block.cash
    exact &= (whole <= _RICHEST) & (block.cash >= 0)
    exact &= targets.sum(axis=1) == WHOLE_BP
    above = values * WHOLE_BP
    above -= targets * whole[:, None]
    due = _due(above, targets, block, whole, rules, today)
    # Rounded down: what is sold leaves a portfolio at its target or above.
    sells = np.floor_divide(above, WHOLE_BP, out=above)
    np.maximum(sells, 0, out=sells)
    buffer = -(-whole * rules.buffer_bp // WHOLE_BP)
    buys = targets * (whole - buffer)[:, None]
    buys //= WHOLE_BP
    buys -= values
    np.maximum(buys, 0, out=buys)
    settled = np.maximum(block.cash - np.maximum(block.unsettled, 0), 0)
    budget = np.maximum(settled - buffer, 0)
    least = rules.minimum_order_minor
    closed = sells == values
    closed &= values > 0
    if block.shared is not None:
        closed &= ~block.shared
    closed |= sells >= least
    wants = sells == 0
    wants &= targets > 0
    trades = due & (closed.any(axis=1) | (wants.any(axis=1) & (budget >= least)))
    return Plans(exact, due, sells, buys, budget, trades)


def worths(nanos: Whole, prices: Whole, usable: Flags) -> tuple[Whole, Flags]:
    """Worths in cents, rounded half to even as one price times one quantity is; and which rows are
    exact. Shapes: portfolios by symbols, symbols, symbols; portfolios by symbols, portfolios.

    Fastest where ``nanos`` lies column after column.
    """
    most = (_LARGEST - _PER_CENT) // np.maximum(prices, 1)
    # Without a sign, what is below zero is above everything.
    if usable.all() and (nanos.view(np.uint64).max(axis=0) <= most.view(np.uint64)).all():
        exact = np.ones(len(nanos), dtype=np.bool_)
    else:
        fits = usable & (nanos >= 0) & (nanos <= most)
        exact = (fits | (nanos == 0)).all(axis=1)
    raised = nanos * prices
    raised += _PER_CENT // 2
    values = raised // _PER_CENT
    raised -= values * _PER_CENT
    if not raised.all():
        # Exactly between two cents: to the even one.
        values -= (raised == 0) & (values & 1 == 1)
    return values, exact


def _due(
    above: Whole, targets: Whole, block: Block, whole: Whole, rules: Rules, today: date
) -> Flags:
    """``above``: by how much worths are above their targets, in ten-thousandths of a cent."""
    rested = (block.last == NEVER) | (block.last + rules.cooldown_days <= today.toordinal())
    distance, cash = np.abs(above), block.cash * WHOLE_BP
    if rules.band is Band.PORTFOLIO:
        kept = np.abs(cash - (WHOLE_BP - targets.sum(axis=1)) * whole)
        breached = distance.sum(axis=1) + kept > 2 * rules.portfolio_bp * whole
    else:
        distance *= WHOLE_BP
        breached = (distance > _limits(targets, rules) * whole[:, None]).any(axis=1)
        breached |= cash > rules.absolute_bp * whole
    breached &= whole > 0
    if rules.every is not None:
        breached |= block.last < first_of(rules.every, today).toordinal()
    due: Flags = rested & breached
    return due


def _limits(targets: Whole, rules: Rules) -> Whole:
    """The nearer of the bands that count, in ten-thousandths of a basis point."""
    if rules.band is Band.ABSOLUTE:
        return np.full_like(targets, rules.absolute_bp * WHOLE_BP)
    limits = targets * rules.relative_bp
    if rules.band is Band.RELATIVE:
        return limits
    return np.minimum(limits, rules.absolute_bp * WHOLE_BP, out=limits)


def first_of(period: Period, day: date) -> date:
    """The first day of the month, quarter or year in which a day lies."""
    month = day.replace(day=1)
    match period:
        case Period.MONTH:
            return month
        case Period.QUARTER:
            return month.replace(month=(day.month - 1) // 3 * 3 + 1)
        case Period.YEAR:
            return month.replace(month=1)


def day_of(ordinal: int) -> date | None:
    """Of ``Block.last``."""
    return None if ordinal == NEVER else date.min + timedelta(days=ordinal - 1)
