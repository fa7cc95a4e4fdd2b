"""What people are told about their round-ups."""

from collections.abc import Mapping

from shared.kernel.money import Currency, Money
from shared.roundups.reasons import text_of_code

TEXTS = {
    "roundups.round_ups_started": {
        "en": (
            "Your round-ups have started",
            "Purchases are rounded up, and the change is collected from {amount} on. If you did "
            "not ask for this, stop it in Baobab and change your password.",
        ),
        "sw": (
            "Ukusanyaji wa chenji yako umeanza",
            "Manunuzi yanazungushwa juu, na chenji inakusanywa kuanzia {amount}. Ikiwa hukuomba "
            "hili, limalize kwenye Baobab na ubadilishe nenosiri lako.",
        ),
    },
    "roundups.round_ups_changed": {
        "en": ("{subject_en}", "{body_en}"),
        "sw": ("{subject_sw}", "{body_sw}"),
    },
    "roundups.transfer_returned": {
        "en": (
            "Your round-ups of {amount} were not collected",
            "{reason_en} The amount is in your pool again, and we try on another day.",
        ),
        "sw": (
            "Chenji yako ya {amount} haikukusanywa",
            "{reason_sw} Kiasi hicho kimerudi kwenye mfuko wako, na tutajaribu siku nyingine.",
        ),
    },
}

_CHANGES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "PAUSED": {
        "en": (
            "Your round-ups are paused",
            "Nothing is counted or collected until you resume them. {amount} stay in your pool.",
        ),
        "sw": (
            "Ukusanyaji wa chenji yako umesitishwa",
            "Hakuna kitakachohesabiwa wala kukusanywa hadi utakapouendeleza. {amount} zinabaki "
            "kwenye mfuko wako.",
        ),
    },
    "RESUMED": {
        "en": ("Your round-ups run again", "Your purchases from now on are rounded up."),
        "sw": (
            "Ukusanyaji wa chenji yako unaendelea tena",
            "Manunuzi yako kuanzia sasa yatazungushwa juu.",
        ),
    },
    "STOPPED": {
        "en": (
            "Your round-ups have ended",
            "Nothing is collected any more, and what was in your pool was not charged.",
        ),
        "sw": (
            "Ukusanyaji wa chenji yako umemalizika",
            "Hakuna kitakachokusanywa tena, na kilichokuwa kwenye mfuko wako hakikutozwa.",
        ),
    },
    "SETTINGS_CHANGED": {
        "en": ("Your round-ups were changed", "The new settings hold for purchases from now on."),
        "sw": (
            "Ukusanyaji wa chenji yako umebadilishwa",
            "Mipangilio mipya inatumika kwa manunuzi kuanzia sasa.",
        ),
    },
    "GOAL_ARCHIVED": {
        "en": (
            "Your round-ups are for your general goal now",
            "The goal that they were saved for is archived. They are still collected.",
        ),
        "sw": (
            "Ukusanyaji wa chenji yako sasa ni wa lengo lako la jumla",
            "Lengo lake limehifadhiwa kwenye kumbukumbu. Chenji bado inakusanywa.",
        ),
    },
    "FAILED": {
        "en": (
            "Your round-ups are paused",
            "They were not paid several times in a row. {amount} stay in your pool: resume them in "
            "Baobab when you are ready.",
        ),
        "sw": (
            "Ukusanyaji wa chenji yako umesitishwa",
            "Haukulipwa mara kadhaa mfululizo. {amount} zinabaki kwenye mfuko wako: uendeleze "
            "kwenye Baobab ukiwa tayari.",
        ),
    },
}
_NEUTRAL = {
    "en": ("Your round-ups were changed", "Open Baobab to see where things stand."),
    "sw": ("Ukusanyaji wa chenji yako umebadilishwa", "Fungua Baobab uone hali ilivyo."),
}


def values_of(data: Mapping[str, object]) -> dict[str, str]:
    """Amounts, reasons and changes of an event in both languages; neutral words for a change of
    another version."""
    values = {"amount": str(Money(int(str(data["amount_minor"])), Currency(str(data["currency"]))))}
    if "change" in data:
        for language, (subject, body) in _CHANGES.get(str(data["change"]), _NEUTRAL).items():
            values[f"subject_{language}"] = subject
            values[f"body_{language}"] = body.format(amount=values["amount"])
    if "reason" in data:
        for language in ("en", "sw"):
            values[f"reason_{language}"] = text_of_code(str(data["reason"]), language)
    return values
