"""Notifications as they arrive: signed for the SDK's own check, repeated, spoilt on order."""

import json

import pytest
from Adyen.util import is_valid_hmac_notification

from tests.sandbox.adyen.shop import ACCOUNT, LINK, PAYMENT, pay

HMAC_KEY = "0123456789ABCDEF" * 4


@pytest.fixture
def told(sandbox, receiver):
    sandbox.post("/_control/config", json={"adyen_webhook_url": receiver.url}).raise_for_status()

    def items(count):
        found = [json.loads(one.body) for one in receiver.wait_for(count)]
        return [
            (one["live"], item["NotificationRequestItem"])
            for one in found
            for item in one["notificationItems"]
        ]

    return items


def test_a_payment_is_told_of_in_the_documented_shape(sandbox, checkout, receiver, told):
    link = checkout.payment_links_api.payment_links(LINK).message
    psp = pay(sandbox, link)["pspReference"]
    ((live, item),) = told(1)
    assert live == "false"
    assert item["additionalData"].pop("hmacSignature")
    assert item.pop("eventDate")
    assert item == {
        "additionalData": {
            "metadata.order": "1",
            "paymentLinkId": link["id"],
            "cardSummary": "1111",
            "expiryDate": "03/2030",
        },
        "amount": {"currency": "EUR", "value": 1_250},
        "eventCode": "AUTHORISATION",
        "merchantAccountCode": ACCOUNT,
        "merchantReference": "order-1",
        "operations": ["CANCEL", "CAPTURE", "REFUND"],
        "paymentMethod": "visa",
        "pspReference": psp,
        "reason": "039404:1111:03/2030",
        "success": "true",
    }
    assert receiver.received[0].headers["content-type"] == "application/json; charset=utf-8"


def test_the_vendors_own_library_finds_it_signed(sandbox, checkout, receiver, told):
    psp = checkout.payments_api.payments(PAYMENT).message["pspReference"]
    part = {"merchantAccount": ACCOUNT, "amount": {"currency": "EUR", "value": 100}}
    checkout.modifications_api.refund_captured_payment(part | {"reference": "a:b"}, psp)
    dispute = sandbox.post(f"/_control/adyen/payments/{psp}/chargeback", json={}).json()["dispute"]
    sandbox.post(f"/_control/adyen/disputes/{dispute}", json={"step": "take"})
    sandbox.post("/_control/adyen/batches")
    items = [item for _, item in told(5)]
    assert {item["eventCode"] for item in items} == {
        "AUTHORISATION",
        "REFUND",
        "NOTIFICATION_OF_CHARGEBACK",
        "CHARGEBACK",
        "REPORT_AVAILABLE",
    }
    for item in items:
        assert is_valid_hmac_notification(item, HMAC_KEY)
        other = dict(item, success="false" if item["success"] == "true" else "true")
        assert not is_valid_hmac_notification(other, HMAC_KEY)


def test_what_is_not_answered_with_2xx_comes_again(sandbox, checkout, receiver, told):
    receiver.statuses = [500, 503]
    checkout.payments_api.payments(PAYMENT)
    first, second, third = [item for _, item in told(3)]
    assert first == second == third


def test_a_refusal_is_told_too(checkout, told):
    card = PAYMENT["paymentMethod"] | {"encryptedCardNumber": "test_4000000000000127"}
    checkout.payments_api.payments(PAYMENT | {"paymentMethod": card})
    ((_, item),) = told(1)
    assert (item["success"], item["reason"]) == ("false", "CVC Declined")
    assert "operations" not in item


@pytest.mark.parametrize(
    ("kind", "params", "count", "valid"),
    [
        ("duplicate", {"copies": 3}, 3, [True] * 3),
        ("forged", {"only": True}, 1, [False]),
        ("rolled", {}, 1, [False]),
        ("wrong_amount", {"amount": 7}, 1, [True]),
        ("wrong_currency", {}, 1, [True]),
        ("wrong_account", {}, 1, [True]),
        ("wrong_mode", {}, 1, [True]),
    ],
)
def test_what_is_ordered_goes_wrong(fault, checkout, told, kind, params, count, valid):
    fault("adyen", "AUTHORISATION", kind, **params)
    checkout.payments_api.payments(PAYMENT)
    found = told(count)
    assert [is_valid_hmac_notification(item, HMAC_KEY) for _, item in found] == valid
    live, item = found[0]
    assert (live == "true") is (kind == "wrong_mode")
    assert (item["amount"] != PAYMENT["amount"]) is (kind in ("wrong_amount", "wrong_currency"))
    assert (item["merchantAccountCode"] != ACCOUNT) is (kind == "wrong_account")


def test_a_forgery_can_come_beside_the_true_one(fault, checkout, told):
    fault("adyen", "webhook", "forged")
    checkout.payments_api.payments(PAYMENT)
    found = [is_valid_hmac_notification(item, HMAC_KEY) for _, item in told(2)]
    assert sorted(found) == [False, True]


def test_without_a_signature_there_is_none(fault, checkout, told):
    fault("adyen", "webhook", "unsigned")
    checkout.payments_api.payments(PAYMENT)
    ((_, item),) = told(1)
    assert "hmacSignature" not in item["additionalData"]


def test_two_news_can_come_in_one_delivery(fault, checkout, receiver, told):
    fault("adyen", "webhook", "two_items")
    one = checkout.payments_api.payments(PAYMENT | {"reference": "one"}).message
    two = checkout.payments_api.payments(PAYMENT | {"reference": "two"}).message
    assert [item["pspReference"] for _, item in told(1)] == [
        one["pspReference"],
        two["pspReference"],
    ]
    assert len(receiver.received) == 1


def test_order_can_be_lost(sandbox, fault, checkout, told):
    fault("adyen", "AUTHORISATION", "out_of_order")
    psp = checkout.payments_api.payments(PAYMENT).message["pspReference"]
    sandbox.post(f"/_control/adyen/payments/{psp}/chargeback", json={})
    assert [item["eventCode"] for _, item in told(2)] == [
        "NOTIFICATION_OF_CHARGEBACK",
        "AUTHORISATION",
    ]


def test_without_a_target_nothing_is_told(sandbox, checkout):
    checkout.payments_api.payments(PAYMENT)
    assert sandbox.get("/_control/deliveries").json()["deliveries"] == []
