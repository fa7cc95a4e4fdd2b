"""What no vendor sent, or not so, is refused by the deployed entrance and leaves only a count."""

import json
import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest

from shared.kernel.ids import Kind, UlidIds
from shared.payments.callbacks import make_token
from tests.journeys.refused_deliveries import (
    JSON,
    by_stripe,
    callback,
    forged,
    malformed,
    stripe_event,
    unwanted,
)
from tools.journey.client import wait_for
from tools.stack import Endpoints

pytestmark = pytest.mark.journey


@pytest.fixture
def path_token(endpoints: Endpoints, aws: Callable[[str], Any]) -> str:
    """The path of a deposit that is not there, made with the stage's own key."""
    secret = endpoints.outputs["WebhookPathSecretName"]
    stored = aws("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
    ids = UlidIds("l1")
    return make_token(json.loads(stored)["key"].encode(), ids.new(Kind.USER), ids.new(Kind.DEPOSIT))


def waiting(sqs: Any, *, later: bool = True) -> dict[str, int]:
    """Messages by queue, dead letters too: visible, being worked on, or for later."""
    counts: dict[str, int] = {}
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    if later:
        names.append("ApproximateNumberOfMessagesDelayed")
    for url in sqs.list_queues()["QueueUrls"]:
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        counts[url.rsplit("/", 1)[-1]] = sum(int(found[name]) for name in names)
    return counts


def rows(dynamodb: Any) -> dict[str, int]:
    """Items by table."""
    counts: dict[str, int] = {}
    for table in dynamodb.list_tables()["TableNames"]:
        pages = dynamodb.get_paginator("scan").paginate(TableName=table, Select="COUNT")
        counts[table] = sum(page["Count"] for page in pages)
    return counts


def lines(logs: Any) -> list[str]:
    """Everything that the entrance has logged."""
    groups = logs.get_paginator("describe_log_groups").paginate()
    names = [one["logGroupName"] for page in groups for one in page["logGroups"]]
    (group,) = [name for name in names if "receivewebhook" in name]
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    return [event["message"] for page in pages for event in page["events"]]


def refusals(logs: Any) -> list[dict[str, Any]]:
    """The counts of refused deliveries."""
    counted = [line for line in lines(logs) if '"WebhookRefused"' in line]
    return [json.loads(line[line.index("{") :]) for line in counted]


def untouched(attack: Callable[[], None], look: Callable[[], object], tries: int = 15) -> bool:
    """Whether the platform is the same after the attack. Other work may still be going on in
    it; what an attack leaves it would leave every time."""
    for _ in range(tries):
        before = look()
        attack()
        time.sleep(1)
        if look() == before:
            return True
    return False


@pytest.mark.parametrize("kind", ["forged", "malformed", "unwanted"])
def test_what_is_not_to_be_kept_leaves_queues_tables_and_logs_as_they_were(
    endpoints: Endpoints, sandbox: Any, aws: Callable[[str], Any], path_token: str, kind: str
) -> None:
    sqs, dynamodb, logs = aws("sqs"), aws("dynamodb"), aws("logs")
    mark = "mark" + secrets.token_hex(8)
    sandbox.post("/_control/alpaca", {"push": False})
    attempts = {
        "forged": lambda: forged(mark),
        "malformed": lambda: malformed(mark, path_token),
        "unwanted": lambda: unwanted(mark),
    }[kind]
    for taken in unwanted(mark):
        taken.send(sandbox.http, endpoints.webhooks).raise_for_status()
    counted = len(refusals(logs))
    rounds = 0

    def attack() -> None:
        nonlocal rounds
        rounds += 1
        for attempt in attempts():
            answer = attempt.send(sandbox.http, endpoints.webhooks)
            assert answer.status_code == attempt.status, (attempt.what, answer.text)
            if attempt.code is not None:
                assert answer.json() == {"error": attempt.code}, attempt.what

    assert untouched(attack, lambda: (waiting(sqs), rows(dynamodb)))
    refused = rounds * sum(attempt.code is not None for attempt in attempts())

    def told() -> bool:
        # A process's last line is read with its next call: one that is no refusal.
        for taken in unwanted(mark):
            taken.send(sandbox.http, endpoints.webhooks).raise_for_status()
        return len(refusals(logs)) >= counted + refused

    wait_for("the counts", told, seconds=20)
    assert len(refusals(logs)) == counted + refused
    written = "\n".join(lines(logs))
    assert mark not in written
    assert path_token not in written
    expected = {attempt.code for attempt in attempts() if attempt.code is not None}
    assert {each["code"] for each in refusals(logs)[counted:]} == expected


def test_a_genuine_delivery_of_nobodys_payment_is_taken_and_changes_nothing(
    endpoints: Endpoints, sandbox: Any, aws: Callable[[str], Any], path_token: str
) -> None:
    sqs, dynamodb = aws("sqs"), aws("dynamodb")
    mark = "mark" + secrets.token_hex(8)
    dead = {name: count for name, count in waiting(sqs).items() if name.endswith("-dlq")}
    body = stripe_event(mark)
    for _ in range(3):
        signed = sandbox.http.post(
            f"{endpoints.webhooks}/stripe", content=body, headers=by_stripe(body)
        )
        assert (signed.status_code, signed.json()) == (200, {"received": True})
        path = f"{endpoints.webhooks}/daraja/{path_token}"
        called = sandbox.http.post(path, content=callback(mark), headers=JSON)
        assert (called.status_code, called.json()["ResultCode"]) == (200, 0)

    def worked_off() -> bool:
        # Payments of other tests are looked after for a quarter of an hour: their checks wait.
        now = waiting(sqs, later=False)
        return not any(count for name, count in now.items() if name.endswith("payment-signals"))

    wait_for("the work on what was delivered", worked_off, seconds=30)
    after = waiting(sqs)
    assert {name: after[name] for name in dead} == dead
    for table in dynamodb.list_tables()["TableNames"]:
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            assert mark not in str(page["Items"])
