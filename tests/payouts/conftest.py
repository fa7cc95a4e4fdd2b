"""A person with money at the broker, and a broker and gateways that behave like real ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shared.cases.model import CaseStatus, MoneyCase
from shared.cases.store import CaseStore
from shared.kernel.clock import FixedClock
from shared.kernel.errors import NotFound
from shared.kernel.events import Event
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency, FxRate, Money
from shared.ledger.model import Wallet, balances, broken_link, fold
from shared.ledger.store import LedgerStore
from shared.payments import bookings, forwarding
from shared.payments.errors import GatewayUnavailable
from shared.payments.making import new_deposit
from shared.payments.methods import GATEWAYS, Method
from shared.payments.model import Deposit
from shared.payments.ports import JournalRefused, JournalState, Standing
from shared.payments.quoting import FxQuote
from shared.payments.reversals import refund_begun
from shared.payments.store import DepositStore
from shared.payouts.after_all import AfterAll
from shared.payouts.deciding import Deciding
from shared.payouts.making import new_refund, new_withdrawal, share_of
from shared.payouts.model import KEEPS_KEYS, Payout, PayoutStatus, Rail
from shared.payouts.outcomes import Outcomes
from shared.payouts.ports import (
    CameBack,
    NeverSent,
    NotPaid,
    PaidOut,
    PayoutOutcome,
    RecallJournal,
    Requote,
    SendResult,
    Silence,
    Taken,
)
from shared.payouts.reasons import PayoutReason
from shared.payouts.recalling import Recalling
from shared.payouts.requests import PayoutRequests
from shared.payouts.requoting import Requoting
from shared.payouts.sending import Sending
from shared.payouts.store import PayoutStore
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.queues import CheckMessage, Checks, MemoryQueue
from shared.platform.tables import Database, as_changes
from shared.platform.work import Write

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
ACCOUNT = "0a9152c4-d232-4b00-9102-5fa19aca40cb"
USD, KES = Currency.USD, Currency.KES
HUNDRED_DOLLARS = Money(10_000, USD)
TOLERANCE, CONSENT = 100, timedelta(days=3)


class Crash(RuntimeError):
    """The process died."""


@dataclass
class CrashingFacts:
    """A unit of work that dies before or after a commit when the script says so; what can be
    called in it is somebody else who is faster."""

    inner: Facts
    script: list[str | Callable[[], None]] = field(default_factory=list)
    published: list[Event] = field(default_factory=list)
    commits: int = 0

    def commit(self, writes: list[Write], *events: Event) -> None:
        step = self.script.pop(0) if self.script else "ok"
        if step == "before":
            raise Crash("crashed")
        if callable(step):
            step()
        self.inner.commit(writes, *events)
        self.commits += 1
        self.published += events
        if step == "after":
            raise Crash("crashed")


@dataclass
class FakeRail:
    """A gateway. One that keeps keys gives the same order for the same key; another one makes
    an order each time it is asked, and answers questions by messages only."""

    keeps_keys: bool
    orders: dict[str, PayoutOutcome] = field(default_factory=dict)
    """By reference."""
    names: dict[str, str] = field(default_factory=dict)
    """Reference by key."""
    script: list[str | Callable[[], None]] = field(default_factory=list)
    look_script: list[str] = field(default_factory=list)
    sent: int = 0
    looked: int = 0
    destinations: list[Mapping[str, str]] = field(default_factory=list)

    def send(self, payout: Payout, destination: Mapping[str, str]) -> SendResult:
        self.sent += 1
        self.destinations.append(destination)
        step = self.script.pop(0) if self.script else "ok"
        if callable(step):
            step()
        if step == "never_sent":
            return NeverSent()
        if step == "refused":
            return NotPaid(PayoutReason.GATEWAY_REFUSED)
        if step == "crash_before":
            raise Crash("crashed")
        if self.keeps_keys and payout.key in self.names:
            reference = self.names[payout.key]
        else:
            reference = f"po_{len(self.orders) + 1}"
            self.orders[reference] = Taken(reference)
            self.names[payout.key] = reference
        if step == "paid":
            self.orders[reference] = PaidOut(reference, payout.amount)
        if step == "crash_after":
            raise Crash("crashed")
        outcome = self.orders[reference]
        if step == "silence" or not isinstance(outcome, Taken | PaidOut | NotPaid):
            return Silence()
        return outcome

    def look_up(self, payout: Payout) -> PayoutOutcome:
        self.looked += 1
        step = self.look_script.pop(0) if self.look_script else "ok"
        if step == "down":
            raise GatewayUnavailable
        if step == "silence" or not self.keeps_keys:
            return Silence()
        reference = self.names.get(payout.key)
        return Silence() if reference is None else self.orders[reference]

    def decide(self, outcome: PayoutOutcome) -> None:
        """What became of all orders."""
        self.orders = dict.fromkeys(self.orders, outcome)


@dataclass
class FakeBroker:
    """Journals by key between a person's account and the firm's."""

    cash: int = 0
    """The person's, in cents."""
    journals: dict[str, RecallJournal] = field(default_factory=dict)
    script: list[str] = field(default_factory=list)
    state: JournalState = JournalState.EXECUTED
    instructed: int = 0
    person: Standing = field(default_factory=lambda: Standing(True, True, ACCOUNT))

    def find(self, payout: Payout) -> RecallJournal | None:
        named = (payout.payout_id, payout.leg)
        mine = [one for one in self.journals.values() if (one.payout_id, one.leg) == named]
        return next((one for one in mine if one.state is not JournalState.REJECTED), None)

    def journal(self, payout: Payout) -> RecallJournal:
        self.instructed += 1
        step = self.script.pop(0) if self.script else "ok"
        if step == "refused":
            raise JournalRefused
        if step == "down":
            raise GatewayUnavailable
        if payout.journal_key not in self.journals:
            made = RecallJournal(
                journal_id=f"j{len(self.journals) + 1}",
                state=JournalState.WAITING,
                account_id=payout.broker_account_id or "",
                amount=payout.debited,
                user_id=payout.user_id,
                payout_id=payout.payout_id,
                leg=payout.leg,
            )
            self.journals[payout.journal_key] = made
            if self.state is not JournalState.WAITING:
                self._end(payout.journal_key, self.state)
        if step == "lost_answer":
            raise GatewayUnavailable
        if step == "crash_after":
            raise Crash("crashed")
        return self.journals[payout.journal_key]

    def read(self, journal_id: str) -> RecallJournal | None:
        return next((one for one in self.journals.values() if one.journal_id == journal_id), None)

    def finish(self, state: JournalState) -> None:
        self.state = state
        for key, one in list(self.journals.items()):
            if one.state is JournalState.WAITING:
                self._end(key, state)

    def _end(self, key: str, state: JournalState) -> None:
        one = self.journals[key]
        outward = one.leg % 2 == 0
        if state is JournalState.EXECUTED:
            if outward and one.amount.minor > self.cash:
                state = JournalState.REJECTED
            else:
                self.cash += -one.amount.minor if outward else one.amount.minor
        self.journals[key] = replace(one, state=state)

    def standing(self, user_id: str) -> Standing:
        """See People."""
        return self.person


