"""Rows of model portfolios: every version for ever, and the one in force beside them."""

import json
from datetime import date
from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.investing.portfolios import MODELS, ModelPortfolio, current
from shared.platform.tables import Database, Item, Key, Put, Row, Table
from shared.platform.work import ConditionFailed

PARTITION = "MODELS"
IN_FORCE = "current"


class ModelRow(Row):
    """A model portfolio; sort key ``<id>#<version>``, or ``<id>#current`` for the one in force."""

    TABLE: ClassVar[Table] = Table.MARKET
    KIND: ClassVar[str] = "model"

    version = NumberAttribute()
    score = NumberAttribute()
    valid_from = UnicodeAttribute()
    weights = UnicodeAttribute()


def model_key(model: str, version: str = IN_FORCE) -> Key:
    """Where a model lies."""
    return Key(Table.MARKET, PARTITION, f"{model}#{version}")


def model_from(item: Item) -> ModelPortfolio:
    """A model out of an item that somebody else read; ValueError when it is not a whole."""
    row = item.to(ModelRow)
    return ModelPortfolio(
        id=row.sk.partition("#")[0],
        version=int(row.version),
        score=int(row.score),
        valid_from=date.fromisoformat(row.valid_from),
        weights=json.loads(row.weights),
    )


def _row(model: ModelPortfolio, version: str) -> ModelRow:
    return ModelRow(
        pk=PARTITION,
        sk=f"{model.id}#{version}",
        version=model.version,
        score=model.score,
        valid_from=model.valid_from.isoformat(),
        weights=json.dumps(dict(model.weights), separators=(",", ":"), sort_keys=True),
    )


def publish_models(database: Database, today: date) -> int:
    """Write the versions that are not there yet, and which one is in force; answer the writes.

    One read when there is nothing to do. A published version is never changed.
    """
    in_force = [current(score, today) for score in sorted({one.score for one in MODELS})]
    wanted = [_row(one, str(one.version)) for one in MODELS]
    wanted += [_row(one, IN_FORCE) for one in in_force]
    known = database.get_many([Key(Table.MARKET, PARTITION, row.sk) for row in wanted])
    written = 0
    for row in wanted:
        item = known.get(Key(Table.MARKET, PARTITION, row.sk))
        if item is not None and item.attributes == row.to_item():
            continue
        pointer = row.sk.endswith(IN_FORCE)
        if item is not None and not pointer:
            continue
        # An older deployment that is still running must not put an older model in force.
        newest = ModelRow.pk.does_not_exist() | (ModelRow.version <= row.version)
        try:
            database.write(Put("model", row, newest) if pointer else Put.new("model", row))
        except ConditionFailed:
            continue
        written += 1
    return written
