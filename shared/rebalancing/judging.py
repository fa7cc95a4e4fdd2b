"""Candidates into blocks, and blocks into the goals for which a plan is worth asking."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import batched

import numpy as np

from shared.investing.inputs import AssetUsed, Cause, GoalUsed, Inputs, PriceUsed, Rules, Target
from shared.investing.proposing import propose
from shared.market_data.model import AssetType
from shared.rebalancing.blocks import NEVER, ROWS, Block, Flags, Whole, judge, scaled
from shared.rebalancing.candidates import Candidate

_ANY = AssetUsed(type=AssetType.ETF, buyable=True)
"""The plan itself knows which assets trade, and in which parts."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Of some goals: for which to ask, how much that would move, and of whom a price is missing."""

    asked: tuple[Candidate, ...]
    due: int
    turnover_minor: int
    """Cents that are above their targets, of those who are asked for."""
    unpriced: tuple[str, ...]


def judged(
    candidates: Sequence[Candidate], prices: Mapping[str, Decimal], rules: Rules, today: date
) -> Judged:
    """For whom a rebalance is due and large enough to be traded, at these prices in dollars."""
    known = prices.keys()
    priced = [each for each in candidates if known >= _symbols(each)]
    unpriced = tuple(each.user_id for each in candidates if not known >= _symbols(each))
    asked: list[Candidate] = []
    due = turnover = 0
    for block in batched(priced, ROWS, strict=False):
        for number, trades, moved in _of_block(block, prices, rules, today):
            due += 1
            if trades:
                asked.append(block[number])
                turnover += moved
    return Judged(tuple(asked), due, turnover, unpriced)


def _symbols(candidate: Candidate) -> set[str]:
    return {*candidate.held, *candidate.targets}


def _of_block(
    block: Sequence[Candidate], prices: Mapping[str, Decimal], rules: Rules, today: date
) -> Iterator[tuple[int, bool, int]]:
    """Those of a block who are due: their place, whether there are orders, and what is sold."""
    columns = sorted(set().union(*(_symbols(each) for each in block)))
    units, usable = scaled([prices[symbol] for symbol in columns])
    plans = judge(_arrays(block, columns), units, usable, rules, today)
    moved: Whole = plans.sells.sum(axis=1)
    for number in np.flatnonzero(plans.exact & plans.due).tolist():
        yield number, bool(plans.trades[number]), int(moved[number])
    for number in np.flatnonzero(~plans.exact).tolist():
        proposal = propose(_inputs(block[number], prices, rules, today))
        if proposal.due:
            sold = sum(each.proceeds_minor for each in proposal.sales.values())
            yield number, bool(proposal.orders), sold


def _arrays(block: Sequence[Candidate], columns: Sequence[str]) -> Block:
    place = {symbol: number for number, symbol in enumerate(columns)}
    nanos = np.zeros((len(block), len(columns)), dtype=np.int64)
    targets = np.zeros_like(nanos)
    cash, unsettled, last = (np.zeros(len(block), dtype=np.int64) for _ in range(3))
    for row, each in enumerate(block):
        for symbol, held in each.held.items():
            # What does not fit is larger than any limit there: the row is judged singly.
            nanos[row, place[symbol]] = min(held, 2**62)
        for symbol, points in each.targets.items():
            targets[row, place[symbol]] = points
        cash[row] = min(each.available, 2**60)
        unsettled[row] = min(each.unsettled, 2**60)
        last[row] = NEVER if each.last is None else each.last.toordinal()
    return Block(nanos, targets, cash, unsettled, last, _shared(block, place))


def _shared(block: Sequence[Candidate], place: Mapping[str, int]) -> Flags | None:
    """Which positions other goals hold a part of; None where nobody has named goals."""
    if not any(each.beside for each in block):
        return None
    found = np.zeros((len(block), len(place)), dtype=np.bool_)
    for row, each in enumerate(block):
        for symbol in each.beside:
            found[row, place[symbol]] = True
    return found


def _inputs(
    candidate: Candidate, prices: Mapping[str, Decimal], rules: Rules, today: date
) -> Inputs:
    """As the planner would have them, for one who does not fit into a block."""
    now = datetime.combine(today, time(12), UTC)
    symbols = sorted(_symbols(candidate))
    return Inputs(
        cause=Cause.REBALANCE,
        cause_id=candidate.user_id,
        person_active=True,
        identity_approved=True,
        score=1,
        account_active=True,
        available_minor=candidate.available,
        unsettled_minor=candidate.unsettled,
        open_orders=0,
        held=dict(candidate.held),
        target=Target(id="", version=1, score=1, weights=dict(candidate.targets)),
        prices={
            symbol: PriceUsed(price=prices[symbol], as_of=now, source="") for symbol in symbols
        },
        assets=dict.fromkeys(symbols, _ANY),
        breakers={},
        market_open=True,
        business_now=now,
        last_rebalanced=candidate.last,
        goal=GoalUsed(id=candidate.goal_id, beside=dict.fromkeys(sorted(candidate.beside), 1)),
        rules=rules,
    )
