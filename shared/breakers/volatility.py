"""How much the market moves: falls of a day, moves within minutes, and their slow mean. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from statistics import median

from shared.market_data.bars import Bar

DECAY = Decimal("0.94")
"""Of yesterday's variance so much is left (RiskMetrics 1996, daily)."""
SESSIONS_A_YEAR = 252


def variance(returns: Iterable[Decimal], decay: Decimal = DECAY) -> Decimal | None:
    """Exponentially weighted mean of squared simple returns, oldest first, of one day.

    Begins with the first one's square; None without any.
    """
    known: Decimal | None = None
    for each in returns:
        square = each * each
        known = square if known is None else decay * known + (1 - decay) * square
    return known


def annual(daily_variance: Decimal) -> Decimal:
    """A day's variance as a year's deviation: 0.45 is 45 %."""
    return (daily_variance * SESSIONS_A_YEAR).sqrt()


def moved(price: Decimal, against: Decimal) -> Decimal:
    """The simple return; -0.07 is a fall of 7 %."""
    return price / against - 1


def market_returns(bars: Mapping[str, Sequence[Bar]]) -> list[tuple[date, Decimal]]:
    """The median return of several symbols on each day on which most of them traded, in order.

    ``bars`` are adjusted. A median, so that one symbol's wrong price moves no market.
    """
    by_day: dict[date, list[Decimal]] = {}
    for each in bars.values():
        ordered = sorted(each, key=lambda bar: bar.day)
        for before, bar in pairwise(ordered):
            by_day.setdefault(bar.day, []).append(moved(bar.close, before.close))
    return [
        (day, median(found))
        for day, found in sorted(by_day.items())
        if enough(len(found), len(bars))
    ]


def enough(known: int, of: int) -> bool:
    """Whether so many of the symbols stand for the market: more than half."""
    return 2 * known > of
