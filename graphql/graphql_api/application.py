"""Composition: the stores and services that resolvers use, over given outside parts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from graphql_api.freshness import FreshPrices
from graphql_api.market_now import market_of
from graphql_api.money_back import MoneyBack
from graphql_api.paying_out import PayingOut
from graphql_api.rates import OperationClass, buckets
from graphql_api.rounding_up import RoundingUp
from graphql_api.settings import Settings
from graphql_api.withdrawal_sales import PlannedSales
from shared.kyc.ports import DocumentVault
from shared.kyc.providers.people import StoredPeople as KycPeople
from shared.kyc.store import CaseStore
from shared.ledger.store import LedgerStore
from shared.market_data.price_book import PriceBook
from shared.market_data.providers.valkey import with_cache
from shared.market_data.store import MarketStore
from shared.notifications.store import NoticeStore
from shared.payments.cancelling import Cancelling
from shared.payments.methods import Gateway
from shared.payments.paybill_accounts import PayReferences
from shared.payments.ports import PaymentGateway
from shared.payments.readings import StoredBreakers, StoredPeople, StoredRates
from shared.payments.routing import Routing
from shared.payments.service import DepositService
from shared.payments.store import DepositStore
from shared.platform.circuits import StoredCircuits
from shared.platform.idempotency import IdempotencyKeys
from shared.platform.observability import metric
from shared.platform.origin import Origin
from shared.platform.personal import PersonalData
from shared.platform.queues import Checks, Queue
from shared.platform.rate_limits import Bucket, RateLimits
from shared.platform.runtime import Runtime
from shared.portfolio.store import PortfolioStore
from shared.reconciliation.reading import Safe
from shared.recurring.ports import CardKeeper
from shared.recurring.providers.sealing import SealedInstruments
from shared.recurring.service import RecurringService
from shared.recurring.store import ScheduleStore
from shared.risk.store import AssessmentStore
from shared.strategies.book import StrategyBook
from shared.strategies.goal_store import SavingStore
from shared.strategies.rows import StrategyStore
from shared.users.factor_store import FactorStore
from shared.users.keyring import Keyring
from shared.users.ports import Identities
from shared.users.providers.sealing import SealedProfiles
from shared.users.service import People
from shared.users.session_store import SessionStore
from shared.users.store import UserStore
from shared.withdrawals.ports import BankAccounts


@dataclass(frozen=True, slots=True)
class Outside:
    """What lies outside of this process; tests put twins here. Callables are built when first
    needed, so that a request that needs none of it pays for none of it."""

    runtime: Runtime
    personal: Callable[[], PersonalData]
    identities: Callable[[], Identities]
    gateways: Callable[[], Mapping[Gateway, PaymentGateway]]
    banks: Callable[[], BankAccounts]
    vault: Callable[[], DocumentVault]
    reports: Callable[[], Safe]
    payment_signals: Callable[[], Queue]
    market_requests: Callable[[], Queue]
    pepper: Callable[[], str]
    origin: Callable[[], Origin]


class Application:
    """One per process; every part is built on first use."""

    def __init__(self, settings: Settings, outside: Outside) -> None:
        self.settings = settings
        self._outside = outside
        self.runtime = outside.runtime
        self.database = outside.runtime.database
        self.clock = outside.runtime.clock
        self.ids = outside.runtime.ids
        self.facts = outside.runtime.facts

    @cached_property
    def origin(self) -> Origin:
        """Whom requests have to come from."""
        return self._outside.origin()

    @cached_property
    def report_safe(self) -> Safe:
        """Reports of reconciliation, and whether they are ours."""
        return self._outside.reports()

    @cached_property
    def rates(self) -> RateLimits:
        """How often anybody may do anything."""
        return RateLimits(self.database, self.clock)

    @cached_property
    def buckets(self) -> Mapping[OperationClass, Bucket]:
        """The numbers of this stage, by class of operation."""
        return buckets(self.settings.rate_limits)

    @cached_property
    def keyring(self) -> Keyring:
        """Keyed hashes and sealing; the secret is read on first use."""
        return Keyring(self._outside.pepper)

    @cached_property
    def users(self) -> UserStore:
        """Profiles."""
        return UserStore(self.database)

    @cached_property
    def people(self) -> People:
        """Sign-up, sign-in and profiles."""
        return People(
            users=self.users,
            identities=self._outside.identities(),
            safe=SealedProfiles(self._outside.personal()),
            factors=FactorStore(self.database),
            wallets=self.ledger,
            keyring=self.keyring,
            rates=self.rates,
            facts=self.facts,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def sessions(self) -> SessionStore:
        """Sessions and challenges."""
        return SessionStore(self.database)

    @cached_property
    def states(self) -> PortfolioStore:
        """The two reads of the screen."""
        return PortfolioStore(self.database)

    @cached_property
    def ledger(self) -> LedgerStore:
        """Wallets and the journal."""
        return LedgerStore(self.database)

    @cached_property
    def prices(self) -> FreshPrices:
        """The market, kept in memory for seconds."""
        book = PriceBook(
            MarketStore(with_cache(self.database, self.clock, self.settings)),
            self.clock,
            on_failure=lambda error: metric("PricesNotRead", error=type(error).__name__),
        )
        return FreshPrices(book, self._outside.market_requests, self.clock)

    @cached_property
    def strategies(self) -> StrategyBook:
        """Model portfolios in force, kept in memory for a minute."""
        return StrategyBook(
            StrategyStore(self.database),
            self.clock,
            on_failure=lambda error: metric("StrategiesNotRead", error=type(error).__name__),
        )

    @property
    def personal(self) -> Callable[[], PersonalData]:
        """Seals and opens personal data."""
        return self._outside.personal

    @cached_property
    def deposits(self) -> DepositService:
        """Paying in."""
        return DepositService(
            deposits=DepositStore(self.database),
            keys=IdempotencyKeys(self.database),
            facts=self.facts,
            routing=self.routing,
            people=StoredPeople(self.database),
            goals=SavingStore(self.database),
            rates=StoredRates(self.database, self.clock),
            breakers=StoredBreakers(self.database),
            checks=Checks(self._outside.payment_signals()),
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def routing(self) -> Routing:
        """Which gateway begins a payment."""
        return Routing(self._outside.gateways(), StoredCircuits(self.database, self.clock))

    @cached_property
    def cancelling(self) -> Cancelling:
        """Giving up a payment."""
        return Cancelling(
            deposits=self.deposit_store,
            facts=self.facts,
            routing=self.routing,
            checks=Checks(self._outside.payment_signals()),
            clock=self.clock,
        )

    @cached_property
    def exchange_rates(self) -> StoredRates:
        """Published rates, as far as they may be quoted."""
        return StoredRates(self.database, self.clock)

    @cached_property
    def recurring(self) -> RecurringService:
        """Standing orders."""
        return RecurringService(
            schedules=ScheduleStore(self.database),
            deposits=self.deposit_store,
            keys=IdempotencyKeys(self.database),
            facts=self.facts,
            people=StoredPeople(self.database),
            goals=SavingStore(self.database),
            instruments=SealedInstruments(self.users, self._outside.personal),
            cards=self._card_keeper,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def round_ups(self) -> RoundingUp:
        """Round-ups, and the purchases that fill their pool."""
        instruments = SealedInstruments(self.users, self._outside.personal)
        return RoundingUp(self.runtime, instruments, self._card_keeper)

    def _card_keeper(self) -> CardKeeper:
        """Of all gateways this one keeps cards."""
        return cast("CardKeeper", self._outside.gateways()[Gateway.STRIPE])

    @cached_property
    def deposit_store(self) -> DepositStore:
        """Reading deposits, which needs no gateway."""
        return DepositStore(self.database)

    @cached_property
    def money_back(self) -> MoneyBack:
        """Refunds, disputes, debts, and cases about money."""
        return MoneyBack(self.runtime)

    @cached_property
    def pay_references(self) -> PayReferences:
        """Account numbers for payments from a phone's menu."""
        people = StoredPeople(self.database)
        return PayReferences(self.database, self.facts, people, self.ids)

    @cached_property
    def paying_out(self) -> PayingOut:
        """Payout accounts and withdrawals."""
        outside = self._outside
        return PayingOut(
            self.settings,
            self.runtime,
            outside.personal,
            outside.banks,
            self.keyring,
            lambda: PlannedSales(
                self.database,
                lambda: market_of(self.database, self.prices),
                self.strategies.in_force,
                self.clock,
            ),
        )

    @cached_property
    def cases(self) -> CaseStore:
        """Identity cases."""
        return CaseStore(self.database)

    @cached_property
    def kyc_people(self) -> KycPeople:
        """Profiles, as the identity check reads them."""
        return KycPeople(self.users, self._outside.personal())

    @cached_property
    def vault(self) -> DocumentVault:
        """Where documents are uploaded to."""
        return self._outside.vault()

    @cached_property
    def assessments(self) -> AssessmentStore:
        """Answers to the risk questionnaire."""
        return AssessmentStore(self.database)

    @cached_property
    def notices(self) -> NoticeStore:
        """The inbox."""
        return NoticeStore(self.database)
