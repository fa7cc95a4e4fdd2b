"""What people read about their recurring deposits."""

import pytest

from shared.notifications.texts import render, values_of
from shared.recurring.reasons import TEXTS, SkipReason, text_of

ORDER = {"user_id": "u", "schedule_id": "s", "currency": "KES", "amount_minor": 500_000}


def read(topic: str, language: str, **more: object) -> tuple[str, str]:
    data = ORDER | more
    text = render(topic, values_of(topic, data), language)
    return text.subject, text.body


def test_a_new_order_is_told_with_its_amount_and_first_day() -> None:
    facts = {"method": "MPESA", "frequency": "MONTHLY", "first_on": "2026-03-31"}
    english = read("recurring.schedule_created", "en", **facts)
    swahili = read("recurring.schedule_created", "sw", **facts)
    assert english[0] == "Your recurring deposit of 5000.00 KES is set up"
    assert english[1].startswith("We collect 5000.00 KES from 2026-03-31 on.")
    assert swahili[0] == "Amana yako ya kujirudia ya 5000.00 KES imewekwa"
    assert "2026-03-31" in swahili[1]


@pytest.mark.parametrize(
    ("change", "subject", "kichwa"),
    [
        ("PAUSED", "Your recurring deposit is paused", "Amana yako ya kujirudia imesitishwa"),
        ("FAILED", "Your recurring deposit is paused", "Amana yako ya kujirudia imesitishwa"),
        (
            "RESUMED",
            "Your recurring deposit runs again",
            "Amana yako ya kujirudia inaendelea tena",
        ),
        ("CANCELLED", "Your recurring deposit has ended", "Amana yako ya kujirudia imemalizika"),
        (
            "AMOUNT_CHANGED",
            "Your recurring deposit was changed",
            "Amana yako ya kujirudia imebadilishwa",
        ),
        ("LATER", "Your recurring deposit was changed", "Amana yako ya kujirudia imebadilishwa"),
    ],
)
def test_each_change_has_words_in_both_languages(change: str, subject: str, kichwa: str) -> None:
    assert read("recurring.schedule_changed", "en", change=change)[0] == subject
    assert read("recurring.schedule_changed", "sw", change=change)[0] == kichwa


def test_a_new_amount_is_in_the_text() -> None:
    for language in ("en", "sw"):
        told = read("recurring.schedule_changed", language, change="AMOUNT_CHANGED")
        assert "5000.00 KES" in told[1]


@pytest.mark.parametrize("reason", SkipReason)
def test_why_an_occurrence_was_left_out_is_told_in_words(reason: SkipReason) -> None:
    for language in ("en", "sw"):
        told = read("recurring.occurrence_skipped", language, on="2026-03-31", reason=reason.value)
        assert "5000.00 KES" in told[0]
        assert "2026-03-31" in told[1]
        assert told[1].endswith(text_of(reason, language))
    assert TEXTS[reason][0] != TEXTS[reason][1]


def test_a_reason_of_another_version_is_told_in_general_words() -> None:
    told = read("recurring.occurrence_skipped", "en", on="2026-03-31", reason="LATER")
    assert told[1].endswith(text_of(SkipReason.NOT_PAID))
