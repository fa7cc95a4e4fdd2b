"""Signing in: a password, where there is one a second factor, and then a session.

What decides (standing, role, second factor and their version) is read before the password is
checked, and the session opens on the condition that it is still so: a sign-in under way does not
outlive a new password, a suspension or the end of all sessions.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.kernel.errors import BaobabError, InvalidValue, TemporarilyUnavailable
from shared.kernel.events import Event
from shared.kernel.ids import Kind
from shared.platform.work import ConditionFailed, Write
from shared.users import devices, keyring
from shared.users.addresses import EmailAddress
from shared.users.changes import change_standing
from shared.users.errors import (
    ChallengeExpired,
    CodeRefused,
    NotSignedIn,
    RecoveryUnfinished,
    SignInRefused,
)
from shared.users.events import (
    CredentialsChange,
    CredentialsChangedV1,
    SignedInFromNewDeviceV1,
)
from shared.users.model import Challenge, Reservation, Session, User, UserStatus
from shared.users.ports import SecondFactorAsked, Sessions, Tokens
from shared.users.service import People, register
from shared.users.sessions import LIFETIME, SignedIn, revoke, seal_token, signed_in
from shared.users.sign_ins import NONE, SignIn
from shared.users.throttles import STRANGER, Visitor, proving, signing_in

CHALLENGE_LIFETIME = timedelta(minutes=3)
CODES_KEPT = timedelta(minutes=5)
"""Longer than any provider accepts a code: thirty seconds, and some for clocks that differ."""
_DEVICE_MAX = 120


@dataclass(frozen=True, slots=True)
class MfaAsked:
    """The password was right; ``answer_mfa`` with this id and a code completes the sign-in."""

    challenge_id: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in under way, with what was true before its password was checked."""

    user_id: str
    credentials_version: int
    visitor: Visitor
    device: str | None
    """Keyed hash of the device, when this person signed in with it before."""
    reset_begun: bool = False
    """A new password was on its way already: the one that was right is the one that stands."""


def sign_in(
    people: People, sessions: Sessions, *, email: str, password: str, visitor: Visitor = STRANGER
) -> SignedIn | MfaAsked:
    """Raises SignInRefused for anything wrong, RateLimited, TemporarilyUnavailable.

    RecoveryUnfinished when the second factor was being taken away and is not yet: a password alone
    is not enough then.
    """
    attempt, user, answer = check_password_of(people, email, password, visitor)
    if isinstance(answer, SecondFactorAsked):
        return _ask(people, sessions, attempt, answer)
    if user.mfa:
        revoke(people, answer.refresh_token)
        raise RecoveryUnfinished()
    return open_session(people, sessions, attempt, answer, user, first=user)


def answer_mfa(
    people: People,
    sessions: Sessions,
    *,
    challenge_id: str,
    code: str,
    visitor: Visitor = STRANGER,
) -> SignedIn:
    """Raises CodeRefused (try again), ChallengeExpired (sign in again) or RateLimited."""
    key = people.keyring.hash("challenge", challenge_id)
    challenge = sessions.attempt(key)
    if challenge is None or people.clock.now() >= challenge.expires_at:
        raise ChallengeExpired()
    provider_session = people.keyring.open("mfa", challenge_id, challenge.provider_session)
    if provider_session is None:
        raise ChallengeExpired()
    proving(people.rates, challenge.user_id, challenge.device)
    tokens = people.identities.answer(challenge.user_id, provider_session, code)
    user = people.users.get(challenge.user_id)
    if not sessions.answered(key) or user is None:
        revoke(people, tokens.refresh_token)
        raise ChallengeExpired()
    attempt = Attempt(
        user.user_id,
        challenge.credentials_version,
        visitor,
        challenge.device,
        challenge.reset_begun,
    )
    # An authenticator that the provider asks for and we know nothing of: its set-up was cut off,
    # and what belongs to one is done now.
    new = not user.mfa
    set_up = CredentialsChangedV1(
        user_id=user.user_id, change=CredentialsChange.SECOND_FACTOR_SET_UP
    )
    return open_session(
        people,
        sessions,
        attempt,
        tokens,
        replace(user, mfa=True),
        first=user,
        proved=True,
        alone=new,
        extra=[code_used(people, user.user_id, code)],
        events=[set_up] if new else [],
    )


def code_used(people: People, user_id: str, code: str) -> Write:
    """That an authenticator's code was accepted: it is not accepted again (RFC 6238, 5.2)."""
    now = people.clock.now()
    code_hash = people.keyring.hash("second-factor", f"{user_id} {code}")
    return people.factors.used(code_hash, now, now + CODES_KEPT)


