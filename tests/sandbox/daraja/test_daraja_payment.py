"""A push, its callback and its query, by the phone that shall pay."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.sandbox.daraja.till import callback_of

UNKNOWN = "500.001.1001"


def test_a_paid_push_is_acknowledged_called_back_once_and_queried(push, query, receiver):
    before = datetime.now(UTC)
    ack = push()
    assert ack.status_code == 200
    body = ack.json()
    assert body["ResponseCode"] == "0"
    assert re.fullmatch(r"ws_CO_\d{14}\d+708374149", body["CheckoutRequestID"])
    (received,) = receiver.wait_for(1)
    assert received.path == "/hooks/stk/0123456789abcdef"
    assert received.headers["content-type"] == "application/json;charset=UTF-8"
    assert received.headers["businessshortcode"] == "174379"
    assert not [name for name in received.headers if "sign" in name]
    callback = callback_of(received)
    assert callback["CheckoutRequestID"] == body["CheckoutRequestID"]
    assert callback["MerchantRequestID"] == body["MerchantRequestID"]
    assert callback["ResultCode"] == 0
    items = {item["Name"]: item.get("Value") for item in callback["CallbackMetadata"]["Item"]}
    assert (items["Amount"], items["PhoneNumber"]) == (500, 254708374149)
    assert b'"Value": 500.0' in received.body
    assert re.fullmatch(r"[A-Z0-9]{10}", items["MpesaReceiptNumber"])
    assert items["Balance"] is None
    nairobi = datetime.strptime(f"{items['TransactionDate']}+0300", "%Y%m%d%H%M%S%z")
    assert abs(nairobi - before) < timedelta(seconds=10)
    answer = query(body["CheckoutRequestID"]).json()
    assert (answer["ResponseCode"], answer["ResultCode"]) == ("0", "0")
    assert "MpesaReceiptNumber" not in answer


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("254700000001", 1),
        ("254700000032", 1032),
        ("254700000037", 1037),
        ("254700000101", 1001),
        ("254700000201", 2001),
        ("254700000019", 1019),
        ("254700000025", 1025),
    ],
)
def test_a_magic_number_fails_with_its_code(push, query, receiver, phone, code):
    checkout = push(PhoneNumber=phone).json()["CheckoutRequestID"]
    callback = callback_of(receiver.wait_for(1)[0])
    assert callback["ResultCode"] == code
    assert "CallbackMetadata" not in callback
    assert query(checkout).json()["ResultCode"] == str(code)


def test_the_forever_pending_number_says_4999_until_it_is_settled_late(
    sandbox, push, query, receiver
):
    checkout = push(PhoneNumber="254700000999").json()["CheckoutRequestID"]
    assert query(checkout).json()["ResultCode"] == "4999"
    assert receiver.received == []
    settled = sandbox.post(f"/_control/daraja/payments/{checkout}/settle", json={})
    assert settled.json()["result_code"] == 0
    assert callback_of(receiver.wait_for(1)[0])["ResultCode"] == 0
    assert query(checkout).json()["ResultCode"] == "0"
    again = sandbox.post(f"/_control/daraja/payments/{checkout}/settle", json={"result_code": 1})
    assert again.status_code == 409
    assert query(checkout).json()["ResultCode"] == "0"


def test_a_payment_is_pending_before_its_callback(sandbox, push, query, receiver):
    sandbox.post("/_control/config", json={"daraja_callback_delay_ms": 300}).raise_for_status()
    try:
        checkout = push().json()["CheckoutRequestID"]
        assert query(checkout).json()["ResultCode"] == "4999"
        assert receiver.received == []
        receiver.wait_for(1)
        assert query(checkout).json()["ResultCode"] == "0"
    finally:
        sandbox.post("/_control/config", json={"daraja_callback_delay_ms": 20})


def test_two_equal_pushes_are_two_payments(sandbox, push, receiver):
    first, second = push().json(), push().json()
    assert first["CheckoutRequestID"] != second["CheckoutRequestID"]
    receiver.wait_for(2)
    payments = sandbox.get("/_control/daraja/payments").json()["payments"]
    assert len({payment["receipt"] for payment in payments}) == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"TransactionDesc": "fourteen chars"}, 1025),
        ({"Amount": 250_001}, 3),
        ({"TransactionType": "CustomerBuyGoodsOnline", "PartyB": "600000"}, 2002),
    ],
)
def test_some_mistakes_are_only_found_after_the_ack(push, receiver, changes, code):
    assert push(**changes).status_code == 200
    assert callback_of(receiver.wait_for(1)[0])["ResultCode"] == code


def test_an_unknown_payment_cannot_be_queried(query):
    answer = query("ws_CO_1")
    assert answer.status_code == 500
    assert answer.json()["errorCode"] == UNKNOWN
    assert answer.json()["errorMessage"] == "The transaction does not Exist"
