"""What a person can do about standing orders. Each act is done once per idempotency key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.kernel.clock import Clock
from shared.kernel.errors import InvalidValue, NotFound
from shared.kernel.ids import Ids, Kind
from shared.kernel.money import Money
from shared.payments.errors import MethodNotOffered
from shared.payments.methods import Method
from shared.payments.paying_in import check_may_pay_in, saved_for
from shared.payments.ports import Deposits, People, Purposes
from shared.payments.races import on_fresh_state
from shared.payments.requests import DepositRequest, checked_request
from shared.platform.contention import full_jitter
from shared.platform.correlation import correlation_id
from shared.platform.idempotency import IdempotencyKeys, Intent, once
from shared.platform.work import UnitOfWork, Write
from shared.recurring.dates import Rule, Zone, local_day
from shared.recurring.errors import ScheduleNotActive, TooManySchedules
from shared.recurring.events import ScheduleChangedV1, ScheduleCreatedV1
from shared.recurring.instruments import instrument
from shared.recurring.model import Schedule, ScheduleStatus, occurrence_of
from shared.recurring.ports import CardKeeper, Instruments, OccurrencePage, Schedules
from shared.recurring.reasons import SkipReason
from shared.recurring.retrying import RETRIES

LIVE_MAX = 10
"""Standing orders of one person that are not cancelled. Two that are made at the same moment may
exceed it by one: it keeps mistakes small, money is kept by the rules of deposits."""
STARTS_WITHIN = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for. ``phone`` for M-Pesa; for a card ``card_of``, the deposit with
    which it was kept. Without ``starts_on`` the first occurrence is tomorrow or later."""

    rule: Rule
    amount: Money
    method: Method
    zone: Zone = Zone.NAIROBI
    phone: str | None = None
    card_of: str | None = None
    goal_id: str | None = None
    starts_on: date | None = None


