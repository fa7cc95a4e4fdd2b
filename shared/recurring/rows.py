"""Rows of standing orders and their occurrences, both ways."""

import json
from datetime import date
from typing import Any, ClassVar

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute

from shared.kernel.clock import from_text, to_text
from shared.kernel.ids import Kind, cell_of
from shared.kernel.money import Currency, Money
from shared.payments.methods import Method
from shared.platform import keys
from shared.platform.indexes import pending_bucket
from shared.platform.tables import Key, Row, Table
from shared.recurring.dates import Frequency, Rule, Zone
from shared.recurring.model import Occurrence, OccurrenceStatus, Schedule, ScheduleStatus, Try
from shared.recurring.reasons import SkipReason

SCHEDULE_CHECK, OCCURRENCE_CHECK = "schedule", "occurrence"


class ScheduleRow(Row):
    """A standing order; ``pending`` and ``due`` are there while it runs."""

    KIND: ClassVar[str] = "schedule"

    status = UnicodeAttribute()
    version = NumberAttribute()
    frequency = UnicodeAttribute()
    day = NumberAttribute()
    amount_minor = NumberAttribute()
    currency = UnicodeAttribute()
    method = UnicodeAttribute()
    zone = UnicodeAttribute()
    sealed = BinaryAttribute(legacy_encoding=False)
    shown_as = UnicodeAttribute()
    next_on = UnicodeAttribute()
    failures = NumberAttribute(default=0)
    goal_id = UnicodeAttribute(null=True)
    trace = UnicodeAttribute(null=True)
    check = UnicodeAttribute(null=True)
    pending = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)


class OccurrenceRow(Row):
    """One day of a standing order; ``pending`` and ``due`` are there while it is not done."""

    KIND: ClassVar[str] = "occurrence"

    status = UnicodeAttribute()
    version = NumberAttribute()
    amount_minor = NumberAttribute()
    currency = UnicodeAttribute()
    goal_id = UnicodeAttribute(null=True)
    attempt = NumberAttribute(default=0)
    deposit_id = UnicodeAttribute(null=True)
    tries = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    detail = UnicodeAttribute(null=True)
    check = UnicodeAttribute(null=True)
    pending = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)


def schedule_key(user_id: str, schedule_id: str) -> Key:
    """Where a standing order lies."""
    return Key(Table.CORE, keys.user(user_id), keys.schedule(schedule_id))


def occurrence_key(user_id: str, schedule_id: str, on: date) -> Key:
    """Where an occurrence lies."""
    return Key(Table.CORE, keys.user(user_id), keys.occurrence(schedule_id, on.isoformat()))


def schedule_id_of(user_id: str, sort_key: str) -> str:
    """Of a standing order's row, or of an occurrence's: it lives in the cell of its person."""
    return f"{Kind.SCHEDULE.value}_{cell_of(user_id)}_{sort_key.split('#')[1]}"


def schedule_row(schedule: Schedule) -> ScheduleRow:
    """To its row."""
    key = schedule_key(schedule.user_id, schedule.schedule_id)
    row = ScheduleRow(
        pk=key.pk,
        sk=key.sk,
        status=schedule.status.value,
        version=schedule.version,
        frequency=schedule.rule.frequency.value,
        day=schedule.rule.day,
        amount_minor=schedule.amount.minor,
        currency=schedule.amount.currency.value,
        method=schedule.method.value,
        zone=schedule.zone.value,
        sealed=schedule.sealed,
        shown_as=schedule.shown_as,
        next_on=schedule.next_on.isoformat(),
        failures=schedule.failures,
        goal_id=schedule.goal_id or None,
        trace=schedule.trace or None,
    )
    if schedule.due is not None:
        row.check, row.due = SCHEDULE_CHECK, to_text(schedule.due)
        row.pending = pending_bucket(schedule.schedule_id)
    return row


def schedule_of(row: ScheduleRow) -> Schedule:
    """From its row."""
    user_id = keys.owner_of(row.pk)
    return Schedule(
        user_id=user_id,
        schedule_id=schedule_id_of(user_id, row.sk),
        rule=Rule(Frequency(row.frequency), int(row.day)),
        amount=Money(int(row.amount_minor), Currency(row.currency)),
        method=Method(row.method),
        zone=Zone(row.zone),
        sealed=row.sealed,
        shown_as=row.shown_as,
        next_on=date.fromisoformat(row.next_on),
        status=ScheduleStatus(row.status),
        version=int(row.version),
        failures=int(row.failures),
        goal_id=row.goal_id or "",
        trace=row.trace or "",
    )


def occurrence_row(occurrence: Occurrence) -> OccurrenceRow:
    """To its row."""
    key = occurrence_key(occurrence.user_id, occurrence.schedule_id, occurrence.on)
    row = OccurrenceRow(
        pk=key.pk,
        sk=key.sk,
        status=occurrence.status.value,
        version=occurrence.version,
        amount_minor=occurrence.amount.minor,
        currency=occurrence.amount.currency.value,
        goal_id=occurrence.goal_id or None,
        attempt=occurrence.attempt,
        deposit_id=occurrence.deposit_id,
        tries=_tries_text(occurrence.tries),
        reason=None if occurrence.reason is None else occurrence.reason.value,
        detail=occurrence.detail,
    )
    if occurrence.due is not None:
        row.check, row.due = OCCURRENCE_CHECK, to_text(occurrence.due)
        row.pending = pending_bucket(occurrence.schedule_id)
    return row


def occurrence_from(row: OccurrenceRow) -> Occurrence:
    """From its row."""
    user_id = keys.owner_of(row.pk)
    return Occurrence(
        user_id=user_id,
        schedule_id=schedule_id_of(user_id, row.sk),
        on=date.fromisoformat(row.sk.split("#")[2]),
        amount=Money(int(row.amount_minor), Currency(row.currency)),
        status=OccurrenceStatus(row.status),
        due=None if row.due is None else from_text(row.due),
        goal_id=row.goal_id or "",
        attempt=int(row.attempt),
        deposit_id=row.deposit_id,
        tries=_tries_of(row.tries),
        reason=None if row.reason is None else SkipReason(row.reason),
        detail=row.detail,
        version=int(row.version),
    )


def _tries_text(tries: tuple[Try, ...]) -> str | None:
    if not tries:
        return None
    told = [[to_text(one.at), one.deposit_id, one.reason] for one in tries]
    return json.dumps(told, separators=(",", ":"))


def _tries_of(text: str | None) -> tuple[Try, ...]:
    told: list[Any] = [] if text is None else json.loads(text)
    return tuple(Try(from_text(at), deposit_id, reason) for at, deposit_id, reason in told)
