"""A small world around deposits: a person, gateways and a broker that behave like real ones."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from shared.cases.store import CaseStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency, Money
from shared.ledger.model import Wallet, balances, broken_link, fold
from shared.ledger.store import LedgerStore
from shared.market_data.model import Breaker, BreakerState, FxQuote
from shared.market_data.store import MarketStore
from shared.payments.exposures import ExposureStore
from shared.payments.funding import Funding
from shared.payments.methods import Gateway, Method
from shared.payments.model import Deposit
from shared.payments.readings import StoredBreakers, StoredPeople, StoredRates
from shared.payments.routing import TRIES, Routing
from shared.payments.service import DepositService
from shared.payments.settlement import Hint, Settlement
from shared.payments.settling import Settling
from shared.payments.store import DepositStore
from shared.platform.circuits import StoredCircuits
from shared.platform.idempotency import IdempotencyKeys
from shared.platform.outbox import Facts
from shared.platform.queues import CheckMessage, Checks, MemoryQueue
from shared.platform.tables import Database, Put
from shared.strategies.goal_store import SavingStore
from shared.users.store import ProfileRow
from tests.payments.twins import CrashingFacts, FakeBroker, FakeGateway

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
ACCOUNT = "0a9152c4-d232-4b00-9102-5fa19aca40cb"
PHONE = "254712345678"


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
