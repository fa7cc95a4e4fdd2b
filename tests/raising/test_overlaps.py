"""A withdrawal beside others that want the same cash, and looks that come at an awkward moment."""

from datetime import timedelta

import pytest

from shared.investing.inputs import Cause
from shared.investing.plan import PlanOutcome
from shared.investing.reading import Ask
from shared.kernel.ids import Kind
from shared.market_data.calendar import next_session
from shared.payouts.model import PayoutStatus

S = PayoutStatus
FEE = 30_000


def planned_for_fee(world):
    """As a management fee that cash does not cover asks for it."""
    ask = Ask(Cause.FEE, world.ids.new(Kind.FEE), amount_minor=FEE)
    made = world.planner.plan(world.user_id, ask).plan
    world.fill(made.plan_id)
    return made


def taken_for_fee(world):
    """Its cash is held as soon as it has settled, whoever has sold for it."""
    today = world.clock.now().date()
    world.commit(world.ledger.reserve(world.wallet, FEE, orders=0, on=today))


def sold_for(world, payout):
    world.look(payout)
    # Asked for perhaps twice, and planned once.
    (plan,) = [one.plan for one in world.deliver() if one.plan is not None]
    world.fill(plan.plan_id)
    world.look(payout)
    return plan


@pytest.mark.parametrize("fee_first", [False, True])
def test_a_fee_that_sells_on_the_same_day_takes_its_part_and_the_withdrawal_sells_the_rest(
    world, fee_first
):
    """What one has sold and has not settled looks like cash to the other: one of them sells too
    little, and finds out when it has settled."""
    payout = world.ask(200_000)
    if fee_first:
        first, second = planned_for_fee(world), sold_for(world, payout)
        assert first.decision.proceeds_minor >= FEE
        assert second.decision.proceeds_minor < payout.lacks_minor - FEE + 1_000
    else:
        first, second = sold_for(world, payout), planned_for_fee(world)
        assert first.decision.proceeds_minor >= payout.lacks_minor
        assert second.decision.outcome is PlanOutcome.ON_TARGET
    world.next_day()
    taken_for_fee(world)
    short = world.look(payout)
    assert (short.status, short.raises) == (S.RAISING, 2)
    assert short.held_minor + FEE == world.wallet.held
    assert world.wallet.available == 0
    assert 0 < short.lacks_minor <= FEE
    sold_for(world, payout)
    world.next_day()
    done = world.look(payout)
    assert (done.status, done.held_minor) == (S.READY, 200_000)
    assert world.wallet.held == 200_000 + FEE
    assert 0 <= world.wallet.available < 1_000


def test_a_withdrawal_that_looks_first_leaves_the_fee_to_wait_and_is_whole(world):
    payout = world.ask(200_000)
    sold_for(world, payout)
    planned_for_fee(world)
    world.next_day()
    done = world.look(payout)
    assert (done.status, done.raises, world.wallet.held) == (S.READY, 1, 200_000)
    # The fee finds no cash, carries on waiting, and sells for itself another time.
    assert world.wallet.settled(world.clock.now().date()) < FEE


def test_two_withdrawals_of_one_day_are_both_paid_in_full(world):
    first, second = world.ask(200_000), world.ask(150_000)
    sold_for(world, first)
    sold_for(world, second)
    for _ in range(2):
        world.next_day()
        for payout in (first, second):
            looked = world.look(payout)
            if looked.status is S.RAISING and looked.raises > 1 and world.asked:
                world.deliver()
                world.fill(world.plan_of(payout))
                world.look(payout)
    assert [world.now(one).status for one in (first, second)] == [S.READY, S.READY]
    assert world.wallet.held == 350_000


def test_a_look_before_the_platform_knows_of_the_new_day_is_repeated_a_quarter_later(world):
    """The market's clock is read once a minute. Whoever looks in between sees the day before, and
    comes again: nothing is lost, nothing is sold twice."""
    payout = world.ask(200_000)
    sold_for(world, payout)
    settles = next_session(world.clock.now().date()).day
    known = world.raising.settled_on
    object.__setattr__(world.raising, "settled_on", lambda: settles - timedelta(days=1))
    world.clock.advance(timedelta(days=1))
    early = world.look(payout)
    assert (early.status, early.settles_on) == (S.RAISING, settles)
    assert early.due == world.clock.now() + timedelta(minutes=15)
    object.__setattr__(world.raising, "settled_on", known)
    world.later(minutes=15)
    done = world.look(payout)
    assert (done.status, done.raises, world.asked) == (S.READY, 1, [])


def test_a_fill_that_is_booked_between_two_reads_of_a_look_is_not_sold_again(world):
    """The wallet is read before the orders. One that ends in between makes the wallet old, and
    whatever would be written on it is read anew."""
    payout = world.ask(200_000)
    world.look(payout)
    world.deliver()
    plan = world.plan_of(payout)
    world.next_day()
    orders, late = world.base.plans.orders, []

    def and_then(*values):
        if not late:
            late.append(plan)
            world.fill(plan)
            world.next_day()
        return orders(*values)

    world.raising.plans.orders = and_then
    done = world.look(payout)
    world.raising.plans.orders = orders
    assert (done.status, done.raises, world.asked) == (S.READY, 1, [])
    assert world.wallet.held == 200_000