@dataclass(frozen=True, slots=True)
class RecurringService:
    """The use cases of the API."""

    schedules: Schedules
    deposits: Deposits
    keys: IdempotencyKeys
    facts: UnitOfWork
    people: People
    goals: Purposes
    instruments: Instruments
    cards: Callable[[], CardKeeper]
    clock: Clock
    ids: Ids
    pause: Callable[[int], None] = full_jitter

    def create(self, user_id: str, *, key: str, wish: Wish) -> Schedule:
        """A new standing order, or the one that this key made. Raises the typed errors of
        deposits, TooManySchedules and CardNotKept; nothing is recorded then."""
        if wish.method not in RETRIES:
            raise MethodNotOffered(method=wish.method.value)
        request = checked_request(user_id, key, wish.method, wish.amount, wish.phone)
        content = (
            wish.rule.frequency.value,
            wish.rule.day,
            wish.method.value,
            wish.amount.minor,
            wish.amount.currency.value,
            wish.zone.value,
            request.phone,
            wish.card_of if wish.method is Method.CARD else None,
            None if wish.starts_on is None else wish.starts_on.isoformat(),
            *(() if wish.goal_id is None else ("goal", wish.goal_id)),
        )

        def make() -> tuple[Schedule, str, Sequence[Write]]:
            schedule = self._made(request, wish)
            tells = ScheduleCreatedV1(
                user_id=user_id,
                schedule_id=schedule.schedule_id,
                method=schedule.method.value,
                frequency=schedule.rule.frequency.value,
                currency=schedule.amount.currency.value,
                amount_minor=schedule.amount.minor,
                first_on=schedule.next_on.isoformat(),
            )
            return schedule, schedule.schedule_id, [self.schedules.create(schedule, tells)]

        intent = Intent(user_id, "create_recurring", key, content)
        read = self._reader(user_id)
        return once(self.keys, self.facts, intent, make=make, read=read)[0]

    def pause_order(self, user_id: str, schedule_id: str, *, key: str) -> Schedule:
        """Nothing is collected until it is resumed; what is being collected now still is."""
        return self._change(
            user_id, schedule_id, "pause_recurring", key, self._to(ScheduleStatus.PAUSED)
        )

    def cancel(self, user_id: str, schedule_id: str, *, key: str) -> Schedule:
        """Nothing is collected any more."""
        return self._change(
            user_id, schedule_id, "cancel_recurring", key, self._to(ScheduleStatus.CANCELLED)
        )

    def resume(self, user_id: str, schedule_id: str, *, key: str) -> Schedule:
        """It runs again; days that passed meanwhile are not made up for."""

        def changed(before: Schedule) -> tuple[Schedule, Sequence[Write]]:
            if before.status is ScheduleStatus.ACTIVE:
                return before, []
            after = before.resumed(self.clock.now())
            return after, [self.schedules.save(before, after, _told(after, "RESUMED"))]

        return self._change(user_id, schedule_id, "resume_recurring", key, changed)

    def skip_next(self, user_id: str, schedule_id: str, *, key: str) -> Schedule:
        """The next occurrence is left out; ScheduleNotActive where there is none."""

        def changed(before: Schedule) -> tuple[Schedule, Sequence[Write]]:
            if before.status is not ScheduleStatus.ACTIVE:
                raise ScheduleNotActive()
            left_out, after = (
                occurrence_of(before).skipped(SkipReason.BY_PERSON),
                before.advanced(),
            )
            return after, [self.schedules.save(before, after), self.schedules.begin(left_out)]

        return self._change(user_id, schedule_id, "skip_recurring", key, changed)

    def change(
        self,
        user_id: str,
        schedule_id: str,
        *,
        key: str,
        amount: Money,
        goal_id: str | None = None,
    ) -> Schedule:
        """From the next occurrence on; one that is being collected keeps its amount and its goal.
        Without a goal it stays for what it was for. Raises NotFound and GoalArchived for goals,
        as deposits do."""

        def changed(before: Schedule) -> tuple[Schedule, Sequence[Write]]:
            if before.status is ScheduleStatus.CANCELLED:
                raise ScheduleNotActive()
            phone = self.instruments.open(user_id, before.sealed).get("phone")
            checked_request(user_id, key, before.method, amount, phone)
            kept = goal_id is None
            purpose = before.goal_id if kept else saved_for(self.goals, user_id, goal_id)
            if (amount, purpose) == (before.amount, before.goal_id):
                return before, []
            after = before.noted(amount=amount, goal_id=purpose)
            change = "AMOUNT_CHANGED" if amount != before.amount else "GOAL_CHANGED"
            return after, [self.schedules.save(before, after, _told(after, change))]

        goal = () if goal_id is None else ("goal", goal_id)
        content = (amount.minor, amount.currency.value, *goal)
        return self._change(user_id, schedule_id, "change_recurring", key, changed, *content)

    def order(self, user_id: str, schedule_id: str) -> Schedule:
        """One of this person's; NotFound for those of others too."""
        found = self.schedules.get(user_id, schedule_id)
        if found is None:
            raise NotFound(what="The recurring deposit")
        return found

    def orders(self, user_id: str) -> Sequence[Schedule]:
        """All of this person's, the newest first."""
        return sorted(self.schedules.of_person(user_id), key=_by_age, reverse=True)

    def history(
        self, user_id: str, schedule_id: str, *, limit: int, after: str | None = None
    ) -> OccurrencePage:
        """Occurrences of one order, newest first; NotFound for those of others too."""
        self.order(user_id, schedule_id)
        return self.schedules.occurrences(user_id, schedule_id, limit=limit, after=after)

    def _reader(self, user_id: str) -> Callable[[str], Schedule]:
        return lambda schedule_id: self.order(user_id, schedule_id)

    def _to(self, target: ScheduleStatus) -> Callable[[Schedule], tuple[Schedule, Sequence[Write]]]:
        def changed(before: Schedule) -> tuple[Schedule, Sequence[Write]]:
            if before.status is target:
                return before, []
            after = before.moved(target)
            return after, [self.schedules.save(before, after, _told(after, target.value))]

        return changed

    def _change(
        self,
        user_id: str,
        schedule_id: str,
        operation: str,
        key: str,
        changed: Callable[[Schedule], tuple[Schedule, Sequence[Write]]],
        *content: str | int,
    ) -> Schedule:
        intent = Intent(user_id, operation, key, (schedule_id, *content))

        def make() -> tuple[Schedule, str, Sequence[Write]]:
            after, writes = changed(self.order(user_id, schedule_id))
            return after, schedule_id, writes

        def attempt() -> Schedule:
            read = self._reader(user_id)
            return once(self.keys, self.facts, intent, make=make, read=read)[0]

        return on_fresh_state(attempt, self.pause)

    def _made(self, request: DepositRequest, wish: Wish) -> Schedule:
        user_id, now = request.user_id, self.clock.now()
        starts_on = _start(wish, now)
        check_may_pay_in(self.people.standing(user_id))
        live = [
            one
            for one in self.schedules.of_person(user_id)
            if one.status is not ScheduleStatus.CANCELLED
        ]
        if len(live) >= LIVE_MAX:
            raise TooManySchedules(limit=LIVE_MAX)
        secret, shown_as = instrument(request, wish.card_of, self.deposits, self.cards)
        return Schedule(
            user_id=user_id,
            schedule_id=self.ids.new(Kind.SCHEDULE),
            rule=wish.rule,
            amount=wish.amount,
            method=wish.method,
            zone=wish.zone,
            sealed=self.instruments.seal(user_id, secret),
            shown_as=shown_as,
            next_on=wish.rule.first_from(starts_on),
            goal_id=saved_for(self.goals, user_id, wish.goal_id),
            trace=correlation_id(),
        )


def _start(wish: Wish, now: datetime) -> date:
    today = local_day(now, wish.zone)
    if wish.starts_on is None:
        return today + timedelta(days=1)
    if not today <= wish.starts_on <= today + STARTS_WITHIN:
        raise InvalidValue(field="starts_on", reason="must be within a year from today")
    return wish.starts_on


def _told(after: Schedule, change: str) -> ScheduleChangedV1:
    return ScheduleChangedV1(
        user_id=after.user_id,
        schedule_id=after.schedule_id,
        change=change,
        currency=after.amount.currency.value,
        amount_minor=after.amount.minor,
    )


def _by_age(schedule: Schedule) -> str:
    return schedule.schedule_id
