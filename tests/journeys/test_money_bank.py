"""Money that comes by bank transfer: known by its reference, or by two people who look at it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.journeys.money_books import CLEARING, balances, kinds_of
from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.journey.purse import Purse

pytestmark = pytest.mark.journey

AUTHORIZED = {"authorization": "Bearer sk_test_sandbox"}
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
