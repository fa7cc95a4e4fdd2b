"""How far the broker's event streams have been read; rows of a partition of their own."""

from datetime import datetime
from typing import ClassVar

from shared.investing.polling import Topic
from shared.platform.tables import Database, InstantAttribute, Put, Row
from shared.platform.work import ConditionFailed

PARTITION = "CURSOR#alpaca"


class CursorRow(Row):
    """End of the last window of a stream that was forwarded whole."""

    KIND: ClassVar[str] = "cursor"

    read_until = InstantAttribute()


class CursorStore:
    """See Cursors."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read_until(self, topic: Topic) -> datetime | None:
        """See Cursors."""
        row = self._database.get(CursorRow, PARTITION, topic.value)
        return None if row is None else row.read_until

    def advance(self, topic: Topic, until: datetime) -> None:
        """See Cursors."""
        row = CursorRow(pk=PARTITION, sk=topic.value, read_until=until)
        forward = CursorRow.pk.does_not_exist() | (CursorRow.read_until < until)
        try:
            self._database.write(Put("cursor", row, forward))
        except ConditionFailed:
            # Another poll has read further in the meantime.
            return
