"""Returns and risk against reference values and other libraries."""

import gzip
from datetime import date
from itertools import pairwise
from pathlib import Path

import empyrical
import numpy as np
import pytest
import pyxirr

from tools.backtest.figures import (
    Ambiguous,
    drawdowns,
    figures,
    figures_of,
    modified_dietz,
    money_weighted,
    returns_of,
    time_weighted,
)
from tools.backtest.replay import Point

SP500 = Path(__file__).resolve().parents[1] / "breakers" / "sp500.csv.gz"
SOLD_AT = [(date(2024, 1, 1), -1000.0), (date(2024, 4, 1), -1100.0), (date(2024, 7, 1), 495.0)]
EXCEL = [
    (date(2008, 1, 1), -10_000.0),
    (date(2008, 3, 1), 2_750.0),
    (date(2008, 10, 30), 4_250.0),
    (date(2009, 2, 15), 3_250.0),
    (date(2009, 4, 1), 2_750.0),
]


UNITS = [
    Point(date(2024, 1, 1), 100_000, 100_000),
    Point(date(2024, 4, 1), 220_000, 110_000),
    Point(date(2024, 7, 1), 148_500, -49_500),
    Point(date(2025, 1, 1), 181_500, 0),
]
"""Ten units at 100, ten more at 110, five sold at 99, worth 121 when the year is over."""


def test_days_are_linked_whatever_comes_in_and_goes_out() -> None:
    assert time_weighted(returns_of(UNITS)) == pytest.approx(0.21, abs=1e-12)


def test_money_counts_for_the_days_that_it_is_there() -> None:
    assert modified_dietz(UNITS) == pytest.approx(0.1331093485, abs=1e-9)
    assert figures(UNITS).modified_dietz == modified_dietz(UNITS)
    untouched = [UNITS[0], Point(date(2024, 12, 31), 121_000, 0)]
    assert modified_dietz(untouched) == pytest.approx(0.21, abs=1e-12)


def test_without_days_or_money_there_is_no_such_return() -> None:
    assert modified_dietz(UNITS[:1]) is None
    gone = Point(date(2024, 1, 2), 0, -200_000)
    assert modified_dietz([UNITS[0], gone, Point(date(2024, 12, 31), 0, 0)]) is None


@pytest.mark.parametrize(
    ("flows", "rate"),
    [
        ([*SOLD_AT, (date(2025, 1, 1), 1_815.0)], 0.1331662542),
        ([*SOLD_AT, (date(2024, 12, 31), 1_815.0)], 0.1335628466),
        (EXCEL, 0.3733625335),
        ([(date(2024, 1, 1), -100.0), (date(2025, 1, 1), 50.0)], -0.4990521804),
    ],
)
def test_money_has_the_rate_at_which_its_flows_are_worth_nothing(flows, rate) -> None:
    assert money_weighted(flows) == pytest.approx(rate, abs=1e-9)
    assert money_weighted(flows) == pytest.approx(pyxirr.xirr(flows), abs=1e-9)


@pytest.mark.parametrize(
    "flows",
    [
        [(date(2024, 1, 1), -100.0), (date(2024, 6, 1), -50.0)],
        [(date(2024, 1, 1), -100.0), (date(2025, 1, 1), 0.0)],
        [(date(2024, 1, 1), -100.0), (date(2024, 1, 1), 110.0)],
    ],
)
def test_what_no_rate_explains_has_none(flows) -> None:
    assert money_weighted(flows) is None


def test_a_rate_that_is_not_the_only_one_is_not_told() -> None:
    with pytest.raises(Ambiguous, match="2 rates"):
        # After one and after two years of 365 days each: 100 % and 200 %.
        money_weighted(
            [
                (date(2021, 1, 1), -1_000.0),
                (date(2022, 1, 1), 5_000.0),
                (date(2023, 1, 1), -6_000.0),
            ]
        )


def test_nothing_is_returned_before_anything_is_there() -> None:
    nothing = [Point(date(2024, 1, 1), 0, 0), Point(date(2024, 1, 2), 100, 100)]
    assert list(returns_of(nothing)) == []
    later = [*nothing, Point(date(2024, 1, 3), 110, 0)]
    assert list(returns_of(later)) == [pytest.approx(0.1)]


def test_the_figures_of_a_run_are_those_of_another_library(crash) -> None:
    _, result = crash
    found, returns = figures(result.points), returns_of(result.points)
    assert len(returns) == len(result.points)
    near = {"rel": 1e-10}
    assert found.time_weighted == pytest.approx(empyrical.cum_returns_final(returns), **near)
    assert found.a_year == pytest.approx(empyrical.annual_return(returns), **near)
    assert found.deviation == pytest.approx(empyrical.annual_volatility(returns), **near)
    assert found.sharpe == pytest.approx(empyrical.sharpe_ratio(returns), **near)
    assert found.sortino == pytest.approx(empyrical.sortino_ratio(returns), **near)
    assert found.drawdown == pytest.approx(empyrical.max_drawdown(returns), **near)
    assert found.worst_twentieth == pytest.approx(empyrical.value_at_risk(returns), **near)
    flows = [(each.day, -each.paid_in / 100) for each in result.points if each.paid_in]
    flows.append((result.points[-1].day, result.points[-1].worth / 100))
    assert found.money_weighted == pytest.approx(pyxirr.xirr(flows), abs=1e-9)


@pytest.mark.parametrize(
    ("symbol", "known"),
    [
        (
            "USMV",
            {
                "time_weighted": 1.4246369896,
                "a_year": 0.1036540315,
                "deviation": 0.1508087650,
                "sharpe": 0.7298123577,
                "sortino": 1.0158561814,
                "drawdown": -0.3309932081,
                "worst_twentieth": -0.0131352266,
            },
        ),
        (
            "MTUM",
            {
                "a_year": 0.1181974611,
                "deviation": 0.2020211880,
                "sharpe": 0.6545193962,
                "sortino": 0.9091099954,
                "drawdown": -0.3408182567,
            },
        ),
    ],
)
def test_funds_have_the_returns_and_the_risk_that_are_known_of_them(history, symbol, known) -> None:
    """What empyrical and quantstats agree about, of 2,263 days."""
    closes = np.array([float(history.closes[symbol][day]) for day in history.days])
    found = figures_of(closes[1:] / closes[:-1] - 1)
    assert {name: getattr(found, name) for name in known} == pytest.approx(known, abs=1e-9)
    if symbol == "USMV":
        assert found.a_year / -found.drawdown == pytest.approx(0.3131605997, abs=1e-9)


def test_the_deepest_fall_of_an_index_in_33_years() -> None:
    text = gzip.decompress(SP500.read_bytes()).decode()
    closes = np.array([float(line.split(",")[1]) for line in text.splitlines()])
    fallen = drawdowns(closes[1:] / closes[:-1] - 1)
    assert fallen.min() == pytest.approx(-0.5677538894, abs=1e-9)


def test_a_fall_is_measured_from_the_highest_day_until_then() -> None:
    worths = [100.0, 120.0, 90.0, 130.0, 117.0]
    returns = np.array([after / before - 1 for before, after in pairwise(worths)])
    assert drawdowns(returns) == pytest.approx([0, 0, -0.25, 0, -0.1])
