"""Why an occurrence was left out, in words for people."""

from collections.abc import Mapping
from enum import StrEnum


class SkipReason(StrEnum):
    """Stable codes. ``TEXTS`` has the words."""

    BY_PERSON = "BY_PERSON"
    STOPPED = "STOPPED"
    TOO_LATE = "TOO_LATE"
    DECLINED_BY_PERSON = "DECLINED_BY_PERSON"
    NOT_PAID = "NOT_PAID"
    REFUSED = "REFUSED"


TEXTS: Mapping[SkipReason, tuple[str, str]] = {
    SkipReason.BY_PERSON: ("You left it out.", "Uliiruka mwenyewe."),
    SkipReason.STOPPED: (
        "The plan was paused or ended before it was paid.",
        "Mpango ulisitishwa au kumalizwa kabla haijalipwa.",
    ),
    SkipReason.TOO_LATE: (
        "We could not ask for it in time.",
        "Hatukuweza kuiomba kwa wakati.",
    ),
    SkipReason.DECLINED_BY_PERSON: ("You declined the payment.", "Ulikataa malipo hayo."),
    SkipReason.NOT_PAID: (
        "The payment did not go through, also not when we tried again.",
        "Malipo hayakukamilika, hata tulipojaribu tena.",
    ),
    SkipReason.REFUSED: (
        "A payment is not possible at the moment. Open Baobab to see why.",
        "Malipo hayawezekani kwa sasa. Fungua Baobab uone sababu.",
    ),
}


def text_of(reason: SkipReason, language: str = "en") -> str:
    """Words for a person, in English unless Swahili is asked for."""
    english, swahili = TEXTS[reason]
    return swahili if language == "sw" else english


def text_of_code(code: str, language: str = "en") -> str:
    """Words for a code out of an event, which another version may have written."""
    return text_of(SkipReason(code) if code in SkipReason else SkipReason.NOT_PAID, language)
