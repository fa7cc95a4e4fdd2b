"""The end of a day at M-Pesa, which lists nothing: it is asked, and its answers are compared."""

import json
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.journeys.money_desk import Desk, desk, sums_to_the_cent
from tools.journey import operations as op
from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.stack import Endpoints

__all__ = ["desk"]
pytestmark = pytest.mark.journey

BOOK = "MPESA:KES"
LINES = "LINES#house:gateway_clearing:mpesa:KES#KES/2#"


@pytest.fixture
def booked(endpoints: Endpoints, aws: Callable[[str], Any]) -> Callable[[str], Any]:
    """Waits until a deposit's line is on the firm's account at M-Pesa: the gateway's name of the
    payment."""
    dynamodb, table = aws("dynamodb"), endpoints.outputs["CoreTable"]

    def line_of(deposit_id: str) -> Any:
        today = datetime.now(UTC).date()
        found = dynamodb.query(
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"{LINES}{today.isoformat()}"}},
            ConsistentRead=True,
        )
        lines = [one for one in found["Items"] if one["reference"]["S"] == deposit_id]
        return json.loads(lines[0]["memo"]["S"])["payment"] if lines else None

    return lambda deposit_id: wait_for("the house's line", lambda: line_of(deposit_id), every=200)


def report_of(desk: Desk, officer: Person, day: date) -> Any:
    """The report of a day, once M-Pesa has answered."""
    officer.refresh()

    def look() -> Any:
        # Its own checks look again too, but less often.
        desk.ask(BOOK, day)
        return desk.newest(BOOK, day)

    made = wait_for(f"M-Pesa's report of {day}", look, every=1500)
    return officer.client.graphql(op.RECONCILIATION_REPORT, reportId=made["reportId"])


def waiting(desk: Desk) -> int:
    """Messages of reconciliation that nobody has taken, or finished with."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    told = desk.sqs.get_queue_attributes(QueueUrl=desk.queue, AttributeNames=names)
    return sum(int(told["Attributes"][name]) for name in names)


def about(officer: Person, minor: int) -> list[Any]:
    """Open cases about a balance that differs by so many cents."""
    asked = {"status": "OPEN", "kind": "RECONCILIATION_BREAK"}
    listed = officer.client.graphql(op.MONEY_CASES, **asked)["moneyCases"]
    return [one for one in listed if one["subject"].startswith(f"{BOOK}:STATEMENT:{minor}@")]


def unexplained(report: Any) -> Decimal:
    """By how much M-Pesa's own figure differs from what it said about every line."""
    return Decimal(report["stated"]["amount"]) - Decimal(report["theirs"]["amount"])


def test_mpesa_is_asked_for_every_payment_and_a_planted_difference_is_one_case(
    veteran: Person,
    officer: Person,
    sandbox: Any,
    desk: Desk,
    booked: Callable[[str], Any],
) -> None:
    today = datetime.now(UTC).date()
    pushed = veteran.create_deposit("MPESA", "1300.00")
    veteran.wait_for_deposit(pushed["depositId"], "FUNDED")
    payment = booked(pushed["depositId"])
    # What was there before the first report: a float that nobody has recorded, say.
    before = report_of(desk, officer, today - timedelta(days=3))
    assert before["content"] is not None
    assert sums_to_the_cent(before, desk.lines(before))

    shillings = 1_000 + secrets.randbelow(9_000)
    sandbox.post("/_control/daraja/accounts", {"amount": shillings})
    made = report_of(desk, officer, today)
    lines = {(one["category"], one["reference"]): one for one in desk.lines(made)}
    line = lines["PAYMENT", payment]
    assert (line["status"], line["theirs"]["amount"]) == ("MATCHED", "1300.00")
    assert sums_to_the_cent(made, list(lines.values()))
    assert unexplained(made) - unexplained(before) == shillings
    assert (len(made["hash"]), bool(made["signature"])) == (64, True)

    # One case, whatever day it began on; it is not opened again by the next looks.
    minor = int(unexplained(made) * 100)
    (case,) = wait_for("the case", lambda: about(officer, minor))
    facts = {fact["name"]: fact["text"] for fact in case["facts"]}
    assert (facts["gateway"], facts["currency"]) == ("MPESA", "KES")
    assert int(facts["stated_minor"]) - int(facts["theirs_minor"]) == minor

    # M-Pesa's answers come again, and with other words: nothing is asked, counted or made anew.
    told = sandbox.deliveries("daraja", "daraja-balance")
    assert told
    for one in told:
        for body in (one["body"], one["body"].replace(".00|", ".01|")):
            headers = {"Content-Type": "application/json"}
            answer = sandbox.http.post(one["url"], content=body, headers=headers)
            assert answer.status_code == 200
    asked = len(sandbox.deliveries("daraja", "daraja-balance"))
    desk.ask(BOOK, today)
    wait_for("all messages to be taken", lambda: waiting(desk) == 0, every=200)
    again = report_of(desk, officer, today)
    # News of other payments may make the day's report anew; what M-Pesa stated stays as it was.
    assert (again["stated"], unexplained(again)) == (made["stated"], unexplained(made))
    assert sums_to_the_cent(again, desk.lines(again))
    assert len(sandbox.deliveries("daraja", "daraja-balance")) == asked
    assert about(officer, minor) == [case]
