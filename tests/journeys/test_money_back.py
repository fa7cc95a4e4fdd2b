"""Money that goes back to a card, and money that the payer's bank takes back."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.journeys.money_books import CLEARING, balances, cash_of, kinds_of
from tools.journey.client import Refused, wait_for
from tools.journey.person import Person
from tools.journey.purse import Purse

pytestmark = pytest.mark.journey

type Saver = Callable[[str], tuple[Person, Purse, Any]]
CUSTOMER = "customer:<person>:cash"
RECEIVABLE = "customer:<person>:receivable"
AUTHORIZED = {"authorization": "Bearer sk_test_sandbox"}


def intent_of(sandbox: Any, deposit: Any) -> str:
    """Stripe's name of a deposit's payment."""
    sessions = sandbox.get("/_control/stripe/sessions")["sessions"]
    (found,) = [one for one in sessions if one["client_reference_id"] == deposit["depositId"]]
    return str(found["payment_intent"])


def refunded_at_stripe(sandbox: Any, deposit: Any) -> list[int]:
    """Cents of every refund of a deposit's payment, newest first."""
    answer = sandbox.http.get(
        f"{sandbox.url}/stripe/v1/refunds",
        params={"payment_intent": intent_of(sandbox, deposit)},
        headers=AUTHORIZED,
    )
    return [one["amount"] for one in answer.raise_for_status().json()["data"]]


def quantities(person: Person) -> dict[str, str]:
    """What a person owns."""
    holdings = person.screen()["portfolio"]["holdings"]
    return {one["asset"]["symbol"]: one["quantity"] for one in holdings}


def disputed(sandbox: Any, person: Person, deposit: Any) -> str:
    """The payer's bank takes a payment back; Stripe's name of the dispute."""
    intent = intent_of(sandbox, deposit)
    made = sandbox.post("/_control/stripe/disputes", {"payment_intent": intent})
    person.wait_for_deposit(deposit["depositId"], "DISPUTED")
    return str(made["id"])


def test_a_part_goes_back_and_then_the_rest_and_nothing_more(
    saver: Saver, sandbox: Any, assert_books_agree: Callable[[Person], Any]
) -> None:
    person, purse, deposit = saver("120.00")
    dep = deposit["depositId"]
    sandbox.fault("stripe", "refunds.create", "timeout_after_effect", close=True)
    part = purse.ask_back(dep, "50.00", key="part-of-the-deposit")
    again = purse.ask_back(dep, "50.00", key="part-of-the-deposit")
    assert again["refundId"] == part["refundId"]
    paid = purse.wait_for_refund(dep, part["refundId"], "PAID", "FAILED")
    assert (paid["status"], paid["amount"]["amount"]) == ("PAID", "50.00")
    assert person.deposit(dep)["status"] == "FUNDED"
    assert cash_of(person) == {"balance": 70, "available": 70, "held": 0, "receivable": 0}
    with pytest.raises(Refused):
        purse.ask_back(dep, "70.01")

    rest = purse.ask_back(dep)
    assert rest["amount"]["amount"] == "70.00"
    assert purse.wait_for_refund(dep, rest["refundId"], "PAID", "FAILED")["status"] == "PAID"
    person.wait_for_deposit(dep, "REFUNDED")
    assert refunded_at_stripe(sandbox, deposit) == [7000, 5000]
    assert cash_of(person) == {"balance": 0, "available": 0, "held": 0, "receivable": 0}
    with pytest.raises(Refused):
        purse.ask_back(dep, "1.00")
    # The fee of the payment, 2.9 % and 30 cents, stays with the gateway.
    fee = Decimal("3.78")
    assert balances(person) == {f"{CLEARING}:stripe:USD": -fee, "house:fees:stripe": fee}
    assert kinds_of(person, part["refundId"]).count("REFUND_PAID") == 1
    assert kinds_of(person, rest["refundId"]).count("REFUND_PAID") == 1
    assert refunded_at_stripe(sandbox, deposit) == [7000, 5000]
    assert_books_agree(person)


