"""The walk of a month's end: everybody once, whoever crashes, and not before it is over."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from shared.kernel.clock import FixedClock
from shared.management_fees.ports import Stretch
from shared.management_fees.store import WalkStore
from shared.management_fees.walking import IDLE, PAGES, Walk
from shared.platform.indexes import SEGMENTS, segment_of
from shared.portfolio.holders import Holder, HoldersPage, HolderStore
from tests.management_fees.twins import Crash
from tests.management_fees.world import World

LAST = date(2026, 2, 28)


@dataclass
class Told:
    """Remembers what a walk told; dies at a person when it is to."""

    segments: list[tuple[date, int]] = field(default_factory=list)
    people: list[tuple[str, date]] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    dies_at: str = ""

    def segment(self, last: date, number: int) -> None:
        self.segments.append((last, number))

    def person(self, user_id: str, last: date) -> None:
        if user_id == self.dies_at:
            raise Crash
        self.people.append((user_id, last))

    def unreadable(self, user_id: str) -> None:
        self.bad.append(user_id)

    def counted(self, name: str, count: int) -> None:
        self.counts[name] = count


@dataclass
class Pages:
    """A segment in pages of two people."""

    people: list[str]
    bad: tuple[str, ...] = ()

    def page(self, segment: int, after: str | None = None) -> HoldersPage:
        rest = [one for one in self.people if after is None or one > after]
        found, more = rest[:2], len(rest) > 2
        return HoldersPage(
            tuple(Holder(one) for one in found if one not in self.bad),
            tuple(one for one in found if one in self.bad),
            found[-1] if more else None,
        )


def walk_of(world: World, holders, told: Told) -> Walk:
    return Walk(holders, WalkStore(world.database), told, world.clock, lambda: world.day)


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2026, 3, 2), date(2026, 2, 28)),  # 1 March is a Sunday
        (date(2026, 3, 31), date(2026, 2, 28)),
        (date(2026, 1, 2), date(2025, 12, 31)),  # 1 January is a holiday
        (date(2026, 4, 1), date(2026, 3, 31)),
    ],
)
def test_from_the_first_session_of_a_month_on_all_segments_are_sent_out(world, day, last) -> None:
    told, world.day = Told(), day
    assert walk_of(world, Pages([]), told).tick() == SEGMENTS
    assert told.segments == [(last, number) for number in range(SEGMENTS)]
    assert told.counts == {"FeeSegmentsLeft": SEGMENTS}


@pytest.mark.parametrize("day", [date(2026, 3, 1), date(2026, 1, 1), date(2026, 8, 2), None])
def test_before_it_nothing_is_sent(world: World, day: date | None) -> None:
    told, world.day = Told(), day
    assert walk_of(world, Pages([]), told).tick() == 0
    assert (told.segments, told.counts) == ([], {})


def test_a_day_that_is_over_may_be_named_and_the_future_may_not(world: World) -> None:
    told, world.day = Told(), date(2026, 5, 7)
    walk = walk_of(world, Pages([]), told)
    assert walk.tick(as_of=date(2026, 3, 2)) == SEGMENTS
    assert {last for last, _ in told.segments} == {LAST}
    assert walk.tick(as_of=date(2026, 5, 8)) == 0


def test_segments_that_are_done_or_walked_now_are_left_alone(world: World) -> None:
    told, store, now = Told(), WalkStore(world.database), world.clock.now()
    store.keep(LAST, Stretch(0, done=True), now - timedelta(days=1))
    store.keep(LAST, Stretch(1, cursor="a"), now - IDLE)
    store.keep(LAST, Stretch(2, cursor="a"), now - IDLE + timedelta(seconds=1))
    walk_of(world, Pages([]), told).tick()
    assert [number for _, number in told.segments] == [1, *range(3, SEGMENTS)]


def test_everybody_of_a_segment_is_told_of_once(world: World) -> None:
    told, people = Told(), [f"p{number}" for number in range(5)]
    walk = walk_of(world, Pages(people), told)
    done = walk.walk(LAST, 3)
    assert told.people == [(one, LAST) for one in people]
    assert (done.done, done.asked, told.segments) == (True, 5, [])
    assert walk.walk(LAST, 3).done
    assert len(told.people) == 5


def test_a_long_segment_goes_on_with_another_message(world: World) -> None:
    told, people = Told(), [f"p{number:02}" for number in range(2 * PAGES + 1)]
    walk = walk_of(world, Pages(people), told)
    assert not walk.walk(LAST, 3).done
    assert told.segments == [(LAST, 3)]
    assert walk.walk(LAST, 3).done
    assert [one for one, _ in told.people] == people


def test_after_a_crash_its_page_is_told_again_and_nobody_is_left_out(world: World) -> None:
    told, people = Told(dies_at="p3"), [f"p{number}" for number in range(5)]
    walk = walk_of(world, Pages(people), told)
    with pytest.raises(Crash):
        walk.walk(LAST, 3)
    told.dies_at = ""
    assert walk.walk(LAST, 3).done
    assert [one for one, _ in told.people] == ["p0", "p1", "p2", "p2", "p3", "p4"]


def test_somebody_whose_rows_are_bad_keeps_nobody_from_being_charged(world: World) -> None:
    told = Told()
    walk_of(world, Pages(["p0", "p1", "p2"], bad=("p1",)), told).walk(LAST, 0)
    assert (told.bad, [one for one, _ in told.people]) == (["p1"], ["p0", "p2"])


def test_the_real_index_has_everybody_with_an_account(world: World) -> None:
    told, user = Told(), world.person()
    number = int(segment_of(user).removeprefix("HOLDERS#"))
    walk_of(world, HolderStore(world.database), told).walk(LAST, number)
    assert told.people == [(user, LAST)]


def test_walks_of_two_months_do_not_meet(world: World, clock: FixedClock) -> None:
    store = WalkStore(world.database)
    store.keep(LAST, Stretch(1, done=True), clock.now())
    assert store.stretches(date(2026, 3, 31)) == {}
    assert store.stretch(LAST, 1).done
