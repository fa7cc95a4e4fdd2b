"""watch_market: breakers follow the market, each transition once, on record and told."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.audit.store import AuditStore
from shared.kernel.clock import FixedClock
from shared.kernel.money import Currency, Price
from shared.market_data.bars import Adjustment, Bar, DailyFacts
from shared.market_data.breakers import Switches
from shared.market_data.calendar import previous_session, sessions
from shared.market_data.history_store import HistoryStore
from shared.market_data.model import Breaker, BreakerState, MarketClock, Quote
from shared.market_data.store import MarketStore
from shared.market_data.universe import SYMBOLS
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.queues import CheckMessage
from tests.functions.investing_workers import IDS, NOW

CHECK = CheckMessage("watch", {})
PRIOR = previous_session(NOW.date()).day


@pytest.fixture
def world(investing_worker, monkeypatch):
    monkeypatch.setenv("AUDIT_TABLE", "audit")
    handler = investing_worker("watch_market")
    built = Runtime(MemoryDatabase(), FixedClock(NOW))
    monkeypatch.setattr(handler, "watch", handler.watch_over(built, "t1"))
    told = []
    monkeypatch.setattr(handler, "metric", lambda name, **of: told.append((name, of)))
    return World(handler, built, told)


class Telling(Facts):
    """Remembers what was told."""

    def __init__(self, database, clock):
        super().__init__(database, clock, IDS)
        self.told = []

    def commit(self, writes, *events):
        super().commit(writes, *events)
        self.told += events


class Runtime:
    def __init__(self, database, clock):
        self.database, self.clock, self.ids = database, clock, IDS
        self.facts = Telling(database, clock)


class World:
    """A market on a Monday morning whose prior closes are all 100."""

    def __init__(self, handler, built, told):
        self.handler, self.database, self.clock = handler, built.database, built.clock
        self.events, self.told = built.facts.told, told
        self.market, self.history = MarketStore(self.database), HistoryStore(self.database)
        self.business()
        for symbol in SYMBOLS:
            self.history.keep_facts(DailyFacts(symbol, PRIOR, Decimal(100), None, None))

    def business(self):
        now, hour = self.clock.now(), timedelta(hours=1)
        self.market.keep_clock(MarketClock(now, True, now + 20 * hour, now + hour, now))

    def bars(self, swing):
        """A year in which the market goes up and down by ``swing``."""
        days = sessions(PRIOR - timedelta(days=380), PRIOR)
        for symbol in SYMBOLS:
            close, made = Decimal(100), []
            for at, each in enumerate(days):
                made.append(Bar(symbol, each.day, *[close] * 4, 1, close))
                close = round(close * (1 + Decimal(swing) * (-1) ** at), 4)
            self.history.keep_bars(symbol, Adjustment.ALL, made)

    def quotes(self, price, **others):
        now = self.clock.now()
        for symbol in SYMBOLS:
            value = Price(Decimal(others.get(symbol, price)), Currency.USD)
            self.market.keep_quotes([Quote(symbol, value, now, "test", now)])

    def look(self):
        self.handler.handle(CHECK)

    def later(self, **span):
        self.clock.advance(timedelta(**span))
        self.business()

    def breakers(self):
        names = ["volatility", *(f"volatility.{symbol}" for symbol in SYMBOLS)]
        found = Switches(self.database).read(names)
        return {name: (one.state.value, one.reason) for name, one in found.items()}

    def entries(self):
        trail = AuditTrail(AuditStore(self.database), self.clock, IDS)
        assert trail.broken("house_t1") == []
        return [
            (each.entry.actor.id, each.entry.action, dict(each.entry.after))
            for each in trail.whole("house_t1")
        ]


def test_a_fall_of_the_whole_market_stops_it_once_on_record_and_told(world) -> None:
    world.bars("0.001")
    world.quotes("92")
    world.look()
    assert world.breakers() == {"volatility": ("OPEN", "LEVEL_1:-0.0800")}
    assert [each.model_dump() for each in world.events] == [
        {
            "breaker": "volatility",
            "before": "CLOSED",
            "after": "OPEN",
            "reason": "LEVEL_1:-0.0800",
        }
    ]
    world.look()
    assert world.entries() == [
        (
            "system:watch_market",
            Action.BREAKER_CHANGED,
            {"breaker": "volatility", "state": "OPEN"},
        )
    ]
    assert (len(world.events), world.told) == (1, [])


def test_it_goes_on_by_itself_and_closes_with_the_session(world) -> None:
    world.bars("0.001")
    world.quotes("92")
    world.look()
    for _ in range(3):
        world.later(minutes=5)
        world.quotes("92")
        world.look()
    assert world.breakers()["volatility"] == ("HALF_OPEN", "LEVEL_1")
    world.later(hours=6)
    world.look()
    assert world.breakers()["volatility"] == ("CLOSED", "SESSION_OVER")
    assert [each.after for each in world.events] == ["OPEN", "HALF_OPEN", "CLOSED"]
    assert len(world.entries()) == 3


def test_one_wrong_price_is_no_market(world) -> None:
    world.bars("0.001")
    world.quotes("100", MTUM="50", AAAB="50")
    world.look()
    assert world.breakers() == {}
    assert world.events == []


def test_a_wild_year_stops_without_any_fall_today(world) -> None:
    world.bars("0.04")
    world.quotes("100")
    world.look()
    state, reason = world.breakers()["volatility"]
    assert (state, reason[:7]) == ("OPEN", "EWMA:0.")
    assert Decimal(reason.removeprefix("EWMA:")) > Decimal("0.45")


def test_a_symbol_that_jumps_pauses_alone(world) -> None:
    world.bars("0.001")
    for _ in range(3):
        world.quotes("100")
        world.look()
        world.later(minutes=1)
    world.quotes("100", QUAL="94")
    world.look()
    assert world.breakers() == {"volatility.QUAL": ("OPEN", "BAND:-0.0600")}
    for _ in range(5):
        world.later(minutes=1)
        world.quotes("100", QUAL="94")
        world.look()
    assert world.breakers() == {"volatility.QUAL": ("HALF_OPEN", "PAUSE_OVER")}


def test_what_is_not_known_changes_nothing_and_is_counted(world) -> None:
    stopped = Breaker("volatility", BreakerState.OPEN, "EWMA:0.5000", NOW)
    world.market.set_breaker(stopped)
    world.look()
    assert world.told == [
        ("MarketUnknown", {"what": "fall"}),
        ("MarketUnknown", {"what": "deviation"}),
    ]
    world.clock.advance(timedelta(hours=2))
    world.look()
    assert world.told[2:] == [("MarketUnknown", {"what": "clock"})]
    assert world.breakers() == {"volatility": ("OPEN", "EWMA:0.5000")}
    assert (world.events, world.entries()) == ([], [])


def test_closes_of_an_older_session_are_no_prior_closes(world) -> None:
    world.bars("0.001")
    for symbol in SYMBOLS:
        older = previous_session(PRIOR).day
        world.history.keep_facts(DailyFacts(symbol, older, Decimal(100), None, None))
    world.quotes("50")
    world.look()
    assert world.breakers() == {}
    assert world.told == [("MarketUnknown", {"what": "fall"})]


def test_of_many_looks_at_once_one_makes_the_transition(world) -> None:
    world.bars("0.001")
    world.quotes("92")
    barrier = threading.Barrier(8)

    def look(_):
        barrier.wait()
        world.look()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(look, range(8)))
    assert [each.after for each in world.events] == ["OPEN"]
    assert len(world.entries()) == 1


def test_another_check_is_not_taken(world) -> None:
    with pytest.raises(TypeError):
        world.handler.handle(CheckMessage("market", {}))
