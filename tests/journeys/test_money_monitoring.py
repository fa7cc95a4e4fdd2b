"""Deposits just below a threshold: two members of staff deal with them, the person sees nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.money_staff import decides, second_officer
from tools.journey.client import Refused, wait_for
from tools.journey.person import Person

__all__ = ["second_officer"]

pytestmark = pytest.mark.journey

SCREENS = (
    "Screen",
    "ActivityScreen",
    "DepositScreen",
    "NotificationsScreen",
    "PortfolioScreen",
    "SettingsScreen",
    "WithdrawalScreen",
)
"""All that a person sees of themselves and of their money."""
BETRAYING = ("alert", "structuring", "threshold", "monitor", "suspic")


TOPICS = {
    "investing.broker_account_opened",
    "investing.orders_completed",
    "investing.plan_created",
    "payments.deposit_settled",
}
"""What somebody who pays in is written to about."""


def betrayed(person: Person) -> list[str]:
    """What of an alert the person could read, in all that they see."""
    seen = repr([person.client.graphql(name) for name in SCREENS]).lower()
    return [word for word in BETRAYING if word in seen]


def topics(person: Person) -> set[str]:
    """What the person was written to about."""
    inbox = person.client.graphql("NotificationsScreen")["notifications"]
    return {one["topic"] for one in inbox["nodes"]}


def alerts_of(officer: Person, user_id: str, *, waiting: bool = True) -> dict[str, Any]:
    """Somebody's alerts by their rule."""
    found: dict[str, Any] = {}
    after: str | None = None
    while True:
        page = officer.client.graphql("MoneyAlerts", waiting=waiting, after=after)["moneyAlerts"]
        found |= {one["rule"]: one for one in page["nodes"] if one["userId"] == user_id}
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def test_three_deposits_just_below_the_threshold_are_dealt_with_by_two_and_seen_by_nobody_else(
    investor: Callable[..., Person],
    officer: Person,
    second_officer: Person,
    cases: Callable[[str, str], list[Any]],
) -> None:
    person = investor()
    before = topics(person)
    paid = []
    for _ in range(3):
        deposit = person.create_deposit("STRIPE", "8100.00")
        person.pay_by_card(deposit).raise_for_status()
        paid.append(deposit["depositId"])
    user_id = person.screen()["user"]["userId"]
    officer.refresh()
    found = wait_for("the alert", lambda: alerts_of(officer, user_id).get("STRUCTURING"))
    case_id = found["caseId"]
    numbers = {one["name"]: one["text"] for one in found["numbers"]}
    assert (numbers["count"], numbers["threshold_minor"]) == ("3", "1000000")
    (case,) = cases("MONEY_ALERT", case_id.partition(":")[2])
    assert case["userId"] == user_id

    assert betrayed(person) == []
    wanted = {"caseId": case_id, "disposition": "CLEARED"}
    proposed = decides(officer, "ProposeAlertDisposition", wanted)["alert"]
    assert proposed["status"] == "PROPOSED"
    with pytest.raises(Refused) as own:
        decides(officer, "DecideAlertDisposition", {**wanted, "agreed": True})
    assert own.value.code == "MONITORING_SECOND_PERSON_NEEDED"
    done = decides(second_officer, "DecideAlertDisposition", {**wanted, "agreed": True})["alert"]
    assert done["status"] == "CLEARED"
    assert alerts_of(officer, user_id).get("STRUCTURING") is None
    assert alerts_of(officer, user_id, waiting=False)["STRUCTURING"]["status"] == "CLEARED"
    assert betrayed(person) == []
    assert topics(person) - before <= TOPICS
    draft = second_officer.client.graphql("MoneyAlert", caseId=case_id)["moneyAlert"]["reportDraft"]
    assert all(deposit_id in draft for deposit_id in paid)
