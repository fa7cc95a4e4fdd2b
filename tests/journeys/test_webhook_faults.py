"""Repeated, late, out-of-order, forged and lost deliveries change nothing that they should not."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.stack import Endpoints

pytestmark = pytest.mark.journey


def entries_of(person: Person, deposit: Any) -> list[Any]:
    """The journal entries that a deposit made."""
    return [e for e in person.journal() if e["reference"] == deposit["depositId"]]


def settled_once(person: Person, deposit: Any, amount: str, fee: str | None = None) -> None:
    """The wallet has the money once, by one entry, and the gateway's fee is booked once."""
    entries = entries_of(person, deposit)
    kinds = sorted(entry["kind"] for entry in entries)
    assert kinds == ["DEPOSIT_FUNDED", "DEPOSIT_SETTLED", *(["GATEWAY_FEE"] if fee else [])]
    charged = [
        leg["amount"]
        for entry in entries
        for leg in entry["postings"]
        if leg["account"] == "house:fees:stripe"
    ]
    assert [Decimal(text) for text in charged] == ([Decimal(fee)] if fee else [])
    (entry,) = [e for e in entries if e["kind"] == "DEPOSIT_SETTLED"]
    cash = f"customer:{person.user_id}:cash"
    credited = [leg["amount"] for leg in entry["postings"] if leg["account"] == cash]
    assert [Decimal(text) for text in credited] == [-Decimal(amount)]


@pytest.mark.parametrize(
    ("kind", "params", "times"),
    [
        ("lost", {}, 20),
        ("duplicate", {"copies": 4}, 20),
        ("late", {"seconds": 3}, 20),
        ("out_of_order", {}, 2),
        ("forged", {"only": True}, 20),
    ],
)
def test_a_card_deposit_settles_once_whatever_happens_to_its_webhooks(
    veteran: Person,
    sandbox: Any,
    kind: str,
    params: dict[str, Any],
    times: int,
) -> None:
    person = veteran
    deposit = person.create_deposit("STRIPE", "250.00")
    sandbox.fault("stripe", "webhook", kind, times=times, **params)
    person.pay_by_card(deposit).raise_for_status()
    assert person.wait_for_deposit(deposit["depositId"], "FUNDED", "FAILED")["status"] == "FUNDED"
    settled_once(person, deposit, "250.00", fee="7.55")
    if kind == "forged":
        answers = {d["status"] for d in sandbox.deliveries("stripe", deposit["depositId"])}
        assert answers == {401}


@pytest.mark.parametrize(
    ("kind", "params"),
    [("lost", {}), ("duplicate", {"copies": 3}), ("late", {"seconds": 4})],
)
def test_a_mobile_deposit_settles_once_whatever_happens_to_its_callback(
    veteran: Person,
    sandbox: Any,
    kind: str,
    params: dict[str, Any],
) -> None:
    person = veteran
    sandbox.fault("daraja", "stk_callback", kind, **params)
    deposit = person.create_deposit("MPESA", "13000.00")
    assert person.wait_for_deposit(deposit["depositId"], "FUNDED", "FAILED")["status"] == "FUNDED"
    settled_once(person, deposit, deposit["credited"]["amount"])


def test_a_callback_that_claims_another_amount_credits_nothing(
    veteran: Person, sandbox: Any
) -> None:
    person = veteran
    sandbox.fault("daraja", "stk_callback", "wrong_amount", amount=99_000)
    # Who asks before the callback comes is told that all is well, and of no amount.
    sandbox.fault("daraja", "stk_query", "error", times=50, status=500)
    deposit = person.create_deposit("MPESA", "13000.00")
    seen = wait_for(
        "the callback",
        lambda: next((d for d in [person.deposit(deposit["depositId"])] if d["reason"]), None),
    )
    assert (seen["reason"], seen["settledAt"]) == ("AMOUNT_MISMATCH", None)
    assert entries_of(person, deposit) == []


def test_a_forged_callback_is_told_that_there_is_nothing(
    veteran: Person, endpoints: Endpoints, sandbox: Any
) -> None:
    person = veteran
    sandbox.fault("daraja", "stk_callback", "lost")
    sandbox.fault("daraja", "stk_query", "error", times=50, status=500)
    deposit = person.create_deposit("MPESA", "13000.00")
    paid = {
        "Body": {
            "stkCallback": {
                "MerchantRequestID": "1-2-3",
                "CheckoutRequestID": "ws_CO_1",
                "ResultCode": 0,
                "ResultDesc": "ok",
                "CallbackMetadata": {
                    "Item": [
                        {"Name": "Amount", "Value": 13000.0},
                        {"Name": "MpesaReceiptNumber", "Value": "QWERTY1234"},
                    ]
                },
            }
        }
    }
    for token in ("0" * 96, "x", "0" * 95, "f" * 96 + "0"):
        answer = person.client.http.post(f"{endpoints.webhooks}/daraja/{token}", json=paid)
        assert (answer.status_code, answer.json()) == (404, {"error": "NOT_FOUND"})
    assert person.client.http.post(f"{endpoints.webhooks}/daraja", json=paid).status_code == 404
    assert person.deposit(deposit["depositId"])["settledAt"] is None
    assert entries_of(person, deposit) == []


@pytest.mark.parametrize("vendor", ["stripe", "onfido", "broker"])
@pytest.mark.parametrize("body", [b"{}", b"", b"null", b"[]", b"\xff\xfe", b'{"type": 1}'])
def test_an_unsigned_or_malformed_delivery_gets_a_client_error(
    endpoints: Endpoints, sandbox: Any, vendor: str, body: bytes
) -> None:
    url = f"{endpoints.webhooks}/{vendor}"
    for headers in ({}, {"stripe-signature": "t=1,v1=00", "x-sha2-signature": "é".encode()}):
        answer = sandbox.http.post(
            url, content=body, headers={"content-type": "application/json", **headers}
        )
        assert 400 <= answer.status_code < 500
        assert set(json.loads(answer.text)) == {"error"}


def test_an_unknown_vendor_and_an_oversized_body_are_refused(
    endpoints: Endpoints, sandbox: Any
) -> None:
    assert sandbox.http.post(f"{endpoints.webhooks}/paypal", json={}).status_code == 404
    huge = sandbox.http.post(f"{endpoints.webhooks}/stripe", json={"a": "x" * 300_000})
    assert huge.status_code == 413


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("lost", {}),
        ("duplicate", {"copies": 3}),
        ("late", {"seconds": 2}),
        ("forged", {"only": True}),
    ],
)
def test_fills_are_booked_once_whatever_happens_to_the_brokers_pushes(
    trader: Person,
    sandbox: Any,
    assert_books_agree: Callable[[Person], Any],
    kind: str,
    params: dict[str, Any],
) -> None:
    person = trader
    deposit = person.create_deposit("STRIPE", "500.00")
    sandbox.fault("alpaca", "webhook", kind, times=200, **params)
    person.pay_by_card(deposit).raise_for_status()
    person.wait_until_invested([deposit["depositId"]], seconds=120)
    screen = assert_books_agree(person)
    orders = [o for o in screen["orders"]["nodes"] if o["why"]["depositId"] == deposit["depositId"]]
    assert {order["status"] for order in orders} == {"FILLED"}
    assert len(orders) >= 5
    fills = [entry["reference"] for entry in person.journal() if entry["kind"] == "BUY"]
    for order in orders:
        assert fills.count(order["orderId"]) == 1
    if kind == "forged":
        answers = {d["status"] for d in sandbox.deliveries("alpaca", "trade_updates")}
        assert 401 in answers
