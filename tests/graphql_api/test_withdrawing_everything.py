"""Everything, and a goal's money, through the API: the estimate, its warnings, and the refusals."""

from datetime import date
from typing import Any

import pytest

from graphql_api.application import Application
from shared.kernel.clock import FixedClock
from shared.kernel.money import Currency
from shared.ledger.purses import PurseMove
from shared.portfolio.model import Position
from shared.portfolio.store import PortfolioStore
from shared.strategies.goals import tag_of
from tests.graphql_api.goals import saved_for
from tests.graphql_api.steps import approved
from tests.graphql_api.test_withdrawal_sales import holding

FIELDS = """payoutId goalId all estimated status debited { amount } toBeRaised { amount }
  lastFee { amount }"""
REQUEST = f"""mutation($i: RequestWithdrawalInput!) {{ requestWithdrawal(input: $i) {{ __typename
  ... on WithdrawalPayload {{ withdrawal {{ {FIELDS} }} warnings }}
  ... on UserError {{ code message }} ... on InvalidInputError {{ field }} }} }}"""
PREVIEW = """query($a: PayoutAccountId!, $m: Amount, $all: Boolean!, $g: GoalId) { viewer {
  withdrawalPreview(payoutAccountId: $a, amount: $m, all: $all, goalId: $g) {
    ... on WithdrawalPreview { estimated debited { amount } sold { amount } lastFee { amount }
      left warnings }
    ... on UserError { code } ... on InvalidInputError { field } } } }"""
RECURRING = """mutation($i: CreateRecurringDepositInput!) { createRecurringDeposit(input: $i) {
  ... on RecurringDepositPayload { recurringDeposit { scheduleId goalId } }
  ... on UserError { code message } } }"""


def ask(client: Any, account: str, key: str = "w-1", **wish: Any) -> Any:
    given = {"idempotencyKey": key, "payoutAccountId": account, **wish}
    return client.graphql(REQUEST, {"i": given}).data["requestWithdrawal"]


def preview(client: Any, account: str, **wish: Any) -> Any:
    given = {"a": account, "all": False} | wish
    return client.graphql(PREVIEW, given).data["viewer"]["withdrawalPreview"]


def test_everything_is_an_estimate_of_which_the_preview_says_the_same(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    account = holding(app, amina, clock)
    seen = preview(amina, account, all=True)
    assert seen == {
        "estimated": True,
        "debited": {"amount": "1010.00"},
        "sold": {"amount": "1000.00"},
        "lastFee": {"amount": "0.00"},
        "left": [],
        "warnings": [],
    }
    asked = ask(amina, account, all=True)
    payout = asked["withdrawal"]
    assert asked["warnings"] == []
    assert (payout["all"], payout["estimated"], payout["goalId"]) == (True, True, None)
    assert (payout["debited"], payout["toBeRaised"]) == (
        {"amount": "1010.00"},
        {"amount": "1000.00"},
    )
    assert payout["lastFee"] is None
    assert app.ledger.wallet(amina.user_id, Currency.USD).held == 1_000


@pytest.mark.parametrize("wish", [{}, {"amount": "10.00", "all": True}])
def test_an_amount_or_all_and_never_both(
    amina: Any, app: Application, clock: FixedClock, wish: Any
) -> None:
    account = holding(app, amina, clock)
    refused = ask(amina, account, **wish)
    assert (refused["__typename"], refused["field"]) == ("InvalidInputError", "amount")
    given = {"m": wish.get("amount"), "all": wish.get("all", False)}
    assert preview(amina, account, **given) == {"code": "INVALID_VALUE", "field": "amount"}
    assert app.ledger.wallet(amina.user_id, Currency.USD).held == 0


def test_a_goals_money_is_its_own_and_what_more_is_asked_for_is_refused_with_the_figure(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    account, goal_id = holding(app, amina, clock), saved_for(amina)
    found = PortfolioStore(app.database).state(amina.user_id).positions["QUAL"]
    more = found.buy("ord-00002", date(2025, 3, 3), 2 * 10**9, 15_000, tag_of(goal_id))
    app.facts.commit([PortfolioStore(app.database).save(more)])
    wallet = app.ledger.wallet(amina.user_id, Currency.USD)
    move = PurseMove(tag_of(goal_id), 400)
    app.facts.commit([app.ledger.reserve(wallet, 0, orders=0, purses=[move])])
    refused = ask(amina, account, amount="203.51", goalId=goal_id)
    assert refused["code"] == "PAYOUTS_NOT_ENOUGH_MONEY"
    # Its 4.00 in cash, and 200.00 less the cushion.
    assert "203.50" in refused["message"]
    assert preview(amina, account, m="100.00", g=goal_id)["sold"] == {"amount": "96.24"}
    payout = ask(amina, account, all=True, goalId=goal_id)["withdrawal"]
    assert (payout["goalId"], payout["debited"]) == (goal_id, {"amount": "204.00"})
    assert app.ledger.wallet(amina.user_id, Currency.USD).held == 400


def test_who_still_collects_money_for_what_they_empty_is_warned(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    account, goal_id = holding(app, amina, clock), saved_for(amina)
    approved(app, amina)
    wish = {
        "idempotencyKey": "r-1",
        "frequency": "MONTHLY",
        "day": 5,
        "amount": "5000",
        "currency": "KES",
        "method": "MPESA",
        "phone": "+254708374149",
    }
    made = amina.graphql(RECURRING, {"i": wish}).data["createRecurringDeposit"]
    assert made["recurringDeposit"]["goalId"] != goal_id, made
    assert preview(amina, account, all=True)["warnings"] == ["RECURRING_ACTIVE"]
    # It is not for this goal.
    other = Position(amina.user_id, "MTUM").buy(
        "ord-00009", date(2025, 3, 3), 10**9, 100, tag_of(goal_id)
    )
    app.facts.commit([PortfolioStore(app.database).save(other)])
    assert preview(amina, account, all=True, g=goal_id)["warnings"] == []
    assert preview(amina, account, m="20.00")["warnings"] == []
    assert ask(amina, account, all=True)["warnings"] == ["RECURRING_ACTIVE"]
