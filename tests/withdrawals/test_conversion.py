"""What arrives and what it costs: rounded down, then priced, never more than was asked for."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.money import Currency, FxRate, Money
from shared.payments.errors import RateUnavailable
from shared.payments.quoting import FxQuote, quote_at
from shared.withdrawals.conversion import converted, quoted

AT = datetime(2026, 3, 2, tzinfo=UTC)


def quote(rate: str, spread: int = 150, currency: Currency = Currency.KES) -> FxQuote:
    mid = FxRate(Currency.USD, currency, Decimal(rate), "test", AT)
    return FxQuote(mid, spread, AT + timedelta(minutes=5))


def dollars(minor: int) -> Money:
    return Money(minor, Currency.USD)


def test_m_pesa_gets_whole_shillings_and_the_rest_stays_in_the_wallet() -> None:
    # 100 dollars at 129.20 less 1.5 % are 12 726.20 shillings; 12 726 of them cost 99.9984.
    found = converted(dollars(10_000), Currency.KES, 100, quote("129.20"))
    assert found.amount == Money(1_272_600, Currency.KES)
    assert found.debited == dollars(10_000)
    assert found.at_mid == Money(1_292_000, Currency.KES)
    assert found.fee == Money(19_400, Currency.KES)
    # 1.50 dollars are 190.89; 190 shillings cost 1.49301, rounded up to the cent.
    small = converted(dollars(150), Currency.KES, 100, quote("129.20"))
    assert (small.amount, small.debited) == (Money(19_000, Currency.KES), dollars(150))


def test_what_is_too_little_for_one_more_shilling_is_not_debited() -> None:
    # At half a dollar per shilling 1.99 dollars are 3 shillings, which cost 1.50.
    found = converted(dollars(199), Currency.KES, 100, quote("2", spread=0))
    assert (found.amount, found.debited) == (Money(300, Currency.KES), dollars(150))


def test_a_bank_gets_minor_units() -> None:
    found = converted(dollars(10_001), Currency.EUR, 1, quote("0.9", 50, Currency.EUR))
    assert found.amount == Money(8_955, Currency.EUR)
    assert found.debited == dollars(10_000)


def test_dollars_arrive_as_dollars() -> None:
    found = converted(dollars(12_345), Currency.USD, 1, None)
    assert (found.debited, found.amount, found.quote) == (dollars(12_345), dollars(12_345), None)
    assert found.fee == dollars(0)
    with pytest.raises(ValueError, match="quote"):
        converted(dollars(1), Currency.KES, 100, None)


def test_too_few_dollars_for_one_step_are_nothing() -> None:
    found = converted(dollars(1), Currency.KES, 100, quote("0.5", spread=0))
    assert (found.amount.minor, found.debited.minor) == (0, 0)


@given(
    minor=st.integers(1, 10_000_000),
    rate=st.decimals("0.0001", "100000", places=10),
    spread=st.integers(0, 500),
    step=st.sampled_from([1, 100]),
)
def test_nobody_pays_more_than_they_asked_nor_more_than_a_cent_for_the_rounding(
    minor: int, rate: Decimal, spread: int, step: int
) -> None:
    offered = quote(str(rate), spread)
    found = converted(dollars(minor), Currency.KES, step, offered)
    exact = Fraction(offered.rate)
    assert found.debited.minor <= minor
    assert found.amount.minor % step == 0
    # As many steps as the dollars pay, and not one more.
    assert found.amount.minor <= minor * exact < found.amount.minor + step
    # The debit is their worth, rounded up to the cent.
    assert 0 <= found.debited.minor - Fraction(found.amount.minor) / exact < 1
    assert found.fee.minor >= 0


class Rates:
    def __init__(self, **known: str) -> None:
        self.known = known

    def between(self, base: Currency, quote: Currency) -> FxRate | None:
        rate = self.known.get(f"{base.value}{quote.value}")
        return None if rate is None else FxRate(base, quote, Decimal(rate), "test", AT)


def test_the_quote_is_of_dollars_into_the_accounts_currency() -> None:
    found = quoted(Rates(USDKES="129.2"), Currency.KES, AT)
    assert found == quote_at(FxRate(Currency.USD, Currency.KES, Decimal("129.2"), "test", AT), AT)
    assert quoted(Rates(), Currency.USD, AT) is None
    with pytest.raises(RateUnavailable):
        quoted(Rates(KESUSD="0.0077"), Currency.KES, AT)
