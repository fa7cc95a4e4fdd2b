"""Fills and endings of orders: any order of arrival, each once, and nothing lost."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.investing.errors import FillNotCovered, OrderMismatch, OrderUnknown
from shared.investing.model import OrderStatus
from shared.ledger.model import EntryKind


def position(world, user_id, symbol):
    return world.positions.state(user_id).positions.get(symbol)


def test_a_fill_is_one_read_and_one_write(world, make_fill) -> None:
    user_id, plan = world.invested()
    order = world.orders(user_id, plan)["QUAL"]
    world.database.forget()
    world.booker.apply(
        make_fill(order, "x1", "0.126704073", "118.07", world.clock.now(), total="0.126704073")
    )
    assert (world.database.reads, world.database.writes) == (1, 1)


def test_a_fill_moves_cash_into_shares(world, make_fill) -> None:
    user_id, plan = world.invested()
    order = world.orders(user_id, plan)["QUAL"]
    at = world.clock.now()
    after = world.booker.apply(
        make_fill(order, "x1", "0.12670407", "118.07", at, total="0.12670407")
    )

    # 0.12670407 * 118.07 = 14.9599...: 14.96 is charged, the reservation was 14.96.
    assert (after.status, after.charged_minor, after.reserved_minor) == (
        OrderStatus.FILLED,
        1496,
        0,
    )
    wallet = world.wallet(user_id)
    assert (wallet.posted, wallet.held, wallet.open_orders) == (8_504, 8_479, 5)
    held = position(world, user_id, "QUAL")
    assert (held.quantity_nanos, held.cost_minor) == (126_704_070, 1496)
    assert [lot.acquired for lot in held.lots] == [at.date()]
    (entry, _) = [one.entry for one in world.ledger.entries(user_id, wallet.currency).entries]
    assert entry.draft.kind is EntryKind.BUY
    assert {(leg.account, leg.asset): leg.amount for leg in entry.draft.postings} == {
        ("house:shares_at_broker", "QUAL/9"): 126_704_070,
        (f"customer:{user_id}:shares", "QUAL/9"): -126_704_070,
        (f"customer:{user_id}:cash", "USD/2"): 1496,
        ("house:customers_cash_at_broker", "USD/2"): -1496,
    }
    assert world.events() == ["investing.plan_created.v1", "investing.order_filled.v1"]


def test_a_duplicate_changes_nothing(world, make_fill) -> None:
    user_id, plan = world.invested()
    order = world.orders(user_id, plan)["QUAL"]
    event = make_fill(order, "x1", "0.05", "118.07", world.clock.now())
    world.booker.apply(event)
    before = (world.wallet(user_id), position(world, user_id, "QUAL"), world.events())
    world.database.forget()
    world.booker.apply(event)
    assert world.database.writes == 0
    assert (world.wallet(user_id), position(world, user_id, "QUAL"), world.events()) == before


def test_the_last_fill_may_come_before_the_first(world, make_fill) -> None:
    user_id, plan = world.invested()
    order = world.orders(user_id, plan)["QUAL"]
    now = world.clock.now()
    last = world.booker.apply(make_fill(order, "x2", "0.07", "118.11", now, total="0.12"))
    assert last.status is OrderStatus.PARTIALLY_FILLED
    assert world.wallet(user_id).open_orders == 6
    first = world.booker.apply(make_fill(order, "x1", "0.05", "118.07", now))
    assert first.status is OrderStatus.FILLED
    # 8.2677 + 5.9035 = 14.1712: rounded once over both, and up.
    assert (first.charged_minor, first.released_minor) == (1418, 78)
    wallet = world.wallet(user_id)
    assert (wallet.posted, wallet.held, wallet.open_orders) == (8_582, 8_479, 5)
    assert len(position(world, user_id, "QUAL").lots) == 1


def test_an_order_keeps_when_it_was_planned_and_last_filled(world, make_fill) -> None:
    user_id, plan = world.invested()
    order = world.orders(user_id, plan)["QUAL"]
    planned_at = world.clock.now()
    first, last = planned_at + timedelta(seconds=5), planned_at + timedelta(seconds=9)
    assert (order.created_at, order.filled_at) == (planned_at, None)
    world.clock.advance(timedelta(minutes=5))
    world.booker.apply(make_fill(order, "x2", "0.07", "118.11", last, total="0.12"))
    world.booker.apply(make_fill(order, "x1", "0.05", "118.07", first))
    after = world.orders(user_id, plan)["QUAL"]
    assert (after.created_at, after.filled_at) == (planned_at, last)
    assert after.submitted_at == after.updated_at == planned_at + timedelta(minutes=5)


def test_a_cancel_keeps_what_was_filled_and_gives_the_rest_back(world, make_fill, make_end) -> None:
    user_id, plan = world.invested()
    order = world.orders(user_id, plan)["QUAL"]
    now = world.clock.now()
    world.booker.apply(make_fill(order, "x1", "0.05", "118", now))
    after = world.booker.apply(make_end(order, OrderStatus.CANCELED, now, filled="0.05"))
    assert (after.status, after.charged_minor, after.released_minor) == (
        OrderStatus.CANCELED,
        590,
        906,
    )
    assert world.wallet(user_id).available == 25 + 906
    assert world.events()[-1] == "investing.order_filled.v1"


def test_money_stays_reserved_until_a_fill_that_the_cancel_counts_has_come(
    world, make_fill, make_end
) -> None:
    user_id, plan = world.invested()
    order = world.orders(user_id, plan)["QUAL"]
    now = world.clock.now()
    ended = world.booker.apply(make_end(order, OrderStatus.CANCELED, now, filled="0.05"))
    assert (ended.status, ended.reserved_minor) == (OrderStatus.PARTIALLY_FILLED, 1496)
    assert world.wallet(user_id).held == 9_975
    after = world.booker.apply(make_fill(order, "x1", "0.05", "118", now))
    assert after.status is OrderStatus.CANCELED
    assert world.wallet(user_id).held == 9_975 - 1496


def test_a_fill_after_a_cancel_that_did_not_count_it_is_still_booked(
    world, make_fill, make_end
) -> None:
    user_id, plan = world.invested()
    order = world.orders(user_id, plan)["QUAL"]
    now = world.clock.now()
    world.booker.apply(make_end(order, OrderStatus.CANCELED, now))
    assert world.wallet(user_id).available == 25 + 1496
    after = world.booker.apply(make_fill(order, "x1", "0.05", "118", now))
    assert (after.status, after.charged_minor) == (OrderStatus.CANCELED, 590)
    wallet = world.wallet(user_id)
    assert (wallet.posted, wallet.available, wallet.open_orders) == (9_410, 931, 5)
    assert position(world, user_id, "QUAL").quantity_nanos == 50_000_000


def test_a_late_fill_without_money_is_not_booked_below_zero(world, make_fill, make_end) -> None:
    user_id, plan = world.invested()
    order = world.orders(user_id, plan)["QUAL"]
    now = world.clock.now()
    world.booker.apply(make_end(order, OrderStatus.CANCELED, now))
    before = world.wallet(user_id)
    with pytest.raises(FillNotCovered):
        world.booker.apply(make_fill(order, "x1", "1", "118", now))
    assert world.wallet(user_id) == before
    assert position(world, user_id, "QUAL") is None


def test_a_rejection_releases_all_and_tells_it(world, make_end) -> None:
    user_id, plan = world.invested(120)
    (order,) = world.orders(user_id, plan).values()
    after = world.booker.apply(make_end(order, OrderStatus.REJECTED, world.clock.now()))
    assert (after.status, after.released_minor) == (OrderStatus.REJECTED, 119)
    wallet = world.wallet(user_id)
    assert (wallet.available, wallet.open_orders) == (120, 0)
    assert world.events() == [
        "investing.plan_created.v1",
        "investing.order_rejected.v1",
        "investing.orders_completed.v1",
    ]


def test_when_the_last_two_orders_end_at_once_it_is_told_once(
    world, make_fill, make_end, monkeypatch
) -> None:
    user_id, plan = world.invested(1_500)
    *others, first, last = world.orders(user_id, plan).values()
    now = world.clock.now()
    for order in others:
        world.booker.apply(make_end(order, OrderStatus.REJECTED, now))
    read, raced = world.plans.booking, []

    def slowly(*names):
        booking = read(*names)
        if not raced:
            raced.append(True)
            world.booker.apply(make_end(last, OrderStatus.REJECTED, now))
        return booking

    monkeypatch.setattr(world.plans, "booking", slowly)
    world.booker.apply(make_fill(first, "x1", "0.01", "100", now, total="0.01"))
    assert world.wallet(user_id).open_orders == 0
    assert world.events().count("investing.orders_completed.v1") == 1


def test_a_fill_beyond_the_reservation_takes_the_rest_from_available_money(
    world, make_fill
) -> None:
    user_id, plan = world.invested()
    order = world.orders(user_id, plan)["QUAL"]
    after = world.booker.apply(
        make_fill(order, "x1", "0.127", "118.07", world.clock.now(), total="0.127")
    )
    assert (after.charged_minor, after.released_minor) == (1500, 0)
    wallet = world.wallet(user_id)
    assert (wallet.posted, wallet.held, wallet.available) == (8_500, 8_479, 21)
    # 14.99489 were paid: the broker has half a cent more.
    assert wallet.fraction == Decimal("0.511")


def test_fills_too_small_to_cost_a_cent_cost_one_together(world, make_fill) -> None:
    user_id, plan = world.invested()
    now = world.clock.now()
    for symbol, cost, left in (("QUAL", 1, "0.882"), ("SIZE", 0, "0.764")):
        order = world.orders(user_id, plan)[symbol]
        after = world.booker.apply(make_fill(order, f"x{symbol}", "0.00001", "118", now))
        assert (after.charged_minor, after.filled_value) == (cost, Decimal("0.00118"))
        assert position(world, user_id, symbol).quantity_nanos == 10_000
        wallet = world.wallet(user_id)
        assert (wallet.posted, wallet.fraction) == (9_999, Decimal(left))


def test_events_of_other_accounts_and_unknown_orders_move_nothing(world, make_fill) -> None:
    user_id, plan = world.invested()
    order = world.orders(user_id, plan)["QUAL"]
    now = world.clock.now()
    event = make_fill(order, "x1", "0.05", "118", now)
    with pytest.raises(OrderMismatch):
        world.booker.apply(replace(event, account_id="22222222-2222-4222-8222-222222222222"))
    with pytest.raises(OrderMismatch):
        world.booker.apply(replace(event, symbol="SIZE"))
    with pytest.raises(OrderUnknown):
        world.booker.apply(replace(event, client_order_id="manual-order"))
    with pytest.raises(OrderUnknown):
        world.booker.apply(replace(event, client_order_id=order.client_order_id[:-3] + "000"))
    assert world.wallet(user_id).posted == 10_000
    assert world.orders(user_id, plan)["QUAL"] == order


def test_news_of_a_known_order_writes_nothing(world, make_fill) -> None:
    user_id, plan = world.invested()
    order = world.orders(user_id, plan)["QUAL"]
    taken = replace(make_fill(order, "x", "1", "1", world.clock.now()), execution=None)
    assert world.booker.apply(taken).status is OrderStatus.SUBMITTED
    world.database.forget()
    world.booker.apply(taken)
    assert world.database.writes == 0
