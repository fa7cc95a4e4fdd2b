"""A small world around deposits: a person, gateways and a broker that behave like real ones."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.config import SandboxConfig
from shared.cases.store import CaseStore
from shared.kernel.clock import FixedClock
from shared.kernel.events import Event
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency, Money
from shared.ledger.model import Wallet, balances, broken_link, fold
from shared.ledger.store import LedgerStore
from shared.market_data.model import Breaker, BreakerState, FxQuote
from shared.market_data.store import MarketStore
from shared.payments.errors import GatewayUnavailable
from shared.payments.exposures import ExposureStore
from shared.payments.funding import Funding
from shared.payments.methods import Gateway, Method
from shared.payments.model import Deposit
from shared.payments.ports import (
    CashJournal,
    Failed,
    JournalRefused,
    JournalState,
    Lapsed,
    NoAnswer,
    NotSent,
    NoWord,
    Outcome,
    Refused,
    Started,
    StartResult,
    Waiting,
)
from shared.payments.readings import StoredBreakers, StoredPeople, StoredRates
from shared.payments.reasons import Reason
from shared.payments.routing import TRIES, Routing
from shared.payments.service import DepositService
from shared.payments.settlement import Hint, Settlement
from shared.payments.settling import Settling
from shared.payments.store import DepositStore
from shared.platform.circuits import StoredCircuits
from shared.platform.idempotency import IdempotencyKeys
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.queues import CheckMessage, Checks, MemoryQueue
from shared.platform.tables import Database, Put
from shared.platform.work import Write
from shared.strategies.goal_store import SavingStore
from shared.users.store import ProfileRow

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
ACCOUNT = "0a9152c4-d232-4b00-9102-5fa19aca40cb"
PHONE = "254712345678"


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
class FakeGateway:
    """A gateway: idempotent by deposit like Stripe, or making a payment per push like M-Pesa."""

    idempotent: bool
    name: str = "ref"
    cancels: list[str] = field(default_factory=list)
    attempts: dict[str, Outcome] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    start_script: list[str] = field(default_factory=list)
    look_script: list[str] = field(default_factory=list)
    asked: int = 0
    looked: int = 0

    def start(self, deposit: Deposit, phone: str | None, *, save_card: bool = False) -> StartResult:
        self.asked += 1
        step = self.start_script.pop(0) if self.start_script else "ok"
        if step == "not_sent":
            return NotSent()
        if step == "refused":
            return Refused(Reason.INVALID_PHONE)
        if step == "crash_before":
            raise Crash("crashed")
        known = [ref for ref, owner in self.owners.items() if owner == deposit.deposit_id]
        if self.idempotent and known:
            reference = known[0]
        else:
            reference = f"{self.name}_{len(self.attempts) + 1}"
            self.attempts[reference] = Waiting()
            self.owners[reference] = deposit.deposit_id
        if step == "no_word":
            return NoWord()
        if step == "crash_after":
            raise Crash("crashed")
        if self.idempotent:
            return Started(reference, redirect_url=f"https://pay.example/{reference}")
        return Started(reference, pushed_to="2547*****678")

    def look_up(self, deposit: Deposit, reference: str) -> Outcome:
        self.looked += 1
        step = self.look_script.pop(0) if self.look_script else "ok"
        if step == "down":
            raise GatewayUnavailable
        if step == "silent" or self.owners.get(reference) != deposit.deposit_id:
            return NoAnswer()
        return self.attempts[reference]

    def cancel(self, deposit: Deposit, reference: str) -> bool:
        self.cancels.append(reference)
        if isinstance(self.attempts.get(reference), Waiting) and self.idempotent:
            self.attempts[reference] = Lapsed()
        return isinstance(self.attempts.get(reference), Lapsed | Failed)

    def set(self, deposit: Deposit, outcome: Outcome) -> None:
        for reference, owner in self.owners.items():
            if owner == deposit.deposit_id:
                self.attempts[reference] = outcome


@dataclass
class FakeBroker:
    """Journals by key: the same key never moves money twice; the effect may outlive the answer."""

    journals: dict[str, CashJournal] = field(default_factory=dict)
    script: list[str] = field(default_factory=list)
    state: JournalState = JournalState.EXECUTED
    instructed: int = 0

    def find(self, deposit: Deposit) -> CashJournal | None:
        mine = [
            one
            for one in self.journals.values()
            if one.deposit_id == deposit.deposit_id and one.state is not JournalState.REJECTED
        ]
        return mine[0] if mine else None

    def journal(self, deposit: Deposit) -> CashJournal:
        self.instructed += 1
        step = self.script.pop(0) if self.script else "ok"
        if step == "refused":
            raise JournalRefused
        if step == "down":
            raise GatewayUnavailable
        if deposit.journal_key not in self.journals:
            self.journals[deposit.journal_key] = CashJournal(
                journal_id=f"j{len(self.journals) + 1}",
                state=self.state,
                account_id=deposit.broker_account_id or "",
                amount=deposit.forwarded,
                user_id=deposit.user_id,
                deposit_id=deposit.deposit_id,
            )
        if step == "lost_answer":
            raise GatewayUnavailable
        if step == "crash_after":
            raise Crash("crashed")
        return self.journals[deposit.journal_key]

    def read(self, journal_id: str) -> CashJournal | None:
        return next((one for one in self.journals.values() if one.journal_id == journal_id), None)

    def finish(self, state: JournalState) -> None:
        self.state = state
        self.journals = {
            key: replace(one, state=state) if one.state is JournalState.WAITING else one
            for key, one in self.journals.items()
        }

    @property
    def moved(self) -> int:
        done = [one for one in self.journals.values() if one.state is JournalState.EXECUTED]
        return sum(one.amount.minor for one in done)


class World:
    """Everything around one person's deposits."""

    def __init__(self, database: Database, first_id: int = 0, now: datetime = NOW) -> None:
        self.database = database
        self.clock = FixedClock(now)
        self.ids = SequentialIds("t1", self.clock)
        for _ in range(first_id):
            self.ids.new(Kind.EVENT)
        self.user_id = self.ids.new(Kind.USER)
        self.facts = CrashingFacts(Facts(database, self.clock, self.ids))
        self.queue = MemoryQueue()
        self.funding_queue = MemoryQueue()
        self.deposits = DepositStore(database)
        self.ledger = LedgerStore(database)
        self.market = MarketStore(database)
        self.cases = CaseStore(database)
        self.exposures = ExposureStore(database)
        self.circuits = StoredCircuits(database, self.clock)
        self.gateways = {
            Gateway.STRIPE: FakeGateway(idempotent=True),
            Gateway.MPESA: FakeGateway(idempotent=False),
            Gateway.ADYEN: FakeGateway(idempotent=True, name="adyen"),
        }
        self.broker = FakeBroker()
        self.service = DepositService(
            deposits=self.deposits,
            keys=IdempotencyKeys(database),
            facts=self.facts,
            routing=Routing(self.gateways, self.circuits, sleep=lambda _: None),
            people=StoredPeople(database),
            goals=SavingStore(database),
            rates=StoredRates(database, self.clock),
            breakers=StoredBreakers(database),
            checks=Checks(self.queue),
            clock=self.clock,
            ids=self.ids,
        )
        self.settlement = Settlement(
            settling=Settling(
                deposits=self.deposits,
                ledger=self.ledger,
                facts=self.facts,
                cases=self.cases,
                rates=StoredRates(database, self.clock),
                clock=self.clock,
            ),
            gateways=self.gateways,
            checks=Checks(self.queue),
            pause=lambda _: None,
        )
        self.funding = Funding(
            deposits=self.deposits,
            ledger=self.ledger,
            facts=self.facts,
            broker=self.broker,
            people=StoredPeople(database),
            breakers=StoredBreakers(database),
            exposures=self.exposures,
            cases=self.cases,
            checks=Checks(self.funding_queue),
            clock=self.clock,
            limit_minor=5_000_000,
            cap_minor=1_000_000,
            pause=lambda _: None,
        )
        database.transact(self.ledger.open(self.user_id))
        self.person()
        self.rate()

    def person(self, **changes: Any) -> None:
        facts: dict[str, Any] = {
            "status": "ACTIVE",
            "language": "en",
            "kyc_status": "APPROVED",
            "risk_score": 3,
            "broker_account_id": ACCOUNT,
            "broker_status": "ACTIVE",
            "wrapped_key": b"k",
            "personal": b"p",
        }
        row = ProfileRow(pk=f"USER#{self.user_id}", sk="PROFILE", **(facts | changes))
        self.database.write(Put("profile", row))

    def rate(self, rate: str = "0.0077", age: timedelta = timedelta()) -> None:
        now = self.clock.now()
        self.market.keep_rate(
            FxQuote(Currency.KES, Currency.USD, Decimal(rate), now, "test", now - age)
        )

    def breaker(self, state: BreakerState) -> None:
        self.market.set_breaker(Breaker("prefunding", state, "test", self.clock.now()))

    def card(
        self, amount: str = "100.00", key: str = "key-1", currency: Currency = Currency.USD
    ) -> Deposit:
        return self.service.create_deposit(
            self.user_id,
            idempotency_key=key,
            method=Method.CARD,
            amount=Money.parse(amount, currency),
        )

    def mpesa(self, amount: str = "13000", key: str = "key-1", phone: str = PHONE) -> Deposit:
        return self.service.create_deposit(
            self.user_id,
            idempotency_key=key,
            method=Method.MPESA,
            amount=Money.parse(amount, Currency.KES),
            phone=phone,
        )

    def nobody_answers(self, how: str) -> None:
        for gateway in self.gateways.values():
            gateway.start_script = [how] * TRIES

    def now(self, deposit: Deposit) -> Deposit:
        return self.service.deposit(self.user_id, deposit.deposit_id)

    def signal(self, deposit: Deposit, hint: Hint | None = None) -> None:
        self.settlement.signalled(self.user_id, deposit.deposit_id, hint or Hint())

    def check(self, deposit: Deposit, attempt: int = 0) -> None:
        self.settlement.checked(self.user_id, deposit.deposit_id, attempt)

    def fund(self, deposit: Deposit) -> None:
        self.funding.settled(self.user_id, deposit.deposit_id)

    def wallet(self) -> Wallet:
        return self.ledger.wallet(self.user_id, Currency.USD)

    def events(self) -> list[str]:
        return [event.detail_type() for event in self.facts.published]

    def checks_sent(self) -> list[tuple[str, int, int]]:
        sent = [*self.queue.sent, *self.funding_queue.sent]
        return [(m.check, m.attempt, delay) for m, delay in sent if isinstance(m, CheckMessage)]

    def books(self) -> dict[tuple[str, str], int]:
        """All accounts, after checking that every entry balances and the chain is whole."""
        page = self.ledger.entries(self.user_id, Currency.USD, limit=1000)
        stored = list(reversed(page.entries))
        for one in stored:
            assert set(balances(one.entry.draft.postings).values()) == {0}
        assert broken_link([s.entry for s in stored], [s.hash for s in stored]) is None
        return {key: value for key, value in fold(s.entry for s in stored).items() if value}


