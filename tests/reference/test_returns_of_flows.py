"""A portfolio of one asset earns what the asset earns, whatever is paid in and out meanwhile."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.backtest.figures import figures, returns_of, time_weighted
from tools.backtest.replay import Point

FIRST = date(2024, 1, 1)
moves = st.lists(st.tuples(st.integers(-300, 300), st.integers(-50, 200)), min_size=2, max_size=60)


def run(steps: list[tuple[int, int]]) -> tuple[list[Point], float]:
    """A thousand dollars in one asset, whose price moves by so many basis points each day and
    into which so many percent of its worth are then paid; and what the asset has earned.

    Worths are not rounded here: cents would be no property of the formula.
    """
    worth, price = 100_000.0, 1.0
    points = [Point(FIRST, worth, worth)]
    for number, (move, percent) in enumerate(steps, start=1):
        factor = 1 + move / 10_000
        price *= factor
        flow = worth * factor * percent / 100
        worth = worth * factor + flow
        day = FIRST + timedelta(days=number)
        points.append(Point(day, worth, flow))
    return points, price - 1


@given(moves)
def test_what_comes_in_and_goes_out_changes_no_time_weighted_return(steps) -> None:
    points, earned = run(steps)
    assert time_weighted(returns_of(points)) == pytest.approx(earned, abs=1e-9)


@given(moves, st.integers(0, 59))
def test_somebody_who_joins_with_as_much_again_has_gained_nothing_by_it(steps, at) -> None:
    steps = [(move, 0) for move, _ in steps]
    at %= len(steps)
    joined = [*steps[:at], (steps[at][0], 100), *steps[at + 1 :]]
    alone, together = (returns_of(run(each)[0]) for each in (steps, joined))
    assert np.allclose(alone, together, atol=1e-12)


def test_what_is_lost_whole_is_lost_whole() -> None:
    gone = [Point(FIRST, 100, 100), Point(FIRST + timedelta(days=1), 0, 0)]
    assert time_weighted(returns_of(gone)) == -1
    # From then on there is nothing that could have a return, until somebody pays in again.
    again = [*gone, Point(FIRST + timedelta(days=2), 50, 50)]
    assert list(returns_of(again)) == [0, -1]


def test_what_never_falls_is_worth_any_risk() -> None:
    bought = [Point(FIRST, 100, 100), Point(FIRST + timedelta(days=1), 0, -101)]
    found = figures([*bought, Point(FIRST + timedelta(days=2), 0, 0)])
    assert found.time_weighted == pytest.approx(0.01)
    assert (found.drawdown, found.sortino) == (0, float("inf"))
    still = figures([Point(FIRST, 100, 100), Point(FIRST + timedelta(days=1), 100, 0)])
    assert (still.sharpe, still.sortino) == (0, 0)
