"""An account at the broker that holds what nobody can explain: its trading stops until repaired."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.journeys.conftest import cases_about
from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.stack import Endpoints

pytestmark = pytest.mark.journey

KIND = "BROKER_DIFFERS"
PREVIEW = """query { depositPreview(amount: "100.00") {
  ... on PlanPreview { waitsFor } } }"""


class Desk:
    """What the schedule does, and what is planted at the broker."""

    def __init__(self, sandbox: Any, endpoints: Endpoints, aws: Callable[[str], Any]) -> None:
        self.sandbox, self.endpoints, self.aws = sandbox, endpoints, aws

    def tick(self) -> None:
        """As every quarter of an hour."""
        self._send("broker-reconciliation", "broker_reconciliation", {})

    def look(self, user_id: str) -> None:
        """What the tick asks for of one account."""
        subject = {"day": "2026-01-02", "user_id": user_id, "chain": "yes"}
        self._send("broker-reconciliation", "broker_account", subject)

    def plan(self, user_id: str, deposit_id: str) -> None:
        """What the sweep of unfinished things asks for, every five minutes."""
        self._send("planning", "planning", {"user_id": user_id, "deposit_id": deposit_id})

    def plant(self, account_id: str, **what: str) -> Any:
        return self.sandbox.post("/_control/alpaca/breaks", {"account_id": account_id, **what})

    def _send(self, queue: str, check: str, subject: dict[str, str]) -> None:
        queues = self.aws("sqs")
        (url,) = [one for one in queues.list_queues()["QueueUrls"] if one.endswith(f"-{queue}")]
        body = {"check": check, "subject": subject, "attempt": 0, "correlation_id": "journey"}
        queues.send_message(QueueUrl=url, MessageBody=json.dumps(body))

    def row(self, user_id: str, sk: str) -> Any:
        key = {"pk": {"S": f"USER#{user_id}"}, "sk": {"S": sk}}
        table = self.endpoints.outputs["CoreTable"]
        return self.aws("dynamodb").get_item(TableName=table, Key=key).get("Item")


@pytest.fixture
def desk(sandbox: Any, endpoints: Endpoints, aws: Callable[[str], Any]) -> Desk:
    return Desk(sandbox, endpoints, aws)


def test_a_break_at_the_broker_stops_one_persons_trading_until_it_is_repaired(
    investor: Callable[..., Person], officer: Person, desk: Desk
) -> None:
    person, neighbour = investor(), investor()
    first = person.create_deposit("STRIPE", "200.00")
    person.pay_by_card(first).raise_for_status()
    person.wait_until_invested([first["depositId"]])
    me = person.user_id
    account = desk.row(me, "PROFILE")["broker_account_id"]["S"]

    # A day's reconciliation finds both as they should be, and then one that is not.
    desk.tick()
    wait_for("the first look", lambda: desk.row(me, "BROKER_RECORD"))
    wait_for("the neighbour's", lambda: desk.row(neighbour.user_id, "BROKER_RECORD"))
    assert desk.row(me, "BROKER_RECORD")["differs"]["S"] == ""
    desk.plant(account, symbol="USMV", shares="1.5", cash="-2.00")
    desk.look(me)
    officer.refresh()
    (case,) = wait_for("the case", lambda: cases_about(officer, KIND, me), seconds=30)
    facts = {one["name"]: one["text"] for one in case["facts"]}
    assert facts["difference"] == "USD:-200 USMV:+1500000000"
    assert desk.row(me, "TRADING_HOLD")["reason"]["S"] == KIND
    assert desk.row(neighbour.user_id, "TRADING_HOLD") is None

    # The next deposit is funded and waits for that, while the neighbour's is invested.
    second, others = (one.create_deposit("STRIPE", "150.00") for one in (person, neighbour))
    person.pay_by_card(second).raise_for_status()
    neighbour.pay_by_card(others).raise_for_status()
    assert person.wait_for_deposit(second["depositId"], "FUNDED", "FAILED")["status"] == "FUNDED"
    neighbour.wait_until_invested([others["depositId"]])
    preview = person.client.graphql(PREVIEW)
    assert preview["waitsFor"] == ["ACCOUNT_FLAGS"]
    orders = person.screen()["orders"]["nodes"]
    assert {order["why"]["depositId"] for order in orders} == {first["depositId"]}

    # Repaired at the broker: the next look ends the case and the stop, and the deposit is planned.
    desk.plant(account, symbol="USMV", shares="-1.5", cash="2.00")
    desk.look(me)
    wait_for("the end of the stop", lambda: desk.row(me, "TRADING_HOLD") is None)
    assert cases_about(officer, KIND, me) == []
    desk.plan(me, second["depositId"])
    person.wait_until_invested([second["depositId"]], seconds=60)
    desk.look(me)
    wait_for("agreement", lambda: int(desk.row(me, "BROKER_RECORD")["cash_minor"]["N"]) < 1_000)
    held = Decimal(desk.row(me, "BROKER_RECORD")["rounding"]["S"])
    assert abs(held) < 20

    # What a person looks at and leaves is remembered: trading goes on, and reads go on from there.
    desk.plant(account, symbol="USMV", shares="0.25")
    desk.look(me)
    officer.refresh()
    (case,) = wait_for("the case again", lambda: cases_about(officer, KIND, me), seconds=30)
    officer.step_up()
    left = {"caseId": case["caseId"], "note": "Looked at with the broker, and left"}
    officer.client.graphql("ResolveMoneyCase", input=left)
    desk.look(me)
    shares = "USMV:250000000"
    wait_for("what is left", lambda: desk.row(me, "BROKER_RECORD")["left_shares"]["S"] == shares)
    assert (desk.row(me, "TRADING_HOLD"), cases_about(officer, KIND, me)) == (None, [])
    desk.plant(account, symbol="USMV", shares="-0.25")
    desk.look(me)
    wait_for("nothing left", lambda: desk.row(me, "BROKER_RECORD")["left_shares"]["S"] == "")
