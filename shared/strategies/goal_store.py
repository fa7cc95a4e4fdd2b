"""Rows of goals and exclusions: beside positions and wallets, so that one read has them all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute

from shared.kernel.ids import Kind, cell_of
from shared.kernel.money import Currency, Money
from shared.platform import keys
from shared.platform.tables import Database, Item, Key, Put, Row, Table
from shared.platform.work import Write
from shared.strategies.exclusions import Exclusions
from shared.strategies.glide import Path
from shared.strategies.goals import Goal, GoalStatus, Terms, general_goal, general_goal_id
from shared.strategies.model import Style


class GoalRow(Row):
    """A goal; the general one of a person is there once it was changed."""

    KIND: ClassVar[str] = "goal"

    sealed = BinaryAttribute(legacy_encoding=False, null=True)
    target_minor = NumberAttribute(null=True)
    until = UnicodeAttribute(null=True)
    path = UnicodeAttribute()
    style = UnicodeAttribute()
    score = NumberAttribute(null=True)
    status = UnicodeAttribute()
    version = NumberAttribute()


class ExclusionRow(Row):
    """The assets that a person does not want, by symbol with commas."""

    KIND: ClassVar[str] = "exclusions"

    symbols = UnicodeAttribute()
    version = NumberAttribute()


@dataclass(frozen=True, slots=True)
class Saving:
    """All goals of a person, the general one first, and what they exclude."""

    goals: tuple[Goal, ...]
    exclusions: Exclusions

    def goal(self, goal_id: str | None) -> Goal | None:
        """One of them; the general one without an id."""
        if goal_id is None:
            return self.goals[0]
        return next((one for one in self.goals if one.goal_id == goal_id), None)


def goal_key(user_id: str, goal_id: str) -> Key:
    """Where a goal lies."""
    return Key(Table.CORE, keys.user(user_id), keys.goal(goal_id))


def saving_from(user_id: str, items: Iterable[Item]) -> Saving:
    """Out of items of the person's state that somebody else read, in key order; others among them
    do not matter."""
    found = [_goal_of(item.to(GoalRow)) for item in items if item.kind == GoalRow.KIND]
    named = [one for one in found if not one.general]
    general = next((one for one in found if one.general), general_goal(user_id))
    row = next((item for item in items if item.kind == ExclusionRow.KIND), None)
    excluded = Exclusions(user_id) if row is None else _exclusions_of(row.to(ExclusionRow))
    return Saving((general, *named), excluded)


def _goal_of(row: GoalRow) -> Goal:
    user_id = keys.owner_of(row.pk)
    terms = Terms(
        target=None if row.target_minor is None else Money(int(row.target_minor), Currency.USD),
        until=None if row.until is None else date.fromisoformat(row.until),
        path=Path(row.path),
        style=Style(row.style),
        score=None if row.score is None else int(row.score),
    )
    return Goal(
        user_id=user_id,
        goal_id=f"{Kind.GOAL.value}_{cell_of(user_id)}_{row.sk.removeprefix(keys.SAVING)}",
        terms=terms,
        sealed=row.sealed,
        status=GoalStatus(row.status),
        version=int(row.version),
    )


def _row_of(goal: Goal) -> GoalRow:
    key, terms = goal_key(goal.user_id, goal.goal_id), goal.terms
    return GoalRow(
        pk=key.pk,
        sk=key.sk,
        sealed=goal.sealed,
        target_minor=None if terms.target is None else terms.target.minor,
        until=None if terms.until is None else terms.until.isoformat(),
        path=terms.path.value,
        style=terms.style.value,
        score=terms.score,
        status=goal.status.value,
        version=goal.version,
    )


def _exclusions_of(row: ExclusionRow) -> Exclusions:
    symbols = frozenset(filter(None, row.symbols.split(",")))
    return Exclusions(keys.owner_of(row.pk), symbols, int(row.version))


class SavingStore:
    """See Goals."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, user_id: str, goal_id: str) -> Goal | None:
        """See Goals."""
        key = goal_key(user_id, goal_id)
        row = self._database.get(GoalRow, key.pk, key.sk)
        if row is None:
            return general_goal(user_id) if goal_id == general_goal_id(user_id) else None
        found = _goal_of(row)
        # Another cell's id of the same moment is not this goal.
        return found if found.goal_id == goal_id else None

    def of_person(self, user_id: str) -> Saving:
        """See Goals."""
        page = self._database.query(Table.CORE, keys.user(user_id), keys.SAVING, f"{keys.SAVING}~")
        return saving_from(user_id, page.items)

    def save(self, before: Goal | None, after: Goal) -> Write:
        """See Goals."""
        if before is None or before.version == 0:
            return Put.new("goal", _row_of(after))
        return Put("goal", _row_of(after), GoalRow.version == before.version)

    def exclude(self, before: Exclusions, after: Exclusions) -> Write:
        """See Goals."""
        row = ExclusionRow(
            pk=keys.user(after.user_id),
            sk=keys.EXCLUDED,
            symbols=",".join(sorted(after.symbols)),
            version=after.version,
        )
        if before.version == 0:
            return Put.new("exclusions", row)
        return Put("exclusions", row, ExclusionRow.version == before.version)
