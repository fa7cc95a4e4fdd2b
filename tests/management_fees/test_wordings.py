"""What management costs, in two languages."""

from datetime import date

import pytest

from shared.management_fees.terms import Terms
from shared.management_fees.wordings import said_of

DAY = date(2026, 1, 1)


def test_in_english() -> None:
    assert said_of(Terms(1, DAY, 25, 10_000), "en") == (
        "0.25 % a year of what you hold, counted for each day and charged once the month is over. "
        "Days on which you hold less than 100.00 USD cost nothing."
    )


def test_in_swahili() -> None:
    assert said_of(Terms(1, DAY, 105, 10_000), "sw") == (
        "Asilimia 1.05 kwa mwaka ya mali uliyonayo, huhesabiwa kila siku na hutozwa mwezi "
        "unapoisha. Siku ambazo una chini ya 100.00 USD hazitozwi chochote."
    )


def test_without_a_least_worth_nothing_is_said_of_one() -> None:
    assert said_of(Terms(1, DAY, 25, 0), "fr").endswith("the month is over.")


@pytest.mark.parametrize("terms", [None, Terms(1, DAY, 0, 10_000)])
def test_what_costs_nothing(terms: Terms | None) -> None:
    assert said_of(terms, "en") == "Managing your money costs nothing."
    assert said_of(terms, "sw") == "Kusimamia pesa zako hakutozwi chochote."
