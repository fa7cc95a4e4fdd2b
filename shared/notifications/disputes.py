"""What people are told when their bank takes a payment back, and of what they owe because of it."""

from collections.abc import Mapping

from shared.disputes.reasons import DisputeReason, text_of
from shared.kernel.money import Currency, Money

TEXTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "disputes.dispute_opened": {
        "en": (
            "Your bank takes back a payment of {amount}",
            "{reason_en} Until this is decided the money is set aside and nothing can be paid out "
            "of your account. If you did not ask your bank for this, write to us.",
        ),
        "sw": (
            "Benki yako inarudisha malipo ya {amount}",
            "{reason_sw} Hadi uamuzi utolewe pesa zimetengwa na hakuna kinachoweza kulipwa kutoka "
            "kwenye akaunti yako. Ikiwa hukuiomba benki yako hili, tuandikie.",
        ),
    },
    "disputes.dispute_won": {
        "en": (
            "Your payment of {amount} stays",
            "The bank has decided. The money is yours to use again.",
        ),
        "sw": (
            "Malipo yako ya {amount} yanabaki",
            "Benki imeamua. Unaweza kutumia pesa zako tena.",
        ),
    },
    "disputes.dispute_lost": {
        "en": (
            "Your bank has taken back {amount}",
            "The payment is taken back for good. {owed_en}",
        ),
        "sw": ("Benki yako imerudisha {amount}", "Malipo yamerudishwa moja kwa moja. {owed_sw}"),
    },
    "disputes.receivable_paid": {
        "en": (
            "{amount} of your cash paid what you owed",
            "Your bank had taken back money that was spent. Still owed: {left}.",
        ),
        "sw": (
            "{amount} za salio lako zimelipa deni lako",
            "Benki yako ilirudisha pesa zilizokuwa zimetumika. Deni lililobaki: {left}.",
        ),
    },
}
_OWED = {
    "en": (
        "It came out of your cash.",
        "{owed} of it had been spent: what you pay in next pays that first.",
    ),
    "sw": (
        "Zimetolewa kwenye salio lako.",
        "{owed} zilikuwa zimetumika: utakachoweka baadaye kitalipa hizo kwanza.",
    ),
}


def values_of(data: Mapping[str, object]) -> dict[str, str]:
    """Amounts as people read them, and what is said in both languages."""
    values = {"amount": _money(data["amount_minor"], str(data["currency"]))}
    if "reason" in data:
        reason = _reason(str(data["reason"]))
        values |= {f"reason_{each}": text_of(reason, each) for each in _OWED}
    if "owed_minor" in data:
        owed = int(str(data["owed_minor"]))
        for language, (nothing, some) in _OWED.items():
            words = some.format(owed=_money(owed, "USD")) if owed else nothing
            values[f"owed_{language}"] = words
    if "left_minor" in data:
        values["left"] = _money(data["left_minor"], str(data["currency"]))
    return values


def _reason(code: str) -> DisputeReason:
    """A code that only another version of this code knows is none."""
    return DisputeReason(code) if code in DisputeReason.__members__ else DisputeReason.OTHER


def _money(minor: object, currency: str) -> str:
    return str(Money(int(str(minor)), Currency(currency)))
