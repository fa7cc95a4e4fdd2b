"""People with books and a broker that says what a test tells it to."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.broker_reconciliation.service import Looking
from shared.broker_reconciliation.store import AccountStore, DayStore
from shared.cases.model import CaseKind, case_id_of
from shared.cases.store import CaseStore
from shared.investing.errors import AccountUnreadable, BrokerUnavailable
from shared.investing.ports import CashHeld, Moved
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind
from shared.kernel.money import Currency
from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind, Posting
from shared.ledger.store import LedgerStore
from shared.platform import keys
from shared.platform.tables import Database, Put
from shared.portfolio.model import Position
from shared.portfolio.store import PortfolioStore
from shared.users.store import ProfileRow


@dataclass
class Broker:
    """Accounts in memory, with what goes wrong; see Custody."""

    cash_of: dict[str, Decimal] = field(default_factory=dict)
    shares_of: dict[str, dict[str, int]] = field(default_factory=dict)
    lines: dict[str, list[Moved]] = field(default_factory=dict)
    lists: bool = True
    silent: bool = False
    strange: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def _look(self, account_id: str) -> None:
        self.asked.append(account_id)
        if self.silent:
            raise BrokerUnavailable
        if account_id in self.strange:
            raise AccountUnreadable("status 404")

    def cash(self, account_id: str) -> CashHeld:
        self._look(account_id)
        told = self.cash_of[account_id]
        return CashHeld(told, told)

    def positions(self, account_id: str) -> dict[str, int]:
        return dict(self.shares_of.get(account_id, {}))

    def history(self, account_id: str, since: datetime) -> list[Moved] | None:
        return list(self.lines.get(account_id, [])) if self.lists else None


@dataclass
class World:
    """Both sides of every account."""

    database: Database
    facts: Any
    clock: FixedClock
    ids: Any
    broker: Broker = field(default_factory=Broker)
    orders: int = 0

    def __post_init__(self) -> None:
        self.ledger = LedgerStore(self.database)
        self.positions = PortfolioStore(self.database)
        self.cases = CaseStore(self.database)
        self.accounts = AccountStore(self.database)
        self.days = DayStore(self.database, self.clock)
        self.looking = Looking(self.accounts, self.broker, self.cases, self.facts, self.clock)

    def person(self, dollars: int = 1_000) -> str:
        """Somebody with an account that holds so much, as both sides have it."""
        user_id = self.ids.new(Kind.USER)
        account_id = f"account-{user_id}"
        profile = ProfileRow(
            pk=keys.user(user_id),
            sk=keys.PROFILE,
            status="ACTIVE",
            language="en",
            kyc_status="APPROVED",
            risk_score=3,
            broker_account_id=account_id,
            broker_status="ACTIVE",
            wrapped_key=b"k",
            personal=b"p",
            segment=self.segment,
        )
        self.facts.commit([Put.new("profile", profile), *self.ledger.open(user_id)])
        self.broker.cash_of[account_id] = Decimal(0)
        self.broker.shares_of[account_id] = {}
        if dollars:
            self.fund(user_id, dollars * 100)
            self.broker.cash_of[account_id] = Decimal(dollars)
        return user_id

    segment: str | None = None

    def account(self, user_id: str) -> str:
        return f"account-{user_id}"

    def fund(self, user_id: str, cents: int, kind: EntryKind = EntryKind.DEPOSIT_FUNDED) -> None:
        """Our side of a journal of cash."""
        legs = (
            Posting(accounts.customers_cash_at_broker(), "USD/2", cents),
            Posting(accounts.customer_cash(user_id), "USD/2", -cents),
        )
        reference = self.ids.new(Kind.DEPOSIT)
        draft = Draft(kind, reference, self.clock.now(), legs)
        wallet = self.ledger.wallet(user_id, Currency.USD)
        self.facts.commit(self.ledger.post(wallet, draft, posted=cents))

    def buy(self, user_id: str, symbol: str, nanos: int, cents: int, order: str) -> None:
        """Our side of an execution."""
        legs = (
            Posting(accounts.shares_at_broker(), f"{symbol}/9", nanos),
            Posting(accounts.customer_shares(user_id), f"{symbol}/9", -nanos),
            Posting(accounts.customer_cash(user_id), "USD/2", cents),
            Posting(accounts.customers_cash_at_broker(), "USD/2", -cents),
        )
        memo = {"broker_order": order, "symbol": symbol}
        order_id = self.ids.new(Kind.ORDER)
        moving = tuple(leg for leg in legs if leg.amount)
        draft = Draft(EntryKind.BUY, order_id, self.clock.now(), moving, memo)
        wallet = self.ledger.wallet(user_id, Currency.USD)
        known = self.positions.state(user_id).positions.get(symbol, Position(user_id, symbol))
        held = known.buy(order_id, date(2026, 3, 2), nanos, cents)
        writes = [*self.ledger.post(wallet, draft, posted=-cents), self.positions.save(held)]
        self.facts.commit(writes)

    def traded(self, user_id: str, symbol: str, nanos: int, dollars: str, order: str) -> None:
        """The broker's side of it, with its line."""
        account_id, value = self.account(user_id), Decimal(dollars)
        self.broker.cash_of[account_id] -= value
        shares = self.broker.shares_of[account_id]
        shares[symbol] = shares.get(symbol, 0) + nanos
        line = Moved(f"line-{order}-{nanos}", order, symbol, nanos, -value)
        self.broker.lines.setdefault(account_id, []).append(line)

    def off(self, user_id: str, *, dollars: str = "0", **shares: int) -> None:
        """What nobody has told of."""
        account_id = self.account(user_id)
        self.broker.cash_of[account_id] += Decimal(dollars)
        held = self.broker.shares_of[account_id]
        for symbol, nanos in shares.items():
            held[symbol] = held.get(symbol, 0) + nanos
            if not held[symbol]:
                del held[symbol]

    def look(self, user_id: str) -> Any:
        return self.looking.look(user_id, self.account(user_id), self.clock.now())

    def case(self, user_id: str, kind: CaseKind = CaseKind.BROKER_DIFFERS) -> Any:
        return self.cases.get(case_id_of(kind, user_id))

    def held(self, user_id: str) -> bool:
        """Whether automatic trading is stopped, as the planner sees it."""
        rows = self.positions.state(user_id).trading
        return any(item.sk == keys.TRADING_HOLD for item in rows)

    def settle_case(self, user_id: str, by: str = "usr_t1_officer") -> None:
        case = self.case(user_id)
        after = case.resolved(self.clock.now(), by, "Looked at with the broker")
        self.facts.commit([self.cases.resolve(case, after), self.accounts.release(user_id)])


@pytest.fixture
def world(database: Database, facts: Any, clock: FixedClock, ids: Any) -> World:
    return World(database, facts, clock, ids)
