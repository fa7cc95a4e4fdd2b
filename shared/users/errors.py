"""What can be refused about people and sessions."""

from shared.kernel.edge_errors import Forbidden as Forbidden
from shared.kernel.edge_errors import NotSignedIn as NotSignedIn
from shared.kernel.edge_errors import StepUpRequired as StepUpRequired
from shared.kernel.errors import BaobabError


class PasswordTooWeak(BaobabError):
    """The password does not meet the policy."""

    code = "PASSWORD_TOO_WEAK"
    template = (
        "The password needs at least {length} characters with upper case, lower case, "
        "a digit and a symbol."
    )
    template_sw = (
        "Nenosiri linahitaji angalau herufi {length} zikiwemo kubwa, ndogo, tarakimu na alama."
    )
    advice = "Choose a longer password."


class CodeRefused(BaobabError):
    """The code is wrong, used, or too old; an unknown address gives the same answer."""

    code = "CODE_REFUSED"
    template = "This code is wrong or no longer valid."
    template_sw = "Msimbo huu si sahihi au umekwisha muda."
    advice = "Check the newest message; sign up again for a new code, or sign in when it worked."


class SignInRefused(BaobabError):
    """Address and password do not fit, or there is no such person: the two look the same."""

    code = "SIGN_IN_REFUSED"
    template = "E-mail address or password is wrong."
    template_sw = "Barua pepe au nenosiri si sahihi."
    advice = "Check both, or finish your sign-up first."


class ChallengeExpired(BaobabError):
    """The second factor came too late, too often, or for a challenge that never was."""

    code = "CHALLENGE_EXPIRED"
    template = "This sign-in is no longer waiting for a code."
    template_sw = "Kuingia huku hakusubiri tena msimbo."
    advice = "Sign in again."


class TooManyCodes(BaobabError):
    """Too many second factors were tried for one person in a while."""

    code = "TOO_MANY_CODES"
    template = "Too many codes were tried. Wait {minutes} minutes."
    template_sw = "Misimbo mingi mno imejaribiwa. Subiri dakika {minutes}."
    advice = "Sign in again later; change your password if it was not you who tried."


class SessionEnded(BaobabError):
    """There is no session, it expired, or it was ended."""

    code = "SESSION_ENDED"
    template = "Your session has ended."
    template_sw = "Kipindi chako kimekwisha."
    advice = "Sign in again."


class ProfileLocked(BaobabError):
    """A field that the identity check vouches for cannot be changed any more."""

    code = "PROFILE_LOCKED"
    template = "{field} cannot be changed while your identity is being checked or is confirmed."
    template_sw = "{field} haiwezi kubadilishwa wakati utambulisho unakaguliwa au umethibitishwa."
    advice = "Write to support when it is wrong."


class TooYoung(BaobabError):
    """The person is not of age."""

    code = "TOO_YOUNG"
    template = "You must be at least {years} years old."
    template_sw = "Lazima uwe na umri wa angalau miaka {years}."
    advice = "Come back when you are of age."
