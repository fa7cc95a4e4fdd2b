"""Previews: what would be traded, by the code that trades, and nothing is written."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from graphql_api.application import Application
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Price
from shared.market_data.model import Asset, Quote
from shared.market_data.store import MarketStore
from shared.market_data.universe import UNIVERSE
from shared.platform.tables import Table
from shared.portfolio.model import Position
from shared.portfolio.store import PortfolioStore
from shared.strategies.goals import tag_of
from shared.strategies.rows import keep_in_force
from tests.graphql_api.goals import saved_for, told
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


def test_previews_of_a_goal_see_its_own_money_alone(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    priced(app, clock)
    approved(app, amina)
    goal_id = saved_for(amina)
    general = Position(amina.user_id, "QUAL").buy("ord-00001", DAY, 10 * 10**9, 50_000)
    position = general.buy("ord-00002", DAY, 4 * 10**9, 30_000, tag_of(goal_id))
    app.facts.commit([PortfolioStore(app.database).save(position)])
    query = f"""query($g: GoalId!) {{
      deposit: depositPreview(amount: "100.00", goalId: $g) {{ {PREVIEW} }}
      rebalance: rebalancePreview(goalId: $g) {{ {PREVIEW} }}
      withdrawal: withdrawalPreview(amount: "100.00", goalId: $g) {{ {PREVIEW} }}
      closing: withdrawalPreview(all: true, goalId: $g) {{ {PREVIEW} }}
      everything: withdrawalPreview(all: true) {{ {PREVIEW} }} }}"""
    found = amina.graphql(query, {"g": goal_id}).data
    spent = sum(Decimal(each["amount"]["amount"]) for each in found["deposit"]["orders"])
    # 25 basis points of the goal's 500.00 stay cash, not of all 1,500.00.
    assert (spent, found["deposit"]["left"]["amount"]) == (Decimal("98.75"), "1.25")
    assert {each["side"] for each in found["rebalance"]["orders"]} == {"SELL"}
    (sale,) = found["withdrawal"]["orders"]
    assert (sale["quantity"], sale["exit"]) == ("1.002500000", False)
    (closing,) = found["closing"]["orders"]
    assert (closing["quantity"], closing["exit"]) == ("4.000000000", False)
    (whole,) = found["everything"]["orders"]
    assert (whole["quantity"], whole["exit"]) == ("14.000000000", True)


@pytest.mark.parametrize("wish", ["", 'amount: "1.00", all: true', "all: false"])
def test_a_withdrawal_is_previewed_by_an_amount_or_all_and_never_both(
    amina: Any, wish: str
) -> None:
    field = f"withdrawalPreview({wish})" if wish else "withdrawalPreview"
    answer = amina.graphql(f"{{ {field} {{ ... on InvalidInputError {{ field }} }} }}").data
    assert answer["withdrawalPreview"] == {"field": "amount"}


def test_previews_of_goals_that_are_not_there_are_refused(amina: Any, app: Application) -> None:
    goal_id = saved_for(amina)
    told(amina, "archiveGoal", goalId=goal_id)
    other = app.ids.new(Kind.GOAL)
    for asked, code in ((goal_id, "GOAL_ARCHIVED"), (other, "NOT_FOUND")):
        query = "query($g: GoalId!) { rebalancePreview(goalId: $g) { ... on UserError { code } } }"
        assert amina.graphql(query, {"g": asked}).data["rebalancePreview"] == {"code": code}
