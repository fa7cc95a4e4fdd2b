"""Orders: what is accepted, what is refused, how they fill and end."""

from datetime import datetime
from decimal import Decimal

import pytest

NANO_SHARE = Decimal("0.000000001")


@pytest.fixture
def body():
    """An order as JSON."""

    def terms(**changes):
        order = {"symbol": "MTUM", "side": "buy", "type": "market", "time_in_force": "day"}
        return order | changes

    return terms


def test_an_order_by_amount_fills_to_nine_places_and_never_over_the_amount(
    broker, investor, order, settled, cash
):
    accepted = order(investor, "MTUM", notional=12.34, client_order_id="rb-1")
    assert (accepted.status, accepted.notional, accepted.qty) == ("accepted", "12.34", None)
    filled = settled(investor, accepted.id)
    qty, price = Decimal(filled.filled_qty), Decimal(filled.filled_avg_price)
    assert filled.status == "filled"
    assert qty == qty.quantize(NANO_SHARE)
    assert qty * price <= Decimal("12.34") < (qty + NANO_SHARE) * price
    assert cash(investor) == 1000 - qty * price
    (position,) = broker.get_all_positions_for_account(investor)
    assert (position.symbol, Decimal(position.qty)) == ("MTUM", qty)
    assert position.asset_id == broker.get_asset("MTUM").id


def test_a_buyer_pays_the_ask_and_a_seller_gets_the_bid(investor, order, settled, broker):
    bought = settled(investor, order(investor, "AAPL", qty=1).id)
    sold = settled(investor, order(investor, "AAPL", "sell", qty=1).id)
    spread = Decimal(bought.filled_avg_price) / Decimal(sold.filled_avg_price) - 1
    assert abs(spread - Decimal("0.0002")) < Decimal("0.00005")
    assert broker.get_all_positions_for_account(investor) == []


def test_an_order_in_several_executions_fills_exactly(investor, order, settled, knobs, raw):
    knobs(executions=3)
    by_qty = settled(investor, order(investor, "KO", qty=1).id)
    by_amount = settled(investor, order(investor, "KO", notional=100).id)
    assert Decimal(by_qty.filled_qty) == 1
    fills = raw.get("/v1/accounts/activities/FILL", params={"direction": "asc"}).json()
    assert [fill["type"] for fill in fills] == ["partial_fill", "partial_fill", "fill"] * 2
    assert [fill["cum_qty"] for fill in fills[:3]] == ["0.333333333", "0.666666666", "1"]
    assert [fill["leaves_qty"] for fill in fills[:3]] == ["0.666666667", "0.333333334", "0"]
    spent = sum(Decimal(fill["qty"]) * Decimal(fill["price"]) for fill in fills[3:])
    assert Decimal("99.99999") < spent <= 100
    assert Decimal(by_amount.filled_qty) == Decimal(fills[5]["cum_qty"])


def test_a_client_order_id_is_used_once_even_after_the_end(broker, investor, order, refused):
    first = order(investor, "MTUM", notional=5, client_order_id="rb-1")
    again = refused(order, investor, "MTUM", notional=5, client_order_id="rb-1")
    assert again == (422, 40010001, "client_order_id must be unique")
    found = broker.get_order_for_account_by_client_id(investor, "rb-1")
    assert found.id == first.id
    assert len(broker.get_orders_for_account(investor)) <= 1


def test_another_account_may_use_the_same_client_order_id(investor, open_account, fund, order):
    other = open_account("other@example.com")
    fund(other, 10)
    first = order(investor, "MTUM", notional=5, client_order_id="rb-1")
    second = order(other, "MTUM", notional=5, client_order_id="rb-1")
    assert first.id != second.id


def test_a_repeated_order_is_a_duplicate_even_when_the_money_is_gone(investor, order, refused):
    order(investor, "MTUM", notional=1000, client_order_id="rb-1")
    assert refused(order, investor, "MTUM", notional=1000, client_order_id="rb-1")[1] == 40010001
    assert refused(order, investor, "MTUM", notional=1, client_order_id="rb-2")[1] == 40310000


