"""STK push as a paybill uses it: token, push, query, callback, and what goes wrong."""

import base64
import json
import re
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

PASSKEY = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"
PAYS = "254708374149"
UNKNOWN = "500.001.1001"


@pytest.fixture
def token(sandbox):
    return new_token(sandbox)


def new_token(sandbox):
    answer = sandbox.get(
        "/daraja/oauth/v1/generate",
        params={"grant_type": "client_credentials"},
        auth=("sandbox-key", "sandbox-secret"),
    )
    return answer.raise_for_status().json()["access_token"]


def signed(timestamp="20260918153000", passkey=PASSKEY):
    password = base64.b64encode(f"174379{passkey}{timestamp}".encode()).decode()
    return {"BusinessShortCode": 174379, "Password": password, "Timestamp": timestamp}


@pytest.fixture
def push(sandbox, token, receiver):
    """Sends a push; fields may be changed, or left out with None."""

    def send(**changes):
        body = {
            **signed(),
            "TransactionType": "CustomerPayBillOnline",
            "Amount": "500",
            "PartyA": changes.get("PhoneNumber", PAYS),
            "PartyB": "174379",
            "PhoneNumber": PAYS,
            "CallBackURL": f"{receiver.url}/stk/0123456789abcdef",
            "AccountReference": "BAOBAB",
            "TransactionDesc": "Deposit",
            **changes,
        }
        return sandbox.post(
            "/daraja/mpesa/stkpush/v1/processrequest",
            content=json.dumps({name: value for name, value in body.items() if value is not None}),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )

    return send


@pytest.fixture
def query(sandbox, token):
    def ask(checkout):
        return sandbox.post(
            "/daraja/mpesa/stkpushquery/v1/query",
            json={**signed(), "CheckoutRequestID": checkout},
            headers={"Authorization": f"Bearer {token}"},
        )

    return ask


def callback_of(received):
    return json.loads(received.body)["Body"]["stkCallback"]


def test_a_token_has_28_characters_and_about_an_hour(sandbox):
    answer = sandbox.get(
        "/daraja/oauth/v1/generate?grant_type=client_credentials",
        auth=("sandbox-key", "sandbox-secret"),
    )
    assert re.fullmatch(r"[A-Za-z0-9]{28}", answer.json()["access_token"])
    assert answer.json()["expires_in"] == "3599"


@pytest.mark.parametrize(
    ("path", "auth", "code"),
    [
        ("generate?grant_type=client_credentials", ("sandbox-key", "wrong"), "400.008.01"),
        ("generate?grant_type=client_credentials", None, "400.008.01"),
        ("generate", ("sandbox-key", "sandbox-secret"), "400.008.02"),
    ],
)
def test_no_token_without_the_right_credentials(sandbox, path, auth, code):
    answer = sandbox.get(f"/daraja/oauth/v1/{path}", auth=auth)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, code)


