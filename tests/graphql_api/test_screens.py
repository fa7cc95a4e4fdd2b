"""Portfolio, orders, transactions, journal and market as a signed-in person sees them."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from graphql_api.application import Application
from shared.investing.model import Ending, Execution, OrderStatus
from shared.investing.service import orders_of
from shared.investing.store import InvestingStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind
from shared.kernel.money import Currency
from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind, Posting
from shared.notifications.model import Notice
from shared.platform.queues import CheckMessage, MemoryQueue
from shared.portfolio.model import Position
from tests.graphql_api.steps import a_plan, approved, open_market, pay_in


def test_the_portfolio_shows_worth_target_and_the_age_of_prices(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    approved(app, amina)
    open_market(app, clock)
    held = Position(amina.user_id, "VLUE").buy(
        app.ids.new(Kind.ORDER), clock.now().date(), 500_000_000, 5000
    )
    app.facts.commit([app.states.save(held)])
    query = """{ viewer { portfolio { value { amount } netDeposits { amount } gain { amount } model
      stale asOf holdings { asset { symbol name type currentPrice { amount stale } }
        quantity purchasePrice { amount } value { amount } weight target }
      targets { asset { symbol } weight } } } }"""
    shown = amina.graphql(query).data["viewer"]["portfolio"]
    assert shown["holdings"] == [
        {
            "asset": {
                "symbol": "VLUE",
                "name": "US value factor ETF",
                "type": "ETF",
                "currentPrice": {"amount": "100.50", "stale": False},
            },
            "quantity": "0.500000000",
            "purchasePrice": {"amount": "100.00"},
            "value": {"amount": "50.25"},
            "weight": "1.000000",
            "target": "0.120000",
        }
    ]
    assert (shown["value"], shown["netDeposits"]) == ({"amount": "50.25"}, {"amount": "50.00"})
    assert shown["gain"] == {"amount": "0.25"}
    assert shown["model"] == "factor-3 v1"
    assert sum(Decimal(one["weight"]) for one in shown["targets"]) == 1
    assert shown["stale"] is False
    clock.advance(timedelta(minutes=16))
    assert amina.graphql(query).data["viewer"]["portfolio"]["stale"] is True


def test_without_prices_nothing_is_made_up(amina: Any, app: Application, clock: FixedClock) -> None:
    held = Position(amina.user_id, "VLUE").buy(
        app.ids.new(Kind.ORDER), clock.now().date(), 500_000_000, 5000
    )
    app.facts.commit([app.states.save(held)])
    query = """{ viewer { portfolio { value { amount } gain { amount } drift asOf stale
      holdings { value { amount } weight asset { currentPrice { amount } } } } }
      marketStatus { known isOpen now } }"""
    data = amina.graphql(query).data
    assert data["viewer"]["portfolio"] == {
        "value": None,
        "gain": None,
        "drift": None,
        "asOf": None,
        "stale": True,
        "holdings": [{"value": None, "weight": None, "asset": {"currentPrice": None}}],
    }
    assert data["marketStatus"] == {"known": False, "isOpen": False, "now": None}


def test_an_order_says_why_it_was_made_without_a_further_read(
    amina: Any, app: Application, database: Any
) -> None:
    deposit_id = app.ids.new(Kind.DEPOSIT)
    plan, order = a_plan(app, amina.user_id, deposit_id)
    app.facts.commit(InvestingStore(app.database).add(plan, [order]))
    query = """{ viewer { orders { nodes { orderId symbol side status notional { amount }
      filledQuantity filledAmount { amount }
      why { summary target actual planned model depositId inputsHash
        checks { rule outcome text detail { name value } } } } }
      plans { nodes { planId outcome summary invested { amount } orderIds } } } }"""
    amina.graphql("{ viewer { nextSteps } }")  # the first request takes tokens for the next ones
    database.requests.clear()
    viewer = amina.graphql(query).data["viewer"]
    (shown,) = viewer["orders"]["nodes"]
    assert database.requests == ["query POSITION#", "query FEED#"]
    assert shown["why"]["target"] == "0.6"
    assert shown["why"]["actual"] == "0.1"
    assert shown["why"]["planned"] == "0.598500"
    assert shown["why"]["depositId"] == deposit_id
    assert shown["why"]["checks"] == [
        {
            "rule": "SUITABILITY",
            "outcome": "PASS",
            "text": "The model's risk level (3) is not above yours (3).",
            "detail": [{"name": "model", "value": "3"}, {"name": "score", "value": "3"}],
        }
    ]
    (decided,) = viewer["plans"]["nodes"]
    assert decided["outcome"] == "PLANNED"
    assert decided["invested"] == {"amount": "60.00"}
    assert decided["orderIds"] == [shown["orderId"]]
    assert "60.00 USD" in decided["summary"]
    assert "VLUE" in shown["why"]["summary"]
    assert shown["notional"] == {"amount": "60.00"}
    assert shown["filledQuantity"] == "0.000000000"


def test_transactions_tell_what_happened_and_what_is_pending(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    approved(app, amina)
    deposit = pay_in(amina)["deposit"]["depositId"]
    plan, order = a_plan(app, amina.user_id, deposit)
    filled = order.executed(
        Execution("x1", 500_000_000, Decimal("100.50"), clock.now()), clock.now()
    ).ended(Ending(OrderStatus.FILLED, 500_000_000), clock.now())
    app.facts.commit(InvestingStore(app.database).add(plan, [filled]))
    query = """{ viewer { transactions { nodes {
      transactionId accountId type amount { amount currency } status symbol timestamp } }
      accounts { accountId currency } } }"""
    data = amina.graphql(query).data["viewer"]
    usd = next(one["accountId"] for one in data["accounts"] if one["currency"] == "USD")
    # Both carry the deposit's moment in their place, so either may come first.
    assert {
        one["type"]: (one["amount"]["amount"], one["status"], one["symbol"])
        for one in data["transactions"]["nodes"]
    } == {"DEPOSIT": ("100.00", "PENDING", None), "BUY": ("50.25", "COMPLETED", "VLUE")}
    assert {one["accountId"] for one in data["transactions"]["nodes"]} == {usd}


def test_orders_and_trades_carry_their_own_times_not_that_of_the_deposit(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    deposit_id = app.ids.new(Kind.DEPOSIT)
    clock.advance(timedelta(hours=20))
    planned_at = clock.now()
    plan, _ = a_plan(app, amina.user_id, deposit_id)
    (order,) = orders_of(plan, "acc")
    bought_at = planned_at + timedelta(seconds=7)
    sent = order.submitted("b-1", planned_at + timedelta(seconds=2))
    partly = sent.executed(Execution("x1", 500_000_000, Decimal("100.50"), bought_at), bought_at)
    filled = partly.ended(Ending(OrderStatus.FILLED, 500_000_000), bought_at)
    query = """{ viewer { orders { nodes { createdAt } }
      transactions { nodes { type timestamp } } } }"""
    orders = InvestingStore(app.database)
    app.facts.commit(orders.add(plan, [order]))
    for version, stored, at in ((1, partly, planned_at), (2, filled, bought_at)):
        app.facts.commit([orders.save(replace(stored, version=version))])
        viewer = amina.graphql(query).data["viewer"]
        (shown,), (trade,) = viewer["orders"]["nodes"], viewer["transactions"]["nodes"]
        assert datetime.fromisoformat(shown["createdAt"]) == planned_at
        assert (trade["type"], datetime.fromisoformat(trade["timestamp"])) == ("BUY", at)


def test_long_lists_are_paged_to_the_end_without_gaps_or_doubles(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    approved(app, amina)
    wanted = []
    for number in range(70):
        clock.advance(timedelta(seconds=1))
        if number % 7 == 0:
            wanted.append(pay_in(amina, idempotencyKey=f"k{number}")["deposit"]["depositId"])
        else:
            notice = app.ids.new(Kind.NOTICE)
            app.notices.add(Notice(notice, amina.user_id, "users.user_registered", {}, clock.now()))
    query = """query($a: Cursor) { viewer { deposits(first: 3, after: $a) {
      nodes { depositId } edges { cursor } pageInfo { hasNextPage endCursor } } } }"""
    found: list[str] = []
    after = None
    for _ in range(20):
        page = amina.graphql(query, {"a": after}).data["viewer"]["deposits"]
        assert len(page["nodes"]) <= 3
        found += [one["depositId"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == wanted[::-1]


def test_the_journal_shows_balanced_chained_entries(amina: Any, app: Application) -> None:
    for number in range(3):
        wallet = app.ledger.wallet(amina.user_id, Currency.USD)
        legs = (
            Posting(accounts.gateway_clearing("stripe", Currency.USD), "USD/2", 1000),
            Posting(accounts.customer_cash(amina.user_id), "USD/2", -1000),
        )
        draft = Draft(EntryKind.DEPOSIT_SETTLED, f"dep-{number}", app.clock.now(), legs)
        app.facts.commit(app.ledger.post(wallet, draft, posted=1000, held=1000))
    query = """query($a: Cursor) { viewer { journal(first: 2, after: $a) { nodes { seq reference
      hash previousHash postings { asset amount } } pageInfo { hasNextPage endCursor } }
      accounts { currency balance { amount } available { amount } held { amount } } } }"""
    first = amina.graphql(query).data["viewer"]
    second = amina.graphql(query, {"a": first["journal"]["pageInfo"]["endCursor"]}).data["viewer"]
    entries = first["journal"]["nodes"] + second["journal"]["nodes"]
    assert [one["seq"] for one in entries] == [3, 2, 1]
    assert [one["previousHash"] for one in entries[:2]] == [one["hash"] for one in entries[1:]]
    assert second["journal"]["pageInfo"]["hasNextPage"] is False
    for one in entries:
        assert sorted(leg["amount"] for leg in one["postings"]) == ["-10.00", "10.00"]
    assert first["accounts"][0] == {
        "currency": "USD",
        "balance": {"amount": "30.00"},
        "available": {"amount": "0.00"},
        "held": {"amount": "30.00"},
    }


def test_assets_can_be_looked_at_one_by_one_and_in_pages(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    open_market(app, clock)
    query = """query($a: Cursor) { assets(first: 4, after: $a) { nodes { assetId symbol }
      pageInfo { hasNextPage endCursor } } asset(symbol: "AAAB") { type currentPrice {
        amount currency source stale } } unknown: asset(symbol: "NOPE") { symbol } }"""
    data = amina.graphql(query).data
    assert data["asset"]["currentPrice"] == {
        "amount": "50.00",
        "currency": "USD",
        "source": "alpaca:quote",
        "stale": True,
    }
    assert data["unknown"] is None
    rest = amina.graphql(query, {"a": data["assets"]["pageInfo"]["endCursor"]}).data
    symbols = [one["symbol"] for page in (data, rest) for one in page["assets"]["nodes"]]
    assert symbols == ["AAAB", "MTUM", "QUAL", "SIZE", "USMV", "VLUE"]
    assert rest["assets"]["pageInfo"]["hasNextPage"] is False


def test_newer_prices_are_wished_for_when_the_schedule_is_behind_and_only_then(
    amina: Any, app: Application, clock: FixedClock, wishes: MemoryQueue
) -> None:
    query = "{ marketStatus { known } }"
    open_market(app, clock)
    amina.graphql(query)
    assert wishes.sent == []
    clock.advance(timedelta(seconds=91))
    for _ in range(3):
        amina.graphql(query)
    assert wishes.sent == [(CheckMessage("market", {}), 0)]
    clock.advance(timedelta(seconds=60))
    amina.graphql(query)
    assert len(wishes.sent) == 2


def test_a_queue_that_is_down_spoils_no_screen(
    amina: Any, app: Application, monkeypatch: pytest.MonkeyPatch, wishes: MemoryQueue
) -> None:
    def down(*_: Any) -> None:
        raise ConnectionError("queue")

    monkeypatch.setattr(wishes, "send", down)
    assert amina.graphql("{ marketStatus { known } }").data["marketStatus"]["known"] is False
