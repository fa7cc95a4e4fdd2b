"""More than one payout can be leaves in several, made in the fact that ends the sale."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.kernel.money import Currency, FxRate
from shared.payments.quoting import quote_at
from shared.payouts.everything import part_ids
from shared.payouts.model import PayoutStatus, Rail
from shared.payouts.reasons import PayoutReason
from tests.investing.goal_money import a_goal
from tests.raising.closings import brought, close, sold

S, R = PayoutStatus, PayoutReason


@pytest.fixture
def shillings(world):
    """Everything, about 10,000 dollars, to a phone: seven parts, of which a day takes five."""
    payout = close(world)
    now = world.clock.now()
    quote = quote_at(FxRate(Currency.USD, Currency.KES, Decimal("129.2"), "test", now), now)
    phone = replace(payout, rail=Rail.MPESA_B2C, quote=quote, amount=quote.convert(payout.debited))
    world.commit(world.payouts.save(payout, phone.noted()))
    sold(world, payout)
    world.next_day()
    return payout


def parts_of(world, payout):
    found = [world.payouts.get(world.user_id, name) for name in part_ids(payout.payout_id)]
    return [world.now(payout), *(one for one in found if one is not None)]


def test_all_parts_together_are_all_there_is_and_none_is_too_large(world, shillings):
    held = world.now(shillings).held_minor
    world.look(shillings)
    parts = parts_of(world, shillings)
    fee = world.now(shillings).everything.fee_minor
    assert len(parts) > 5
    total = sum(one.debited.minor for one in parts)
    left = world.wallet.available
    assert total + left == held + brought(world, shillings) - fee
    assert 0 <= left <= 1
    assert world.wallet.held == total + fee
    assert all(one.amount.minor <= 23_750_000 for one in parts)
    assert {one.amount.minor % 100 for one in parts} == {0}
    assert all(one.everything.exact and not one.estimated for one in parts)


def test_parts_that_limits_hold_back_wait_and_say_why(world, shillings):
    world.look(shillings)
    now = world.clock.now()
    parts = parts_of(world, shillings)
    states = [(one.status, one.reason) for one in parts]
    assert states == [(S.READY, None)] * 5 + [(S.COOLING, R.IN_PARTS)] * (len(parts) - 5)
    assert {one.due for one in parts[5:]} == {now + timedelta(days=1)}
    told = [event for event in world.facts.published if "requested" in event.detail_type()]
    assert [event.payout_id for event in told[-len(parts) :]] == [one.payout_id for one in parts]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_makes_every_part_once_or_none(world, shillings, moment):
    world.facts.script = ["ok", moment]
    with pytest.raises(RuntimeError):
        world.look(shillings)
    made = parts_of(world, shillings)
    assert (len(made) > 1) is (moment == "after")
    world.look(shillings)
    again = parts_of(world, shillings)
    fee = again[0].everything.fee_minor
    assert world.wallet.held == sum(one.debited.minor for one in again) + fee
    world.look(shillings)
    assert parts_of(world, shillings) == again


def test_one_part_that_is_taken_back_frees_its_own_money_alone(world, shillings):
    world.look(shillings)
    parts = parts_of(world, shillings)
    before = world.wallet.held
    world.requests.cancel(world.user_id, parts[-1].payout_id)
    assert world.wallet.held == before - parts[-1].debited.minor
    assert [one.status for one in parts_of(world, shillings)[:5]] == [S.READY] * 5


def test_what_makes_no_whole_shilling_of_a_goals_cash_is_the_goals_again(world):
    goal = a_goal(world.base, world.user_id)
    world.base.deposit(world.user_id, 50_001, goal_id=goal.goal_id)
    beside = world.wallet.available - 50_001
    payout = close(world, goal.goal_id)
    assert world.now(payout).purses == {goal.tag: 50_001}
    now = world.clock.now()
    quote = quote_at(FxRate(Currency.USD, Currency.KES, Decimal(50), "test", now), now)
    phone = replace(
        world.now(payout), rail=Rail.MPESA_B2C, quote=quote, amount=quote.convert(payout.debited)
    )
    world.commit(world.payouts.save(world.now(payout), phone.noted()))
    done = world.look(payout)
    left = 50_001 - done.debited.minor
    assert (done.status, done.purses) == (S.READY, {goal.tag: done.debited.minor})
    assert left > 0
    assert (world.wallet.available, world.wallet.purses[goal.tag].minor) == (beside + left, left)
