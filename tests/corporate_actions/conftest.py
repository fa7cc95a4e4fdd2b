"""A person with shares, an exchange calendar, and everything that a corporate action touches."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.breakers.changing import Changing
from shared.cases.model import CaseStatus, MoneyCase
from shared.cases.store import CaseStore
from shared.corporate_actions.chasing import Chasing
from shared.corporate_actions.crediting import Crediting
from shared.corporate_actions.declaring import Declaring
from shared.corporate_actions.model import Activity, ActivityKind, PersonAction, action_id
from shared.corporate_actions.repricing import Quotes
from shared.corporate_actions.restricting import SymbolBreakers
from shared.corporate_actions.running import Runner
from shared.corporate_actions.store import (
    ActionStore,
    BegunAnnouncements,
    ClaimedAccounts,
    IndexedHolders,
    RunStore,
)
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency
from shared.kyc.store import CaseStore as IdentityStore
from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind, Posting, Wallet, broken_link, fold
from shared.ledger.store import LedgerStore
from shared.market_data.announcements import ActionKind, Announcement
from shared.market_data.breakers import Switches
from shared.market_data.history_store import HistoryStore
from shared.market_data.model import BreakerState
from shared.market_data.store import MarketStore
from shared.platform.outbox import Facts
from shared.platform.tables import Database, Table
from shared.portfolio.lots import Lot
from shared.portfolio.model import Position
from shared.portfolio.store import PortfolioStore, position_from, position_key

USD, SHARE, SYMBOL = Currency.USD, 10**9, "QUAL"
ACCOUNT = "11111111-1111-4111-8111-111111111111"
EX = date(2026, 3, 3)
"""The day after the clock's: a Tuesday."""
EVENING = datetime(2026, 3, 2, 21, 30, tzinfo=UTC)
"""After Monday's close."""


def dividend(rate: str = "0.30", name: str = "div-1", **changes: Any) -> Announcement:
    """A cash dividend of the symbol."""
    made = Announcement(
        name,
        ActionKind.CASH_DIVIDEND,
        SYMBOL,
        EX,
        record_date=EX,
        payable_date=EX + timedelta(days=10),
        cash=Decimal(rate),
    )
    return replace(made, **changes)


def split(new: str = "2", old: str = "1", **changes: Any) -> Announcement:
    """A split of the symbol."""
    kind = ActionKind.FORWARD_SPLIT if Decimal(new) > Decimal(old) else ActionKind.REVERSE_SPLIT
    made = Announcement("split-1", kind, SYMBOL, EX, old_rate=Decimal(old), new_rate=Decimal(new))
    return replace(made, **changes)


def line(
    kind: ActivityKind, amount: str = "0", name: str = "", *, nanos: int = 0, **changes: Any
) -> Activity:
    """A line of the broker's books on the day of payment."""
    day = EX + timedelta(days=10)
    made = Activity(
        name or f"nta-{kind.value}",
        kind,
        ACCOUNT,
        SYMBOL,
        datetime.combine(day, datetime.min.time(), UTC),
        day,
        Decimal(amount),
        nanos,
        word=kind.value,
    )
    return replace(made, **changes)


class StandingMarket:
    """A market whose time is set."""

    def __init__(self) -> None:
        self.now: datetime | None = EVENING
        self.wait = timedelta(0)

    def business_now(self) -> datetime | None:
        return self.now

    def opens_in(self) -> timedelta:
        return self.wait


