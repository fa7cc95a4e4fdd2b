"""Everything is taken out: positions are closed whole, the last fee is charged, the rest leaves."""

from datetime import timedelta

import pytest

from shared.investing.model import OrderStatus
from shared.investing.plan import PlanOutcome
from shared.management_fees.model import ChargeStatus
from shared.payouts.model import PayoutStatus
from shared.payouts.reasons import PayoutReason
from tests.investing.conftest import PRICES
from tests.investing.goal_money import a_goal, by_tag
from tests.raising.closings import brought, charge_of, close, dollars, sold, worth

S, R = PayoutStatus, PayoutReason


def settle(world, payout):
    world.next_day()
    return world.look(payout)


def test_all_positions_are_closed_and_all_that_came_in_less_the_fee_leaves(world):
    cash = world.wallet.available
    payout = close(world)
    assert (payout.estimated, world.wallet.held, world.wallet.available) == (True, cash, 0)
    world.look(payout)
    (planned,) = world.deliver()
    assert planned.plan.decision.outcome is PlanOutcome.PLANNED
    assert {one.exit for one in planned.plan.decision.orders} == {True}
    assert planned.plan.inputs.everything
    world.fill(planned.plan.plan_id)
    waits = world.look(payout)
    assert (waits.status, waits.estimated) == (S.RAISING, True)
    assert waits.settles_on == waits.due.date() > world.clock.now().date()
    assert by_tag(world.base, world.user_id) == {}
    raised = brought(world, payout)

    done = settle(world, payout)
    fee = charge_of(world)
    assert (fee.status, fee.closing, fee.last) == (
        ChargeStatus.COLLECTING,
        True,
        world.clock.now().date() - timedelta(days=1),
    )
    assert fee.amount_minor > 10
    assert world.collected == [fee.charge_id]
    assert (done.status, done.estimated, done.lacks_minor) == (S.READY, False, 0)
    assert done.everything.fee_minor == fee.amount_minor
    assert done.debited == done.amount == dollars(cash + raised - fee.amount_minor)
    assert (world.wallet.held, world.wallet.available) == (cash + raised, 0)
    assert world.look(payout) == done


def test_remainders_of_the_fee_follow_the_rule_of_every_charge(world):
    payout = close(world)
    sold(world, payout)
    settle(world, payout)
    fee = charge_of(world)
    unit = 3_650_000
    assert fee.carried_minor == 0
    assert fee.before_units + fee.units == fee.amount_minor * unit + fee.left_units
    assert 0 <= fee.left_units < unit
    kept = world.fees.fees.books(world.user_id, fee.last).account
    assert (kept.through, kept.units, kept.charge_id) == (fee.last, fee.left_units, fee.charge_id)


def test_prices_that_fall_until_the_fill_make_it_less_and_never_stick(world):
    cash = world.wallet.available
    payout = close(world)
    sold(world, payout, worse_bp=4_000)
    done = settle(world, payout)
    fee = charge_of(world).amount_minor
    assert done.status is S.READY
    assert done.debited.minor == cash + brought(world, payout) - fee < payout.debited.minor
    assert world.wallet.available == 0
    assert world.asked == []


def test_what_comes_after_it_was_asked_for_stays(world):
    cash = world.wallet.available
    payout = close(world)
    sold(world, payout)
    deposit = world.base.deposit(world.user_id, 70_000)
    done = settle(world, payout)
    fee = charge_of(world).amount_minor
    assert done.debited.minor == cash + brought(world, payout) - fee
    assert world.wallet.available == 70_000
    assert not world.base.planned(world.user_id, deposit)


def test_what_is_bought_on_a_later_day_stays_with_its_position(world):
    payout = close(world)
    world.next_day()
    deposit = world.base.deposit(world.user_id, 200_000)
    made = world.base.planner().invest(world.user_id, deposit).plan
    world.fill(made.plan_id)
    since = later_than(world, payout.everything.until)
    world.look(payout)
    (planned,) = world.deliver()
    assert not any(one.exit for one in planned.plan.decision.orders)
    world.fill(world.plan_of(payout))
    world.look(payout)
    assert settle(world, payout).status is S.READY
    assert by_tag(world.base, world.user_id) == {"": since}
    assert worth(world) > 190_000


