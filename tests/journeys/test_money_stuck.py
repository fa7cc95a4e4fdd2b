"""Payouts that stand still: staff let one go on, or say how it ended, and nothing is paid twice."""

import json
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.kernel.clock import from_text, to_text
from shared.kernel.ids import Kind
from shared.platform import keys
from tests.journeys.money_books import balances, cash_of, kinds_of
from tests.journeys.money_staff import decides, held
from tests.journeys.schedules import ports_of
from tools.journey import operations as op
from tools.journey.client import Refused, wait_for
from tools.journey.person import Person
from tools.journey.purse import HOLDER, Purse
from tools.stack import Endpoints
from tools.stack.deployment import client
from tools.stack.wiring import scheduled_work

pytestmark = pytest.mark.journey

type Saver = Callable[[str], tuple[Person, Purse, Any]]
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", re.ASCII)
SWEEPER = "baobab-local-sweep-pending"


@pytest.fixture
def phone(sandbox: Any) -> str:
    """A phone of the person's own name, and of nobody else's journey."""
    number = f"25474{secrets.randbelow(10**7):07d}"
    sandbox.post("/_control/daraja/subscribers", {"phone": number, "name": HOLDER})
    return number


def payments_to(sandbox: Any, phone: str) -> list[Any]:
    """What M-Pesa moved to a phone."""
    transactions = sandbox.get("/_control/daraja/statement")["transactions"]
    return [one for one in transactions if one["payee"] == phone]


def completed_to(sandbox: Any, phone: str) -> list[Any]:
    """What has arrived there."""
    return [one for one in payments_to(sandbox, phone) if one["state"] == "Completed"]


class Rows:
    """Rows of payouts, behind everybody's back, and the sweep of every five minutes."""

    def __init__(self, endpoints: Endpoints, dynamodb: Any) -> None:
        self._dynamodb = dynamodb
        self._table = endpoints.outputs["CoreTable"]
        self._ports = ports_of(endpoints)

    def refused(self, person: Person, payout_id: str, times: int) -> None:
        """The broker has turned a payout back so often already."""
        self._dynamodb.update_item(
            TableName=self._table,
            Key=self._key(person, payout_id),
            ConditionExpression="#status IN (:cooling, :ready, :recalling)",
            UpdateExpression="SET recalls = :times",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":times": {"N": str(times)},
                ":cooling": {"S": "COOLING"},
                ":ready": {"S": "READY"},
                ":recalling": {"S": "RECALLING"},
            },
        )

    def days_pass(self, person: Person, payout_id: str) -> None:
        """Everything that happened to a payout that its gateway was asked for is two days
        older; somebody who writes it meanwhile wins, and it is tried again."""
        key = self._key(person, payout_id)
        row = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)["Item"]
        if row["status"]["S"] not in ("SENDING", "SENT") or _age(row) > timedelta(days=1):
            return
        older = {name: _two_days_older(value) for name, value in row.items()}
        with suppress(self._dynamodb.exceptions.ConditionalCheckFailedException):
            self._dynamodb.put_item(
                TableName=self._table,
                Item=older,
                ConditionExpression="#version = :version",
                ExpressionAttributeNames={"#version": "version"},
                ExpressionAttributeValues={":version": row["version"]},
            )

    def sweep(self) -> None:
        """What the schedule does every five minutes."""
        event = scheduled_work(SWEEPER, self._ports)
        answer = client("lambda", self._ports).invoke(
            FunctionName=SWEEPER, Payload=json.dumps(event).encode()
        )
        assert "FunctionError" not in answer

    def _key(self, person: Person, payout_id: str) -> dict[str, Any]:
        return {
            "pk": {"S": keys.user(person.user_id)},
            "sk": {"S": keys.feed(payout_id, Kind.PAYOUT)},
        }


def _age(row: Any) -> timedelta:
    return datetime.now(UTC) - from_text(row["asked_at"]["S"])


def _two_days_older(value: Any) -> Any:
    def older(found: re.Match[str]) -> str:
        return to_text(from_text(found.group()) - timedelta(days=2))

    return {"S": INSTANT.sub(older, value["S"])} if "S" in value else value


@pytest.fixture
def rows(endpoints: Endpoints, aws: Callable[[str], Any]) -> Rows:
    """See Rows."""
    return Rows(endpoints, aws("dynamodb"))


@dataclass(frozen=True)
class Payee:
    """Somebody with 150 dollars and an account on a phone."""

    person: Person
    purse: Purse
    phone: str
    account_id: str
    cases: Callable[..., list[Any]]
    agree: Callable[[Person], Any]

    def has_case(self, kind: str, payout_id: str) -> None:
        """Staff are told once of this payout, and whose it is."""
        (case,) = self.cases(kind, payout_id)
        assert case["userId"] == self.person.user_id

    def books_agree(self) -> None:
        """Here, at the broker and at the gateways."""
        self.agree(self.person)


@pytest.fixture
def payee(
    saver: Saver,
    phone: str,
    cases: Callable[..., list[Any]],
    assert_books_agree: Callable[[Person], Any],
) -> Payee:
    """See Payee."""
    person, purse, _ = saver("150.00")
    account_id = purse.add_phone(f"+{phone}")["payoutAccountId"]
    return Payee(person, purse, phone, account_id, cases, assert_books_agree)


