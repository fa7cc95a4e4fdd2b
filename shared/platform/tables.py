"""Tables, rows and conditional writes: what a store reads and what a fact consists of.

Rows are pynamodb models used as codecs, and conditions and changes are pynamodb expressions;
the two engines (``dynamo`` and its twin ``memory``) carry out the same objects, so a store is
written once and its contract tests run over both.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Protocol, Self

from pynamodb.attributes import Attribute, NumberAttribute, UnicodeAttribute
from pynamodb.constants import STRING
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from shared.kernel.clock import from_text, to_text
from shared.kernel.events import Event
from shared.platform.work import Write


class Table(StrEnum):
    """Logical tables; the engine knows their physical names."""

    CORE = "core"
    JOURNAL = "journal"
    OUTBOX = "outbox"
    AUDIT = "audit"
    MARKET = "market"


class InstantAttribute(Attribute[datetime]):
    """An instant as RFC 3339 text in UTC: sorts as text."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        """To text."""
        return to_text(value)

    def deserialize(self, value: str) -> datetime:
        """From text."""
        return from_text(value)


class WholeAttribute(NumberAttribute):
    """A whole number. The base class takes any JSON number, and several times as long."""

    def serialize(self, value: Any) -> str:
        """To digits."""
        return str(int(value))

    def deserialize(self, value: str) -> int:
        """From digits, or from a number that an expression made."""
        return int(value) if value.lstrip("-").isdigit() else int(Decimal(value))


class DecimalAttribute(Attribute[Decimal]):
    """An exact decimal (a price or a rate) as plain text; never a binary fraction."""

    attr_type = STRING

    def serialize(self, value: Decimal) -> str:
        """To text without an exponent."""
        return format(value, "f")

    def deserialize(self, value: str) -> Decimal:
        """From text."""
        return Decimal(value)


class Row(Model):
    """Base of all rows: the two keys. ``KIND`` tells rows of one partition apart."""

    TABLE: ClassVar[Table] = Table.CORE
    KIND: ClassVar[str]

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)

    def to_item(self) -> dict[str, Any]:
        """The DynamoDB attribute map, with ``kind``."""
        item: dict[str, Any] = self.serialize()
        item["kind"] = {"S": self.KIND}
        return item


@dataclass(frozen=True, slots=True)
class Item:
    """A stored item whose row class the reader chooses by ``kind``."""

    attributes: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """The ``KIND`` of the row class that wrote it."""
        return str(self.attributes["kind"]["S"])

    @property
    def pk(self) -> str:
        """Partition key."""
        return str(self.attributes["pk"]["S"])

    @property
    def sk(self) -> str:
        """Sort key."""
        return str(self.attributes["sk"]["S"])

    def to[R: Row](self, row: type[R]) -> R:
        """As a row of this class."""
        return row.from_raw_data(dict(self.attributes))


@dataclass(frozen=True, slots=True)
class Page:
    """Items of one Query in key order (or its reverse); ``after`` continues when not None."""

    items: tuple[Item, ...]
    after: str | None = None

    def rows[R: Row](self, row: type[R]) -> list[R]:
        """Those items that this row class wrote."""
        return [item.to(row) for item in self.items if item.kind == row.KIND]

    def first[R: Row](self, row: type[R]) -> R | None:
        """The first of them, or None."""
        return next(iter(self.rows(row)), None)


@dataclass(frozen=True, slots=True)
class Key:
    """Where one item lies."""

    table: Table
    pk: str
    sk: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A core item that waits for a member of staff, and its place in their list."""

    key: Key
    place: str


@dataclass(frozen=True, slots=True, eq=False)
class Put:
    """Write a whole row; without a condition it replaces what was there."""

    name: str
    row: Row
    condition: Condition | None = None
    tells: Event | None = None
    """What leaves with the fact because of this row, whoever commits it."""

    @property
    def key(self) -> Key:
        """The item's key."""
        return Key(self.row.TABLE, self.row.pk, self.row.sk)

    @classmethod
    def new(cls, name: str, row: Row) -> Self:
        """Write a row that must not exist yet."""
        return cls(name, row, type(row).pk.does_not_exist())


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """Change attributes of one item; the item is created when it is absent and no condition
    forbids that."""

    name: str
    row: type[Row]
    pk: str
    sk: str
    actions: tuple[Action, ...]
    condition: Condition | None = None

    @property
    def key(self) -> Key:
        """The item's key."""
        return Key(self.row.TABLE, self.pk, self.sk)


@dataclass(frozen=True, slots=True, eq=False)
class Delete:
    """Remove one item."""

    name: str
    row: type[Row]
    pk: str
    sk: str
    condition: Condition | None = None

    @property
    def key(self) -> Key:
        """The item's key."""
        return Key(self.row.TABLE, self.pk, self.sk)


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """Require a condition of an item that the fact does not change."""

    name: str
    row: type[Row]
    pk: str
    sk: str
    condition: Condition

    @property
    def key(self) -> Key:
        """The item's key."""
        return Key(self.row.TABLE, self.pk, self.sk)


@dataclass(frozen=True, slots=True)
class Walked:
    """Core items of some people of one segment, those of one person beside each other; nobody is
    cut in two. ``after`` continues when not None."""

    items: tuple[Item, ...]
    after: str | None = None


type Change = Put | Update | Delete | Check


def as_changes(writes: Iterable[Write]) -> list[Change]:
    """The writes of a unit of work as the engines know them; a foreign object is a bug."""
    changes: list[Change] = []
    for write in writes:
        if not isinstance(write, Put | Update | Delete | Check):
            raise TypeError(f"{write!r} was not made by a store")
        changes.append(write)
    return changes


class Database(Protocol):
    """Reads and writes of items; all reads are strongly consistent unless they use an index."""

    def get[R: Row](self, row: type[R], pk: str, sk: str) -> R | None:
        """One item, or None."""

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Up to 100 items of any tables in one request; those absent are not in the answer."""

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
        """Items of one partition with ``first <= sk <= last``; all of them without a limit.

        ``after`` is the ``Page.after`` of the page before.
        """

    def pending(self, bucket: int, until: str, limit: int) -> Page:
        """Core items in bucket 0-15 of the sparse index that are due until this time."""

    def waiting(self, bucket: str, after: str, limit: int) -> tuple[Waiting, ...]:
        """Core items in one bucket of a list of staff, in the order of their places, from behind
        the place ``after``. What is listed may have changed a moment ago: read it before use."""

    def segment(self, number: int, after: str | None = None) -> Walked:
        """What the index of holders keeps of the people of segment 0-63, about a megabyte of it
        in one request, in the order of their partitions, from behind the partition ``after``.
        Items hold only what the index keeps, and may have changed a moment ago."""

    def write(self, change: Change) -> None:
        """One conditional write outside of any fact; raises ConditionFailed."""

    def transact(self, changes: Sequence[Change]) -> None:
        """All or nothing, at most 100; raises ConditionFailed or TemporarilyUnavailable."""
