"""Purchases are rounded up: their change is pooled, and the pool is charged to a kept card once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.kernel.clock import to_text
from shared.platform import keys
from tests.journeys.money_books import kinds_of
from tests.journeys.schedules import SWEEPER, Platform
from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.journey.purse import Purse
from tools.stack import Endpoints

pytestmark = pytest.mark.journey

AUTHORIZED = {"authorization": "Bearer sk_test_sandbox"}
BOUGHT = ("30.45", "25.00", "3.99", "12.10", "1.20", "2.20", "3.20", "4.05")
"""Their change: 0.55, 0.00, 0.01, 0.90, three times 0.80, and 0.95; together 4.81."""


@pytest.fixture
def nine_o_clock(endpoints: Endpoints, aws: Callable[[str], Any]) -> Callable[[Person], None]:
    """The morning after the pool has become full has come, and the sweep with it."""
    platform = Platform(endpoints, aws("dynamodb"))

    def come(person: Person) -> None:
        key = {"pk": {"S": keys.user(person.user_id)}, "sk": {"S": keys.ROUND_UPS}}
        platform.dynamodb.update_item(
            TableName=endpoints.outputs["CoreTable"],
            Key=key,
            # Only where the pool waits to be collected.
            ConditionExpression="attribute_exists(due) AND attribute_not_exists(#open)",
            UpdateExpression="SET due = :due",
            ExpressionAttributeNames={"#open": "open"},
            ExpressionAttributeValues={
                ":due": {"S": to_text(datetime.now(UTC) - timedelta(minutes=1))}
            },
        )
        platform.run(SWEEPER)
        platform.run(SWEEPER)

    return come


def charged(sandbox: Any, deposit_id: str) -> list[int]:
    """Cents of every payment that Stripe made for a deposit."""
    answer = sandbox.http.get(
        f"{sandbox.url}/stripe/v1/events",
        params={"type": "payment_intent.succeeded", "limit": "100"},
        headers=AUTHORIZED,
    )
    intents = [one["data"]["object"] for one in answer.raise_for_status().json()["data"]]
    return [one["amount"] for one in intents if one["metadata"].get("deposit_id") == deposit_id]


def wait_for_transfer(purse: Purse, number: int, status: str) -> Any:
    """A collection in a state."""

    def look() -> Any:
        listed = purse.round_ups()["roundUpTransfers"]["nodes"]
        found = [one for one in listed if (one["number"], one["status"]) == (number, status)]
        return found[0] if found else None

    return wait_for(f"round-ups {status}", look, seconds=60)


def test_a_pool_that_a_card_declines_is_back_and_charged_once_the_next_morning(
    veteran: Person,
    sandbox: Any,
    nine_o_clock: Callable[[Person], None],
) -> None:
    person, purse = veteran, Purse(veteran)
    deposit = purse.pay_in("CARD", "60.00", saveCard=True)
    person.pay_by_card(deposit).raise_for_status()
    person.wait_for_deposit(deposit["depositId"], "SETTLED", "FUNDED")
    assert purse.round_ups() == {
        "roundUps": None,
        "roundUpTransfers": {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}},
    }
    purse.start_round_ups(deposit["depositId"])

    bought = [(f"card:{number}", amount) for number, amount in enumerate(BOUGHT)]
    first = purse.bought(bought, key="report-1")
    assert [one["roundUp"]["amount"] for one in first["purchases"]][:4] == [
        "0.55",
        "0.00",
        "0.01",
        "0.90",
    ]
    assert (first["roundUps"]["pool"]["amount"], first["roundUps"]["nextTransferAt"]) == (
        "4.81",
        None,
    )
    again = purse.bought(bought, key="report-2")
    assert again["roundUps"]["pool"] == first["roundUps"]["pool"]
    full = purse.bought([("card:last", "9.30")], key="report-3")["roundUps"]
    assert full["pool"]["amount"] == "5.51"
    assert full["nextTransferAt"] is not None
    assert purse.refund_purchase("card:0")["roundUps"]["pool"]["amount"] == "4.96"
    assert purse.bought([("card:more", "0.90")])["roundUps"]["pool"]["amount"] == "5.06"

    sandbox.fault("stripe", "payment_intents.create", "declined", decline_code="insufficient_funds")
    nine_o_clock(person)
    declined = wait_for_transfer(purse, 1, "RETURNED")
    assert (declined["amount"]["amount"], declined["reason"]) == ("5.06", "NOT_PAID")
    back = purse.round_ups()["roundUps"]
    assert (back["pool"]["amount"], back["underWay"]["amount"]) == ("5.06", "0.00")

    nine_o_clock(person)
    paid = wait_for_transfer(purse, 2, "PAID")
    collected = paid["depositId"]
    person.wait_for_deposit(collected, "FUNDED")
    assert charged(sandbox, collected) == [506]
    assert charged(sandbox, declined["depositId"]) == []
    settled = ["DEPOSIT_FUNDED", "DEPOSIT_SETTLED", "GATEWAY_FEE"]
    assert kinds_of(person, collected) == settled
    seen = purse.round_ups()
    assert seen["roundUps"]["pool"]["amount"] == "0.00"
    assert [one["number"] for one in seen["roundUpTransfers"]["nodes"]] == [2, 1]