def unanswered(person: Person, officer: Person, rows: Rows, payout_id: str) -> Callable[[], Any]:
    """Days later staff find the payout on their list."""

    def look() -> Any:
        rows.days_pass(person, payout_id)
        rows.sweep()
        found = held(officer, payout_id)
        return found if found is not None and found["canSettle"] else None

    return look


def test_a_payout_that_the_broker_turned_back_too_often_goes_on_by_the_word_of_staff(
    payee: Payee, sandbox: Any, officer: Person, rows: Rows
) -> None:
    person, purse, phone = payee.person, payee.purse, payee.phone
    sandbox.fault("alpaca", "journals.create", "error", times=40, status=422)
    asked = purse.withdraw(payee.account_id, "45.00")
    payout = asked["payoutId"]
    debited = Decimal(asked["debited"]["amount"])
    # Eleven refusals before this one took their time.
    rows.refused(person, payout, 11)
    payee.has_case("PAYOUT_FAILED", payout)
    stuck = wait_for("the payout on the list", lambda: held(officer, payout))
    assert (stuck["held"], stuck["canSettle"], stuck["reason"]) == (True, False, "BROKER_REJECTED")
    assert cash_of(person)["held"] == debited
    which = {"userId": person.user_id, "payoutId": payout}
    with pytest.raises(Refused) as not_asked:
        decides(officer, op.SETTLE_PAYOUT, {**which, "outcome": "PAID", "reference": "NONE"})
    assert not_asked.value.code == "PAYOUTS_NOT_STUCK"

    sandbox.http.delete(sandbox.url + "/_control/faults").raise_for_status()
    released = decides(officer, op.RELEASE_PAYOUT, which)["payout"]
    assert released["held"] is False
    done = purse.wait_for_withdrawal(payout, "PAID", "FAILED", seconds=90)
    assert done["status"] == "PAID"
    assert held(officer, payout) is None
    (moved,) = payments_to(sandbox, phone)
    assert (moved["state"], moved["receipt"]) == ("Completed", done["receipt"])
    assert cash_of(person)["balance"] == 150 - debited
    assert kinds_of(person, payout).count("WITHDRAWAL_PAID") == 1
    payee.books_agree()


def test_a_payout_without_an_answer_is_paid_when_staff_read_its_receipt_at_the_gateway(
    payee: Payee, sandbox: Any, officer: Person, rows: Rows
) -> None:
    person, purse, phone = payee.person, payee.purse, payee.phone
    sandbox.fault("daraja", "b2c", "queue_timeout")
    sandbox.fault("daraja", "transaction_status", "unknown", times=500)
    payout = purse.withdraw(payee.account_id, "35.00")["payoutId"]
    (moved,) = wait_for("the payment", lambda: completed_to(sandbox, phone))
    stuck = wait_for("the list", unanswered(person, officer, rows, payout), every=1000)
    assert (stuck["held"], stuck["unanswered"]) == (False, True)
    payee.has_case("PAYOUT_UNKNOWN", payout)
    assert cash_of(person)["balance"] == 150

    word = {"outcome": "PAID", "reference": moved["receipt"]}
    which = {"userId": person.user_id, "payoutId": payout}
    noted = decides(officer, op.SETTLE_PAYOUT, which | word)["payout"]
    assert (noted["finding"]["foundBy"], noted["finding"]["counts"]) == (officer.user_id, True)
    done = purse.wait_for_withdrawal(payout, "PAID", "FAILED")
    debited = Decimal(done["debited"]["amount"])
    assert done["status"] == "PAID"
    assert cash_of(person) == {
        "balance": 150 - debited,
        "available": 150 - debited,
        "held": 0,
        "receivable": 0,
    }
    with pytest.raises(Refused) as later:
        decides(officer, op.SETTLE_PAYOUT, which | {"outcome": "NOT_PAID", "reference": "NONE"})
    assert later.value.code == "PAYOUTS_NOT_STUCK"
    # The gateway's own word comes at last and changes nothing more.
    sandbox.http.delete(sandbox.url + "/_control/faults").raise_for_status()
    assert held(officer, payout) is None
    assert [one["state"] for one in payments_to(sandbox, phone)] == ["Completed"]
    assert kinds_of(person, payout).count("WITHDRAWAL_PAID") == 1
    payee.books_agree()


def test_a_payout_that_the_gateway_never_made_is_free_again_by_the_word_of_staff(
    saver: Saver,
    sandbox: Any,
    officer: Person,
    rows: Rows,
    assert_books_agree: Callable[[Person], Any],
) -> None:
    person, purse, _ = saver("150.00")
    before = balances(person)
    # M-Pesa takes the order and never knows of it again.
    account = purse.add_phone("+254700000026")
    sandbox.fault("daraja", "b2c_result", "lost")
    payout = purse.withdraw(account["payoutAccountId"], "35.00")["payoutId"]
    stuck = wait_for("the list", unanswered(person, officer, rows, payout), every=1000)
    assert stuck["unanswered"] is True
    word = {"outcome": "NOT_PAID", "reference": "no-line-in-portal"}
    decides(officer, op.SETTLE_PAYOUT, {"userId": person.user_id, "payoutId": payout} | word)
    ended = purse.wait_for_withdrawal(payout, "FAILED", "PAID")
    assert ended["status"] == "FAILED"
    assert cash_of(person) == {"balance": 150, "available": 150, "held": 0, "receivable": 0}
    assert balances(person) == before
    assert payments_to(sandbox, "254700000026") == []
    assert "WITHDRAWAL_PAID" not in kinds_of(person, payout)
    assert_books_agree(person)