@pytest.mark.parametrize(
    ("terms", "status", "code"),
    [
        ({"notional": "0.99"}, 422, 42210000),
        ({"notional": "1.001"}, 422, 42210000),
        ({"notional": "NaN"}, 422, 42210000),
        ({"notional": "-5"}, 422, 42210000),
        ({"notional": True}, 422, 42210000),
        ({"qty": "0"}, 422, 42210000),
        ({"qty": "0.0000000001"}, 422, 42210000),
        ({"qty": "1", "notional": "10"}, 422, 42210000),
        ({}, 422, 42210000),
        ({"notional": "10", "time_in_force": "gtc"}, 422, 42210000),
        ({"notional": "10", "type": "limit", "limit_price": "1"}, 422, 42210000),
        ({"notional": "10", "side": "short"}, 422, 42210000),
        ({"notional": "10", "symbol": "NOPE"}, 422, 42210000),
        ({"notional": "10", "client_order_id": "x" * 129}, 422, 42210000),
        ({"notional": "1000.01"}, 403, 40310000),
        ({"qty": "1000"}, 403, 40310000),
        ({"qty": "1", "side": "sell"}, 403, 40310000),
        ({"notional": "10", "side": "sell"}, 403, 40310000),
    ],
)
def test_an_order_against_the_rules_is_refused(raw, investor, body, cash, terms, status, code):
    answer = raw.post(f"/v1/trading/accounts/{investor}/orders", json=body(**terms))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert raw.get(f"/v1/trading/accounts/{investor}/orders?status=all").json() == []
    assert cash(investor) == 1000


def test_an_asset_may_trade_in_whole_shares_only(investor, order, settled, refused, knobs):
    knobs(whole_shares_only=["KO"])
    assert refused(order, investor, "KO", notional=10)[:2] == (422, 42210000)
    assert refused(order, investor, "KO", qty=1.5)[:2] == (422, 42210000)
    assert settled(investor, order(investor, "KO", qty=2).id).filled_qty == "2"


def test_open_orders_set_cash_and_shares_aside(
    sandbox, broker, investor, order, settled, refused, move_clock
):
    settled(investor, order(investor, "KO", qty=2).id)
    move_clock(now="2026-03-02T17:00:00-05:00")
    order(investor, "MTUM", notional=800)
    order(investor, "KO", "sell", qty=1.5)
    account = broker.get_trade_account_by_id(investor)
    assert Decimal(account.buying_power) == Decimal(account.cash) - 800
    (position,) = broker.get_all_positions_for_account(investor)
    assert (position.qty, position.qty_available) == ("2", "0.5")
    assert refused(order, investor, "QUAL", notional=200)[1] == 40310000
    assert refused(order, investor, "KO", "sell", qty=0.6)[1] == 40310000


def test_an_order_outside_hours_waits_for_the_open(broker, investor, order, settled, move_clock):
    move_clock(now="2026-03-07T12:00:00-05:00")
    waiting = order(investor, "MTUM", notional=10)
    assert waiting.status == "accepted"
    assert broker.get_order_for_account_by_id(investor, waiting.id).status == "accepted"
    move_clock(now="2026-03-09T09:30:00-04:00")
    filled = settled(investor, waiting.id)
    assert filled.status == "filled"
    assert filled.filled_at.isoformat().startswith("2026-03-09T13:30:00")


def test_the_open_comes_by_itself_too(broker, investor, order, settled, move_clock):
    move_clock(now="2026-03-03T09:29:59.900000-05:00")
    waiting = order(investor, "MTUM", notional=10)
    assert waiting.status == "accepted"
    assert settled(investor, waiting.id).status == "filled"