def later_than(world, day):
    """Nano-shares by symbol that were bought after this day."""
    positions = world.base.positions.state(world.user_id).positions
    return {
        symbol: sum(lot.nanos for lot in one.lots if lot.acquired > day)
        for symbol, one in positions.items()
    }


def test_cash_that_has_not_settled_yet_is_waited_for_and_is_in_it(world):
    first = world.ask(100_000)
    world.look(first)
    world.deliver()
    world.fill(world.plan_of(first))
    world.requests.cancel(world.user_id, first.payout_id)
    today = world.clock.now().date()
    free, later = world.wallet.available, world.wallet.unsettled(today)
    assert later > 0
    payout = close(world, later=later, later_on=max(world.wallet.settling))
    assert payout.held_minor == free - later
    sold(world, payout)
    done = settle(world, payout)
    fee = charge_of(world).amount_minor
    assert done.debited.minor == free + brought(world, payout) - fee
    assert world.wallet.available == 0


def test_what_a_first_plan_could_not_sell_the_next_ones_try_and_then_the_rest_is_paid(world):
    cash = world.wallet.available
    payout = close(world)
    world.look(payout)
    world.deliver()
    first = world.plan_of(payout)
    stays = max(world.orders(first))
    world.fill(first, only=set(world.orders(first)) - {stays})
    for raises in (2, 3):
        world.end(world.plan_of(payout))
        again = world.look(payout)
        assert (again.status, again.raises) == (S.RAISING, raises)
        (planned,) = world.deliver()
        assert {one.symbol for one in planned.plan.decision.orders} == {stays}
    world.end(world.plan_of(payout), OrderStatus.CANCELED)
    world.look(payout)
    done = settle(world, payout)
    assert done.status is S.READY
    assert done.debited.minor == cash + brought(world, payout) - done.everything.fee_minor
    assert set(by_tag(world.base, world.user_id)[""]) == {stays}


def test_who_takes_it_back_before_it_is_sold_has_all_of_it_and_pays_no_fee(world):
    cash, shares = world.wallet.available, by_tag(world.base, world.user_id)
    payout = close(world)
    world.look(payout)
    world.requests.cancel(world.user_id, payout.payout_id)
    assert [one.plan for one in world.deliver()] == [None]
    assert (world.wallet.available, world.wallet.held) == (cash, 0)
    assert by_tag(world.base, world.user_id) == shares
    assert charge_of(world) is None


def test_who_takes_it_back_while_orders_are_open_stops_them(world):
    payout = close(world)
    world.look(payout)
    world.deliver()
    plan = world.plan_of(payout)
    world.requests.cancel(world.user_id, payout.payout_id)
    world.raising.ended(world.user_id, payout.payout_id)
    assert {one.status for one in world.orders(plan).values()} == {OrderStatus.PENDING_CANCEL}


def test_a_plan_that_is_never_made_leaves_everything_as_it_is(world):
    cash = world.wallet.available
    payout = close(world)
    world.base.open_market(is_open=False)
    world.look(payout)
    world.deliver()
    world.clock.advance(timedelta(days=10))
    done = world.look(payout)
    assert (done.status, done.reason) == (S.FAILED, R.CASH_NOT_RAISED)
    assert (world.wallet.available, world.wallet.held) == (cash, 0)


