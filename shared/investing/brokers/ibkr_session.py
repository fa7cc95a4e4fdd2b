"""The one brokerage session of our login: who looks after it, how it is, whose turn it is.

The broker allows one session per username, and one order at a time in it. So one process at a
time looks after the session (``hold``), and one at a time sends an order (``turn``); both are
leases in a row of their own that end by themselves when their process dies.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition

from shared.kernel.clock import Clock
from shared.platform.contention import pause_ms
from shared.platform.tables import Database, InstantAttribute, Put, Row
from shared.platform.work import ConditionFailed

PARTITION = "IBKR#SESSION"
_STATE, _KEEPER, _TURN = "STATE", "KEEPER", "TURN"
HELD = timedelta(seconds=50)
"""A keeper's lease; the schedule comes each minute."""
TURN = timedelta(seconds=40)
"""Longer than an order takes with all its questions."""
TRUSTED = timedelta(minutes=4)
"""A state that nobody has confirmed for so long is not believed: the keeper is not running."""
_WAITS = (50, 100, 200, 400, 800, 1600, 2000, 2000)
"""Milliseconds between tries for a turn."""


class SessionState(StrEnum):
    """How the session was found."""

    LIVE = "LIVE"
    """Orders can be sent."""
    LOST = "LOST"
    """There is none, and making one has failed or has not been tried yet."""
    COMPETING = "COMPETING"
    """Another login of our username has it; we do not fight about it."""
    LOGGED_OUT = "LOGGED_OUT"
    """The gateway itself is not logged in: a person has to."""
    UNREACHABLE = "UNREACHABLE"
    """The gateway does not answer."""


@dataclass(frozen=True, slots=True)
class Session:
    """What is known of the session. ``since`` is when it became what it is."""

    state: SessionState
    since: datetime
    checked_at: datetime
    fought_at: datetime | None = None
    """When we last took the session away from another login."""
    version: int = 0

    def live(self, now: datetime) -> bool:
        """Whether orders can be sent."""
        return self.state is SessionState.LIVE and now - self.checked_at <= TRUSTED


class SessionRow(Row):
    """The state."""

    KIND: ClassVar[str] = "ibkr_session"

    state = UnicodeAttribute()
    since = InstantAttribute()
    checked_at = InstantAttribute()
    fought_at = InstantAttribute(null=True)
    version = NumberAttribute()


class LeaseRow(Row):
    """Who may do what only one may, and until when."""

    KIND: ClassVar[str] = "ibkr_lease"

    holder = UnicodeAttribute()
    until = InstantAttribute()


class SessionStore:
    """Session and leases; every change is a conditional write."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        new_name: Callable[[], str],
        pause: Callable[[int], None] = pause_ms,
    ) -> None:
        self._database = database
        self._clock = clock
        self._new_name = new_name
        self._pause = pause

    def read(self) -> Session | None:
        """As it was found last; None before the first look."""
        row = self._database.get(SessionRow, PARTITION, _STATE)
        if row is None:
            return None
        return Session(
            SessionState(row.state), row.since, row.checked_at, row.fought_at, int(row.version)
        )

    def live(self) -> bool:
        """Whether orders can be sent."""
        session = self.read()
        return session is not None and session.live(self._clock.now())

    def keep(self, before: Session | None, after: Session) -> bool:
        """Replace what is known; False when somebody else has looked since."""
        version = 0 if before is None else before.version
        row = SessionRow(
            pk=PARTITION,
            sk=_STATE,
            state=after.state.value,
            since=after.since,
            checked_at=after.checked_at,
            fought_at=after.fought_at,
            version=version + 1,
        )
        unchanged = (
            SessionRow.pk.does_not_exist() if before is None else SessionRow.version == version
        )
        return self._put("session", row, unchanged)

    @contextmanager
    def hold(self) -> Iterator[bool]:
        """Whether this process looks after the session now; given back at the end."""
        yield from self._leased(_KEEPER, HELD, ())

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Whether this process may send an order now. It waits a few seconds for its turn."""
        yield from self._leased(_TURN, TURN, _WAITS)

    def _leased(self, name: str, span: timedelta, waits: tuple[int, ...]) -> Iterator[bool]:
        holder = self._new_name()
        taken = self._take(name, holder, span)
        for milliseconds in waits:
            if taken:
                break
            self._pause(milliseconds)
            taken = self._take(name, holder, span)
        try:
            yield taken
        finally:
            if taken:
                self._give_back(name, holder)

    def _take(self, name: str, holder: str, span: timedelta) -> bool:
        now = self._clock.now()
        row = LeaseRow(pk=PARTITION, sk=name, holder=holder, until=now + span)
        return self._put("lease", row, LeaseRow.pk.does_not_exist() | (LeaseRow.until < now))

    def _give_back(self, name: str, holder: str) -> None:
        over = self._clock.now() - timedelta(seconds=1)
        row = LeaseRow(pk=PARTITION, sk=name, holder=holder, until=over)
        # Somebody else's by now, when ours ran out: then it stays.
        self._put("lease", row, LeaseRow.holder == holder)

    def _put(self, name: str, row: Row, condition: Condition) -> bool:
        try:
            self._database.write(Put(name, row, condition))
        except ConditionFailed:
            return False
        return True
