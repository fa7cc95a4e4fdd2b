"""Alpaca's news of an order that was replaced by hand, in every order in which they may come."""

from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from shared.investing.brokers.alpaca_events import trade_event
from shared.investing.canceling import Canceler
from shared.investing.errors import OrderMismatch, OrderUnknown
from shared.investing.model import CancelReason, OrderStatus, Successors
from shared.investing.store import order_key

OLD, NEW, NEWEST = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
STRANGE = "b9e0c8a2-5d1e-4f0b-9a63-0c6d5a0b1f42"
"""The name that the broker gives an order that it makes itself."""


def told(order: Any, event: str, number: str, filled: str = "0", **more: Any) -> Any:
    """An event of the order itself, or of one that stands in its place."""
    named = order.client_order_id if number == OLD else f"{STRANGE}-{number[-1]}"
    data: dict[str, Any] = {
        "account_id": order.account_id,
        "at": "2026-03-02T15:35:00Z",
        "event": event,
        "order": {
            "client_order_id": named,
            "id": number,
            "symbol": order.symbol,
            "side": order.side.value.lower(),
            "filled_qty": filled,
            "replaced_by": more.pop("replaced_by", None),
        },
    }
    return trade_event(data | more)


def fill(order: Any, number: str, key: str, quantity: str, event: str = "partial_fill") -> Any:
    return told(order, event, number, quantity, execution_id=key, price="10", qty=quantity)


@pytest.fixture
def bought(world: Any) -> Any:
    user_id, plan = world.invested()
    order = world.orders(user_id, plan)["QUAL"]
    world.facts.commit([world.plans.save(order.submitted(OLD, world.clock.now()))])
    (stored,) = world.plans.orders(user_id, [order.order_id])
    return stored


def stored(world: Any, order: Any) -> Any:
    (found,) = world.plans.orders(order.user_id, [order.order_id])
    return found


def test_it_goes_on_under_another_name_and_ends_with_all_shares(world: Any, bought: Any) -> None:
    held = world.wallet(bought.user_id).held
    world.booker.apply(fill(bought, OLD, "x1", "0.1"))
    for _ in range(2):
        after = world.booker.apply(told(bought, "replaced", OLD, "0.1", replaced_by=NEW))
    assert (after.status, after.ending) == (OrderStatus.PARTIALLY_FILLED, None)
    assert after.successors == Successors((NEW,), 10**8)
    world.booker.apply(told(bought, "new", NEW))
    world.booker.apply(fill(bought, NEW, "x2", "0.2"))
    after = world.booker.apply(fill(bought, NEW, "x3", "0.3", "fill"))
    # Of the new order the broker counts 0.3 with the last fill, as if that were all of it.
    assert (after.status, after.filled_nanos) == (OrderStatus.FILLED, 6 * 10**8)
    assert (after.broker_order_id, after.charged_minor) == (OLD, 600)
    wallet = world.wallet(bought.user_id)
    assert (wallet.held, wallet.open_orders) == (held - bought.notional_minor, 5)
    assert world.events().count("investing.order_filled.v1") == 1


def test_in_any_order_of_arrival_the_same_is_booked(new_world: Any) -> None:
    seen = set()
    for disorder in permutations(range(5)):
        world = new_world()
        user_id, plan = world.invested()
        order = world.orders(user_id, plan)["QUAL"]
        events = [
            fill(order, OLD, "x1", "0.1"),
            told(order, "replaced", OLD, "0.1", replaced_by=NEW),
            fill(order, NEW, "x2", "0.2"),
            told(order, "canceled", NEW, "0.2"),
            told(order, "pending_replace", OLD, "0.1"),
        ]
        waiting = [events[number] for number in disorder]
        while waiting:
            again = []
            for event in waiting:
                try:
                    world.booker.apply(event)
                except OrderUnknown:
                    # News of an order of which nobody has heard yet: the queue brings them again.
                    assert event.broker_order_id == NEW
                    again.append(event)
            waiting = again
        after = stored(world, order)
        wallet = world.wallet(user_id)
        seen.add((after.status, after.filled_nanos, after.charged_minor, wallet.posted))
    assert seen == {(OrderStatus.CANCELED, 3 * 10**8, 300, 9_700)}


def test_an_end_waits_for_fills_of_the_order_that_was_replaced(world: Any, bought: Any) -> None:
    world.booker.apply(told(bought, "replaced", OLD, "0.1", replaced_by=NEW))
    after = world.booker.apply(fill(bought, NEW, "x2", "0.2", "fill"))
    assert (after.status, after.ending.filled_nanos) == (
        OrderStatus.PARTIALLY_FILLED,
        3 * 10**8,
    )
    after = world.booker.apply(fill(bought, OLD, "x1", "0.1"))
    assert (after.status, after.filled_nanos) == (OrderStatus.FILLED, 3 * 10**8)