def test_time_may_jump_over_the_session_in_which_an_order_fills(
    investor, order, settled, move_clock
):
    move_clock(now="2026-03-02T17:00:00-05:00")
    waiting = order(investor, "MTUM", notional=10)
    move_clock(now="2026-03-05T12:00:00-05:00")
    filled = settled(investor, waiting.id)
    assert filled.status == "filled"
    assert filled.filled_at == datetime.fromisoformat("2026-03-03T09:30:00-05:00")


def test_a_halt_refuses_new_orders_and_expires_waiting_ones(
    broker, investor, order, settled, knobs, refused, move_clock, eventually, cash
):
    knobs(halted=["VLUE"])
    assert refused(order, investor, "VLUE", notional=10)[:2] == (422, 42210000)
    assert broker.get_asset("VLUE").tradable is False
    knobs(halted=[])
    move_clock(now="2026-03-02T17:00:00-05:00")
    waiting = order(investor, "VLUE", notional=10)
    knobs(halted=["VLUE"])
    move_clock(now="2026-03-03T10:00:00-05:00")
    eventually(lambda: broker.get_order_for_account_by_id(investor, waiting.id).status == "new")
    move_clock(now="2026-03-03T16:00:00-05:00")
    assert settled(investor, waiting.id).status == "expired"
    assert cash(investor) == 1000


def test_an_order_fills_when_a_halt_ends(broker, investor, order, settled, knobs, move_clock):
    move_clock(now="2026-03-02T17:00:00-05:00")
    waiting = order(investor, "VLUE", notional=10)
    knobs(halted=["VLUE"])
    move_clock(now="2026-03-03T10:00:00-05:00")
    knobs(halted=[])
    assert settled(investor, waiting.id).status == "filled"


def test_a_rejected_order_gives_the_cash_back(broker, investor, order, settled, fault):
    fault("alpaca", "orders.create", "reject")
    rejected = settled(investor, order(investor, "MTUM", notional=900).id)
    assert (rejected.status, rejected.filled_qty) == ("rejected", "0")
    assert broker.get_trade_account_by_id(investor).buying_power == "1000"


def test_a_partly_filled_order_can_be_cancelled_and_keeps_what_traded(
    broker, investor, order, settled, fault, cash, refused, eventually
):
    fault("alpaca", "orders.create", "partial_fill", executions=2, stop_after=1)
    order_id = order(investor, "MTUM", qty=2).id
    eventually(
        lambda: broker.get_order_for_account_by_id(investor, order_id).status == "partially_filled"
    )
    broker.cancel_order_for_account_by_id(investor, order_id)
    cancelled = settled(investor, order_id)
    assert (cancelled.status, cancelled.filled_qty) == ("canceled", "1")
    assert cash(investor) == 1000 - Decimal(cancelled.filled_avg_price)
    assert broker.get_trade_account_by_id(investor).buying_power == str(cash(investor))
    assert refused(broker.cancel_order_for_account_by_id, investor, order_id)[0] == 422


def test_a_cancel_may_come_too_late(broker, investor, order, settled, fault, move_clock):
    move_clock(now="2026-03-02T17:00:00-05:00")
    order_id = order(investor, "MTUM", notional=10).id
    fault("alpaca", "orders.cancel", "cancel_race")
    broker.cancel_order_for_account_by_id(investor, order_id)
    assert broker.get_order_for_account_by_id(investor, order_id).status == "pending_cancel"
    move_clock(now="2026-03-03T09:30:00-05:00")
    assert settled(investor, order_id).status == "filled"


def test_an_order_before_the_open_can_be_cancelled(broker, investor, order, settled, move_clock):
    move_clock(now="2026-03-02T17:00:00-05:00")
    order_id = order(investor, "MTUM", notional=10).id
    broker.cancel_order_for_account_by_id(investor, order_id)
    move_clock(now="2026-03-03T12:00:00-05:00")
    cancelled = broker.get_order_for_account_by_id(investor, order_id)
    assert (cancelled.status, cancelled.filled_qty) == ("canceled", "0")


