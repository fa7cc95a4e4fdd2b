"""What the firm's position in other currencies is worth now; looking changes nothing."""

from datetime import UTC, datetime
from decimal import Decimal

from shared.kernel.money import Currency, FxRate, Money
from shared.ledger.accounts import bank, fx_position
from shared.treasury.model import HouseBalance
from shared.treasury.positions import held, revalued

AT = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
KES, EUR, USD = Currency.KES, Currency.EUR, Currency.USD


def rate(base: Currency, text: str) -> FxRate:
    return FxRate(base, USD, Decimal(text), "test", AT)


def test_what_people_paid_in_is_held_and_worth_more_than_was_booked_by_the_spread() -> None:
    found = revalued({KES: -1_300_000, USD: 9_860}, {KES: rate(KES, "0.0077")})
    (kes,) = found.positions
    assert (kes.held, kes.worth) == (Money(1_300_000, KES), Money(10_010, USD))
    assert (found.worth, found.booked, found.difference) == (
        Money(10_010, USD),
        Money(9_860, USD),
        Money(150, USD),
    )


def test_a_currency_that_is_owed_is_worth_less_than_nothing_and_a_fallen_rate_is_a_loss() -> None:
    found = revalued(
        {KES: -1_300_000, EUR: 10_000, USD: -940},
        {KES: rate(KES, "0.0070"), EUR: rate(EUR, "1.08")},
    )
    assert [one.held for one in found.positions] == [Money(-10_000, EUR), Money(1_300_000, KES)]
    assert [one.worth for one in found.positions] == [Money(-10_800, USD), Money(9_100, USD)]
    assert found.difference == Money(-10_800 + 9_100 + 940, USD)


def test_without_one_rate_the_sum_is_not_known() -> None:
    found = revalued({KES: -100, EUR: -100, USD: 5}, {EUR: rate(EUR, "1.08")})
    assert [one.worth for one in found.positions] == [Money(108, USD), None]
    assert (found.worth, found.difference, found.booked) == (None, None, Money(5, USD))


def test_nothing_held_is_worth_nothing() -> None:
    found = revalued({}, {})
    assert (found.positions, found.worth, found.difference) == (
        (),
        Money(0, USD),
        Money(0, USD),
    )


def test_only_the_position_counts_and_closed_ones_are_left_out() -> None:
    sheet = [
        HouseBalance(fx_position(), KES.asset, -500),
        HouseBalance(fx_position(), EUR.asset, 0),
        HouseBalance(fx_position(), USD.asset, 4),
        HouseBalance(bank(KES), KES.asset, 500),
    ]
    assert held(sheet) == {KES: -500, USD: 4}
