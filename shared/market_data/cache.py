"""A cache in front of the market table: slower without it, never wrong.

What it holds is read from the table by whoever finds it missing, carries the moment of that
reading, and is believed for seconds. Nothing personal is in it, and no breaker: a switch that
somebody has just opened must hold at once.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from shared.kernel.clock import Clock, from_text, to_text
from shared.market_data.history_store import DAILY
from shared.market_data.rows import QUOTES
from shared.market_data.store import ASSETS, CLOCK, FX
from shared.platform.tables import Change, Database, Item, Key, Page, Row, Table, Waiting

CACHED = frozenset({ASSETS, CLOCK, DAILY, FX, QUOTES})
"""Partitions of the market table that are cached."""
FRESH = timedelta(seconds=5)
"""So long after its reading an entry is used without a thought."""
KEPT = timedelta(seconds=15)
"""So long it is used at all, while somebody reads it anew."""
CLAIMED = timedelta(seconds=2)
"""So long one reader fills the cache for all; one that dies holds nobody up for longer."""
SKEW = timedelta(seconds=1)
"""By so much clocks of machines differ."""
PAUSE = timedelta(milliseconds=20)
"""How long a reader waits for another one that fills an empty cache; twice at most."""
REST, LONGEST_REST = timedelta(seconds=1), timedelta(seconds=30)
"""How long the cache is left alone when it does not answer, and how long at most."""


class CacheUnavailable(Exception):
    """The cache gave no answer in time."""


class Cache(Protocol):
    """Short texts by name that may vanish at any time. Each method raises CacheUnavailable."""

    def get(self, names: Sequence[str]) -> Mapping[str, str]:
        """Those that are there."""

    def put(self, values: Mapping[str, str], kept: timedelta) -> None:
        """Keep them for a while, all or some."""

    def claim(self, name: str, kept: timedelta) -> bool:
        """True for the first who asks within a while."""


@dataclass(frozen=True, slots=True)
class _Entry:
    item: Item | None
    """None: the table had none."""
    read_at: datetime


class CachedReads:
    """A database whose reads of market data by key come out of a cache, where it can help."""

    def __init__(
        self,
        database: Database,
        cache: Cache,
        clock: Clock,
        pause: Callable[[timedelta], None],
        on_failure: Callable[[Exception], None] = lambda error: None,
        *,
        fresh: timedelta = FRESH,
        kept: timedelta = KEPT,
    ) -> None:
        self._database = database
        self._cache = cache
        self._clock = clock
        self._pause = pause
        self._on_failure = on_failure
        self._fresh, self._kept = fresh, kept
        self._rest, self._rests_until = REST, datetime.min.replace(tzinfo=UTC)

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """See Database. Market data may be as old as ``kept``; all else is read now."""
        cached = [key for key in keys if key.table is Table.MARKET and key.pk in CACHED]
        if not cached or self._clock.now() < self._rests_until:
            return self._database.get_many(keys)
        try:
            return self._through_cache(keys, cached)
        except CacheUnavailable as error:
            self._leave_alone(error)
            return self._database.get_many(keys)

    def _through_cache(self, keys: Sequence[Key], cached: Sequence[Key]) -> dict[Key, Item]:
        held = self._held(cached)
        old = [key for key in cached if key not in held or self._age(held[key]) >= self._fresh]
        mine = bool(old) and self._cache.claim(_claim_of(old), CLAIMED)
        if not mine:
            held = self._awaited(cached, held)
        wanted = [key for key in keys if key not in held or (mine and key in old)]
        # The moment before the reading: what is read is never older than what it says.
        read_at = self._clock.now()
        read = self._database.get_many(wanted) if wanted else {}
        self._rest = REST
        if mine:
            self._fill(old, read, read_at)
        served = {key: one.item for key, one in held.items() if one.item and key not in wanted}
        return served | read

    def _awaited(self, keys: Sequence[Key], held: dict[Key, _Entry]) -> dict[Key, _Entry]:
        """What is there after another reader had a moment to fill what is missing."""
        for _ in range(2):
            missing = [key for key in keys if key not in held]
            if not missing:
                break
            self._pause(PAUSE)
            held = held | self._held(missing)
        return held

    def _held(self, keys: Sequence[Key]) -> dict[Key, _Entry]:
        texts = self._cache.get([_name_of(key) for key in keys])
        found = {key: _entry_of(key, texts.get(_name_of(key))) for key in keys}
        return {
            key: entry
            for key, entry in found.items()
            if entry is not None and -SKEW <= self._age(entry) < self._kept
        }

    def _age(self, entry: _Entry) -> timedelta:
        return self._clock.now() - entry.read_at

    def _fill(self, keys: Sequence[Key], read: Mapping[Key, Item], read_at: datetime) -> None:
        at = to_text(read_at)
        texts = {
            _name_of(key): json.dumps(
                {"read_at": at, "item": dict(read[key].attributes) if key in read else None}
            )
            for key in keys
        }
        try:
            self._cache.put(texts, self._kept)
        except CacheUnavailable as error:
            self._leave_alone(error)

    def _leave_alone(self, error: Exception) -> None:
        """Whoever waits for a cache that is down waits every time: not again for a while."""
        self._rests_until = self._clock.now() + self._rest
        self._rest = min(2 * self._rest, LONGEST_REST)
        self._on_failure(error)

    def get[R: Row](self, row: type[R], pk: str, sk: str) -> R | None:
        """See Database."""
        return self._database.get(row, pk, sk)

    def query(
        self,
        table: Table,
        pk: str,
        first: str,
        last: str,
        *,
        newest_first: bool = False,
        limit: int | None = None,
        after: str | None = None,
    ) -> Page:
        """See Database."""
        return self._database.query(
            table, pk, first, last, newest_first=newest_first, limit=limit, after=after
        )

    def pending(self, bucket: int, until: str, limit: int) -> Page:
        """See Database."""
        return self._database.pending(bucket, until, limit)

    def waiting(self, bucket: str, after: str, limit: int) -> tuple[Waiting, ...]:
        """See Database."""
        return self._database.waiting(bucket, after, limit)

    def write(self, change: Change) -> None:
        """See Database."""
        self._database.write(change)

    def transact(self, changes: Sequence[Change]) -> None:
        """See Database."""
        self._database.transact(changes)


def _name_of(key: Key) -> str:
    return f"{key.pk}/{key.sk}"


def _claim_of(keys: Sequence[Key]) -> str:
    """Readers of other things do not wait for each other."""
    return f"claim:{min(_name_of(key) for key in keys)}"


def _entry_of(key: Key, text: str | None) -> _Entry | None:
    """What a text says of a key; None when it says nothing of it that can be read."""
    if text is None:
        return None
    try:
        stated = json.loads(text)
        read_at, attributes = from_text(stated["read_at"]), stated["item"]
        if attributes is None:
            return _Entry(None, read_at)
        place = (attributes["pk"], attributes["sk"])
        item = Item(attributes)
        known = place == ({"S": key.pk}, {"S": key.sk}) and bool(item.kind)
    except (KeyError, TypeError, ValueError):
        return None
    return _Entry(item, read_at) if known else None
