"""Until which day all has settled: by the market's clock while it is known, else by ours."""

from datetime import UTC, date, datetime, timedelta, timezone

from shared.kernel.clock import FixedClock
from shared.ledger.model import settled_by
from shared.market_data.model import CLOCK_TRUSTED, MarketClock
from shared.market_data.store import MarketStore
from shared.payouts.patience import settles_at
from shared.payouts.settled_days import SettledDays
from shared.platform.memory import MemoryDatabase

NOW = datetime(2026, 11, 23, 3, 15, tzinfo=UTC)
NEW_YORK = timezone(timedelta(hours=-5))


def test_while_nobody_knows_the_markets_clock_our_own_counts_in_winter_time() -> None:
    clock = FixedClock(NOW)
    assert SettledDays(MemoryDatabase(), clock)() == date(2026, 11, 22)


def test_the_markets_clock_counts_in_whatever_zone_it_is_told_until_it_is_old() -> None:
    clock, database = FixedClock(NOW), MemoryDatabase()
    days = SettledDays(database, clock)
    for told in (
        datetime(2026, 3, 3, 0, 30, tzinfo=NEW_YORK),
        datetime(2026, 3, 3, 5, 30, tzinfo=UTC),
    ):
        later = told + timedelta(hours=9)
        MarketStore(database).keep_clock(MarketClock(told, False, later, later, clock.now()))
        assert days() == date(2026, 3, 3)
    clock.advance(CLOCK_TRUSTED + timedelta(seconds=1))
    assert days() == settled_by(clock.now())


def test_a_day_begins_when_all_of_it_has_settled() -> None:
    day = date(2026, 3, 3)
    assert settled_by(settles_at(day)) == day
    assert settled_by(settles_at(day) - timedelta(seconds=1)) == day - timedelta(days=1)
