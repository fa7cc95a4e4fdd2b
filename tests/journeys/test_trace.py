"""One trace from the click to the fill, read from the log groups of the deployed functions."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from tools.journey import operations as op
from tools.journey.client import wait_for
from tools.journey.person import PROFILE, Person
from tools.stack import Endpoints
from tools.trace import Told, local_clients, main, story

pytestmark = pytest.mark.journey

WAY = (
    ("graphql-api", "deposit recorded"),
    ("settle-deposit", "payments.deposit_settled.v1"),
    ("publish-outbox", "payments.deposit_settled.v1"),
    ("fund-deposit", "payments.deposit_funded.v1"),
    ("invest-deposit", "investing.plan_created.v1"),
    ("execute-orders", "investing.plan_created.v1"),
    ("apply-broker-event", "investing.order_filled.v1"),
    ("apply-broker-event", "investing.orders_completed.v1"),
    ("notify", "investing.orders_completed.v1"),
)
"""Function and what it told, in the order in which money becomes shares."""
MOMENT = timedelta(seconds=5)


@pytest.mark.parametrize("gateway", ["STRIPE", "MPESA"])
def test_the_id_of_a_click_finds_everything_up_to_the_fill_and_the_notice(
    gateway: str,
    investor: Callable[..., Person],
    endpoints: Endpoints,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    began = datetime.now(UTC) - timedelta(seconds=5)
    person = investor()
    trace, deposit = _click(person, gateway)
    if gateway == "STRIPE":
        person.pay_by_card(deposit).raise_for_status()
    person.wait_until_invested([deposit["depositId"]])
    clients = local_clients(endpoints.aws)

    def told() -> list[Told] | None:
        lines = story(clients, "baobab-local-", trace, began)
        return lines if ("notify", WAY[-1][1]) in _milestones(lines) else None

    lines = wait_for("the notice's line", told)
    seen = _milestones(lines)
    assert [step for step in WAY if step not in seen] == []
    assert [one.at for one in lines] == sorted(one.at for one in lines)
    # A worker says that it is done when it is: others have gone on by then, by moments; whoever
    # sent the orders, by as long as it takes to fill them.
    way = [step for step in WAY if step[0] != "execute-orders"]
    first = [datetime.fromisoformat(lines[seen[step]].at) for step in way]
    assert all(later > sooner - MOMENT for sooner, later in pairwise(first))
    assert seen[WAY[4]] < seen[WAY[5]]
    assert seen[WAY[0]] < min(seen[step] for step in WAY[3:])
    assert seen[WAY[-1]] > max(seen[step] for step in WAY[:5])
    causes = {one.fields["caused_by"] for one in lines if "caused_by" in one.fields}
    # The gateway's and the broker's words came with ids of their own, which are in the story too.
    received = [one for one in lines if one.function == "receive-webhook"]
    assert {one.fields["correlation_id"] for one in received} <= causes
    assert received
    assert {one.fields["correlation_id"] for one in lines} == {trace} | {
        one.fields["correlation_id"] for one in lines if one.fields["correlation_id"] in causes
    }

    monkeypatch.setattr("tools.trace._clients", lambda stage: clients)
    assert main([trace]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) >= len(lines)
    assert any("deposit recorded" in line and deposit["depositId"] in line for line in printed)
    assert main(["no-such-id"]) == 1


def test_every_line_of_every_function_carries_an_id(
    aws: Callable[[str], Any], veteran: Person
) -> None:
    logs, functions = aws("logs"), aws("lambda").list_functions()["Functions"]
    veteran.screen()
    bare, counted = [], 0
    for function in functions:
        name = function["FunctionName"]
        group = function.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}"
        if not name.startswith("baobab-") or not _exists(logs, group):
            continue
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
            for event in page["events"]:
                line = event["message"]
                if line.startswith(("START ", "END ", "REPORT ")):
                    continue
                counted += 1
                if not line.startswith("{") or '"correlation_id":"' not in line:
                    bare.append((name, line[:200]))
    assert counted > 20
    assert bare == []


def _click(person: Person, gateway: str) -> tuple[str, Any]:
    """The correlation id that the answer names, and the deposit."""
    asked = {
        "idempotencyKey": f"trace-{person.user_id}",
        "gateway": gateway,
        "amount": "500.00" if gateway == "STRIPE" else "65000",
        "currency": "USD" if gateway == "STRIPE" else "KES",
    }
    if gateway == "MPESA":
        asked["phone"] = str(PROFILE["phone"])
    client = person.client
    answer = client.post(client.graphql_url, op.CREATE_DEPOSIT, {"input": asked})
    deposit = answer.json()["data"]["createDeposit"]["deposit"]
    return answer.headers["x-correlation-id"], deposit


def _milestones(lines: list[Told]) -> dict[tuple[str, str], int]:
    """Function and what it told, with the place of its first line."""
    found: dict[tuple[str, str], int] = {}
    for place, one in enumerate(lines):
        for field in ("message", "event", "handled"):
            found.setdefault((one.function, str(one.fields.get(field))), place)
    return found


def _exists(logs: Any, group: str) -> bool:
    groups = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    return any(found["logGroupName"] == group for found in groups)
