"""What Stripe and Adyen say of disputes, in our words."""

import json
from dataclasses import replace

import pytest

from shared.disputes.model import DisputeStatus
from shared.disputes.providers import adyen, stripe
from shared.disputes.reasons import TEXTS, DisputeReason, text_of
from shared.disputes.signals import stripe_dispute
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway
from shared.payments.providers.adyen_notifications import Chargeback, ChargebackStage
from shared.payments.providers.stripe_disputes import DisputeFacts

D = DisputeStatus
FACTS = DisputeFacts(
    dispute_id="dp_1",
    payment="pi_1",
    amount=Money(1_000, Currency.USD),
    status="needs_response",
    reason="fraudulent",
    funds_withdrawn=True,
    fee_minor=1_500,
)
CHARGEBACK = Chargeback(
    user_id="usr",
    deposit_id="dep",
    reference="PSP2",
    payment="PSP1",
    amount=Money(1_000, Currency.EUR),
    stage=ChargebackStage.TAKEN,
    final=False,
    code="10.4",
)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("warning_needs_response", D.WARNING),
        ("warning_under_review", D.WARNING),
        ("warning_closed", D.CLOSED),
        ("prevented", D.CLOSED),
        ("needs_response", D.OPEN),
        ("under_review", D.UNDER_REVIEW),
        ("appeal_under_review", D.UNDER_REVIEW),
        ("won", D.WON),
        ("lost", D.LOST),
        ("something_new", D.UNDER_REVIEW),
    ],
)
def test_stripe_says_where_a_dispute_stands(said, status):
    reading = stripe.reading_of(replace(FACTS, status=said))
    assert reading is not None
    assert reading.status is status
    assert (reading.gateway, reading.reference, reading.payment) == (
        Gateway.STRIPE,
        "dp_1",
        "pi_1",
    )
    assert (reading.amount, reading.fee_minor, reading.taken) == (FACTS.amount, 1_500, True)
    assert reading.reason is DisputeReason.FRAUD


def test_a_new_status_of_stripe_without_money_is_a_question():
    reading = stripe.reading_of(replace(FACTS, status="something_new", funds_withdrawn=False))
    assert reading is not None
    assert reading.status is D.WARNING


@pytest.mark.parametrize("change", [{"payment": None}, {"amount": Money(0, Currency.USD)}])
def test_what_is_about_no_payment_is_none_of_ours(change):
    assert stripe.reading_of(replace(FACTS, **change)) is None


@pytest.mark.parametrize(
    ("stage", "final", "status", "taken"),
    [
        (ChargebackStage.ANNOUNCED, False, D.WARNING, False),
        (ChargebackStage.TAKEN, False, D.OPEN, True),
        (ChargebackStage.TAKEN, True, D.LOST, True),
        (ChargebackStage.RETURNED, False, D.WON, False),
    ],
)
def test_adyen_proves_where_a_dispute_stands(stage, final, status, taken):
    reading = adyen.reading_of(replace(CHARGEBACK, stage=stage, final=final), "other")
    assert reading is not None
    assert (reading.status, reading.taken) == (status, taken)
    assert (reading.gateway, reading.reference, reading.payment) == (
        Gateway.ADYEN,
        "PSP2",
        "PSP1",
    )


def test_adyen_may_not_name_the_payment_and_speak_an_unknown_currency():
    named = adyen.reading_of(replace(CHARGEBACK, payment=None), "PSP7")
    assert named is not None
    assert named.payment == "PSP7"
    assert adyen.reading_of(replace(CHARGEBACK, amount=Money(0, Currency.USD)), "PSP7") is None


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("10.4", DisputeReason.FRAUD),
        ("13.1", DisputeReason.SERVICE),
        ("4837", DisputeReason.FRAUD),
        ("4853", DisputeReason.SERVICE),
        ("", DisputeReason.OTHER),
        ("99", DisputeReason.OTHER),
    ],
)
def test_card_schemes_reasons_in_our_words(code, reason):
    reading = adyen.reading_of(replace(CHARGEBACK, code=code), "PSP7")
    assert reading is not None
    assert reading.reason is reason


def test_every_reason_has_words_in_both_languages():
    assert set(TEXTS) == set(DisputeReason)
    for reason in DisputeReason:
        assert text_of(reason) != text_of(reason, "sw")


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"[]",
        b"{}",
        b"not json",
        b'{"data": {"object": null}}',
        b'{"data": {"object": {"id": 5}}}',
        b'{"data": {"object": {"id": "../dp_1"}}}',
        b'{"data": {"object": {"id": "pi_1"}}}',
    ],
)
def test_what_names_no_dispute_is_nothing(body):
    assert stripe_dispute(body) is None


@pytest.mark.parametrize("name", ["dp_1OaBcD", "du_1OaBcD"])
def test_a_stripe_event_names_its_dispute(name):
    assert stripe_dispute(json.dumps({"data": {"object": {"id": name}}}).encode()) == name
