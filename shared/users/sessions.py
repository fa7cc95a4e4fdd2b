"""Sessions: an opaque id in a cookie that rotates, in front of the provider's refresh token.

The cookie holds ``<family>.<secret>``. A refresh replaces the secret; the one before works for a
short while more and gives the same answer (two tabs, a lost answer); any other secret of a known
family is a copy in wrong hands, and ends the session for everybody.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.kernel.errors import InvalidValue, TemporarilyUnavailable
from shared.kernel.ids import Kind
from shared.platform.observability import metric
from shared.platform.work import ConditionFailed
from shared.users import keyring
from shared.users.addresses import EmailAddress
from shared.users.errors import (
    ChallengeExpired,
    CodeRefused,
    SessionEnded,
    SignInRefused,
    TooManyCodes,
)
from shared.users.model import GUESS_WINDOW, Challenge, Session, User, UserStatus
from shared.users.ports import SecondFactorAsked, Sessions, Tokens
from shared.users.service import People, register

LIFETIME = timedelta(hours=24)
IDLE = timedelta(hours=1)
GRACE = timedelta(seconds=30)
STEP_UP = timedelta(minutes=10)
CHALLENGE_LIFETIME = timedelta(minutes=3)
ACCESS_TOKENS_LIVE_AT_MOST = timedelta(hours=1)
_TRIES = 4


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that just began or continued."""

    user_id: str
    access_token: str
    expires_at: datetime
    session_id: str
    """For the cookie."""


@dataclass(frozen=True, slots=True)
class MfaAsked:
    """The password was right; ``answer_mfa`` with this id and a code completes the sign-in."""

    challenge_id: str


def sign_in(
    people: People, sessions: Sessions, *, email: str, password: str, device: str = ""
) -> SignedIn | MfaAsked:
    """Raises SignInRefused for anything wrong, TemporarilyUnavailable."""
    try:
        address = EmailAddress.parse(email)
    except InvalidValue:
        raise SignInRefused() from None
    held = people.users.reservation(people.keyring.hash("email", address.unique))
    # A password is always checked, so that an unknown address answers no faster.
    user_id = people.ids.new(Kind.USER) if held is None else held.user_id
    answer = people.identities.sign_in(user_id, password)
    if held is None:
        raise SignInRefused()
    if held.status is UserStatus.PENDING:
        # The address was proved, then the registration was cut off: finish it.
        try:
            register(people, held, address)
        except CodeRefused:
            raise SignInRefused() from None
    user = people.users.get(user_id)
    if user is None or user.status is not UserStatus.ACTIVE:
        raise SignInRefused()
    if isinstance(answer, SecondFactorAsked):
        return _ask(people, sessions, user_id, answer)
    return _open(people, sessions, user_id, answer, device=device, second_factor=False)


