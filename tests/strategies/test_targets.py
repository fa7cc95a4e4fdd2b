"""From a strategy to what one person's money is invested in on one day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.market_data.universe import SYMBOLS
from shared.strategies.errors import NothingLeft
from shared.strategies.fitting import with_at_most, without
from shared.strategies.founding import FOUNDING
from shared.strategies.glide import Path, equity_at, months_before
from shared.strategies.model import Style, equity_of, in_force
from shared.strategies.targets import Wish, target_of

TODAY = date(2026, 3, 2)
KNOWN = in_force(FOUNDING, TODAY)
EQUITY = [symbol for symbol in SYMBOLS if symbol != "AAAB"]


def in_months(months: int) -> date:
    year, month = divmod(TODAY.year * 12 + TODAY.month - 1 + months, 12)
    return date(year, month + 1, TODAY.day)


@pytest.mark.parametrize(
    ("years", "expected"),
    [(40, 9000), (25, 9000), (24, 8840), (12, 6920), (5, 5800), (0, 5000), (-7, 3000), (-20, 3000)],
)
def test_the_retirement_path_goes_in_straight_lines(years: int, expected: int) -> None:
    assert equity_at(Path.RETIREMENT, in_months(12 * years), TODAY) == expected


def test_the_retirement_path_is_near_a_real_fund_of_2030() -> None:
    # Vanguard's held 61.5 % equity on 2024-09-30.
    ours = equity_at(Path.RETIREMENT, date(2030, 12, 31), date(2024, 9, 30))
    assert ours == 6000
    assert abs(ours - 6150) <= 200


@pytest.mark.parametrize(
    ("months", "expected"),
    [(400, 9000), (180, 9000), (156, 8500), (132, 8000), (102, 6000), (72, 4000), (54, 3000)],
)
def test_the_spending_path_goes_in_straight_lines(months: int, expected: int) -> None:
    assert equity_at(Path.SPENDING, in_months(months), TODAY) == expected


@pytest.mark.parametrize("months", [36, 12, 0, -5])
def test_what_is_soon_spent_is_held_as_cautiously_as_can_be(months: int) -> None:
    assert equity_at(Path.SPENDING, in_months(months), TODAY) == 2000


@pytest.mark.parametrize("months", range(0, 200, 3))
def test_the_spending_path_keeps_to_the_horizon_caps_of_the_questionnaire(months: int) -> None:
    cap = 1 if months < 36 else 2 if months < 72 else 4 if months < 132 else 5
    assert equity_at(Path.SPENDING, in_months(months), TODAY) <= KNOWN[f"factor-{cap}"].equity_bp


def test_months_are_whole_and_rounded_towards_less_time() -> None:
    until = date(2030, 3, 31)
    assert months_before(until, date(2030, 3, 31)) == 0
    assert months_before(until, date(2030, 2, 28)) == 1
    assert months_before(until, date(2029, 3, 31)) == 12
    assert months_before(date(2030, 3, 15), date(2030, 2, 16)) == 0
    assert months_before(date(2030, 3, 15), date(2030, 3, 16)) == -1


@given(
    path=some.sampled_from(Path),
    until=some.dates(date(2000, 1, 1), date(2090, 1, 1)),
    on=some.dates(date(2000, 1, 1), date(2090, 1, 1)),
    later=some.integers(0, 4000),
)
def test_equity_never_rises_as_time_passes(path: Path, until: date, on: date, later: int) -> None:
    then = on + timedelta(days=later)
    assert equity_at(path, until, then) <= equity_at(path, until, on)


def test_an_excluded_weight_goes_to_its_class_by_largest_remainder() -> None:
    weights = {"AAAB": 4000, "MTUM": 900, "QUAL": 1500, "SIZE": 700, "USMV": 1700, "VLUE": 1200}
    # 1700 over 900, 1500, 700, 1200 (of 4300): 355.8, 593.0, 276.7, 474.4.
    assert without(weights, {"USMV"}) == {
        "AAAB": 4000,
        "MTUM": 1256,
        "QUAL": 2093,
        "SIZE": 977,
        "VLUE": 1674,
    }
    assert without(weights, set()) == weights
    assert without(weights, {"TSLA"}) == weights


def test_equal_remainders_go_by_symbol() -> None:
    assert without({"MTUM": 3333, "QUAL": 3333, "SIZE": 1, "AAAB": 3333}, {"SIZE"}) == {
        "AAAB": 3333,
        "MTUM": 3334,
        "QUAL": 3333,
    }


@pytest.mark.parametrize("excluded", [{"AAAB"}, set(EQUITY), set(SYMBOLS)])
def test_exclusions_that_leave_nothing_of_a_class_are_refused(excluded: set[str]) -> None:
    with pytest.raises(NothingLeft):
        without(KNOWN["factor-3"].weights, excluded)


def test_less_equity_keeps_the_proportions_within_each_class() -> None:
    fitted = with_at_most(KNOWN["factor-5"].weights, 4000)
    assert fitted == {
        "AAAB": 6000,
        "MTUM": 758,
        "QUAL": 1095,
        "SIZE": 547,
        "USMV": 716,
        "VLUE": 884,
    }
    assert with_at_most(fitted, 4000) == fitted
    assert with_at_most(fitted, 9000) == fitted


def test_equity_that_nothing_can_replace_is_refused() -> None:
    with pytest.raises(NothingLeft):
        with_at_most({"QUAL": 10_000}, 5000)


def test_a_target_names_the_version_it_comes_from() -> None:
    target = target_of(Wish(3), KNOWN, TODAY)
    assert target is not None
    assert (target.id, target.version, target.score) == ("factor-3", 1, 3)
    assert target.weights == KNOWN["factor-3"].weights
    assert target_of(Wish(3, Style.INCOME), {}, TODAY) is None
    with pytest.raises(ValueError, match="1 to 5"):
        target_of(Wish(6), KNOWN, TODAY)


def test_a_goal_date_lowers_equity_and_never_raises_it() -> None:
    soon = target_of(Wish(5, until=in_months(24)), KNOWN, TODAY)
    late = target_of(Wish(2, until=in_months(300), path=Path.RETIREMENT), KNOWN, TODAY)
    assert soon is not None
    assert late is not None
    assert soon.equity_bp == 2000
    assert late.weights == KNOWN["factor-2"].weights


@given(
    score=some.integers(1, 5),
    style=some.sampled_from(Style),
    path=some.sampled_from(Path),
    months=some.none() | some.integers(-100, 500),
    excluded=some.sets(some.sampled_from([*EQUITY, "TSLA"]), max_size=4),
)
def test_every_target_is_a_whole_without_what_is_excluded_and_no_bolder_than_the_strategy(
    score: int, style: Style, path: Path, months: int | None, excluded: set[str]
) -> None:
    until = None if months is None else in_months(months)
    wish = Wish(score, style, until, path, frozenset(excluded))
    if excluded >= set(EQUITY):
        return
    target = target_of(wish, KNOWN, TODAY)
    assert target is not None
    assert sum(target.weights.values()) == 10_000
    assert min(target.weights.values()) > 0
    assert not target.weights.keys() & excluded
    strategy = KNOWN[wish.strategy_id]
    limit = 10_000 if until is None else equity_at(path, until, TODAY)
    assert equity_of(target.weights) == min(strategy.equity_bp, limit)
    reordered = replace(strategy, weights=dict(reversed(strategy.weights.items())))
    assert target_of(wish, {strategy.id: reordered}, TODAY) == target
