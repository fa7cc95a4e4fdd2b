"""Money that comes by bank transfer: known by its reference, or by two people who look at it."""

import secrets
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.journeys.conftest import cases_about
from tests.journeys.money_books import CLEARING, SUSPENSE, balances, cash_of, kinds_of
from tests.journeys.money_desk import Bank, bank
from tests.journeys.money_staff import decides, new_key, second_officer
from tools.journey import operations as op
from tools.journey.client import Refused, wait_for
from tools.journey.person import Person
from tools.journey.purse import Purse

__all__ = ["bank", "second_officer"]
pytestmark = pytest.mark.journey

AUTHORIZED = {"authorization": "Bearer sk_test_sandbox"}
CASH_MOVED = "customer_cash_balance_transaction.created"
SETTLED = ["DEPOSIT_FUNDED", "DEPOSIT_SETTLED", "GATEWAY_FEE"]


def told(deposit: Any) -> dict[str, str]:
    """Where to send the money."""
    return {line["name"]: line["text"] for line in deposit["nextAction"]["transfer"]}


def customer_of(sandbox: Any, person: Person) -> str:
    """Stripe's name of a person: the account that they are told is theirs alone."""
    query = f"metadata['user_id']:'{person.user_id}'"
    answer = sandbox.http.get(
        f"{sandbox.url}/stripe/v1/customers/search", params={"query": query}, headers=AUTHORIZED
    )
    (found,) = answer.raise_for_status().json()["data"]
    return str(found["id"])


def sends(sandbox: Any, customer: str, cents: int, reference: str) -> None:
    """Their bank carries out a transfer."""
    order = {"amount": cents, "currency": "usd", "reference": reference}
    sandbox.post(f"/_control/stripe/customers/{customer}/fund", order)


def test_a_transfer_is_known_by_its_reference_and_credited_once(
    investor: Callable[..., Person],
    sandbox: Any,
    assert_books_agree: Callable[[Person], Any],
) -> None:
    person = investor()
    purse = Purse(person)
    older, newer = (purse.pay_in("BANK_TRANSFER", "90.00") for _ in range(2))
    assert {one["status"] for one in (older, newer)} == {"ACTION_REQUIRED"}
    assert told(older)["REFERENCE"] != told(newer)["REFERENCE"]
    customer = customer_of(sandbox, person)
    sandbox.fault("stripe", "payment_intent.succeeded", "duplicate", copies=3)
    sends(sandbox, customer, 9000, told(newer)["REFERENCE"])
    person.wait_for_deposit(newer["depositId"], "FUNDED")
    assert kinds_of(person, newer["depositId"]) == SETTLED
    assert person.deposit(older["depositId"])["status"] == "ACTION_REQUIRED"
    assert kinds_of(person, older["depositId"]) == []

    # In two parts, under a reference that is nobody's: credited when all of it is there.
    sends(sandbox, customer, 4000, "typed wrong")
    wait_for("the news", lambda: sandbox.deliveries("stripe", "payment_intent.partially_funded"))
    assert person.deposit(older["depositId"])["status"] == "ACTION_REQUIRED"
    sends(sandbox, customer, 5000, told(older)["REFERENCE"])
    person.wait_for_deposit(older["depositId"], "FUNDED")
    person.wait_until_invested([older["depositId"], newer["depositId"]])
    assert kinds_of(person, older["depositId"]) == SETTLED
    screen = assert_books_agree(person)
    assert Decimal(screen["portfolio"]["netDeposits"]["amount"]) == 180
    # Half a percent of each.
    assert balances(person)[f"{CLEARING}:stripe:USD"] == 180 - Decimal("0.90")


