"""Orders that somebody changes at the broker by hand: every fill is booked, and once."""

import random
from typing import Any

import pytest

from shared.investing.errors import BrokerUnavailable
from shared.investing.model import Order, OrderStatus
from shared.investing.ports import Accepted, Ticket
from shared.investing.store import _order_row
from shared.kernel.ids import Kind
from shared.kernel.money import NANOS_PER_SHARE, Quantity
from shared.platform.tables import Put

RESERVED = 60_000


@pytest.fixture
def booked(new_world: Any, bench: Any) -> Any:
    """A person whose order for three shares waits at the broker after a third of it."""
    world = new_world()
    user_id = world.person(broker_account_id=bench.account)
    world.deposit(user_id, 100_000)
    order = Order(
        order_id=world.ids.new(Kind.ORDER),
        user_id=user_id,
        plan_id=world.ids.new(Kind.PLAN),
        account_id=bench.account,
        symbol="USMV",
        notional_minor=RESERVED,
        nanos=3 * NANOS_PER_SHARE,
        created_at=world.clock.now(),
        updated_at=world.clock.now(),
    )
    reserve = world.ledger.reserve(world.wallet(user_id), RESERVED, orders=1)
    world.facts.commit([Put.new("order", _order_row(order)), reserve])
    return world, order


@pytest.fixture
def resting(bench: Any, booked: Any, eventually: Any) -> Any:
    """The broker's name of that order."""
    _, order = booked
    bench.fault("orders.create", "partial_fill", executions=3, stop_after=1)
    ticket = Ticket(
        bench.account, order.client_order_id, "USMV", quantity=Quantity(3 * NANOS_PER_SHARE)
    )
    taken = bench.broker.submit(ticket)
    assert isinstance(taken, Accepted)
    eventually(lambda: any(one.execution for one in bench.events()))
    return taken.broker_order_id


def by_hand(bench: Any, number: str, shares: int) -> str:
    """As a member of staff does it at the broker's own desk; answers the number of the order that
    goes on. One broker makes another order of it, the other one changes it."""
    if bench.name == "alpaca":
        path = f"/alpaca/v1/trading/accounts/{bench.account}/orders/{number}"
        answer = bench.vendors.patch(path, json={"qty": str(shares)})
        answer.raise_for_status()
        assert answer.json()["replaces"] == number
        return str(answer.json()["id"])
    bench.broker._wire.post(
        f"/iserver/account/{bench.account}/order/{number}", {"quantity": shares}
    )
    return number


def ended(bench: Any) -> Any:
    """All events, once an order has ended that nothing replaces."""
    events = bench.events()
    last = any(one.ending is not None and not one.replaced_by for one in events)
    return list(events) if last else None


@pytest.mark.parametrize("disorder", range(4))
def test_fills_before_and_after_are_all_booked_once_in_any_order(
    bench: Any, booked: Any, resting: Any, eventually: Any, disorder: int
) -> None:
    world, order = booked
    by_hand(bench, resting, 4)
    events = eventually(lambda: ended(bench))
    # What replaces an order is heard of in the order in which it happens; all else is not.
    first = [one for one in events if one.replaced_by]
    rest = [one for one in events if not one.replaced_by] * 2
    random.Random(disorder).shuffle(rest)
    at = 0 if disorder else len([one for one in rest if one.broker_order_id == resting])
    if not disorder:
        rest.sort(key=lambda one: one.broker_order_id != resting)
    for event in [*rest[:at], *first, *first, *rest[at:]]:
        world.booker.apply(event)
    (after,) = world.plans.orders(order.user_id, [order.order_id])
    held = bench.positions()["USMV"]
    # One broker counts what was traded before, the other one only what its new order trades.
    assert held == (5 if bench.name == "alpaca" else 4)
    assert (after.status, after.filled_nanos) == (OrderStatus.FILLED, held * NANOS_PER_SHARE)
    wallet = world.wallet(order.user_id)
    assert (wallet.held, wallet.open_orders) == (0, 0)
    # To the cent of one execution after the other: the books round once over all of them.
    assert abs(bench.cash() * 100 - wallet.posted) < 3


def test_what_replaced_it_is_found_and_canceled_under_our_name(
    bench: Any, booked: Any, resting: Any, eventually: Any
) -> None:
    world, order = booked
    bench.knobs(halted=["USMV"])
    number = by_hand(bench, resting, 2)
    found = bench.broker.find(bench.account, order.client_order_id)
    assert (found.ended, found.broker_order_id) == (False, resting)
    assert (found.successor or found.broker_order_id) == number
    assert bench.broker.cancel(bench.account, number) is True
    bench.knobs(halted=[])
    for event in eventually(lambda: ended(bench)):
        world.booker.apply(event)
    (after,) = world.plans.orders(order.user_id, [order.order_id])
    assert (after.status, after.filled_nanos) == (OrderStatus.CANCELED, NANOS_PER_SHARE)
    assert bench.positions()["USMV"] == 1
    assert (world.wallet(order.user_id).held, world.wallet(order.user_id).open_orders) == (0, 0)
    found = bench.broker.find(bench.account, order.client_order_id)
    assert (found.ended, found.filled_nanos) == (True, NANOS_PER_SHARE)


@pytest.mark.parametrize("bench", ["alpaca"], indirect=True)
def test_while_what_replaced_it_is_not_found_nothing_is_said_of_ours(
    bench: Any, booked: Any, resting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the broker has no such order would end ours, and free the money of one that trades."""
    _, order = booked
    bench.knobs(halted=["USMV"])
    by_hand(bench, resting, 2)
    client = bench.broker._client
    real = client.get_order_for_account_by_id
    strange = "00000000-0000-4000-8000-00000000000f"
    monkeypatch.setattr(
        client, "get_order_for_account_by_id", lambda account, _: real(account, strange)
    )
    with pytest.raises(BrokerUnavailable):
        bench.broker.find(bench.account, order.client_order_id)
