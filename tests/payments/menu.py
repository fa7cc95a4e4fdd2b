"""A person who pays from the menu of their phone, and an M-Pesa that is asked and answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from shared.cases.store import CaseStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency, Money
from shared.ledger.house import HouseJournal
from shared.ledger.model import balances, fold
from shared.ledger.store import LedgerStore
from shared.market_data.model import FxQuote
from shared.market_data.store import MarketStore
from shared.payments.callbacks import Subject
from shared.payments.errors import GatewayUnavailable
from shared.payments.making import new_deposit
from shared.payments.methods import Gateway, Method
from shared.payments.model import Deposit
from shared.payments.paybill import Paybill
from shared.payments.paybill_accounts import PayReferences, named_on_statement
from shared.payments.paybill_notices import PaybillNotice
from shared.payments.paybill_suspense import PaybillSuspense
from shared.payments.paybill_unmatched import UnmatchedStore
from shared.payments.ports import NoAnswer, Outcome, Paid
from shared.payments.quoting import quote_at
from shared.payments.readings import StoredPeople, StoredRates
from shared.payments.settlement import Settlement
from shared.payments.settling import Settling
from shared.payments.store import DepositStore
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.queues import CheckMessage, Checks, MemoryQueue
from shared.platform.tables import Database, Put
from shared.users.store import ProfileRow

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
RECEIPT = "RKL51ZDR4F"


class Crash(RuntimeError):
    """The process died."""


@dataclass
class CrashingFacts:
    """Dies before or after a commit when the script says so."""

    inner: Facts
    script: list[str] = field(default_factory=list)

    def commit(self, writes: Sequence[Any], *events: Any) -> None:
        step = self.script.pop(0) if self.script else "ok"
        if step == "before":
            raise Crash
        self.inner.commit(writes, *events)
        if step == "after":
            raise Crash


@dataclass
class Mpesa:
    """Remembers what it was asked; what it says later is the test's business."""

    asked: list[tuple[Subject, str]] = field(default_factory=list)
    down: bool = False
    pushes: dict[str, Outcome] = field(default_factory=dict)

    def ask(self, subject: Subject, receipt: str) -> None:
        if self.down:
            raise GatewayUnavailable
        self.asked.append((subject, receipt))

    def look_up(self, deposit: Deposit, reference: str) -> Outcome:
        if deposit.method is Method.PAYBILL:
            self.ask(Subject(deposit.user_id, deposit.deposit_id), reference)
            return NoAnswer()
        return self.pushes.get(reference, NoAnswer())

    def cancel(self, deposit: Deposit, reference: str) -> bool:
        return False


class Menu:
    """Everything around one person's payments from the menu."""

    def __init__(self, database: Database | None = None) -> None:
        self.database = database or MemoryDatabase()
        self.clock = FixedClock(NOW)
        self.ids = SequentialIds("t1", self.clock)
        self.user_id = self.ids.new(Kind.USER)
        self.facts = CrashingFacts(Facts(self.database, self.clock, self.ids))
        self.queue = MemoryQueue()
        self.mpesa = Mpesa()
        self.deposits = DepositStore(self.database)
        self.ledger = LedgerStore(self.database)
        self.house = HouseJournal(self.database, "t1")
        self.cases = CaseStore(self.database)
        self.unmatched = UnmatchedStore(self.database)
        people = StoredPeople(self.database)
        rates = StoredRates(self.database, self.clock)
        checks = Checks(self.queue)
        self.references = PayReferences(self.database, self.facts, people, self.ids)
        self.settlement = Settlement(
            settling=Settling(
                deposits=self.deposits,
                ledger=self.ledger,
                facts=self.facts,
                cases=self.cases,
                rates=rates,
                clock=self.clock,
            ),
            gateways={Gateway.MPESA: self.mpesa},
            checks=checks,
            pause=lambda _: None,
        )
        self.suspense = PaybillSuspense(
            unmatched=self.unmatched,
            house=self.house,
            cases=self.cases,
            inquiry=self.mpesa,
            facts=self.facts,
            checks=checks,
            clock=self.clock,
            ids=self.ids,
            pause=lambda _: None,
        )
        self.paybill = Paybill(
            database=self.database,
            deposits=self.deposits,
            references=self.references,
            people=people,
            rates=rates,
            settlement=self.settlement,
            suspense=self.suspense,
            facts=self.facts,
            checks=checks,
            clock=self.clock,
            ids=self.ids,
        )
        self.facts.commit(list(self.ledger.open(self.user_id)))
        self.person()
        self.rate()
        self.account = self.references.pay_reference(self.user_id) or ""

    def person(self, user_id: str | None = None, **changes: Any) -> None:
        facts: dict[str, Any] = {
            "status": "ACTIVE",
            "language": "en",
            "kyc_status": "APPROVED",
            "risk_score": 3,
            "broker_account_id": "a",
            "broker_status": "ACTIVE",
            "wrapped_key": b"k",
            "personal": b"p",
        }
        row = ProfileRow(pk=f"USER#{user_id or self.user_id}", sk="PROFILE", **(facts | changes))
        self.database.write(Put("profile", row))

    def rate(self, age: timedelta = timedelta()) -> None:
        now = self.clock.now()
        MarketStore(self.database).keep_rate(
            FxQuote(Currency.KES, Currency.USD, Decimal("0.0077"), now, "test", now - age)
        )

    def notice(self, **changes: Any) -> PaybillNotice:
        given: dict[str, Any] = {
            "receipt": RECEIPT,
            "amount": Money(1_300_000, Currency.KES),
            "shortcode": "174379",
            "account": self.account,
            "paid_at": NOW,
        }
        return PaybillNotice(**(given | changes))

    def push(self, reference: str | None = None) -> Deposit:
        """A push of 13 000 shillings, whose answer may have been lost."""
        rate = StoredRates(self.database, self.clock).between(Currency.KES, Currency.USD)
        assert rate is not None
        deposit = new_deposit(
            user_id=self.user_id,
            deposit_id=self.ids.new(Kind.DEPOSIT),
            gateway=Gateway.MPESA,
            amount=Money(1_300_000, Currency.KES),
            quote=quote_at(rate, self.clock.now()),
        )
        if reference is not None:
            deposit = deposit.started(reference, self.clock.now())
        self.facts.commit([self.deposits.create(deposit), *named_on_statement(deposit)])
        return deposit

    def answer(self, amount: int = 1_300_000, receipt: str = RECEIPT) -> None:
        """M-Pesa's answer to the last question."""
        subject, _ = self.mpesa.asked[-1]
        self.paybill.answered(subject, receipt, Paid(receipt, Money(amount, Currency.KES)))

    def all(self) -> list[Deposit]:
        return list(self.deposits.page(self.user_id, limit=50).deposits)

    def checks_sent(self) -> list[tuple[str, int]]:
        sent = [message for message, _ in self.queue.sent if isinstance(message, CheckMessage)]
        return [(message.check, message.attempt) for message in sent]

    def books(self) -> dict[tuple[str, str], int]:
        """The person's chain and the house's together."""
        pages = [
            self.ledger.entries(self.user_id, Currency.USD, limit=1000),
            self.house.entries(Currency.KES, limit=1000),
        ]
        entries = [one.entry for page in pages for one in page.entries]
        for entry in entries:
            assert set(balances(entry.draft.postings).values()) == {0}
        return {key: value for key, value in fold(entries).items() if value}
