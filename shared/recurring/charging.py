"""Collecting what standing orders let us collect: each occurrence is paid once at most."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.kernel.clock import Clock
from shared.kernel.errors import BaobabError
from shared.payments.errors import DepositLapsed, PaymentRefused
from shared.payments.methods import Method
from shared.payments.model import Deposit
from shared.payments.races import on_fresh_state
from shared.payments.reasons import Reason
from shared.payments.states import CREDITED, DepositStatus
from shared.platform.contention import full_jitter
from shared.platform.correlation import continue_trace
from shared.platform.observability import logger, metric
from shared.platform.queues import Checks
from shared.platform.work import UnitOfWork, Write
from shared.recurring.dates import awake_from
from shared.recurring.endings import Standing, ending_of
from shared.recurring.events import OccurrenceSkippedV1, ScheduleChangedV1
from shared.recurring.model import (
    Occurrence,
    OccurrenceStatus,
    Schedule,
    ScheduleStatus,
    occurrence_of,
)
from shared.recurring.ports import Charges, Schedules
from shared.recurring.reasons import SkipReason
from shared.recurring.retrying import FAILURES_ALLOWED, TOO_LATE, pause_after
from shared.recurring.rows import OCCURRENCE_CHECK
from shared.strategies.errors import GoalArchived

LOOK_AGAIN = timedelta(minutes=15)
"""When the sweep takes over from the chain of checks of an attempt."""


@dataclass(frozen=True, slots=True)
class Charging:
    """The use case behind the checks ``schedule`` and ``occurrence``.

    An attempt is recorded before its deposit is asked for, under a key of its own; the deposit's
    end decides about the next one. So a crash between any two lines continues the same attempt,
    and no attempt begins before the one before it has certainly come to nothing.
    """

    schedules: Schedules
    charges: Charges
    facts: UnitOfWork
    checks: Checks
    clock: Clock
    pause: Callable[[int], None] = full_jitter

    def due(self, user_id: str, schedule_id: str, on: date) -> None:
        """The day of an occurrence has come: it begins, and its order goes on to the next."""

        def begin() -> bool:
            schedule = self.schedules.get(user_id, schedule_id)
            if schedule is None or schedule.next_on != on or schedule.due is None:
                return False
            if self.clock.now() < schedule.due:
                return False
            continue_trace(schedule.trace)
            writes = [
                self.schedules.save(schedule, schedule.advanced()),
                self.schedules.begin(occurrence_of(schedule)),
            ]
            self.facts.commit(writes)
            return True

        if on_fresh_state(begin, self.pause):
            self.checked(user_id, schedule_id, on, -1)

    def checked(self, user_id: str, schedule_id: str, on: date, attempt: int) -> None:
        """Move an occurrence on as far as possible; schedule the next check while an answer is
        awaited within minutes. What waits for hours is found by the sweep."""

        def step() -> Occurrence | None:
            schedule, occurrence = self.schedules.occurrence(user_id, schedule_id, on)
            if schedule is None or occurrence is None:
                return None
            continue_trace(schedule.trace)
            if occurrence.status is OccurrenceStatus.WAITING:
                occurrence = self._claim(schedule, occurrence)
            if occurrence is None or occurrence.status is not OccurrenceStatus.CHARGING:
                return None
            return self._charge(schedule, occurrence)

        awaited = on_fresh_state(step, self.pause)
        if awaited is not None and awaited.due is not None and self.clock.now() < awaited.due:
            self.checks.schedule(OCCURRENCE_CHECK, awaited.subject, attempt + 1)

    def _claim(self, schedule: Schedule, occurrence: Occurrence) -> Occurrence | None:
        """The occurrence with its next attempt recorded; None when it is not made now."""
        now = self.clock.now()
        if occurrence.due is None or now < occurrence.due:
            return None
        if self._paid_after_all(schedule, occurrence):
            return None
        if schedule.status is not ScheduleStatus.ACTIVE:
            self._skip(schedule, occurrence, SkipReason.STOPPED)
            return None
        if now >= occurrence.due + TOO_LATE:
            metric("OccurrenceTooLate", method=schedule.method.value)
            self._skip(schedule, occurrence, SkipReason.TOO_LATE)
            return None
        opens = _opens(schedule, now)
        if opens > now:
            self._save(occurrence, occurrence.noted(due=opens))
            return None
        claimed = occurrence.claimed(now + LOOK_AGAIN)
        self._save(occurrence, claimed)
        return claimed

    def _paid_after_all(self, schedule: Schedule, occurrence: Occurrence) -> bool:
        """Whether an attempt that had counted as failed was paid late: then there is no other."""
        for one in occurrence.tries:
            deposit = None
            if one.deposit_id is not None:
                deposit = self.charges.deposit(occurrence.user_id, one.deposit_id)
            if deposit is not None and deposit.status in CREDITED:
                self._pay(schedule, occurrence, deposit)
                return True
        return False

    def _charge(self, schedule: Schedule, occurrence: Occurrence) -> Occurrence | None:
        """The occurrence while its attempt awaits an answer, else None."""
        deposit = None
        if occurrence.deposit_id is not None:
            deposit = self.charges.deposit(occurrence.user_id, occurrence.deposit_id)
        if deposit is None:
            deposit = self.charges.begun(schedule, occurrence)
            if deposit is None or deposit.status is DepositStatus.CREATED:
                started = self._begin(schedule, occurrence, deposit)
                if not isinstance(started, Deposit):
                    return started
                deposit = started
        if occurrence.deposit_id is None:
            noted = occurrence.noted(deposit_id=deposit.deposit_id)
            self._save(occurrence, noted)
            occurrence = noted
        return self._follow(schedule, occurrence, deposit)

    def _begin(
        self, schedule: Schedule, occurrence: Occurrence, begun: Deposit | None
    ) -> Deposit | Occurrence | None:
        """The attempt's deposit; else the occurrence when it is to be tried again in a moment,
        or None when nothing is awaited now."""
        now = self.clock.now()
        if begun is None:
            opens = _opens(schedule, now)
            stopped = schedule.status is not ScheduleStatus.ACTIVE
            if stopped or opens > now:
                # Nobody was asked: it is as if the attempt had never been claimed.
                self._save(occurrence, occurrence.withdrawn(opens))
                return None
            if occurrence.due is not None and now >= occurrence.due - LOOK_AGAIN + TOO_LATE:
                self._skip(schedule, occurrence, SkipReason.TOO_LATE)
                return None
        try:
            return self.charges.begin(schedule, occurrence)
        except (PaymentRefused, DepositLapsed):
            return self.charges.begun(schedule, occurrence) or occurrence
        except GoalArchived:
            return self._for_the_general_goal(schedule, occurrence)
        except BaobabError as error:
            if error.retryable:
                logger("charge_recurring").warning("not charged yet", extra={"error": error.code})
                return occurrence
            self._skip(schedule, occurrence, SkipReason.REFUSED, error.code)
            return None

    def _for_the_general_goal(self, schedule: Schedule, occurrence: Occurrence) -> Occurrence:
        """Its goal was given up: this occurrence and all later ones are for the general one, as
        is all else that was saved for it. No deposit was recorded, so another wish under the
        attempt's key is its first; its check follows in a moment."""
        told = ScheduleChangedV1(
            user_id=schedule.user_id,
            schedule_id=schedule.schedule_id,
            change="GOAL_ARCHIVED",
            currency=schedule.amount.currency.value,
            amount_minor=schedule.amount.minor,
        )
        after = occurrence.noted(goal_id="")
        writes = [self.schedules.save_occurrence(occurrence, after)]
        if schedule.goal_id == occurrence.goal_id:
            writes.append(self.schedules.save(schedule, schedule.noted(goal_id=""), told))
        self.facts.commit(writes)
        return after

    def _follow(
        self, schedule: Schedule, occurrence: Occurrence, deposit: Deposit
    ) -> Occurrence | None:
        now = self.clock.now()
        ending = ending_of(deposit, now)
        reason = ending.reason or Reason.GATEWAY_REFUSED
        match ending.standing:
            case Standing.AWAITED:
                return occurrence
            case Standing.PAID:
                self._pay(schedule, occurrence, deposit)
            case Standing.WATCHED:
                self._look_at(occurrence, ending.look_at or now)
            case Standing.STAYS_OPEN:
                metric("OccurrenceStaysOpen", method=schedule.method.value)
                self._look_at(occurrence, ending.look_at or now)
            case Standing.DECLINED:
                self._skip(schedule, occurrence, SkipReason.DECLINED_BY_PERSON)
            case Standing.UNPAID:
                pause = pause_after(schedule.method, occurrence.attempt, reason)
                if pause is None:
                    self._skip(schedule, occurrence, SkipReason.NOT_PAID)
                else:
                    self._save(occurrence, occurrence.failed(now, reason.value, now + pause))
        return None

    def _look_at(self, occurrence: Occurrence, at: datetime) -> None:
        if occurrence.due is None or occurrence.due < at - LOOK_AGAIN:
            self._save(occurrence, occurrence.noted(due=at))

    def _pay(self, schedule: Schedule, occurrence: Occurrence, deposit: Deposit) -> None:
        writes = [self.schedules.save_occurrence(occurrence, occurrence.paid(deposit.deposit_id))]
        if schedule.failures:
            writes.append(self.schedules.save(schedule, schedule.noted(failures=0)))
        self.facts.commit(writes)

    def _skip(
        self,
        schedule: Schedule,
        occurrence: Occurrence,
        reason: SkipReason,
        detail: str | None = None,
    ) -> None:
        tells = OccurrenceSkippedV1(
            user_id=occurrence.user_id,
            schedule_id=occurrence.schedule_id,
            on=occurrence.on.isoformat(),
            reason=reason.value,
            currency=occurrence.amount.currency.value,
            amount_minor=occurrence.amount.minor,
        )
        after = occurrence.skipped(reason, detail)
        writes = [self.schedules.save_occurrence(occurrence, after, tells)]
        self.facts.commit([*writes, *self._counted(schedule, reason)])

    def _counted(self, schedule: Schedule, reason: SkipReason) -> Sequence[Write]:
        """The order with one failure more; too many in a row pause it."""
        if schedule.status is not ScheduleStatus.ACTIVE or reason in _NO_FAILURE:
            return []
        failures = schedule.failures + 1
        if failures < FAILURES_ALLOWED:
            return [self.schedules.save(schedule, schedule.noted(failures=failures))]
        metric("ScheduleGivenUp", method=schedule.method.value)
        paused = schedule.moved(ScheduleStatus.PAUSED, failures=failures)
        tells = ScheduleChangedV1(
            user_id=schedule.user_id,
            schedule_id=schedule.schedule_id,
            change="FAILED",
            currency=schedule.amount.currency.value,
            amount_minor=schedule.amount.minor,
        )
        return [self.schedules.save(schedule, paused, tells)]

    def _save(self, before: Occurrence, after: Occurrence) -> None:
        self.facts.commit([self.schedules.save_occurrence(before, after)])


_NO_FAILURE = frozenset({SkipReason.STOPPED, SkipReason.TOO_LATE})
"""These say nothing about the person or their phone."""


def _opens(schedule: Schedule, now: datetime) -> datetime:
    """When the person may be asked: a card is charged at any hour."""
    return awake_from(now, schedule.zone) if schedule.method is Method.MPESA else now
