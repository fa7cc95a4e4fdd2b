"""The end of a day: our books are held against what Stripe lists, and a planted break is found."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.journeys.money_desk import Desk, desk, sums_to_the_cent
from tools.journey import operations as op
from tools.journey.client import Refused, wait_for
from tools.journey.person import Person
from tools.journey.purse import Purse
from tools.stack import Endpoints

__all__ = ["desk"]
pytestmark = pytest.mark.journey

REASON = "A journey through the back office"
STRIPE = "STRIPE:USD"
BOOK = "house:gateway_clearing:stripe:USD#USD/2"


class Books:
    """The lines of the firm's account at Stripe, behind everybody's back."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def lines(self) -> list[Any]:
        """All of them."""
        found = self._dynamodb.get_paginator("scan").paginate(
            TableName=self._table,
            FilterExpression="begins_with(pk, :book)",
            ExpressionAttributeValues={":book": {"S": f"LINES#{BOOK}#"}},
            ConsistentRead=True,
        )
        return [item for page in found for item in page["Items"]]

    def change(self, reference: str, cents: int) -> None:
        """Somebody writes another amount into the line of a deposit."""
        (line,) = [
            one
            for one in self.lines()
            if one["reference"]["S"] == reference and one["entry_kind"]["S"] == "DEPOSIT_SETTLED"
        ]
        amount = int(line["amount"]["N"]) + cents
        item = {**line, "amount": {"N": str(amount)}}
        self._dynamodb.put_item(TableName=self._table, Item=item)


def test_the_report_of_a_day_finds_what_was_planted_and_is_made_anew_when_it_is_put_right(
    investor: Callable[..., Person],
    officer: Person,
    sandbox: Any,
    endpoints: Endpoints,
    aws: Callable[[str], Any],
    cases: Callable[..., list[Any]],
    desk: Desk,
) -> None:
    person = investor()
    purse = Purse(person)
    right, wrong = (purse.pay_in("CARD", amount) for amount in ("70.00", "80.00"))
    for deposit in (right, wrong):
        person.pay_by_card(deposit).raise_for_status()
        person.wait_for_deposit(deposit["depositId"], "FUNDED")
    sessions = sandbox.get("/_control/stripe/sessions")["sessions"]
    intents = {one["client_reference_id"]: one["payment_intent"] for one in sessions}
    paid = {name: intents[one["depositId"]] for name, one in (("right", right), ("wrong", wrong))}
    books = Books(aws("dynamodb"), endpoints.outputs["CoreTable"])
    wait_for(
        "the house's lines",
        lambda: (
            {right["depositId"], wrong["depositId"]}
            <= {line["reference"]["S"] for line in books.lines()}
        ),
    )

    # A cent too much in our books, and money at Stripe that we know nothing of.
    books.change(wrong["depositId"], 1)
    unknown = 50_000 + secrets.randbelow(10_000)
    sandbox.post("/_control/stripe/balance", {"currency": "usd", "amount": unknown})
    today = datetime.now(UTC).date()
    day = today.isoformat()
    officer.step_up()
    asked = {"idempotencyKey": secrets.token_hex(16), "party": "STRIPE", "currency": "USD"}
    asked |= {"day": day, "reason": REASON}
    with pytest.raises(Refused) as early:
        officer.client.graphql(op.RUN_RECONCILIATION, input=asked)
    assert early.value.code == "RECONCILIATION_DAY_NOT_OVER"

    def compared() -> Any:
        report = desk.made(STRIPE, today)
        lines = [] if report is None else desk.lines(report)
        broken = [one for one in lines if one["status"] != "MATCHED" and one["category"] != "OTHER"]
        return (report, lines) if [one["reference"] for one in broken] == [paid["wrong"]] else None

    # Whatever other journeys did today agrees to the cent, as soon as the last of it is booked.
    report, lines = wait_for("nothing else to differ", compared, every=500)
    assert report["day"] == day
    of = {(one["category"], one["reference"]): one for one in lines}
    for category in ("PAYMENT", "FEE"):
        assert of[category, paid["right"]]["status"] == "MATCHED"
    planted = of["PAYMENT", paid["wrong"]]
    assert (planted["status"], planted["difference"]["amount"]) == ("AMOUNT_DIFFERS", "0.01")
    surprises = [one for one in lines if one["status"] == "MISSING_HERE"]
    assert f"{Decimal(unknown) / 100:.2f}" in [one["theirs"]["amount"] for one in surprises]
    differs = sum(Decimal(one["difference"]["amount"]) for one in lines)
    difference = Decimal(report["difference"]["amount"])
    assert difference == differs
    ours, theirs = (Decimal(report[side]["amount"]) for side in ("ours", "theirs"))
    assert ours - theirs == difference
    (case,) = cases("RECONCILIATION_BREAK", f"STRIPE:USD:PAYMENT:{paid['wrong']}@{day}")
    facts = {fact["name"]: fact["text"] for fact in case["facts"]}
    assert (facts["ours_minor"], facts["theirs_minor"]) == ("8001", "8000")

    # Put right, the line agrees in a next version; without news there is no other one.
    books.change(wrong["depositId"], -1)
    better, again = desk.wait_for_line(STRIPE, today, "PAYMENT", paid["wrong"], "MATCHED")
    assert better["version"] > report["version"]
    assert sums_to_the_cent(better, list(again.values()))

    def nothing_new() -> bool:
        known = desk.newest(STRIPE, today)
        return bool(desk.made(STRIPE, today) == known)

    wait_for("a run without late news of other journeys", nothing_new, every=500)
