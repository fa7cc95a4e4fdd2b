"""Payments from the menu of a phone: asked about, confirmed, credited once by their receipt."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tools.journey.client import wait_for
from tools.journey.person import Person

pytestmark = pytest.mark.journey

DEPOSITS = """{ viewer { deposits(first: 50) { nodes {
  depositId status amount { amount currency } credited { amount currency } } } } }"""


def account_of(person: Person) -> str:
    """The person's own account number."""
    found = person.client.graphql("PayReference")["payReference"]
    assert found["paybill"] == "174379"
    return str(found["account"])


def pay(sandbox: Any, account: str, shillings: int) -> str | None:
    """A customer pays from the menu; the receipt, or None when the payment was refused."""
    body = {"account": account, "amount": shillings}
    receipt = sandbox.post("/_control/daraja/c2b", body)["receipt"]
    return None if receipt is None else str(receipt)


def of_shillings(person: Person, shillings: int) -> list[Any]:
    """The person's deposits of this many shillings."""
    deposits = person.client.graphql(DEPOSITS)["deposits"]["nodes"]
    amount = {"amount": f"{shillings}.00", "currency": "KES"}
    return [one for one in deposits if one["amount"] == amount]


def funded(person: Person, shillings: int) -> Callable[[], Any]:
    def look() -> Any:
        return [one for one in of_shillings(person, shillings) if one["status"] == "FUNDED"]

    return look


def credited_by(person: Person, deposit: Any) -> list[Decimal]:
    """What the journal credited for a deposit."""
    cash = f"customer:{person.user_id}:cash"
    return [
        -Decimal(leg["amount"])
        for entry in person.journal()
        if entry["reference"] == deposit["depositId"] and entry["kind"] == "DEPOSIT_SETTLED"
        for leg in entry["postings"]
        if leg["account"] == cash
    ]


@pytest.mark.parametrize(
    ("shillings", "operation", "kind", "params"),
    [
        (13_001, "c2b_confirmation", "duplicate", {"copies": 3}),
        (13_002, "c2b_confirmation", "late", {"seconds": 2}),
        (13_003, "status_result", "duplicate", {"copies": 3}),
        (13_004, "status_result", "lost", {}),
        (13_005, "transaction_status", "pending", {}),
    ],
)
def test_a_payment_from_the_menu_is_credited_once_whatever_happens_to_its_messages(
    veteran: Person,
    sandbox: Any,
    shillings: int,
    operation: str,
    kind: str,
    params: dict[str, Any],
) -> None:
    sandbox.fault("daraja", operation, kind, **params)
    assert pay(sandbox, account_of(veteran), shillings) is not None
    (deposit,) = wait_for("the deposit", funded(veteran, shillings), seconds=90)
    assert credited_by(veteran, deposit) == [Decimal(deposit["credited"]["amount"])]


def test_a_wrong_account_number_is_refused_while_the_payer_waits(
    veteran: Person, sandbox: Any
) -> None:
    account = account_of(veteran)
    typo = account[:-1] + ("0" if account[-1] != "0" else "1")
    assert pay(sandbox, typo, 487) is None
    assert pay(sandbox, account, 9) is None
    assert of_shillings(veteran, 487) == []


def test_a_push_and_its_confirmation_are_one_payment(veteran: Person, sandbox: Any) -> None:
    sandbox.fault("daraja", "stk_callback", "lost")
    deposit = veteran.create_deposit("MPESA", "13006.00")
    settled = veteran.wait_for_deposit(deposit["depositId"], "FUNDED", "FAILED")
    assert settled["status"] == "FUNDED"
    assert len(of_shillings(veteran, 13_006)) == 1
    assert credited_by(veteran, deposit) == [Decimal(deposit["credited"]["amount"])]
