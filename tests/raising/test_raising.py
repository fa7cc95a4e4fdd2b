"""A withdrawal that cash does not cover: sold for, settled, held, and then on its usual way."""

from datetime import timedelta
from decimal import Decimal

import pytest

from shared.investing.model import OrderStatus, Side
from shared.investing.plan import PlanOutcome
from shared.kernel.errors import IllegalTransition
from shared.kernel.ids import Kind
from shared.market_data.calendar import next_session
from shared.payouts.model import PayoutStatus
from shared.payouts.raising import MAX_PLANS, PATIENCE
from shared.payouts.reasons import PayoutReason
from shared.payouts.requests import gone_on
from tests.investing.conftest import PRICES

S, R = PayoutStatus, PayoutReason


def sold_for(world, payout):
    """Planned and filled at the known prices."""
    world.look(payout)
    world.deliver()
    world.fill(world.plan_of(payout))
    return world.look(payout)


def test_it_holds_what_there_is_and_asks_for_a_plan_of_the_rest(world):
    cash = world.wallet.available
    payout = world.ask(200_000)
    assert 0 < cash < 200_000
    assert (payout.status, payout.lacks_minor) == (S.RAISING, 200_000 - cash)
    assert (world.wallet.held, world.wallet.available) == (cash, 0)
    looked = world.look(payout)
    subject = {"user_id": world.user_id, "cause": "WITHDRAWAL", "cause_id": payout.payout_id}
    assert world.asked == [subject]
    assert (looked.status, looked.reason) == (S.RAISING, R.CASH_RAISED)
    assert looked.due == world.clock.now() + timedelta(minutes=15)


def test_sales_bring_what_is_lacking_and_a_little_more_and_buy_nothing(world):
    payout = world.ask(200_000)
    world.look(payout)
    (planned,) = world.deliver()
    plan = planned.plan
    assert (plan.decision.outcome, plan.cause_id) == (PlanOutcome.PLANNED, payout.payout_id)
    assert plan.inputs.amount_minor == payout.lacks_minor
    assert {order.side for order in plan.decision.orders} == {Side.SELL}
    least = payout.lacks_minor + payout.lacks_minor * 25 // 10_000
    assert least <= plan.decision.proceeds_minor < least + 20


def test_what_was_sold_is_held_on_the_day_on_which_it_has_settled_and_not_before(world):
    payout = world.ask(200_000)
    waits = sold_for(world, payout)
    tomorrow = next_session(world.clock.now().date()).day
    assert (waits.status, waits.settles_on) == (S.RAISING, tomorrow)
    assert world.wallet.held == payout.held_minor
    assert waits.due.date() == tomorrow
    early = world.look(payout)
    assert (early.status, world.wallet.held) == (S.RAISING, payout.held_minor)

    world.next_day()
    done = world.look(payout)
    assert (done.status, done.lacks_minor, done.reason) == (S.READY, 0, None)
    assert world.wallet.held == 200_000
    assert [event.detail_type() for event in world.facts.published[-1:]] == [
        "payouts.payout_requested.v1"
    ]
    # What the little more brought stays cash.
    assert 0 < world.wallet.available < 1_000
    assert world.look(payout) == done


def test_to_a_new_account_it_cools_off_still_once_the_cash_is_there(world):
    until = world.clock.now() + timedelta(days=3)
    payout = world.ask(200_000, not_before=until)
    sold_for(world, payout)
    world.next_day()
    done = world.look(payout)
    assert (done.status, done.reason, done.due) == (S.COOLING, R.NEW_ACCOUNT, until)


def test_what_staff_look_at_is_sold_for_only_once_they_have_agreed(world):
    payout = world.ask(200_000, status=S.IN_REVIEW)
    assert payout.lacks_minor > 0
    world.look(payout)
    assert world.asked == []
    after, writes, event = world.requests.agreed(payout)
    world.facts.commit(writes, event)
    assert (after.status, after.reason) == (S.RAISING, R.CASH_RAISED)
    assert sold_for(world, payout).settles_on is not None


def test_prices_that_fell_until_the_fill_are_made_up_for_by_another_plan(world, first_plan):
    payout = world.ask(200_000)
    world.look(payout)
    world.deliver()
    world.fill(first_plan(payout), worse_bp=300)
    world.look(payout)
    world.next_day()
    again = world.look(payout)
    assert (again.status, again.raises, again.settles_on) == (S.RAISING, 2, None)
    assert 0 < again.lacks_minor < 7_000
    assert world.wallet.held == 200_000 - again.lacks_minor
    (asked,) = world.asked
    assert asked["after"] == first_plan(payout)
    (planned,) = world.deliver()
    assert planned.plan.inputs.amount_minor == again.lacks_minor
    assert planned.plan.plan_id == world.plan_of(payout) != first_plan(payout)
    world.fill(world.plan_of(payout))
    world.look(payout)
    world.next_day()
    done = world.look(payout)
    assert (done.status, world.wallet.held) == (S.READY, 200_000)


def test_after_so_many_plans_without_a_sale_it_ends_and_everything_is_free(world):
    cash = world.wallet.available
    payout = world.ask(200_000)
    for number in range(1, MAX_PLANS + 1):
        world.look(payout)
        world.deliver()
        world.end(world.plan_of(payout))
        assert world.now(payout).raises == number
        world.look(payout)
    done = world.now(payout)
    assert (done.status, done.reason, done.due) == (S.FAILED, R.CASH_NOT_RAISED, None)
    assert (world.wallet.held, world.wallet.available) == (0, cash)
    told = [event.detail_type() for event in world.facts.published]
    assert told.count("payouts.payout_failed.v1") == 1


