"""Rows of strategies in the market table: every version for ever, and that in force beside it."""

import json
from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.platform.tables import Database, Item, Key, Put, Row, Table
from shared.platform.work import ConditionFailed, Write
from shared.strategies.founding import FOUNDING
from shared.strategies.model import STRATEGY_IDS, Strategy, in_force

PARTITION = "MODELS"
IN_FORCE = "current"


class StrategyRow(Row):
    """A strategy; sort key ``<id>#<version>``, or ``<id>#current`` for the one in force."""

    TABLE: ClassVar[Table] = Table.MARKET
    KIND: ClassVar[str] = "model"

    version = NumberAttribute()
    score = NumberAttribute()
    valid_from = UnicodeAttribute()
    weights = UnicodeAttribute()


def strategy_key(strategy: str, version: str = IN_FORCE) -> Key:
    """Where a strategy lies."""
    return Key(Table.MARKET, PARTITION, f"{strategy}#{version}")


CURRENT_KEYS: tuple[Key, ...] = tuple(strategy_key(one) for one in STRATEGY_IDS)
"""All that are in force: few enough to be read with whatever else is read of the market."""


def strategy_from(item: Item) -> Strategy:
    """A strategy out of an item that somebody else read; ValueError when it is not a whole."""
    row = item.to(StrategyRow)
    return Strategy(
        id=row.sk.partition("#")[0],
        version=int(row.version),
        score=int(row.score),
        valid_from=date.fromisoformat(row.valid_from),
        weights=json.loads(row.weights),
    )


def strategies_in(found: Mapping[Key, Item]) -> dict[str, Strategy]:
    """By id, those in force among items that somebody else read."""
    items = [found[key] for key in CURRENT_KEYS if key in found]
    return {one.id: one for one in map(strategy_from, items)}


def _row(strategy: Strategy, version: str) -> StrategyRow:
    return StrategyRow(
        pk=PARTITION,
        sk=f"{strategy.id}#{version}",
        version=strategy.version,
        score=strategy.score,
        valid_from=strategy.valid_from.isoformat(),
        weights=json.dumps(dict(strategy.weights), separators=(",", ":"), sort_keys=True),
    )


class StrategyStore:
    """See Strategies."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def versions(self) -> tuple[Strategy, ...]:
        """See Strategies."""
        return _versions(_items(self._database))

    def in_force(self) -> dict[str, Strategy]:
        """See Strategies."""
        return strategies_in(self._database.get_many(CURRENT_KEYS))

    def publish(self, strategy: Strategy) -> Write:
        """See Strategies."""
        return Put.new("strategy", _row(strategy, str(strategy.version)))


def keep_in_force(database: Database, today: date) -> int:
    """Write founding versions that are not there yet, and which versions are in force today;
    answer the number of writes.

    One read when there is nothing to do. A published version is never changed.
    """
    items = _items(database)
    known = {item.sk: item for item in items}
    missing = [one for one in FOUNDING if f"{one.id}#{one.version}" not in known]
    written = sum(
        _written(database, Put.new("strategy", _row(one, str(one.version)))) for one in missing
    )
    for one in in_force((*_versions(items), *missing), today).values():
        row = _row(one, IN_FORCE)
        there = known.get(row.sk)
        if there is not None and there.attributes == row.to_item():
            continue
        # Whoever read the versions a moment earlier must not put an older one in force.
        newest = StrategyRow.pk.does_not_exist() | (StrategyRow.version <= row.version)
        written += _written(database, Put("strategy", row, newest))
    return written


def _items(database: Database) -> tuple[Item, ...]:
    return database.query(Table.MARKET, PARTITION, "a", "z~").items


def _versions(items: tuple[Item, ...]) -> tuple[Strategy, ...]:
    return tuple(strategy_from(item) for item in items if not item.sk.endswith(IN_FORCE))


def _written(database: Database, change: Put) -> int:
    try:
        database.write(change)
    except ConditionFailed:
        return 0
    return 1
