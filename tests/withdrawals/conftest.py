"""A small world around one person's withdrawals: real stores, and a bank of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.cases.model import CaseKind, MoneyCase, case_id_of
from shared.cases.store import CaseStore
from shared.kernel.clock import FixedClock
from shared.kernel.events import Event
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency, Money
from shared.ledger.accounts import customer_cash, firm_cash_at_broker
from shared.ledger.model import Draft, EntryKind, Posting, Wallet
from shared.ledger.store import LedgerStore
from shared.market_data.model import FxQuote
from shared.market_data.store import MarketStore
from shared.payments.errors import GatewayUnavailable
from shared.payments.readings import StoredRates
from shared.payments.store import DepositStore
from shared.payouts.model import Payout
from shared.payouts.requests import PayoutRequests
from shared.payouts.store import PayoutStore
from shared.platform.idempotency import IdempotencyKeys
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.personal import MemoryPersonalData
from shared.platform.tables import Database, Put, as_changes
from shared.platform.work import Write
from shared.strategies.goal_store import SavingStore
from shared.users.store import ProfileRow, UserStore
from shared.withdrawals.accounts import AccountKeeping
from shared.withdrawals.deciding import Deciding, Wanted
from shared.withdrawals.destinations import BankNumbers
from shared.withdrawals.history import StoredHistories
from shared.withdrawals.model import PayoutAccount
from shared.withdrawals.ports import Raisable, Whole
from shared.withdrawals.providers.destinations import StoredDestinations
from shared.withdrawals.providers.people import StoredHolders
from shared.withdrawals.requesting import Withdrawals
from shared.withdrawals.reviewing import Reviewing
from shared.withdrawals.store import PayoutAccountStore, PayoutReader

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
NAME, PHONE = "Amina Wanjiru Otieno", "+254712345678"
GERMAN = BankNumbers("DEU", "DE89 3704 0044 0532 0130 00")
AMERICAN = BankNumbers("USA", "000123456789", "110000000")
COOLING, APPROVAL_MINOR = timedelta(hours=24), 200_000


class Crash(RuntimeError):
    """The process died."""


@dataclass
class CrashingFacts:
    """A unit of work that dies before or after a commit when the script says so."""

    inner: Facts
    script: list[str] = field(default_factory=list)
    published: list[Event] = field(default_factory=list)

    def commit(self, writes: list[Write], *events: Event) -> None:
        step = self.script.pop(0) if self.script else "ok"
        if step == "before":
            raise Crash("crashed")
        self.inner.commit(writes, *events)
        self.published += events
        if step == "after":
            raise Crash("crashed")


@dataclass
class FakeBanks:
    """Registers accounts: the same numbers of the same person give the same."""

    known: dict[tuple[str, ...], Mapping[str, str]] = field(default_factory=dict)
    script: list[Exception] = field(default_factory=list)
    asked: list[tuple[str, str, str, str]] = field(default_factory=list)

    def register(
        self, user_id: str, country: str, currency: str, holder: str, numbers: Mapping[str, str]
    ) -> Mapping[str, str]:
        self.asked.append((user_id, country, currency, holder))
        if self.script:
            raise self.script.pop(0)
        key = (user_id, *sorted(numbers.values()))
        made = {"stripe_account": "acct_1", "external_account": f"ba_{len(self.known) + 1}"}
        return self.known.setdefault(key, made)


@dataclass
class FakeSales:
    """Nothing can be sold, unless the test says how much it would bring."""

    worth: int = 0
    free: int = 0
    """Cash that does not settle today counts."""
    fee: int = 0
    """What managing it has cost until now."""
    left: tuple[str, ...] = ()
    priced: bool = True
    asked: list[tuple[str, int]] = field(default_factory=list)
    of: list[str] = field(default_factory=list)
    """The goals that were asked about."""

    def raisable(self, user_id: str, amount_minor: int, goal_id: str = "") -> Raisable:
        """See Sales."""
        self.asked.append((user_id, amount_minor))
        self.of.append(goal_id)
        need = max(0, amount_minor - self.free)
        most = self.free + self.worth * 10_000 // 10_025
        return Raisable(amount_minor <= most, min(need, self.worth), most)

    def everything(self, user_id: str, goal_id: str = "") -> Whole:
        """See Sales."""
        self.of.append(goal_id)
        return Whole(self.free, self.worth, self.fee, self.worth > 0, self.priced, self.left)


class World:
    """Everything around one person's withdrawals."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = FixedClock(NOW - timedelta(days=100))
        self.ids = SequentialIds("t1", self.clock)
        self.user_id = self.ids.new(Kind.USER)
        self.clock.advance(timedelta(days=100))
        self.facts = CrashingFacts(Facts(database, self.clock, self.ids))
        self.personal = MemoryPersonalData()
        self.banks = FakeBanks()
        self.ledger, self.cases = LedgerStore(database), CaseStore(database)
        self.payouts, self.deposits = PayoutStore(database), DepositStore(database)
        self.accounts, self.reader = PayoutAccountStore(database), PayoutReader(database)
        self.destinations = StoredDestinations(database, self.personal)
        self.market = MarketStore(database)
        self.sales = FakeSales()
        holders = StoredHolders(UserStore(database), self.personal)
        pause = no_pause
        self.keys = IdempotencyKeys(database)
        self.keeping = AccountKeeping(
            accounts=self.accounts,
            outgoing=self.reader,
            holders=holders,
            banks=lambda: self.banks,
            fingerprint=lambda text: f"keyed:{hash(text)}",
            keys=self.keys,
            facts=self.facts,
            clock=self.clock,
            ids=self.ids,
            cooling=COOLING,
            pause=pause,
        )
        self.requests = PayoutRequests(
            payouts=self.payouts,
            ledger=self.ledger,
            deposits=self.deposits,
            facts=self.facts,
            clock=self.clock,
            pause=pause,
        )
        self.withdrawals = Withdrawals(
            deciding=Deciding(
                accounts=self.accounts,
                outgoing=self.reader,
                holders=holders,
                goals=SavingStore(database),
                sales=self.sales,
                rates=StoredRates(database, self.clock),
                clock=self.clock,
            ),
            accounts=self.accounts,
            payouts=self.payouts,
            requests=self.requests,
            cases=self.cases,
            histories=StoredHistories(database),
            keys=self.keys,
            facts=self.facts,
            clock=self.clock,
            ids=self.ids,
            approval_minor=APPROVAL_MINOR,
            pause=pause,
        )
        self.reviewing = Reviewing(
            payouts=self.payouts,
            requests=self.requests,
            ledger=self.ledger,
            cases=self.cases,
            facts=self.facts,
            clock=self.clock,
            approval_minor=APPROVAL_MINOR,
            pause=pause,
        )
        database.transact(as_changes(self.ledger.open(self.user_id)))
        self.person()
        self.rate()

    def person(self, *, given: str = "Amina", family: str = "Wanjiru Otieno", **row: Any) -> None:
        profile = {"email": "amina@example.com", "given_name": given, "family_name": family}
        sealed = self.personal.seal(profile, subject=self.user_id)
        facts: dict[str, Any] = {
            "status": "ACTIVE",
            "language": "en",
            "kyc_status": "APPROVED",
            "wrapped_key": sealed.wrapped_key,
            "personal": sealed.ciphertext,
        }
        self.database.write(
            Put("profile", ProfileRow(pk=f"USER#{self.user_id}", sk="PROFILE", **(facts | row)))
        )

    def rate(self, rate: str = "0.0077", currency: Currency = Currency.KES) -> None:
        now = self.clock.now()
        self.market.keep_rate(FxQuote(currency, Currency.USD, Decimal(rate), now, "test", now))

    def cash(self, minor: int, **changes: int) -> None:
        """Money that is free in the wallet."""
        cash = customer_cash(self.user_id)
        draft = Draft(
            EntryKind.DEPOSIT_SETTLED,
            "test",
            self.clock.now(),
            (Posting(firm_cash_at_broker(), "USD/2", minor), Posting(cash, "USD/2", -minor)),
        )
        writes = self.ledger.post(self.wallet(), draft, posted=minor, **changes)
        self.database.transact(as_changes(writes))

    def wallet(self) -> Wallet:
        return self.ledger.wallet(self.user_id, Currency.USD)

    def phone(self, phone: str = PHONE, key: str = "key-1", name: str = NAME) -> PayoutAccount:
        return self.keeping.add(self.user_id, idempotency_key=key, holder_name=name, phone=phone)

    def bank(
        self, bank: BankNumbers = GERMAN, key: str = "key-1", name: str = NAME
    ) -> PayoutAccount:
        return self.keeping.add(self.user_id, idempotency_key=key, holder_name=name, bank=bank)

    def known_phone(self) -> PayoutAccount:
        """An account that was added long ago."""
        account = self.phone()
        self.clock.advance(timedelta(days=30))
        self.rate()
        return account

    def withdraw(
        self,
        account: PayoutAccount,
        amount: str = "100.00",
        key: str = "key-1",
        goal_id: str = "",
    ) -> Payout:
        return self.withdrawals.request(
            self.user_id,
            idempotency_key=key,
            wish=Wanted(account.account_id, Money.parse(amount, Currency.USD), goal_id),
        )

    def everything(
        self, account: PayoutAccount, *, key: str = "key-1", goal_id: str = ""
    ) -> Payout:
        return self.withdrawals.request(
            self.user_id,
            idempotency_key=key,
            wish=Wanted(account.account_id, None, goal_id),
        )

    def now(self, payout: Payout) -> Payout:
        found = self.payouts.get(payout.user_id, payout.payout_id)
        assert found is not None
        return found

    def save(self, before: Payout, after: Payout) -> Payout:
        """What the engine did meanwhile."""
        self.database.transact(as_changes([self.payouts.save(before, after)]))
        return after

    def case(self, payout: Payout) -> MoneyCase | None:
        return self.cases.get(case_id_of(CaseKind.WITHDRAWAL_REVIEW, payout.payout_id))

    def events(self) -> list[str]:
        return [event.detail_type() for event in self.facts.published]


def no_pause(_: int) -> None:
    """Tests do not wait."""


DOWN = GatewayUnavailable


@pytest.fixture
def world(database: Database) -> World:
    """A fresh world over both engines."""
    return World(database)


@pytest.fixture
def memory() -> World:
    """A fresh world in memory, where the engine does not matter."""
    return World(MemoryDatabase())


@pytest.fixture(scope="session")
def make_world() -> Callable[[], World]:
    """For properties, which need a fresh world per example."""
    return lambda: World(MemoryDatabase())
