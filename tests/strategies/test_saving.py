"""Goals of a person, and what they do not want to be invested in."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.errors import IdempotencyKeyReused, InvalidValue, NotFound
from shared.kernel.money import Currency, Money
from shared.platform import keys
from shared.platform.tables import Table
from shared.strategies.errors import (
    DefaultGoalStays,
    GoalArchived,
    NothingLeft,
    TooManyGoals,
    TooNarrow,
)
from shared.strategies.glide import Path
from shared.strategies.goals import GoalStatus, Terms, general_goal, general_goal_id
from shared.strategies.model import Style
from shared.strategies.service import GoalService
from shared.strategies.targets import Wish

HOUSE = Terms(Money(5_000_000, Currency.USD), date(2030, 6, 1))


def house(saving: GoalService, user_id: str, key: str = "k-1", name: str = "A house") -> Any:
    return saving.create(user_id, key=key, name=name, terms=HOUSE)


def test_everybody_has_a_general_goal_without_anything_written(
    saving: GoalService, amina: str, database: Any
) -> None:
    known = saving.saving(amina)
    assert list(known.goals) == [general_goal(amina)]
    assert known.exclusions.symbols == frozenset()
    assert known.goals[0].wish(4) == Wish(4)
    assert database.query(Table.CORE, keys.user(amina), keys.SAVING, "SAVING#~").items == ()


def test_a_goal_is_kept_with_its_name_sealed(
    saving: GoalService, amina: str, database: Any
) -> None:
    made = house(saving, amina, name="  A   house ")
    assert (made.name, made.goal.terms, made.goal.status) == ("A house", HOUSE, GoalStatus.ACTIVE)
    assert list(saving.saving(amina).goals) == [general_goal(amina), made.goal]
    assert saving.opened([made.goal]) == [made]
    (item,) = database.query(Table.CORE, keys.user(amina), keys.SAVING, "SAVING#~").items
    assert "house" not in repr(item).lower()


def test_a_key_makes_one_goal(saving: GoalService, amina: str) -> None:
    made = house(saving, amina)
    assert house(saving, amina) == made
    with pytest.raises(IdempotencyKeyReused):
        house(saving, amina, name="A boat")
    assert len(saving.saving(amina).goals) == 2


def test_a_goal_of_somebody_else_is_not_there(saving: GoalService, amina: str) -> None:
    made = house(saving, amina)
    other = f"{amina[:-3]}ZZZ"
    for act in (
        lambda: saving.archive(other, made.goal.goal_id),
        lambda: saving.change(other, made.goal.goal_id, name=None, terms=Terms()),
        lambda: saving.archive(other, general_goal_id(amina)),
        lambda: saving.archive(amina, made.goal.goal_id.replace("_t1_", "_t2_")),
    ):
        with pytest.raises(NotFound):
            act()
    assert saving.saving(amina).goals[1] == made.goal


def test_a_goal_is_changed_and_what_is_so_already_is_not_written(
    saving: GoalService, amina: str
) -> None:
    made = house(saving, amina)
    terms = replace(HOUSE, style=Style.INCOME, path=Path.RETIREMENT, score=2)
    after = saving.change(amina, made.goal.goal_id, name=None, terms=terms)
    assert (after.name, after.goal.terms, after.goal.version) == ("A house", terms, 2)
    again = saving.change(amina, made.goal.goal_id, name="A house", terms=terms)
    assert again == after
    named = saving.change(amina, made.goal.goal_id, name="A boat", terms=terms)
    assert (named.name, named.goal.version) == ("A boat", 3)


def test_the_general_goal_is_changed_but_never_archived(saving: GoalService, amina: str) -> None:
    general = general_goal_id(amina)
    with pytest.raises(DefaultGoalStays):
        saving.archive(amina, general)
    changed = saving.change(amina, general, name=None, terms=Terms(style=Style.INCOME))
    assert saving.saving(amina).goals == (changed.goal,)
    assert changed.goal.general
    assert changed.goal.wish(3) == Wish(3, Style.INCOME)


def test_an_archived_goal_stays_and_takes_no_changes(saving: GoalService, amina: str) -> None:
    made = house(saving, amina)
    done = saving.archive(amina, made.goal.goal_id)
    assert done.goal.status is GoalStatus.ARCHIVED
    assert saving.archive(amina, made.goal.goal_id) == done
    with pytest.raises(GoalArchived):
        saving.change(amina, made.goal.goal_id, name=None, terms=Terms())
    assert saving.saving(amina).goals[1] == done.goal


def test_a_goal_is_never_bolder_than_its_person(saving: GoalService, amina: str) -> None:
    made = saving.create(amina, key="k", name="Bold", terms=Terms(score=5)).goal
    assert [made.wish(score).score for score in (1, 3, 5)] == [1, 3, 5]
    careful = saving.create(amina, key="k-2", name="Careful", terms=Terms(score=2)).goal
    assert [careful.wish(score).score for score in (1, 3, 5)] == [1, 2, 2]
    assert made.wish(3, frozenset({"SIZE"})).excluded == {"SIZE"}


def test_ten_goals_at_once_are_enough(saving: GoalService, amina: str) -> None:
    made = [house(saving, amina, f"k-{number}") for number in range(10)]
    with pytest.raises(TooManyGoals, match="10"):
        house(saving, amina, "k-10")
    saving.archive(amina, made[0].goal.goal_id)
    assert house(saving, amina, "k-10").goal.status is GoalStatus.ACTIVE


@pytest.mark.parametrize(
    "changes",
    [
        {"target": Money(0, Currency.USD)},
        {"target": Money(-1, Currency.USD)},
        {"target": Money(100_000_000_001, Currency.USD)},
        {"target": Money(100, Currency.KES)},
        {"until": date(2026, 3, 2)},
        {"until": date(2107, 1, 1)},
        {"score": 0},
        {"score": 6},
    ],
)
def test_terms_that_cannot_be_are_refused(
    saving: GoalService, amina: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidValue):
        saving.create(amina, key="k", name="A house", terms=replace(HOUSE, **changes))
    with pytest.raises(InvalidValue):
        saving.change(amina, general_goal_id(amina), name=None, terms=replace(HOUSE, **changes))
    assert list(saving.saving(amina).goals) == [general_goal(amina)]


def test_a_day_that_has_come_may_stay_while_other_terms_change(
    saving: GoalService, amina: str, clock: FixedClock
) -> None:
    made = house(saving, amina)
    clock.advance(timedelta(days=2000))
    terms = replace(HOUSE, target=Money(1, Currency.USD))
    assert saving.change(amina, made.goal.goal_id, name=None, terms=terms).goal.terms == terms


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\u200bb"])
def test_names_are_plain_text(saving: GoalService, amina: str, name: str) -> None:
    with pytest.raises(InvalidValue):
        house(saving, amina, name=name)
    assert len(saving.saving(amina).goals) == 1


def test_exclusions_are_kept_and_replaced_as_a_whole(saving: GoalService, amina: str) -> None:
    assert saving.exclude(amina, frozenset({"SIZE"})).version == 1
    assert saving.exclude(amina, frozenset({"SIZE"})).version == 1
    assert saving.exclude(amina, frozenset({"MTUM"})).symbols == {"MTUM"}
    assert saving.saving(amina).exclusions.symbols == {"MTUM"}
    assert saving.exclude(amina, frozenset()).version == 3
    assert saving.saving(amina).exclusions.symbols == frozenset()


@pytest.mark.parametrize(
    ("symbols", "error"),
    [
        ({"TSLA"}, InvalidValue),
        ({"AAAB"}, NothingLeft),
        ({"MTUM", "QUAL", "SIZE", "USMV", "VLUE"}, NothingLeft),
        ({"MTUM", "QUAL", "VLUE"}, TooNarrow),
    ],
)
def test_exclusions_that_leave_no_portfolio_are_refused(
    saving: GoalService, amina: str, symbols: set[str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        saving.exclude(amina, frozenset(symbols))
    assert saving.saving(amina).exclusions.version == 0