def test_what_cannot_be_covered_any_more_is_refused_and_ends(world):
    payout = world.ask(990_000)
    world.later(minutes=1)
    fallen = {symbol: str(Decimal(price) * 9 / 10) for symbol, price in PRICES.items()}
    world.base.open_market(**fallen)
    world.look(payout)
    (planned,) = world.deliver()
    assert planned.plan.decision.outcome is PlanOutcome.REFUSED
    assert planned.plan.decision.orders == ()
    done = world.look(payout)
    assert (done.status, done.reason, world.wallet.held) == (S.FAILED, R.CASH_NOT_RAISED, 0)


def test_while_the_market_is_closed_it_is_asked_for_again_until_patience_ends(world):
    payout = world.ask(200_000)
    world.base.open_market(is_open=False)
    world.look(payout)
    (waits,) = world.deliver()
    assert type(waits).__name__ == "Waiting"
    world.look(payout)
    assert len(world.asked) == 1
    assert world.now(payout).status is S.RAISING
    world.clock.advance(PATIENCE)
    done = world.look(payout)
    assert (done.status, done.reason, world.wallet.held) == (S.FAILED, R.CASH_NOT_RAISED, 0)
    # The message that is still under way sells nothing.
    world.base.open_market()
    assert [one.plan for one in world.deliver()] == [None]
    assert world.base.plans.plan(world.user_id, world.plan_of(payout)) is None


def test_cash_that_only_has_to_settle_sells_nothing(world):
    first = world.ask(100_000)
    sold_for(world, first)
    world.requests.cancel(world.user_id, first.payout_id)
    free = world.wallet.available
    payout = world.ask(90_000)
    assert 0 < payout.lacks_minor < free
    world.look(payout)
    (planned,) = world.deliver()
    assert (planned.plan.decision.outcome, planned.plan.order_ids) == (PlanOutcome.ON_TARGET, ())
    assert world.look(payout).settles_on is not None
    world.next_day()
    assert world.look(payout).status is S.READY
    assert world.wallet.held == 90_000


def test_who_takes_it_back_while_orders_are_open_stops_them_and_has_all_of_it(world):
    cash = world.wallet.available
    payout = world.ask(200_000)
    world.look(payout)
    world.deliver()
    plan = world.plan_of(payout)
    assert len(world.orders(plan)) > 1
    world.fill(plan, only={min(world.orders(plan))})
    back = world.requests.cancel(world.user_id, payout.payout_id)
    assert (back.status, back.due) == (S.CANCELLED, None)
    assert world.wallet.held == 0
    for _ in range(2):
        world.raising.ended(world.user_id, payout.payout_id)
    statuses = sorted(order.status for order in world.orders(plan).values())
    assert set(statuses) == {OrderStatus.FILLED, OrderStatus.PENDING_CANCEL}
    world.end(plan, OrderStatus.CANCELED)
    assert world.wallet.available > cash
    world.next_day()
    world.look(payout)
    assert (world.now(payout).status, world.wallet.held) == (S.CANCELLED, 0)


def test_a_plan_that_is_asked_for_and_then_not_wanted_is_never_made(world):
    payout = world.ask(200_000)
    world.look(payout)
    world.requests.cancel(world.user_id, payout.payout_id)
    assert [one.plan for one in world.deliver()] == [None]
    assert world.wallet.open_orders == 0


def test_whoever_takes_it_back_between_reading_and_planning_wins(world):
    payout = world.ask(200_000)
    world.look(payout)
    world.facts.script = [lambda: world.requests.cancel(world.user_id, payout.payout_id)]
    assert [one.plan for one in world.deliver()] == [None]
    assert (world.wallet.open_orders, world.wallet.held) == (0, 0)
    assert world.now(payout).status is S.CANCELLED


def test_while_a_bank_takes_money_back_nothing_is_sold_and_nothing_is_held(world):
    payout = world.ask(200_000)
    world.commit(world.ledger.block(world.wallet, 1))
    stopped = world.look(payout)
    assert (stopped.reason, world.asked) == (R.UNDER_REVIEW, [])
    assert stopped.cancellable
    world.commit(world.ledger.block(world.wallet, -1))
    assert sold_for(world, payout).reason is R.CASH_RAISED
    world.commit(world.ledger.block(world.wallet, 1))
    world.next_day()
    assert (world.look(payout).status, world.wallet.held) == (S.RAISING, payout.held_minor)
    world.commit(world.ledger.block(world.wallet, -1))
    assert world.look(payout).status is S.READY


def test_news_of_other_plans_is_no_news(world):
    payout = world.ask(200_000)
    world.raising.planned(world.user_id, world.bought)
    assert world.now(payout) == payout
    world.look(payout)
    world.deliver()
    world.raising.planned(world.user_id, world.plan_of(payout))
    assert world.now(payout).version > payout.version
    assert world.raising.look(world.user_id, world.ids.new(Kind.PAYOUT)) is None


def test_nothing_goes_on_that_still_lacks_cash(world):
    payout = world.ask(200_000)
    with pytest.raises(IllegalTransition):
        gone_on(payout, world.clock.now())
