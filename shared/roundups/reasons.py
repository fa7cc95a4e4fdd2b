"""Why a transfer of round-ups went back to the pool, in words for people."""

from collections.abc import Mapping
from enum import StrEnum


class ReturnReason(StrEnum):
    """Stable codes. ``TEXTS`` has the words."""

    DECLINED_BY_PERSON = "DECLINED_BY_PERSON"
    NOT_PAID = "NOT_PAID"
    REFUSED = "REFUSED"
    STOPPED = "STOPPED"
    TOO_LATE = "TOO_LATE"


NO_FAILURE = frozenset({ReturnReason.STOPPED, ReturnReason.TOO_LATE})
"""These say nothing about the person, their phone or their card."""

TEXTS: Mapping[ReturnReason, tuple[str, str]] = {
    ReturnReason.DECLINED_BY_PERSON: ("You declined the payment.", "Ulikataa malipo hayo."),
    ReturnReason.NOT_PAID: ("The payment did not go through.", "Malipo hayakukamilika."),
    ReturnReason.REFUSED: (
        "A payment is not possible at the moment. Open Baobab to see why.",
        "Malipo hayawezekani kwa sasa. Fungua Baobab uone sababu.",
    ),
    ReturnReason.STOPPED: (
        "Round-ups were paused or stopped before it was asked for.",
        "Ukusanyaji wa chenji ulisitishwa au kumalizwa kabla haijaombwa.",
    ),
    ReturnReason.TOO_LATE: ("We could not ask for it in time.", "Hatukuweza kuiomba kwa wakati."),
}


def text_of(reason: ReturnReason, language: str = "en") -> str:
    """Words for a person, in English unless Swahili is asked for."""
    english, swahili = TEXTS[reason]
    return swahili if language == "sw" else english


def text_of_code(code: str, language: str = "en") -> str:
    """Words for a code out of an event, which another version may have written."""
    known = ReturnReason(code) if code in ReturnReason else ReturnReason.NOT_PAID
    return text_of(known, language)