def test_it_may_be_replaced_again_and_again(world: Any, bought: Any) -> None:
    world.booker.apply(told(bought, "replaced", OLD, "0", replaced_by=NEW))
    world.booker.apply(fill(bought, NEW, "x1", "0.1"))
    world.booker.apply(told(bought, "replaced", NEW, "0.1", replaced_by=NEWEST))
    # The end of one that was replaced is nobody's end.
    after = world.booker.apply(told(bought, "canceled", NEW, "0.1"))
    assert (after.final, after.successors) == (False, Successors((NEW, NEWEST), 10**8))
    after = world.booker.apply(fill(bought, NEWEST, "x2", "0.2", "fill"))
    assert (after.status, after.filled_nanos) == (OrderStatus.FILLED, 3 * 10**8)
    assert stored(world, bought) == after or stored(world, bought).status is OrderStatus.FILLED


@pytest.mark.parametrize(
    ("traded", "status"), [("0.1", OrderStatus.CANCELED), ("0", OrderStatus.REJECTED)]
)
def test_what_replaces_it_and_is_rejected_leaves_what_was_traded(
    world: Any, bought: Any, traded: str, status: OrderStatus
) -> None:
    if Decimal(traded):
        world.booker.apply(fill(bought, OLD, "x1", traded))
    world.booker.apply(told(bought, "replaced", OLD, traded, replaced_by=NEW))
    after = world.booker.apply(told(bought, "rejected", NEW))
    assert after.status is status
    assert after.released_minor == after.notional_minor - after.charged_minor


def test_a_bust_of_a_fill_under_another_name_takes_it_back(world: Any, bought: Any) -> None:
    world.booker.apply(told(bought, "replaced", OLD, "0", replaced_by=NEW))
    world.booker.apply(fill(bought, NEW, "x1", "0.1", "fill"))
    bust = told(
        bought,
        "trade_bust",
        NEW,
        qty="-0.1",
        price="10",
        execution_id="b",
        previous_execution_id="x1",
    )
    after = world.booker.apply(bust)
    assert (after.filled_nanos, after.charged_minor) == (0, 0)
    assert world.wallet(bought.user_id).posted == 10_000


def test_without_the_name_of_another_order_it_has_ended(world: Any, bought: Any) -> None:
    after = world.booker.apply(told(bought, "replaced", OLD, "0"))
    assert (after.status, after.ending.reason) == (OrderStatus.REPLACED, "REPLACED")
    assert after.successors == Successors()


def test_the_wish_to_cancel_stays_and_says_why_it_ended(world: Any, bought: Any) -> None:
    canceler = Canceler(world.plans, world.facts, world.clock, lambda attempt: None)
    canceler.request(bought.user_id, bought.order_id)
    after = world.booker.apply(told(bought, "replaced", OLD, "0", replaced_by=NEW))
    assert (after.status, after.cancel_reason) == (
        OrderStatus.PENDING_CANCEL,
        CancelReason.CANCELED,
    )
    after = world.booker.apply(told(bought, "canceled", NEW, "0"))
    assert (after.status, after.ending.reason) == (OrderStatus.CANCELED, "CANCELED")


def test_orders_that_replace_none_of_ours_are_not_booked(world: Any, bought: Any) -> None:
    before = world.database.get_many([order_key(bought.user_id, bought.order_id)])
    for event in (
        fill(bought, NEW, "x1", "0.1"),
        replace(told(bought, "new", NEW), broker_order_id=""),
    ):
        with pytest.raises(OrderUnknown):
            world.booker.apply(event)
    # Nor is a number under our name that the order does not have.
    with pytest.raises(OrderMismatch):
        world.booker.apply(replace(fill(bought, OLD, "x1", "0.1"), broker_order_id=NEW))
    assert world.database.get_many([order_key(bought.user_id, bought.order_id)]) == before


def test_an_order_that_was_never_replaced_costs_no_further_request(world: Any, bought: Any) -> None:
    world.database.forget()
    world.booker.apply(fill(bought, OLD, "x1", "0.1"))
    assert (world.database.reads, world.database.writes) == (1, 1)


@pytest.mark.parametrize("known", [Successors(), Successors((NEW,)), Successors((NEW, NEWEST), 5)])
def test_the_names_are_kept_in_one_line(known: Successors) -> None:
    assert Successors.read(known.text) == known
    assert known.then(NEW, 3).names[-1] in (NEW, NEWEST)
