"""Runs that are announced no more, that took long, or that meet another one of the same symbol."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.cases.model import CaseStatus
from shared.corporate_actions.declaring import Declaring
from shared.corporate_actions.model import ActionStatus, ActivityKind, RunStatus
from shared.corporate_actions.running import round_over
from shared.market_data.announcements import ActionKind
from shared.platform.outbox import Facts

OLD, EX, SHARE = date(2025, 6, 2), date(2026, 3, 3), 10**9


def finish(runner: Any, run: Any) -> Any:
    """Page after page until the round is over."""
    while not round_over(run := runner.step(run)):
        pass
    return run


def people(world: Any, count: int) -> list[str]:
    return [world.person((OLD, SHARE, 1_000), account=f"account-{one}") for one in range(count)]


def halfway(world: Any, runner: Any, run: Any) -> Any:
    """Until somebody is booked."""
    while not run.booked:
        run = runner.step(run)
    return run


def test_a_split_that_is_withdrawn_midway_stops_where_it_is_and_a_person_decides(
    world: Any, make_split: Any
) -> None:
    holders = people(world, 8)
    world.announce(make_split())
    runner = world.runner(hurried=lambda: True)
    (run,) = runner.due(["QUAL"])
    run = halfway(world, runner, run)
    world.announce(make_split(withdrawn=True))
    assert finish(runner, run).status is RunStatus.BY_PEOPLE
    assert sum(world.position(user).quantity_nanos for user in holders) == 9 * SHARE
    assert world.stopped() == "STAFF_NEEDS_PERSON"
    (case,) = world.open_cases()
    facts = dict(case.facts)
    assert (facts["what"], facts["booked"]) == ("WITHDRAWN_AFTER_ITS_BEGIN", "1")
    assert world.runner().due(["QUAL"]) == []
    assert world.open_cases() == [case]


def test_a_split_that_is_withdrawn_when_everybody_has_it_is_told_once(
    world: Any, make_split: Any
) -> None:
    people(world, 2)
    world.announce(make_split())
    runner = world.runner()
    (run,) = runner.due(["QUAL"])
    assert finish(runner, run).status is RunStatus.DONE
    assert world.stopped() is None
    world.announce(make_split(withdrawn=True))
    for _ in range(2):
        assert world.runner().due(["QUAL"]) == []
    assert world.runs.get(EX, "split-1").status is RunStatus.BY_PEOPLE
    assert world.stopped() == "STAFF_NEEDS_PERSON"
    (case,) = world.open_cases()
    assert dict(case.facts)["booked"] == "2"


def test_a_dividend_that_is_withdrawn_midway_declares_no_more_and_its_claims_end(
    world: Any, make_dividend: Any
) -> None:
    holders = people(world, 4)
    world.announce(make_dividend())
    runner = world.runner(hurried=lambda: True)
    (run,) = runner.due(["QUAL"])
    run = halfway(world, runner, run)
    world.announce(make_dividend(withdrawn=True))
    assert finish(runner, run).status is RunStatus.DONE
    (declared,) = [user for user in holders if "DIVIDEND_DECLARED" in world.kinds(user)]
    world.clock.advance(timedelta(days=26))
    world.chasing.look(declared, world.action(declared, make_dividend()).action_id)
    ended = world.action(declared, make_dividend())
    assert (ended.status, world.open_cases()) == (ActionStatus.WITHDRAWN, [])
    assert world.stopped() is None


def test_a_run_that_took_longer_than_a_fortnight_still_goes_on_and_ends_its_case(
    world: Any, make_split: Any
) -> None:
    first, _ = people(world, 2)
    world.pay_in(first, 500)
    world.facts.commit([world.ledger.reserve(world.wallet(first), 100, orders=1)])
    world.announce(make_split())
    runner = world.runner()
    (run,) = runner.due(["QUAL"])
    finish(runner, run)
    world.market.now = datetime(2026, 4, 20, 15, 0, tzinfo=UTC)
    (run,) = runner.due(["QUAL"])
    assert finish(runner, run).status is RunStatus.RUNNING
    (case,) = world.open_cases()
    assert dict(case.facts)["what"] == "NOT_BOOKED_FOR_ALL"
    world.facts.commit([world.ledger.release(world.wallet(first), 100, orders=1)])
    (run,) = runner.due(["QUAL"])
    assert finish(runner, run).status is RunStatus.DONE
    assert world.position(first).quantity_nanos == 2 * SHARE
    assert world.stopped() is None
    assert world.cases.get(case.case_id).status is CaseStatus.RESOLVED


def test_whoever_is_behind_lets_nothing_go_while_somebody_still_waits(
    world: Any, make_split: Any
) -> None:
    (user,) = people(world, 1)
    world.pay_in(user, 500)
    world.announce(make_split())
    runner = world.runner()
    (run,) = runner.due(["QUAL"])
    while run.segment < runner.holders.segments - 1:
        run = runner.step(run)
    stale = run
    # Another one found them waiting, and has begun a new round.
    world.facts.commit([world.runs.save(replace(stale, segment=0, rounds=1))])
    runner.step(stale)
    assert world.runs.get(EX, "split-1").status is RunStatus.RUNNING
    assert world.stopped() == "STAFF_CORPORATE_ACTION"


def test_a_crash_between_letting_orders_go_and_the_end_of_the_run_ends_it_later(
    world: Any, make_split: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (user,) = people(world, 1)
    world.announce(make_split())
    runner = world.runner()
    (run,) = runner.due(["QUAL"])
    while run.segment < runner.holders.segments:
        assert world.stopped() == "STAFF_CORPORATE_ACTION"
        run = runner.step(run)
    assert run.status is RunStatus.RUNNING

    def crash(self: Any, writes: Any, *events: Any) -> None:
        if any(write.name == "run" for write in writes):
            raise KeyboardInterrupt
        commit(self, writes, *events)

    commit = Facts.commit
    with monkeypatch.context() as patched:
        patched.setattr(Facts, "commit", crash)
        with pytest.raises(KeyboardInterrupt):
            runner.step(run)
    assert world.stopped() is None
    (again,) = world.runner().due(["QUAL"])
    assert finish(world.runner(), again).status is RunStatus.DONE
    assert world.position(user).quantity_nanos == 2 * SHARE
    assert world.kinds(user).count("SPLIT") == 1


def test_of_two_actions_of_a_symbol_the_last_one_lets_its_orders_go(
    world: Any, make_split: Any
) -> None:
    people(world, 2)
    second = make_split(kind=ActionKind.STOCK_DIVIDEND, id="stock-1", new_rate=1, old_rate=20)
    world.announce(make_split(), second)
    runner = world.runner()
    one, other = runner.due(["QUAL"])
    assert finish(runner, one).status is RunStatus.DONE
    assert world.stopped() == "STAFF_CORPORATE_ACTION"
    assert finish(runner, other).status is RunStatus.DONE
    assert world.stopped() is None


def test_a_run_stops_a_symbol_that_another_one_let_go_as_it_began(
    world: Any, make_split: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(world, 1)
    world.announce(make_split())
    runner = world.runner()
    (run,) = runner.due(["QUAL"])
    world.restrictions.release("QUAL", "CORPORATE_ACTION")
    seen = []
    book = Declaring.book

    def looking(self: Any, *told: Any) -> Any:
        seen.append(world.stopped())
        return book(self, *told)

    monkeypatch.setattr(Declaring, "book", looking)
    assert finish(runner, run).status is RunStatus.DONE
    assert seen == ["STAFF_CORPORATE_ACTION"]


@pytest.mark.parametrize("gone", [False, True])
def test_a_split_that_is_announced_anew_under_another_name_is_the_same_split(
    world: Any, make_split: Any, make_line: Any, gone: bool
) -> None:
    """The new one is there a moment before the old one is withdrawn."""
    (user,) = people(world, 1)
    world.announce(make_split())
    runner = world.runner()
    (run,) = runner.due(["QUAL"])
    assert finish(runner, run).status is RunStatus.DONE
    world.announce(make_split(id="again"), make_split(withdrawn=gone))
    assert runner.due(["QUAL"]) == []
    told = make_line(ActivityKind.SPLIT, nanos=2 * SHARE, settled=EX, account_id="account-0")
    world.crediting.apply(told)
    assert world.position(user).quantity_nanos == 2 * SHARE
    assert world.kinds(user).count("SPLIT") == 1
    assert (world.stopped(), world.open_cases()) == (None, [])


def test_a_split_that_is_announced_twice_before_it_begins_begins_once(
    world: Any, make_split: Any
) -> None:
    (user,) = people(world, 1)
    world.announce(make_split(), make_split(id="again"))
    runner = world.runner()
    (run,) = runner.due(["QUAL"])
    assert finish(runner, run).status is RunStatus.DONE
    world.announce(make_split(id=run.announcement_id, withdrawn=True))
    assert runner.due(["QUAL"]) == []
    assert world.position(user).quantity_nanos == 2 * SHARE
    assert world.stopped() is None


def test_a_dividend_that_is_announced_anew_under_another_name_is_claimed_once(
    world: Any, make_dividend: Any
) -> None:
    (user,) = people(world, 1)
    world.announce(make_dividend())
    runner = world.runner()
    (run,) = runner.due(["QUAL"])
    assert finish(runner, run).status is RunStatus.DONE
    world.announce(make_dividend(id="again"), make_dividend(withdrawn=True))
    assert runner.due(["QUAL"]) == []
    assert world.kinds(user).count("DIVIDEND_DECLARED") == 1
    # It is awaited as before: nobody takes it for withdrawn.
    world.clock.advance(timedelta(days=26))
    world.chasing.look(user, world.action(user, make_dividend()).action_id)
    assert world.action(user, make_dividend()).status is ActionStatus.DECLARED
    (case,) = world.open_cases()
    assert dict(case.facts)["what"] == "NOT_PAID"
