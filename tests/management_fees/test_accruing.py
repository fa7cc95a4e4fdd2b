"""The fee of days: exact, in any order, and by the terms of each day."""

import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.management_fees.accruing import (
    UNITS_PER_CENT,
    Accrued,
    DayWorth,
    accrued,
    charged,
    fee_of,
    in_dollars,
)
from shared.management_fees.terms import Terms, TermsTable, published, table_of

FIRST = date(2026, 3, 1)
QUARTER = TermsTable((Terms(1, date(2026, 1, 1), 25, 0),))


def days(worth: int, count: int, first: date = FIRST) -> list[DayWorth]:
    return [DayWorth(first + timedelta(days=number), worth) for number in range(count)]


def test_ten_thousand_dollars_at_25_basis_points_cost_2_05_in_thirty_days() -> None:
    found = accrued(days(1_000_000, 30), QUARTER)
    assert in_dollars(found.units) == Decimal("2.054795")
    assert charged(found.units) == (205, found.units - 205 * UNITS_PER_CENT)
    assert (found.days, found.waived_days, found.unpriced_days) == (30, 0, 0)


def test_rounding_each_day_would_have_charged_five_cents_more() -> None:
    each = fee_of(DayWorth(FIRST, 1_000_000), QUARTER).units
    assert 30 * round(Fraction(each, UNITS_PER_CENT)) == 210


def test_a_year_costs_exactly_the_rate() -> None:
    assert charged(accrued(days(1_000_000, 365), QUARTER).units) == (2_500, 0)


def test_a_leap_year_has_one_day_more_at_the_same_price() -> None:
    leap = TermsTable((Terms(1, date(2028, 1, 1), 25, 0),))
    found = accrued(days(1_000_000, 366, date(2028, 1, 1)), leap)
    assert Fraction(found.units, UNITS_PER_CENT) == 2_500 + Fraction(2_500, 365)


def test_days_below_the_least_worth_cost_nothing_and_are_counted() -> None:
    terms = TermsTable((Terms(1, date(2026, 1, 1), 25, 10_000),))
    below, at = DayWorth(FIRST, 9_999), DayWorth(FIRST + timedelta(days=1), 10_000)
    assert accrued([below, at], terms) == Accrued(10_000 * 25, 2, 1, 0)


def test_a_day_on_which_nothing_is_held_costs_nothing() -> None:
    assert fee_of(DayWorth(FIRST, 0), QUARTER) == Accrued(0, 1, 1, 0)


def test_a_day_with_a_symbol_without_any_price_is_counted() -> None:
    assert fee_of(DayWorth(FIRST, 365, ("AAAB",)), QUARTER) == Accrued(365 * 25, 1, 0, 1)


def test_a_change_of_terms_holds_from_its_day_on() -> None:
    terms = table_of(
        [Terms(2, date(2026, 3, 16), 20, 50_000), Terms(1, date(2026, 1, 1), 25, 10_000)]
    )
    found = accrued(days(40_000, 31), terms)
    assert found == Accrued(15 * 40_000 * 25, 31, 16, 0)
    assert terms.on(date(2025, 12, 31)) is None
    assert [terms.on(day).version for day in (date(2026, 3, 15), date(2026, 3, 16))] == [1, 2]


def test_before_the_first_terms_nothing_is_charged() -> None:
    assert fee_of(DayWorth(date(2025, 12, 31), 10**9), QUARTER).units == 0


@pytest.mark.parametrize(
    "versions",
    [
        (Terms(1, FIRST, 25, 0), Terms(2, FIRST, 20, 0)),
        (Terms(2, FIRST, 25, 0), Terms(1, FIRST + timedelta(days=1), 20, 0)),
        (Terms(1, FIRST, 1_001, 0),),
        (Terms(1, FIRST, -1, 0),),
        (Terms(1, FIRST, 25, -1),),
    ],
)
def test_terms_that_contradict_each_other_or_common_sense_are_no_terms(versions) -> None:
    with pytest.raises(ValueError, match=r"version|year|worth"):
        TermsTable(versions)


def test_the_published_terms_can_be_read() -> None:
    (first, *_) = published().versions
    assert first == Terms(1, date(2026, 1, 1), 25, 10_000)


@given(
    worths=st.lists(st.integers(0, 10**12), max_size=60),
    cut=st.integers(0, 60),
    seed=st.integers(0, 2**32),
)
def test_sums_are_exact_in_any_order_and_grouping(worths, cut, seed) -> None:
    made = [DayWorth(FIRST + timedelta(days=n), worth) for n, worth in enumerate(worths)]
    whole = accrued(made, QUARTER)
    assert accrued(made[:cut], QUARTER) + accrued(made[cut:], QUARTER) == whole
    random.Random(seed).shuffle(made)
    assert accrued(made, QUARTER) == whole
    exact = sum((Fraction(w * 25, 10_000 * 365) for w in worths), Fraction(0))
    assert Fraction(whole.units, UNITS_PER_CENT) == exact


@given(months=st.lists(st.integers(0, 10**12), max_size=40))
def test_month_by_month_nothing_is_made_or_lost(months) -> None:
    left = total = 0
    for units in months:
        cents, left = charged(left + units)
        assert 0 <= left < UNITS_PER_CENT
        total += cents
    assert total * UNITS_PER_CENT + left == sum(months)
