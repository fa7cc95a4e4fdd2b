"""Runs of named goals: each has a mark of its own, and survives that its goal is given up."""

from collections.abc import Callable

import pytest

from shared.investing.inputs import GoalUsed
from shared.investing.rebalanced import Mark, MarkStatus
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.platform.outbox import Facts
from shared.platform.tables import Database
from shared.rebalancing.model import RunStatus, continuation, run_id_of
from tests.rebalancing.conftest import MONDAY, NOON, TUESDAY, Books
from tests.rebalancing.followed import SELLS, World


@pytest.fixture
def world(database: Database, facts: Facts, clock: FixedClock) -> World:
    return World(database, facts, clock)


def goal_of(owner: Books, ids: SequentialIds) -> tuple[str, GoalUsed]:
    """A goal, and how plans for it name it; runs of it come from a sweep, too."""
    goal_id = ids.new(Kind.GOAL)
    owner.run_id = run_id_of(owner.user, goal_id, NOON, MONDAY)
    return goal_id, GoalUsed(id=goal_id, tag=goal_id[-6:], closes=(goal_id[-6:],))


def test_a_run_of_a_goal_says_so_asks_for_its_goal_and_leaves_the_general_mark_alone(
    world: World, books: Callable[[], Books], ids: SequentialIds
) -> None:
    owner = books()
    goal_id, used = goal_of(owner, ids)
    first = owner.plan(goal=used)
    owner.end(first, *SELLS)
    run = world.follower.look(owner.user, first.plan_id)
    assert run is not None
    assert (run.goal_id, run.status) == (goal_id, RunStatus.SETTLING)
    assert world.runs.mark(owner.user, "") == Mark(owner.user)
    mark = world.runs.mark(owner.user, goal_id)
    assert (mark.goal_id, mark.run_id) == (goal_id, owner.run_id)
    assert (mark.status, mark.until) == (MarkStatus.SETTLING, TUESDAY)

    world.today = TUESDAY
    assert world.follower.go_on(owner.user, "") is None
    assert world.asked == []
    world.follower.go_on(owner.user, goal_id)
    (asked,) = world.asked
    assert continuation(asked)["goal_id"] == goal_id

    second = owner.plan(run.cause_id, goal=used, continues=True, available_minor=100_000)
    owner.end(second, *(each.symbol for each in second.decision.orders), day=TUESDAY)
    done = world.follower.look(owner.user, second.plan_id)
    assert done is not None
    assert (done.goal_id, done.status) == (goal_id, RunStatus.COMPLETED)
    assert world.runs.mark(owner.user, goal_id).completed_on == TUESDAY
    assert world.runs.mark(owner.user, "") == Mark(owner.user)
    assert world.follower.go_on(owner.user, goal_id) is None


def test_two_goals_of_a_person_have_a_run_each_on_one_day(
    world: World, books: Callable[[], Books], ids: SequentialIds
) -> None:
    owner = books()
    general = owner.plan()
    goal_id, used = goal_of(owner, ids)
    named = owner.plan(goal=used)
    for plan in (general, named):
        world.follower.look(owner.user, plan.plan_id)
    found = world.runs.of_person(owner.user, 5).runs
    assert sorted(run.goal_id for run in found) == ["", goal_id]
    marks = [world.runs.mark(owner.user, each) for each in ("", goal_id)]
    assert [mark.status for mark in marks] == [MarkStatus.TRADING] * 2
    assert len({mark.run_id for mark in marks}) == 2


def test_a_goal_that_is_given_up_meanwhile_has_its_run_ended_by_a_general_plan(
    world: World, books: Callable[[], Books], ids: SequentialIds
) -> None:
    owner = books()
    goal_id, used = goal_of(owner, ids)
    first = owner.plan(goal=used)
    owner.end(first, *SELLS)
    run = world.follower.look(owner.user, first.plan_id)
    assert run is not None
    # What it sold is the general goal's by now, and the planner plans for that one.
    closes = GoalUsed(closes=("", goal_id[-6:]))
    second = owner.plan(run.cause_id, goal=closes, continues=True, available_minor=100_000)
    trading = world.follower.look(owner.user, second.plan_id)
    assert trading is not None
    assert (trading.run_id, trading.status) == (run.run_id, RunStatus.TRADING)
    owner.end(second, *(each.symbol for each in second.decision.orders), day=TUESDAY)
    done = world.follower.look(owner.user, second.plan_id)
    assert done is not None
    assert (done.run_id, done.goal_id, done.status) == (run.run_id, goal_id, RunStatus.COMPLETED)
    assert world.runs.mark(owner.user, goal_id).status is MarkStatus.IDLE
    assert world.runs.mark(owner.user, "") == Mark(owner.user)
    assert len(world.runs.of_person(owner.user, 5).runs) == 1


def test_what_a_foreign_cause_names_is_no_run_of_this_plan(
    world: World, books: Callable[[], Books], ids: SequentialIds
) -> None:
    owner = books()
    _, used = goal_of(owner, ids)
    first = owner.plan(goal=used)
    world.follower.look(owner.user, first.plan_id)
    other = owner.plan(ids.new(Kind.RUN), goal=used, continues=True)
    assert world.follower.look(owner.user, other.plan_id) is None
