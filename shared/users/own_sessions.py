"""A person's own sessions: seeing them, and ending one or all others."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.ids import Kind, derived
from shared.users.changes import change_standing
from shared.users.model import User
from shared.users.ports import Sessions
from shared.users.service import People
from shared.users.sessions import IDLE, end


@dataclass(frozen=True, slots=True)
class OwnSession:
    """What a person sees of one of their sessions."""

    session_id: str
    device: str
    """What the browser called itself; empty when it did not."""
    created_at: datetime
    last_used_at: datetime
    current: bool


def own_sessions(sessions: Sessions, user: User, origin: str, now: datetime) -> list[OwnSession]:
    """Those that go on, newest first: one read. ``origin`` is of the token that asks."""
    live = user.sign_ins.newest_first(now)
    rows = sessions.many([each.family for each in live])
    return [
        OwnSession(
            session_id=_public(user.user_id, each.family),
            device=row.device,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            current=each.origin == origin,
        )
        for each in live
        if (row := rows.get(each.family)) is not None and now < row.last_used_at + IDLE
    ]


def end_session(people: People, sessions: Sessions, user: User, session_id: str) -> None:
    """End one of a person's own sessions; one that is not among them is success."""
    for each in user.sign_ins.all:
        if _public(user.user_id, each.family) == session_id:
            row = sessions.get(each.family)
            if row is not None:
                end(people, sessions, row)


def end_other_sessions(people: People, user: User, origin: str) -> None:
    """End all sessions of a person but the one that asks, and every sign-in under way."""
    change_standing(
        people,
        user.user_id,
        lambda user: replace(
            user,
            sign_ins=user.sign_ins.only(origin),
            credentials_version=user.credentials_version + 1,
        ),
    )


def _public(user_id: str, family: str) -> str:
    """An identifier that tells nothing of the session's key, which nobody can guess."""
    return derived(Kind.SESSION, user_id, family)
