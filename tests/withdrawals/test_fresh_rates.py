"""What a withdrawal that waited would be worth now, out of published rates."""

from datetime import timedelta
from decimal import Decimal

import pytest

from shared.kernel.money import Currency, Money
from shared.payments.readings import StoredRates
from shared.payouts.model import Payout
from shared.payouts.ports import NotPaid, Requote
from shared.payouts.reasons import PayoutReason
from shared.withdrawals.fresh_rates import FreshWithdrawals
from tests.withdrawals.conftest import GERMAN, World


def fresh(world: World, payout: Payout) -> Requote | NotPaid | None:
    rates = StoredRates(world.database, world.clock)
    return FreshWithdrawals(rates, world.clock).fresh(payout)


def made(world: World, amount: str = "100.00") -> Payout:
    account = world.known_phone()
    world.cash(500_000)
    return world.withdraw(account, amount)


def test_the_same_dollars_at_the_rate_of_now_less_the_spread_in_whole_shillings(
    world: World,
) -> None:
    payout = made(world)
    assert payout.amount == Money(1_279_200, Currency.KES)
    world.clock.advance(timedelta(days=2))
    world.rate("0.008")
    now = fresh(world, payout)
    # 100 / 0.008 less 1.5 % are 12312.5 shillings.
    assert isinstance(now, Requote)
    assert now.amount == Money(1_231_200, Currency.KES)
    assert (now.quote.mid.rate, now.quote.spread) == (Decimal(125), 150)
    assert now.quote.mid.as_of == world.clock.now()
    assert now.quote.expires_at == world.clock.now() + timedelta(minutes=5)
    assert now.quote.replaced is None


def test_at_an_unchanged_rate_exactly_the_same_arrives(world: World) -> None:
    for amount in ("1.00", "1.01", "33.33", "99.99", "1000.01"):
        account = world.known_phone()
        world.cash(500_000)
        payout = world.withdraw(account, amount, key=f"key-{amount}")
        now = fresh(world, payout)
        assert isinstance(now, Requote)
        assert (now.amount, now.quote.rate) == (payout.amount, payout.quote.rate)


def test_to_a_bank_whole_minor_units_arrive(world: World) -> None:
    world.rate("1.1", Currency.EUR)
    account = world.bank(GERMAN)
    world.cash(500_000)
    payout = world.withdraw(account)
    world.clock.advance(timedelta(hours=1))
    world.rate("1.2", Currency.EUR)
    now = fresh(world, payout)
    assert isinstance(now, Requote)
    assert now.amount == Money(8_291, Currency.EUR)


@pytest.mark.parametrize("age", [timedelta(days=1, seconds=1), timedelta(days=9)])
def test_a_stale_rate_is_none(world: World, age: timedelta) -> None:
    payout = made(world)
    world.clock.advance(age)
    assert fresh(world, payout) is None


def test_more_than_mpesa_pays_at_once_is_not_paid(world: World) -> None:
    payout = made(world, "1940.00")
    assert payout.amount == Money(24_816_800, Currency.KES)
    world.rate("0.0076")
    assert fresh(world, payout) == NotPaid(PayoutReason.LIMIT_EXCEEDED)


def test_a_rate_that_makes_less_than_the_least_payment_is_none(world: World) -> None:
    payout = made(world, "1.00")
    world.clock.advance(timedelta(hours=1))
    world.rate("0.2")
    assert fresh(world, payout) is None
