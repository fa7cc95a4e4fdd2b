"""Fills of one person, all at once and in any order: money and shares are conserved."""

import random
import threading
import time
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.investing.booking import Booker
from shared.investing.model import OrderStatus
from shared.ledger.model import fold


def test_fills_of_one_person_at_once_all_count(world, make_fill) -> None:
    user_id, plan = world.invested(100_000)
    orders = world.orders(user_id, plan)
    now = world.clock.now()
    events = []
    for order in orders.values():
        events.append(make_fill(order, f"{order.symbol}1", "0.3", "100", now, total="0.5"))
        events.append(make_fill(order, f"{order.symbol}2", "0.2", "100", now))
    booker = Booker(
        world.plans,
        world.ledger,
        world.positions,
        world.cases,
        world.facts,
        world.clock,
        lambda attempt: time.sleep(random.uniform(0, 0.02)),
    )
    failures = []

    def book(event) -> None:
        try:
            booker.apply(event)
            booker.apply(event)
        except Exception as error:  # noqa: BLE001 - a thread's failure belongs to the test
            failures.append(error)

    threads = [threading.Thread(target=book, args=(event,)) for event in events]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    wallet = world.wallet(user_id)
    assert (wallet.posted, wallet.held, wallet.open_orders) == (100_000 - 6 * 5_000, 0, 0)
    after = world.orders(user_id, plan)
    assert {one.status for one in after.values()} == {OrderStatus.FILLED}
    state = world.positions.state(user_id)
    assert {one.quantity_nanos for one in state.positions.values()} == {500_000_000}
    assert state.net_deposits.minor == 100_000
    assert world.events().count("investing.orders_completed.v1") == 1
    assert world.events().count("investing.order_filled.v1") == 6
    assert wallet.seq == 13


steps = st.lists(
    st.tuples(
        st.sampled_from(["AAAB", "MTUM", "QUAL", "SIZE", "USMV", "VLUE"]),
        st.integers(1, 5),
        st.lists(st.integers(1, 10**9), min_size=1, max_size=5),
        st.sampled_from([OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda step: step[0],
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps, st.randoms(use_true_random=False))
def test_any_order_of_events_conserves_money_and_shares(
    new_world, make_fill, make_end, program, shuffle
) -> None:
    world = new_world()
    now = world.clock.now()
    user_id, plan = world.invested(1_000_000)
    orders = world.orders(user_id, plan)
    events = []
    for symbol, duplicates, parts, how in program:
        order = orders[symbol]
        # Quantities that keep the order within its reservation at this price.
        budget = order.notional_minor * 10**7 // 50
        quantities = [max(1, budget * part // sum(parts)) for part in parts]
        filled = sum(quantities)
        for number, nanos in enumerate(quantities):
            text = str(Decimal(nanos).scaleb(-9))
            total = str(Decimal(filled).scaleb(-9)) if number == len(parts) - 1 else None
            last = total if how is OrderStatus.FILLED else None
            events += [make_fill(order, f"{symbol}{number}", text, "49.9987", now, total=last)] * (
                1 + duplicates % 2
            )
        if how is not OrderStatus.FILLED:
            events.append(make_end(order, how, now, filled=str(Decimal(filled).scaleb(-9))))
    shuffle.shuffle(events)
    for event in events:
        world.booker.apply(event)
        wallet = world.wallet(user_id)
        assert min(wallet.posted, wallet.held, wallet.available) >= 0

    after = world.orders(user_id, plan)
    ended = {symbol for symbol, *_ in program}
    for symbol, order in after.items():
        assert order.final == (symbol in ended)
        if order.final:
            assert order.charged_minor + order.released_minor == order.notional_minor
    wallet = world.wallet(user_id)
    charged = sum(order.charged_minor for order in after.values())
    assert wallet.posted == 1_000_000 - charged
    assert wallet.held == sum(order.reserved_minor for order in after.values())
    assert wallet.open_orders == len(after) - len(ended)
    assert wallet.fraction == sum(order.fraction for order in after.values())
    books = fold(
        one.entry for one in world.ledger.entries(user_id, wallet.currency, limit=500).entries
    )
    positions = world.positions.state(user_id).positions
    for symbol in ended:
        held = positions[symbol]
        assert books["house:shares_at_broker", f"{symbol}/9"] == held.quantity_nanos
        assert books[f"customer:{user_id}:shares", f"{symbol}/9"] == -held.quantity_nanos
        assert sum(lot.nanos for lot in held.lots) == held.quantity_nanos
        assert sum(lot.cost_minor for lot in held.lots) == held.cost_minor
        assert held.cost_minor == after[symbol].charged_minor
    assert books[f"customer:{user_id}:cash", "USD/2"] == -wallet.posted