def test_what_a_transfer_brings_too_much_is_known_until_the_next_deposit_takes_it(
    investor: Callable[..., Person],
    officer: Person,
    sandbox: Any,
    cases: Callable[..., list[Any]],
    assert_books_agree: Callable[[Person], Any],
) -> None:
    person = investor()
    purse = Purse(person)
    first = purse.pay_in("BANK_TRANSFER", "60.00")
    customer = customer_of(sandbox, person)
    subject = f"STRIPE:{customer}"
    sandbox.fault("stripe", CASH_MOVED, "duplicate", copies=2)
    sends(sandbox, customer, 8500, told(first)["REFERENCE"])
    (case,) = cases("UNMATCHED_MONEY", subject)
    facts = {fact["name"]: fact["text"] for fact in case["facts"]}
    assert facts.pop("payment").startswith("ccsbtxn_")
    assert facts == {
        "customer": customer,
        "gateway": "STRIPE",
        "left": "25.00 USD",
        "why": "CASH_BALANCE",
    }
    assert case["userId"] == person.user_id
    person.wait_for_deposit(first["depositId"], "FUNDED")

    # Nothing is to be sent any more: the next deposit is paid out of it, and the case is over.
    second = purse.pay_in("BANK_TRANSFER", "25.00")
    person.wait_for_deposit(second["depositId"], "FUNDED")
    wait_for("the end of the case", lambda: not cases_about(officer, "UNMATCHED_MONEY", subject))
    ended = officer.client.graphql(op.MONEY_CASE, caseId=case["caseId"])["moneyCase"]
    assert (ended["status"], ended["resolvedBy"]) == ("RESOLVED", "settle_deposit")
    person.wait_until_invested([first["depositId"], second["depositId"]])
    assert kinds_of(person, first["depositId"]) == SETTLED
    assert kinds_of(person, second["depositId"]) == SETTLED
    assert SUSPENSE + ":USD" not in balances(person)
    screen = assert_books_agree(person)
    assert Decimal(screen["portfolio"]["netDeposits"]["amount"]) == 85


def test_money_on_the_firms_own_account_under_no_known_reference_is_credited_by_two_people(
    investor: Callable[..., Person],
    officer: Person,
    second_officer: Person,
    bank: Bank,
    assert_books_agree: Callable[[Person], Any],
    cases: Callable[..., list[Any]],
) -> None:
    person = investor()
    line = f"WIRE{secrets.token_hex(4).upper()}"
    bank.leaves(line, (line, 1_200_000, "FOR MY BAOBAB ACCOUNT, REFERENCE FORGOTTEN"))
    (case,) = cases("UNMATCHED_MONEY", f"BANK:USD:{line}")
    facts = {fact["name"]: fact["text"] for fact in case["facts"]}
    which = {"gateway": "BANK", "payment": facts["payment"]}
    officer.refresh()
    shown = officer.client.graphql(op.SUSPENDED_PAYMENT, **which)["suspendedPayment"]
    assert shown["amount"] == {"amount": "12000.00", "currency": "USD"}
    assert (shown["owner"], shown["decision"]) == (None, None)

    asked = {**which, "idempotencyKey": new_key(), "userId": person.user_id}
    proposed = decides(officer, op.MATCH_SUSPENSE, asked)["suspended"]["decision"]
    assert proposed["status"] == "PROPOSED"
    with pytest.raises(Refused) as alone:
        decides(officer, op.DECIDE_SUSPENSE, {**which, "agreed": True})
    assert alone.value.code == "TREASURY_SECOND_PERSON_NEEDED"
    assert person.journal() == []
    word = {**which, "agreed": True}
    decides(second_officer, op.DECIDE_SUSPENSE, word)
    assert (
        decides(second_officer, op.DECIDE_SUSPENSE, word)["suspended"]["decision"]["way"] == "MATCH"
    )

    def credited() -> Any:
        decision = officer.client.graphql(op.SUSPENDED_PAYMENT, **which)["suspendedPayment"]
        return decision["decision"]["result"] if decision["decision"]["status"] == "DONE" else None

    deposit = wait_for("the credit", credited)
    done = person.wait_for_deposit(deposit, "FUNDED")
    assert (done["method"], done["credited"]["amount"]) == ("BANK_TRANSFER", "12000.00")
    person.wait_until_invested([deposit])
    assert kinds_of(person, deposit) == ["DEPOSIT_FUNDED", "SUSPENSE_MATCHED"]
    # Into suspense it came by the house's own journal: here is the other half.
    assert balances(person)[f"{SUSPENSE}:USD"] == 12_000
    assert cash_of(person)["held"] == 0
    again = decides(officer, op.MATCH_SUSPENSE, asked)["suspended"]["decision"]
    assert again["result"] == deposit
    assert_books_agree(person)
