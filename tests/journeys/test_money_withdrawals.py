"""Money that leaves for a phone: paid once whatever is lost, given back when it is not paid."""

import json
import secrets
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import pytest

from tests.journeys.money_books import CLEARING, balances, cash_of, kinds_of
from tools.journey import operations as op
from tools.journey.client import Refused
from tools.journey.person import Person
from tools.journey.purse import HOLDER, Purse

pytestmark = pytest.mark.journey

type Saver = Callable[[str], tuple[Person, Purse, Any]]
CHARGE = Decimal(33)
"""What M-Pesa charges for a payment to a phone."""
CUSTOMER = "customer:<person>:cash"
CENT = Decimal("0.01")


@pytest.fixture
def phone(sandbox: Any) -> str:
    """A phone of the person's own name, and of nobody else's journey."""
    number = f"25471{secrets.randbelow(10**7):07d}"
    sandbox.post("/_control/daraja/subscribers", {"phone": number, "name": HOLDER})
    return number


def payments_to(sandbox: Any, phone: str) -> list[Any]:
    """What M-Pesa moved, or refused to move, to a phone."""
    transactions = sandbox.get("/_control/daraja/statement")["transactions"]
    return [one for one in transactions if one["payee"] == phone]


def paid_out(sandbox: Any, withdrawal: Any) -> str:
    """Stripe's name of the payout that carried a withdrawal out."""
    told = sandbox.deliveries("stripe", withdrawal["payoutId"])
    objects = [json.loads(one["body"])["data"]["object"] for one in told]
    (found,) = {one["id"] for one in objects if one["object"] == "payout"}
    return str(found)


@pytest.mark.parametrize(
    ("operation", "kind", "params"),
    [
        ("b2c", "queue_timeout", {}),
        ("b2c", "timeout_after_effect", {"close": True}),
        ("b2c_result", "lost", {}),
        ("b2c_result", "duplicate", {"copies": 3}),
    ],
)
def test_a_payout_is_paid_once_whatever_happens_to_the_word_of_it(
    saver: Saver,
    sandbox: Any,
    phone: str,
    assert_books_agree: Callable[[Person], Any],
    operation: str,
    kind: str,
    params: dict[str, Any],
) -> None:
    person, purse, _ = saver("300.00")
    account = purse.add_phone(f"+{phone}")
    assert (account["currency"], account["status"]) == ("KES", "ACTIVE")
    sandbox.fault("daraja", operation, kind, **params)
    key = secrets.token_hex(16)
    asked = purse.withdraw(account["payoutAccountId"], "50.00", key)
    assert purse.withdraw(account["payoutAccountId"], "50.00", key)["payoutId"] == asked["payoutId"]
    held = cash_of(person)
    debited = Decimal(asked["debited"]["amount"])
    assert held["held"] in (debited, Decimal(0))
    done = purse.wait_for_withdrawal(asked["payoutId"], "PAID", "FAILED", seconds=90)

    rate, shillings = Decimal(done["quote"]["rate"]), Decimal(done["amount"]["amount"])
    assert shillings == (50 * rate).quantize(Decimal(1), ROUND_FLOOR)
    assert debited == (shillings / rate).quantize(CENT, ROUND_CEILING)
    (moved,) = payments_to(sandbox, phone)
    assert (moved["state"], moved["amount"]) == ("Completed", shillings)
    assert (done["status"], done["receipt"]) == ("PAID", moved["receipt"])
    assert done["canCancel"] is False
    with pytest.raises(Refused) as late:
        purse.take_back(asked["payoutId"])
    assert late.value.code == "PAYOUTS_NOT_CANCELLABLE"

    books = balances(person)
    assert books[CUSTOMER] == debited - 300
    assert books[f"{CLEARING}:mpesa:KES"] == -shillings - CHARGE
    assert books["house:fees:mpesa"] == CHARGE
    assert books["house:firm_cash_at_broker"] == debited - 300
    assert books["house:fx_position:USD"] == -debited
    assert kinds_of(person, asked["payoutId"]).count("WITHDRAWAL_PAID") == 1
    assert cash_of(person) == {
        "balance": 300 - debited,
        "available": 300 - debited,
        "held": 0,
        "receivable": 0,
    }
    assert_books_agree(person)


