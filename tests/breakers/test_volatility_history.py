"""Volatility on the S&P 500's closes of 1990-2022 against dates and figures known beforehand.

``sp500.csv.gz`` holds date and close as the package skfolio 1.12.2 (BSD-3-Clause) carries them.
"""

import gzip
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from shared.breakers.market import LEVELS
from shared.breakers.volatility import DECAY, annual, moved, variance


@cache
def closes():
    text = gzip.decompress((Path(__file__).parent / "sp500.csv.gz").read_bytes()).decode()
    lines = (line.split(",") for line in text.splitlines())
    return [(day, Decimal(close)) for day, close in lines]


@cache
def returns():
    known = closes()
    return [(day, moved(close, known[at][1])) for at, (day, close) in enumerate(known[1:], start=0)]


@cache
def deviations():
    found, known = [], None
    for day, one in returns():
        square = one * one
        known = square if known is None else DECAY * known + (1 - DECAY) * square
        found.append((day, annual(known)))
    return found


def test_the_series_is_whole() -> None:
    known = closes()
    assert (len(known), known[0][0], known[-1][0]) == (8313, "1990-01-02", "2022-12-28")


def test_seven_days_end_below_the_first_level_and_none_below_the_second() -> None:
    assert [day for day, one in returns() if one <= LEVELS[0]] == [
        "2008-09-29",
        "2008-10-09",
        "2008-10-15",
        "2008-12-01",
        "2020-03-09",
        "2020-03-12",
        "2020-03-16",
    ]
    assert sum(one <= Decimal("-0.05") for _, one in returns()) == 21
    assert [day for day, one in returns() if one <= LEVELS[1]] == []


@pytest.mark.parametrize(
    ("above", "days", "episodes"), [("0.45", 126, 6), ("0.60", 76, 2), ("0.35", 287, 11)]
)
def test_days_and_episodes_of_high_volatility(above, days, episodes) -> None:
    high = [each > Decimal(above) for _, each in deviations()]
    begins = sum(now and not before for before, now in zip([False, *high], high, strict=False))
    assert (sum(high), begins) == (days, episodes)


def test_march_2020() -> None:
    of = dict(deviations())
    assert round(of["2020-03-16"], 4) == Decimal("0.8186")
    crossed = [day for day, one in deviations() if day >= "2020" and one > Decimal("0.45")]
    assert crossed[0] == "2020-03-09"


def test_of_twenty_days_the_wildest_end_on_27_march_2020() -> None:
    """The sample's deviation, as others tell it: the series and the year are the same."""
    known = returns()
    found = {}
    for at in range(20, len(known) + 1):
        window = [one for _, one in known[at - 20 : at]]
        mean = sum(window) / 20
        found[known[at - 1][0]] = annual(sum((one - mean) ** 2 for one in window) / 19)
    wildest = max(found, key=lambda day: found[day])
    assert (wildest, round(found[wildest], 4)) == ("2020-03-27", Decimal("0.9712"))


def test_the_function_says_what_the_steps_say() -> None:
    until = [one for day, one in returns() if day <= "2020-03-16"]
    known = variance(until)
    assert known is not None
    assert annual(known) == dict(deviations())["2020-03-16"]
    newest = variance(until[-280:])
    assert newest is not None
    assert abs(annual(newest) - annual(known)) < Decimal("0.000001")
    assert variance([]) is None


def test_hysteresis_merges_what_comes_back_before_it_was_calm() -> None:
    open_, opened, closed = False, [], []
    for day, one in deviations():
        if not open_ and one > Decimal("0.45"):
            open_ = True
            opened.append(day)
        elif open_ and one < Decimal("0.35"):
            open_ = False
            closed.append(day)
    assert len(opened) == len(closed) < 6
    assert "2020-03-09" in opened
