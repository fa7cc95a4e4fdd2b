"""Everything is taken out: first of one goal, then all there is. Nothing stays but the books."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.journeys.money_books import cash_of
from tests.journeys.money_staff import new_key
from tests.journeys.test_execution_faults import at_broker_of
from tests.journeys.test_goal_money import worths_of
from tests.journeys.test_management_fees import Fees, fees_of, prices_of_another_season
from tests.journeys.test_market_hours import Market, market
from tests.journeys.test_money_withdrawals import payments_to, phone
from tests.journeys.test_withdrawal_sells import invested, sells_of, swept
from tools.journey import operations as op
from tools.journey.client import Refused, wait_for
from tools.journey.person import Person
from tools.journey.purse import Purse

__all__ = ["market", "phone", "prices_of_another_season"]
pytestmark = pytest.mark.journey


def everything(purse: Purse, account: str, **more: str) -> Any:
    """Asked for, as it stands then."""
    wish = {"idempotencyKey": new_key(), "payoutAccountId": account, "all": True, **more}
    asked = purse.owner.client.graphql(op.REQUEST_WITHDRAWAL, input=wish)["withdrawal"]
    assert (asked["status"], asked["all"], asked["estimated"]) == ("RAISING", True, True)
    return asked


def paid(purse: Purse, aws: Callable[[str], Any], payout_id: str, on: Callable[[], object]) -> Any:
    """Sold, settled on a later day, and paid."""

    def settles() -> bool:
        return bool(purse.withdrawal(payout_id)["nextAction"] == "SETTLEMENT")

    wait_for("the sale", settles, seconds=60)
    on()

    def settled() -> bool:
        swept(aws, purse.owner, payout_id)
        return bool(purse.withdrawal(payout_id)["status"] != "RAISING")

    wait_for("the settlement", settled, seconds=60, every=3_000)
    done = purse.wait_for_withdrawal(payout_id, "PAID", "FAILED", seconds=90)
    assert (done["status"], done["estimated"]) == ("PAID", False)
    return done


def test_everything_of_a_goal_and_then_all_there_is(
    investor: Callable[..., Person],
    sandbox: Any,
    phone: str,
    market: Market,
    aws: Callable[[str], Any],
    assert_books_agree: Callable[[Person], Any],
) -> None:
    person, purse = invested(investor, "420.00")
    wished = {"idempotencyKey": new_key(), "name": "School fees"}
    goal = person.client.graphql(op.CREATE_GOAL, input=wished)["goal"]["goalId"]
    named = person.create_deposit("STRIPE", "60.00", goalId=goal)
    person.pay_by_card(named).raise_for_status()
    person.wait_until_invested([named["depositId"]])
    account = purse.add_phone(f"+{phone}")["payoutAccountId"]
    wish = {"idempotencyKey": new_key(), "payoutAccountId": account, "goalId": goal}
    with pytest.raises(Refused) as much:
        person.client.graphql(op.REQUEST_WITHDRAWAL, input={**wish, "amount": "100.00"})
    assert much.value.code == "PAYOUTS_NOT_ENOUGH_MONEY"

    def next_session() -> None:
        market.close()
        market.open()

    before, general = worths_of(person), cash_of(person)["available"]
    first = paid(purse, aws, everything(purse, account, goalId=goal)["payoutId"], next_session)
    assert first["goalId"] == goal
    assert abs(Decimal(first["debited"]["amount"]) - before[goal]) < 3
    after = worths_of(person)
    assert after[goal] == 0
    assert after.keys() == before.keys()
    assert cash_of(person)["available"] <= general
    assert_books_agree(person)

    fees = Fees(aws, market)
    cash = cash_of(person)["available"]
    sold_before = sum(Decimal(one["filledAmount"]["amount"]) for one in sells_of(person))
    asked = everything(purse, account)
    last = paid(purse, aws, asked["payoutId"], fees.next_month)
    sold = sum(Decimal(one["filledAmount"]["amount"]) for one in sells_of(person)) - sold_before
    fee = Decimal(last["lastFee"]["amount"])
    assert Decimal(last["debited"]["amount"]) == cash + sold - fee
    assert [one["amount"] for one in payments_to(sandbox, phone)] == [
        Decimal(one["amount"]["amount"]) for one in (first, last)
    ]

    def charged() -> bool:
        return {one["status"] for one in fees_of(person)["charges"]["nodes"]} <= {"CHARGED"}

    wait_for("the last fee", charged, seconds=60)
    found = fees_of(person)
    assert Decimal(found["charged"]["amount"]) == fee
    assert [one["closing"] for one in found["charges"]["nodes"]] == [True] * bool(fee)
    left = cash_of(person)
    assert (left["available"], left["held"]) == (0, 0)
    # The broker could give all of it: less than a cent is there, and not less than nothing.
    there = at_broker_of(sandbox, person, "/trading/accounts/{account}/account")["cash"]
    assert 0 <= Decimal(there) < Decimal("0.01")
    assert set(worths_of(person).values()) == {0}
    assert_books_agree(person)
