"""Reports are asked for every hour until they are there, and those of others never wait."""

from datetime import timedelta

import pytest

from shared.kernel.clock import to_text
from shared.platform.memory import MemoryDatabase
from shared.platform.queues import CheckMessage, MemoryQueue
from shared.platform.tables import Database
from shared.reconciliation.daily import Daily
from shared.reconciliation.errors import DayNotOver
from shared.reconciliation.model import Book, Party
from tests.reconciliation.desk import BOOK, DAY, Desk, at

MIDNIGHT = at(DAY, 0) + timedelta(days=1)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr("shared.reconciliation.daily.metric", lambda name, **_: names.append(name))
    return names


def test_yesterday_is_asked_for_until_it_is_there(database: Database) -> None:
    desk, queue = Desk(database), MemoryQueue()
    desk.ours(100, payment="pi_1")
    daily = Daily(desk.reconciling, desk.reports, queue)
    told = to_text(MIDNIGHT + timedelta(hours=1))
    assert [daily.tick(told) for _ in range(2)] == [1, 1]
    subject = {"book": "STRIPE:USD", "day": "2026-03-02", "as_of": told}
    asked = CheckMessage("reconcile", subject)
    assert queue.sent == [(asked, 0), (asked, 0)]
    desk.reconciling.run(BOOK, DAY)
    assert daily.tick(to_text(MIDNIGHT + timedelta(hours=2))) == 0
    assert len(queue.sent) == 2


def test_the_clocks_own_tick_tells_no_instant() -> None:
    desk, queue = Desk(MemoryDatabase()), MemoryQueue()
    desk.ours(100, payment="pi_1")
    assert Daily(desk.reconciling, desk.reports, queue).tick() == 1
    asked = CheckMessage("reconcile", {"book": "STRIPE:USD", "day": "2026-03-31"})
    assert queue.sent == [(asked, 0)]


def test_a_day_may_be_over_as_of_an_instant_that_is_not_now(database: Database) -> None:
    desk = Desk(database)
    desk.ours(100, payment="pi_1")
    later = desk.clock.now().date() + timedelta(days=1)
    with pytest.raises(DayNotOver):
        desk.reconciling.run(BOOK, later, at(later, 23))
    stored = desk.reconciling.run(BOOK, later, at(later + timedelta(days=1), 1))
    assert (stored.day, stored.ours_minor) == (later, 100)


def test_only_accounts_that_moved_and_whose_statement_we_get_are_compared() -> None:
    desk = Desk(MemoryDatabase())
    assert desk.reconciling.books() == []
    desk.ours(1, payment="pi_1")
    assert desk.reconciling.books() == [BOOK]
    other = Desk(MemoryDatabase(), Book(Party.MPESA, BOOK.currency))
    other.book = BOOK
    other.ours(1, payment="pi_1")
    assert other.reconciling.books() == []


def test_a_day_is_not_asked_for_before_its_entries_are_there() -> None:
    desk, queue = Desk(MemoryDatabase()), MemoryQueue()
    desk.ours(100, payment="pi_1")
    Daily(desk.reconciling, desk.reports, queue).tick(to_text(MIDNIGHT + timedelta(minutes=29)))
    assert [dict(one.subject)["day"] for one, _ in queue.sent] == ["2026-03-01"]


def test_a_report_that_is_missing_for_hours_rings(told: list[str]) -> None:
    desk, queue = Desk(MemoryDatabase()), MemoryQueue()
    desk.ours(100, payment="pi_1")
    daily = Daily(desk.reconciling, desk.reports, queue)
    daily.tick(to_text(MIDNIGHT + timedelta(hours=6)))
    assert told == []
    daily.tick(to_text(MIDNIGHT + timedelta(hours=6, minutes=30)))
    assert told == ["ReconciliationReportMissing"]
