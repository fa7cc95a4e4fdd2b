"""What Adyen's notifications prove: shapes as documented, signed members only."""

import json
from datetime import UTC, datetime

import pytest

from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway
from shared.payments.ports import Paid
from shared.payments.providers.adyen_notifications import (
    Chargeback,
    ChargebackStage,
    adyen_chargeback,
    adyen_signals,
)
from shared.payments.settlement import Hint
from shared.payments.signals import Signal

USER, DEPOSIT = "usr_t1_01JNB0000000000000000000A1", "dep_t1_01JNB0000000000000000000A2"
PAYOUT = "pay_t1_01JNB0000000000000000000A3"
PSP = "QFQTPCQ8HXSKGK82"


def body(**changes):
    item = {
        "pspReference": PSP,
        "merchantAccountCode": "BaobabTest",
        "merchantReference": f"{USER}.{DEPOSIT}",
        "amount": {"value": 2550, "currency": "USD"},
        "eventCode": "AUTHORISATION",
        "eventDate": "2026-03-02T16:30:00+01:00",
        "success": "true",
    } | changes
    return json.dumps({name: value for name, value in item.items() if value is not ...}).encode()


def test_an_authorisation_proves_the_payment():
    proved = Paid(PSP, Money(2550, Currency.USD))
    assert adyen_signals(body(), "t1") == [Signal(USER, DEPOSIT, Hint(), Gateway.ADYEN, proved)]


def test_a_refused_card_is_a_hint_and_not_the_end_of_the_link():
    told = body(success="false", reason="CVC Declined")
    assert adyen_signals(told, "t1") == [Signal(USER, DEPOSIT, Hint(), Gateway.ADYEN, None)]


@pytest.mark.parametrize(
    "changes",
    [
        {"merchantReference": ...},
        {"merchantReference": ""},
        {"merchantReference": None},
        {"merchantReference": DEPOSIT},
        {"merchantReference": f"{USER}.{PAYOUT}"},
        {"merchantReference": f"{USER}.{DEPOSIT}".replace("_t1_", "_t2_")},
        {"merchantReference": "TestPayment-1407325143704"},
        {"eventCode": "REFUND"},
        {"eventCode": ...},
    ],
)
def test_what_is_no_payment_of_a_deposit_of_this_cell_is_nobodys(changes):
    assert adyen_signals(body(**changes), "t1") == []


def test_unsigned_members_decide_nothing():
    other = {"metadata.user_id": "usr_t1_x", "metadata.deposit_id": "dep_t1_x"}
    told = body(additionalData=other, reason="1234:4242:03/2030", metadata=other)
    assert adyen_signals(told, "t1") == adyen_signals(body(), "t1")


@pytest.mark.parametrize("currency", ["XAU", "usd", "", None, 7])
def test_an_amount_that_we_do_not_keep_differs_from_every_deposit(currency):
    (signal,) = adyen_signals(body(amount={"value": 2550, "currency": currency}), "t1")
    assert signal.proved == Paid(PSP, Money(0, Currency.USD))


@pytest.mark.parametrize("text", [b"", b"null", b"[]", b"{}", b"\xff", b"[" * 50_000])
def test_what_is_no_item_says_nothing(text):
    assert adyen_signals(text, "t1") == []
    assert adyen_chargeback(text, "t1") is None


@pytest.mark.parametrize(
    ("event", "stage", "final"),
    [
        ("NOTIFICATION_OF_CHARGEBACK", ChargebackStage.ANNOUNCED, False),
        ("CHARGEBACK", ChargebackStage.TAKEN, False),
        ("CHARGEBACK_REVERSED", ChargebackStage.RETURNED, False),
        ("SECOND_CHARGEBACK", ChargebackStage.TAKEN, True),
        ("CAPTURE_FAILED", ChargebackStage.TAKEN, True),
    ],
)
def test_a_bank_that_takes_money_back_is_a_fact_about_the_payment(event, stage, final):
    told = body(
        eventCode=event,
        pspReference="DISPUTE000000001",
        originalReference=PSP,
        additionalData={
            "chargebackReasonCode": " 4853",
            "defensePeriodEndsAt": "2021-07-31T03:03:07+02:00",
        },
    )
    assert adyen_chargeback(told, "t1") == Chargeback(
        user_id=USER,
        deposit_id=DEPOSIT,
        reference="DISPUTE000000001",
        payment=PSP,
        amount=Money(2550, Currency.USD),
        stage=stage,
        final=final,
        code="4853",
        evidence_due=datetime(2021, 7, 31, 1, 3, 7, tzinfo=UTC),
    )
    assert adyen_signals(told, "t1") == []


@pytest.mark.parametrize("due", [..., None, "soon", "2021-07-31T03:03:07", 7])
def test_a_chargeback_without_a_date_or_the_payments_name_is_one_all_the_same(due):
    told = body(
        eventCode="CHARGEBACK",
        additionalData={"defensePeriodEndsAt": due if due is not ... else None},
    )
    if due is ...:
        told = body(eventCode="CHARGEBACK", additionalData="x")
    found = adyen_chargeback(told, "t1")
    assert (found.evidence_due, found.payment, found.code) == (None, None, "")


@pytest.mark.parametrize("event", ["AUTHORISATION", "REFUND", "CAPTURE", "OFFER_CLOSED"])
def test_other_news_are_no_chargeback(event):
    assert adyen_chargeback(body(eventCode=event), "t1") is None
