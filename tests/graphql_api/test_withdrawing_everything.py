"""Everything, and a goal's money, through the API: the estimate, its warnings, and the refusals."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from graphql_api.application import Application
from shared.kernel.clock import FixedClock
from shared.kernel.money import Currency
from shared.ledger.purses import PurseMove
from shared.management_fees.store import FeeStore
from shared.portfolio.lots import LotMethod, Sale
from shared.portfolio.model import Position
from shared.portfolio.store import PortfolioStore
from shared.strategies.goals import tag_of
from tests.graphql_api.goals import saved_for
from tests.graphql_api.steps import approved
from tests.graphql_api.test_management_fees import pay_in
from tests.graphql_api.test_withdrawal_sales import holding
from tests.graphql_api.unlimited import unlimited

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


def test_the_last_goal_that_holds_anything_pays_the_last_fee_and_its_preview_says_so(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    unlimited(app)
    at_broker = "11111111-1111-4111-8111-111111111111"
    app.facts.commit([app.users.set_broker_account(amina.user_id, at_broker, "ACTIVE")])
    pay_in(app, amina.user_id, 1_000_000, ago=timedelta(days=10))
    fees = FeeStore(app.database)
    before = fees.books(amina.user_id, date(2026, 3, 1)).account
    app.facts.commit([fees.keep(before, replace(before, through=date(2026, 2, 19)))])
    account, goal_id = holding(app, amina, clock), saved_for(amina)
    # Ten shares are the general goal's, and two the named one's.
    states = PortfolioStore(app.database)
    shares = states.state(amina.user_id).positions["QUAL"]
    shares = shares.buy("ord-00002", date(2025, 3, 3), 2 * 10**9, 15_000, tag_of(goal_id))
    app.facts.commit([states.save(shares)])
    assert preview(amina, account, all=True, g=goal_id)["lastFee"] == {"amount": "0.00"}

    shares = states.state(amina.user_id).positions["QUAL"]
    sold, _ = shares.sell(Sale(date(2025, 3, 4), 10**10, 90_000, LotMethod.FIFO))
    other = Position(amina.user_id, "MTUM").buy("ord-00003", date(2025, 3, 3), 10**9, 9_000)
    sold_out, _ = other.sell(Sale(date(2025, 3, 4), 10**9, 9_000, LotMethod.FIFO))
    app.facts.commit([states.save(sold)])
    app.facts.commit([states.save(sold_out)])
    # 10,000 dollars and two shares of 100, for ten days at 25 basis points: 69.863 cents.
    assert preview(amina, account, all=True, g=goal_id)["lastFee"] == {"amount": "0.69"}
    assert app.ledger.wallet(amina.user_id, Currency.USD).held == 0