def test_dust_that_no_order_takes_stays_and_is_named(world):
    """Less than a cent brings nothing; what is halted cannot be sold."""
    dust = min(PRICES)
    position = world.base.positions.state(world.user_id).positions[dust]
    others = worth(world, **{dust: "0.000001"})
    world.later(minutes=1)
    world.base.open_market(**{dust: "0.000001"})
    assert position.quantity_nanos
    payout = close(world)
    world.look(payout)
    (planned,) = world.deliver()
    assert dust not in {one.symbol for one in planned.plan.decision.orders}
    left = {one.symbol: (one.reason, one.amount_minor) for one in planned.plan.decision.left_out}
    assert left == {dust: ("BELOW_MIN", 0)}
    assert planned.plan.decision.proceeds_minor == others
    world.fill(planned.plan.plan_id)
    world.look(payout)
    assert settle(world, payout).status is S.READY
    assert set(by_tag(world.base, world.user_id)[""]) == {dust}


def test_who_has_nothing_but_cash_is_paid_without_a_plan_and_pays_the_fee_out_of_it(world):
    first = close(world)
    sold(world, first)
    world.next_day()
    world.requests.cancel(world.user_id, first.payout_id)
    cash = world.wallet.available
    assert (worth(world), world.wallet.held) == (0, 0)
    payout = close(world)
    assert (payout.lacks_minor, payout.status) == (0, S.RAISING)
    done = world.look(payout)
    fee = charge_of(world).amount_minor
    assert (done.status, world.asked) == (S.READY, [])
    assert done.debited.minor == cash - fee
    assert (world.wallet.held, world.wallet.available) == (cash, 0)


def test_everything_of_a_goal_leaves_the_rest_and_its_fee_for_the_month(world):
    goal = a_goal(world.base, world.user_id)
    deposit = world.base.deposit(world.user_id, 500_000, goal_id=goal.goal_id)
    world.fill(world.base.planner().invest(world.user_id, deposit).plan.plan_id)
    world.next_day()
    general, lots = world.wallet.available, by_tag(world.base, world.user_id)
    general -= world.wallet.purses[goal.tag].minor
    had = world.wallet.purses[goal.tag].minor
    payout = close(world, goal.goal_id)
    assert payout.held_minor == had
    world.look(payout)
    (planned,) = world.deliver()
    assert not any(one.exit for one in planned.plan.decision.orders)
    world.fill(planned.plan.plan_id)
    world.look(payout)
    done = settle(world, payout)
    assert by_tag(world.base, world.user_id) == {"": lots[""]}
    assert done.debited.minor == had + brought(world, payout)
    assert (done.everything.fee_minor, charge_of(world)) == (0, None)
    assert (world.wallet.available, world.wallet.purses) == (general, {})


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", range(3))
def test_a_crash_between_any_two_steps_charges_once_and_pays_once(world, moment, step):
    cash = world.wallet.available
    payout = close(world)
    sold(world, payout)
    world.next_day()
    world.facts.script = ["ok"] * step + [moment]
    for _ in range(4):
        try:
            world.look(payout)
        except RuntimeError:
            continue
    done = world.now(payout)
    fee = charge_of(world).amount_minor
    assert done.status is S.READY
    assert done.debited.minor == cash + brought(world, payout) - fee
    assert (world.wallet.held, world.wallet.available) == (done.debited.minor + fee, 0)


def test_a_chargeback_that_took_cash_meanwhile_leaves_it_waiting_and_nobody_negative(world):
    payout = close(world)
    sold(world, payout)
    world.next_day()
    world.commit(world.ledger.block(world.wallet, 1))
    waits = world.look(payout)
    assert (waits.status, waits.reason) == (S.RAISING, R.UNDER_REVIEW)
    world.commit(world.ledger.block(world.wallet, -1))
    assert world.look(payout).status is S.READY
    assert world.wallet.available == 0


def test_a_fee_out_of_what_was_held_leaves_what_came_since_alone(world):
    first = close(world)
    sold(world, first)
    world.next_day()
    world.requests.cancel(world.user_id, first.payout_id)
    cash = world.wallet.available
    payout = close(world)
    world.base.deposit(world.user_id, 70_000)
    done = world.look(payout)
    fee = charge_of(world).amount_minor
    assert fee > 0
    assert done.debited.minor == cash - fee
    assert (world.wallet.held, world.wallet.available) == (cash, 70_000)
