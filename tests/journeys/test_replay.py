"""Delivering everything a second time changes nothing: a duplicate is success."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.stack import Endpoints

pytestmark = pytest.mark.journey

LIVE = ("value", "gain", "drift", "asOf", "holdings", "stale")
"""What the market moves while the books stand still."""
REST_S = 240
"""Longer than a message of others that nobody can handle is tried before it is dead."""


def at_rest(person: Person) -> Any:
    """Screen and journal without what follows the market."""
    screen = person.screen()
    portfolio = {name: value for name, value in screen["portfolio"].items() if name not in LIVE}
    shares = {h["asset"]["symbol"]: h["quantity"] for h in screen["portfolio"]["holdings"]}
    return screen | {"portfolio": portfolio, "shares": shares, "journal": person.journal()}


def queues_empty(sqs: Any) -> bool:
    """Whether no worker has anything to do or in its hands; checks of later do not count."""
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    for url in sqs.list_queues()["QueueUrls"]:
        if url.endswith("-dlq"):
            continue
        waiting = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(names))["Attributes"]
        if any(int(waiting[name]) for name in names):
            return False
    return True


def dead_letters(sqs: Any) -> int:
    """Messages that nobody could handle."""
    urls = [url for url in sqs.list_queues()["QueueUrls"] if url.endswith("-dlq")]
    asked = ["ApproximateNumberOfMessages"]
    found = [sqs.get_queue_attributes(QueueUrl=u, AttributeNames=asked) for u in urls]
    return sum(int(one["Attributes"]["ApproximateNumberOfMessages"]) for one in found)


def settled(person: Person, sqs: Any) -> tuple[Any, int] | None:
    """The screen and the number of dead letters once nothing moves any more: the last notices
    come after the last fill."""
    before = at_rest(person)
    time.sleep(1)
    still = queues_empty(sqs) and at_rest(person) == before
    return (before, dead_letters(sqs)) if still else None


def test_every_event_published_again_changes_nothing(
    investor: Callable[..., Person], endpoints: Endpoints, aws: Callable[[str], Any]
) -> None:
    person = investor()
    deposit = person.create_deposit("STRIPE", "600.00")
    person.pay_by_card(deposit).raise_for_status()
    person.wait_until_invested([deposit["depositId"]])
    wait_for(
        "the last notice",
        lambda: any(
            notice["topic"] == "investing.orders_completed"
            for notice in person.screen()["notifications"]["nodes"]
        ),
    )
    before, dead = wait_for("rest", lambda: settled(person, aws("sqs")), seconds=REST_S)

    pages = (
        aws("dynamodb").get_paginator("scan").paginate(TableName=endpoints.outputs["OutboxTable"])
    )
    envelopes = [item["envelope"]["S"] for page in pages for item in page["Items"]]
    mine = [text for text in envelopes if person.user_id in text]
    assert len(mine) >= 12
    for text in mine * 2:
        entry = {
            "Source": "baobab",
            "DetailType": json.loads(text)["type"],
            "Detail": text,
            "EventBusName": endpoints.outputs["EventBusName"],
        }
        aws("events").put_events(Entries=[entry])

    time.sleep(1)
    wait_for("quiet queues", lambda: queues_empty(aws("sqs")), seconds=90)
    assert at_rest(person) == before
    assert dead_letters(aws("sqs")) == dead


def test_every_webhook_delivered_again_changes_nothing(
    investor: Callable[..., Person], sandbox: Any, aws: Callable[[str], Any]
) -> None:
    person = investor()
    card = person.create_deposit("STRIPE", "300.00")
    person.pay_by_card(card).raise_for_status()
    push = person.create_deposit("MPESA", "26000.00")
    person.wait_until_invested([card["depositId"], push["depositId"]])
    before, dead = wait_for("rest", lambda: settled(person, aws("sqs")), seconds=REST_S)

    ulid = person.user_id.rpartition("_")[2]
    accounts = sandbox.http.get(
        f"{sandbox.url}/alpaca/v1/accounts",
        params={"query": person.email},
        auth=("sandbox-key", "sandbox-secret"),
    ).json()
    marks = (person.user_id, ulid, accounts[0]["id"])
    again = [
        row
        for row in sandbox.get("/_control/deliveries")["deliveries"]
        if row["vendor"] in {"stripe", "daraja", "alpaca"}
        and (row["vendor"] == "daraja" or any(mark in row["body"] for mark in marks))
    ]
    assert len(again) >= 20
    for row in reversed(again):
        headers = {name.lower(): value for name, value in row["headers"].items()}
        headers["content-type"] = "application/json"
        answer = sandbox.http.post(row["url"], content=row["body"].encode(), headers=headers)
        assert answer.status_code == 200

    time.sleep(1)
    wait_for("quiet queues", lambda: queues_empty(aws("sqs")), seconds=90)
    assert at_rest(person) == before
    assert dead_letters(aws("sqs")) == dead
