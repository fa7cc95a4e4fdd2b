"""What people are told about money that goes out to them, by what it is."""

from collections.abc import Mapping

from shared.kernel.money import Currency, Money
from shared.payouts.reasons import PayoutReason, text_of

_BOTH = {"en": ("{subject_en}", "{body_en}"), "sw": ("{subject_sw}", "{body_sw}")}
TEXTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "payouts.payout_paid": _BOTH,
    "payouts.payout_failed": _BOTH,
    "payouts.payout_returned": _BOTH,
}

_WORDS: Mapping[tuple[str, str], Mapping[str, tuple[str, str]]] = {
    ("payout_paid", "WITHDRAWAL"): {
        "en": (
            "Your withdrawal of {amount} has been paid",
            "{amount} is on your account. If you did not ask for it, write to us at once.",
        ),
        "sw": (
            "Pesa ulizotoa, {amount}, zimelipwa",
            "{amount} ziko kwenye akaunti yako. Ikiwa hukuziomba, tuandikie mara moja.",
        ),
    },
    ("payout_paid", "REFUND"): {
        "en": (
            "Your refund of {amount} has been paid",
            "{amount} went back to where you paid from. A bank may take some days to show it.",
        ),
        "sw": (
            "Marejesho yako ya {amount} yamelipwa",
            "{amount} zimerudi ulikolipia. Benki inaweza kuchukua siku kadhaa kuzionyesha.",
        ),
    },
    ("payout_paid", "SURPLUS"): {
        "en": (
            "A payment of {amount} went back to you",
            "It came a second time, or was another amount than was asked for. All of it, {amount}, "
            "went back.",
        ),
        "sw": (
            "Malipo ya {amount} yamerudishwa kwako",
            "Yalikuja mara ya pili, au yalikuwa kiasi tofauti na kilichoombwa. Yote, {amount}, "
            "yamerudishwa.",
        ),
    },
    ("payout_failed", "WITHDRAWAL"): {
        "en": (
            "Your withdrawal could not be paid",
            "{reason_en} The money will be in your Baobab account again in a moment.",
        ),
        "sw": (
            "Pesa ulizotoa hazikuweza kulipwa",
            "{reason_sw} Pesa zitarudi kwenye akaunti yako ya Baobab muda si mrefu.",
        ),
    },
    ("payout_failed", "REFUND"): {
        "en": (
            "Your refund could not be paid",
            "{reason_en} The money stays in your Baobab account. We are looking into it.",
        ),
        "sw": (
            "Marejesho yako hayakuweza kulipwa",
            "{reason_sw} Pesa zinabaki kwenye akaunti yako ya Baobab. Tunachunguza.",
        ),
    },
    ("payout_failed", "SURPLUS"): {
        "en": (
            "A payment of yours could not go back yet",
            "It came a second time, or was another amount than was asked for, and {amount} could "
            "not be sent back. We are looking into it and will write to you.",
        ),
        "sw": (
            "Malipo yako bado hayajaweza kurudishwa",
            "Yalikuja mara ya pili, au yalikuwa kiasi tofauti na kilichoombwa, na {amount} "
            "hazikuweza kurudishwa. Tunachunguza na tutakuandikia.",
        ),
    },
    ("payout_returned", "WITHDRAWAL"): {
        "en": (
            "Your withdrawal of {amount} came back",
            "{reason_en} The money will be in your Baobab account again in a moment. Check the "
            "account that it was to go to.",
        ),
        "sw": (
            "Pesa ulizotoa, {amount}, zimerudi",
            "{reason_sw} Pesa zitarudi kwenye akaunti yako ya Baobab muda si mrefu. Hakikisha "
            "akaunti zilikokuwa zikienda.",
        ),
    },
    ("payout_returned", "REFUND"): {
        "en": (
            "Your refund of {amount} came back",
            "{reason_en} The money will be in your Baobab account again in a moment. We are "
            "looking into it.",
        ),
        "sw": (
            "Marejesho yako ya {amount} yamerudi kwetu",
            "{reason_sw} Pesa zitarudi kwenye akaunti yako ya Baobab muda si mrefu. Tunachunguza.",
        ),
    },
    ("payout_returned", "SURPLUS"): {
        "en": (
            "A payment of {amount} that was to go back to you came back to us",
            "{reason_en} We are looking into it and will write to you.",
        ),
        "sw": (
            "Malipo ya {amount} yaliyokuwa yarudi kwako yamerudi kwetu",
            "{reason_sw} Tunachunguza na tutakuandikia.",
        ),
    },
}


def values_of(topic: str, data: Mapping[str, object]) -> dict[str, str]:
    """Amounts and reasons as people read them, and the words of this kind of payout."""
    currency = Currency(str(data["currency"]))
    values = {"amount": str(Money(int(str(data["amount_minor"])), currency))}
    if "reason" in data:
        reason = _reason(str(data["reason"]))
        values |= {f"reason_{language}": text_of(reason, language) for language in ("en", "sw")}
    words = _WORDS[topic.partition(".")[2], str(data["purpose"])]
    for language, (subject, body) in words.items():
        values[f"subject_{language}"] = subject.format_map(values)
        values[f"body_{language}"] = body.format_map(values)
    return values


def _reason(code: str) -> PayoutReason:
    """One of another version of the code is told in the plainest words."""
    return PayoutReason(code) if code in PayoutReason else PayoutReason.GATEWAY_REFUSED
