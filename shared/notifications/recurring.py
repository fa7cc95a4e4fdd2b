"""What people are told about their recurring deposits."""

from collections.abc import Mapping

from shared.recurring.reasons import text_of_code

CREATED = {
    "en": (
        "Your recurring deposit of {amount} is set up",
        "We collect {amount} from {first_on} on. If you did not ask for this, cancel it in Baobab "
        "and change your password.",
    ),
    "sw": (
        "Amana yako ya kujirudia ya {amount} imewekwa",
        "Tutakusanya {amount} kuanzia {first_on}. Ikiwa hukuomba hili, lifute kwenye Baobab na "
        "ubadilishe nenosiri lako.",
    ),
}
CHANGED = {
    "en": ("{subject_en}", "{body_en}"),
    "sw": ("{subject_sw}", "{body_sw}"),
}
SKIPPED = {
    "en": ("Your recurring deposit of {amount} was left out", "It was due on {on}. {reason_en}"),
    "sw": ("Amana yako ya kujirudia ya {amount} imerukwa", "Ilipaswa kulipwa {on}. {reason_sw}"),
}

_CHANGES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "PAUSED": {
        "en": ("Your recurring deposit is paused", "Nothing is collected until you resume it."),
        "sw": (
            "Amana yako ya kujirudia imesitishwa",
            "Hakuna kitakachokusanywa hadi utakapoiendeleza.",
        ),
    },
    "RESUMED": {
        "en": ("Your recurring deposit runs again", "We collect {amount} on its days."),
        "sw": (
            "Amana yako ya kujirudia inaendelea tena",
            "Tutakusanya {amount} katika siku zake.",
        ),
    },
    "CANCELLED": {
        "en": ("Your recurring deposit has ended", "Nothing is collected any more."),
        "sw": ("Amana yako ya kujirudia imemalizika", "Hakuna kitakachokusanywa tena."),
    },
    "AMOUNT_CHANGED": {
        "en": ("Your recurring deposit was changed", "From the next one on we collect {amount}."),
        "sw": (
            "Amana yako ya kujirudia imebadilishwa",
            "Kuanzia inayofuata tutakusanya {amount}.",
        ),
    },
    "GOAL_CHANGED": {
        "en": ("Your recurring deposit was changed", "It is saved for another goal from now on."),
        "sw": (
            "Amana yako ya kujirudia imebadilishwa",
            "Kuanzia sasa inawekwa kwa ajili ya lengo lingine.",
        ),
    },
    "GOAL_ARCHIVED": {
        "en": (
            "Your recurring deposit is for your general goal now",
            "The goal that it was saved for is archived. We still collect {amount} on its days.",
        ),
        "sw": (
            "Amana yako ya kujirudia sasa ni ya lengo lako la jumla",
            "Lengo lake limehifadhiwa kwenye kumbukumbu. Bado tutakusanya {amount} katika siku "
            "zake.",
        ),
    },
    "FAILED": {
        "en": (
            "Your recurring deposit is paused",
            "It was not paid several times in a row. Resume it in Baobab when you are ready.",
        ),
        "sw": (
            "Amana yako ya kujirudia imesitishwa",
            "Haikulipwa mara kadhaa mfululizo. Iendeleze kwenye Baobab ukiwa tayari.",
        ),
    },
}
_NEUTRAL = {
    "en": ("Your recurring deposit was changed", "Open Baobab to see where things stand."),
    "sw": ("Amana yako ya kujirudia imebadilishwa", "Fungua Baobab uone hali ilivyo."),
}


def change_values(change: str, amount: str) -> dict[str, str]:
    """Subject and body of a change in both languages; neutral for a code of another version."""
    values = {}
    for language, (subject, body) in _CHANGES.get(change, _NEUTRAL).items():
        values[f"subject_{language}"] = subject
        values[f"body_{language}"] = body.format(amount=amount)
    return values


def skip_values(reason: str) -> dict[str, str]:
    """Why an occurrence was left out, in both languages."""
    return {f"reason_{language}": text_of_code(reason, language) for language in ("en", "sw")}
