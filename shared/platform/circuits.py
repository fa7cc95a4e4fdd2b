"""Circuit breakers in front of others' services, with one state for all processes.

Closed, a circuit counts failures; with ``THRESHOLD`` of them within ``WINDOW`` it opens, and nobody
calls for a while. Then it is half open: one call at a time finds out, and only ``PROBES`` successes
in a row close it, while one failure opens it again for twice as long. How often it has opened is
forgotten only after ``FORGET`` of quiet: a service that flaps stays open longer and longer, up to
``LONGEST``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.kernel.clock import Clock
from shared.kernel.errors import TemporarilyUnavailable
from shared.platform.observability import metric
from shared.platform.tables import Database, InstantAttribute, Put, Row
from shared.platform.work import ConditionFailed

THRESHOLD = 5
WINDOW = timedelta(seconds=60)
SHORTEST, LONGEST = timedelta(seconds=30), timedelta(minutes=10)
PROBES = 3
PROBE_LASTS = timedelta(seconds=20)
"""A probe whose end nobody tells, because its process died, is given up after this time."""
FORGET = timedelta(minutes=10)
REMEMBERED = timedelta(seconds=2)
"""For so long a process believes what it read of a circuit without failures."""
_TRIES = 4
_SK = "CIRCUIT"


class CircuitState(StrEnum):
    """Whether calls go out."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


@dataclass(frozen=True, slots=True)
class Circuit:
    """What is known of one service. ``changed_at`` is when the circuit opened, half opened or
    closed; ``counted_from`` is when ``failures`` began to be counted."""

    name: str
    changed_at: datetime
    state: CircuitState = CircuitState.CLOSED
    failures: int = 0
    trips: int = 0
    successes: int = 0
    probe_until: datetime | None = None
    counted_from: datetime | None = None
    version: int = 0

    @property
    def cool_down(self) -> timedelta:
        """How long it stays open: 30 s, 60 s … 10 min."""
        return min(LONGEST, SHORTEST * (1 << min(max(self.trips - 1, 0), 8)))

    def admitted(self, now: datetime) -> "Circuit | None":
        """What it becomes by letting one call through; None when it lets none through."""
        if self.state is CircuitState.CLOSED:
            return self
        if self.state is CircuitState.OPEN:
            if now < self.changed_at + self.cool_down:
                return None
            return replace(
                self,
                state=CircuitState.HALF_OPEN,
                changed_at=now,
                successes=0,
                probe_until=now + PROBE_LASTS,
            )
        if self.probe_until is not None and now < self.probe_until:
            return None
        return replace(self, probe_until=now + PROBE_LASTS)

    def succeeded(self, now: datetime) -> "Circuit":
        """After a call that was answered."""
        if self.state is CircuitState.OPEN:
            return self
        if self.state is CircuitState.CLOSED:
            quiet = bool(self.trips) and now >= self.changed_at + FORGET
            if not self.failures and not quiet:
                return self
            return replace(self, failures=0, trips=0 if quiet else self.trips)
        if self.successes + 1 < PROBES:
            return replace(self, successes=self.successes + 1, probe_until=None)
        return replace(
            self,
            state=CircuitState.CLOSED,
            changed_at=now,
            failures=0,
            successes=0,
            probe_until=None,
        )

    def failed(self, now: datetime) -> "Circuit":
        """After a call that was not answered."""
        if self.state is CircuitState.OPEN:
            return self
        if self.state is CircuitState.HALF_OPEN:
            return self._opened(now)
        since = self.counted_from if self.failures else None
        if since is None or now >= since + WINDOW:
            return replace(self, failures=1, counted_from=now)
        if self.failures + 1 >= THRESHOLD:
            return self._opened(now)
        return replace(self, failures=self.failures + 1)

    def _opened(self, now: datetime) -> "Circuit":
        return replace(
            self,
            state=CircuitState.OPEN,
            changed_at=now,
            failures=0,
            successes=0,
            trips=self.trips + 1,
            probe_until=None,
        )


class Circuits(Protocol):
    """Circuit breakers by the name of what they protect."""

    def admits(self, name: str) -> bool:
        """Whether a call may go out now; a half open circuit admits one at a time. Who was
        admitted tells how it went."""

    def succeeded(self, name: str) -> None:
        """A call was answered, whatever the answer was."""

    def failed(self, name: str) -> None:
        """A call was not answered."""


class CircuitRow(Row):
    """One circuit."""

    KIND: ClassVar[str] = "circuit"

    state = UnicodeAttribute()
    changed_at = InstantAttribute()
    failures = NumberAttribute()
    trips = NumberAttribute()
    successes = NumberAttribute()
    probe_until = InstantAttribute(null=True)
    counted_from = InstantAttribute(null=True)
    version = NumberAttribute()


class StoredCircuits:
    """See Circuits. Without its store it admits everything: the calls have timeouts of their
    own, and a payment must not wait for what only spares others."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._quiet: dict[str, datetime] = {}

    def read(self, name: str) -> Circuit:
        """As it stands; one that never failed is closed."""
        row = self._database.get(CircuitRow, f"CIRCUIT#{name}", _SK)
        if row is None:
            return Circuit(name, self._clock.now())
        return Circuit(
            name=name,
            changed_at=row.changed_at,
            state=CircuitState(row.state),
            failures=int(row.failures),
            trips=int(row.trips),
            successes=int(row.successes),
            probe_until=row.probe_until,
            counted_from=row.counted_from,
            version=int(row.version),
        )

    def admits(self, name: str) -> bool:
        """See Circuits."""
        if self._believed_quiet(name):
            return True
        return self._change(name, lambda circuit, now: circuit.admitted(now))

    def succeeded(self, name: str) -> None:
        """See Circuits."""
        if not self._believed_quiet(name):
            self._change(name, lambda circuit, now: circuit.succeeded(now))

    def failed(self, name: str) -> None:
        """See Circuits."""
        self._quiet.pop(name, None)
        self._change(name, lambda circuit, now: circuit.failed(now))

    def _believed_quiet(self, name: str) -> bool:
        seen = self._quiet.get(name)
        return seen is not None and self._clock.now() < seen + REMEMBERED

    def _change(self, name: str, step: Callable[[Circuit, datetime], Circuit | None]) -> bool:
        """False when the step is refused. What others changed meanwhile is read again."""
        try:
            for _ in range(_TRIES):
                before, now = self.read(name), self._clock.now()
                after = step(before, now)
                if after is None:
                    return False
                if after.state is CircuitState.CLOSED and not after.failures and not after.trips:
                    self._quiet[name] = now
                if after == before or self._kept(before, after):
                    return True
        except (BotoCoreError, ClientError, TemporarilyUnavailable) as error:
            metric("CircuitWithoutStore", circuit=name, error=type(error).__name__)
            return True
        return before.state is CircuitState.CLOSED

    def _kept(self, before: Circuit, after: Circuit) -> bool:
        row = CircuitRow(
            pk=f"CIRCUIT#{after.name}",
            sk=_SK,
            state=after.state.value,
            changed_at=after.changed_at,
            failures=after.failures,
            trips=after.trips,
            successes=after.successes,
            probe_until=after.probe_until,
            counted_from=after.counted_from,
            version=before.version + 1,
        )
        unchanged = (
            CircuitRow.version == before.version
            if before.version
            else CircuitRow.pk.does_not_exist()
        )
        try:
            self._database.write(Put("circuit", row, unchanged))
        except ConditionFailed:
            return False
        if after.state is not before.state:
            metric("CircuitChanged", circuit=after.name, state=after.state.value)
        return True