def answer_mfa(
    people: People, sessions: Sessions, *, challenge_id: str, code: str, device: str = ""
) -> SignedIn:
    """Raises CodeRefused (try again), ChallengeExpired (sign in again) or TooManyCodes."""
    key = people.keyring.hash("challenge", challenge_id)
    challenge = sessions.attempt(key)
    if challenge is None or people.clock.now() >= challenge.expires_at:
        raise ChallengeExpired()
    provider_session = people.keyring.open("mfa", challenge_id, challenge.provider_session)
    if provider_session is None:
        raise ChallengeExpired()
    if not sessions.guess(challenge.user_id, people.clock.now()):
        raise TooManyCodes(minutes=GUESS_WINDOW // timedelta(minutes=1))
    tokens = people.identities.answer(challenge.user_id, provider_session, code)
    sessions.forget_guesses(challenge.user_id)
    if not sessions.answered(key):
        raise ChallengeExpired()
    user = people.users.get(challenge.user_id)
    if user is None or user.status is not UserStatus.ACTIVE:
        raise SignInRefused()
    return _open(people, sessions, user.user_id, tokens, device=device, second_factor=True)


def refresh(people: People, sessions: Sessions, session_id: str) -> SignedIn:
    """A new access token and a new session id. Raises SessionEnded."""
    parts = keyring.split_session_id(session_id)
    if parts is None:
        raise SessionEnded()
    family, secret = parts
    for _ in range(_TRIES):
        session = _live(people, sessions, family)
        standing = _standing(people, session, secret)
        if standing is None:
            _end(people, sessions, session)
            raise SessionEnded()
        tokens = _refreshed(people, sessions, session)
        if standing != secret:
            return _signed_in(people, session.user_id, tokens, f"{family}.{standing}")
        try:
            return _rotate(people, sessions, session, family, secret, tokens)
        except ConditionFailed:
            # Another tab was faster: its new secret is found through the one before.
            continue
    raise SessionEnded()


def sign_out(people: People, sessions: Sessions, session_id: str) -> None:
    """End the session here, at the provider, and for access tokens already given out.

    No session is success. The row outlives the mark on the profile, so that a repeat after a
    crash does both.
    """
    parts = keyring.split_session_id(session_id)
    if parts is None:
        return
    session = sessions.get(people.keyring.hash("family", parts[0]))
    if session is not None:
        _end(people, sessions, session)


def token_ended(user: User, origin: str) -> bool:
    """Whether the sign-in behind an access token was signed out."""
    return any(entry.partition(":")[2] == origin for entry in user.signed_out)


def _ask(people: People, sessions: Sessions, user_id: str, asked: SecondFactorAsked) -> MfaAsked:
    challenge_id = keyring.new_secret()
    sessions.ask(
        Challenge(
            challenge=people.keyring.hash("challenge", challenge_id),
            user_id=user_id,
            provider_session=people.keyring.seal("mfa", challenge_id, asked.provider_session),
            attempts=0,
            expires_at=people.clock.now() + CHALLENGE_LIFETIME,
        )
    )
    return MfaAsked(challenge_id)


def _open(
    people: People,
    sessions: Sessions,
    user_id: str,
    tokens: Tokens,
    *,
    device: str,
    second_factor: bool,
) -> SignedIn:
    if tokens.refresh_token is None:
        raise SignInRefused()
    family, secret, now = keyring.new_family(), keyring.new_secret(), people.clock.now()
    session = Session(
        family=people.keyring.hash("family", family),
        user_id=user_id,
        current=people.keyring.hash("session", secret),
        generation=1,
        refresh_token=_seal_token(people, people.keyring.hash("family", family), tokens),
        origin=tokens.origin,
        created_at=now,
        last_used_at=now,
        step_up_until=now + STEP_UP if second_factor else None,
        device=device[:120],
    )
    sessions.open(session, now + LIFETIME)
    return _signed_in(people, user_id, tokens, f"{family}.{secret}")


def _live(people: People, sessions: Sessions, family: str) -> Session:
    session = sessions.get(people.keyring.hash("family", family))
    now = people.clock.now()
    if session is None:
        raise SessionEnded()
    expired = now >= session.created_at + LIFETIME or now >= session.last_used_at + IDLE
    user = None if expired else people.users.get(session.user_id)
    if user is None or user.status is not UserStatus.ACTIVE:
        _end(people, sessions, session)
        raise SessionEnded()
    return session


def _standing(people: People, session: Session, secret: str) -> str | None:
    """The secret to answer with: this one when current, its successor in the grace, or None."""
    known = people.keyring.hash("session", secret)
    if known == session.current:
        return secret
    in_grace = session.rotated_at is not None and people.clock.now() < session.rotated_at + GRACE
    if known != session.previous or session.successor is None or not in_grace:
        return None
    return people.keyring.open("successor", secret, session.successor)


def _refreshed(people: People, sessions: Sessions, session: Session) -> Tokens:
    token = people.keyring.open("refresh", session.family, session.refresh_token)
    if token is None:
        sessions.end(session.family)
        raise SessionEnded()
    try:
        return people.identities.refresh(session.user_id, token)
    except SessionEnded:
        sessions.end(session.family)
        raise


def _rotate(
    people: People, sessions: Sessions, session: Session, family: str, secret: str, tokens: Tokens
) -> SignedIn:
    fresh, now = keyring.new_secret(), people.clock.now()
    after = replace(
        session,
        current=people.keyring.hash("session", fresh),
        previous=session.current,
        successor=people.keyring.seal("successor", secret, fresh),
        generation=session.generation + 1,
        rotated_at=now,
        last_used_at=now,
        origin=tokens.origin,
    )
    if tokens.refresh_token is not None:
        after = replace(after, refresh_token=_seal_token(people, session.family, tokens))
    sessions.rotate(session, after, session.created_at + LIFETIME)
    return _signed_in(people, session.user_id, tokens, f"{family}.{fresh}")


def _end(people: People, sessions: Sessions, session: Session) -> None:
    _mark_signed_out(people, session)
    sessions.end(session.family)
    # With its row the only copy of the refresh token is gone: revoking it is for good order,
    # and a provider that does not answer must not keep a session alive.
    token = people.keyring.open("refresh", session.family, session.refresh_token)
    if token is None:
        return
    try:
        people.identities.revoke(token)
    except TemporarilyUnavailable:
        metric("RefreshTokenNotRevoked")


def _mark_signed_out(people: People, session: Session) -> None:
    """Access tokens live on for minutes; the profile remembers which are dead."""
    now = int(people.clock.now().timestamp())
    oldest = now - int(ACCESS_TOKENS_LIVE_AT_MOST.total_seconds())
    for _ in range(_TRIES):
        user = people.users.get(session.user_id)
        if user is None or token_ended(user, session.origin):
            return
        recent = {one for one in user.signed_out if int(one.partition(":")[0]) >= oldest}
        try:
            people.users.save_sign_outs(user, frozenset(recent | {f"{now}:{session.origin}"}))
        except ConditionFailed:
            continue
        return
    raise TemporarilyUnavailable()


def _seal_token(people: People, family_hash: str, tokens: Tokens) -> bytes:
    return people.keyring.seal("refresh", family_hash, tokens.refresh_token or "")


def _signed_in(people: People, user_id: str, tokens: Tokens, session_id: str) -> SignedIn:
    expires_at = people.clock.now() + timedelta(seconds=tokens.expires_in_seconds)
    return SignedIn(user_id, tokens.access_token, expires_at, session_id)
