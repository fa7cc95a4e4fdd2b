"""Rows of sessions and of sign-ins that wait for a second factor; TTL removes what expired."""

from datetime import datetime
from typing import ClassVar

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute

from shared.platform.tables import Database, Delete, InstantAttribute, Put, Row, Update
from shared.platform.work import ConditionFailed
from shared.users.model import GUESS_WINDOW, Challenge, Session

_SESSION = "SESSION"
_CHALLENGE = "CHALLENGE"
_GUESSES = "GUESSES"
ATTEMPTS_MAX = 5
GUESSES_MAX = 10
"""Whoever has a password could open challenge after challenge: codes are counted by person too."""


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
    step_up_until = InstantAttribute(null=True)
    expires_at = NumberAttribute()


class ChallengeRow(Row):
    """One password that was right, waiting for its code."""

    KIND: ClassVar[str] = "challenge"

    user_id = UnicodeAttribute()
    provider_session = BinaryAttribute(legacy_encoding=False)
    attempts = NumberAttribute(default=0)
    until = InstantAttribute()
    expires_at = NumberAttribute()


class GuessesRow(Row):
    """Second factors tried for one person in the window that ends with ``expires_at``."""

    KIND: ClassVar[str] = "guesses"

    attempts = NumberAttribute()
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
        step_up_until=session.step_up_until,
        expires_at=int(expires_at.timestamp()),
    )


class SessionStore:
    """See Sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, session: Session, expires_at: datetime) -> None:
        """See Sessions."""
        self._database.write(Put.new("session", _row_of(session, expires_at)))

    def get(self, family: str) -> Session | None:
        """See Sessions."""
        row = self._database.get(SessionRow, f"SESSION#{family}", _SESSION)
        if row is None:
            return None
        return Session(
            family=family,
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
            step_up_until=row.step_up_until,
        )

    def rotate(self, before: Session, after: Session, expires_at: datetime) -> None:
        """See Sessions."""
        unchanged = (SessionRow.current == before.current) & (
            SessionRow.generation == before.generation
        )
        self._database.write(Put("session", _row_of(after, expires_at), unchanged))

    def end(self, family: str) -> None:
        """See Sessions."""
        self._database.write(Delete("session", SessionRow, f"SESSION#{family}", _SESSION))

    def ask(self, challenge: Challenge) -> None:
        """See Sessions."""
        row = ChallengeRow(
            pk=f"CHALLENGE#{challenge.challenge}",
            sk=_CHALLENGE,
            user_id=challenge.user_id,
            provider_session=challenge.provider_session,
            attempts=challenge.attempts,
            until=challenge.expires_at,
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
        if row is None:
            return None
        return Challenge(challenge, row.user_id, row.provider_session, int(row.attempts), row.until)

    def guess(self, user_id: str, now: datetime) -> bool:
        """See Sessions."""
        fresh = GuessesRow(
            pk=f"GUESSES#{user_id}",
            sk=_GUESSES,
            attempts=1,
            expires_at=int((now + GUESS_WINDOW).timestamp()),
        )
        over = GuessesRow.pk.does_not_exist() | (GuessesRow.expires_at <= int(now.timestamp()))
        one_more = Update(
            "guesses",
            GuessesRow,
            fresh.pk,
            _GUESSES,
            (GuessesRow.attempts.add(1),),
            GuessesRow.attempts < GUESSES_MAX,
        )
        for change in (Put("guesses", fresh, over), one_more):
            try:
                self._database.write(change)
            except ConditionFailed:
                continue
            return True
        return False

    def forget_guesses(self, user_id: str) -> None:
        """See Sessions."""
        self._database.write(Delete("guesses", GuessesRow, f"GUESSES#{user_id}", _GUESSES))

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
