"""Payments from the phone's menu: asked about, made, confirmed once, and in the books."""

import json

import pytest

from tests.sandbox.daraja.operator_desk import PAYBILL
from tests.sandbox.daraja.till import new_token, signed


@pytest.fixture
def call(sandbox):
    token = new_token(sandbox)
    return lambda path, body: sandbox.post(
        f"/daraja{path}", json=body, headers={"Authorization": f"Bearer {token}"}
    )


@pytest.fixture
def register(call, receiver):
    def ask(kind="Completed", **changes):
        body = {
            "ShortCode": PAYBILL,
            "ResponseType": kind,
            "ConfirmationURL": f"{receiver.url}/confirmation",
            "ValidationURL": f"{receiver.url}/validation",
        }
        return call("/mpesa/c2b/v2/registerurl", body | changes)

    return ask


@pytest.fixture
def pay(sandbox):
    def order(account="01234567", amount=500, **more):
        body = {"account": account, "amount": amount} | more
        answer = sandbox.post("/_control/daraja/c2b", json=body, timeout=20)
        return answer.raise_for_status().json()["receipt"]

    return order


def statement(sandbox):
    return sandbox.get("/_control/daraja/statement").json()


def heard(receiver, path):
    return [json.loads(one.body) for one in receiver.received if one.path.endswith(path)]


def test_a_payment_is_asked_about_and_then_confirmed(sandbox, register, pay, receiver):
    assert register().json()["ResponseCode"] == "0"
    receipt = pay()
    receiver.wait_for(2)
    (question,), (told,) = heard(receiver, "validation"), heard(receiver, "confirmation")
    assert question["OrgAccountBalance"] == ""
    assert {name: told[name] for name in told if name not in ("TransTime", "FirstName")} == {
        "TransactionType": "Pay Bill",
        "TransID": receipt,
        "TransAmount": "500.00",
        "BusinessShortCode": PAYBILL,
        "BillRefNumber": "01234567",
        "InvoiceNumber": "",
        "OrgAccountBalance": "500.00",
        "ThirdPartyTransID": "",
        "MSISDN": "2547 ***** 149",
        "MiddleName": "",
        "LastName": "DOE",
    }
    assert statement(sandbox)["totals"] == {"customers": -500, f"{PAYBILL}:Utility Account": 500}


@pytest.mark.parametrize(
    ("answer", "kind", "paid"),
    [
        ({"ResultCode": "0", "ResultDesc": "Accepted"}, "Cancelled", True),
        ({"ResultCode": 0, "ResultDesc": "Accepted"}, "Cancelled", True),
        ({"ResultCode": "C2B00012", "ResultDesc": "Rejected"}, "Completed", False),
        ({}, "Completed", True),
        ({}, "Cancelled", False),
    ],
)
def test_the_answer_decides_and_without_one_the_registration(
    sandbox, register, pay, receiver, answer, kind, paid
):
    receiver.answer = answer
    register(kind)
    assert (pay() is not None) is paid
    assert bool(statement(sandbox)["transactions"]) is paid
    assert len(heard(receiver, "validation")) == 1


def test_without_registration_nobody_is_told(sandbox, pay, receiver):
    assert pay() is not None
    assert receiver.received == []


def test_a_payment_can_be_simulated(sandbox, register, call, receiver):
    register()
    body = {
        "ShortCode": PAYBILL,
        "CommandID": "CustomerPayBillOnline",
        "Amount": "10",
        "Msisdn": "254708374149",
        "BillRefNumber": "01234567",
    }
    assert call("/mpesa/c2b/v2/simulate", body).json()["ResponseCode"] == "0"
    receiver.wait_for(2)
    assert heard(receiver, "confirmation")[0]["TransAmount"] == "10.00"
    refused = call("/mpesa/c2b/v2/simulate", body | {"Msisdn": "0708374149"})
    assert refused.json()["errorMessage"] == "Bad Request - Invalid Msisdn"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ShortCode", "x"),
        ("ResponseType", "completed"),
        ("ConfirmationURL", "http://127.0.0.1/mpesa"),
        ("ConfirmationURL", "https://example.com/x"),
        ("ValidationURL", "http://127.0.0.1/query"),
    ],
)
def test_registration_keeps_its_rules(register, field, value):
    refused = register(**{field: value})
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "400.002.02")
    assert refused.json()["errorMessage"] == f"Bad Request - Invalid {field}"


def test_a_confirmation_comes_once_whatever_is_answered(register, pay, receiver):
    register()
    receiver.statuses = [200, 500]
    pay()
    receiver.wait_for(2)
    assert len(heard(receiver, "confirmation")) == 1


@pytest.mark.parametrize(("kind", "count"), [("lost", 0), ("duplicate", 2)])
def test_confirmations_are_lost_and_doubled(register, pay, receiver, fault, kind, count):
    register()
    fault("daraja", "c2b_confirmation", kind)
    pay()
    receiver.wait_for(1 + count)
    assert len(heard(receiver, "confirmation")) == count


def test_a_confirmation_may_name_a_wrong_amount(sandbox, register, pay, receiver, fault):
    register()
    fault("daraja", "c2b_confirmation", "wrong_amount", amount=7)
    pay()
    receiver.wait_for(2)
    assert heard(receiver, "confirmation")[0]["TransAmount"] == "7.00"
    assert statement(sandbox)["transactions"][0]["amount"] == 500


def test_a_push_is_confirmed_too_under_its_one_receipt(sandbox, register, call, receiver):
    register()
    push = {
        **signed(),
        "TransactionType": "CustomerPayBillOnline",
        "Amount": "500",
        "PartyA": "254708374149",
        "PartyB": PAYBILL,
        "PhoneNumber": "254708374149",
        "CallBackURL": f"{receiver.url}/stk",
        "AccountReference": "0123456789AB",
        "TransactionDesc": "Deposit",
    }
    call("/mpesa/stkpush/v1/processrequest", push)
    receiver.wait_for(2)
    (told,), (callback,) = heard(receiver, "confirmation"), heard(receiver, "stk")
    items = callback["Body"]["stkCallback"]["CallbackMetadata"]["Item"]
    assert told["TransID"] == next(
        one["Value"] for one in items if one["Name"] == "MpesaReceiptNumber"
    )
    assert told["BillRefNumber"] == "0123456789AB"
    assert statement(sandbox)["totals"]["customers"] == -500


def test_the_control_refuses_nonsense(sandbox):
    for body in ({}, {"account": "x", "amount": 0}, {"account": "x", "amount": 1, "y": 1}):
        assert sandbox.post("/_control/daraja/c2b", json=body).status_code == 422
    named = sandbox.post("/_control/daraja/subscribers", json={"phone": "1", "name": "A"})
    assert named.status_code == 422


def test_a_reset_forgets_everything(sandbox, register, pay, receiver):
    register()
    pay()
    receiver.wait_for(2)
    sandbox.post("/_control/reset")
    pay()
    assert len(statement(sandbox)["transactions"]) == 1
    assert len(receiver.received) == 2
