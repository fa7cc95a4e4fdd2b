"""A funded person in a market, over whichever database engine the test runs on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pynamodb.attributes import BooleanAttribute

from shared.cases.store import CaseStore
from shared.investing.booking import Booker
from shared.investing.model import Ending, Execution, OrderStatus
from shared.investing.plan import Rules, plan_id
from shared.investing.ports import TradeEvent
from shared.investing.service import Planner
from shared.investing.situations import DepositRows, FundedDeposit, SituationStore
from shared.investing.store import InvestingStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency, Price
from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind, Posting
from shared.ledger.purses import PurseMove
from shared.ledger.store import LedgerStore
from shared.market_data.bars import DailyFacts
from shared.market_data.calendar import previous_session
from shared.market_data.history_store import HistoryStore
from shared.market_data.model import Asset, MarketClock, Quote
from shared.market_data.store import MarketStore
from shared.market_data.universe import UNIVERSE
from shared.platform import keys
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.tables import Database, Item, Key, Put, Row, Table, Update
from shared.portfolio.store import PortfolioStore
from shared.strategies.goals import tag_of
from shared.strategies.rows import keep_in_force
from shared.users.store import ProfileRow

USD = Currency.USD
RULES = Rules()
ACCOUNT = "11111111-1111-4111-8111-111111111111"
PRICES = {
    "AAAB": "101.25",
    "MTUM": "152.3311",
    "QUAL": "118.07",
    "SIZE": "133.9",
    "USMV": "71.004",
    "VLUE": "94.5",
}


class Counting:
    """A database that counts its requests."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self.reads = 0
        self.writes = 0

    def __getattr__(self, name: str) -> Any:
        if name in ("get", "get_many", "query"):
            self.reads += 1
        elif name in ("write", "transact"):
            self.writes += 1
        return getattr(self._inner, name)

    def forget(self) -> None:
        self.reads = self.writes = 0


@dataclass
class World:
    """Everything that the tests of this context touch."""

    database: Counting
    facts: Any
    clock: FixedClock
    ids: Any

    def __post_init__(self) -> None:
        self.facts._database = self.database
        self.ledger = LedgerStore(self.database)
        self.plans = InvestingStore(self.database)
        self.positions = PortfolioStore(self.database)
        self.market = MarketStore(self.database)
        self.history = HistoryStore(self.database)
        self.funded: dict[str, FundedDeposit] = {}
        self.cases = CaseStore(self.database)
        self.booker = Booker(
            self.plans,
            self.ledger,
            self.positions,
            self.cases,
            self.facts,
            self.clock,
            lambda attempt: None,
        )

    def planner(self, rules: Rules = RULES) -> Planner:
        deposits = DepositRows(
            lambda user, deposit: Key(
                Table.CORE, keys.user(user), keys.feed(deposit, Kind.DEPOSIT)
            ),
            lambda item: self.funded[_deposit_of(item)],
            lambda user, deposit: Update(
                "deposit",
                _DepositRow,
                keys.user(user),
                keys.feed(deposit, Kind.DEPOSIT),
                (_DepositRow.planned.set(True),),
                _DepositRow.pk.exists(),
            ),
        )
        situations = SituationStore(self.database, deposits, self.clock, rules)
        return Planner(
            situations, self.plans, self.ledger, self.facts, self.clock, lambda attempt: None
        )

    def person(self, score: int | None = 3, **changes: Any) -> str:
        user_id = self.ids.new(Kind.USER)
        values = {
            "status": "ACTIVE",
            "language": "en",
            "kyc_status": "APPROVED",
            "risk_score": score,
            "broker_account_id": ACCOUNT,
            "broker_status": "ACTIVE",
            "wrapped_key": b"k",
            "personal": b"p",
        } | changes
        profile = ProfileRow(pk=keys.user(user_id), sk=keys.PROFILE, **values)
        self.facts.commit([Put.new("profile", profile), *self.ledger.open(user_id)])
        return user_id

    def deposit(self, user_id: str, cents: int, *, funded: bool = True, goal_id: str = "") -> str:
        """A deposit whose money is in the wallet and, when funded, free to invest."""
        deposit_id = self.ids.new(Kind.DEPOSIT)
        legs = (
            Posting(accounts.customers_cash_at_broker(), "USD/2", cents),
            Posting(accounts.customer_cash(user_id), "USD/2", -cents),
        )
        draft = Draft(EntryKind.DEPOSIT_SETTLED, deposit_id, self.clock.now(), legs)
        wallet = self.ledger.wallet(user_id, USD)
        held = 0 if funded else cents
        row = _DepositRow(pk=keys.user(user_id), sk=keys.feed(deposit_id, Kind.DEPOSIT))
        purses = [PurseMove(tag_of(goal_id), cents)] if goal_id and funded else []
        posted = self.ledger.post(wallet, draft, posted=cents, held=held, purses=purses)
        self.facts.commit([*posted, Put.new("deposit", row)])
        self.funded[deposit_id] = FundedDeposit(funded, cents, goal_id=goal_id)
        return deposit_id

    def open_market(self, *, is_open: bool = True, age: int = 0, **prices: str) -> None:
        """Quotes that are ``age`` seconds old, and the clock of a broker who agrees with ours."""
        now = self.clock.now()
        opens = now + timedelta(hours=20 if is_open else 5)
        closes = now + timedelta(hours=5 if is_open else 12)
        self.market.keep_clock(MarketClock(now, is_open, opens, closes, now))
        at = now - timedelta(seconds=age)
        self.market.keep_quotes(
            Quote(symbol, Price(Decimal(price), USD), at, "test", now)
            for symbol, price in (PRICES | prices).items()
        )
        self.market.keep_assets(
            Asset(symbol, one.name, one.type, f"id-{symbol}", True, True, now)
            for symbol, one in UNIVERSE.items()
        )
        prior = previous_session(now.date()).day
        for symbol, price in PRICES.items():
            close = Decimal(price)
            self.history.keep_facts(DailyFacts(symbol, prior, close, close, 1_000_000))
        keep_in_force(self.database, now.date())

    def invested(self, cents: int = 10_000, score: int = 3) -> tuple[str, str]:
        """A person with a plan; answers person and plan."""
        self.open_market()
        user_id = self.person(score)
        deposit_id = self.deposit(user_id, cents)
        self.planner().invest(user_id, deposit_id)
        return user_id, plan_id(deposit_id)

    def orders(self, user_id: str, plan: str) -> Mapping[str, Any]:
        stored = self.plans.plan(user_id, plan)
        assert stored is not None
        return {one.symbol: one for one in self.plans.orders(user_id, stored.order_ids)}

    def wallet(self, user_id: str) -> Any:
        return self.ledger.wallet(user_id, USD)

    def planned(self, user_id: str, deposit_id: str) -> bool:
        """Whether the deposit was told that it has its plan."""
        sk = keys.feed(deposit_id, Kind.DEPOSIT)
        row = self.database.get(_DepositRow, keys.user(user_id), sk)
        return bool(row.planned)

    def events(self) -> list[str]:
        """Detail types in the outbox, in the order in which they were made; entries of the
        journal, which tell of themselves, are looked at in the tests of the ledger."""
        rows = []
        for shard in range(8):
            rows += self.database.query(Table.OUTBOX, f"OUTBOX#{shard}", "0", "~").items
        types = [item.attributes["type"]["S"] for item in sorted(rows, key=lambda item: item.sk)]
        return [name for name in types if name != "ledger.entry_posted.v1"]