def test_an_expired_or_revoked_or_unknown_token_is_refused(sandbox, fault, push):
    sandbox.post("/_control/config", json={"daraja_token_seconds": 0}).raise_for_status()
    expired = new_token(sandbox)
    sandbox.post("/_control/config", json={"daraja_token_seconds": 3599}).raise_for_status()
    for token in (expired, "unknown"):
        answer = sandbox.post(
            "/daraja/mpesa/stkpush/v1/processrequest",
            json={},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert (answer.status_code, answer.json()["errorCode"]) == (404, "404.001.03")
    fault("daraja", "token", "revoked")
    assert push().json()["errorCode"] == "404.001.03"
    assert push().json()["errorCode"] == "404.001.03"
    assert sandbox.get("/_control/daraja/payments").json() == {"payments": []}


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
    ("changes", "message"),
    [
        ({"Amount": "0"}, "Invalid Amount"),
        ({"Amount": "10.5"}, "Invalid Amount"),
        ({"Amount": 10.0}, "Invalid Amount"),
        ({"Amount": True}, "Invalid Amount"),
        ({"Amount": "9" * 5000}, "Invalid Amount"),
        ({"PhoneNumber": "0708374149"}, "Invalid PartyA"),
        ({"PhoneNumber": "+254708374149"}, "Invalid PartyA"),
        ({"PhoneNumber": "255708374149", "PartyA": PAYS}, "Invalid PhoneNumber"),
        ({"PartyB": "600000"}, "Invalid PartyB"),
        ({"TransactionType": "Pay"}, "Invalid TransactionType"),
        ({"TransactionDesc": ""}, "Invalid Remarks"),
        ({"AccountReference": "thirteen-char"}, "Invalid AccountReference"),
        ({"Timestamp": "20261318153000"}, "Invalid Timestamp"),
        ({"CallBackURL": None}, "Invalid CallBackURL"),
        ({"CallBackURL": "https://example.com/stk"}, "Invalid CallBackURL"),
        ({"CallBackURL": "http://127.0.0.1:9/hooks/MPESA"}, "Invalid CallBackURL"),
        ({"CallBackURL": "http://127.0.0.1:9/hooks?sql=1"}, "Invalid CallBackURL"),
        ({"CallBackURL": "http://127.0.0.1:9/run.exe"}, "Invalid CallBackURL"),
        ({"AccountReference": "\ud800"}, "Invalid AccountReference"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_pushed(sandbox, push, changes, message):
    answer = push(**changes)
    assert answer.status_code == 400
    assert answer.json()["errorCode"] == "400.002.02"
    assert answer.json()["errorMessage"] == f"Bad Request - {message}"
    assert sandbox.get("/_control/daraja/payments").json() == {"payments": []}


def test_the_address_of_an_emulated_api_is_no_forbidden_word(push):
    url = "http://127.0.0.1:9/_aws/execute-api/abc123/$default/webhooks/stk/00ff"
    assert push(CallBackURL=url).status_code == 200


@pytest.mark.parametrize(
    "changes", [signed(passkey="other"), {"BusinessShortCode": 600000}, {"Password": ""}]
)
def test_a_wrong_password_or_shortcode_is_a_system_error(push, changes):
    answer = push(**changes)
    assert (answer.status_code, answer.json()["errorCode"]) == (500, UNKNOWN)


@pytest.mark.parametrize("content", ["", "[]", "{", "[" * 50_000, "null"])
def test_a_body_that_is_no_object_is_a_bad_request(sandbox, token, content):
    answer = sandbox.post(
        "/daraja/mpesa/stkpush/v1/processrequest",
        content=content,
        headers={"Authorization": f"Bearer {token}"},
    )
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "400.002.02")


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


@pytest.mark.parametrize(("params", "status"), [({}, 500), ({"http_status": 200}, 200)])
def test_a_flapping_query_gives_no_answer_and_then_the_right_one(
    push, query, receiver, fault, params, status
):
    checkout = push().json()["CheckoutRequestID"]
    receiver.wait_for(1)
    fault("daraja", "stk_query", "flapping", times=2, **params)
    for _ in range(2):
        answer = query(checkout)
        assert answer.status_code == status
        assert (answer.json()["errorCode"], answer.json()["errorMessage"]) == (UNKNOWN, "")
    assert query(checkout).json()["ResultCode"] == "0"


def test_a_callback_is_sent_only_once_whatever_is_answered(sandbox, push, receiver, eventually):
    receiver.statuses = [500]
    push()
    receiver.wait_for(1)
    eventually(lambda: sandbox.get("/_control/deliveries").json()["deliveries"])
    time.sleep(0.1)
    assert len(receiver.received) == 1


def test_a_lost_callback_leaves_the_payment_to_be_queried(push, query, receiver, fault, eventually):
    fault("daraja", "webhook", "lost")
    checkout = push().json()["CheckoutRequestID"]
    eventually(lambda: query(checkout).json()["ResultCode"] == "0")
    assert receiver.received == []


def test_a_duplicate_callback_has_the_same_receipt(push, receiver, fault):
    fault("daraja", "webhook", "duplicate")
    push()
    first, second = receiver.wait_for(2)
    assert first.body == second.body


def test_a_late_callback_comes_after_the_query_knows(push, query, receiver, fault, eventually):
    fault("daraja", "webhook", "late", seconds=0.4)
    checkout = push().json()["CheckoutRequestID"]
    eventually(lambda: query(checkout).json()["ResultCode"] == "0")
    assert receiver.received == []
    receiver.wait_for(1)


@pytest.mark.parametrize(("params", "amount"), [({}, 501), ({"amount": 7}, 7)])
def test_a_callback_may_name_a_wrong_amount(sandbox, push, receiver, fault, params, amount):
    fault("daraja", "stk_callback", "wrong_amount", **params)
    push()
    items = callback_of(receiver.wait_for(1)[0])["CallbackMetadata"]["Item"]
    assert items[0] == {"Name": "Amount", "Value": amount}
    (payment,) = sandbox.get("/_control/daraja/payments").json()["payments"]
    assert payment["amount"] == 500


def test_the_callback_may_come_before_the_ack(push, receiver, fault):
    fault("daraja", "stk_push", "callback_before_ack")
    ack = push()
    returned = time.monotonic()
    (received,) = receiver.wait_for(1)
    assert received.at < returned
    assert callback_of(received)["CheckoutRequestID"] == ack.json()["CheckoutRequestID"]


@pytest.mark.parametrize("params", [{"close": True}, {"seconds": 0.1}])
def test_a_push_whose_answer_is_lost_is_paid_nevertheless(sandbox, push, receiver, fault, params):
    fault("daraja", "stk_push", "timeout_after_effect", **params)
    with pytest.raises(httpx.TransportError):
        push()
    assert callback_of(receiver.wait_for(1)[0])["ResultCode"] == 0
    assert len(sandbox.get("/_control/daraja/payments").json()["payments"]) == 1


@pytest.mark.parametrize(
    ("kind", "params", "status", "code"),
    [
        ("rate_limited", {}, 429, "500.003.02"),
        ("error", {"status": 503}, 503, "503.001.1001"),
        ("subscriber_locked", {}, 500, UNKNOWN),
    ],
)
def test_a_refused_push_has_no_effect(sandbox, push, receiver, fault, kind, params, status, code):
    fault("daraja", "stk_push", kind, **params)
    answer = push()
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
    assert sandbox.get("/_control/daraja/payments").json() == {"payments": []}
    assert receiver.received == []


def test_unknown_addresses_and_methods_have_the_error_envelope(sandbox):
    assert sandbox.get("/daraja/mpesa/nothing").json()["errorCode"] == "404.001.01"
    wrong = sandbox.get("/daraja/mpesa/stkpush/v1/processrequest")
    assert (wrong.status_code, wrong.json()["errorCode"]) == (405, "405.001")
