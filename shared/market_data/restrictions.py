"""The restricted list: assets that are not bought, or not traded at all, by a person's word.

One row holds the whole list, so that whoever plans reads it with a single key, and a change is
made under the condition that nobody else changed it since it was read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from pynamodb.attributes import UnicodeAttribute

from shared.kernel.clock import from_text, to_text
from shared.market_data.model import Restricted, Restriction
from shared.platform.tables import Database, Item, Key, Put, Row, Table, WholeAttribute
from shared.platform.work import Write

RESTRICTED = "RESTRICTED"


class RestrictedRow(Row):
    """Lines of symbol, restriction and instant."""

    TABLE: ClassVar[Table] = Table.MARKET
    KIND: ClassVar[str] = "restricted"

    lines = UnicodeAttribute()
    version = WholeAttribute()


@dataclass(frozen=True, slots=True)
class RestrictedList:
    """The list as it was read; version 0 when nothing was ever on it."""

    entries: Mapping[str, Restricted] = field(default_factory=dict)
    """By symbol."""
    version: int = 0


def restricted_key() -> Key:
    """Where the list lies."""
    return Key(Table.MARKET, RESTRICTED, RESTRICTED)


def restricted_from(item: Item) -> RestrictedList:
    """The list out of an item that somebody else read."""
    row = item.to(RestrictedRow)
    entries = (_entry(*line.split(" ")) for line in row.lines.splitlines())
    return RestrictedList({each.symbol: each for each in entries}, int(row.version))


def _entry(symbol: str, restriction: str, since: str) -> Restricted:
    return Restricted(symbol, Restriction(restriction), from_text(since))


class RestrictionStore:
    """The restricted list."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> RestrictedList:
        """As it is now."""
        key = restricted_key()
        found = self._database.get_many([key])
        return restricted_from(found[key]) if key in found else RestrictedList()

    def change(self, before: RestrictedList, after: Mapping[str, Restricted]) -> Write:
        """The write ``restricted``; it fails when the list is not what was read any more."""
        lines = [
            f"{each.symbol} {each.restriction.value} {to_text(each.since)}"
            for _, each in sorted(after.items())
        ]
        row = RestrictedRow(
            pk=RESTRICTED, sk=RESTRICTED, lines="\n".join(lines), version=before.version + 1
        )
        if before.version == 0:
            return Put.new("restricted", row)
        return Put("restricted", row, RestrictedRow.version == before.version)
