"""A person with money at the broker, and a broker and gateways that behave like real ones."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

import pytest

from shared.cases.model import CaseStatus, MoneyCase
from shared.cases.store import CaseStore
from shared.kernel.clock import FixedClock
from shared.kernel.errors import NotFound
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency, FxRate, Money
from shared.ledger.model import Wallet, balances, broken_link, fold
from shared.ledger.store import LedgerStore
from shared.payments import bookings, forwarding
from shared.payments.making import new_deposit
from shared.payments.methods import GATEWAYS, Method
from shared.payments.model import Deposit
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
    NotPaid,
    PayoutOutcome,
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
from tests.payouts.twins import (
    ACCOUNT,
    CONSENT,
    HUNDRED_DOLLARS,
    KES,
    NOW,
    TOLERANCE,
    USD,
    CrashingFacts,
    FakeBroker,
    FakeRail,
    FakeRates,
)


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
