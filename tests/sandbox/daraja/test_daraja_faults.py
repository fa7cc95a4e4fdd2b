"""What goes wrong between a push and the knowledge of its end."""

import time

import httpx
import pytest

from tests.sandbox.daraja.till import callback_of

UNKNOWN = "500.001.1001"


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
