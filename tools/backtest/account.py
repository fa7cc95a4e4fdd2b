"""One person's account on the platform's own stores and use cases, in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import ClassVar

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from shared.cases.store import CaseStore
from shared.investing.booking import Booker
from shared.investing.executing import Executor
from shared.investing.inputs import Cause, Rules
from shared.investing.plan import Plan
from shared.investing.ports import Situation
from shared.investing.reading import Ask
from shared.investing.roads import StoredRoads
from shared.investing.rules.table import rule_table
from shared.investing.service import Planned, Planner
from shared.investing.situations import DepositRows, FundedDeposit, SituationStore
from shared.investing.store import InvestingStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency
from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind, Posting, Wallet
from shared.ledger.store import LedgerStore
from shared.platform import keys
from shared.platform.indexes import segment_of
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.tables import Item, Key, Put, Row, Table, Update
from shared.platform.work import Write
from shared.portfolio.store import PortfolioStore
from shared.strategies.rows import keep_in_force
from shared.users.store import ProfileRow
from tools.backtest.broker import PaperBroker

USD = Currency.USD
ACCOUNT = "00000000-0000-4000-8000-000000000001"
RULES_OF = date(2026, 1, 1)
"""Rules and strategies are those of this day, on all days: today's machine over old prices."""


class ContributionRow(Row):
    """Money that was paid in, and whether it has its plan."""

    TABLE: ClassVar[Table] = Table.CORE
    KIND: ClassVar[str] = "deposit"

    minor = UnicodeAttribute()
    planned = BooleanAttribute(default=False)


@dataclass(frozen=True, slots=True)
class RulesOfToday:
    """See Situations: what the stores know, judged by the rules of ``RULES_OF``."""

    inner: SituationStore

    def load(self, user_id: str, ask: Ask) -> Situation:
        """See Situations."""
        found = self.inner.load(user_id, ask)
        known = found.inputs.risk
        if known is None:
            raise ValueError("no plan is made without rules")
        table = rule_table().on(RULES_OF)
        rules = {rule: {"version": one.version, **one.parameters} for rule, one in table.items()}
        risk = known.model_copy(update={"rules": rules})
        return replace(found, inputs=found.inputs.model_copy(update={"risk": risk}))

    def planned(self, user_id: str, ask: Ask) -> list[Write]:
        """See Situations."""
        return self.inner.planned(user_id, ask)


class NoPolls:
    """See Polls: the broker's news are read after each run anyway."""

    def soon(self) -> None:
        """See Polls."""

    def again_since(self, at: object) -> None:
        """See Polls."""


@dataclass
class Account:
    """Money comes in, plans are made and carried out; every one of these is the platform's code."""

    clock: FixedClock
    score: int
    rules: Rules = field(default_factory=Rules)
    user_id: str = ""
    plans: list[Plan] = field(default_factory=list)
    """All that were made, in order."""

    def __post_init__(self) -> None:
        self.database = MemoryDatabase()
        self.ids = SequentialIds("bt", self.clock)
        self.facts = Facts(self.database, self.clock, self.ids)
        self.ledger = LedgerStore(self.database)
        self.portfolio = PortfolioStore(self.database)
        self.investing = InvestingStore(self.database)
        self.cases = CaseStore(self.database)
        self.broker = PaperBroker(self.clock)
        rows = DepositRows(_key, _read, _planned)
        self._planner = Planner(
            RulesOfToday(SituationStore(self.database, rows, self.clock, self.rules)),
            self.investing,
            self.ledger,
            self.facts,
            self.clock,
            _never_waits,
        )
        self._booker = Booker(
            self.investing,
            self.ledger,
            self.portfolio,
            self.cases,
            self.facts,
            self.clock,
            _never_waits,
        )
        self._executor = Executor(
            self.investing,
            self.broker,
            self._booker,
            NoPolls(),
            self.facts,
            self.clock,
            StoredRoads(self.database, self.clock),
        )
        keep_in_force(self.database, RULES_OF)
        self.user_id = self._signed_up()

    def _signed_up(self) -> str:
        user_id = self.ids.new(Kind.USER)
        profile = ProfileRow(
            pk=keys.user(user_id),
            sk=keys.PROFILE,
            status="ACTIVE",
            language="en",
            kyc_status="APPROVED",
            risk_score=self.score,
            broker_account_id=ACCOUNT,
            broker_status="ACTIVE",
            wrapped_key=b"-",
            personal=b"-",
            segment=segment_of(user_id),
        )
        self.facts.commit([Put.new("profile", profile), *self.ledger.open(user_id)])
        return user_id

    @property
    def wallet(self) -> Wallet:
        """Cash as the books say."""
        return self.ledger.wallet(self.user_id, USD)

    def pay_in(self, minor: int) -> str:
        """Cash arrives in the account at the broker; the identifier of the deposit."""
        deposit_id = self.ids.new(Kind.DEPOSIT)
        legs = (
            Posting(accounts.customers_cash_at_broker(), USD.asset, minor),
            Posting(accounts.customer_cash(self.user_id), USD.asset, -minor),
        )
        draft = Draft(EntryKind.DEPOSIT_FUNDED, deposit_id, self.clock.now(), legs)
        row = ContributionRow(
            pk=keys.user(self.user_id), sk=keys.feed(deposit_id, Kind.DEPOSIT), minor=str(minor)
        )
        posted = self.ledger.post(self.wallet, draft, posted=minor)
        self.facts.commit([*posted, Put.new("deposit", row)])
        self.broker.cash += minor
        return deposit_id

    def pay_out(self, payout_id: str, minor: int) -> None:
        """Cash that has settled leaves the account at the broker."""
        legs = (
            Posting(accounts.customer_cash(self.user_id), USD.asset, minor),
            Posting(accounts.customers_cash_at_broker(), USD.asset, -minor),
        )
        draft = Draft(EntryKind.CASH_RECALLED, payout_id, self.clock.now(), legs)
        self.facts.commit(self.ledger.post(self.wallet, draft, posted=-minor))
        self.broker.cash -= minor

    def invest(self, deposit_id: str) -> Plan | None:
        """Plan a deposit and carry it out; None while something has to come first."""
        return self.plan(Ask(Cause.DEPOSIT, deposit_id))

    def plan(self, ask: Ask) -> Plan | None:
        """Plan what is asked and carry it out; None while something has to come first."""
        result = self._planner.plan(self.user_id, ask)
        if not isinstance(result, Planned) or result.plan is None:
            return None
        self.plans.append(result.plan)
        self._executor.run(self.user_id, result.plan.plan_id)
        for event in self.broker.heard():
            self._booker.apply(event)
        return result.plan

    @property
    def nanos(self) -> Mapping[str, int]:
        """Nano-shares by symbol as the books say, of what is held."""
        positions = self.portfolio.state(self.user_id).positions
        return {name: one.quantity_nanos for name, one in positions.items() if one.quantity_nanos}


def _never_waits(attempt: int) -> None:
    """Nobody else writes."""


def _key(user_id: str, deposit_id: str) -> Key:
    return Key(Table.CORE, keys.user(user_id), keys.feed(deposit_id, Kind.DEPOSIT))


def _read(item: Item) -> FundedDeposit:
    return FundedDeposit(True, int(item.to(ContributionRow).minor))


def _planned(user_id: str, deposit_id: str) -> Update:
    at = _key(user_id, deposit_id)
    done = ContributionRow.planned.set(True)
    return Update("deposit", ContributionRow, at.pk, at.sk, (done,), ContributionRow.pk.exists())
