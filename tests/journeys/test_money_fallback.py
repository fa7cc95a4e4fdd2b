"""A gateway that is down or silent is replaced; nobody pays twice, whatever it says later."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.journeys.money_books import CLEARING, SUSPENSE, balances, cash_of, kinds_of
from tools.journey.client import wait_for
from tools.journey.person import Person

pytestmark = pytest.mark.journey

TRIES = 3
"""How often one request asks a gateway that does not answer."""
AUTHORIZED = {"authorization": "Bearer sk_test_sandbox"}


def refunds_at_stripe(sandbox: Any, intent: str) -> list[Any]:
    """Every refund of a payment."""
    answer = sandbox.http.get(
        f"{sandbox.url}/stripe/v1/refunds", params={"payment_intent": intent}, headers=AUTHORIZED
    )
    found: list[Any] = answer.raise_for_status().json()["data"]
    return found


def session_of(sandbox: Any, deposit: Any) -> Any:
    """The one page that Stripe made for a deposit, whether we know of it or not."""
    sessions = sandbox.get("/_control/stripe/sessions")["sessions"]
    (found,) = [one for one in sessions if one["client_reference_id"] == deposit["depositId"]]
    return found


def test_adyen_takes_a_card_while_stripe_is_down(
    investor: Callable[..., Person],
    sandbox: Any,
    assert_books_agree: Callable[[Person], Any],
) -> None:
    person = investor()
    sandbox.fault("stripe", "checkout_sessions.create", "error", times=20, status=500)
    deposit = person.create_deposit("STRIPE", "200.00")
    assert (deposit["method"], deposit["gateway"]) == ("CARD", "ADYEN")
    assert deposit["status"] == "ACTION_REQUIRED"
    assert "/adyen/pay/" in deposit["nextAction"]["redirectUrl"]
    person.pay_by_card(deposit, card="4000000000009995")
    assert person.deposit(deposit["depositId"])["status"] == "ACTION_REQUIRED"
    assert person.journal() == []
    person.pay_by_card(deposit, card="4111111111111111").raise_for_status()
    person.wait_for_deposit(deposit["depositId"], "FUNDED")
    person.wait_until_invested([deposit["depositId"]])
    screen = assert_books_agree(person)
    assert Decimal(screen["portfolio"]["netDeposits"]["amount"]) == 200
    books = balances(person)
    assert books[f"{CLEARING}:adyen:USD"] == 200
    assert f"{CLEARING}:stripe:USD" not in books
    assert kinds_of(person, deposit["depositId"]) == ["DEPOSIT_FUNDED", "DEPOSIT_SETTLED"]


def test_what_is_paid_a_second_time_at_the_silent_gateway_goes_back_once(
    investor: Callable[..., Person],
    sandbox: Any,
    assert_books_agree: Callable[[Person], Any],
    cases: Callable[..., list[Any]],
) -> None:
    person = investor()
    sandbox.fault(
        "stripe", "checkout_sessions.create", "timeout_after_effect", times=TRIES, close=True
    )
    deposit = person.create_deposit("STRIPE", "150.00")
    assert deposit["gateway"] == "ADYEN"
    person.pay_by_card(deposit, card="4111111111111111").raise_for_status()
    person.wait_for_deposit(deposit["depositId"], "FUNDED")
    person.wait_until_invested([deposit["depositId"]])
    before = cash_of(person)

    # The page of the first gateway was open in another window all the time.
    session = session_of(sandbox, deposit)
    paid = sandbox.post(f"/_control/stripe/sessions/{session['id']}/pay", {})
    assert paid["payment_intent_status"] == "succeeded"
    (case,) = cases("SECOND_PAYMENT", deposit["depositId"])
    assert case["userId"] == person.user_id
    intent = paid["payment_intent"]
    (refund,) = wait_for("the refund", lambda: refunds_at_stripe(sandbox, intent))
    assert refund["amount"] == 15_000
    wait_for("the way back", lambda: SUSPENSE + ":USD" not in balances(person))

    books = balances(person)
    assert books[f"{CLEARING}:adyen:USD"] == 150
    # What the gateway keeps of a payment that goes back is its fee: 2.9 % and 30 cents.
    assert books[f"{CLEARING}:stripe:USD"] == Decimal("-4.65")
    assert books["house:fees:stripe"] == Decimal("4.65")
    kinds = [entry["kind"] for entry in person.journal()]
    assert kinds.count("DEPOSIT_SETTLED") == 1
    assert kinds.count("SURPLUS_RECEIVED") == kinds.count("SURPLUS_REFUNDED") == 1
    assert cash_of(person) == before
    assert person.deposit(deposit["depositId"])["status"] == "FUNDED"
    assert refunds_at_stripe(sandbox, intent) == [refund | {"status": "succeeded"}]
    assert_books_agree(person)
