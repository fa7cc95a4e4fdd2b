"""Whole cents out of many futures: ranges, chances, and what it takes to reach a target."""

import numpy as np
from numpy.typing import NDArray

from shared.projections.simulating import Column, Factors

type Cents = NDArray[np.int64]

MOST = 2**62
"""No path is said to be worth more cents than this."""
HUNDRED = 100


def worths(factors: Factors, worth_minor: int, monthly_minor: int) -> Cents:
    """Of each path, rounded down: what is not reached does not look so."""
    found: Cents = np.floor(np.minimum(_grown(factors, worth_minor, monthly_minor), MOST)).astype(
        np.int64
    )
    return found


def reached_by(cents: Cents, *percents: int) -> tuple[int, ...]:
    """For each of them, the most that at least so many per cent of the paths reach."""
    places = [len(cents) - needed(len(cents), percent) for percent in percents]
    ordered = np.partition(cents, sorted(set(places)))
    return tuple(int(ordered[place]) for place in places)


def needed(paths: int, percent: int) -> int:
    """Paths that make so many per cent, at least one."""
    return max(-(-paths * percent // HUNDRED), 1)


def successes(factors: Factors, worth_minor: int, monthly_minor: int, target_minor: int) -> int:
    """Paths that are at the target or above."""
    grown = _grown(factors, worth_minor, monthly_minor)
    return int(np.count_nonzero(grown >= target_minor))


def required(factors: Factors, worth_minor: int, target_minor: int, percent: int) -> int:
    """The least whole cents a month with which so many per cent of the paths reach the target, by
    bisection: a higher amount never has fewer. What is paid in last does not grow or fall any
    more, so the target itself is always enough."""
    enough = needed(len(factors.start), percent)
    low, high = 0, target_minor
    while low < high:
        middle = (low + high) // 2
        if successes(factors, worth_minor, middle, target_minor) >= enough:
            high = middle
        else:
            low = middle + 1
    return low


def _grown(factors: Factors, worth_minor: int, monthly_minor: int) -> Column:
    grown: Column = factors.start * worth_minor + factors.each * monthly_minor
    return grown
