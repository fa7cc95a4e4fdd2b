"""monitor_risk: what outgrew a cap by itself is told once, and nothing is sold for that."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.investing import risk
from shared.investing.events import OrdersCompletedV1
from shared.investing.monitoring import BreachesRow, Monitor, Watched
from shared.investing.rules.names import Rule
from shared.investing.rules.table import RuleTable, rule_table
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Price
from shared.market_data.model import Asset, AssetType, MarketClock, Quote
from shared.market_data.store import MarketStore
from shared.platform import keys
from shared.platform.indexes import SEGMENTS
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.queues import CheckMessage
from shared.platform.tables import Table
from shared.portfolio.holders import HolderStore
from shared.portfolio.model import Position
from shared.portfolio.store import PortfolioStore
from tests.functions.investing_workers import IDS, NOW, event_of

SHARE = 10**9
KINDS = {"KO": AssetType.STOCK, "QUAL": AssetType.ETF, "AAAB": AssetType.BOND}


class Telling(Facts):
    """Remembers what was told."""

    def __init__(self, database):
        super().__init__(database, FixedClock(NOW), IDS)
        self.told = []

    def commit(self, writes, *events):
        super().commit(writes, *events)
        self.told += events


class World:
    """People and prices, and what the function says."""

    def __init__(self, handler, monkeypatch):
        self.handler, self.database, self.clock = handler, MemoryDatabase(), FixedClock(NOW)
        self.facts, self.counted, self.sent = Telling(self.database), [], []
        self.read_at, self.states = NOW, PortfolioStore(self.database)
        monitor = Monitor(
            self.database, self.facts, self.clock, lambda name, **of: self.counted.append(name)
        )
        monkeypatch.setattr(handler, "monitor", monitor)
        monkeypatch.setattr(handler, "states", self.states)
        monkeypatch.setattr(handler, "holders", HolderStore(self.database))
        monkeypatch.setattr(handler, "queue", self)
        self.market = MarketStore(self.database)
        self.market.keep_clock(MarketClock(NOW, True, NOW, NOW, NOW))
        self.market.keep_assets(
            Asset(name, name, kind, name, True, True, NOW) for name, kind in KINDS.items()
        )

    def send(self, message):
        self.sent.append(message)

    def prices(self, **prices: str) -> None:
        # A newer reading each time: an older one would not replace it.
        self.read_at += timedelta(seconds=1)
        self.market.keep_quotes(
            Quote(name, Price(Decimal(price), Currency.USD), NOW, "test", self.read_at)
            for name, price in prices.items()
        )

    def holder(self, **shares: int) -> str:
        user_id = IDS.new(Kind.USER)
        self.facts.commit(
            [
                self.states.save(
                    Position(user_id, name).buy(IDS.new(Kind.ORDER), NOW.date(), n * SHARE, 100)
                )
                for name, n in shares.items()
            ]
        )
        return user_id

    def completed(self, user_id: str) -> None:
        plan = IDS.new(Kind.PLAN)
        self.handler.handle(event_of(OrdersCompletedV1(user_id=user_id, plan_id=plan)))

    def lines(self, user_id: str) -> list[str]:
        row = self.database.get(BreachesRow, keys.user(user_id), keys.TRADING_BREACHES)
        return [] if row is None else row.lines.splitlines()


@pytest.fixture
def world(investing_worker, monkeypatch):
    return World(investing_worker("monitor_risk"), monkeypatch)


def test_what_grew_by_itself_is_told_once_and_again_after_it_had_been_calm(world) -> None:
    user_id = world.holder(KO=10, QUAL=100, AAAB=10)
    world.prices(KO="10", QUAL="2", AAAB="80")
    world.completed(user_id)
    assert world.facts.told == []
    world.prices(KO="12", QUAL="2", AAAB="80")
    for _ in range(2):
        world.completed(user_id)
    (told,) = world.facts.told
    assert (told.rule, told.part, told.share, told.cap) == (
        "CONCENTRATION",
        "KO",
        "0.107143",
        "0.1",
    )
    assert world.lines(user_id) == ["CONCENTRATION KO"]
    world.prices(KO="10", QUAL="2", AAAB="80")
    world.completed(user_id)
    assert world.lines(user_id) == []
    world.prices(KO="12", QUAL="2", AAAB="80")
    world.completed(user_id)
    assert [each.part for each in world.facts.told] == ["KO", "KO"]
    positions = world.states.state(user_id).positions
    assert positions["KO"].quantity_nanos == 10 * SHARE


def test_of_several_caps_the_furthest_one_speaks_and_all_are_noted(world) -> None:
    user_id = world.holder(KO=100, QUAL=100)
    world.prices(KO="10", QUAL="2", AAAB="80")
    world.completed(user_id)
    (told,) = world.facts.told
    assert (told.rule, told.part) == ("CONCENTRATION", "KO")
    assert world.lines(user_id) == [
        "CONCENTRATION KO",
        "ISSUER_CONCENTRATION The Coca-Cola Company",
        "SECTOR_CONCENTRATION CONSUMER_STAPLES",
    ]
    assert world.counted == ["PassiveBreach"] * 3


def test_small_money_is_not_spread_and_nobody_is_told(world) -> None:
    user_id = world.holder(KO=9)
    world.prices(KO="10", QUAL="2", AAAB="80")
    world.completed(user_id)
    assert (world.facts.told, world.lines(user_id)) == ([], [])


@pytest.mark.parametrize(
    ("behind", "later", "told"),
    [
        (timedelta(0), timedelta(0), []),
        (timedelta(weeks=3), timedelta(0), ["CONCENTRATION"]),
        # A clock that nobody has read for an hour is not known: our own day counts.
        (timedelta(weeks=3), timedelta(hours=1, seconds=1), []),
    ],
    ids=["its day is ours", "its day is an earlier one", "not known"],
)
def test_the_rules_are_those_of_the_markets_day(world, monkeypatch, behind, later, told) -> None:
    """One rule, with a cap that nothing reaches from this day of ours on."""
    (cap,) = (one for one in rule_table().rules if one.rule is Rule.CONCENTRATION)
    old = replace(cap, valid_to=NOW.date() - timedelta(days=1))
    new = replace(
        cap,
        version=2,
        valid_from=NOW.date(),
        parameters={**cap.parameters, "STOCK_bp": 10_000},
    )
    monkeypatch.setattr(risk, "rule_table", lambda: RuleTable(2, (old, new)))
    at = NOW - behind
    world.market.keep_clock(MarketClock(at, True, at, at, NOW))
    world.clock.advance(later)
    world.prices(KO="12", QUAL="2", AAAB="80")
    world.completed(world.holder(KO=10, QUAL=100, AAAB=10))
    assert [each.rule for each in world.facts.told] == told


def test_without_a_price_nothing_is_known_and_nothing_changes(world) -> None:
    user_id = world.holder(KO=100)
    world.completed(user_id)
    assert (world.facts.told, world.lines(user_id)) == ([], [])
    assert world.counted == ["RiskUnpriced"]


def test_once_a_day_every_segment_is_walked_and_everybody_is_looked_at(world) -> None:
    heavy = [world.holder(KO=100) for _ in range(3)]
    light = world.holder(AAAB=1, QUAL=1)
    world.prices(KO="10", QUAL="2", AAAB="2")
    world.handler.handle(CheckMessage("risk_monitor", {}))
    assert len(world.sent) == SEGMENTS
    messages, world.sent = world.sent, []
    for message in messages:
        world.handler.handle(message)
    assert sorted(each.user_id for each in world.facts.told) == sorted(heavy)
    assert world.lines(light) == []
    assert world.sent == []
    for message in messages:
        world.handler.handle(message)
    assert len(world.facts.told) == 3


def test_two_looks_at_once_tell_it_once(world, monkeypatch) -> None:
    user_id = world.holder(KO=100)
    world.prices(KO="10", QUAL="2", AAAB="2")
    commit, late = world.facts.commit, []

    def slowly(writes, *events):
        if not late:
            late.append(True)
            world.completed(user_id)
        commit(writes, *events)

    monkeypatch.setattr(world.facts, "commit", slowly)
    world.completed(user_id)
    assert len(world.facts.told) == 1
    items = world.database.query(Table.CORE, keys.user(user_id), "TRADING_", "TRADING_~").items
    assert len(items) == 1


def test_a_hundred_people_cost_two_requests(world) -> None:
    people = [Watched(IDS.new(Kind.USER), {"QUAL": SHARE}, 0) for _ in range(100)]
    world.prices(KO="10", QUAL="2", AAAB="2")
    asked = []
    inner = world.database.get_many
    world.database.get_many = lambda keys: asked.append(len(keys)) or inner(keys)
    world.handler.monitor.look(people)
    # A price, an asset and the market's clock, and everybody's own row.
    assert sum(asked) == 2 + 1 + 100
    assert len(asked) == 2


def test_what_is_no_message_of_ours_is_a_mistake(world) -> None:
    with pytest.raises(TypeError, match="monitor_risk does not take"):
        world.handler.handle(CheckMessage("watch", {}))
