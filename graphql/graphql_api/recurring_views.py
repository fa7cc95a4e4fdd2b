"""Recurring deposits as their owner sees them."""

from datetime import date, datetime

import strawberry

from graphql_api.money import Money, money_of
from graphql_api.rules import INHERITED, field, object_type
from graphql_api.scalars import DepositId, GoalId, ScheduleId
from shared.payments.methods import Method
from shared.recurring.dates import Frequency, Zone
from shared.recurring.model import Occurrence, OccurrenceStatus, Schedule, ScheduleStatus
from shared.recurring.reasons import text_of

strawberry.enum(Frequency, name="RecurringFrequency", description="How often money is collected.")
strawberry.enum(Zone, name="RecurringZone", description="Whose days are meant.")
strawberry.enum(
    ScheduleStatus, name="RecurringStatus", description="Whether money is being collected."
)
strawberry.enum(OccurrenceStatus, description="Where one occurrence stands.")


@object_type(description="One day on which money was, is or was not collected.")
class RecurringOccurrence:
    """See the description."""

    on: date = field(INHERITED, "Its day.")
    status: OccurrenceStatus = field(INHERITED, "Where it stands.")
    amount: Money = field(INHERITED, "What is collected.")
    attempt: int = field(INHERITED, "How often it was asked for.")
    deposit_id: DepositId | None = field(
        INHERITED, "The deposit that is being made, or that paid it."
    )
    next_attempt_at: datetime | None = field(
        INHERITED, "When it is asked for (again); null when it is not."
    )
    reason: str | None = field(INHERITED, "Stable code of why it was left out.")
    reason_text: str | None = field(INHERITED, "The reason in words.")


@object_type(description="Money that is collected again and again.")
class RecurringDeposit:
    """See the description."""

    schedule_id: ScheduleId = field(INHERITED, "Identifier.")
    status: ScheduleStatus = field(INHERITED, "Whether it runs.")
    frequency: Frequency = field(INHERITED, "How often.")
    day: int = field(
        INHERITED,
        "Of the week, 1 (Monday) to 7, or of the month, 1 to 31; in a shorter month its last day.",
    )
    amount: Money = field(INHERITED, "What is collected each time.")
    goal_id: GoalId = field(
        INHERITED, "What it is saved for; the general goal if none was named, or it is archived."
    )
    method: Method = field(INHERITED, "How: from a phone, or from a card that was kept.")
    collected_from: str = field(INHERITED, "The phone or card, masked.")
    zone: Zone = field(INHERITED, "Whose days are meant.")
    next_on: date | None = field(INHERITED, "The next occurrence; null while it does not run.")
    next_at: datetime | None = field(INHERITED, "When that begins.")
    created_at: datetime = field(INHERITED, "When it was made.")


def schedule_view(stored: Schedule) -> RecurringDeposit:
    """For its owner."""
    return RecurringDeposit(
        schedule_id=ScheduleId(stored.schedule_id),
        status=stored.status,
        frequency=stored.rule.frequency,
        day=stored.rule.day,
        amount=money_of(stored.amount),
        goal_id=GoalId(stored.saved_for),
        method=stored.method,
        collected_from=stored.shown_as,
        zone=stored.zone,
        next_on=None if stored.due is None else stored.next_on,
        next_at=stored.due,
        created_at=stored.created_at,
    )


def occurrence_view(stored: Occurrence, language: str) -> RecurringOccurrence:
    """For its owner."""
    waits = stored.status is OccurrenceStatus.WAITING
    return RecurringOccurrence(
        on=stored.on,
        status=stored.status,
        amount=money_of(stored.amount),
        attempt=stored.attempt,
        deposit_id=None if stored.deposit_id is None else DepositId(stored.deposit_id),
        next_attempt_at=stored.due if waits else None,
        reason=None if stored.reason is None else stored.reason.value,
        reason_text=None if stored.reason is None else text_of(stored.reason, language),
    )