@dataclass
class FakeRates:
    """Of a payout its own rate, unless another one is set; ``none`` is there when there is none."""

    rate: str | None = None
    none: bool = False
    answer: NotPaid | None = None
    asked: int = 0

    def fresh(self, payout: Payout) -> Requote | NotPaid | None:
        """See FreshRates."""
        self.asked += 1
        assert payout.quote is not None
        if self.none:
            return None
        if self.answer is not None:
            return self.answer
        if self.rate is None:
            return Requote(payout.quote, payout.amount)
        mid = replace(payout.quote.mid, rate=Decimal(self.rate))
        quote = replace(payout.quote, mid=mid, replaced=None)
        whole = quote.convert(payout.debited).minor // 100 * 100
        return Requote(quote, Money(whole, payout.amount.currency))


class World:
    """One person's wallet, and everything around the payouts from it."""

    def __init__(self, database: Database, now: datetime = NOW) -> None:
        self.database = database
        self.clock = FixedClock(now)
        self.ids = SequentialIds("t1", self.clock)
        self.user_id = self.ids.new(Kind.USER)
        self.facts = CrashingFacts(Facts(database, self.clock, self.ids))
        self.payouts, self.deposits = PayoutStore(database), DepositStore(database)
        self.ledger, self.cases = LedgerStore(database), CaseStore(database)
        self.broker, self.name = FakeBroker(), "Amina Otieno"
        self.rails = {rail: FakeRail(rail in KEEPS_KEYS) for rail in Rail}
        self.recall_queue, self.payout_queue = MemoryQueue(), MemoryQueue()
        self.accounts = {"pac_1": {"phone": "254712345678"}}
        self.requests = PayoutRequests(
            self.payouts, self.ledger, self.deposits, self.facts, self.clock, lambda _: None
        )
        self.recalling = Recalling(
            payouts=self.payouts,
            ledger=self.ledger,
            cases=self.cases,
            facts=self.facts,
            broker=self.broker,
            people=self.broker,
            checks=Checks(self.recall_queue),
            clock=self.clock,
            pause=lambda _: None,
        )
        parts = (self.payouts, self.deposits, self.ledger, self.cases, self.facts)
        outcomes = Outcomes(*parts, names=self, clock=self.clock)
        self.rates = FakeRates()
        self.sending = Sending(
            payouts=self.payouts,
            outcomes=outcomes,
            deciding=Deciding(self.payouts, self.deposits, outcomes, lambda _: None),
            after_all=AfterAll(*parts, clock=self.clock),
            rails=self.rails,
            destinations=self,
            requoting=Requoting(self.rates, outcomes, self.clock, TOLERANCE, CONSENT),
            checks=Checks(self.payout_queue),
            clock=self.clock,
            pause=lambda _: None,
        )
        self.commit(*self.ledger.open(self.user_id))

    def name_of(self, user_id: str) -> str | None:
        """See Names."""
        return self.name

    def details(self, user_id: str, account_id: str) -> Mapping[str, str]:
        """See Destinations."""
        if account_id not in self.accounts:
            raise NotFound(what="The account")
        return self.accounts[account_id]

    def commit(self, *writes: Write) -> None:
        """Without events, as if another context had done it."""
        self.database.transact(as_changes(writes))

    def quote(self, base: Currency, quote: Currency, rate: str) -> FxQuote:
        at = self.clock.now()
        return FxQuote(FxRate(base, quote, Decimal(rate), "test", at), 150, at)

    def deposit(
        self,
        amount: Money = HUNDRED_DOLLARS,
        *,
        method: Method = Method.CARD,
        funded: bool = True,
        payment: str = "pi_1",
    ) -> Deposit:
        """A deposit with its entries, and its cash at the broker when it is funded."""
        at = self.clock.now()
        quote = None if amount.currency is USD else self.quote(amount.currency, USD, "0.0077")
        made = new_deposit(
            user_id=self.user_id,
            deposit_id=self.ids.new(Kind.DEPOSIT),
            gateway=GATEWAYS[method][0],
            method=method,
            amount=amount,
            quote=quote,
        )
        deposit = made.settled(at, payment=payment)
        draft = bookings.settlement(deposit, at, payment=payment, fee_minor=None)
        minor = deposit.credited.minor
        self.commit(
            self.deposits.create(deposit),
            *self.ledger.post(self.wallet(), draft, posted=minor, held=minor),
        )
        if not funded:
            return deposit
        done = forwarding.arrived(forwarding.begun(deposit, ACCOUNT, at), at)
        post = self.ledger.post(self.wallet(), bookings.funding(done, at), held=-minor)
        self.commit(self.deposits.save(deposit, done), *post)
        self.broker.cash += minor
        return done

    def withdrawal(
        self,
        minor: int = 4_000,
        *,
        rail: Rail = Rail.MPESA_B2C,
        begin: bool = True,
        **changes: object,
    ) -> Payout:
        """Asked for, with its hold; in shillings by phone, in dollars to a bank."""
        debited = Money(minor, USD)
        quote = None if rail is Rail.STRIPE_PAYOUT else self.quote(USD, KES, "129.5")
        amount = debited if quote is None else quote.convert(debited)
        payout = new_withdrawal(
            user_id=self.user_id,
            payout_id=self.ids.new(Kind.PAYOUT),
            rail=rail,
            debited=debited,
            amount=Money(amount.minor // 100 * 100, amount.currency),
            quote=quote,
            account_id="pac_1",
            shown_as="2547*****678",
            at=self.clock.now(),
            **changes,
        )
        writes, event = self.requests.writes(payout, self.wallet())
        self.facts.inner.commit(writes, event)
        self.facts.published.append(event)
        if begin:
            self.recall(payout)
            self.send(payout)
        return self.now(payout)

    def refund(self, deposit: Deposit, minor: int | None = None, *, begin: bool = True) -> Payout:
        """A part of a deposit, or all that is left of it."""
        known = self.deposit_now(deposit)
        minor = known.refundable_minor if minor is None else minor
        live, _ = self.payouts.page(self.user_id, limit=50)
        payout = new_refund(
            known,
            minor,
            share_of(known, minor, live),
            payout_id=self.ids.new(Kind.PAYOUT),
            source=known.payment or "",
            at=self.clock.now(),
        )
        writes, event = self.requests.writes(payout, self.wallet())
        self.facts.inner.commit(
            [*writes, self.deposits.save(known, refund_begun(known, minor))], event
        )
        self.facts.published.append(event)
        if begin:
            self.recall(payout)
            self.send(payout)
        return self.now(payout)

    def recall(self, payout: Payout) -> None:
        self.recalling.requested(self.user_id, payout.payout_id)

    def send(self, payout: Payout) -> None:
        self.sending.requested(self.user_id, payout.payout_id)

    def told(self, payout: Payout, outcome: PayoutOutcome) -> None:
        self.sending.told(self.user_id, payout.payout_id, outcome)

    def now(self, payout: Payout) -> Payout:
        found = self.payouts.get(self.user_id, payout.payout_id)
        assert found is not None
        return found

    def deposit_now(self, deposit: Deposit) -> Deposit:
        found = self.deposits.get(self.user_id, deposit.deposit_id)
        assert found is not None
        return found

    def wallet(self) -> Wallet:
        return self.ledger.wallet(self.user_id, USD)

    def money(self) -> tuple[int, int, int]:
        """Posted, held, owed."""
        wallet = self.wallet()
        return wallet.posted, wallet.held, wallet.owed

    def events(self) -> list[str]:
        return [event.detail_type() for event in self.facts.published]

    def open_cases(self) -> list[MoneyCase]:
        return list(self.cases.listed(CaseStatus.OPEN))

    def checks(self) -> list[tuple[str, int, int]]:
        sent = [*self.recall_queue.sent, *self.payout_queue.sent]
        return [(m.check, m.attempt, delay) for m, delay in sent if isinstance(m, CheckMessage)]

    def books(self) -> dict[tuple[str, str], int]:
        """All accounts, after checking that every entry balances and the chain is whole."""
        page = self.ledger.entries(self.user_id, USD, limit=1000)
        stored = list(reversed(page.entries))
        for one in stored:
            assert set(balances(one.entry.draft.postings).values()) == {0}
        assert broken_link([s.entry for s in stored], [s.hash for s in stored]) is None
        return {key: value for key, value in fold(s.entry for s in stored).items() if value}

    def check_conserved(self, *, moving: bool = False) -> None:
        """What is the person's in our books is theirs at the broker, unless cash is ``moving``."""
        wallet, books = self.wallet(), self.books()
        assert min(wallet.available, wallet.held, wallet.owed) >= 0
        assert books.get((f"customer:{self.user_id}:cash", "USD/2"), 0) == -wallet.posted
        assert books.get((f"customer:{self.user_id}:receivable", "USD/2"), 0) == wallet.owed
        if not moving:
            assert books.get(("house:customers_cash_at_broker", "USD/2"), 0) == self.broker.cash


STATUSES = PayoutStatus
CAME_BACK = CameBack(PayoutReason.RETURNED_BY_BANK)
NOT_PAID = NotPaid(PayoutReason.RECEIVER_NOT_ABLE)


@pytest.fixture
def world() -> World:
    """A fresh world in memory."""
    return World(MemoryDatabase())


@pytest.fixture
def world_of() -> Callable[[Database], World]:
    """A world over a given database."""
    return World


@pytest.fixture(scope="session")
def make_world() -> Callable[[], World]:
    """For properties, which need a fresh world per example."""
    return lambda: World(MemoryDatabase())
