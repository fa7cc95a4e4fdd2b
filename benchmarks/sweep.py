"""What the sweep costs per person: requests, and how many people fit into one of them.

Somebody pays in every month for five years, by the use cases themselves; what the index of holders
keeps of them fills the segments. Pages are a megabyte, as those of DynamoDB are.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from benchmarks.world import World, five_years
from shared.investing.inputs import Rules
from shared.kernel.ids import Kind
from shared.platform.indexes import SEGMENTS
from shared.platform.memory import MemoryDatabase
from shared.platform.tables import Item, Table, Walked
from shared.portfolio.holders import HolderStore
from shared.rebalancing.market import MarketReader
from shared.rebalancing.store import SweepStore
from shared.rebalancing.sweeping import Sweep

PEOPLE = 100_000
PAGE = 1_000_000
"""Bytes; DynamoDB ends a page at a megabyte."""
MOST = 0.05
"""Requests per person."""
_CALLS = ("get", "get_many", "query", "segment", "write", "transact")


def size_of(items: Sequence[Item]) -> int:
    """Bytes as DynamoDB counts them: names and values, and a hundred for each item of an index."""
    return sum(
        100 + sum(len(name) + len(str(next(iter(value.values())))) for name, value in row.items())
        for row in (item.attributes for item in items)
    )


class Silent:
    """Counts who is asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def rebalance(self, user_id: str, goal_id: str, run_id: str) -> None:
        """See Told."""
        self.asked += 1

    def go_on(self, user_id: str, goal_id: str) -> None:
        """See Told."""
        self.asked += 1

    def segment(self, day: Any, number: int) -> None:
        """See Told."""

    def unreadable(self, user_id: str) -> None:
        """See Told: there is nobody of that kind here."""
        raise ValueError(user_id)

    def counted(self, name: str, count: int, **dimensions: str) -> None:
        """See Told."""


class Crowd:
    """The database of one person, whose rows stand for those of everybody in the index."""

    def __init__(self, inner: MemoryDatabase, rows: Sequence[Item], ids: Sequence[str]) -> None:
        self._inner = inner
        self._rows = rows
        self._people = [sorted(ids[number::SEGMENTS]) for number in range(SEGMENTS)]
        self._fit = max(1, PAGE // size_of(rows))
        self.requests = 0

    @property
    def per_page(self) -> int:
        """People in one request."""
        return self._fit

    def segment(self, number: int, after: str | None = None) -> Walked:
        """See Database: a page of the crowd."""
        self.requests += 1
        rest = [user for user in self._people[number] if after is None or f"USER#{user}" > after]
        page = rest[: self._fit]
        items = tuple(
            Item({**row.attributes, "pk": {"S": f"USER#{user}"}})
            for user in page
            for row in self._rows
        )
        return Walked(items, f"USER#{page[-1]}" if len(rest) > len(page) else None)

    def __getattr__(self, name: str) -> Any:
        """All other requests go to the database, and are counted."""
        found: Callable[..., Any] = getattr(self._inner, name)
        if name in _CALLS:
            self.requests += 1
        return found


def main() -> None:
    """Print the table; fails when a person costs more than a twentieth of a request."""
    logging.disable(logging.CRITICAL)
    database = MemoryDatabase()
    world = World(database)
    user = five_years(world)
    walked = [database.segment(number) for number in range(SEGMENTS)]
    rows = [item for page in walked for item in page.items if item.pk == f"USER#{user}"]
    history = len(database.query(Table.CORE, f"USER#{user}", "FEED#", "FEED#~").items)
    crowd = Crowd(database, rows, [world.ids.new(Kind.USER) for _ in range(PEOPLE)])
    told = Silent()
    world.trade_day()
    reader = MarketReader(crowd, world.clock, timedelta(seconds=120))
    market = reader.look()
    sweep = Sweep(
        HolderStore(crowd),
        SweepStore(crowd, world.clock),
        reader.look,
        told,
        world.clock,
        Rules(),
    )
    if market.day is None:
        raise SystemExit(f"the market waits for {market.waits_for}")
    crowd.requests = 0
    sweep.tick()
    looked_at = sum(sweep.walk(market.day, number).looked_at for number in range(SEGMENTS))
    each = crowd.requests / looked_at
    print("| people | rows of history each | rows in the index each | bytes of them |")
    print("|---|---|---|---|")
    print(f"| {looked_at:,} | {history:,} | {len(rows)} | {size_of(rows):,} |")
    print("\n| people per page | requests | requests per person | asked for |")
    print("|---|---|---|---|")
    print(f"| {crowd.per_page} | {crowd.requests:,} | {each:.4f} | {told.asked} |")
    if looked_at != PEOPLE or each > MOST:
        raise SystemExit(f"wanted: {PEOPLE:,} people, and at most {MOST} requests each")
