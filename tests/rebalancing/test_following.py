"""Runs follow their plans: sales, settlement, buys; and every other way in which they end."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.investing.plan import PlanOutcome, plan_id
from shared.investing.rebalanced import MarkStatus
from shared.kernel.clock import FixedClock
from shared.platform.outbox import Facts
from shared.platform.tables import Database
from shared.rebalancing.model import RunStatus, continuation
from tests.rebalancing.conftest import MONDAY, TUESDAY, Books
from tests.rebalancing.followed import BUYS, SELLS, World


@pytest.fixture
def world(database: Database, facts: Facts, clock: FixedClock) -> World:
    return World(database, facts, clock)


def test_a_run_sells_waits_for_settlement_buys_and_is_completed(
    world: World, books: Callable[[], Books]
) -> None:
    owner = books()
    first = owner.plan()
    run = world.follower.look(owner.user, first.plan_id)
    assert run is not None
    assert (run.run_id, run.status, run.why) == (owner.run_id, RunStatus.TRADING, "BAND")
    mark = world.mark(owner)
    assert mark is not None
    assert (mark.status, mark.run_id) == (MarkStatus.TRADING, owner.run_id)

    owner.end(first, *SELLS)
    run = world.follower.look(owner.user, first.plan_id)
    assert run is not None
    assert (run.status, run.next_on, run.ended_on) == (RunStatus.SETTLING, TUESDAY, None)
    assert run.cause_id != owner.run_id
    mark = world.mark(owner)
    assert mark is not None
    assert (mark.status, mark.until, mark.completed_on) == (MarkStatus.SETTLING, TUESDAY, None)

    # Before the day has come nothing is asked for.
    world.follower.resume(owner.user, owner.run_id)
    assert world.asked == []
    world.today = TUESDAY
    world.follower.resume(owner.user, owner.run_id)
    (asked,) = world.asked
    assert continuation(asked) == {
        "user_id": owner.user,
        "cause": "REBALANCE",
        "cause_id": run.cause_id,
        "continues": "yes",
    }

    held = {"AAAB": 400 * 10**9, "MTUM": 150 * 10**9, "QUAL": 250 * 10**9, "USMV": 100 * 10**9}
    second = owner.plan(run.cause_id, continues=True, available_minor=100_000, held=held)
    assert [each.symbol for each in second.decision.orders] == ["MTUM"]
    run = world.follower.look(owner.user, second.plan_id)
    assert run is not None
    assert (run.status, run.plan_ids) == (RunStatus.TRADING, (first.plan_id, second.plan_id))
    owner.end(second, *BUYS, day=TUESDAY)
    run = world.follower.look(owner.user, second.plan_id)
    assert run is not None
    assert (run.status, run.ended_on, run.reason) == (RunStatus.COMPLETED, TUESDAY, None)
    mark = world.mark(owner)
    assert mark is not None
    assert (mark.status, mark.until, mark.completed_on) == (MarkStatus.IDLE, None, TUESDAY)


def test_a_planner_that_is_a_day_behind_ends_no_run_whose_money_has_not_settled(
    world: World, books: Callable[[], Books]
) -> None:
    owner = books()
    run = world.sold(owner)
    held = {"AAAB": 400 * 10**9, "MTUM": 150 * 10**9, "QUAL": 250 * 10**9, "USMV": 100 * 10**9}
    cash = {"available_minor": 100_000, "held": held, "continues": True}
    early = owner.plan(run.cause_id, unsettled_minor=100_000, **cash)
    assert early.order_ids == ()
    waits = world.look(owner, early.plan_id)
    assert (waits.status, waits.next_on, waits.ended_on) == (RunStatus.SETTLING, TUESDAY, None)
    assert waits.cause_id not in (run.cause_id, owner.run_id)
    mark = world.mark(owner)
    assert mark is not None
    assert (mark.status, mark.until, mark.completed_on) == (MarkStatus.SETTLING, TUESDAY, None)
    assert world.look(owner, early.plan_id) == waits

    second = owner.plan(waits.cause_id, **cash)
    trading = world.look(owner, second.plan_id)
    assert trading.status is RunStatus.TRADING
    assert world.look(owner, early.plan_id) == trading
    owner.end(second, *BUYS, day=TUESDAY)
    done = world.look(owner, second.plan_id)
    assert (done.status, done.ended_on) == (RunStatus.COMPLETED, TUESDAY)
    assert done.plan_ids == (*run.plan_ids, early.plan_id, second.plan_id)


def test_news_may_come_twice_late_and_in_any_order(
    world: World, books: Callable[[], Books]
) -> None:
    owner = books()
    first = owner.plan()
    owner.end(first, *SELLS)
    # The end of the orders is heard before their plan.
    run = world.follower.look(owner.user, first.plan_id)
    assert run is not None
    assert run.status is RunStatus.SETTLING
    again = world.follower.look(owner.user, first.plan_id)
    assert again == run
    second = owner.plan(run.cause_id, continues=True, available_minor=100_000)
    trading = world.follower.look(owner.user, second.plan_id)
    assert trading is not None
    assert trading.status is RunStatus.TRADING
    assert world.follower.look(owner.user, first.plan_id) == trading
    owner.end(second, *BUYS, "USMV", day=TUESDAY)
    done = world.follower.look(owner.user, second.plan_id)
    assert done is not None
    assert done.status is RunStatus.COMPLETED
    for plan in (first, second):
        assert world.follower.look(owner.user, plan.plan_id) == done


def test_orders_that_all_fail_stop_the_run_and_let_it_rest(
    world: World, books: Callable[[], Books]
) -> None:
    owner = books()
    first = owner.plan()
    owner.end(first, *SELLS, filled=False)
    run = world.follower.look(owner.user, first.plan_id)
    assert run is not None
    assert (run.status, run.reason, run.ended_on) == (RunStatus.STOPPED, "HALTED", MONDAY)
    mark = world.mark(owner)
    assert mark is not None
    assert (mark.status, mark.until) == (MarkStatus.IDLE, MONDAY + timedelta(days=7))
    assert mark.completed_on is None


def test_one_sale_that_was_filled_is_followed_by_its_buys(
    world: World, books: Callable[[], Books]
) -> None:
    owner = books()
    first = owner.plan()
    owner.end(first, "AAAB", filled=False)
    run = world.follower.look(owner.user, first.plan_id)
    assert run is not None
    assert run.status is RunStatus.TRADING
    owner.end(first, "QUAL")
    run = world.follower.look(owner.user, first.plan_id)
    assert run is not None
    assert (run.status, run.next_on) == (RunStatus.SETTLING, TUESDAY)


def test_what_is_on_target_begins_no_run(world: World, books: Callable[[], Books]) -> None:
    owner = books()
    held = {"AAAB": 400 * 10**9, "MTUM": 250 * 10**9, "QUAL": 250 * 10**9, "USMV": 100 * 10**9}
    plan = owner.plan(held=held)
    assert plan.decision.outcome is PlanOutcome.ON_TARGET
    assert world.follower.look(owner.user, plan.plan_id) is None
    assert not world.marked(owner)
    assert world.runs.of_person(owner.user, 5).runs == ()


def test_a_plan_without_orders_completes_the_run_at_once(
    world: World, books: Callable[[], Books]
) -> None:
    owner = books()
    plan = owner.plan(held={"AAAB": 10**7, "MTUM": 10**7}, lots={})
    assert (plan.decision.outcome, plan.order_ids) == (PlanOutcome.ON_TARGET, ())
    run = world.follower.look(owner.user, plan.plan_id)
    assert run is not None
    assert (run.status, run.why, run.ended_on) == (RunStatus.COMPLETED, "BAND", MONDAY)
    mark = world.mark(owner)
    assert mark is not None
    assert (mark.status, mark.completed_on) == (MarkStatus.IDLE, MONDAY)


def test_a_run_that_cannot_go_on_is_given_up(world: World, books: Callable[[], Books]) -> None:
    owner = books()
    first = owner.plan()
    owner.end(first, *SELLS)
    world.follower.look(owner.user, first.plan_id)
    world.today = TUESDAY + timedelta(days=10)
    world.follower.resume(owner.user, owner.run_id)
    assert len(world.asked) == 1
    world.today += timedelta(days=1)
    run = world.follower.resume(owner.user, owner.run_id)
    assert run is not None
    assert (run.status, run.reason) == (RunStatus.STOPPED, "NOT_CONTINUED")
    assert len(world.asked) == 1
    assert world.follower.resume(owner.user, owner.run_id) is not None
    assert len(world.asked) == 1


def test_a_plan_whose_news_was_lost_is_found_by_the_next_look(
    world: World, books: Callable[[], Books]
) -> None:
    owner = books()
    first = owner.plan()
    world.follower.look(owner.user, first.plan_id)
    owner.end(first, *SELLS)
    # Nobody heard of the end: the sweep of unfinished things looks.
    run = world.follower.resume(owner.user, owner.run_id)
    assert run is not None
    assert run.status is RunStatus.SETTLING
    second = owner.plan(run.cause_id, continues=True, available_minor=100_000)
    world.today = TUESDAY
    run = world.follower.resume(owner.user, owner.run_id)
    assert run is not None
    assert run.plan_ids == (first.plan_id, second.plan_id)
    assert world.asked == []


def test_plans_of_other_causes_and_of_nobody_are_no_runs(
    world: World, books: Callable[[], Books]
) -> None:
    owner = books()
    assert world.follower.look(owner.user, plan_id(owner.run_id)) is None
    assert world.follower.resume(owner.user, owner.run_id) is None
    assert not world.marked(owner)
