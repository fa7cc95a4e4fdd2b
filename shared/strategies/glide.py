"""Glide paths: how much equity is held so many months before a date. Pure, on whole numbers.

``RETIREMENT`` follows target-date funds as Vanguard describes its own: 90 % equity until 25 years
before (age 40 of those who stop at 65), 50 % at the date, 30 % from seven years after it on.
``SPENDING`` is for money that is spent on one day, such as school fees: its equity never exceeds
that of the strategy to which the risk questionnaire's horizon cap would lead (fewer than three
years: 1, up to five: 2, up to ten: 4).
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from itertools import pairwise


class Path(StrEnum):
    """What happens at the date of a goal."""

    SPENDING = "SPENDING"
    """All of it is spent."""
    RETIREMENT = "RETIREMENT"
    """It begins to be used up, over decades."""


POINTS: Mapping[Path, tuple[tuple[int, int], ...]] = {
    Path.SPENDING: ((180, 9000), (132, 8000), (72, 4000), (36, 2000)),
    Path.RETIREMENT: ((300, 9000), (0, 5000), (-84, 3000)),
}
"""Whole months before the date (negative: after it) with basis points of equity, falling; linear
in between, and flat beyond the ends."""


def months_before(until: date, on: date) -> int:
    """Whole months from a day until the date, rounded towards less time; negative after it.

    So the target moves once a month, on the date's day of the month, and not every day.
    """
    whole = (until.year - on.year) * 12 + until.month - on.month
    return whole - (until.day < on.day)


def equity_at(path: Path, until: date, on: date) -> int:
    """Most equity in basis points that a path allows on a day, rounded down."""
    months = months_before(until, on)
    points = POINTS[path]
    if months >= points[0][0]:
        return points[0][1]
    for (early, more), (late, less) in pairwise(points):
        if months >= late:
            return less + (more - less) * (months - late) // (early - late)
    return points[-1][1]
