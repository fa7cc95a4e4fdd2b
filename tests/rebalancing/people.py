"""People whom a sweep looks at, and what it tells of them."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from shared.investing.inputs import Rules
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.ledger.store import LedgerStore
from shared.market_data.universe import SYMBOLS
from shared.platform import keys
from shared.platform.indexes import SEGMENTS, segment_of
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.tables import Put, Row
from shared.portfolio.holders import HolderStore
from shared.portfolio.model import Position
from shared.portfolio.store import PortfolioStore
from shared.rebalancing.market import Market
from shared.rebalancing.store import SweepStore
from shared.rebalancing.sweeping import Sweep
from shared.strategies.founding import FOUNDING
from shared.strategies.model import Style, in_force, strategy_id

MONDAY = date(2026, 3, 2)
STRATEGIES = in_force(FOUNDING, MONDAY)
WEIGHTS = STRATEGIES[strategy_id(Style.GROWTH, 3)].weights
READY = {"status": "ACTIVE", "kyc_status": "APPROVED", "broker_status": "ACTIVE"}
PRICES = dict.fromkeys(SYMBOLS, Decimal(10))


@dataclass
class Heard:
    """What a sweep told."""

    asked: list[tuple[str, str, str]] = field(default_factory=list)
    continued: list[tuple[str, str]] = field(default_factory=list)
    segments: list[tuple[date, int]] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def rebalance(self, user_id: str, goal_id: str, run_id: str) -> None:
        self.asked.append((user_id, goal_id, run_id))

    def go_on(self, user_id: str, goal_id: str) -> None:
        self.continued.append((user_id, goal_id))

    def segment(self, day: date, number: int) -> None:
        self.segments.append((day, number))

    def unreadable(self, user_id: str) -> None:
        self.bad.append(user_id)

    def counted(self, name: str, count: int, **dimensions: str) -> None:
        key = "/".join([name, *dimensions.values()])
        self.numbers[key] = self.numbers.get(key, 0) + count


class ProfileOf(Row):
    """A profile as the sweep needs it."""

    KIND = "profile"


class World:
    """People, a market, and a sweep over both."""

    def __init__(self, clock: FixedClock, ids: SequentialIds) -> None:
        self.database, self.clock, self.ids = MemoryDatabase(), clock, ids
        self.facts = Facts(self.database, clock, ids)
        self.market = Market(MONDAY, PRICES, STRATEGIES)
        self.heard = Heard()
        self.sweeps = SweepStore(self.database, clock)

    def sweep(self, holders: Any = None) -> Sweep:
        """One worker."""
        return Sweep(
            holders or HolderStore(self.database),
            self.sweeps,
            lambda symbols: self.market,
            self.heard,
            self.clock,
            Rules(),
        )

    def somebody(self, *, drifted: bool, **profile: str) -> str:
        """Who holds ten thousand dollars at or beside their target."""
        user = self.ids.new(Kind.USER)
        store = PortfolioStore(self.database)
        first, *others = sorted(WEIGHTS)
        for symbol in (first, *others):
            nanos = WEIGHTS[symbol] * 10**8
            if drifted:
                nanos = nanos * 2 if symbol == first else nanos // 2
            bought = Position(user, symbol).buy("ord_t1_00001", date(2025, 1, 2), nanos, 100)
            self.facts.commit([store.save(bought)])
        self.facts.commit(LedgerStore(self.database).open(user))
        self.profile(user, {**READY, **profile})
        return user

    def profile(self, user: str, texts: dict[str, str], score: str | None = "3") -> None:
        """Write it as it is stored."""
        row = ProfileOf(pk=keys.user(user), sk=keys.PROFILE)
        extra = {name: {"S": text} for name, text in texts.items()}
        if score is not None:
            extra["risk_score"] = {"N": score}
        extra |= {"segment": {"S": segment_of(user)}, "broker_account_id": {"S": "acc"}}
        original = row.to_item
        row.to_item = lambda: original() | extra
        self.database.write(Put("profile", row))

    def walk_all(self, sweep: Sweep | None = None) -> None:
        """Every segment once."""
        for number in range(SEGMENTS):
            (sweep or self.sweep()).walk(MONDAY, number)
