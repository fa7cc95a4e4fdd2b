"""What people read about their round-ups."""

import pytest

from shared.notifications.texts import render, values_of
from shared.roundups.reasons import TEXTS, ReturnReason, text_of

FACTS = {"user_id": "u", "round_ups_id": "r", "currency": "USD", "amount_minor": 500}


def read(topic: str, language: str, **more: object) -> tuple[str, str]:
    text = render(topic, values_of(topic, FACTS | more), language)
    return text.subject, text.body


def test_a_start_is_told_with_the_amount_from_which_on_is_collected() -> None:
    facts = {"method": "CARD", "multiplier": 2}
    english = read("roundups.round_ups_started", "en", **facts)
    swahili = read("roundups.round_ups_started", "sw", **facts)
    assert english[0] == "Your round-ups have started"
    assert "from 5.00 USD on" in english[1]
    assert swahili[0] == "Ukusanyaji wa chenji yako umeanza"
    assert "5.00 USD" in swahili[1]


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        ("PAUSED", "Your round-ups are paused"),
        ("RESUMED", "Your round-ups run again"),
        ("STOPPED", "Your round-ups have ended"),
        ("SETTINGS_CHANGED", "Your round-ups were changed"),
        ("GOAL_ARCHIVED", "Your round-ups are for your general goal now"),
        ("FAILED", "Your round-ups are paused"),
        ("LATER", "Your round-ups were changed"),
    ],
)
def test_each_change_has_words_in_both_languages(change: str, subject: str) -> None:
    english = read("roundups.round_ups_changed", "en", change=change)
    swahili = read("roundups.round_ups_changed", "sw", change=change)
    assert english[0] == subject
    assert swahili[0].startswith("Ukusanyaji wa chenji yako")
    assert "{" not in "".join((*english, *swahili))
    kept = change in ("PAUSED", "FAILED")
    assert [("5.00 USD" in body) for _, body in (english, swahili)] == [kept, kept]


@pytest.mark.parametrize("reason", ReturnReason)
def test_why_an_amount_went_back_is_told_in_words(reason: ReturnReason) -> None:
    for language in ("en", "sw"):
        told = read("roundups.transfer_returned", language, number=1, reason=reason.value)
        assert "5.00 USD" in told[0]
        assert told[1].startswith(text_of(reason, language))
    assert TEXTS[reason][0] != TEXTS[reason][1]


def test_a_reason_of_another_version_is_told_in_general_words() -> None:
    told = read("roundups.transfer_returned", "en", number=1, reason="LATER")
    assert told[1].startswith(text_of(ReturnReason.NOT_PAID))
