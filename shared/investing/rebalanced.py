"""What a person's state knows of their last run of rebalancing, for each goal one row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.kernel.ids import Kind, cell_of
from shared.platform import keys
from shared.platform.indexes import segment_of
from shared.platform.tables import Item, Key, Put, Row, Table

_GENERAL = keys.rebalanced("").removeprefix(keys.REBALANCED)


class MarkStatus(StrEnum):
    """Whether a run is under way."""

    IDLE = "IDLE"
    """None is; nobody asks for one before ``until``."""
    TRADING = "TRADING"
    """Orders of one are open."""
    SETTLING = "SETTLING"
    """What one has sold settles on ``until``; then it goes on."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The last run of a goal of a person; ``goal_id`` is empty for the general one."""

    user_id: str
    goal_id: str = ""
    status: MarkStatus = MarkStatus.IDLE
    run_id: str = ""
    until: date | None = None
    completed_on: date | None = None
    """When the last run was completed: the cooldown counts from here."""
    version: int = 0


class MarkRow(Row):
    """See Mark. It lies between positions and wallets, so that whoever reads these has it too."""

    KIND: ClassVar[str] = "rebalanced"

    status = UnicodeAttribute()
    run_id = UnicodeAttribute()
    until = UnicodeAttribute(null=True)
    completed_on = UnicodeAttribute(null=True)
    version = NumberAttribute()
    segment = UnicodeAttribute(null=True)


def mark_key(user_id: str, goal_id: str) -> Key:
    """Where it lies."""
    return Key(Table.CORE, keys.user(user_id), keys.rebalanced(goal_id))


def mark_from(item: Item) -> Mark:
    """Out of an item that somebody else read, of the table or of the index of holders, which
    keeps neither version nor run; ValueError or KeyError for a bad one."""
    row = item.attributes
    user_id = keys.owner_of(item.pk)
    name = item.sk.removeprefix(keys.REBALANCED)
    return Mark(
        user_id=user_id,
        goal_id="" if name == _GENERAL else f"{Kind.GOAL.value}_{cell_of(user_id)}_{name}",
        status=MarkStatus(row["status"]["S"]),
        run_id=str(row["run_id"]["S"]) if "run_id" in row else "",
        until=_day(row["until"]["S"]) if "until" in row else None,
        completed_on=_day(row["completed_on"]["S"]) if "completed_on" in row else None,
        version=int(row["version"]["N"]) if "version" in row else 0,
    )


def marks_of(items: Iterable[Item]) -> dict[str, Mark]:
    """By goal, those among a person's rows."""
    found = [mark_from(item) for item in items if item.kind == MarkRow.KIND]
    return {mark.goal_id: mark for mark in found}


def marked(before: Mark, after: Mark) -> Put:
    """The write ``mark``, under the condition that nobody has changed it since ``before``."""
    row = MarkRow(
        pk=keys.user(after.user_id),
        sk=keys.rebalanced(after.goal_id),
        status=after.status.value,
        run_id=after.run_id,
        until=None if after.until is None else after.until.isoformat(),
        completed_on=None if after.completed_on is None else after.completed_on.isoformat(),
        version=before.version + 1,
        segment=segment_of(after.user_id),
    )
    if before.version == 0:
        return Put.new("mark", row)
    return Put("mark", row, MarkRow.version == before.version)


def _day(text: str) -> date:
    return date.fromisoformat(text)
