"""Rows of sessions and of sign-ins that wait for a second factor; TTL removes what expired."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    NumberAttribute,
    UnicodeAttribute,
)

from shared.platform.tables import (
    Database,
    Delete,
    InstantAttribute,
    Key,
    Put,
    Row,
    Table,
    Update,
)
from shared.platform.work import ConditionFailed, Write
from shared.users.model import Challenge, Session

_SESSION = "SESSION"
_CHALLENGE = "CHALLENGE"
ATTEMPTS_MAX = 5


class SessionRow(Row):
    """One session; nothing in it opens it without the cookie."""

    KIND: ClassVar[str] = "session"

    user_id = UnicodeAttribute()
    current = UnicodeAttribute()
    previous = UnicodeAttribute(null=True)
    successor = BinaryAttribute(null=True, legacy_encoding=False)
    generation = NumberAttribute()
    refresh_token = BinaryAttribute(legacy_encoding=False)
    origin = UnicodeAttribute()
    device = UnicodeAttribute(null=True)
    created_at = InstantAttribute()
    last_used_at = InstantAttribute()
    rotated_at = InstantAttribute(null=True)
    expires_at = NumberAttribute()


class ChallengeRow(Row):
    """One password that was right, waiting for its code."""

    KIND: ClassVar[str] = "challenge"

    user_id = UnicodeAttribute()
    provider_session = BinaryAttribute(legacy_encoding=False)
    attempts = NumberAttribute(default=0)
    until = InstantAttribute()
    credentials_version = NumberAttribute(null=True)
    """None in rows of before there was one."""
    device = UnicodeAttribute(null=True)
    reset_begun = BooleanAttribute(null=True)
    expires_at = NumberAttribute()


def _row_of(session: Session, expires_at: datetime) -> SessionRow:
    return SessionRow(
        pk=f"SESSION#{session.family}",
        sk=_SESSION,
        user_id=session.user_id,
        current=session.current,
        previous=session.previous,
        successor=session.successor,
        generation=session.generation,
        refresh_token=session.refresh_token,
        origin=session.origin,
        device=session.device or None,
        created_at=session.created_at,
        last_used_at=session.last_used_at,
        rotated_at=session.rotated_at,
        expires_at=int(expires_at.timestamp()),
    )


def _session_of(row: SessionRow) -> Session:
    return Session(
        family=row.pk.removeprefix("SESSION#"),
        user_id=row.user_id,
        current=row.current,
        previous=row.previous,
        successor=row.successor,
        generation=int(row.generation),
        refresh_token=row.refresh_token,
        origin=row.origin,
        device=row.device or "",
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        rotated_at=row.rotated_at,
    )


class SessionStore:
    """See Sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def opened(self, session: Session, expires_at: datetime) -> Write:
        """See Sessions."""
        return Put.new("session", _row_of(session, expires_at))

    def get(self, family: str) -> Session | None:
        """See Sessions."""
        row = self._database.get(SessionRow, f"SESSION#{family}", _SESSION)
        return None if row is None else _session_of(row)

    def many(self, families: Sequence[str]) -> dict[str, Session]:
        """See Sessions."""
        if not families:
            return {}
        keys = [Key(Table.CORE, f"SESSION#{family}", _SESSION) for family in families]
        found = self._database.get_many(keys).values()
        sessions = [_session_of(item.to(SessionRow)) for item in found]
        return {session.family: session for session in sessions}

    def rotated(self, before: Session, after: Session, expires_at: datetime) -> Write:
        """See Sessions."""
        unchanged = (SessionRow.current == before.current) & (
            SessionRow.generation == before.generation
        )
        return Put("session", _row_of(after, expires_at), unchanged)

    def ended(self, family: str) -> Write:
        """See Sessions."""
        return Delete("session", SessionRow, f"SESSION#{family}", _SESSION)

    def ask(self, challenge: Challenge) -> None:
        """See Sessions."""
        row = ChallengeRow(
            pk=f"CHALLENGE#{challenge.challenge}",
            sk=_CHALLENGE,
            user_id=challenge.user_id,
            provider_session=challenge.provider_session,
            attempts=challenge.attempts,
            until=challenge.expires_at,
            credentials_version=challenge.credentials_version,
            device=challenge.device,
            reset_begun=challenge.reset_begun or None,
            expires_at=int(challenge.expires_at.timestamp()),
        )
        self._database.write(Put.new("challenge", row))

    def attempt(self, challenge: str) -> Challenge | None:
        """See Sessions."""
        pk = f"CHALLENGE#{challenge}"
        count = Update(
            "challenge",
            ChallengeRow,
            pk,
            _CHALLENGE,
            (ChallengeRow.attempts.add(1),),
            ChallengeRow.pk.exists() & (ChallengeRow.attempts < ATTEMPTS_MAX),
        )
        try:
            self._database.write(count)
        except ConditionFailed:
            return None
        row = self._database.get(ChallengeRow, pk, _CHALLENGE)
        if row is None or row.credentials_version is None:
            return None
        return Challenge(
            challenge=challenge,
            user_id=row.user_id,
            provider_session=row.provider_session,
            attempts=int(row.attempts),
            expires_at=row.until,
            credentials_version=int(row.credentials_version),
            device=row.device,
            reset_begun=bool(row.reset_begun),
        )

    def answered(self, challenge: str) -> bool:
        """See Sessions."""
        gone = Delete(
            "challenge",
            ChallengeRow,
            f"CHALLENGE#{challenge}",
            _CHALLENGE,
            ChallengeRow.pk.exists(),
        )
        try:
            self._database.write(gone)
        except ConditionFailed:
            return False
        return True
