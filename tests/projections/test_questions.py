"""What may be asked, how far it looks, and along which weights."""

from datetime import date
from typing import Any

import pytest

from shared.kernel.errors import InvalidValue, TemporarilyUnavailable
from shared.kernel.money import Currency, Money
from shared.projections.assumptions import published
from shared.projections.errors import (
    ProjectionDateMissing,
    ProjectionDateTooNear,
    ProjectionTooFar,
)
from shared.projections.model import Method, Standing, check_wish, months_to, standing_of
from shared.projections.service import project, weights_ahead
from shared.strategies.errors import NothingLeft
from shared.strategies.founding import FOUNDING
from shared.strategies.model import equity_of
from shared.strategies.targets import Wish
from tests.projections.questions import question

TODAY = date(2026, 3, 31)
ASSUMED = published().on(TODAY)
STRATEGIES = {one.id: one for one in FOUNDING}


@pytest.mark.parametrize(
    ("until", "months"),
    [((2026, 4, 30), 0), ((2026, 5, 1), 1), ((2027, 3, 31), 12), ((2086, 4, 30), 720)],
)
def test_whole_months_are_looked_at(until: tuple[int, int, int], months: int) -> None:
    if months:
        assert months_to(date(*until), TODAY) == months
    else:
        with pytest.raises(ProjectionDateTooNear):
            months_to(date(*until), TODAY)


def test_there_is_no_projection_without_a_day_or_beyond_sixty_years() -> None:
    with pytest.raises(ProjectionDateMissing):
        months_to(None, TODAY)
    with pytest.raises(ProjectionTooFar) as refused:
        months_to(date(2086, 5, 1), TODAY)
    assert refused.value.values == {"years": 60}
    with pytest.raises(ProjectionDateTooNear):
        months_to(date(2020, 1, 1), TODAY)


@pytest.mark.parametrize(
    ("monthly", "percent", "field"),
    [
        (Money(-1, Currency.USD), 50, "monthly_amount"),
        (Money(100_000_001, Currency.USD), 50, "monthly_amount"),
        (Money(1, Currency.KES), 50, "monthly_amount"),
        (Money(0, Currency.USD), 49, "probability"),
        (Money(0, Currency.USD), 96, "probability"),
    ],
)
def test_what_cannot_be_wished_is_refused_by_its_field(
    monthly: Money, percent: int, field: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_wish(monthly, percent)
    assert refused.value.values["field"] == field


@pytest.mark.parametrize("percent", [50, 95])
def test_the_ends_of_what_can_be_wished_are_fine(percent: int) -> None:
    check_wish(Money(0, Currency.USD), percent)
    check_wish(Money(100_000_000, Currency.USD), percent)


@pytest.mark.parametrize(
    ("reached", "standing"),
    [
        (9_999, Standing.SHORTFALL),
        (10_000, Standing.JUST_NICE),
        (10_500, Standing.JUST_NICE),
        (10_501, Standing.SURPLUS),
    ],
)
def test_up_to_a_twentieth_above_the_target_is_just_nice(reached: int, standing: Standing) -> None:
    assert standing_of(reached, 10_000) is standing


def test_without_a_target_there_is_a_range_and_no_chance() -> None:
    told = project(question(24), paths=100)
    assert told.chance is None
    assert len(told.spans) == 2


def test_a_part_of_a_year_at_the_end_is_a_span_of_its_own() -> None:
    assert [one.months for one in project(question(30), paths=10).spans] == [12, 24, 30]
    assert [one.months for one in project(question(3), paths=10).spans] == [3]


def test_weights_ahead_follow_the_goals_path_down() -> None:
    until = date(2036, 3, 31)
    wish = Wish(score=5, until=until)
    ahead = weights_ahead(wish, STRATEGIES, TODAY, months_to(until, TODAY))
    assert len(ahead) == 120
    equity = [equity_of(one) for one in ahead]
    assert equity == sorted(equity, reverse=True)
    assert (equity[0], equity[120 - 72], equity[120 - 36], equity[-1]) == (7200, 4000, 2000, 2000)
    still = weights_ahead(Wish(score=5), STRATEGIES, TODAY, 3)
    assert still == [STRATEGIES["factor-5"].weights] * 3


def test_a_path_that_gives_up_equity_narrows_the_range() -> None:
    until = date(2036, 3, 31)
    for method in Method:
        width = {}
        for name, wish in (("path", Wish(5, until=until)), ("still", Wish(5))):
            weights = weights_ahead(wish, STRATEGIES, TODAY, 120)
            last = project(
                question(120, weights=weights, method=method, assumptions=ASSUMED), paths=2_000
            ).spans[-1]
            width[name] = last.high - last.low
        assert width["path"] < width["still"] * 0.7


def test_months_end_where_the_calendar_does() -> None:
    assert len(weights_ahead(Wish(1), STRATEGIES, date(2024, 2, 29), 25)) == 25


@pytest.mark.parametrize(
    ("wish", "strategies", "error"),
    [
        (Wish(3), {}, TemporarilyUnavailable),
        (Wish(3, excluded=frozenset({"AAAB"})), STRATEGIES, NothingLeft),
    ],
)
def test_weights_that_are_not_known_are_not_guessed(
    wish: Wish, strategies: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        weights_ahead(wish, strategies, TODAY, 3)
