"""Switching on the second factor: an authenticator app (RFC 6238)."""

from dataclasses import dataclass

from shared.users import keyring
from shared.users.errors import NotSignedIn, StepUpRequired
from shared.users.model import User, UserStatus
from shared.users.ports import Sessions
from shared.users.service import People, profile_of
from shared.users.sessions import token_ended


@dataclass(frozen=True, slots=True)
class Bearer:
    """What an access token says; the provider checks the token itself on every use."""

    access_token: str
    user_id: str
    origin: str


def begin_totp(
    people: People, sessions: Sessions, bearer: Bearer, session_id: str | None
) -> tuple[str, str]:
    """A new secret, and the address for its label.

    Replacing a factor asks for a session with a fresh step-up. Raises NotSignedIn,
    StepUpRequired, TemporarilyUnavailable.
    """
    # First of all the provider: until then the token may be anybody's invention.
    secret = people.identities.begin_totp(bearer.access_token)
    user = _allowed(people, sessions, bearer, session_id)
    return secret, profile_of(people, user).email


def finish_totp(
    people: People, sessions: Sessions, bearer: Bearer, session_id: str | None, code: str
) -> None:
    """Switch the second factor on. Raises CodeRefused, NotSignedIn or StepUpRequired."""
    _allowed(people, sessions, bearer, session_id)
    people.identities.finish_totp(bearer.access_token, code)
    people.facts.commit([people.users.set_mfa(bearer.user_id)])


def _allowed(people: People, sessions: Sessions, bearer: Bearer, session_id: str | None) -> User:
    user = people.users.get(bearer.user_id)
    if user is None or user.status is not UserStatus.ACTIVE or token_ended(user, bearer.origin):
        raise NotSignedIn()
    if user.mfa and not _stepped_up(people, sessions, session_id, bearer.user_id):
        raise StepUpRequired()
    return user


def _stepped_up(people: People, sessions: Sessions, session_id: str | None, user_id: str) -> bool:
    parts = keyring.split_session_id(session_id or "")
    session = None if parts is None else sessions.get(people.keyring.hash("family", parts[0]))
    if parts is None or session is None or session.user_id != user_id:
        return False
    current = people.keyring.hash("session", parts[1]) == session.current
    until = session.step_up_until
    return current and until is not None and people.clock.now() < until
