"""What a purchase is rounded up by: reference values and properties."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.money import Currency, Money
from shared.payments.methods import Method
from shared.payments.requests import LIMITS
from shared.roundups.rounding import round_up
from shared.roundups.terms import TERMS, terms_on
from tests.roundups.conftest import dollars

WHOLE = Money(100, Currency.USD)
CENTS = st.integers(min_value=1, max_value=10**9)


@pytest.mark.parametrize(
    ("paid", "exact_counts", "rounded"),
    [
        ("30.45", False, "0.55"),
        ("3.99", False, "0.01"),
        ("12.10", False, "0.90"),
        ("25.00", False, "0.00"),
        ("25.00", True, "1.00"),
        ("30.45", True, "0.55"),
        ("0.01", False, "0.99"),
        ("0.99", True, "0.01"),
        ("1.00", False, "0.00"),
        ("9999999.99", False, "0.01"),
    ],
)
def test_reference_values_are_met(paid: str, exact_counts: bool, rounded: str) -> None:
    found = round_up(dollars(paid), WHOLE, whole_units=exact_counts)
    assert found == dollars(rounded)


@given(cents=CENTS, currency=st.sampled_from(list(Currency)))
def test_a_round_up_is_less_than_one_whole_and_ends_on_one(cents: int, currency: Currency) -> None:
    for terms in TERMS[currency]:
        paid = Money(cents, currency)
        found = round_up(paid, terms.whole, whole_units=False)
        assert 0 <= found.minor < terms.whole.minor
        assert (paid + found).minor % terms.whole.minor == 0


@given(cents=CENTS)
def test_the_wish_for_whole_units_changes_exact_amounts_and_no_others(cents: int) -> None:
    paid = Money(cents, Currency.USD)
    usual = round_up(paid, WHOLE, whole_units=False)
    wished = round_up(paid, WHOLE, whole_units=True)
    assert wished == (WHOLE if cents % 100 == 0 else usual)


def test_the_usual_thresholds_are_five_dollars_and_their_like() -> None:
    today = date(2026, 11, 1)
    thresholds = {one: terms_on(one, today).threshold.amount for one in Currency}
    assert thresholds == {"USD": "5.00", "EUR": "5.00", "KES": "500.00", "ZAR": "100.00"}
    assert terms_on(Currency.KES, today).whole.amount == "100.00"


def test_every_threshold_can_be_paid_in_its_currency() -> None:
    for currency, several in TERMS.items():
        assert [one.since for one in several] == sorted({one.since for one in several})
        for terms in several:
            limits = LIMITS[(Method.CARD, currency)]
            assert limits.minimum <= terms.threshold <= limits.maximum
            assert {terms.whole.currency, terms.threshold.currency} == {currency}


def test_terms_hold_from_their_day_on_and_the_first_before() -> None:
    first = TERMS[Currency.USD][0]
    assert terms_on(Currency.USD, first.since) == first
    assert terms_on(Currency.USD, first.since - timedelta(days=900)) == first
