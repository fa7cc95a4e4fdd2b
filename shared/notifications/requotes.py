"""What people are told when a withdrawal waited so long that its exchange rate was over."""

from collections.abc import Mapping
from datetime import UTC, datetime

from shared.kernel.money import Currency, Money

TEXTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "payouts.withdrawal_requoted": {
        "en": (
            "Your withdrawal of {debited}: {amount} arrive",
            "It waited longer than its exchange rate holds. At the rate of now {amount} arrive "
            "instead of {was}.",
        ),
        "sw": (
            "Pesa ulizotoa, {debited}: {amount} zitafika",
            "Malipo yalisubiri kuliko muda wa kiwango cha kubadilisha fedha. Kwa kiwango cha sasa "
            "{amount} zitafika badala ya {was}.",
        ),
    },
    "payouts.consent_asked": {
        "en": (
            "Your withdrawal of {debited} needs your word",
            "The exchange rate has changed: {amount} would arrive instead of {was}. Open Baobab "
            "and agree, or cancel. Without your word until {until} it is cancelled, and the money "
            "is yours again.",
        ),
        "sw": (
            "Tunahitaji idhini yako kwa pesa ulizotoa, {debited}",
            "Kiwango cha kubadilisha fedha kimebadilika: {amount} zitafika badala ya {was}. Fungua "
            "Baobab ukubali, au ghairi. Bila idhini yako hadi {until} malipo yataghairiwa, na pesa "
            "zitakuwa zako tena.",
        ),
    },
    "payouts.consent_lapsed": {
        "en": (
            "Your withdrawal of {debited} was cancelled",
            "The exchange rate had changed and you did not agree in time. The money will be in "
            "your Baobab account again in a moment.",
        ),
        "sw": (
            "Malipo yako ya {debited} yameghairiwa",
            "Kiwango cha kubadilisha fedha kilibadilika na hukukubali kwa wakati. Pesa zitarudi "
            "kwenye akaunti yako ya Baobab muda si mrefu.",
        ),
    },
}


def values_of(data: Mapping[str, object]) -> dict[str, str]:
    """Of one of these events: what its texts need."""
    values = {"debited": str(Money(int(str(data["debited_minor"])), Currency.USD))}
    if "currency" in data:
        currency = Currency(str(data["currency"]))
        values["amount"] = str(Money(int(str(data["amount_minor"])), currency))
        values["was"] = str(Money(int(str(data["was_minor"])), currency))
    if "answer_by" in data:
        until = datetime.fromisoformat(str(data["answer_by"])).astimezone(UTC)
        values["until"] = f"{until:%Y-%m-%d %H:%M} UTC"
    return values
