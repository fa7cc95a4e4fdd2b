"""Runs over all who hold the symbol: complete, resumable, and never twice."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.corporate_actions.declaring import Declaring, Outcome
from shared.corporate_actions.model import ActivityKind, RunStatus
from shared.corporate_actions.running import Runner, round_over
from shared.market_data.announcements import ActionKind

OLD, EX, SHARE = date(2025, 6, 2), date(2026, 3, 3), 10**9


def finish(runner: Runner, run: Any) -> Any:
    """Page after page until the round is over."""
    for _ in range(1_000):
        run = runner.step(run)
        if round_over(run):
            return run
    raise AssertionError("the run does not end")


def people(world: Any, count: int) -> list[str]:
    return [
        world.person((OLD, (number + 1) * SHARE, 1_000), account=f"account-{number}")
        for number in range(count)
    ]


def test_everybody_who_holds_the_symbol_is_split_once(world: Any, make_split: Any) -> None:
    holders, other = people(world, 30), world.person(cash=100, account="none")
    world.announce(make_split())
    runner = world.runner()
    (run,) = runner.due(["QUAL", "MTUM"])
    assert world.stopped() == "STAFF_CORPORATE_ACTION"
    done = finish(runner, run)
    assert (done.status, done.booked, done.waiting) == (RunStatus.DONE, 30, 0)
    assert [world.position(user).quantity_nanos for user in holders] == [
        2 * (number + 1) * SHARE for number in range(30)
    ]
    assert world.kinds(other) == ["DEPOSIT_SETTLED"]
    assert world.stopped() is None
    assert runner.due(["QUAL"]) == []


def test_before_the_last_close_and_without_a_clock_nothing_begins(
    world: Any, make_split: Any
) -> None:
    people(world, 1)
    world.announce(make_split())
    world.market.now = datetime(2026, 3, 2, 20, 59, tzinfo=UTC)
    assert world.runner().due(["QUAL"]) == []
    world.market.now = None
    assert world.runner().due(["QUAL"]) == []
    assert world.stopped() is None


@pytest.mark.parametrize("died_after", [0, 1, 5, 13, 63])
def test_a_run_that_died_goes_on_where_it_was(world: Any, make_split: Any, died_after: int) -> None:
    holders = people(world, 12)
    world.announce(make_split())
    runner = world.runner()
    (run,) = runner.due(["QUAL"])
    for _ in range(died_after):
        run = runner.step(run)
    # Its page was booked for some, and the run's row was not written.
    stale = run
    for user in holders[:3]:
        world.declaring.book(user, make_split(), world.market.now)
    runner.step(stale)
    (again,) = world.runner().due(["QUAL"]) or (None,)
    if again is not None:
        assert finish(world.runner(), again).status is RunStatus.DONE
    assert [world.position(user).quantity_nanos for user in holders] == [
        2 * (number + 1) * SHARE for number in range(12)
    ]
    assert all(world.kinds(user).count("SPLIT") == 1 for user in holders)


def test_who_is_late_goes_no_further_than_who_was_ahead(world: Any, make_split: Any) -> None:
    people(world, 3)
    world.announce(make_split())
    runner = world.runner()
    (run,) = runner.due(["QUAL"])
    ahead = runner.step(runner.step(run))
    assert round_over(runner.step(run))
    stored = world.runs.get(EX, "split-1")
    assert (stored.segment, stored.version) == (ahead.segment, ahead.version)


def test_a_hurried_call_stops_between_two_people_and_leaves_nobody_out(
    world: Any, make_split: Any
) -> None:
    holders = people(world, 200)
    world.announce(make_split())
    runner = world.runner(hurried=lambda: True)
    (run,) = runner.due(["QUAL"])
    steps = 0
    while run.status is RunStatus.RUNNING:
        run, steps = runner.step(run), steps + 1
    assert run.booked == 200
    assert steps > 100
    assert all(world.kinds(user).count("SPLIT") == 1 for user in holders)


def test_who_has_open_orders_waits_and_keeps_nobody_waiting(world: Any, make_split: Any) -> None:
    first, second = people(world, 2)
    world.pay_in(first, 500)
    world.facts.commit([world.ledger.reserve(world.wallet(first), 100, orders=1)])
    world.announce(make_split())
    runner = world.runner()
    (run,) = runner.due(["QUAL"])
    run = finish(runner, run)
    assert (run.status, run.rounds, run.booked) == (RunStatus.RUNNING, 1, 1)
    assert world.position(second).quantity_nanos == 4 * SHARE
    assert world.stopped() == "STAFF_CORPORATE_ACTION"
    world.facts.commit([world.ledger.release(world.wallet(first), 100, orders=1)])
    (run,) = runner.due(["QUAL"])
    assert finish(runner, run).status is RunStatus.DONE
    assert world.position(first).quantity_nanos == 2 * SHARE
    assert world.stopped() is None


def test_one_persons_bad_rows_do_not_stop_the_others_and_become_a_case(
    world: Any, make_split: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = people(world, 2)
    world.announce(make_split())
    book = Declaring.book

    def failing(self: Any, user_id: str, one: Any, now: datetime) -> Outcome:
        if user_id == bad:
            raise KeyError("lots")
        return book(self, user_id, one, now)

    monkeypatch.setattr(Declaring, "book", failing)
    runner = world.runner()
    (run,) = runner.due(["QUAL"])
    run = finish(runner, run)
    assert (run.status, run.booked) == (RunStatus.RUNNING, 1)
    assert world.position(good).quantity_nanos == 4 * SHARE
    assert world.open_cases() == []
    world.market.now = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
    (run,) = runner.due(["QUAL"])
    finish(runner, run)
    (case,) = world.open_cases()
    assert (case.subject, dict(case.facts)["what"]) == ("split-1", "NOT_BOOKED_FOR_ALL")


def test_who_waits_rings_once_trading_goes_on_and_not_the_evening_before(
    world: Any, make_split: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[tuple[str, int]] = []
    monkeypatch.setattr(
        "shared.corporate_actions.running.metric",
        lambda name, value=1, **told: counted.append((name, value)),
    )
    first, _ = people(world, 2)
    world.pay_in(first, 500)
    world.facts.commit([world.ledger.reserve(world.wallet(first), 100, orders=1)])
    world.announce(make_split())
    runner = world.runner()
    (run,) = runner.due(["QUAL"])
    finish(runner, run)
    assert counted == []
    world.market.now = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)
    (run,) = runner.due(["QUAL"])
    finish(runner, run)
    assert counted == [("CorporateActionWaits", 1)]


@pytest.mark.parametrize(
    "kind",
    [
        ActionKind.CASH_MERGER,
        ActionKind.SPIN_OFF,
        ActionKind.WORTHLESS_REMOVAL,
        ActionKind.REDEMPTION,
        ActionKind.UNIT_SPLIT,
    ],
)
def test_what_nobody_has_decided_about_is_a_case_and_stops_the_symbol(
    world: Any, make_split: Any, kind: ActionKind
) -> None:
    (user,) = people(world, 1)
    world.announce(make_split(kind=kind))
    runner = world.runner()
    assert runner.due(["QUAL"]) == []
    assert runner.due(["QUAL"]) == []
    assert world.position(user).quantity_nanos == SHARE
    (case,) = world.open_cases()
    assert (case.subject, dict(case.facts)["action"]) == ("split-1", kind.value)
    assert world.stopped() == "STAFF_NEEDS_PERSON"
    assert world.runs.get(EX, "split-1").status is RunStatus.BY_PEOPLE


def test_an_end_of_a_split_does_not_let_go_what_waits_for_a_person(
    world: Any, make_split: Any
) -> None:
    people(world, 1)
    world.announce(make_split(), make_split(kind=ActionKind.SPIN_OFF, id="spin-1"))
    runner = world.runner()
    for run in runner.due(["QUAL"]):
        finish(runner, run)
    assert world.stopped() == "STAFF_NEEDS_PERSON"


def test_a_withdrawn_announcement_begins_nothing(world: Any, make_dividend: Any) -> None:
    people(world, 1)
    world.announce(make_dividend(withdrawn=True))
    assert world.runner().due(["QUAL"]) == []


def test_a_dividend_stops_no_orders_and_does_not_wait_for_them_after_the_open(
    world: Any, make_dividend: Any
) -> None:
    (user,) = people(world, 1)
    world.pay_in(user, 500)
    world.facts.commit([world.ledger.reserve(world.wallet(user), 100, orders=1)])
    world.announce(make_dividend())
    runner = world.runner()
    (run,) = runner.due(["QUAL"])
    assert world.stopped() is None
    run = finish(runner, run)
    assert run.status is RunStatus.RUNNING
    assert world.canceled == []
    world.market.now = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
    (run,) = runner.due(["QUAL"])
    assert finish(runner, run).status is RunStatus.DONE
    assert world.action(user, make_dividend()).expected_minor == 30


def test_what_was_announced_too_late_is_not_begun(world: Any, make_dividend: Any) -> None:
    people(world, 1)
    world.announce(make_dividend())
    world.market.now = datetime(2026, 3, 3, 15, 0, tzinfo=UTC) + timedelta(days=20)
    assert world.runner().due(["QUAL"]) == []


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("days", [-1, 1, 20])
def test_a_day_that_is_corrected_once_it_has_begun_splits_nobody_twice(
    world: Any, make_split: Any, make_line: Any, done: bool, days: int
) -> None:
    holders = people(world, 3)
    world.announce(make_split())
    runner = world.runner()
    (run,) = runner.due(["QUAL"])
    world.declaring.book(holders[0], make_split(), world.market.now)
    if done:
        finish(runner, run)
    corrected = make_split(effective=EX + timedelta(days=days))
    world.announce(corrected)
    world.market.now = datetime(2026, 3, 3, 15, 0, tzinfo=UTC) + timedelta(days=max(days, 0))
    for again in world.runner().due(["QUAL"]):
        finish(world.runner(), again)
    if not done:
        finish(world.runner(), world.runs.get(EX, "split-1"))
    line = make_line(ActivityKind.SPLIT, nanos=2 * SHARE, settled=EX, account_id="account-0")
    world.crediting.apply(line)
    quantities = [world.position(user).quantity_nanos for user in holders]
    assert quantities == [2 * SHARE, 4 * SHARE, 6 * SHARE]
    assert all(world.kinds(user).count("SPLIT") == 1 for user in holders)
    assert world.open_cases() == []
