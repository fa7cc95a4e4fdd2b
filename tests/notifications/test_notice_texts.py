"""What a person reads after an event: in both languages, with the reason, and never a gap."""

import pytest

from shared.kernel.events import REGISTRY
from shared.kyc import reasons as kyc_reasons
from shared.notifications.texts import TEXTS, Text, render, values_of
from shared.payments import reasons as payment_reasons
from shared.users.events import CredentialsChange
from tests.notifications.events import EVENT_VALUES
from tools.contracts import load_contexts

NEUTRAL = "There is news about your account"


def read(topic: str, language: str, **values: object) -> Text:
    """What a person reads after an event with these values."""
    return render(topic, values_of(topic, EVENT_VALUES[topic] | values), language)


@pytest.mark.parametrize("topic", sorted(TEXTS))
def test_every_topic_is_written_in_both_languages_and_fits_its_event(topic: str) -> None:
    load_contexts()
    event = REGISTRY[f"{topic}.v1"]
    assert EVENT_VALUES[topic].keys() <= event.model_fields.keys()
    english, swahili = read(topic, "en"), read(topic, "sw")
    assert english.subject != swahili.subject
    assert english.body != swahili.body
    assert read(topic, "xx") == english
    for text in (english, swahili):
        words = f"{text.subject} {text.body}"
        assert not {"{", "}", "_"} & set(words)
        assert "  " not in words
        assert text.subject != NEUTRAL


@pytest.mark.parametrize("language", ["en", "sw"])
@pytest.mark.parametrize("reason", [*kyc_reasons.Reason, kyc_reasons.NOT_CONFIRMED])
def test_a_rejected_identity_says_why_and_what_can_be_done(reason: str, language: str) -> None:
    again = read("kyc.identity_rejected", language, reason=str(reason), can_retry=True)
    final = read("kyc.identity_rejected", language, reason=str(reason), can_retry=False)
    why = kyc_reasons.told_of(str(reason), language)
    assert len(why) > 10
    assert again.body.startswith(f"{why} ")
    assert final.body.startswith(f"{why} ")
    assert again.body != final.body


@pytest.mark.parametrize("language", ["en", "sw"])
@pytest.mark.parametrize("reason", list(payment_reasons.Reason))
def test_a_failed_payment_says_why(reason: payment_reasons.Reason, language: str) -> None:
    body = read("payments.deposit_failed", language, reason=reason.value).body
    why = payment_reasons.text_of(reason, language)
    assert len(why) > 10
    assert body.startswith(f"{why} ")


@pytest.mark.parametrize("change", [*CredentialsChange, "FROM_THE_FUTURE"])
def test_each_change_of_credentials_has_words_of_its_own(change: str) -> None:
    texts = [read("users.credentials_changed", each, change=str(change)) for each in ("en", "sw")]
    assert len({text.subject for text in texts} | {text.body for text in texts}) == 4
    others = [each for each in CredentialsChange if each != change]
    for other in others:
        assert read("users.credentials_changed", "en", change=other.value) != texts[0]
    by_staff = change == CredentialsChange.SESSIONS_ENDED
    assert ("If it was not you, write to us at once." in texts[0].body) is not by_staff


def test_what_must_not_be_told_is_told_neutrally() -> None:
    body = read("kyc.identity_rejected", "en", reason="NOT_CONFIRMED", can_retry=False).body
    assert body == ("We cannot confirm your identity. Write to us if you think that this is wrong.")


def test_a_reason_of_another_version_is_still_answered() -> None:
    body = read("payments.deposit_failed", "en", reason="FROM_THE_FUTURE").body
    assert body.startswith("The payment service refused this payment. ")


@pytest.mark.parametrize(
    ("topic", "values"),
    [("payments.from_the_future", {}), ("payments.deposit_settled", {"amount": "1.00 USD"})],
)
def test_a_notice_of_another_version_does_not_fail_the_inbox(
    topic: str, values: dict[str, str]
) -> None:
    assert render(topic, values, "en").subject == NEUTRAL
    assert render(topic, values, "sw").subject == "Kuna habari kuhusu akaunti yako"
