"""A standing order's day has come: its card is charged once, however often anybody asks."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.kernel.clock import to_text
from shared.platform import keys
from shared.recurring.dates import Zone, charged_at
from tests.journeys.money_books import kinds_of
from tests.journeys.schedules import ports_of
from tools.journey import operations as op
from tools.journey.client import asked_by, wait_for
from tools.journey.person import Person
from tools.journey.purse import Purse
from tools.stack import Endpoints
from tools.stack.deployment import client
from tools.stack.wiring import scheduled_work

pytestmark = pytest.mark.journey

SWEEPER = "baobab-local-sweep-pending"
AUTHORIZED = {"authorization": "Bearer sk_test_sandbox"}


@pytest.fixture
def day_comes(endpoints: Endpoints, aws: Callable[[str], Any]) -> Callable[[Person, str], None]:
    """Lets an order's next day be yesterday, which is as if a day or more had passed."""

    def come(person: Person, schedule_id: str) -> None:
        on = datetime.now(UTC).date() - timedelta(days=1)
        key = {
            "pk": {"S": keys.user(person.user_id)},
            "sk": {"S": keys.schedule(schedule_id)},
        }
        aws("dynamodb").update_item(
            TableName=endpoints.outputs["CoreTable"],
            Key=key,
            ConditionExpression="attribute_exists(pk)",
            UpdateExpression="SET next_on = :on, due = :due",
            ExpressionAttributeValues={
                ":on": {"S": on.isoformat()},
                ":due": {"S": to_text(charged_at(on, Zone.NAIROBI))},
            },
        )

    return come


@pytest.fixture
def sweep(endpoints: Endpoints) -> Callable[[], None]:
    """What the schedule does every five minutes."""
    ports = ports_of(endpoints)

    def run() -> None:
        event = scheduled_work(SWEEPER, ports)
        answer = client("lambda", ports).invoke(
            FunctionName=SWEEPER, Payload=json.dumps(event).encode()
        )
        assert "FunctionError" not in answer

    return run


def occurrences(person: Person, schedule_id: str) -> list[Any]:
    """The days of a standing order."""
    answer = person.client.http.post(
        person.client.graphql_url,
        json={**asked_by(op.RECURRING_HISTORY), "variables": {"scheduleId": schedule_id}},
        headers={"authorization": f"Bearer {person.client.access_token}"},
    )
    nodes: list[Any] = answer.json()["data"]["recurringOccurrences"]["nodes"]
    return nodes


def charges_for(sandbox: Any, deposit_id: str) -> list[int]:
    """Cents of every payment that Stripe made for a deposit."""
    answer = sandbox.http.get(
        f"{sandbox.url}/stripe/v1/events",
        params={"type": "payment_intent.succeeded", "limit": "100"},
        headers=AUTHORIZED,
    )
    intents = [one["data"]["object"] for one in answer.raise_for_status().json()["data"]]
    return [one["amount"] for one in intents if one["metadata"].get("deposit_id") == deposit_id]


def test_a_kept_card_is_charged_once_though_its_answer_is_lost_and_the_sweep_comes_twice(
    investor: Callable[..., Person],
    sandbox: Any,
    assert_books_agree: Callable[[Person], Any],
    day_comes: Callable[[Person, str], None],
    sweep: Callable[[], None],
) -> None:
    person = investor()
    purse = Purse(person)
    deposit = purse.pay_in("CARD", "60.00", saveCard=True)
    person.pay_by_card(deposit).raise_for_status()
    person.wait_for_deposit(deposit["depositId"], "FUNDED")
    order = purse.collect_monthly_from_card(deposit["depositId"], "25.00", day=1)
    assert order["status"] == "ACTIVE"
    assert occurrences(person, order["scheduleId"]) == []

    sandbox.fault("stripe", "payment_intents.create", "timeout_after_effect", times=2, close=True)
    day_comes(person, order["scheduleId"])
    sweep()
    sweep()

    def paid() -> Any:
        listed = occurrences(person, order["scheduleId"])
        return listed if listed and listed[0]["status"] == "PAID" else None

    (once,) = wait_for("the occurrence", paid, seconds=90)
    assert (once["amount"]["amount"], once["attempt"]) == ("25.00", 1)
    collected = once["depositId"]
    person.wait_for_deposit(collected, "FUNDED")
    sweep()
    person.wait_until_invested([deposit["depositId"], collected])
    assert charges_for(sandbox, collected) == [2500]
    settled = ["DEPOSIT_FUNDED", "DEPOSIT_SETTLED", "GATEWAY_FEE"]
    assert kinds_of(person, collected) == settled
    assert len(occurrences(person, order["scheduleId"])) == 1
    assert_books_agree(person)
