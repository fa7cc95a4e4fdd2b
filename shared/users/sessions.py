"""Sessions: an opaque id in a cookie that rotates, in front of the provider's refresh token.

The cookie holds ``<family>.<secret>``. A refresh replaces the secret; the one before works for a
short while more and gives the same answer (two tabs, a lost answer); any other secret of a known
family is a copy in wrong hands, and ends the session for everybody. A session lives only while its
sign-in is among those of the profile.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.kernel.errors import TemporarilyUnavailable
from shared.platform.observability import logger, metric
from shared.platform.work import ConditionFailed, Write
from shared.users import keyring
from shared.users.changes import change_standing
from shared.users.errors import NotSignedIn, SessionEnded
from shared.users.model import Session, User, UserStatus
from shared.users.ports import Sessions, Tokens
from shared.users.service import People

LIFETIME = timedelta(hours=24)
IDLE = timedelta(hours=1)
GRACE = timedelta(seconds=30)
_TRIES = 4


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that just began or continued."""

    user_id: str
    access_token: str
    expires_at: datetime
    session_id: str
    """For the cookie."""
    origin: str
    """``origin_jti`` of the access token."""


def refresh(people: People, sessions: Sessions, session_id: str) -> SignedIn:
    """A new access token and a new session id. Raises SessionEnded."""
    parts = keyring.split_session_id(session_id)
    if parts is None:
        raise SessionEnded()
    family, secret = parts
    for _ in range(_TRIES):
        session, origin = _live(people, sessions, family)
        standing = _standing(people, session, secret)
        if standing is None:
            logger("users").warning("session id replayed", extra={"user_id": session.user_id})
            metric("SessionReplayed")
            end(people, sessions, session)
            raise SessionEnded()
        tokens = _refreshed(people, sessions, session)
        if standing != secret:
            _keep_token(people, sessions, session, tokens)
            _follow_origin(people, session, origin, tokens)
            return signed_in(people, session.user_id, tokens, f"{family}.{standing}")
        try:
            renewed = _rotate(people, sessions, session, family, secret, tokens)
        except ConditionFailed:
            # Another tab was faster: its new secret is found through the one before.
            continue
        _follow_origin(people, session, origin, tokens)
        return renewed
    raise SessionEnded()


def sign_out(people: People, sessions: Sessions, session_id: str) -> None:
    """End the session here, at the provider, and for access tokens already given out.

    No session is success, also in a repeat.
    """
    parts = keyring.split_session_id(session_id)
    if parts is None:
        return
    session = sessions.get(people.keyring.hash("family", parts[0]))
    if session is not None:
        end(people, sessions, session)


def end(people: People, sessions: Sessions, session: Session) -> None:
    """End one session: its sign-in and its row go in one fact, then its refresh token."""
    gone: Sequence[Write] = [sessions.ended(session.family)]
    try:
        change_standing(
            people,
            session.user_id,
            lambda user: replace(user, sign_ins=user.sign_ins.without(session.family)),
            extra=gone,
        )
    except NotSignedIn:
        people.facts.commit(gone)
    # With its row the only copy of the refresh token is gone: revoking it is for good order,
    # and a provider that does not answer must not keep a session alive.
    token = people.keyring.open("refresh", session.family, session.refresh_token)
    if token is not None:
        revoke(people, token)


def revoke(people: People, refresh_token: str | None) -> None:
    """End a sign-in at the provider, when it answers."""
    if refresh_token is None:
        return
    try:
        people.identities.revoke(refresh_token)
    except TemporarilyUnavailable:
        metric("RefreshTokenNotRevoked")


def is_live(user: User, origin: str, now: datetime) -> bool:
    """Whether access tokens of this sign-in count."""
    return user.status is UserStatus.ACTIVE and user.sign_ins.live(origin, now) is not None


def signed_in(people: People, user_id: str, tokens: Tokens, session_id: str) -> SignedIn:
    """The answer for these tokens."""
    expires_at = people.clock.now() + timedelta(seconds=tokens.expires_in_seconds)
    return SignedIn(user_id, tokens.access_token, expires_at, session_id, tokens.origin)


def seal_token(people: People, family_hash: str, tokens: Tokens) -> bytes:
    """The refresh token as a session row keeps it."""
    return people.keyring.seal("refresh", family_hash, tokens.refresh_token or "")


def _live(people: People, sessions: Sessions, family: str) -> tuple[Session, str]:
    """The session, and the origin by which the profile knows it."""
    session = sessions.get(people.keyring.hash("family", family))
    now = people.clock.now()
    if session is None:
        raise SessionEnded()
    expired = now >= session.created_at + LIFETIME or now >= session.last_used_at + IDLE
    user = None if expired else people.users.get(session.user_id)
    active = user is not None and user.status is UserStatus.ACTIVE
    sign_in = user.sign_ins.of_session(session.family, now) if user and active else None
    if sign_in is None:
        end(people, sessions, session)
        raise SessionEnded()
    return session, sign_in.origin


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
        end(people, sessions, session)
        raise SessionEnded()
    try:
        return people.identities.refresh(session.user_id, token)
    except SessionEnded:
        end(people, sessions, session)
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
        after = replace(after, refresh_token=seal_token(people, session.family, tokens))
    people.facts.commit([sessions.rotated(session, after, session.created_at + LIFETIME)])
    return signed_in(people, session.user_id, tokens, f"{family}.{fresh}")


def _keep_token(people: People, sessions: Sessions, session: Session, tokens: Tokens) -> None:
    """A provider that rotates refresh tokens lets the one before die soon: the newest stays."""
    if tokens.refresh_token is None:
        return
    after = replace(session, refresh_token=seal_token(people, session.family, tokens))
    with suppress(ConditionFailed):
        # Whoever continued the session meanwhile keeps a newer one.
        people.facts.commit([sessions.rotated(session, after, session.created_at + LIFETIME)])


def _follow_origin(people: People, session: Session, known: str, tokens: Tokens) -> None:
    """A provider may give the refreshed tokens another origin; a sign-in that ended stays so."""
    if tokens.origin != known:
        change_standing(
            people,
            session.user_id,
            lambda user: replace(user, sign_ins=user.sign_ins.moved(session.family, tokens.origin)),
        )
