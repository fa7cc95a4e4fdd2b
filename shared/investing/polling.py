"""Reading the broker's event streams in bounded windows, so that no event is left out."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from shared.investing.errors import BrokerUnavailable, GapInStream
from shared.kernel.clock import Clock

OVERLAP = timedelta(minutes=5)
"""Each window starts so long before the last one ended: events may become visible late."""
LONGEST_WINDOW = timedelta(hours=6)
FIRST_WINDOW = timedelta(minutes=30)
TRIES = 3
_NOT_YET = timedelta(seconds=1)
"""A window ends a moment ago, so that the broker's clock has certainly passed its end."""


class Topic(StrEnum):
    """Streams, by the name under which their events are pushed."""

    TRADES = "trade_updates"
    JOURNALS = "journal_status"
    ACCOUNTS = "account_status"
    ACTIVITIES = "account_activity"


class Streams(Protocol):
    """The broker's streams."""

    def read(self, topic: Topic, since: datetime, until: datetime) -> Iterator[str]:
        """The events of a window as JSON texts.

        Raises GapInStream when the broker says that some are missing, BrokerUnavailable when
        the stream breaks.
        """


class Cursors(Protocol):
    """How far each stream has been read."""

    def read_until(self, topic: Topic) -> datetime | None:
        """End of the last window that was read whole, or None."""

    def advance(self, topic: Topic, until: datetime) -> None:
        """Move forward; never back."""


REMEMBERED = 20_000
"""Events that one process remembers to have forwarded: some megabytes, far more than an overlap."""


class Forwarded:
    """The newest events that are safely on the queue.

    Windows overlap, and many are read after one another: without this memory each would bring
    everybody's events of the last minutes again. It is a saving, not a guarantee: a new process
    forwards them once more, which their handler takes as success.
    """

    def __init__(self, limit: int = REMEMBERED) -> None:
        self._limit = limit
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def knows(self, topic: Topic, event: str) -> bool:
        """Whether this very event was forwarded."""
        return self._key(topic, event) in self._seen

    def add(self, topic: Topic, event: str) -> None:
        """Remember it, and forget the oldest when there are too many."""
        self._seen[self._key(topic, event)] = None
        if len(self._seen) > self._limit:
            self._seen.popitem(last=False)

    @staticmethod
    def _key(topic: Topic, event: str) -> bytes:
        # The whole text: one event id can stand for two events.
        return hashlib.sha256(f"{topic.value} {event}".encode()).digest()


PATIENCE = timedelta(seconds=30)
"""So long after a look back nobody's wish for the same one is followed."""


class LookedBack:
    """The last look back of one process.

    Where many orders end at once their events wait in our queue, and each order that is looked at
    meanwhile takes its own for lost. If every one of them had everybody's events put on the queue
    again, it would never get shorter. Who still misses an event later asks once more.
    """

    def __init__(self) -> None:
        self._last: tuple[datetime, datetime] | None = None

    def covers(self, since: datetime, now: datetime) -> bool:
        """Whether all since then was repeated a moment ago."""
        if self._last is None:
            return False
        began, at = self._last
        return began <= since and now - at < PATIENCE

    def note(self, since: datetime, now: datetime) -> None:
        """All since then was repeated."""
        self._last = since, now


class Poller:
    """Forwards every event at least once; a cursor moves only after its window was forwarded."""

    def __init__(
        self,
        streams: Streams,
        cursors: Cursors,
        forward: Callable[[Topic, str], None],
        clock: Clock,
        forwarded: Forwarded | None = None,
        looked_back: LookedBack | None = None,
    ) -> None:
        self._looked_back = LookedBack() if looked_back is None else looked_back
        self._forwarded = Forwarded() if forwarded is None else forwarded
        self._streams = streams
        self._cursors = cursors
        self._forward = forward
        self._clock = clock

    def poll(self) -> bool:
        """Read the next window of each stream; answer whether all are read until now.

        One stream's failure does not hold up the others: BrokerUnavailable or GapInStream is
        raised at the end.
        """
        caught_up, failure = True, None
        for topic in Topic:
            try:
                caught_up = self._next_window(topic) and caught_up
            except (BrokerUnavailable, GapInStream) as error:
                failure = error
        if failure is not None:
            raise failure
        return caught_up

    def repeat(self, since: datetime) -> datetime | None:
        """Forward one window of the trades since a time again; the cursor stays where it is.

        Answers the time to repeat from next, None when all were repeated until now: however
        late the loss of an event is noticed, its window is among them.
        """
        now = self._clock.now() - _NOT_YET
        if self._looked_back.covers(since, now):
            return None
        until = min(now, since + LONGEST_WINDOW)
        # Something seems to be lost, so what was forwarded before goes out again too.
        self._window(Topic.TRADES, since - OVERLAP, until, known_too=True)
        if until < now:
            return until
        self._looked_back.note(since, now)
        return None

    def _next_window(self, topic: Topic) -> bool:
        now = self._clock.now() - _NOT_YET
        last = self._cursors.read_until(topic)
        if last is not None and now - last < _NOT_YET:
            # Somebody else has just read it: many wishes at once are one.
            return True
        start = now - FIRST_WINDOW if last is None else min(last, now)
        until = min(now, start + LONGEST_WINDOW)
        self._window(topic, start - OVERLAP, until)
        self._cursors.advance(topic, until)
        return until == now

    def _window(
        self, topic: Topic, since: datetime, until: datetime, *, known_too: bool = False
    ) -> None:
        for attempt in range(1, TRIES + 1):
            try:
                for event in self._streams.read(topic, since, until):
                    if known_too or not self._forwarded.knows(topic, event):
                        self._forward(topic, event)
                        self._forwarded.add(topic, event)
            except GapInStream:
                if attempt == TRIES:
                    raise
            else:
                return
