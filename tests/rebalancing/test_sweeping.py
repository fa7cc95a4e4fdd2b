"""The sweep: who is found, who is not, how it goes on after a crash, and what it costs."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.investing.rebalanced import Mark, MarkStatus, marked
from shared.kernel.clock import FixedClock
from shared.kernel.ids import SequentialIds
from shared.kernel.money import Currency
from shared.ledger.store import LedgerStore
from shared.platform.indexes import SEGMENTS
from shared.portfolio.holders import HoldersPage, HolderStore
from shared.portfolio.model import Position
from shared.portfolio.store import PortfolioStore
from shared.rebalancing.market import Market
from shared.rebalancing.model import run_id_of
from tests.rebalancing.people import MONDAY, PRICES, READY, STRATEGIES, World


@pytest.fixture
def world(clock: FixedClock, ids: SequentialIds) -> World:
    return World(clock, ids)


def test_only_who_is_beside_their_target_is_asked_for(world: World) -> None:
    on_target = [world.somebody(drifted=False) for _ in range(5)]
    drifted = [world.somebody(drifted=True) for _ in range(3)]
    world.walk_all()
    began = world.sweeps.begin(MONDAY, world.clock.now())
    assert sorted(world.heard.asked) == sorted(
        (user, "", run_id_of(user, "", began, MONDAY)) for user in drifted
    )
    assert world.heard.numbers["SweepCompared"] == len(on_target) + len(drifted)
    assert (world.heard.numbers["SweepDue"], world.heard.numbers["SweepAsked"]) == (3, 3)
    assert world.heard.bad == []


def test_a_second_sweep_of_the_day_asks_for_nobody(world: World) -> None:
    world.somebody(drifted=True)
    world.walk_all()
    assert len(world.heard.asked) == 1
    world.walk_all()
    assert len(world.heard.asked) == 1
    assert world.sweep().tick() == 0
    assert world.heard.segments == []


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        ({"status": "SUSPENDED"}, "NOT_READY"),
        ({"kyc_status": "PENDING"}, "NOT_READY"),
        ({"broker_status": "SUBMITTED"}, "NOT_READY"),
    ],
)
def test_who_may_not_trade_is_not_asked_for(world: World, profile, reason) -> None:
    world.somebody(drifted=True, **profile)
    world.walk_all()
    assert world.heard.asked == []
    assert world.heard.numbers[f"SweepSkipped/{reason}"] == 1


def test_without_a_risk_score_nobody_is_asked_for(world: World) -> None:
    user = world.somebody(drifted=True)
    world.profile(user, READY, score=None)
    world.walk_all()
    assert world.heard.asked == []


def test_open_orders_come_first(world: World) -> None:
    user = world.somebody(drifted=True)
    ledger = LedgerStore(world.database)
    world.facts.commit([ledger.reserve(ledger.wallet(user, Currency.USD), 0, orders=1)])
    world.walk_all()
    assert world.heard.asked == []
    assert world.heard.numbers["SweepSkipped/ORDERS_OPEN"] == 1


@pytest.mark.parametrize(
    ("mark", "asked", "continued", "reason"),
    [
        ({"status": MarkStatus.TRADING}, 0, 0, "RUN_OPEN"),
        ({"status": MarkStatus.SETTLING, "until": date(2026, 3, 3)}, 0, 0, "RUN_OPEN"),
        ({"status": MarkStatus.SETTLING, "until": MONDAY}, 0, 1, None),
        ({"until": date(2026, 3, 3)}, 0, 0, "RESTING"),
        ({"until": MONDAY}, 1, 0, None),
        # The cooldown is thirty days.
        ({"completed_on": date(2026, 2, 1)}, 0, 0, None),
        ({"completed_on": date(2026, 1, 31)}, 1, 0, None),
    ],
)
def test_what_the_last_run_says_comes_first(world: World, mark, asked, continued, reason) -> None:
    user = world.somebody(drifted=True)
    world.facts.commit([marked(Mark(user), replace(Mark(user, run_id="run_t1_x"), **mark))])
    world.walk_all()
    assert (len(world.heard.asked), len(world.heard.continued)) == (asked, continued)
    assert [key for key in world.heard.numbers if "Skipped" in key] == (
        [f"SweepSkipped/{reason}"] if reason else []
    )


def test_one_bad_row_is_told_and_keeps_nobody_else_from_being_found(world: World) -> None:
    bad, good = world.somebody(drifted=True), world.somebody(drifted=True)
    world.profile(bad, READY, "x")
    world.walk_all()
    assert [user for user, _, _ in world.heard.asked] == [good]
    assert world.heard.bad == [bad]


class Crash(Exception):
    """The worker is gone."""


def test_a_crash_in_the_middle_is_gone_on_with_where_it_was(world: World) -> None:
    found = {world.somebody(drifted=True) for _ in range(6)}
    pages = HolderStore(world.database)
    seen: list[str] = []

    class Small:
        """One person per page; the third page of all ends the worker."""

        crashes = True

        def page(self, segment: int, after: str | None = None) -> HoldersPage:
            whole = pages.page(segment, after)
            if not whole.holders:
                return whole
            if self.crashes and len(seen) == 2:
                self.crashes = False
                raise Crash
            one = whole.holders[0]
            seen.append(one.user_id)
            more = len(whole.holders) > 1
            return HoldersPage((one,), (), one.user_id if more else None)

    sweep = world.sweep(Small())
    with pytest.raises(Crash):
        world.walk_all(sweep)
    assert len(world.heard.asked) == 2
    world.walk_all(sweep)
    assert {user for user, _, _ in world.heard.asked} == found
    # Nobody was looked at twice: each page had been kept.
    assert sorted(seen) == sorted(found)


def test_a_page_that_was_told_and_not_kept_is_told_again_under_the_same_name(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.somebody(drifted=True)

    def crash(day: date, segment: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(world.sweeps, "keep", crash)
        for number in range(SEGMENTS):
            with pytest.raises(Crash):
                world.sweep().walk(MONDAY, number)
    world.clock.advance(timedelta(minutes=20))
    world.walk_all()
    assert len(world.heard.asked) == 2
    assert len(set(world.heard.asked)) == 1


def test_while_the_market_waits_nothing_is_looked_at_and_nothing_is_lost(world: World) -> None:
    world.somebody(drifted=True)
    world.market = Market(waits_for="PRICES")
    assert world.sweep().tick() == 0
    world.walk_all()
    assert (world.heard.asked, world.heard.segments) == ([], [])
    assert world.heard.numbers["SweepWaits/PRICES"] == SEGMENTS + 1
    world.market = Market(MONDAY, PRICES, STRATEGIES)
    assert world.sweep().tick() == SEGMENTS
    world.walk_all()
    assert len(world.heard.asked) == 1


def test_a_message_of_another_day_does_nothing(world: World) -> None:
    world.somebody(drifted=True)
    for number in range(SEGMENTS):
        world.sweep().walk(MONDAY - timedelta(days=3), number)
    assert world.heard.asked == []


def test_a_tick_sends_only_what_nobody_is_at(world: World) -> None:
    sweep = world.sweep()
    assert sweep.tick() == SEGMENTS
    assert world.heard.segments == [(MONDAY, number) for number in range(SEGMENTS)]
    world.heard.segments.clear()
    sweep.walk(MONDAY, 3)
    half = replace(world.sweeps.segment(MONDAY, 5), cursor="usr_t1_x")
    world.sweeps.keep(MONDAY, half)
    assert sweep.tick() == SEGMENTS - 2
    world.clock.advance(timedelta(minutes=11))
    world.heard.segments.clear()
    sweep.tick()
    assert (MONDAY, 5) in world.heard.segments
    assert (MONDAY, 3) not in world.heard.segments


def test_whose_price_is_missing_is_counted_and_not_judged(world: World) -> None:
    user = world.somebody(drifted=True)
    odd = Position(user, "GONE").buy("ord_t1_00001", date(2025, 1, 2), 10**9, 100)
    world.facts.commit([PortfolioStore(world.database).save(odd)])
    world.walk_all()
    assert world.heard.asked == []
    assert world.heard.numbers["SweepUnpriced"] == 1
