"""Where standing orders lie, and the conditions under which they change."""

from collections.abc import Sequence
from datetime import date

from shared.kernel.events import Event
from shared.platform import keys
from shared.platform.tables import Database, Put, Table
from shared.platform.work import Write
from shared.recurring.model import Occurrence, Schedule
from shared.recurring.ports import OccurrencePage
from shared.recurring.rows import (
    OccurrenceRow,
    ScheduleRow,
    occurrence_from,
    occurrence_key,
    occurrence_row,
    schedule_key,
    schedule_of,
    schedule_row,
)


class ScheduleStore:
    """See Schedules."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, user_id: str, schedule_id: str) -> Schedule | None:
        """See Schedules."""
        key = schedule_key(user_id, schedule_id)
        row = self._database.get(ScheduleRow, key.pk, key.sk)
        return None if row is None else schedule_of(row)

    def of_person(self, user_id: str) -> Sequence[Schedule]:
        """See Schedules."""
        found = self._database.query(
            Table.CORE, keys.user(user_id), keys.SCHEDULES, f"{keys.SCHEDULES}~"
        )
        return [schedule_of(row) for row in found.rows(ScheduleRow)]

    def create(self, schedule: Schedule, tells: Event) -> Write:
        """See Schedules."""
        row = schedule_row(schedule)
        return Put("schedule", row, ScheduleRow.pk.does_not_exist(), tells)

    def save(self, before: Schedule, after: Schedule, tells: Event | None = None) -> Write:
        """See Schedules."""
        unchanged = ScheduleRow.version == before.version
        return Put("schedule", schedule_row(after), unchanged, tells)

    def occurrence(
        self, user_id: str, schedule_id: str, on: date
    ) -> tuple[Schedule | None, Occurrence | None]:
        """See Schedules."""
        where = schedule_key(user_id, schedule_id)
        day = occurrence_key(user_id, schedule_id, on)
        found = self._database.get_many([where, day])
        schedule, occurrence = found.get(where), found.get(day)
        return (
            None if schedule is None else schedule_of(schedule.to(ScheduleRow)),
            None if occurrence is None else occurrence_from(occurrence.to(OccurrenceRow)),
        )

    def occurrences(
        self, user_id: str, schedule_id: str, *, limit: int, after: str | None = None
    ) -> OccurrencePage:
        """See Schedules."""
        first = keys.occurrence(schedule_id, "")
        found = self._database.query(
            Table.CORE,
            keys.user(user_id),
            first,
            f"{first}~",
            newest_first=True,
            limit=limit,
            after=after,
        )
        rows = found.rows(OccurrenceRow)
        return OccurrencePage(tuple(occurrence_from(row) for row in rows), found.after)

    def begin(self, occurrence: Occurrence, tells: Event | None = None) -> Write:
        """See Schedules."""
        row = occurrence_row(occurrence)
        return Put("occurrence", row, OccurrenceRow.pk.does_not_exist(), tells)

    def save_occurrence(
        self, before: Occurrence, after: Occurrence, tells: Event | None = None
    ) -> Write:
        """See Schedules."""
        unchanged = OccurrenceRow.version == before.version
        return Put("occurrence", occurrence_row(after), unchanged, tells)
