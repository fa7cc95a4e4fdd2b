"""Pulses of many processes meet in one row, and none that meets another is lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from shared.breakers.overload import Pulse, Report, kept
from shared.breakers.pulses import Pulses
from shared.kernel.clock import to_text
from shared.platform.memory import MemoryDatabase
from shared.platform.queues import MemoryQueue
from shared.platform.worker import Tally

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


def test_reports_of_two_processes_at_once_are_both_kept(database) -> None:
    pulses = Pulses(database)
    at = [NOW, NOW + timedelta(minutes=1)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: pulses.taken("planning", to_text(one), Tally(5, 2)), at))
    reports = pulses.read(["planning"])["planning"].reports
    assert reports == (Report(at[0], 5, 2), Report(at[1], 5, 2))


def test_a_pulse_that_is_delivered_twice_is_one_report() -> None:
    pulses, queue = Pulses(MemoryDatabase()), MemoryQueue()
    pulses.send({"planning": queue}, pulses.read(["planning"]), NOW)
    for _ in range(2):
        pulses.taken("planning", to_text(NOW), Tally(7, 7))
    found = pulses.read(["planning"])["planning"]
    assert found == Pulse(NOW, NOW, (Report(NOW, 7, 7),))
    assert found.late(NOW + timedelta(hours=1)) == timedelta(0)


MINUTES = some.lists(some.integers(0, 20), max_size=20)


@given(MINUTES)
def test_what_is_remembered_is_young_and_in_order(minutes) -> None:
    reports: tuple[Report, ...] = ()
    for minute in minutes:
        newest = Report(NOW + timedelta(minutes=minute), 1, 0)
        reports = kept(reports, newest)
        assert newest in reports
        assert list(reports) == sorted(reports, key=lambda each: each.sent_at)
        assert all(newest.sent_at - each.sent_at <= timedelta(minutes=5) for each in reports)


@given(some.integers(1, 30), some.integers(0, 30))
def test_lateness_is_the_age_of_the_first_pulse_that_nobody_took(looks, taken) -> None:
    """A look a minute; the first ``taken`` pulses come through before the next one."""
    pulse = Pulse()
    now = NOW
    for look in range(looks):
        now = NOW + timedelta(minutes=look)
        sent_at, since = pulse.sending(now)
        reports = pulse.reports
        if look < taken:
            reports = kept(reports, Report(now, 0, 0))
        pulse = Pulse(sent_at, since, reports)
    waiting = max(0, looks - taken)
    later = now + timedelta(seconds=59)
    longest = timedelta(minutes=waiting)
    # The newest taken pulse is all that is remembered of those before: a minute's difference.
    assert timedelta(0) <= pulse.late(later) <= longest
    assert pulse.late(later) >= longest - timedelta(minutes=1, seconds=1) or not waiting
