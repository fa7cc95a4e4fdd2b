"""The safety net: checks for what stayed unfinished, and events that never left the outbox."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched

from ulid import ULID

from shared.kernel.clock import Clock, from_text, to_text
from shared.platform.bus import Bus, Outgoing
from shared.platform.indexes import PENDING_BUCKETS
from shared.platform.observability import metric
from shared.platform.outbox import SHARDS, OutboxRow
from shared.platform.queues import CheckMessage, Queue
from shared.platform.tables import Database, Item, Table

PER_BUCKET = 1000
"""Unfinished things per bucket and run, the oldest first. It must exceed by far what can stay
unfinished for long, such as payments that wait for an account: whatever is due after those is
not seen before them."""
EVERY = timedelta(minutes=5)
"""About the pause between two runs."""
MARGIN = timedelta(seconds=10)
"""Around the times of a failed batch: rows carry the writer's clock, batches the stream's."""


@dataclass(frozen=True, slots=True)
class Route:
    """Which check looks after a kind of unfinished thing, and on which queue it waits."""

    queue: str
    check: str
    subject: Callable[[Item], Mapping[str, str]]


def sweep(
    database: Database,
    clock: Clock,
    queues: Mapping[str, Queue],
    route_of: Callable[[Item], Route | None],
) -> int:
    """Enqueue a check for each thing that is overdue; how many.

    A check that is not needed any more finds the final state and does nothing, so sweeping
    twice, or while the ordinary chain still runs, has no effect.
    """
    now, count = clock.now(), 0
    # Each run begins elsewhere: one that is cut short does not leave out the same ones again.
    first = int(now.timestamp()) // int(EVERY.total_seconds())
    for number in range(PENDING_BUCKETS):
        bucket = (first + number) % PENDING_BUCKETS
        items = database.pending(bucket, to_text(now), PER_BUCKET).items
        if len(items) == PER_BUCKET:
            metric("SweepCut", bucket=str(bucket))
        for item in items:
            check = _check_of(item, route_of)
            if check is None:
                metric("SweptWithoutRoute", kind=item.kind)
                continue
            queue, message = check
            queues[queue].send(message)
            count += 1
    if count:
        metric("Swept", count)
    return count


def _check_of(
    item: Item, route_of: Callable[[Item], Route | None]
) -> tuple[str, CheckMessage] | None:
    """The check and its queue. An item that is not as it should be has none, and does not keep
    the sweep from the others."""
    try:
        route = route_of(item)
        if route is None:
            return None
        return route.queue, CheckMessage(route.check, route.subject(item))
    except (KeyError, IndexError):
        return None


def republish(database: Database, bus: Bus, first: str, last: str) -> int:
    """Publish all events of the outbox between two instants (RFC 3339) again; how many.

    For batches of the stream that were given up: those that had been published before go out
    twice, which consumers take as success. Raises RuntimeError when some still do not leave.
    """
    low = _ulid(from_text(first) - MARGIN, bytes(10))
    high = _ulid(from_text(last) + MARGIN, b"\xff" * 10)
    outgoing = [
        Outgoing(row.type, row.envelope)
        for shard in range(SHARDS)
        for row in database.query(Table.OUTBOX, f"OUTBOX#{shard}", low, high).rows(OutboxRow)
    ]
    failed = sum(len(bus.publish(batch)) for batch in batched(outgoing, 100, strict=False))
    if failed:
        raise RuntimeError(f"{failed} events did not leave")
    metric("EventsRepublished", len(outgoing))
    return len(outgoing)


def _ulid(at: datetime, random: bytes) -> str:
    milliseconds = (at - datetime(1970, 1, 1, tzinfo=at.tzinfo)) // timedelta(milliseconds=1)
    return str(ULID.from_bytes(milliseconds.to_bytes(6, "big") + random))
