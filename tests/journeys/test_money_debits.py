"""Debits of a bank account: days of waiting, a refusal, and money that is called back later."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.journeys.money_books import CLEARING, balances, cash_of
from tools.journey.client import Refused
from tools.journey.person import Person
from tools.journey.purse import Purse

pytestmark = pytest.mark.journey

PAYS, EMPTY, STAYS = "000123456789", "000222222227", "000000000009"
FEE = Decimal("3.20")
"""0.8 % of what is debited."""


def intent_of(sandbox: Any, deposit: Any) -> str:
    """Stripe's name of a deposit's payment."""
    sessions = sandbox.get("/_control/stripe/sessions")["sessions"]
    (found,) = [one for one in sessions if one["client_reference_id"] == deposit["depositId"]]
    return str(found["payment_intent"])


def finish(sandbox: Any, deposit: Any) -> None:
    """The bank has paid."""
    sandbox.post(f"/_control/stripe/payment_intents/{intent_of(sandbox, deposit)}/finish", {})


def test_a_debit_is_pending_then_credited_and_owed_when_the_bank_takes_it_back(
    investor: Callable[..., Person],
    sandbox: Any,
    assert_books_agree: Callable[[Person], Any],
    cases: Callable[..., list[Any]],
) -> None:
    person = investor()
    purse = Purse(person)
    deposit = purse.pay_in("BANK_DEBIT", "400.00")
    assert (deposit["gateway"], deposit["status"]) == ("STRIPE", "ACTION_REQUIRED")
    purse.pay_from_bank(deposit, STAYS)
    pending = person.wait_for_deposit(deposit["depositId"], "PENDING")
    assert (pending["nextAction"], pending["settledAt"]) == (None, None)
    assert person.journal() == []
    finish(sandbox, deposit)
    person.wait_for_deposit(deposit["depositId"], "FUNDED")
    person.wait_until_invested([deposit["depositId"]])
    spare = cash_of(person)["available"]
    assert balances(person)[f"{CLEARING}:stripe:USD"] == 400 - FEE
    moves = [move["status"] for move in person.deposit(deposit["depositId"])["timeline"]]
    assert moves[-4:] == ["PENDING", "SETTLED", "FUNDING", "FUNDED"]

    # Weeks later: a debit that bounces is lost at once, nobody asks for evidence.
    returned = {"payment_intent": intent_of(sandbox, deposit), "status": "lost"}
    sandbox.post("/_control/stripe/disputes", returned)
    taken = person.wait_for_deposit(deposit["depositId"], "DISPUTED")
    assert taken["dispute"]["status"] == "LOST"
    (case,) = cases("RECEIVABLE", taken["dispute"]["disputeId"])
    assert case["userId"] == person.user_id
    assert cash_of(person) == {
        "balance": 0,
        "available": 0,
        "held": 0,
        "receivable": spare - 400,
    }
    books = balances(person)
    assert books["customer:<person>:receivable"] == 400 - spare
    assert "house:contested" not in books
    assert "house:disputed:stripe:USD" not in books
    assert books[f"{CLEARING}:stripe:USD"] == -books["house:fees:stripe"]
    assert_books_agree(person)


def test_a_debit_of_an_empty_account_fails_with_a_reason_and_credits_nothing(
    veteran: Person,
) -> None:
    purse = Purse(veteran)
    deposit = purse.pay_in("BANK_DEBIT", "55.00")
    purse.pay_from_bank(deposit, EMPTY)
    failed = veteran.wait_for_deposit(deposit["depositId"], "FAILED", "SETTLED", "FUNDED")
    assert (failed["status"], failed["settledAt"]) == ("FAILED", None)
    assert failed["reasonText"]
    references = [entry["reference"] for entry in veteran.journal()]
    assert deposit["depositId"] not in references
    with pytest.raises(Refused):
        purse.pay_in("BANK_DEBIT", "55.00", currency="EUR")