def test_what_was_invested_of_a_lost_dispute_is_owed_and_stops_payouts(
    investor: Callable[..., Person],
    sandbox: Any,
    assert_books_agree: Callable[[Person], Any],
    cases: Callable[..., list[Any]],
) -> None:
    person = investor()
    person.add_second_factor()
    person.sign_in()
    purse = Purse(person)
    phone = purse.add_phone("+254713000000")
    deposit = person.create_deposit("STRIPE", "300.00")
    person.pay_by_card(deposit).raise_for_status()
    person.wait_until_invested([deposit["depositId"]])
    spare = cash_of(person)["available"]
    owned = quantities(person)

    dispute = disputed(sandbox, person, deposit)
    shown = person.deposit(deposit["depositId"])["dispute"]
    assert shown["amount"] == {"amount": "300.00", "currency": "USD"}
    assert (Decimal(shown["setAside"]["amount"]), Decimal(shown["short"]["amount"])) == (
        spare,
        300 - spare,
    )
    assert cash_of(person) == {
        "balance": spare,
        "available": 0,
        "held": spare,
        "receivable": spare - 300,
    }
    (case,) = cases("DISPUTE", shown["disputeId"])
    assert case["userId"] == person.user_id
    with pytest.raises(Refused) as blocked:
        purse.withdraw(phone["payoutAccountId"], "1.00")
    assert blocked.value.code == "PAYOUTS_BLOCKED"
    with pytest.raises(Refused) as twice:
        purse.ask_back(deposit["depositId"], "1.00")
    assert twice.value.code == "REFUNDS_NOT_REFUNDABLE"

    sandbox.post(f"/_control/stripe/disputes/{dispute}", {"status": "lost"})
    wait_for("the loss", lambda: cash_of(person)["balance"] == 0)
    assert cash_of(person) == {
        "balance": 0,
        "available": 0,
        "held": 0,
        "receivable": spare - 300,
    }
    books = balances(person)
    assert books[RECEIVABLE] == 300 - spare
    assert CUSTOMER not in books
    # Gone: the payment; kept by the gateway: its fee of 9.00 and that of the dispute.
    assert books["house:fees:stripe"] == 24
    assert books[f"{CLEARING}:stripe:USD"] == -24
    assert "house:contested" not in books
    assert "house:disputed:stripe:USD" not in books
    (debt,) = cases("RECEIVABLE", shown["disputeId"])
    assert debt["userId"] == person.user_id
    with pytest.raises(Refused) as owing:
        purse.withdraw(phone["payoutAccountId"], "1.00")
    assert owing.value.code == "PAYOUTS_BLOCKED"
    assert quantities(person) == owned
    assert_books_agree(person)


def test_a_dispute_that_was_lost_is_won_after_all(
    saver: Saver, sandbox: Any, assert_books_agree: Callable[[Person], Any]
) -> None:
    person, _, deposit = saver("80.00")
    dispute = disputed(sandbox, person, deposit)
    sandbox.post(f"/_control/stripe/disputes/{dispute}", {"status": "lost"})
    wait_for("the loss", lambda: cash_of(person)["balance"] == 0)
    assert CUSTOMER not in balances(person)
    sandbox.post(f"/_control/stripe/disputes/{dispute}", {"status": "won"})
    person.wait_for_deposit(deposit["depositId"], "FUNDED")
    # Held until the cash is in the person's account at the broker again.
    wait_for("the cash", lambda: cash_of(person)["available"] == 80)
    assert cash_of(person) == {"balance": 80, "available": 80, "held": 0, "receivable": 0}
    books = balances(person)
    assert (books[CUSTOMER], RECEIVABLE in books, "house:losses" in books) == (-80, False, False)
    assert "house:disputed:stripe:USD" not in books
    assert_books_agree(person)


def test_a_dispute_that_is_won_leaves_everything_as_it_was(
    saver: Saver, sandbox: Any, assert_books_agree: Callable[[Person], Any]
) -> None:
    person, _, deposit = saver("90.00")
    dispute = disputed(sandbox, person, deposit)
    assert cash_of(person) == {"balance": 90, "available": 0, "held": 90, "receivable": 0}
    sandbox.post(f"/_control/stripe/disputes/{dispute}", {"status": "won"})
    person.wait_for_deposit(deposit["depositId"], "FUNDED")
    assert cash_of(person) == {"balance": 90, "available": 90, "held": 0, "receivable": 0}
    books = balances(person)
    # 2.9 % and 30 cents; what the dispute cost was given back.
    wait_for("the dispute's fee", lambda: balances(person)["house:fees:stripe"] == Decimal("2.91"))
    books = balances(person)
    assert books[CUSTOMER] == -90
    assert books[f"{CLEARING}:stripe:USD"] == 90 - Decimal("2.91")
    assert "house:contested" not in books
    assert "house:disputed:stripe:USD" not in books
    assert_books_agree(person)
