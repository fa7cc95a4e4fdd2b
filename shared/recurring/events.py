"""What happened to standing orders. Amounts in minor units."""

from typing import ClassVar

from shared.kernel.events import Event


class ScheduleCreatedV1(Event):
    """A person lets money be collected again and again."""

    type: ClassVar[str] = "recurring.schedule_created"

    user_id: str
    schedule_id: str
    method: str
    frequency: str
    currency: str
    amount_minor: int
    first_on: str
    """Day of the first occurrence, ISO 8601."""


class ScheduleChangedV1(Event):
    """It was changed; ``change`` is a code: PAUSED, RESUMED, CANCELLED, AMOUNT_CHANGED,
    GOAL_CHANGED, GOAL_ARCHIVED when its goal was given up and it is for the general one now, or
    FAILED when it was paused because it was not paid several times."""

    type: ClassVar[str] = "recurring.schedule_changed"

    user_id: str
    schedule_id: str
    change: str
    currency: str
    amount_minor: int


class OccurrenceSkippedV1(Event):
    """An occurrence was left out; ``reason`` is a code of the catalogue. A person who did that
    themselves is not told."""

    type: ClassVar[str] = "recurring.occurrence_skipped"

    user_id: str
    schedule_id: str
    on: str
    """Day of the occurrence, ISO 8601."""
    reason: str
    currency: str
    amount_minor: int
