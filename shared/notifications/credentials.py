"""What people are told when something changes by which they sign in: subject and text."""

from collections.abc import Mapping

from shared.users.events import CredentialsChange as Change

_TEXTS: Mapping[str, Mapping[Change, tuple[str, str]]] = {
    "en": {
        Change.PASSWORD_CHANGED: (
            "Your password was changed",
            "Your password was changed, and all other devices were signed out.",
        ),
        Change.PASSWORD_RESET: (
            "Your password was reset",
            "Your password was replaced with a code from your mail, and all devices were signed "
            "out.",
        ),
        Change.SECOND_FACTOR_SET_UP: (
            "An authenticator app was set up",
            "From now on signing in asks for a code of your authenticator app. Keep the recovery "
            "codes in a safe place. All other devices were signed out.",
        ),
        Change.SECOND_FACTOR_RECOVERED: (
            "Your authenticator app was switched off",
            "Somebody signed in with your password and a recovery code. The app and all recovery "
            "codes work no longer, and all other devices were signed out: set up a new app.",
        ),
        Change.RECOVERY_CODES_RENEWED: (
            "You have new recovery codes",
            "New recovery codes were made; those before work no longer.",
        ),
        Change.SESSIONS_ENDED: (
            "You were signed out everywhere",
            "Our staff ended all your sessions. Sign in again.",
        ),
    },
    "sw": {
        Change.PASSWORD_CHANGED: (
            "Nenosiri lako limebadilishwa",
            "Nenosiri lako limebadilishwa, na vifaa vingine vyote vimeondolewa.",
        ),
        Change.PASSWORD_RESET: (
            "Nenosiri lako limewekwa upya",
            "Nenosiri lako limewekwa upya kwa msimbo wa barua pepe yako, na vifaa vyote "
            "vimeondolewa.",
        ),
        Change.SECOND_FACTOR_SET_UP: (
            "Programu ya uthibitisho imewekwa",
            "Kuanzia sasa kuingia kunahitaji msimbo wa programu yako ya uthibitisho. Hifadhi "
            "misimbo ya urejeshaji mahali salama. Vifaa vingine vyote vimeondolewa.",
        ),
        Change.SECOND_FACTOR_RECOVERED: (
            "Programu yako ya uthibitisho imezimwa",
            "Mtu ameingia kwa nenosiri lako na msimbo wa urejeshaji. Programu na misimbo yote ya "
            "urejeshaji havifanyi kazi tena, na vifaa vingine vyote vimeondolewa: weka programu "
            "mpya.",
        ),
        Change.RECOVERY_CODES_RENEWED: (
            "Una misimbo mipya ya urejeshaji",
            "Misimbo mipya ya urejeshaji imetolewa; ya awali haifanyi kazi tena.",
        ),
        Change.SESSIONS_ENDED: (
            "Umeondolewa kwenye vifaa vyote",
            "Wahudumu wetu wamemaliza vipindi vyako vyote. Ingia tena.",
        ),
    },
}


_OTHERWISE = {
    "en": ("Your sign-in was changed", "Something by which you sign in was changed."),
    "sw": ("Njia yako ya kuingia imebadilishwa", "Kitu unachotumia kuingia kimebadilishwa."),
}
_NOT_YOU = {
    "en": "If it was not you, write to us at once.",
    "sw": "Ikiwa si wewe, tuandikie mara moja.",
}


def text_of(change: str, language: str) -> tuple[str, str]:
    """Subject and text; a change of another version of the code reads generally."""
    known = change in Change.__members__
    subject, body = _TEXTS[language][Change(change)] if known else _OTHERWISE[language]
    by_staff = change == Change.SESSIONS_ENDED
    return subject, body if by_staff else f"{body} {_NOT_YOU[language]}"
