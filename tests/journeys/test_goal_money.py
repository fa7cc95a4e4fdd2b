"""Money that is paid in for a goal buys what that goal asks for, apart from all the rest."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.journeys.conftest import usd
from tests.journeys.money_staff import new_key
from tools.journey import operations as op
from tools.journey.client import Refused
from tools.journey.person import Person

pytestmark = pytest.mark.journey


def worths_of(person: Person) -> Mapping[str, Decimal]:
    """By goal."""
    goals = person.client.graphql(op.GOALS)["goals"]
    return {one["goalId"]: Decimal(one["progress"]["worth"]["amount"]) for one in goals}


def bought(person: Person, deposit_id: str, screen: Any) -> Mapping[str, Decimal]:
    """Shares of the money by symbol, of the orders of a deposit's plan."""
    plans = person.client.graphql(op.PLANS)["plans"]["nodes"]
    (plan,) = [one for one in plans if one["depositId"] == deposit_id]
    orders = [one for one in screen["orders"]["nodes"] if one["orderId"] in plan["orderIds"]]
    assert len(orders) == len(plan["orderIds"])
    whole = sum(usd(one["notional"]) for one in orders)
    return {one["symbol"]: usd(one["notional"]) / whole for one in orders}


def test_a_deposit_for_a_near_goal_buys_other_weights_than_a_general_one(
    investor: Callable[..., Person], assert_books_agree: Callable[[Person], Any]
) -> None:
    person = investor()
    until = (datetime.now(UTC) + timedelta(days=400)).date().isoformat()
    wished = {"idempotencyKey": new_key(), "name": "School fees", "target": "900.00"}
    school = person.client.graphql(op.CREATE_GOAL, input={**wished, "until": until})["goal"]
    general = person.create_deposit("STRIPE", "400.00")
    person.pay_by_card(general).raise_for_status()
    person.wait_until_invested([general["depositId"]])
    person.client.graphql(op.SET_EXCLUSIONS, input={"symbols": ["MTUM"]})
    with pytest.raises(Refused) as refused:
        person.create_deposit("STRIPE", "300.00", goalId=f"gol{person.user_id[3:-6]}ZZZZZZ")
    assert refused.value.code == "NOT_FOUND"

    named = person.create_deposit("STRIPE", "300.00", goalId=school["goalId"])
    assert named["goalId"] == school["goalId"] != general["goalId"]
    person.pay_by_card(named).raise_for_status()
    screen = person.wait_until_invested([named["depositId"]])

    at_large = bought(person, general["depositId"], screen)
    for_school = bought(person, named["depositId"], screen)
    assert "MTUM" in at_large
    assert "MTUM" not in for_school
    # A year before all of it is spent four fifths are bonds, whatever the risk score is.
    assert abs(for_school["AAAB"] - Decimal("0.8")) < Decimal("0.001")
    assert at_large["AAAB"] < Decimal("0.7")
    worths = worths_of(person)
    assert abs(worths[school["goalId"]] - 300) < 6
    assert abs(worths[general["goalId"]] - 400) < 8
    assert_books_agree(person)

    person.client.graphql(op.ARCHIVE_GOAL, input={"goalId": school["goalId"]})
    with pytest.raises(Refused) as refused:
        person.create_deposit("STRIPE", "300.00", goalId=school["goalId"])
    assert refused.value.code == "GOAL_ARCHIVED"
    assert set(worths_of(person)) == {general["goalId"]}
