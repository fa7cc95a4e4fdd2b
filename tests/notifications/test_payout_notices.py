"""What people read about money that goes out to them."""

import pytest

from shared.notifications.texts import render, values_of
from shared.payouts.model import Purpose
from shared.payouts.reasons import PayoutReason, text_of

TOLD = [Purpose.WITHDRAWAL, Purpose.REFUND, Purpose.SURPLUS]
TOPICS = ["payouts.payout_paid", "payouts.payout_failed", "payouts.payout_returned"]


def read(topic, language, **changes):
    data = {
        "purpose": "WITHDRAWAL",
        "reason": "LIMIT_EXCEEDED",
        "currency": "KES",
        "amount_minor": 510_200,
    } | changes
    return render(topic, values_of(topic, data), language)


@pytest.mark.parametrize("language", ["en", "sw"])
@pytest.mark.parametrize("topic", TOPICS)
def test_each_purpose_has_words_of_its_own_in_both_languages(topic, language):
    texts = {read(topic, language, purpose=purpose.value) for purpose in TOLD}
    assert len({text.subject for text in texts}) == len(TOLD)
    for text in texts:
        assert "5102.00 KES" in f"{text.subject} {text.body}" or topic == TOPICS[1]
        assert not {"{", "}", "_"} & set(f"{text.subject} {text.body}")
        assert read(topic, "en", purpose="REFUND") != read(topic, "sw", purpose="REFUND")


@pytest.mark.parametrize("language", ["en", "sw"])
@pytest.mark.parametrize("reason", list(PayoutReason))
def test_a_withdrawal_that_was_not_paid_says_why(reason, language):
    body = read("payouts.payout_failed", language, reason=reason.value).body
    assert body.startswith(f"{text_of(reason, language)} ")


def test_a_reason_of_another_version_is_told_plainly():
    body = read("payouts.payout_failed", "en", reason="FROM_THE_FUTURE").body
    assert body.startswith("The payment service refused this payout. ")
