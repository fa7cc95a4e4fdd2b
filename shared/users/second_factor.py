"""Switching on the second factor: an authenticator app (RFC 6238)."""

from shared.users import keyring
from shared.users.errors import NotSignedIn, StepUpRequired
from shared.users.model import UserStatus
from shared.users.ports import Sessions
from shared.users.service import People, profile_of


def begin_totp(
    people: People, sessions: Sessions, *, access_token: str, session_id: str | None, user_id: str
) -> tuple[str, str]:
    """A new secret and its ``otpauth://`` URI; replacing a factor asks for a fresh step-up.

    ``user_id`` is what the access token says; the provider checks the token itself.
    """
    secret = people.identities.begin_totp(access_token)
    user = people.users.get(user_id)
    if user is None or user.status is not UserStatus.ACTIVE:
        raise NotSignedIn()
    if user.mfa and not _stepped_up(people, sessions, session_id, user_id):
        raise StepUpRequired()
    return secret, profile_of(people, user).email


def finish_totp(people: People, *, access_token: str, code: str, user_id: str) -> None:
    """Switch the second factor on. Raises CodeRefused or NotSignedIn."""
    people.identities.finish_totp(access_token, code)
    people.facts.commit([people.users.set_mfa(user_id)])


def _stepped_up(people: People, sessions: Sessions, session_id: str | None, user_id: str) -> bool:
    parts = keyring.split_session_id(session_id or "")
    session = None if parts is None else sessions.get(people.keyring.hash("family", parts[0]))
    if parts is None or session is None or session.user_id != user_id:
        return False
    current = people.keyring.hash("session", parts[1]) == session.current
    until = session.step_up_until
    return current and until is not None and people.clock.now() < until
