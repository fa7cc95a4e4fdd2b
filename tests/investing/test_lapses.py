"""What was not bought is bought by a new plan: once, and whatever dies on the way."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.corporate_actions.surroundings import FeedOrders
from shared.investing.canceling import Canceler
from shared.investing.inputs import Cause
from shared.investing.lapses import BROKERS_AFTER, PLANNED_AFTER, LapseRow
from shared.investing.model import CancelReason, Ending, OrderStatus
from shared.investing.plan import PlanOutcome, Rule, plan_id
from shared.investing.ports import RefusalReason, TradeEvent
from shared.investing.reading import Ask
from shared.investing.replanning import Replanning
from shared.investing.service import Planned, Waiting
from shared.kernel.clock import to_text
from shared.kernel.ids import Kind
from shared.platform.indexes import PENDING_BUCKETS


@pytest.fixture
def replanning(world):
    return Replanning(world.plans, world.planner(), world.facts)


def pending(world, until):
    return [
        item
        for bucket in range(PENDING_BUCKETS)
        for item in world.database.pending(bucket, to_text(until), 100).items
        if item.kind == LapseRow.KIND
    ]


def ended(world, order, why):
    """Ends an order unsent, with a reason."""
    canceled = why in set(CancelReason)
    if canceled and order.cancel_reason is None:
        world.facts.commit([world.plans.save(order.canceling(world.clock.now(), why))])
    status = OrderStatus.CANCELED if canceled else OrderStatus(why)
    event = TradeEvent(
        client_order_id=order.client_order_id,
        account_id=order.account_id,
        symbol=order.symbol,
        broker_order_id="",
        at=world.clock.now(),
        side=order.side,
        ending=Ending(status, 0, "CANCELED" if canceled else why),
    )
    return world.booker.apply(event)


def all_ended(world, user_id, plan, why):
    for order in world.orders(user_id, plan).values():
        ended(world, order, why)


@pytest.mark.parametrize("why", ["PRICES_STALE", "SYMBOL_PAUSED", "TRADING_HOLD", "EXPIRED"])
def test_what_lapsed_is_planned_again_for_the_same_deposit_once(world, replanning, why) -> None:
    user_id, plan = world.invested()
    first = world.plans.plan(user_id, plan)
    why = CancelReason(why) if why != "EXPIRED" else why
    all_ended(world, user_id, plan, why)
    (row,) = pending(world, world.clock.now() + PLANNED_AFTER)
    assert row.attributes["plan_id"]["S"] == plan
    assert pending(world, world.clock.now() + PLANNED_AFTER - timedelta(seconds=1)) == []
    made = replanning.replan(user_id, plan)
    assert isinstance(made, Planned)
    again = made.plan
    assert again.plan_id == plan_id(plan)
    assert (again.cause, again.cause_id) == (Cause.DEPOSIT, first.cause_id)
    assert again.decision.outcome is PlanOutcome.PLANNED
    assert again.decision.orders == first.decision.orders
    assert not set(again.order_ids) & set(first.order_ids)
    assert (world.wallet(user_id).held, world.wallet(user_id).open_orders) == (9_975, 6)
    assert pending(world, world.clock.now() + timedelta(days=9)) == []
    assert replanning.replan(user_id, plan) == Planned(None)
    assert world.events().count("investing.plan_created.v1") == 2


def test_a_plan_that_lapses_again_is_planned_a_third_time(world, replanning) -> None:
    user_id, plan = world.invested()
    for _ in range(2):
        all_ended(world, user_id, plan, CancelReason.PRICES_STALE)
        plan = replanning.replan(user_id, plan).plan.plan_id
    statuses = {each.status for each in world.orders(user_id, plan).values()}
    assert statuses == {OrderStatus.PLANNED}
    assert len({plan, plan_id(plan)}) == 2


@pytest.mark.parametrize("why", [CancelReason.CANCELED, "REJECTED"])
def test_what_a_person_canceled_or_the_broker_refused_is_not_bought_again(world, why) -> None:
    user_id, plan = world.invested()
    all_ended(world, user_id, plan, why)
    assert pending(world, world.clock.now() + timedelta(days=9)) == []
    assert world.wallet(user_id).held == 0


def test_what_staff_cancel_before_it_has_lapsed_is_not_bought_again(world, replanning) -> None:
    user_id, plan = world.invested()
    canceler = Canceler(world.plans, world.facts, world.clock, lambda attempt: None)
    for order in world.orders(user_id, plan).values():
        canceler.request(user_id, order.order_id, CancelReason.PRICES_STALE)
    for order in world.orders(user_id, plan).values():
        wished = canceler.request(user_id, order.order_id)
        assert (wished.cancel_reason, wished.cancel_at) == (
            CancelReason.CANCELED,
            world.clock.now(),
        )
        # What the platform wants afterwards does not take that back.
        again = canceler.request(user_id, order.order_id, CancelReason.PRICES_STALE)
        assert again.cancel_reason is CancelReason.CANCELED
    for order in world.orders(user_id, plan).values():
        ended(world, order, "CANCELED")
    reasons = {one.ending.reason for one in world.orders(user_id, plan).values()}
    assert reasons == {"CANCELED"}
    assert pending(world, world.clock.now() + timedelta(days=9)) == []


def test_a_plan_of_which_staff_canceled_one_order_is_not_planned_anew(world, replanning) -> None:
    user_id, plan = world.invested()
    for symbol, order in world.orders(user_id, plan).items():
        ended(world, order, CancelReason.CANCELED if symbol == "QUAL" else "EXPIRED")
    assert len(pending(world, world.clock.now() + PLANNED_AFTER)) == 1
    assert replanning.replan(user_id, plan) == Planned(None)
    assert pending(world, world.clock.now() + timedelta(days=9)) == []
    assert world.plans.plan(user_id, plan_id(plan)) is None
    assert (world.wallet(user_id).held, world.wallet(user_id).open_orders) == (0, 0)


def by_broker(world, order, status, reason, filled=0):
    """The broker's own word on an order."""
    return TradeEvent(
        client_order_id=order.client_order_id,
        account_id=order.account_id,
        symbol=order.symbol,
        broker_order_id="",
        at=world.clock.now(),
        side=order.side,
        ending=Ending(status, filled, reason),
    )


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (OrderStatus.CANCELED, RefusalReason.CANCELED_BY_BROKER),
        (OrderStatus.REJECTED, RefusalReason.HALTED),
    ],
)
def test_what_the_broker_ended_by_itself_is_planned_again_an_hour_later(
    world, replanning, status, reason
) -> None:
    user_id, plan = world.invested()
    for order in world.orders(user_id, plan).values():
        world.booker.apply(by_broker(world, order, status, reason.value))
    assert pending(world, world.clock.now() + BROKERS_AFTER - timedelta(seconds=1)) == []
    (row,) = pending(world, world.clock.now() + BROKERS_AFTER)
    assert row.attributes["plan_id"]["S"] == plan
    again = replanning.replan(user_id, plan).plan
    assert again.plan_id == plan_id(plan)
    assert again.decision.orders == world.plans.plan(user_id, plan).decision.orders