def check_password_of(
    people: People, email: str, password: str, visitor: Visitor
) -> tuple[Attempt, User, Tokens | SecondFactorAsked]:
    """Who signs in, as they were before the password was checked, and the provider's answer.

    For an address that nobody has it does the same, in the same time. Raises as ``sign_in``.
    """
    try:
        address = EmailAddress.parse(email)
    except InvalidValue:
        raise SignInRefused() from None
    account = people.keyring.hash("email", address.unique)
    held = people.users.reservation(account)
    user_id = people.ids.new(Kind.USER) if held is None else held.user_id
    device = devices.known_to(people.keyring, visitor.remembered, user_id)
    signing_in(people.rates, visitor, account, device)
    before = people.users.get(user_id)
    answer = people.identities.sign_in(user_id, password)
    user = _standing(people, held, address, before)
    if isinstance(user, SignInRefused | TemporarilyUnavailable):
        revoke(people, answer.refresh_token if isinstance(answer, Tokens) else None)
        raise user
    version, noted = user.credentials_version, user.reset_begun
    return Attempt(user_id, version, visitor, device, noted), user, answer


def open_session(
    people: People,
    sessions: Sessions,
    attempt: Attempt,
    tokens: Tokens,
    user: User,
    *,
    first: User | None = None,
    proved: bool = False,
    alone: bool = False,
    extra: Sequence[Write] = (),
    events: Sequence[Event] = (),
) -> SignedIn:
    """Session row, live sign-in, notice and the rest in one fact.

    ``user`` says whether the person has a second factor afterwards; ``alone`` ends all other
    sign-ins, also those under way. Raises SignInRefused when anything that decides has changed
    since the password was checked, CodeRefused for a used code.
    """
    if tokens.refresh_token is None:
        raise SignInRefused()
    family, secret, now = keyring.new_family(), keyring.new_secret(), people.clock.now()
    session = _session(people, attempt, tokens, family, secret)
    fresh = SignIn(tokens.origin, session.family, int((now + LIFETIME).timestamp()))

    def decide(before: User) -> User:
        same = before.credentials_version == attempt.credentials_version
        if before.status is not UserStatus.ACTIVE or not same:
            raise SignInRefused()
        # A note that came after the password was checked waits for one that is checked after it.
        ends_others = alone or (before.reset_begun and attempt.reset_begun)
        opened = (NONE if ends_others else before.sign_ins).with_new(fresh, now)
        return replace(
            before,
            mfa=user.mfa,
            sign_ins=opened.proved(fresh.origin, now) if proved else opened,
            reset_begun=before.reset_begun and not attempt.reset_begun,
            credentials_version=before.credentials_version + int(ends_others),
        )

    told = [*events, *_told(attempt, user)]
    writes = [sessions.opened(session, now + LIFETIME), *extra]
    try:
        change_standing(people, attempt.user_id, decide, extra=writes, events=told, first=first)
    except (BaobabError, ConditionFailed) as failed:
        revoke(people, tokens.refresh_token)
        if isinstance(failed, ConditionFailed):
            raise CodeRefused() from None
        raise (SignInRefused() if isinstance(failed, NotSignedIn) else failed) from None
    return signed_in(people, attempt.user_id, tokens, f"{family}.{secret}")


def _session(people: People, attempt: Attempt, tokens: Tokens, family: str, secret: str) -> Session:
    now, key = people.clock.now(), people.keyring.hash("family", family)
    return Session(
        family=key,
        user_id=attempt.user_id,
        current=people.keyring.hash("session", secret),
        generation=1,
        refresh_token=seal_token(people, key, tokens),
        origin=tokens.origin,
        created_at=now,
        last_used_at=now,
        device=attempt.visitor.device[:_DEVICE_MAX],
    )


def _told(attempt: Attempt, user: User) -> list[Event]:
    told: list[Event] = []
    if attempt.device is None:
        told.append(SignedInFromNewDeviceV1(user_id=attempt.user_id))
    if user.reset_begun and attempt.reset_begun:
        change = CredentialsChange.PASSWORD_RESET
        told.append(CredentialsChangedV1(user_id=attempt.user_id, change=change))
    return told


def _standing(
    people: People, held: Reservation | None, address: EmailAddress, before: User | None
) -> User | SignInRefused | TemporarilyUnavailable:
    """The person who may sign in with this right password, or why nobody may."""
    user = before
    if held is not None and held.status is UserStatus.PENDING:
        # The address was proved, then the registration was cut off: finish it.
        try:
            register(people, held, address)
        except CodeRefused:
            return SignInRefused()
        user = people.users.get(held.user_id)
    if held is None or user is None or user.status is not UserStatus.ACTIVE:
        return SignInRefused()
    if people.clock.now().timestamp() < user.held_until:
        return TemporarilyUnavailable()
    return user


def _ask(
    people: People, sessions: Sessions, attempt: Attempt, asked: SecondFactorAsked
) -> MfaAsked:
    challenge_id = keyring.new_secret()
    sessions.ask(
        Challenge(
            challenge=people.keyring.hash("challenge", challenge_id),
            user_id=attempt.user_id,
            provider_session=people.keyring.seal("mfa", challenge_id, asked.provider_session),
            attempts=0,
            expires_at=people.clock.now() + CHALLENGE_LIFETIME,
            credentials_version=attempt.credentials_version,
            device=attempt.device,
            reset_begun=attempt.reset_begun,
        )
    )
    return MfaAsked(challenge_id)
