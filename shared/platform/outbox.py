"""Events leave with the fact that made them: rows of the outbox in the same transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.kernel.clock import Clock
from shared.kernel.events import Envelope, Event
from shared.kernel.ids import Ids, Kind, ulid_of
from shared.platform.correlation import correlation_id
from shared.platform.observability import logger
from shared.platform.tables import Database, Put, Row, Table, as_changes
from shared.platform.work import Write

KEPT = timedelta(days=7)
SHARDS = 8


class OutboxRow(Row):
    """One event to publish; the table's stream carries it and TTL removes it."""

    TABLE: ClassVar[Table] = Table.OUTBOX
    KIND: ClassVar[str] = "event"

    type = UnicodeAttribute()
    envelope = UnicodeAttribute()
    expires_at = NumberAttribute()


def outbox_row(envelope: Envelope, at: datetime) -> OutboxRow:
    """The row of an event: sharded by its id, kept for seven days."""
    ulid = ulid_of(envelope.id)
    return OutboxRow(
        pk=f"OUTBOX#{sum(ulid.encode()[-4:]) % SHARDS}",
        sk=ulid,
        type=envelope.type,
        envelope=envelope.model_dump_json(),
        expires_at=int((at + KEPT).timestamp()),
    )


class Facts:
    """The unit of work over a database: writes and outbox rows in one transaction.

    What a write itself tells leaves with the events of the use case.
    """

    def __init__(self, database: Database, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids

    def commit(self, writes: Sequence[Write], *events: Event) -> None:
        """See UnitOfWork."""
        at = self._clock.now()
        changes = as_changes(writes)
        told = [one.tells for one in changes if isinstance(one, Put) and one.tells is not None]
        rows = []
        for event in (*events, *told):
            envelope = Envelope.seal(
                event, id=self._ids.new(Kind.EVENT), at=at, correlation_id=correlation_id()
            )
            rows.append(Put(f"outbox:{envelope.id}", outbox_row(envelope, at)))
        self._database.transact([*changes, *rows])
        for event in (*events, *told):
            _tell(event)


def _tell(event: Event) -> None:
    """Identifiers only, so that a line is found by any of them."""
    ids = {name: value for name, value in event.model_dump().items() if name.endswith("_id")}
    logger("events").info("event recorded", extra={"event": event.detail_type(), **ids})
