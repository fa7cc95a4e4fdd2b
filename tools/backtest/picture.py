"""Draws worth, what was paid in and falls from the top, with the days on which orders waited."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from importlib import import_module
from itertools import accumulate
from pathlib import Path
from typing import Any

from tools.backtest.figures import drawdowns, returns_of
from tools.backtest.replay import Result

COLOURS = ("#1b6ca8", "#c25b12", "#5a7d2a")
_SIZE, _DOTS = (10, 6.4), 110
_APART = timedelta(days=5)


def draw(results: Mapping[str, Result], to: Path) -> None:
    """A picture with a line for each of the results, by what they are called."""
    matplotlib = import_module("matplotlib")
    matplotlib.use("Agg")
    plots = import_module("matplotlib.pyplot")
    figure, (above, below) = plots.subplots(
        2, 1, figsize=_SIZE, dpi=_DOTS, sharex=True, height_ratios=(3, 1), layout="constrained"
    )
    for (name, result), colour in zip(results.items(), COLOURS, strict=False):
        _lines(above, below, name, result, colour)
    first = next(iter(results.values()))
    days = [each.day for each in first.points]
    paid = [minor / 100 for minor in accumulate(each.paid_in for each in first.points)]
    above.step(
        days, paid, where="post", color="#555555", linewidth=1, label="paid in by the savers"
    )
    for number, (begin, end) in enumerate(spans(first.stopped)):
        label = "orders wait: breaker of the market" if number == 0 else None
        above.axvspan(begin, end, color="#d9b3b3", label=label)
        below.axvspan(begin, end, color="#d9b3b3")
    above.set_ylabel("US dollars")
    above.yaxis.set_major_formatter("{x:,.0f}")
    above.set_ylim(bottom=0)
    below.set_ylabel("below the top, %")
    for each in (above, below):
        each.grid(alpha=0.3)
        each.margins(x=0)
    above.legend(loc="upper left", frameon=False)
    figure.savefig(to, metadata={"Software": None})
    plots.close(figure)


def _lines(above: Any, below: Any, name: str, result: Result, colour: str) -> None:
    days = [each.day for each in result.points]
    worths = {each.day: each.worth / 100 for each in result.points}
    above.plot(days, list(worths.values()), color=colour, linewidth=1.2, label=name)
    began = [run.began_on for run in result.runs]
    if began:
        at = [worths[day] for day in began]
        above.plot(began, at, "o", color=colour, markersize=6, label=f"{name}: rebalanced")
    fallen = drawdowns(returns_of(result.points))[1:] * 100
    below.plot(days, fallen, color=colour, linewidth=0.9)


def spans(days: Sequence[date]) -> list[tuple[date, date]]:
    """First and last days of what is no further apart than a long weekend."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and day - found[-1][1] <= _APART:
            found[-1] = found[-1][0], day
        else:
            found.append((day, day))
    return found
