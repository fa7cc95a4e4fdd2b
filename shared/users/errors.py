"""What can be refused about people and sessions."""

from shared.kernel.edge_errors import Forbidden as Forbidden
from shared.kernel.edge_errors import NotSignedIn as NotSignedIn
from shared.kernel.edge_errors import StepUpRequired as StepUpRequired
from shared.kernel.errors import BaobabError, Retry


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
    advice_sw = "Chagua nenosiri refu zaidi."
    retry = Retry.AFTER_CORRECTION


class CodeRefused(BaobabError):
    """The code is wrong, used, or too old; an unknown address gives the same answer."""

    code = "CODE_REFUSED"
    template = "This code is wrong or no longer valid."
    template_sw = "Msimbo huu si sahihi au umekwisha muda."
    advice = "Check the newest message; sign up again for a new code, or sign in when it worked."
    advice_sw = (
        "Angalia ujumbe wa karibuni zaidi; jisajili tena kupata msimbo mpya, "
        "au ingia ikiwa ulifanikiwa."
    )
    retry = Retry.AFTER_CORRECTION


class SignInRefused(BaobabError):
    """Address and password do not fit, or there is no such person: the two look the same."""

    code = "SIGN_IN_REFUSED"
    template = "E-mail address or password is wrong."
    template_sw = "Barua pepe au nenosiri si sahihi."
    advice = "Check both, or finish your sign-up first."
    advice_sw = "Hakikisha vyote viwili, au maliza kujisajili kwanza."
    retry = Retry.AFTER_CORRECTION


class ChallengeExpired(BaobabError):
    """The second factor came too late, too often, or for a challenge that never was."""

    code = "CHALLENGE_EXPIRED"
    template = "This sign-in is no longer waiting for a code."
    template_sw = "Kuingia huku hakusubiri tena msimbo."
    advice = "Sign in again."
    advice_sw = "Ingia tena."
    retry = Retry.AFTER_SIGN_IN


class SessionEnded(BaobabError):
    """There is no session, it expired, or it was ended."""

    code = "SESSION_ENDED"
    template = "Your session has ended."
    template_sw = "Kipindi chako kimekwisha."
    advice = "Sign in again."
    advice_sw = "Ingia tena."
    retry = Retry.AFTER_SIGN_IN


class SecondFactorNeeded(BaobabError):
    """It is only for people who have set up a second factor."""

    code = "SECOND_FACTOR_NEEDED"
    template = "This needs a second factor, and none is set up."
    template_sw = "Hili linahitaji njia ya pili ya uthibitisho, na bado haijawekwa."
    advice = "Set up an authenticator app first."
    advice_sw = "Weka kwanza programu ya uthibitisho."


class SignInTooOld(BaobabError):
    """It is only for people who have entered their password a short while ago."""

    code = "SIGN_IN_TOO_OLD"
    template = "You signed in too long ago for this."
    template_sw = "Uliingia muda mrefu uliopita kwa jambo hili."
    advice = "Sign in again, then repeat it."
    advice_sw = "Ingia tena, kisha rudia."
    retry = Retry.AFTER_SIGN_IN


class RecoveryUnfinished(BaobabError):
    """The second factor was being taken away with a recovery code, and that was cut off."""

    code = "RECOVERY_UNFINISHED"
    template = "Your recovery was cut off. Use the same recovery code once more."
    template_sw = "Urejeshaji wako ulikatizwa. Tumia tena msimbo ule ule wa urejeshaji."
    advice = "Sign in with password and the recovery code that you used last."
    advice_sw = "Ingia kwa nenosiri na msimbo wa urejeshaji ulioutumia mwisho."


class PasswordUsedBefore(BaobabError):
    """The new password is one of the person's last ones."""

    code = "PASSWORD_USED_BEFORE"
    template = "You had this password before."
    template_sw = "Umewahi kutumia nenosiri hili."
    advice = "Choose another one."
    advice_sw = "Chagua lingine."


class ProfileLocked(BaobabError):
    """A field that the identity check vouches for cannot be changed any more."""

    code = "PROFILE_LOCKED"
    template = "{field} cannot be changed while your identity is being checked or is confirmed."
    template_sw = "{field} haiwezi kubadilishwa wakati utambulisho unakaguliwa au umethibitishwa."
    advice = "Write to support when it is wrong."
    advice_sw = "Waandikie wahudumu ikiwa si sahihi."
    retry = Retry.NEVER


class TooYoung(BaobabError):
    """The person is not of age."""

    code = "TOO_YOUNG"
    template = "You must be at least {years} years old."
    template_sw = "Lazima uwe na umri wa angalau miaka {years}."
    advice = "Come back when you are of age."
    advice_sw = "Rudi utakapofikisha umri huo."
    retry = Retry.NEVER
