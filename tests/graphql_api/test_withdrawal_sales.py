"""A withdrawal of what is invested: its preview, its limit to the cent, what its owner reads."""

from datetime import date
from typing import Any

from graphql_api.application import Application
from shared.kernel.clock import FixedClock
from shared.kernel.money import Currency
from shared.platform.tables import as_changes
from shared.portfolio.model import Position
from shared.portfolio.store import PortfolioStore
from shared.withdrawals.limits import DEBITED
from shared.withdrawals.model import AccountKind
from tests.graphql_api.money_out import ready
from tests.graphql_api.test_previews import priced

FIELDS = """payoutId status reason reasonText canCancel nextAction expectedOn
  debited { amount } toBeRaised { amount } timeline { status }"""
REQUEST = f"""mutation($i: RequestWithdrawalInput!) {{ requestWithdrawal(input: $i) {{ __typename
  ... on WithdrawalPayload {{ withdrawal {{ {FIELDS} }} }}
  ... on UserError {{ code message }} }} }}"""
CANCEL = f"""mutation($i: CancelWithdrawalInput!) {{ cancelWithdrawal(input: $i) {{ __typename
  ... on WithdrawalPayload {{ withdrawal {{ {FIELDS} }} }} ... on UserError {{ code }} }} }}"""
PREVIEWS = """query($a: PayoutAccountId!, $m: Amount!) { viewer {
  withdrawalPreview(payoutAccountId: $a, amount: $m) { ... on WithdrawalPreview {
    debited { amount } toBeRaised { amount } sold { amount } expectedOn }
    ... on UserError { code } } }
  withdrawalPreview(amount: $m) { ... on PlanPreview { orders { side amount { amount } } } } }"""


def holding(app: Application, client: Any, clock: FixedClock, minor: int = 1_000) -> str:
    """Ten shares of 100 dollars and a little cash; the account that is paid to."""
    priced(app, clock)
    account = ready(app, client, minor)
    position = Position(client.user_id, "QUAL").buy("ord-00001", date(2025, 3, 3), 10**10, 90_000)
    app.facts.commit([PortfolioStore(app.database).save(position)])
    return account.account_id


def ask(client: Any, account: str, amount: str, key: str = "w-1") -> Any:
    wish = {"idempotencyKey": key, "payoutAccountId": account, "amount": amount}
    return client.graphql(REQUEST, {"i": wish}).data["requestWithdrawal"]


def held(app: Application, client: Any) -> int:
    return app.ledger.wallet(client.user_id, Currency.USD).held


def test_what_is_invested_can_be_asked_for_and_the_preview_says_what_is_sold(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    account = holding(app, amina, clock)
    found = amina.graphql(PREVIEWS, {"a": account, "m": "200.00"}).data
    preview = found["viewer"]["withdrawalPreview"]
    assert preview["debited"] == {"amount": "200.00"}
    assert preview["toBeRaised"] == {"amount": "190.00"}
    (order,) = found["withdrawalPreview"]["orders"]
    assert order == {"side": "SELL", "amount": preview["sold"]}
    # 25 basis points more, up to the cent.
    assert preview["sold"] == {"amount": "190.48"}
    assert preview["expectedOn"] is not None
    assert held(app, amina) == 0

    payout = ask(amina, account, "200.00")["withdrawal"]
    assert (payout["status"], payout["nextAction"]) == ("RAISING", "SALE")
    assert (payout["reason"], payout["expectedOn"]) == ("CASH_RAISED", None)
    assert payout["toBeRaised"] == preview["toBeRaised"]
    assert held(app, amina) == 1_000


def test_the_most_that_can_be_asked_for_is_named_to_the_cent(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    account = holding(app, amina, clock)
    # 10.00 in cash, and 1,000.00 less the cushion.
    refused = ask(amina, account, "1007.51")
    assert refused["code"] == "PAYOUTS_NOT_ENOUGH_MONEY"
    assert "1007.50" in refused["message"]
    assert held(app, amina) == 0
    assert ask(amina, account, "1007.50")["__typename"] == "WithdrawalPayload"


def test_without_a_price_nothing_is_promised(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    account = holding(app, amina, clock)
    unknown = Position(amina.user_id, "NEWCO").buy("ord-00002", date(2025, 3, 3), 10**9, 100)
    app.facts.commit([PortfolioStore(app.database).save(unknown)])
    refused = ask(amina, account, "200.00")
    assert refused["code"] == "PAYOUTS_NOT_ENOUGH_MONEY"
    assert "10.00" in refused["message"]


def test_its_owner_reads_what_it_waits_for_and_takes_it_back(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    account = holding(app, amina, clock)
    payout = ask(amina, account, "200.00")["withdrawal"]
    stored = app.paying_out.payouts.get(amina.user_id, payout["payoutId"])
    assert stored is not None
    settling = stored.noted(settles_on=date(2026, 3, 3))
    app.database.transact(as_changes([app.paying_out.payouts.save(stored, settling)]))
    seen = amina.graphql(
        f"query($p: PayoutId!) {{ viewer {{ withdrawal(payoutId: $p) {{ {FIELDS} }} }} }}",
        {"p": payout["payoutId"]},
    ).data["viewer"]["withdrawal"]
    assert (seen["nextAction"], seen["expectedOn"]) == ("SETTLEMENT", "2026-03-03")
    assert seen["canCancel"]
    wish = {"idempotencyKey": "c-1", "payoutId": payout["payoutId"]}
    back = amina.graphql(CANCEL, {"i": wish}).data["cancelWithdrawal"]["withdrawal"]
    assert (back["status"], back["nextAction"], back["expectedOn"]) == ("CANCELLED", None, None)
    assert back["toBeRaised"] == {"amount": "0.00"}
    assert held(app, amina) == 0
    assert [one["status"] for one in back["timeline"]] == ["RAISING", "CANCELLED"]


def test_the_range_of_amounts_is_that_of_every_withdrawal(
    amina: Any, app: Application, clock: FixedClock
) -> None:
    account = holding(app, amina, clock)
    most = DEBITED[AccountKind.MPESA].maximum
    assert most.minor == 2_500_000
    assert ask(amina, account, "25000.01")["code"] == "PAYOUTS_AMOUNT_OUT_OF_RANGE"
    assert app.paying_out.payouts.page(amina.user_id, limit=5)[0] == []
