"""Trades that the exchange corrects, and sales that it takes back."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest


@pytest.fixture
def newest(raw):
    """The newest trade event."""

    def read():
        query = {"since": "2026-01-01", "until": datetime.now(UTC).isoformat()}
        *_, told = raw.get("/v2/events/trades", params=query).text.strip().split("\n\n")
        return json.loads(told.removeprefix("data: "))

    return read


def fills(raw):
    return raw.get("/v1/accounts/activities/FILL").json()


def test_a_sale_that_is_taken_back_gives_the_shares_back(
    sandbox, broker, investor, order, settled, raw, knobs, newest
):
    settled(investor, order(investor, "KO", qty=2).id)
    before = broker.get_trade_account_by_id(investor).cash
    sale = settled(investor, order(investor, "KO", "sell", qty=2).id)
    (fill,) = [one for one in fills(raw) if one["order_id"] == str(sale.id)]
    answer = sandbox.post(f"/_control/alpaca/trades/{fill['execution_id']}/bust")
    assert answer.status_code == 200
    after = broker.get_trade_account_by_id(investor)
    assert (after.cash, after.cash_withdrawable) == (before, before)
    assert broker.get_open_position_for_account(investor, "KO").qty == "2"
    event = newest()
    assert (event["event"], event["qty"], event["position_qty"]) == ("trade_bust", "-2", "2")
    books = knobs()["books"]
    total = sum(Decimal(books[name]) for name in ("firm_cash", "customer_cash", "street_cash"))
    assert total == Decimal(books["prefunded"])


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_a_corrected_trade_has_another_price_and_name(
    sandbox, broker, investor, order, settled, raw, knobs, newest, side
):
    settled(investor, order(investor, "KO", qty=4).id)
    ended = settled(investor, order(investor, "KO", side, qty=2).id)
    cash = Decimal(broker.get_trade_account_by_id(investor).cash)
    (fill,) = [one for one in fills(raw) if one["order_id"] == str(ended.id)]
    path = f"/_control/alpaca/trades/{fill['execution_id']}/correct"
    answer = sandbox.post(path, json={"price": "10.01"})
    assert (answer.status_code, answer.json()["filled_avg_price"]) == (200, "10.01")
    moved = 2 * (Decimal("10.01") - Decimal(fill["price"]))
    expected = cash + moved if side == "sell" else cash - moved
    assert Decimal(broker.get_trade_account_by_id(investor).cash) == expected
    event = newest()
    assert (event["event"], event["price"], event["qty"]) == ("trade_correct", "10.01", "2")
    assert event["previous_execution_id"] == fill["execution_id"] != event["execution_id"]
    assert [one["execution_id"] for one in fills(raw) if one["order_id"] == str(ended.id)] == [
        event["execution_id"]
    ]
    assert sandbox.post(path, json={"price": "10.01"}).status_code == 409
    books = knobs()["books"]
    total = sum(Decimal(books[name]) for name in ("firm_cash", "customer_cash", "street_cash"))
    assert total == Decimal(books["prefunded"])


def test_a_correction_of_the_quantity_moves_shares(
    sandbox, broker, investor, order, settled, raw, newest
):
    settled(investor, order(investor, "KO", qty=4).id)
    (fill,) = fills(raw)
    path = f"/_control/alpaca/trades/{fill['execution_id']}/correct"
    sandbox.post(path, json={"price": fill["price"], "qty": "3"}).raise_for_status()
    assert broker.get_open_position_for_account(investor, "KO").qty == "3"
    assert newest()["position_qty"] == "3"


@pytest.mark.parametrize("body", [{}, {"price": "0"}, {"price": "-1"}, {"price": "1", "x": 1}])
def test_a_correction_without_a_price_is_refused(sandbox, body):
    answer = sandbox.post("/_control/alpaca/trades/none/correct", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_body")


def test_a_correction_that_sells_what_is_not_there_is_refused(
    sandbox, broker, investor, order, settled, raw
):
    settled(investor, order(investor, "KO", qty=2).id)
    sale = settled(investor, order(investor, "KO", "sell", qty=2).id)
    (fill,) = [one for one in fills(raw) if one["order_id"] == str(sale.id)]
    cash = broker.get_trade_account_by_id(investor).cash
    path = f"/_control/alpaca/trades/{fill['execution_id']}/correct"
    assert sandbox.post(path, json={"price": "10", "qty": "3"}).status_code == 409
    assert broker.get_trade_account_by_id(investor).cash == cash