def _deposit_of(item: Item) -> str:
    return f"dep_t1_{item.sk.split('#')[1]}"


class _DepositRow(Row):
    KIND = "deposit"
    planned = BooleanAttribute(default=False)


@pytest.fixture
def world(database: Database, facts: Any, clock: FixedClock, ids: Any) -> World:
    return World(Counting(database), facts, clock, ids)


def fill_of(
    order: Any,
    execution: str,
    quantity: str,
    price: str,
    at: datetime,
    *,
    total: str | None = None,
) -> TradeEvent:
    """An execution; with ``total`` it is the last one and the broker counts so many shares."""
    nanos = int(Decimal(quantity) * 10**9)
    ending = None
    if total is not None:
        ending = Ending(OrderStatus.FILLED, int(Decimal(total) * 10**9))
    event = TradeEvent(
        client_order_id=order.client_order_id,
        account_id=order.account_id,
        symbol=order.symbol,
        broker_order_id=f"b-{order.symbol}",
        at=at,
        execution=Execution(execution, nanos, Decimal(price), at),
    )
    return replace(event, ending=ending)


def end_of(order: Any, status: OrderStatus, at: datetime, *, filled: str = "0") -> TradeEvent:
    """The broker's last word without an execution."""
    return TradeEvent(
        client_order_id=order.client_order_id,
        account_id=order.account_id,
        symbol=order.symbol,
        broker_order_id=f"b-{order.symbol}",
        at=at,
        ending=Ending(status, int(Decimal(filled) * 10**9), status.value),
    )


@pytest.fixture
def make_fill() -> Any:
    return fill_of


@pytest.fixture
def make_end() -> Any:
    return end_of


@pytest.fixture
def new_world(clock: FixedClock) -> Any:
    """A maker of empty worlds in memory, for tests that need one per example."""

    def make() -> World:
        ids = SequentialIds("t1", clock)
        database = MemoryDatabase()
        return World(Counting(database), Facts(database, clock, ids), clock, ids)

    return make
