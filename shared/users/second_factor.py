"""The second factor: an authenticator app (RFC 6238), and proving it once more (step-up).

All of it is for somebody whose session was just continued (``sessions.refresh``): the cookie says
who they are, never a token that nobody has checked.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from shared.kernel.errors import TemporarilyUnavailable
from shared.platform.work import ConditionFailed
from shared.users.changes import change_standing
from shared.users.errors import (
    CodeRefused,
    NotSignedIn,
    RecoveryUnfinished,
    SecondFactorNeeded,
    SessionEnded,
    SignInTooOld,
    StepUpRequired,
)
from shared.users.events import CredentialsChange, CredentialsChangedV1
from shared.users.model import User
from shared.users.ports import SecondFactorAsked
from shared.users.recovery_codes import hashes_of, new_codes
from shared.users.service import People, profile_of
from shared.users.sessions import LIFETIME, SignedIn, is_live, revoke
from shared.users.sign_ins import STEP_UP
from shared.users.signing_in import code_used
from shared.users.throttles import proving, proving_again

SIGNED_IN_LATELY = timedelta(minutes=15)
"""For so long after its password a session may set up the first authenticator."""


def begin_totp(people: People, acting: SignedIn) -> tuple[str, str]:
    """A new secret, and the address for its label.

    The first authenticator asks for a password entered lately, so that a session left open or
    stolen cannot lock its owner out; replacing one asks for a fresh step-up. Raises NotSignedIn,
    SignInTooOld, StepUpRequired, TemporarilyUnavailable.
    """
    user = _setting_up(people, acting, people.users.get(acting.user_id))
    return people.identities.begin_totp(acting.access_token), profile_of(people, user).email


def finish_totp(people: People, acting: SignedIn, code: str) -> list[str]:
    """Switch the second factor on, end all other sessions, and give new recovery codes.

    The codes are answered this once. Raises CodeRefused, NotSignedIn, SignInTooOld,
    StepUpRequired, RateLimited.
    """

    def decide(before: User) -> User:
        if not is_live(before, acting.origin, people.clock.now()):
            raise NotSignedIn()
        return _only_this(replace(before, mfa=True), acting)

    _setting_up(people, acting, people.users.get(acting.user_id))
    proving(people.rates, acting.user_id, None)
    people.identities.finish_totp(acting.access_token, code)
    codes = new_codes()
    change = CredentialsChange.SECOND_FACTOR_SET_UP
    try:
        change_standing(
            people,
            acting.user_id,
            decide,
            extra=[
                people.factors.renewed(acting.user_id, hashes_of(people, acting.user_id, codes)),
                code_used(people, acting.user_id, code),
            ],
            events=[CredentialsChangedV1(user_id=acting.user_id, change=change)],
        )
    except (NotSignedIn, TemporarilyUnavailable, ConditionFailed) as failed:
        _undo(people, acting.user_id)
        if isinstance(failed, ConditionFailed):
            raise CodeRefused() from None
        raise
    return codes


def step_up(people: People, acting: SignedIn, *, password: str, code: str) -> datetime:
    """Prove password and second factor once more; until when that counts as fresh.

    Raises SecondFactorNeeded, SignInRefused, CodeRefused, RateLimited, SessionEnded.
    """
    user = people.users.get(acting.user_id)
    if user is None or not is_live(user, acting.origin, people.clock.now()):
        raise SessionEnded()
    if not user.mfa:
        raise SecondFactorNeeded()
    proving_again(people.rates, people.keyring, acting.session_id)
    asked = people.identities.sign_in(acting.user_id, password)
    if not isinstance(asked, SecondFactorAsked):
        revoke(people, asked.refresh_token)
        raise RecoveryUnfinished()
    tokens = people.identities.answer(acting.user_id, asked.provider_session, code)
    # This proves who is there; the session that they have goes on, and no other begins.
    revoke(people, tokens.refresh_token)
    now = people.clock.now()

    def decide(before: User) -> User:
        same = before.credentials_version == user.credentials_version
        if not same or not is_live(before, acting.origin, now):
            raise SessionEnded()
        return replace(before, sign_ins=before.sign_ins.proved(acting.origin, now))

    used = [code_used(people, acting.user_id, code)]
    try:
        change_standing(people, acting.user_id, decide, extra=used, first=user)
    except ConditionFailed:
        raise CodeRefused() from None
    return now + STEP_UP


def renew_recovery_codes(people: People, acting: SignedIn) -> list[str]:
    """Ten new recovery codes, answered this once; those before work no longer.

    Raises SecondFactorNeeded, StepUpRequired, SessionEnded.
    """
    now, codes = people.clock.now(), new_codes()

    def decide(before: User) -> User:
        if not is_live(before, acting.origin, now):
            raise SessionEnded()
        if not before.mfa:
            raise SecondFactorNeeded()
        if not before.sign_ins.stepped_up(acting.origin, now):
            raise StepUpRequired()
        return before

    change = CredentialsChange.RECOVERY_CODES_RENEWED
    change_standing(
        people,
        acting.user_id,
        decide,
        extra=[people.factors.renewed(acting.user_id, hashes_of(people, acting.user_id, codes))],
        events=[CredentialsChangedV1(user_id=acting.user_id, change=change)],
    )
    return codes


def _setting_up(people: People, acting: SignedIn, user: User | None) -> User:
    now = people.clock.now()
    if user is None or not is_live(user, acting.origin, now):
        raise NotSignedIn()
    if user.mfa and not user.sign_ins.stepped_up(acting.origin, now):
        raise StepUpRequired()
    sign_in = user.sign_ins.live(acting.origin, now + LIFETIME - SIGNED_IN_LATELY)
    if not user.mfa and sign_in is None:
        raise SignInTooOld()
    return user


def _undo(people: People, user_id: str) -> None:
    """Nobody's first authenticator stays whose set-up came to nothing here: nobody was told."""
    user = people.users.get(user_id)
    if user is not None and not user.mfa:
        people.identities.switch_off_totp(user_id)


def _only_this(user: User, acting: SignedIn) -> User:
    return replace(
        user,
        sign_ins=user.sign_ins.only(acting.origin),
        credentials_version=user.credentials_version + 1,
    )
