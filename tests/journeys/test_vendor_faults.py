"""Vendors that are slow, refuse, or do what was asked and then do not answer."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tools.journey.client import Refused, wait_for
from tools.journey.person import PROFILE, Person

pytestmark = pytest.mark.journey


def pushes_of(sandbox: Any, deposit: Any) -> int:
    """How many prompts were sent to the payer's phone for a deposit."""
    payments = sandbox.get("/_control/daraja/payments")["payments"]
    return sum(deposit["depositId"].endswith(p["account_reference"]) for p in payments)


def test_the_same_key_makes_one_deposit_and_another_body_is_refused(
    veteran: Person, sandbox: Any
) -> None:
    person = veteran
    first = person.create_deposit("STRIPE", "100.00", idempotencyKey="k" * 20)
    again = person.create_deposit("STRIPE", "100.00", idempotencyKey="k" * 20)
    assert again["depositId"] == first["depositId"]
    assert again["nextAction"] == first["nextAction"]
    with pytest.raises(Refused) as other:
        person.create_deposit("STRIPE", "101.00", idempotencyKey="k" * 20)
    assert other.value.code == "IDEMPOTENCY_KEY_REUSED"
    pushed = person.create_deposit("MPESA", "500.00", idempotencyKey="m" * 20)
    repeated = person.create_deposit("MPESA", "500.00", idempotencyKey="m" * 20)
    assert pushed["depositId"] == repeated["depositId"]
    assert pushes_of(sandbox, pushed) == 1


def test_a_declined_card_can_be_tried_again_on_the_same_page(
    investor: Callable[..., Person], assert_books_agree: Callable[[Person], Any]
) -> None:
    person = investor()
    deposit = person.create_deposit("STRIPE", "100.00")
    person.pay_by_card(deposit, card="4000000000000002")
    assert person.deposit(deposit["depositId"])["status"] == "ACTION_REQUIRED"
    assert person.journal() == []
    person.pay_by_card(deposit).raise_for_status()
    person.wait_for_deposit(deposit["depositId"], "FUNDED")
    person.wait_until_invested([deposit["depositId"]])
    assert_books_agree(person)


@pytest.mark.parametrize(
    ("phone", "reason"),
    [("+254700000001", "INSUFFICIENT_FUNDS"), ("+254700000032", "CANCELLED_BY_PAYER")],
)
def test_a_refused_push_fails_with_a_reason(veteran: Person, phone: str, reason: str) -> None:
    person = veteran
    deposit = person.create_deposit("MPESA", "1000.00", phone=phone)
    failed = person.wait_for_deposit(deposit["depositId"], "FAILED", "SETTLED", "FUNDED")
    assert (failed["status"], failed["reason"]) == ("FAILED", reason)
    assert failed["reasonText"]
    assert [e for e in person.journal() if e["reference"] == deposit["depositId"]] == []


def test_a_push_whose_answer_is_lost_is_never_sent_twice(
    investor: Callable[..., Person], sandbox: Any, assert_books_agree: Callable[[Person], Any]
) -> None:
    person = investor()
    sandbox.fault("daraja", "stk_push", "timeout_after_effect", close=True)
    deposit = person.create_deposit("MPESA", "777.00")
    assert deposit["status"] in {"UNKNOWN", "ACTION_REQUIRED", "SETTLED"}
    assert person.wait_for_deposit(deposit["depositId"], "FUNDED", "FAILED")["status"] == "FUNDED"
    assert pushes_of(sandbox, deposit) == 1
    person.wait_until_invested([deposit["depositId"]])
    assert_books_agree(person)


def test_a_checkout_that_cannot_be_made_now_is_made_by_the_same_key(
    veteran: Person, sandbox: Any
) -> None:
    person = veteran
    # One request asks each of the two gateways three times at most.
    sandbox.fault("stripe", "checkout_sessions.create", "error", times=8, status=500)
    sandbox.fault("adyen", "payment_links.create", "error", times=8, status=500)
    with pytest.raises(Refused) as refused:
        person.create_deposit("STRIPE", "100.00", idempotencyKey="r" * 20)
    assert refused.value.code in {"PAYMENTS_GATEWAY_UNAVAILABLE", "TEMPORARILY_UNAVAILABLE"}
    sandbox.http.delete(sandbox.url + "/_control/faults")
    deposit = person.create_deposit("STRIPE", "100.00", idempotencyKey="r" * 20)
    assert deposit["nextAction"]["redirectUrl"].startswith("http://127.0.0.1")


@pytest.mark.parametrize("operation", ["journals.create", "orders.create"])
def test_what_the_broker_did_without_answering_is_adopted(
    investor: Callable[..., Person],
    sandbox: Any,
    assert_books_agree: Callable[[Person], Any],
    operation: str,
) -> None:
    person = investor()
    deposit = person.create_deposit("STRIPE", "300.00")
    sandbox.fault("alpaca", operation, "timeout_after_effect", times=2, close=True)
    person.pay_by_card(deposit).raise_for_status()
    person.wait_until_invested([deposit["depositId"]], seconds=120)
    screen = assert_books_agree(person)
    assert Decimal(screen["portfolio"]["netDeposits"]["amount"]) == 300
    assert {order["status"] for order in screen["orders"]["nodes"]} == {"FILLED"}


def test_many_fills_at_once_end_right(
    investor: Callable[..., Person], sandbox: Any, assert_books_agree: Callable[[Person], Any]
) -> None:
    person = investor()
    sandbox.post("/_control/alpaca", {"executions": 3})
    deposit = person.create_deposit("STRIPE", "2000.00")
    person.pay_by_card(deposit).raise_for_status()
    person.wait_until_invested([deposit["depositId"]], seconds=120)
    screen = assert_books_agree(person)
    orders = screen["orders"]["nodes"]
    assert {order["status"] for order in orders} == {"FILLED"}
    fills = [entry for entry in person.journal() if entry["kind"] == "BUY"]
    assert len(fills) == 3 * len(orders) >= 15


def test_a_rejected_order_gives_its_money_back(
    investor: Callable[..., Person], sandbox: Any, assert_books_agree: Callable[[Person], Any]
) -> None:
    person = investor()
    sandbox.fault("alpaca", "orders.create", "reject")
    deposit = person.create_deposit("STRIPE", "400.00")
    person.pay_by_card(deposit).raise_for_status()
    person.wait_until_invested([deposit["depositId"]], seconds=120)
    screen = assert_books_agree(person)
    states = sorted(order["status"] for order in screen["orders"]["nodes"])
    assert states.count("REJECTED") == 1
    assert set(states) == {"FILLED", "REJECTED"}
    (account,) = [one for one in screen["accounts"] if one["currency"] == "USD"]
    assert Decimal(account["held"]["amount"]) == 0
    wait_for(
        "the notice",
        lambda: any(
            n["topic"] == "investing.order_rejected"
            for n in person.screen()["notifications"]["nodes"]
        ),
    )


def test_bad_input_is_told_what_is_wrong_and_changes_nothing(
    investor: Callable[..., Person],
) -> None:
    person = investor()
    for gateway, amount, more in (
        ("STRIPE", "0.10", {}),
        ("MPESA", "100.00", {"currency": "USD"}),
        ("MPESA", "100.50", {}),
        ("MPESA", "1000.00", {"phone": "+12025550123"}),
        ("MPESA", "9000000.00", {}),
    ):
        with pytest.raises(Refused):
            person.create_deposit(gateway, amount, **more)
    assert person.screen()["transactions"]["nodes"] == []
    assert PROFILE["phone"] == "+254712345678"
