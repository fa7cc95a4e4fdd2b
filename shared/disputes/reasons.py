"""Why a payer's bank takes money back, in words for people."""

from enum import StrEnum


class DisputeReason(StrEnum):
    """Stable codes. ``TEXTS`` has the words."""

    FRAUD = "FRAUD"
    NOT_AUTHORISED = "NOT_AUTHORISED"
    NOT_RECOGNISED = "NOT_RECOGNISED"
    DUPLICATE = "DUPLICATE"
    SERVICE = "SERVICE"
    REFUND_MISSING = "REFUND_MISSING"
    NO_MONEY = "NO_MONEY"
    ACCOUNT = "ACCOUNT"
    OTHER = "OTHER"


TEXTS: dict[DisputeReason, tuple[str, str]] = {
    DisputeReason.FRAUD: (
        "The card holder says that somebody else made the payment.",
        "Mwenye kadi anasema kuwa mtu mwingine ndiye aliyelipa.",
    ),
    DisputeReason.NOT_AUTHORISED: (
        "The account holder says that they did not allow the payment.",
        "Mwenye akaunti anasema kuwa hakuruhusu malipo.",
    ),
    DisputeReason.NOT_RECOGNISED: (
        "The card holder does not recognise the payment.",
        "Mwenye kadi hayatambui malipo.",
    ),
    DisputeReason.DUPLICATE: (
        "The bank says that the payment was made twice.",
        "Benki inasema kuwa malipo yalifanywa mara mbili.",
    ),
    DisputeReason.SERVICE: (
        "The card holder says that they did not get what they paid for.",
        "Mwenye kadi anasema kuwa hakupata alicholipia.",
    ),
    DisputeReason.REFUND_MISSING: (
        "The card holder says that a refund is missing.",
        "Mwenye kadi anasema kuwa hakurudishiwa pesa.",
    ),
    DisputeReason.NO_MONEY: (
        "There was not enough money in the bank account.",
        "Hakukuwa na pesa za kutosha kwenye akaunti ya benki.",
    ),
    DisputeReason.ACCOUNT: (
        "The bank account does not exist or cannot be debited.",
        "Akaunti ya benki haipo au haiwezi kutozwa.",
    ),
    DisputeReason.OTHER: (
        "The bank did not give a closer reason.",
        "Benki haikutoa sababu kamili.",
    ),
}


def text_of(reason: DisputeReason, language: str = "en") -> str:
    """Words for a person, in English unless Swahili is asked for."""
    english, swahili = TEXTS[reason]
    return swahili if language == "sw" else english
