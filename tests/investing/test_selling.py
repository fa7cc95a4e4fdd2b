"""Sales, what settles, and what the exchange takes back: any order of news, each once."""

import itertools
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from shared.cases.model import CaseKind, CaseStatus
from shared.investing.canceling import Canceler
from shared.investing.errors import OrderMismatch, OrderNotCancelable
from shared.investing.model import Order, OrderStatus, Side, TakenBack
from shared.investing.store import _order_row
from shared.kernel.ids import Kind
from shared.ledger.model import EntryKind, fold
from shared.platform.tables import Put
from shared.platform.work import ConditionFailed

SHARE = 10**9


@pytest.fixture
def holder(world, make_fill):
    """A person with half a share of QUAL for 59.00 and nothing in flight."""
    user_id, plan = world.invested(50_000)
    now = world.clock.now()
    for order in world.orders(user_id, plan).values():
        world.booker.apply(make_fill(order, f"buy-{order.symbol}", "0.5", "118", now, total="0.5"))
    assert world.wallet(user_id).open_orders == 0
    return user_id, plan


def selling(world, user_id, nanos=SHARE // 2, symbol="QUAL"):
    """A sell order that is planned, with its place among the open orders."""
    order = Order(
        order_id=world.ids.new(Kind.ORDER),
        user_id=user_id,
        plan_id=world.ids.new(Kind.PLAN),
        account_id="11111111-1111-4111-8111-111111111111",
        symbol=symbol,
        notional_minor=0,
        side=Side.SELL,
        nanos=nanos,
        created_at=world.clock.now(),
        updated_at=world.clock.now(),
    )
    reserve = world.ledger.reserve(world.wallet(user_id), 0, orders=1)
    world.facts.commit([Put.new("order", _order_row(order)), reserve])
    return world.plans.orders(user_id, [order.order_id])[0]


def sold(make_fill, order, key, quantity, price, at, total=None):
    return replace(make_fill(order, key, quantity, price, at, total=total), side=Side.SELL)


def bust(make_end, order, key, nanos, at):
    event = make_end(order, OrderStatus.FILLED, at)
    return replace(event, side=order.side, ending=None, taken_back=TakenBack(key, nanos))


def held(world, user_id, symbol="QUAL"):
    return world.positions.state(user_id).positions[symbol]


def books_agree(world, user_id):
    wallet = world.wallet(user_id)
    entries = world.ledger.entries(user_id, wallet.currency, limit=500).entries
    books = fold(one.entry for one in entries)
    assert books[f"customer:{user_id}:cash", "USD/2"] == -wallet.posted
    assert books.get((f"customer:{user_id}:receivable", "USD/2"), 0) == wallet.owed
    for position in world.positions.state(user_id).positions.values():
        asset = f"{position.symbol}/9"
        assert -books[f"customer:{user_id}:shares", asset] == position.quantity_nanos
        assert books.get((f"customer:{user_id}:receivable", asset), 0) == position.owed_nanos
    assert min(wallet.posted, wallet.held, wallet.available) >= 0


def test_a_sale_brings_cash_that_settles_with_the_next_session(world, make_fill, holder) -> None:
    user_id, _ = holder
    before = world.wallet(user_id)
    order = selling(world, user_id)
    today = world.clock.now().date()
    after = world.booker.apply(
        sold(make_fill, order, "s1", "0.5", "120.01", world.clock.now(), total="0.5")
    )
    # 0.5 * 120.01 = 60.005, half to even.
    assert (after.status, after.charged_minor) == (OrderStatus.FILLED, 6_000)
    assert (after.gains.short_minor, after.gains.long_minor) == (100, 0)
    wallet = world.wallet(user_id)
    assert (wallet.posted, wallet.held) == (before.posted + 6_000, before.held)
    (settles,) = wallet.settling
    assert (settles > today, wallet.settling[settles]) == (True, 6_000)
    assert wallet.settled(today) == before.available
    assert wallet.settled(settles) == before.available + 6_000
    position = held(world, user_id)
    assert (position.quantity_nanos, position.cost_minor, position.realised_minor) == (0, 0, 100)
    entry = world.ledger.entries(user_id, wallet.currency, limit=1).entries[0].entry.draft
    assert (entry.kind, entry.memo["short_gain"]) == (EntryKind.SELL, "100")
    books_agree(world, user_id)


def test_what_has_not_settled_is_not_reserved(world, make_fill, holder) -> None:
    user_id, _ = holder
    order = selling(world, user_id)
    world.booker.apply(sold(make_fill, order, "s1", "0.5", "120", world.clock.now(), total="0.5"))
    wallet, today = world.wallet(user_id), world.clock.now().date()
    settled = wallet.settled(today)
    with pytest.raises(ConditionFailed):
        world.facts.commit(
            [world.ledger.reserve(wallet, settled + 1, orders=0, to_leave=True, on=today)]
        )
    world.facts.commit([world.ledger.reserve(wallet, settled, orders=0, to_leave=True, on=today)])
    (later,) = wallet.settling
    rest = world.wallet(user_id)
    world.facts.commit(
        [world.ledger.reserve(rest, rest.available, orders=0, to_leave=True, on=later)]
    )
    assert world.wallet(user_id).available == 0


def test_no_order_begins_while_another_is_open(world, holder) -> None:
    user_id, _ = holder
    selling(world, user_id)
    with pytest.raises(ConditionFailed):
        selling(world, user_id)


def test_an_event_of_the_other_side_moves_nothing(world, make_fill, holder) -> None:
    user_id, _ = holder
    order = selling(world, user_id)
    with pytest.raises(OrderMismatch):
        world.booker.apply(make_fill(order, "s1", "0.5", "120", world.clock.now()))
    assert held(world, user_id).quantity_nanos == SHARE // 2


def test_any_order_of_fills_busts_and_corrections_ends_alike(
    new_world, make_fill, make_end
) -> None:
    ends = set()
    for arrival in itertools.permutations(range(4)):
        world = new_world()
        user_id, plan = world.invested(50_000)
        now = world.clock.now()
        for order in world.orders(user_id, plan).values():
            world.booker.apply(make_fill(order, f"b{order.symbol}", "0.5", "118", now, total="0.5"))
        order = selling(world, user_id)
        news = [
            sold(make_fill, order, "s1", "0.2", "120.013", now),
            sold(make_fill, order, "s2", "0.3", "120.027", now, total="0.5"),
            bust(make_end, order, "s1", SHARE // 5, now),
            replace(
                sold(make_fill, order, "s3", "0.25", "119.5", now), taken_back=TakenBack("s2", 0)
            ),
        ]
        for number in (*arrival, *arrival):
            world.booker.apply(news[number])
        after = world.plans.orders(user_id, [order.order_id])[0]
        wallet, position = world.wallet(user_id), held(world, user_id)
        books_agree(world, user_id)
        ends.add(
            (
                after.status,
                after.filled_nanos,
                after.charged_minor,
                wallet.posted,
                wallet.open_orders,
                tuple(wallet.settling.items()),
                position.quantity_nanos,
                position.cost_minor,
                position.realised_minor,
            )
        )
    (end,) = ends
    assert end[:3] == (OrderStatus.FILLED, SHARE // 4, 2_987)
    assert end[6:] == (SHARE // 4, 2_950, 37)


def test_a_buy_that_is_taken_back_gives_its_money_back(world, make_end, holder) -> None:
    user_id, plan = holder
    order = world.orders(user_id, plan)["QUAL"]
    before = world.wallet(user_id)
    for _ in range(2):
        world.booker.apply(bust(make_end, order, "buy-QUAL", SHARE // 2, world.clock.now()))
    wallet = world.wallet(user_id)
    assert (wallet.posted, wallet.available) == (before.posted + 5_900, before.available + 5_900)
    assert (held(world, user_id).quantity_nanos, held(world, user_id).cost_minor) == (0, 0)
    assert world.events().count("investing.trade_corrected.v1") == 1
    assert list(world.cases.listed(CaseStatus.OPEN)) == []
    books_agree(world, user_id)


def test_a_buy_taken_back_after_its_shares_were_sold_is_owed_and_looked_at(
    world, make_fill, make_end, holder
) -> None:
    user_id, plan = holder
    order = selling(world, user_id)
    now = world.clock.now()
    world.booker.apply(sold(make_fill, order, "s1", "0.5", "120", now, total="0.5"))
    bought = world.orders(user_id, plan)["QUAL"]
    world.booker.apply(bust(make_end, bought, "buy-QUAL", SHARE // 2, now))
    position = held(world, user_id)
    assert (position.quantity_nanos, position.owed_nanos) == (0, SHARE // 2)
    (case,) = world.cases.listed(CaseStatus.OPEN)
    assert (case.kind, case.subject) == (CaseKind.TRADE_TAKEN_BACK, bought.order_id)
    assert dict(case.facts)["sold_since_nanos"] == str(SHARE // 2)
    books_agree(world, user_id)


def test_a_sale_taken_back_after_its_money_left_is_owed(world, make_fill, make_end, holder) -> None:
    user_id, _ = holder
    order = selling(world, user_id)
    now = world.clock.now()
    world.booker.apply(sold(make_fill, order, "s1", "0.5", "120", now, total="0.5"))
    wallet = world.wallet(user_id)
    away = wallet.available - 1_000
    later = date(2027, 1, 4)
    world.facts.commit([world.ledger.reserve(wallet, away, orders=0, to_leave=True, on=later)])
    world.booker.apply(bust(make_end, order, "s1", SHARE // 2, now))
    wallet = world.wallet(user_id)
    assert (wallet.available, wallet.owed) == (0, 5_000)
    assert wallet.settling == {}
    position = held(world, user_id)
    assert (position.quantity_nanos, position.cost_minor, position.realised_minor) == (
        SHARE // 2,
        5_900,
        0,
    )
    (case,) = world.cases.listed(CaseStatus.OPEN)
    assert dict(case.facts)["owed_minor"] == "5000"
    books_agree(world, user_id)


def test_a_cancellation_is_wished_once_and_ends_by_the_brokers_word(
    world, make_fill, make_end, holder
) -> None:
    user_id, _ = holder
    order = selling(world, user_id)
    canceler = Canceler(world.plans, world.facts, world.clock, lambda attempt: None)
    for _ in range(2):
        asked = canceler.request(user_id, order.order_id)
        assert asked.status is OrderStatus.PENDING_CANCEL
    assert world.events().count("investing.order_cancel_requested.v1") == 1
    now = world.clock.now()
    world.booker.apply(sold(make_fill, order, "s1", "0.2", "120", now))
    ended = replace(make_end(order, OrderStatus.CANCELED, now, filled="0.2"), side=Side.SELL)
    after = world.booker.apply(ended)
    assert (after.status, after.filled_nanos) == (OrderStatus.CANCELED, SHARE // 5)
    assert canceler.request(user_id, order.order_id).status is OrderStatus.CANCELED
    assert world.wallet(user_id).open_orders == 0


def test_an_order_that_was_filled_is_not_canceled(world, make_fill, holder) -> None:
    user_id, plan = holder
    order = world.orders(user_id, plan)["QUAL"]
    canceler = Canceler(world.plans, world.facts, world.clock, lambda attempt: None)
    with pytest.raises(OrderNotCancelable):
        canceler.request(user_id, order.order_id)
    assert order.charged_minor == int(Decimal("59.00") * 100)
