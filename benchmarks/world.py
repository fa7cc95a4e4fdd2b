"""One person's life over a given database, with vendors that answer at once."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from shared.cases.store import CaseStore
from shared.investing.booking import Booker
from shared.investing.model import Ending, Execution, Order, OrderStatus
from shared.investing.plan import Rules
from shared.investing.ports import TradeEvent
from shared.investing.service import Planned, Planner
from shared.investing.situations import DepositRows, FundedDeposit, SituationStore
from shared.investing.store import InvestingStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, UlidIds
from shared.kernel.money import NANOS_PER_SHARE, Currency, Money, Price
from shared.ledger.store import LedgerStore
from shared.market_data.model import Asset, MarketClock, Quote
from shared.market_data.store import MarketStore
from shared.market_data.universe import UNIVERSE
from shared.payments import bookings, forwarding
from shared.payments.making import new_deposit
from shared.payments.model import Deposit, DepositStatus, Gateway
from shared.payments.planned import deposit_planned
from shared.payments.ports import Outcome, Paid
from shared.payments.readings import StoredRates
from shared.payments.rows import deposit_from, deposit_key
from shared.payments.settlement import Hint, Settlement
from shared.payments.settling import Settling
from shared.payments.store import DepositStore
from shared.platform.outbox import Facts
from shared.platform.personal import MemoryPersonalData
from shared.platform.queues import Checks, MemoryQueue
from shared.platform.tables import Database, Item
from shared.portfolio.store import PortfolioStore
from shared.strategies.rows import keep_in_force
from shared.users.model import KycStatus, Language, Reservation, SealedProfile, User, UserStatus
from shared.users.store import UserStore

START = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
PRICE = Decimal("123.45")
ACCOUNT = "0a9152c4-d232-4b00-9102-5fa19aca40cb"


class PaidAtOnce:
    """A gateway at which everybody has paid."""

    def look_up(self, deposit: Deposit, reference: str) -> Outcome:
        """Paid in full, under a name of its own."""
        return Paid(f"pi_{deposit.deposit_id}", deposit.amount)

    def cancel(self, deposit: Deposit, reference: str) -> bool:
        """Too late: it was paid."""
        return False


@dataclass
class World:
    """The use cases over one database and a clock that the caller moves."""

    database: Database
    clock: FixedClock = field(default_factory=lambda: FixedClock(START))
    personal: MemoryPersonalData = field(default_factory=MemoryPersonalData)

    def __post_init__(self) -> None:
        self.ids = UlidIds("b1", self.clock)
        self.facts = Facts(self.database, self.clock, self.ids)
        self.ledger = LedgerStore(self.database)
        self.deposits = DepositStore(self.database)
        self.plans = InvestingStore(self.database)
        self.portfolio = PortfolioStore(self.database)
        self.market = MarketStore(self.database)
        gateways = {gateway: PaidAtOnce() for gateway in Gateway}
        settling = Settling(
            deposits=self.deposits,
            ledger=self.ledger,
            facts=self.facts,
            cases=CaseStore(self.database),
            rates=StoredRates(self.database, self.clock),
            clock=self.clock,
        )
        self.settlement = Settlement(settling, gateways, Checks(MemoryQueue()))
        situations = SituationStore(
            self.database,
            DepositRows(deposit_key, _funded, deposit_planned),
            self.clock,
            Rules(),
        )
        self.planner = Planner(
            situations, self.plans, self.ledger, self.facts, self.clock, lambda attempt: None
        )
        self.booker = Booker(
            self.plans,
            self.ledger,
            self.portfolio,
            CaseStore(self.database),
            self.facts,
            self.clock,
            lambda attempt: None,
        )

    def trade_day(self) -> None:
        """Fresh prices and an open market at the clock's time."""
        now = self.clock.now()
        for symbol, listing in UNIVERSE.items():
            asset = Asset(symbol, listing.name, listing.type, symbol, True, True, now)
            self.market.keep_assets([asset])
            self.market.keep_quotes([Quote(symbol, Price(PRICE, Currency.USD), now, "bench", now)])
        clock = MarketClock(now, True, now + timedelta(days=1), now + timedelta(hours=5), now)
        self.market.keep_clock(clock)
        keep_in_force(self.database, now.date())

    def register(self) -> str:
        """The registration fact; the user's id."""
        user_id = self.ids.new(Kind.USER)
        sealed = self.personal.seal({"email": "a@example.com"}, subject=user_id)
        profile = SealedProfile(sealed.wrapped_key, sealed.ciphertext)
        user = User(user_id, UserStatus.ACTIVE, Language.EN, profile)
        held = Reservation(f"hash-{user_id}", user_id, UserStatus.PENDING, Language.EN)
        store = UserStore(self.database)
        store.reserve(held, self.clock.now() + timedelta(hours=1))
        self.facts.commit([*store.activate(held, user, None), *self.ledger.open(user_id)])
        return user_id

    def approve(self, user_id: str) -> None:
        """Identity, risk score and broker account, as their contexts would write them."""
        store = UserStore(self.database)
        for write in (
            store.set_kyc_status(user_id, KycStatus.APPROVED),
            store.set_risk_score(user_id, 3, "v1"),
            store.set_broker_account(user_id, ACCOUNT, "ACTIVE"),
        ):
            self.facts.commit([write])

    def begin_deposit(self, user_id: str, minor: int) -> Deposit:
        """A deposit whose payer was sent to the gateway."""
        new = new_deposit(
            user_id=user_id,
            deposit_id=self.ids.new(Kind.DEPOSIT),
            gateway=Gateway.STRIPE,
            amount=Money(minor, Currency.USD),
            quote=None,
        )
        self.facts.commit([self.deposits.create(new)])
        started = new.started(
            f"cs_{new.deposit_id}", self.clock.now(), redirect_url="https://pay.example"
        )
        self.facts.commit([self.deposits.save(new, started)])
        return started

    def settle(self, deposit: Deposit) -> None:
        """The gateway's webhook arrived."""
        self.settlement.signalled(deposit.user_id, deposit.deposit_id, Hint())

    def fund(self, deposit: Deposit) -> None:
        """The broker's journal executed."""
        current, wallet = self.deposits.with_wallet(deposit.user_id, deposit.deposit_id)
        if current is None:
            raise LookupError(deposit.deposit_id)
        intent = forwarding.begun(current, ACCOUNT, self.clock.now())
        self.facts.commit([self.deposits.save(current, intent)])
        noted = forwarding.journaled(intent, "journal")
        self.facts.commit([self.deposits.save(intent, noted)])
        draft = bookings.funding(noted, self.clock.now())
        posted = self.ledger.post(wallet, draft, held=-deposit.credited.minor)
        arrived = forwarding.arrived(noted, self.clock.now())
        self.facts.commit([self.deposits.save(noted, arrived), *posted])

    def invest(self, deposit: Deposit) -> list[Order]:
        """The plan's orders."""
        planned = self.planner.invest(deposit.user_id, deposit.deposit_id)
        if not isinstance(planned, Planned) or planned.plan is None:
            raise LookupError(f"no plan: {planned}")
        return self.plans.orders(deposit.user_id, planned.plan.order_ids)

    def fill(self, order: Order) -> None:
        """One execution that buys the whole order."""
        self.booker.apply(fill_event(order, self.clock.now()))

    def screen(self, user_id: str) -> int:
        """The two reads of the screen; how many items they brought."""
        state, feed = self.portfolio.state(user_id), self.portfolio.feed(user_id, 50)
        return len(state.positions) + len(feed.items)


def fill_event(order: Order, at: datetime) -> TradeEvent:
    """What the broker reports when the whole order was bought at the price of this world."""
    nanos = int(order.notional_minor * NANOS_PER_SHARE / (PRICE * 100))
    return TradeEvent(
        client_order_id=order.client_order_id,
        account_id=order.account_id,
        symbol=order.symbol,
        broker_order_id=f"b-{order.order_id}",
        at=at,
        execution=Execution(order.order_id[-12:], nanos, PRICE, at),
        ending=Ending(OrderStatus.FILLED, nanos),
    )


def _funded(item: Item) -> FundedDeposit:
    deposit = deposit_from(item)
    return FundedDeposit(deposit.status is DepositStatus.FUNDED, deposit.credited.minor)


def five_years(world: World, months: int = 60) -> str:
    """A person who paid in every month for five years; the clock stands after the last month."""
    user_id = world.register()
    world.approve(user_id)
    for _ in range(months):
        world.clock.advance(timedelta(days=30))
        world.trade_day()
        deposit = world.begin_deposit(user_id, 25_000)
        world.settle(deposit)
        world.fund(deposit)
        for order in world.invest(deposit):
            world.fill(order)
    world.clock.advance(timedelta(days=1))
    world.trade_day()
    return user_id
