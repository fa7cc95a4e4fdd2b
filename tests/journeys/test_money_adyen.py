"""Payments at the gateway that stands in: what the payer's bank takes back, and another amount."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.journeys.money_books import CLEARING, SUSPENSE, balances, cash_of, kinds_of
from tests.journeys.money_staff import decides, new_key, second_officer
from tools.journey import operations as op
from tools.journey.client import Refused, wait_for
from tools.journey.person import Person
from tools.journey.purse import Purse

__all__ = ["second_officer"]
pytestmark = pytest.mark.journey

CARD = "4111111111111111"


def psp_of(sandbox: Any, deposit: Any) -> str:
    """Adyen's name of a deposit's payment."""
    payments = sandbox.get("/_control/adyen")["payments"]
    (found,) = [one for one in payments if deposit["depositId"] in one["reference"]]
    return str(found["psp"])


def pays_at_adyen(person: Person, sandbox: Any, amount: str, currency: str = "USD") -> Any:
    """A card payment while Stripe is down."""
    sandbox.fault("stripe", "checkout_sessions.create", "error", times=20, status=500)
    deposit = Purse(person).pay_in("CARD", amount, currency)
    sandbox.http.delete(sandbox.url + "/_control/faults").raise_for_status()
    assert deposit["gateway"] == "ADYEN"
    return deposit


def test_a_chargeback_takes_the_money_gives_it_back_and_takes_it_for_good(
    investor: Callable[..., Person],
    sandbox: Any,
    assert_books_agree: Callable[[Person], Any],
    cases: Callable[..., list[Any]],
) -> None:
    person = investor()
    deposit = pays_at_adyen(person, sandbox, "160.00")
    dep = deposit["depositId"]
    # Its orders are refused, so that all of the money is there as cash again.
    sandbox.fault("alpaca", "orders.create", "reject", times=40)
    person.pay_by_card(deposit, card=CARD).raise_for_status()
    person.wait_until_invested([dep])

    psp = psp_of(sandbox, deposit)
    announced = sandbox.post(f"/_control/adyen/payments/{psp}/chargeback", {})
    taken = f"/_control/adyen/disputes/{announced['dispute']}"
    shown = wait_for("the warning", lambda: person.deposit(dep)["dispute"])
    assert shown["status"] == "WARNING"
    assert shown["amount"] == {"amount": "160.00", "currency": "USD"}
    (case,) = cases("DISPUTE", shown["disputeId"])
    assert case["userId"] == person.user_id
    gone = f"{CLEARING}:adyen:USD"
    assert balances(person)[gone] == 160

    sandbox.fault("adyen", "CHARGEBACK", "duplicate", copies=3)
    sandbox.post(taken, {"step": "take"})
    person.wait_for_deposit(dep, "DISPUTED")
    assert gone not in balances(person)
    assert cash_of(person) == {"balance": 160, "available": 0, "held": 160, "receivable": 0}
    sandbox.post(taken, {"step": "reverse"})
    person.wait_for_deposit(dep, "FUNDED")
    assert cash_of(person) == {"balance": 160, "available": 160, "held": 0, "receivable": 0}
    assert balances(person)[gone] == 160

    sandbox.post(taken, {"step": "second"})
    wait_for("the loss", lambda: cash_of(person)["balance"] == 0)
    assert cash_of(person) == {"balance": 0, "available": 0, "held": 0, "receivable": 0}
    books = balances(person)
    assert gone not in books
    assert not {"house:contested", "house:disputed:adyen:USD"} & books.keys()
    assert person.deposit(dep)["dispute"]["status"] == "LOST"
    assert kinds_of(person, dep).count("DEPOSIT_SETTLED") == 1
    assert_books_agree(person)


def test_another_amount_waits_until_two_people_say_whose_it_is(
    investor: Callable[..., Person],
    officer: Person,
    second_officer: Person,
    sandbox: Any,
    assert_books_agree: Callable[[Person], Any],
    cases: Callable[..., list[Any]],
) -> None:
    person = investor()
    deposit = pays_at_adyen(person, sandbox, "80.00", "EUR")
    dep = deposit["depositId"]
    sandbox.fault("adyen", "AUTHORISATION", "wrong_amount", amount=7900)
    person.pay_by_card(deposit, card=CARD).raise_for_status()
    (case,) = cases("AMOUNT_MISMATCH", dep)
    facts = {fact["name"]: fact["text"] for fact in case["facts"]}
    assert person.deposit(dep)["settledAt"] is None
    assert cash_of(person)["balance"] == 0
    assert balances(person) == {f"{CLEARING}:adyen:EUR": 79, f"{SUSPENSE}:EUR": -79}

    which = {"gateway": "ADYEN", "payment": facts["payment"]}
    asked = {**which, "idempotencyKey": new_key(), "userId": person.user_id}
    proposed = decides(officer, op.MATCH_SUSPENSE, asked)["suspended"]
    assert proposed["amount"] == {"amount": "79.00", "currency": "EUR"}
    assert proposed["decision"]["status"] == "PROPOSED"
    with pytest.raises(Refused) as alone:
        decides(officer, op.DECIDE_SUSPENSE, {**which, "agreed": True})
    assert alone.value.code == "TREASURY_SECOND_PERSON_NEEDED"
    assert cash_of(person)["balance"] == 0
    agreed = decides(second_officer, op.DECIDE_SUSPENSE, {**which, "agreed": True})["suspended"]
    assert agreed["decision"]["decidedBy"] == second_officer.user_id

    done = person.wait_for_deposit(dep, "FUNDED")
    credited = Decimal(done["credited"]["amount"])
    assert (done["amount"], done["credited"]["currency"]) == (
        {"amount": "79.00", "currency": "EUR"},
        "USD",
    )
    person.wait_until_invested([dep])
    assert kinds_of(person, dep).count("SUSPENSE_MATCHED") == 1
    books = balances(person)
    assert f"{SUSPENSE}:EUR" not in books
    assert books[f"{CLEARING}:adyen:EUR"] == 79
    assert books["house:fx_position:USD"] == credited
    assert_books_agree(person)
