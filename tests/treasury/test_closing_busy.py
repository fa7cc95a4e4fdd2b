"""Closing an account that moves meanwhile: met when it stands still, and never called wrong."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.errors import TemporarilyUnavailable
from shared.platform.memory import MemoryDatabase
from shared.treasury.recording import HouseRecorder
from tests.treasury.closings import BANK, MONDAY, House, noon

TUESDAY = MONDAY + timedelta(days=1)


class Watched(HouseRecorder):
    """Something happens at each look at counters, or at each sum of a day, so many times."""

    def __init__(self, database: MemoryDatabase) -> None:
        super().__init__(database, FixedClock(noon(TUESDAY)))
        self.at_counters: list[Callable[[], None]] = []
        self.at_sums: list[Callable[[], None]] = []
        self.summed_days: list[date] = []

    def counted(self, account: str, asset: str) -> tuple[int, int]:
        if self.at_counters:
            self.at_counters.pop()()
        return super().counted(account, asset)

    def summed(self, account: str, asset: str, day: date) -> tuple[int, int]:
        self.summed_days.append(day)
        found = super().summed(account, asset, day)
        if self.at_sums:
            self.at_sums.pop()()
        return found


@pytest.fixture
def watched() -> Watched:
    return Watched(MemoryDatabase())


@pytest.fixture
def house(watched: Watched) -> House:
    made = House(watched._database, watched)
    made.move(100, noon(MONDAY))
    return made


def test_today_may_move_while_yesterday_is_closed(house: House, watched: Watched) -> None:
    watched.at_counters = [lambda: house.move(1, noon(TUESDAY))] * 4
    assert house.books.close(BANK, "USD/2", MONDAY).minor == 100
    assert house.closings.proof(BANK, "USD/2").sums == (104, 5)
    # Only the few lines of the day that moves are summed again.
    assert watched.summed_days == [MONDAY, *[TUESDAY] * 4]
    assert house.breaks() == []


def test_a_line_that_comes_for_a_day_that_was_just_summed_is_no_difference(
    house: House, watched: Watched
) -> None:
    watched.at_sums = [lambda: house.move(5, noon(MONDAY))]
    assert house.books.close(BANK, "USD/2", MONDAY).minor == 105
    assert house.breaks() == []


def test_lines_that_keep_coming_for_days_that_are_over_are_waited_for(
    house: House, watched: Watched
) -> None:
    watched.at_sums = [lambda: house.move(5, noon(MONDAY))] * 100
    with pytest.raises(TemporarilyUnavailable):
        house.books.close(BANK, "USD/2", MONDAY)
    assert house.breaks() == []
    assert house.closings.last(BANK, "USD/2", MONDAY) is None
    watched.at_sums = []
    assert house.books.close(BANK, "USD/2", MONDAY).minor == 100 + 5 * (house.seq - 1)


def test_an_account_that_never_stands_still_is_compared_later(
    house: House, watched: Watched
) -> None:
    watched.at_counters = [lambda: house.move(1, noon(TUESDAY))] * 100
    with pytest.raises(TemporarilyUnavailable):
        house.books.close(BANK, "USD/2", MONDAY)
    assert house.breaks() == []
