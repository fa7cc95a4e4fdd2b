"""Runs as they are kept: awaited while unfinished, in pages, never overwritten by a loser."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.investing.rebalanced import Mark, MarkStatus
from shared.kernel.clock import FixedClock
from shared.kernel.errors import TemporarilyUnavailable
from shared.platform.outbox import Facts
from shared.platform.tables import Database
from shared.platform.work import ConditionFailed
from shared.rebalancing.following import Follower, mark_after
from shared.rebalancing.model import Run, RunStatus
from tests.rebalancing.conftest import MONDAY, TUESDAY, Books
from tests.rebalancing.followed import SELLS, World

FRIDAY = date(2026, 2, 27)


@pytest.fixture
def world(database: Database, facts: Facts, clock: FixedClock) -> World:
    return World(database, facts, clock)


def test_unfinished_runs_are_awaited_and_others_are_not(
    world: World, books: Callable[[], Books], database: Database, clock: FixedClock
) -> None:
    owner = books()
    first = owner.plan()
    world.follower.look(owner.user, first.plan_id)

    def awaited() -> list[str]:
        found = [database.pending(bucket, "9", 50).items for bucket in range(16)]
        return [item.kind for items in found for item in items if item.kind == "rebalance_run"]

    assert awaited() == ["rebalance_run"]
    owner.end(first, *SELLS, filled=False)
    world.follower.look(owner.user, first.plan_id)
    assert awaited() == []


class Interfering:
    """Somebody else is always a moment earlier."""

    def commit(self, writes: object, *events: object) -> None:
        """Never goes through."""
        raise ConditionFailed({"run": None})


def test_whoever_always_loses_the_race_comes_again_later(
    world: World, books: Callable[[], Books], clock: FixedClock
) -> None:
    owner = books()
    first = owner.plan()
    loser = Follower(world.runs, Interfering(), clock, lambda: MONDAY, world, lambda number: None)
    with pytest.raises(TemporarilyUnavailable):
        loser.look(owner.user, first.plan_id)
    assert not world.marked(owner)


def test_pages_of_runs_are_newest_first_and_go_on(
    world: World, books: Callable[[], Books], facts: Facts
) -> None:
    owner = books()
    first = owner.plan()
    run = world.follower.look(owner.user, first.plan_id)
    assert run is not None
    later = replace(run, run_id=owner.run_id[:-1] + "Z", version=0)
    facts.commit([world.runs.save(None, later)])
    page = world.runs.of_person(owner.user, 1)
    assert [each.run_id for each in page.runs] == [later.run_id]
    assert page.after == later.run_id
    rest = world.runs.of_person(owner.user, 5, page.after)
    assert ([each.run_id for each in rest.runs], rest.after) == ([owner.run_id], None)


def test_a_run_that_another_one_has_overtaken_changes_only_the_last_day() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    old = Run("old", "u", "", RunStatus.COMPLETED, "BAND", "old", (), MONDAY, at, at)
    old = replace(old, ended_on=TUESDAY)
    newer = Mark("u", status=MarkStatus.TRADING, run_id="new", completed_on=FRIDAY)
    assert mark_after(newer, old) == replace(newer, completed_on=TUESDAY)
    later = replace(newer, completed_on=TUESDAY + timedelta(days=9))
    assert mark_after(later, old) == later
