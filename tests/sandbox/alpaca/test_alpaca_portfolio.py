"""Positions, values, activities, settlement, and that money is neither made nor lost."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def test_positions_are_valued_at_the_last_price(broker, investor, order, settled, sandbox):
    filled = settled(investor, order(investor, "MSFT", qty=2).id)
    position = broker.get_open_position_for_account(investor, "MSFT")
    paid = Decimal(filled.filled_avg_price)
    assert Decimal(position.avg_entry_price) == paid
    assert Decimal(position.cost_basis) == 2 * paid
    assert Decimal(position.lastday_price) == Decimal("227.001")
    price = Decimal(position.current_price)
    assert Decimal(position.market_value) == (2 * price).quantize(Decimal("0.01"))
    account = broker.get_trade_account_by_id(investor)
    assert Decimal(account.equity) == Decimal(account.cash) + Decimal(position.market_value)


def test_the_last_close_knows_nothing_of_today(broker, investor, order, settled, move_clock):
    settled(investor, order(investor, "KO", qty=4).id)
    before = broker.get_trade_account_by_id(investor)
    assert (before.last_cash, before.last_equity) == ("0", "0")
    move_clock(now="2026-03-03T10:00:00-05:00")
    after = broker.get_trade_account_by_id(investor)
    close = Decimal(broker.get_open_position_for_account(investor, "KO").lastday_price)
    assert after.last_cash == before.cash
    assert Decimal(after.last_long_market_value) == (4 * close).quantize(Decimal("0.01"))
    assert after.previous_close.isoformat() == "2026-03-02T21:00:00+00:00"


def test_proceeds_can_be_spent_at_once_and_withdrawn_on_the_next_session(
    broker, investor, order, settled, move_clock
):
    settled(investor, order(investor, "KO", qty=4).id)
    left = Decimal(broker.get_trade_account_by_id(investor).cash)
    settled(investor, order(investor, "KO", "sell", qty=4).id)
    sold = broker.get_trade_account_by_id(investor)
    assert Decimal(sold.buying_power) == Decimal(sold.cash) > left
    assert Decimal(sold.cash_withdrawable) == left
    move_clock(now="2026-03-02T23:59:00-05:00")
    assert Decimal(broker.get_trade_account_by_id(investor).cash_withdrawable) == left
    move_clock(now="2026-03-03T00:00:00-05:00")
    assert broker.get_trade_account_by_id(investor).cash_withdrawable == sold.cash


def test_a_sale_before_a_long_weekend_settles_after_it(
    broker, investor, order, settled, move_clock
):
    move_clock(now="2026-04-02T11:00:00-04:00")
    settled(investor, order(investor, "KO", qty=1).id)
    settled(investor, order(investor, "KO", "sell", qty=1).id)
    cash = broker.get_trade_account_by_id(investor).cash
    for day, settled_then in (("2026-04-03", False), ("2026-04-05", False), ("2026-04-06", True)):
        move_clock(now=f"{day}T12:00:00-04:00")
        account = broker.get_trade_account_by_id(investor)
        assert (account.cash_withdrawable == cash) is settled_then


def test_activities_are_paged_in_both_directions(broker, investor, order, settled, raw):
    for _ in range(3):
        settled(investor, order(investor, "KO", notional=10).id)
    listed = raw.get("/v1/accounts/activities", params={"account_id": investor}).json()
    assert [one["activity_type"] for one in listed] == ["FILL", "FILL", "FILL", "JNLC"]
    for direction, expected in (("desc", listed), ("asc", listed[::-1])):
        seen, token = [], ""
        while True:
            query = {"page_size": 2, "page_token": token, "direction": direction}
            page = raw.get("/v1/accounts/activities", params=query).json()
            if not page:
                break
            seen += [one for one in page if one["account_id"] == investor]
            token = page[-1]["id"]
        assert seen == expected


def test_the_official_client_reads_all_activities(broker, investor, order, settled):
    from alpaca.broker.requests import GetAccountActivitiesRequest

    order_id = order(investor, "KO", notional=10).id
    settled(investor, order_id)
    wanted = GetAccountActivitiesRequest(account_id=investor)
    fill, journal = broker.get_account_activities(wanted)
    assert (fill.order_id, fill.order_status, fill.type) == (order_id, "filled", "fill")
    assert (journal.activity_type, journal.net_amount) == ("JNLC", 1000)
    only = GetAccountActivitiesRequest(activity_types=["FILL"], date="2026-03-02")
    assert [one.id for one in broker.get_account_activities(only)] == [fill.id]


def test_the_positions_of_every_account_are_listed(broker, investor, open_account, order, settled):
    open_account("other@example.com")
    settled(investor, order(investor, "KO", qty=1).id)
    everyone = broker.get_all_accounts_positions().positions
    assert list(everyone) == [investor]
    assert [one.symbol for one in everyone[investor]] == ["KO"]


def test_all_positions_are_closed_at_once(broker, investor, order, settled, eventually):
    for symbol in ("KO", "PG"):
        settled(investor, order(investor, symbol, notional=50).id)
    closed = broker.close_all_positions_for_account(investor)
    assert [(one.symbol, one.status) for one in closed] == [("KO", 200), ("PG", 200)]
    eventually(lambda: broker.get_all_positions_for_account(investor) == [])


def test_a_position_that_is_not_there_is_not_found(broker, investor, refused):
    assert refused(broker.get_open_position_for_account, investor, "KO")[:2] == (404, 40410000)
    assert refused(broker.close_position_for_account, investor, "KO")[:2] == (404, 40410000)


def test_a_busted_trade_never_was(sandbox, broker, investor, order, settled, raw, knobs):
    bought = settled(investor, order(investor, "KO", qty=2).id)
    (fill,) = raw.get("/v1/accounts/activities/FILL").json()
    bust = f"/_control/alpaca/trades/{fill['execution_id']}/bust"
    assert sandbox.post(bust).status_code == 200
    assert broker.get_trade_account_by_id(investor).cash == "1000"
    assert broker.get_all_positions_for_account(investor) == []
    assert raw.get("/v1/accounts/activities/FILL").json() == []
    after = broker.get_order_for_account_by_id(investor, bought.id)
    assert (after.status, after.filled_qty) == ("filled", "0")
    query = {"since": "2026-01-01", "until": "2026-01-02"}
    assert "trade_bust" not in raw.get("/v2/events/trades", params=query).text
    query["until"] = datetime.now(UTC).isoformat()
    *_, told = raw.get("/v2/events/trades", params=query).text.strip().split("\n\n")
    event = json.loads(told.removeprefix("data: "))
    assert (event["event"], event["qty"], event["position_qty"]) == ("trade_bust", "-2", "0")
    assert event["previous_execution_id"] == fill["execution_id"]
    assert knobs()["books"]["street_cash"] == "0"
    assert sandbox.post(bust).status_code == 409


def test_a_trade_whose_shares_were_sold_on_cannot_be_busted(
    sandbox, broker, investor, order, settled, raw
):
    settled(investor, order(investor, "KO", qty=2).id)
    (fill,) = raw.get("/v1/accounts/activities/FILL").json()
    settled(investor, order(investor, "KO", "sell", qty=1).id)
    cash = broker.get_trade_account_by_id(investor).cash
    answer = sandbox.post(f"/_control/alpaca/trades/{fill['execution_id']}/bust")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "cannot_bust")
    assert broker.get_trade_account_by_id(investor).cash == cash
    assert broker.get_open_position_for_account(investor, "KO").qty == "1"


TRADES = st.lists(
    st.tuples(
        st.sampled_from(["MTUM", "KO", "AAAB"]),
        st.sampled_from(["buy", "sell"]),
        st.decimals("1", "400", places=2),
    ),
    max_size=6,
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(trades=TRADES, executions=st.integers(1, 4))
def test_no_sequence_of_orders_makes_or_loses_money(
    broker, investor, raw, knobs, eventually, trades, executions
):
    knobs(executions=executions)
    orders = f"/v1/trading/accounts/{investor}/orders"
    for symbol, side, amount in trades:
        terms = {"symbol": symbol, "side": side, "notional": str(amount)}
        answer = raw.post(orders, json=terms | {"type": "market", "time_in_force": "day"})
        assert answer.status_code in {200, 403}
    eventually(lambda: raw.get(orders).json() == [])
    books = {name: Decimal(value) for name, value in knobs()["books"].items()}
    assert sum(books.values()) - books["prefunded"] == books["prefunded"]
    assert books["customer_cash"] >= 0
    fills = raw.get("/v1/accounts/activities/FILL", params={"account_id": investor}).json()
    traded = {"buy": Decimal(0), "sell": Decimal(0)}
    held: dict[str, Decimal] = {}
    for fill in fills:
        qty = Decimal(fill["qty"])
        traded[fill["side"]] += qty * Decimal(fill["price"])
        sign = 1 if fill["side"] == "buy" else -1
        held[fill["symbol"]] = held.get(fill["symbol"], Decimal(0)) + sign * qty
    assert len(fills) < 100, "a page more would be needed"
    assert books["customer_cash"] == 1000 - traded["buy"] + traded["sell"]
    positions = raw.get(f"/v1/trading/accounts/{investor}/positions").json()
    shown = {one["symbol"]: Decimal(one["qty"]) for one in positions}
    assert shown == {symbol: qty for symbol, qty in held.items() if qty}
    assert all(qty > 0 for qty in shown.values())


@pytest.mark.parametrize(
    "query",
    [
        "activities?page_size=0",
        "activities?page_size=1000",
        "activities?page_token=nonsense",
        "activities?direction=up",
        "activities?date=2026-03-02&after=2026-03-01",
        "activities?after=yesterday",
    ],
)
def test_a_bad_question_about_activities_is_refused(raw, query):
    assert raw.get(f"/v1/accounts/{query}").status_code == 422