@pytest.fixture
def world() -> World:
    """A fresh world in memory."""
    return World(MemoryDatabase())


@pytest.fixture(scope="session")
def make_world_plain() -> Callable[[], World]:
    """For properties, which need a fresh world per example."""
    return lambda: World(MemoryDatabase())


@pytest.fixture
def world_of() -> Callable[..., World]:
    """A world over a given database."""
    return World


SANDBOX = SandboxConfig(
    daraja_callback_delay_ms=30, alpaca_account_delay_ms=20, alpaca_journal_delay_ms=20
)


@pytest.fixture(scope="session")
def sandbox_url(serve_sandbox: Callable[[SandboxConfig], str]) -> str:
    """Base URL of a running vendor sandbox."""
    return serve_sandbox(SANDBOX)


@pytest.fixture
def sandbox(sandbox_url: str) -> Iterator[httpx.Client]:
    """A client of the emptied sandbox."""
    with httpx.Client(base_url=sandbox_url, trust_env=False, timeout=10) as client:
        client.post("/_control/reset").raise_for_status()
        yield client


@pytest.fixture
def fault(sandbox: httpx.Client) -> Callable[..., None]:
    """Orders a fault of the sandbox."""

    def order(vendor: str, operation: str, kind: str, times: int = 1, **params: object) -> None:
        body = {"vendor": vendor, "operation": operation, "kind": kind, "times": times}
        sandbox.post("/_control/faults", json=body | {"params": params}).raise_for_status()

    return order
