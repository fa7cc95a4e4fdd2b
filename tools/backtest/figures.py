"""Returns and risk of a run of daily worths: what a reader compares with other reports.

For looking at only. Nothing here is money, so these are the one place with binary fractions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tools.backtest.replay import Point

SESSIONS_A_YEAR = 252
_DAYS_A_YEAR = 365
_LEAST, _MOST, _PROBES = 1e-6, 1e6, 4_000
_TOLERANCE = 1e-13

type Returns = NDArray[np.float64]


class Ambiguous(ValueError):
    """More than one rate makes the flows worth nothing."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of one; ``None`` where there is none."""

    time_weighted: float
    a_year: float
    money_weighted: float | None
    modified_dietz: float | None
    deviation: float
    sharpe: float
    sortino: float
    drawdown: float
    worst_twentieth: float
    """The day's return that one day in twenty falls below."""


def returns_of(points: Sequence[Point]) -> Returns:
    """Each day's return: worth less what came in, against the worth of the day before.

    Flows count at the end of their day; the first day's against what was paid in, so that the
    spread of the first buys is in it. A day that follows nothing has no return.
    """
    found = [points[0].worth / points[0].paid_in - 1] if points and points[0].paid_in else []
    for before, now in pairwise(points):
        if before.worth:
            found.append((now.worth - now.paid_in) / before.worth - 1)
    return np.array(found)


def time_weighted(returns: Returns) -> float:
    """Days linked by multiplication."""
    return float(np.prod(1 + returns) - 1)


def index_of(returns: Returns) -> Returns:
    """What one unit has become, day by day, with the one at the beginning."""
    return np.concatenate([[1.0], np.cumprod(1 + returns)])


def drawdowns(returns: Returns) -> Returns:
    """How far each day ends below the highest one until then."""
    index = index_of(returns)
    return index / np.maximum.accumulate(index) - 1


def money_weighted(flows: Sequence[tuple[date, float]]) -> float | None:
    """The yearly rate (actual days over 365) at which the flows are worth nothing: what is paid
    in is negative. None where no rate does that; raises Ambiguous where several do."""
    first = min(day for day, _ in flows)
    years = np.array([(day - first).days / _DAYS_A_YEAR for day, _ in flows])
    amounts = np.array([amount for _, amount in flows])

    def worth(growth: float) -> float:
        return float(np.sum(amounts * growth**-years))

    growths = np.geomspace(_LEAST, _MOST, _PROBES)
    worths = [worth(float(each)) for each in growths]
    crossings = [
        (float(low), float(high))
        for (low, one), (high, other) in pairwise(zip(growths, worths, strict=True))
        if one == 0 or one * other < 0
    ]
    if not any(amounts) or not np.any(years) or not crossings:
        return None
    if len(crossings) > 1:
        raise Ambiguous(f"{len(crossings)} rates")
    low, high = crossings[0]
    rising = worth(high) > worth(low)
    while high - low > _TOLERANCE * high:
        middle = (low + high) / 2
        if (worth(middle) > 0) == rising:
            high = middle
        else:
            low = middle
    return (low + high) / 2 - 1


def modified_dietz(points: Sequence[Point]) -> float | None:
    """What was gained, against the money that was there: each flow counts for the share of the
    days that were left after it (modified Dietz). None where no money was there on average."""
    first, last = points[0], points[-1]
    days = (last.day - first.day).days
    later = [each for each in points[1:] if each.paid_in]
    flows = sum(each.paid_in for each in later)
    there = first.paid_in + sum(
        each.paid_in * (last.day - each.day).days / days for each in later if days
    )
    return (last.worth - first.paid_in - flows) / there if days and there > 0 else None


def figures(points: Sequence[Point]) -> Figures:
    """Of all days."""
    flows = [(each.day, -each.paid_in / 100) for each in points if each.paid_in]
    flows.append((points[-1].day, points[-1].worth / 100))
    return figures_of(returns_of(points), money_weighted(flows), modified_dietz(points))


def figures_of(returns: Returns, money: float | None = None, dietz: float | None = None) -> Figures:
    """Of daily returns, with the two rates of the money that made them. Deviations are those of a
    sample, and nothing is earned without risk."""
    total, mean = time_weighted(returns), float(returns.mean())
    deviation = float(returns.std(ddof=1))
    downside = float(np.sqrt(np.mean(np.minimum(returns, 0) ** 2)))
    root = SESSIONS_A_YEAR**0.5
    return Figures(
        time_weighted=total,
        a_year=float((1 + total) ** (SESSIONS_A_YEAR / len(returns)) - 1),
        money_weighted=money,
        modified_dietz=dietz,
        deviation=deviation * root,
        sharpe=_per_risk(mean, deviation) * root,
        sortino=_per_risk(mean, downside) * root,
        drawdown=float(drawdowns(returns).min()),
        worst_twentieth=float(np.percentile(returns, 5)),
    )


def _per_risk(mean: float, risk: float) -> float:
    """Endless where something was gained and nothing risked; nothing where nothing was gained."""
    if risk:
        return mean / risk
    return float(np.sign(mean)) * float("inf") if mean else 0.0
