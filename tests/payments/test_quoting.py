"""Locked rates: exact, with their spread, held for who was asked in time and renewed when late."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency, FxRate, Money
from shared.payments.errors import RateUnavailable
from shared.payments.making import new_deposit
from shared.payments.methods import GATEWAYS, Method
from shared.payments.model import Deposit
from shared.payments.quoting import (
    HOLDS,
    FxQuote,
    late,
    quote_at,
    requote,
    spread_between,
)
from shared.payments.reasons import Reason
from shared.payments.rows import deposit_of, row_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
KES, USD, EUR, ZAR = Currency.KES, Currency.USD, Currency.EUR, Currency.ZAR
OTHERS = st.sampled_from([KES, EUR, ZAR])


def mid(rate: str, base: Currency = KES, quote: Currency = USD) -> FxRate:
    return FxRate(base, quote, Decimal(rate), "test", NOW - timedelta(days=1))


def deposit(method: Method, amount: str = "13000", currency: Currency = KES) -> Deposit:
    ids = SequentialIds(clock=FixedClock(NOW))
    return new_deposit(
        user_id=ids.new(Kind.USER),
        deposit_id=ids.new(Kind.DEPOSIT),
        gateway=GATEWAYS[method][0],
        method=method,
        amount=Money.parse(amount, currency),
        quote=quote_at(mid("0.0077", currency), NOW),
    )


@pytest.mark.parametrize(
    ("base", "quote", "spread"),
    [(KES, USD, 150), (USD, KES, 150), (EUR, USD, 50), (ZAR, USD, 100), (EUR, KES, 200)],
)
def test_a_pair_has_its_own_spread_both_ways(base: Currency, quote: Currency, spread: int) -> None:
    assert spread_between(base, quote) == spread_between(quote, base) == spread
    assert quote_at(mid("2", base, quote), NOW) == FxQuote(
        mid("2", base, quote), spread, NOW + HOLDS
    )
    assert quote_at(mid("2", base, quote), NOW, 7).spread == 7


def test_what_is_paid_is_worth_the_middle_less_the_fee() -> None:
    quote = quote_at(mid("0.0077"), NOW)
    paid = Money.parse("13000", KES)
    assert quote.rate == Decimal("0.0075845")
    assert quote.convert(paid) == Money.parse("98.60", USD)
    assert quote.fee(paid) == Money.parse("1.50", USD)


@given(OTHERS, st.integers(1, 10**13), st.decimals("0.0001", "1000", places=12), st.booleans())
def test_fee_and_credit_are_the_worth_at_the_middle(
    other: Currency, minor: int, rate: Decimal, out: bool
) -> None:
    base, quoted = (USD, other) if out else (other, USD)
    quote = quote_at(FxRate(base, quoted, rate, "test", NOW), NOW)
    paid = Money(minor, base)
    assert quote.fee(paid).minor >= 0
    assert quote.convert(paid) + quote.fee(paid) == quote.mid.convert(paid, "ROUND_HALF_EVEN")
    exact = minor * rate * (10_000 - quote.spread) / 10_000
    assert abs(quote.convert(paid).minor - exact) <= Decimal("0.5")


@pytest.mark.parametrize("method", [Method.CARD, Method.MPESA])
def test_who_was_asked_in_time_keeps_the_rate_however_late_the_word_comes(method: Method) -> None:
    made = deposit(method)
    asked = made.started("reference", NOW)
    for paid_at in (NOW + HOLDS, NOW + timedelta(hours=1), NOW + timedelta(days=30)):
        assert not late(made, paid_at)
        assert not late(asked, paid_at)


@pytest.mark.parametrize("method", [Method.CARD, Method.BANK_TRANSFER, Method.MPESA])
def test_money_for_a_deposit_that_had_ended_is_late_unless_it_was_paid_before(
    method: Method,
) -> None:
    ended_at = NOW + timedelta(minutes=4)
    asked = deposit(method).started("reference", NOW)
    ends = [asked.expired(ended_at), asked.failed(Reason.NO_RESPONSE, ended_at)]
    if method is not Method.MPESA:
        ends.append(asked.cancelled(ended_at))
    for ended in ends:
        assert not late(ended, ended_at - SECOND)
        assert late(ended, ended_at)
        assert late(ended, ended_at + timedelta(days=2))


def test_a_bank_transfer_is_late_from_the_quotes_expiry_on() -> None:
    asked = deposit(Method.BANK_TRANSFER, "100", EUR).started("reference", NOW)
    assert not late(asked, NOW + HOLDS - SECOND)
    assert late(asked, NOW + HOLDS)
    assert late(asked.processing(NOW + SECOND), NOW + HOLDS)


def test_a_paybill_payment_that_is_proved_late_was_paid_before_its_quote() -> None:
    told = deposit(Method.PAYBILL)
    assert not late(told, NOW - timedelta(minutes=1))
    assert late(told, NOW + HOLDS)


def test_what_was_credited_or_never_converted_is_not_late() -> None:
    settled = deposit(Method.BANK_TRANSFER, "100", EUR).settled(NOW, payment="p-1")
    assert not late(settled, NOW + timedelta(days=1))
    ids = SequentialIds(clock=FixedClock(NOW))
    dollars = new_deposit(
        user_id=ids.new(Kind.USER),
        deposit_id=ids.new(Kind.DEPOSIT),
        gateway=GATEWAYS[Method.BANK_TRANSFER][0],
        method=Method.BANK_TRANSFER,
        amount=Money.parse("100", USD),
        quote=None,
    )
    assert not late(dollars.expired(NOW + SECOND), NOW + timedelta(days=8))


def test_a_new_quote_credits_at_the_rate_of_then_and_keeps_the_one_it_replaces() -> None:
    then = NOW + timedelta(days=2)
    asked = deposit(Method.MPESA).started("reference", NOW).expired(NOW + timedelta(minutes=10))
    quote, credited = requote(asked, mid("0.0080"), then)
    assert (quote.mid.rate, quote.spread, quote.expires_at) == (
        Decimal("0.0080"),
        150,
        then + HOLDS,
    )
    assert quote.replaced == Decimal("0.0075845")
    assert credited == Money.parse("102.44", USD)
    after = asked.requoted(quote, credited).settled(then, payment="p-1")
    assert (after.credited, after.quote) == (credited, quote)
    assert deposit_of(row_of(after)) == after
    assert asked.credited == Money.parse("98.60", USD)


def test_no_rate_that_makes_nothing_of_money_and_none_of_another_pair() -> None:
    asked = deposit(Method.BANK_TRANSFER, "0.65", EUR).expired(NOW)
    with pytest.raises(RateUnavailable):
        requote(asked, mid("0.0077", EUR), NOW)
    for other in (mid("0.0077", KES), mid("0.9", USD, EUR), mid("0.9", EUR, ZAR)):
        with pytest.raises(ValueError, match="not a rate for this deposit"):
            requote(asked, other, NOW)