@pytest.mark.parametrize(
    "reason",
    [
        RefusalReason.NOT_TRADABLE,
        RefusalReason.INSUFFICIENT_BUYING_POWER,
        RefusalReason.REJECTED_BY_BROKER,
    ],
)
def test_what_the_broker_refused_for_good_is_not_planned_again(world, reason) -> None:
    user_id, plan = world.invested()
    for order in world.orders(user_id, plan).values():
        world.booker.apply(by_broker(world, order, OrderStatus.REJECTED, reason.value))
    assert pending(world, world.clock.now() + timedelta(days=9)) == []


@pytest.mark.parametrize("late", [False, True])
def test_the_brokers_end_of_what_staff_want_canceled_is_staffs(world, make_fill, late) -> None:
    user_id, plan = world.invested()
    canceler = Canceler(world.plans, world.facts, world.clock, lambda attempt: None)
    for symbol, order in world.orders(user_id, plan).items():
        end = by_broker(world, order, OrderStatus.CANCELED, "CANCELED_BY_BROKER", 10**8)
        if late:
            world.booker.apply(end)
        canceler.request(user_id, order.order_id)
        world.booker.apply(end)
        world.booker.apply(make_fill(order, symbol, "0.1", "10", world.clock.now()))
        assert canceler.request(user_id, order.order_id).status is OrderStatus.CANCELED
    assert {one.ending.reason for one in world.orders(user_id, plan).values()} == {"CANCELED"}
    assert pending(world, world.clock.now() + timedelta(days=9)) == []


@pytest.mark.parametrize(("left", "rows"), [("0.99", 0), ("1.00", 1)])
def test_an_order_that_left_less_than_the_smallest_order_is_done(
    world, make_fill, left, rows
) -> None:
    user_id, plan = world.invested()
    order = world.orders(user_id, plan)["QUAL"]
    price = format(Decimal(order.notional_minor).scaleb(-2) - Decimal(left), "f")
    fill = make_fill(order, "x1", "1", price, world.clock.now())
    after = world.booker.apply(replace(fill, ending=Ending(OrderStatus.EXPIRED, 10**9, "EXPIRED")))
    assert (after.status, after.released_minor) == (
        OrderStatus.EXPIRED,
        int(Decimal(left).scaleb(2)),
    )
    assert len(pending(world, world.clock.now() + timedelta(days=9))) == rows