@dataclass
class World:
    """Use cases over one database, and what they asked of others."""

    database: Database
    facts: Facts
    clock: FixedClock
    ids: SequentialIds
    canceled: list[tuple[str, str]] = field(default_factory=list)
    asked: list[tuple[str, str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        database, facts, clock = self.database, self.facts, self.clock
        self.ledger = LedgerStore(database)
        self.positions = PortfolioStore(database)
        self.cases = CaseStore(database)
        self.actions, self.runs = ActionStore(database), RunStore(database)
        self.market = StandingMarket()
        self.stated = HistoryStore(database)
        self.announced = BegunAnnouncements(self.stated, self.runs)
        self.switches = Switches(database)
        self.restrictions = SymbolBreakers(
            Changing(self.switches, facts), lambda before, after: [], clock, _no_pause
        )
        self.declaring = Declaring(
            self.actions, self.ledger, self.positions, self, facts, clock, _no_pause
        )
        self.crediting = Crediting(
            ClaimedAccounts(database, "alpaca"),
            self.announced,
            self.actions,
            self.ledger,
            self.positions,
            self.cases,
            self.declaring,
            self.restrictions,
            self,
            self.market,
            facts,
            clock,
            _no_pause,
        )
        self.chasing = Chasing(
            self.actions,
            self.announced,
            self.ledger,
            self.cases,
            self,
            self.market,
            facts,
            clock,
            _no_pause,
        )

    def runner(self, hurried: Any = lambda: False) -> Runner:
        return Runner(
            self.runs,
            self.announced,
            IndexedHolders(self.database),
            self.declaring,
            self.restrictions,
            Quotes(MarketStore(self.database), self.facts, self.clock, _no_pause),
            self.cases,
            self.market,
            self.facts,
            self.clock,
            hurried,
        )

    def cancel(self, user_id: str, symbol: str) -> None:
        self.canceled.append((user_id, symbol))

    def ask(self, user_id: str, name: str, minor: int) -> None:
        self.asked.append((user_id, name, minor))

    def announce(self, *made: Announcement) -> None:
        for one in made:
            self.stated.keep_announcement(one)

    def person(
        self,
        *lots: tuple[date, int, int],
        cash: int = 0,
        account: str = ACCOUNT,
        tag: str = "",
    ) -> str:
        """Somebody with cash in cents and lots of (day, nanos, cents)."""
        user_id = self.ids.new(Kind.USER)
        self.facts.commit(self.ledger.open(user_id))
        kyc = IdentityStore(self.database)
        self.facts.commit([kyc.claim("alpaca", account, user_id)])
        if cash:
            self.pay_in(user_id, cash)
        if lots:
            held = tuple(
                Lot(day, f"{number:05d}", nanos, cost, tag)
                for number, (day, nanos, cost) in enumerate(lots)
            )
            position = Position(
                user_id,
                SYMBOL,
                sum(lot.nanos for lot in held),
                sum(lot.cost_minor for lot in held),
                lots=held,
            )
            asset = f"{SYMBOL}/9"
            legs = (
                Posting(accounts.shares_at_broker(), asset, position.quantity_nanos),
                Posting(accounts.customer_shares(user_id), asset, -position.quantity_nanos),
            )
            draft = Draft(EntryKind.BUY, "ord", self.clock.now(), legs)
            wallet = self.ledger.wallet(user_id, USD)
            self.facts.commit([*self.ledger.post(wallet, draft), self.positions.save(position)])
        return user_id

    def pay_in(self, user_id: str, cents: int) -> None:
        legs = (
            Posting(accounts.customers_cash_at_broker(), "USD/2", cents),
            Posting(accounts.customer_cash(user_id), "USD/2", -cents),
        )
        draft = Draft(EntryKind.DEPOSIT_SETTLED, "dep", self.clock.now(), legs)
        self.facts.commit(self.ledger.post(self.ledger.wallet(user_id, USD), draft, posted=cents))

    def wallet(self, user_id: str) -> Wallet:
        return self.ledger.wallet(user_id, USD)

    def position(self, user_id: str, symbol: str = SYMBOL) -> Position:
        key = position_key(user_id, symbol)
        return position_from(self.database.get_many([key])[key])

    def action(self, user_id: str, one: Announcement) -> PersonAction:
        name = action_id(user_id, one.id, one.effective)
        return self.actions.load(user_id, one.symbol, [name]).actions[name]

    def open_cases(self) -> Sequence[MoneyCase]:
        return self.cases.listed(CaseStatus.OPEN)

    def stopped(self, symbol: str = SYMBOL) -> str | None:
        found = self.switches.read([f"volatility.{symbol}"]).get(f"volatility.{symbol}")
        return None if found is None or found.state is not BreakerState.OPEN else found.reason

    def kinds(self, user_id: str) -> list[str]:
        """Kinds of a person's entries, oldest first."""
        page = self.ledger.entries(user_id, USD, limit=200)
        return [each.entry.draft.kind.value for each in reversed(page.entries)]

    def balances(self, *people: str) -> dict[tuple[str, str], int]:
        """All accounts that are not zero, and the chains hold together."""
        found = []
        for user_id in people:
            stored = list(reversed(self.ledger.entries(user_id, USD, limit=500).entries))
            entries = [each.entry for each in stored]
            assert broken_link(entries, [each.hash for each in stored]) is None
            found += entries
        return {place: total for place, total in fold(found).items() if total}

    def events(self) -> list[str]:
        rows = []
        for shard in range(8):
            rows += self.database.query(Table.OUTBOX, f"OUTBOX#{shard}", "0", "~").items
        types = [item.attributes["type"]["S"] for item in sorted(rows, key=lambda item: item.sk)]
        return [name for name in types if name.startswith("corporate_actions.")]


def _no_pause(attempt: int) -> None:
    return None


@pytest.fixture
def world(database: Database, facts: Facts, clock: FixedClock, ids: SequentialIds) -> World:
    return World(database, facts, clock, ids)


@pytest.fixture
def make_dividend() -> Any:
    return dividend


@pytest.fixture
def make_split() -> Any:
    return split


@pytest.fixture
def make_line() -> Any:
    return line


@pytest.fixture
def make_world() -> Any:
    return World
