"""Standing orders and their occurrences. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from shared.kernel.ids import created_at
from shared.kernel.money import Money
from shared.kernel.states import Transitions, advance
from shared.payments.methods import Method
from shared.recurring.dates import Rule, Zone, charged_at
from shared.recurring.reasons import SkipReason
from shared.strategies.goals import general_goal_id

ATTEMPTS_KEPT = 5


class ScheduleStatus(StrEnum):
    """Where a standing order stands."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    """Nothing is collected; days that pass meanwhile are not made up for."""
    CANCELLED = "CANCELLED"


SCHEDULE_MOVES: Transitions[ScheduleStatus] = {
    ScheduleStatus.ACTIVE: frozenset({ScheduleStatus.PAUSED, ScheduleStatus.CANCELLED}),
    ScheduleStatus.PAUSED: frozenset({ScheduleStatus.ACTIVE, ScheduleStatus.CANCELLED}),
    ScheduleStatus.CANCELLED: frozenset(),
}


class OccurrenceStatus(StrEnum):
    """Where one occurrence stands."""

    WAITING = "WAITING"
    """It is to be charged from ``due`` on, for the first time or again."""
    CHARGING = "CHARGING"
    """An attempt is being made, or its deposit has no certain end yet."""
    PAID = "PAID"
    SKIPPED = "SKIPPED"


_O = OccurrenceStatus
OCCURRENCE_MOVES: Transitions[OccurrenceStatus] = {
    _O.WAITING: frozenset({_O.CHARGING, _O.PAID, _O.SKIPPED}),
    _O.CHARGING: frozenset({_O.WAITING, _O.PAID, _O.SKIPPED}),
    _O.PAID: frozenset(),
    _O.SKIPPED: frozenset(),
}
"""From WAITING to PAID: proof of payment of an attempt that had counted as failed."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A standing order: money that a person lets us collect on certain days."""

    user_id: str
    schedule_id: str
    rule: Rule
    amount: Money
    method: Method
    zone: Zone
    sealed: bytes
    """What is charged, as ciphertext: a phone number, or a card at the gateway."""
    shown_as: str
    """The same, masked."""
    next_on: date
    """The next occurrence; every day before it is done with."""
    status: ScheduleStatus = ScheduleStatus.ACTIVE
    version: int = 1
    failures: int = 0
    """Occurrences in a row that were not paid."""
    goal_id: str = ""
    """What is saved for with it; empty for the general goal."""
    trace: str = ""

    @property
    def created_at(self) -> datetime:
        """When it was made."""
        return created_at(self.schedule_id)

    @property
    def saved_for(self) -> str:
        """The goal, the general one by its name too."""
        return self.goal_id or general_goal_id(self.user_id)

    @property
    def due(self) -> datetime | None:
        """When the next occurrence begins; None while nothing is collected."""
        if self.status is not ScheduleStatus.ACTIVE:
            return None
        return charged_at(self.next_on, self.zone)

    def moved(self, target: ScheduleStatus, **changes: Any) -> "Schedule":
        """In another state, if that is legal."""
        status = advance(SCHEDULE_MOVES, self.status, target)
        return self.noted(status=status, **changes)

    def noted(self, **changes: Any) -> "Schedule":
        """The same state with these changes."""
        return replace(self, version=self.version + 1, **changes)

    def advanced(self) -> "Schedule":
        """Its next occurrence is begun, or left out: the one after it is the next."""
        return self.noted(next_on=self.rule.after(self.next_on))

    def resumed(self, now: datetime) -> "Schedule":
        """It runs again, from the first occurrence whose time is still to come."""
        next_on = max(self.next_on, self.rule.first_at(now, self.zone))
        return self.moved(ScheduleStatus.ACTIVE, next_on=next_on, failures=0)


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt that came to nothing."""

    at: datetime
    deposit_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One day's collection: it is paid once at most, however often it is attempted."""

    user_id: str
    schedule_id: str
    on: date
    amount: Money
    status: OccurrenceStatus
    due: datetime | None
    """When it is looked at again; None when it is done with."""
    goal_id: str = ""
    """What it is saved for; empty for the general goal."""
    attempt: int = 0
    """Number of the attempt that is being made, or was made last."""
    deposit_id: str | None = None
    """Of the attempt that is being made, or that paid."""
    tries: tuple[Try, ...] = ()
    reason: SkipReason | None = None
    detail: str | None = None
    """The code of the refusal, where a rule refused it."""
    version: int = 1

    @property
    def key(self) -> str:
        """The idempotency key of the current attempt's deposit."""
        return f"{self.schedule_id}:{self.on.isoformat()}:{self.attempt}"

    @property
    def subject(self) -> Mapping[str, str]:
        """As checks name it."""
        return {
            "user_id": self.user_id,
            "schedule_id": self.schedule_id,
            "on": self.on.isoformat(),
        }

    def noted(self, **changes: Any) -> "Occurrence":
        """The same state with these changes."""
        return replace(self, version=self.version + 1, **changes)

    def _moved(self, target: OccurrenceStatus, **changes: Any) -> "Occurrence":
        return self.noted(status=advance(OCCURRENCE_MOVES, self.status, target), **changes)

    def claimed(self, look_again: datetime) -> "Occurrence":
        """The next attempt is about to be made; recorded before anybody is asked."""
        return self._moved(
            OccurrenceStatus.CHARGING, attempt=self.attempt + 1, deposit_id=None, due=look_again
        )

    def failed(self, at: datetime, reason: str, again_at: datetime) -> "Occurrence":
        """The attempt certainly came to nothing; there is to be another."""
        kept = (*self.tries, Try(at, self.deposit_id, reason))[-ATTEMPTS_KEPT:]
        return self._moved(OccurrenceStatus.WAITING, tries=kept, due=again_at)

    def withdrawn(self, again_at: datetime) -> "Occurrence":
        """The claimed attempt was not made after all: nobody was asked."""
        return self._moved(OccurrenceStatus.WAITING, attempt=self.attempt - 1, due=again_at)

    def paid(self, deposit_id: str) -> "Occurrence":
        """The money came."""
        return self._moved(OccurrenceStatus.PAID, deposit_id=deposit_id, due=None)

    def skipped(self, reason: SkipReason, detail: str | None = None) -> "Occurrence":
        """It is left out for good."""
        return self._moved(OccurrenceStatus.SKIPPED, reason=reason, detail=detail, due=None)


def occurrence_of(schedule: Schedule) -> Occurrence:
    """The schedule's next occurrence, which nobody has begun."""
    return Occurrence(
        user_id=schedule.user_id,
        schedule_id=schedule.schedule_id,
        on=schedule.next_on,
        amount=schedule.amount,
        status=OccurrenceStatus.WAITING,
        due=charged_at(schedule.next_on, schedule.zone),
        goal_id=schedule.goal_id,
    )