def test_whole_shares_that_were_all_bought_left_nothing_to_do(world, make_fill) -> None:
    user_id, plan = world.invested()
    order = replace(world.orders(user_id, plan)["QUAL"], nanos=10**9)
    world.facts.commit([world.plans.save(order)])
    fill = make_fill(order, "x1", "1", "1", world.clock.now())
    after = world.booker.apply(replace(fill, ending=Ending(OrderStatus.EXPIRED, 10**9, "EXPIRED")))
    assert after.released_minor > 100
    assert pending(world, world.clock.now() + timedelta(days=9)) == []


def test_it_waits_until_all_orders_have_ended_and_for_the_market(world, replanning) -> None:
    user_id, plan = world.invested()
    orders = list(world.orders(user_id, plan).values())
    for order in orders[:-1]:
        ended(world, order, CancelReason.PRICES_STALE)
    waiting = replanning.replan(user_id, plan)
    assert isinstance(waiting, Waiting)
    assert waiting.rules == (Rule.NO_ORDERS_IN_FLIGHT,)
    ended(world, orders[-1], CancelReason.PRICES_STALE)
    world.open_market(is_open=False)
    assert replanning.replan(user_id, plan).rules == (Rule.MARKET_OPEN,)
    # Nothing has been forgotten by asking too early.
    assert len(pending(world, world.clock.now() + timedelta(days=9))) == 1
    world.open_market()
    assert replanning.replan(user_id, plan).plan.plan_id == plan_id(plan)


def test_what_a_part_of_an_order_bought_stays_and_the_rest_is_planned_again(
    world, replanning, make_fill
) -> None:
    user_id, plan = world.invested()
    for order in world.orders(user_id, plan).values():
        if order.symbol != "QUAL":
            ended(world, order, CancelReason.PRICES_STALE)
            continue
        part = make_fill(order, "x1", "0.01", "118", world.clock.now())
        world.booker.apply(replace(part, ending=Ending(OrderStatus.EXPIRED, 10**7, "EXPIRED")))
    again = replanning.replan(user_id, plan).plan
    bought = again.decision.order("QUAL").notional_minor
    before = world.plans.plan(user_id, plan).decision.order("QUAL").notional_minor
    assert before - 120 < bought < before - 116


def test_what_another_cause_wanted_is_left_to_its_own_next_run(world, replanning) -> None:
    user_id, plan = world.invested()
    all_ended(world, user_id, plan, CancelReason.CANCELED)
    run = world.ids.new(Kind.PLAN)
    made = world.planner().plan(user_id, Ask(Cause.REBALANCE, run))
    all_ended(world, user_id, made.plan.plan_id, CancelReason.PRICES_STALE)
    assert len(pending(world, world.clock.now() + timedelta(days=9))) == 1
    assert replanning.replan(user_id, made.plan.plan_id) == Planned(None)
    assert pending(world, world.clock.now() + timedelta(days=9)) == []
    assert world.wallet(user_id).held == 0


def test_a_plan_that_never_was_is_not_planned_again(world, replanning) -> None:
    user_id, plan = world.invested()
    assert replanning.replan(user_id, f"{plan[:-1]}Z") == Planned(None)
    assert pending(world, world.clock.now() + timedelta(days=9)) == []


def test_what_a_split_canceled_is_planned_again(world, replanning) -> None:
    user_id, plan = world.invested()
    canceler = Canceler(world.plans, world.facts, world.clock, lambda attempt: None)
    FeedOrders(world.database, canceler).cancel(user_id, "QUAL")
    wished = {name: one.cancel_reason for name, one in world.orders(user_id, plan).items()}
    assert wished.pop("QUAL") is CancelReason.CORPORATE_ACTION
    assert set(wished.values()) == {None}
    for order in world.orders(user_id, plan).values():
        # The broker says only that it was canceled: why is known here.
        ended(world, order, order.cancel_reason or "EXPIRED")
    assert len(pending(world, world.clock.now() + PLANNED_AFTER)) == 1
    again = replanning.replan(user_id, plan).plan
    assert again.decision.order("QUAL") is not None


def test_what_a_bank_took_back_meanwhile_is_not_waited_for(world, replanning) -> None:
    user_id, plan = world.invested()
    all_ended(world, user_id, plan, CancelReason.PRICES_STALE)
    deposit_id = world.plans.plan(user_id, plan).cause_id
    world.funded[deposit_id] = replace(world.funded[deposit_id], funded=False)
    assert replanning.replan(user_id, plan) == Planned(None)
    assert pending(world, world.clock.now() + timedelta(days=9)) == []
    assert world.plans.plan(user_id, plan_id(plan)) is None
    assert world.wallet(user_id).open_orders == 0