def test_what_cannot_be_paid_is_free_again_and_what_is_taken_back_never_leaves(
    saver: Saver, sandbox: Any, phone: str, assert_books_agree: Callable[[Person], Any]
) -> None:
    person, purse, _ = saver("200.00")
    with pytest.raises(Refused) as stranger:
        purse.add_phone(f"+{phone}", holder="John Somebody")
    assert stranger.value.code == "PAYOUTS_NAME_MISMATCH"
    account = purse.add_phone(f"+{phone}")
    asked = purse.withdraw(account["payoutAccountId"], "80.00")
    # A new account cools off for two seconds here.
    back = purse.take_back(asked["payoutId"])
    assert (asked["status"], asked["canCancel"]) == ("COOLING", True)
    assert back["status"] == "CANCELLED"
    cash = cash_of(person)
    assert (cash["available"], cash["held"]) == (200, 0)

    # Nobody can be paid at this number, as M-Pesa finds out after it took the order.
    other = purse.add_phone("+254700002040")
    refused = purse.withdraw(other["payoutAccountId"], "60.00")
    ended = purse.wait_for_withdrawal(refused["payoutId"], "PAID", "FAILED", seconds=90)
    assert ended["status"] == "FAILED"
    assert ended["reasonText"]
    assert cash_of(person) == {"balance": 200, "available": 200, "held": 0, "receivable": 0}
    books = balances(person)
    assert (books[CUSTOMER], books["house:customers_cash_at_broker"]) == (-200, 200)
    assert f"{CLEARING}:mpesa:KES" not in books
    assert "house:fees:mpesa" not in books
    assert payments_to(sandbox, phone) == []
    with pytest.raises(Refused) as much:
        purse.withdraw(account["payoutAccountId"], "200.01")
    assert much.value.code == "PAYOUTS_NOT_ENOUGH_MONEY"
    assert_books_agree(person)


def test_what_a_bank_sends_back_days_later_is_the_persons_again(
    saver: Saver, sandbox: Any, assert_books_agree: Callable[[Person], Any]
) -> None:
    person, purse, _ = saver("150.00")
    before = balances(person)
    # What cards paid is not available at once.
    sandbox.post("/_control/stripe/balance", {"currency": "usd", "amount": 10_000_000})
    account = purse.add_bank("USA", "000123456789", "110000000")
    assert (account["currency"], account["kind"]) == ("USD", "BANK")
    asked = purse.withdraw(account["payoutAccountId"], "40.00")
    done = purse.wait_for_withdrawal(asked["payoutId"], "PAID", "FAILED", seconds=90)
    assert (done["status"], done["amount"]) == ("PAID", {"amount": "40.00", "currency": "USD"})
    assert cash_of(person)["balance"] == 110
    assert balances(person)[CUSTOMER] == -110

    sandbox.post(
        f"/_control/stripe/payouts/{paid_out(sandbox, asked)}",
        {"status": "failed", "failure": "account_closed"},
    )
    back = purse.wait_for_withdrawal(asked["payoutId"], "RETURNED")
    assert [move["status"] for move in back["timeline"]][-3:] == ["PAID", "RETURNING", "RETURNED"]
    assert cash_of(person) == {"balance": 150, "available": 150, "held": 0, "receivable": 0}
    books = balances(person)
    assert {name: books[name] for name in before if "stripe" not in name} == {
        name: total for name, total in before.items() if "stripe" not in name
    }
    assert books[f"{CLEARING}:stripe:USD"] == 150 - books["house:fees:stripe"]
    kinds = kinds_of(person, asked["payoutId"])
    assert kinds.count("WITHDRAWAL_PAID") == kinds.count("WITHDRAWAL_RETURNED") == 1
    assert_books_agree(person)


def test_a_payout_that_a_rule_stops_leaves_by_the_word_of_staff_and_names_are_compared(
    saver: Saver, sandbox: Any, officer: Person, cases: Callable[..., list[Any]]
) -> None:
    person, purse, _ = saver("2000.00")
    # M-Pesa says that this phone is of JOHN DOE.
    phone = f"25472{secrets.randbelow(10**7):07d}"
    account = purse.add_phone(f"+{phone}")
    asked = purse.withdraw(account["payoutAccountId"], "1900.00")
    assert asked["status"] == "IN_REVIEW"
    (case,) = cases("WITHDRAWAL_REVIEW", asked["payoutId"])
    assert case["userId"] == person.user_id
    assert payments_to(sandbox, phone) == []
    officer.step_up()
    decision = {
        "userId": person.user_id,
        "payoutId": asked["payoutId"],
        "decision": "APPROVE",
        "reason": "A journey through the back office",
    }
    officer.client.graphql(op.DECIDE_WITHDRAWAL, input=decision)
    done = purse.wait_for_withdrawal(asked["payoutId"], "PAID", "FAILED", seconds=90)
    assert done["status"] == "PAID"
    assert len(payments_to(sandbox, phone)) == 1
    (mismatch,) = cases("RECEIVER_MISMATCH", asked["payoutId"])
    assert "DOE" not in str(mismatch).upper()
