"""Previews: what would be traded, by the code that trades, and nothing is written."""

from datetime import date
from decimal import Decimal
from typing import Any

from graphql_api.application import Application
from shared.kernel.clock import FixedClock
from shared.kernel.money import Currency, Price
from shared.market_data.model import Asset, Quote
from shared.market_data.store import MarketStore
from shared.market_data.universe import UNIVERSE
from shared.platform.tables import Table
from shared.portfolio.model import Position
from shared.portfolio.store import PortfolioStore
from shared.strategies.rows import keep_in_force
from tests.graphql_api.steps import approved, open_market

DAY = date(2025, 3, 3)

PREVIEW = """... on PlanPreview { outcome summary waitsFor left { amount }
  orders { symbol side amount { amount } quantity exit gain { tax { amount } } }
  weights { name before after target } driftBefore driftAfter checks { rule outcome } }
  ... on UserError { code message }"""


def rows(app: Application, user_id: str) -> list[Any]:
    page = app.database.query(Table.CORE, f"USER#{user_id}", "A", "~")
    return [(item.sk, dict(item.attributes)) for item in page.items]


def test_a_preview_writes_nothing_and_names_what_comes_first(amina: Any, app: Application) -> None:
    before = rows(app, amina.user_id)
    found = amina.graphql(f'{{ depositPreview(amount: "250.00") {{ {PREVIEW} }} }}').data
    preview = found["depositPreview"]
    # Nobody knows this person's identity or risk score yet: no orders, and the reasons are told.
    assert preview["orders"] == []
    assert {one["outcome"] for one in preview["checks"]} >= {"FAIL"}
    assert preview["left"] == {"amount": "250.00"}
    assert rows(app, amina.user_id) == before


def test_bad_amounts_are_refused_with_a_type(amina: Any) -> None:
    for name in ("depositPreview", "withdrawalPreview"):
        found = amina.graphql(f'{{ {name}(amount: "0.00") {{ {PREVIEW} }} }}').data[name]
        assert found["code"] == "INVALID_VALUE"


def priced(app: Application, clock: FixedClock) -> None:
    """Every asset of the universe at 100 dollars, and the models in force."""
    open_market(app, clock)
    now, market = clock.now(), MarketStore(app.database)
    market.keep_quotes(
        Quote(symbol, Price(Decimal(100), Currency.USD), now, "test", now) for symbol in UNIVERSE
    )
    market.keep_assets(
        Asset(symbol, one.name, one.type, f"id-{symbol}", True, True, now)
        for symbol, one in UNIVERSE.items()
    )
    keep_in_force(app.database, now.date())


def test_all_three_show_orders_to_the_cent(amina: Any, app: Application, clock: FixedClock) -> None:
    priced(app, clock)
    approved(app, amina)
    lots = {"MTUM": 150_000, "QUAL": 50_000}
    store = PortfolioStore(app.database)
    for symbol, cost in lots.items():
        position = Position(amina.user_id, symbol).buy("ord-00001", DAY, 10 * 10**9, cost)
        app.facts.commit([store.save(position)])
    before = rows(app, amina.user_id)

    query = f"""{{ deposit: depositPreview(amount: "100.00") {{ {PREVIEW} }}
      rebalance: rebalancePreview {{ {PREVIEW} }}
      withdrawal: withdrawalPreview(amount: "100.00") {{ {PREVIEW} }} }}"""
    found = amina.graphql(query).data

    sides = {name: {each["side"] for each in preview["orders"]} for name, preview in found.items()}
    assert sides == {"deposit": {"BUY"}, "rebalance": {"SELL"}, "withdrawal": {"SELL"}}
    # 25 basis points of 2,100.00 stay cash.
    spent = sum(Decimal(each["amount"]["amount"]) for each in found["deposit"]["orders"])
    assert (spent, found["deposit"]["left"]["amount"]) == (Decimal("94.75"), "5.25")
    (sale,) = found["withdrawal"]["orders"]
    assert (sale["symbol"], sale["quantity"]) == ("MTUM", "1.002500000")
    assert found["withdrawal"]["left"]["amount"] == "0.25"
    for preview in found.values():
        # Each share is rounded to six decimals by itself.
        whole = sum(Decimal(each["after"]) for each in preview["weights"])
        assert abs(whole - 1) <= Decimal("0.000004")
        assert "ACCOUNT_ACTIVE" in preview["waitsFor"]
    assert rows(app, amina.user_id) == before