def test_all_open_orders_are_cancelled_at_once(broker, investor, order, move_clock):
    move_clock(now="2026-03-02T17:00:00-05:00")
    both = {order(investor, symbol, notional=10).id for symbol in ("MTUM", "QUAL")}
    assert {one.id for one in broker.cancel_orders_for_account(investor)} == both
    assert broker.get_orders_for_account(investor) == []


def test_orders_are_listed_by_status_symbol_and_direction(broker, investor, order, settled):
    from alpaca.trading.requests import GetOrdersRequest

    ids = []
    for symbol in ("MTUM", "KO"):
        accepted = order(investor, symbol, notional=10)
        settled(investor, accepted.id)
        ids.append(accepted.id)

    def found(**terms):
        return [
            one.id for one in broker.get_orders_for_account(investor, GetOrdersRequest(**terms))
        ]

    assert broker.get_orders_for_account(investor) == []
    assert found(status="closed") == ids[::-1]
    assert found(status="all", direction="asc") == ids
    assert found(status="all", symbols=["KO"]) == ids[1:]
    assert found(status="all", limit=1) == ids[1:]
    assert found(status="all", side="sell") == []


def test_an_order_of_another_account_is_not_shown(broker, investor, open_account, order, refused):
    order_id = order(investor, "MTUM", notional=10).id
    other = open_account("other@example.com")
    assert refused(broker.get_order_for_account_by_id, other, order_id)[:2] == (404, 40410000)
    assert refused(broker.cancel_order_for_account_by_id, other, order_id)[:2] == (404, 40410000)


def test_a_position_is_closed_in_whole_or_in_part(broker, investor, order, settled):
    from alpaca.trading.requests import ClosePositionRequest

    settled(investor, order(investor, "MTUM", notional=100).id)
    held = Decimal(broker.get_open_position_for_account(investor, "MTUM").qty)
    half = broker.close_position_for_account(
        investor, "MTUM", ClosePositionRequest(percentage="50")
    )
    sold = Decimal(settled(investor, half.id).filled_qty)
    assert sold == (held / 2).quantize(NANO_SHARE, rounding="ROUND_DOWN")
    rest = broker.close_position_for_account(investor, "MTUM")
    assert Decimal(settled(investor, rest.id).filled_qty) == held - sold
    assert broker.get_all_positions_for_account(investor) == []


def test_the_dangerous_timeout_leaves_an_order_to_be_found(
    broker, raw, investor, body, fault, settled
):
    fault("alpaca", "orders.create", "timeout_after_effect", status=504)
    answer = raw.post(
        f"/v1/trading/accounts/{investor}/orders",
        json=body(notional="10", client_order_id="rb-1"),
    )
    assert answer.status_code == 504
    found = broker.get_order_for_account_by_client_id(investor, "rb-1")
    assert settled(investor, found.id).status == "filled"
    assert len(raw.get(f"/v1/trading/accounts/{investor}/orders?status=all").json()) == 1


def test_an_ordered_error_has_no_effect(raw, investor, body, fault):
    fault("alpaca", "orders.create", "error", status=500)
    fault("alpaca", "orders.create", "rate_limited")
    orders = f"/v1/trading/accounts/{investor}/orders"
    first, second = (raw.post(orders, json=body(notional="10")) for _ in range(2))
    assert (first.status_code, second.status_code) == (429, 500)
    assert first.headers["x-ratelimit-remaining"] == "0"
    assert raw.get(f"{orders}?status=all").json() == []


def test_an_order_survives_a_jump_over_the_end_of_the_calendar(
    investor, order, settled, move_clock, refused
):
    move_clock(now="2026-03-02T17:00:00-05:00")
    waiting = order(investor, "MTUM", notional=10)
    move_clock(now="2031-01-01T00:00:00Z")
    assert settled(investor, waiting.id).status == "filled"
    assert refused(order, investor, "MTUM", notional=10)[0] == 422
