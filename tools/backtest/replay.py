"""Day by day: fees, deposits, rebalances and settlement, as the platform does them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from shared.investing.inputs import Cause, Rules
from shared.investing.plan import Plan
from shared.investing.reading import Ask, ask_from
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Price, Quantity
from shared.management_fees.charging import Charging
from shared.management_fees.closing_prices import StoredCloses
from shared.management_fees.model import ChargeStatus
from shared.management_fees.store import FeeStore
from shared.management_fees.terms import TermsTable, published
from shared.market_data.model import Breaker
from shared.platform.indexes import SEGMENTS, segment_name, segment_of
from shared.platform.queues import Checks, MemoryQueue
from shared.portfolio.holders import HolderStore
from shared.rebalancing.following import Follower
from shared.rebalancing.market import MarketReader
from shared.rebalancing.model import Run, continuation
from shared.rebalancing.store import RunStore, SweepStore
from shared.rebalancing.sweeping import Sweep
from tools.backtest.account import Account
from tools.backtest.books import Auditor
from tools.backtest.broker import PaperFees
from tools.backtest.history import History
from tools.backtest.market import ReplayedMarket

QUARTERS = (1, 4, 7, 10)
"""Months with which they begin."""
MAX_AGE = timedelta(seconds=Rules().max_price_age_seconds)


@dataclass(frozen=True, slots=True)
class Scenario:
    """Who saves, and how much; or takes out, on the first session of each quarter."""

    score: int = 3
    first_minor: int = 2_000_000
    monthly_minor: int = 10_000
    quarterly_out_minor: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """The end of a day, in cents."""

    day: date
    worth: int
    paid_in: int
    """Of this day, less what was paid out."""


@dataclass(slots=True)
class Result:
    """What came of it."""

    points: list[Point] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    breaker: list[Breaker] = field(default_factory=list)
    stopped: list[date] = field(default_factory=list)
    """Days on which no order was to be planned."""
    levels: dict[date, int] = field(default_factory=dict)
    """Levels that the market had fallen by, by day."""
    waited: dict[str, int] = field(default_factory=dict)
    """Days by deposit that had to wait for its plan."""
    paid_out: dict[date, int] = field(default_factory=dict)
    """Cents that left, by day."""
    fees_minor: int = 0
    costs_minor: int = 0
    traded_minor: int = 0
    audits: int = 0
    entries: int = 0


@dataclass
class Replay:
    """One person's account over a history; see Told of a sweep, Selling and Continuations."""

    history: History
    scenario: Scenario
    result: Result = field(default_factory=Result)
    _pending: list[str] = field(default_factory=list)
    _leaving: list[str] = field(default_factory=list)
    """Withdrawals that have not left yet."""
    _paid_today: int = 0

    def __post_init__(self) -> None:
        # People sign up by day: the first fee is of that day too.
        start = datetime.combine(self.history.days[0], time(12), UTC)
        self.clock = FixedClock(start)
        self.account = Account(self.clock, self.scenario.score)
        account, database = self.account, self.account.database
        self.market = ReplayedMarket(self.history, database, account.facts, self.clock)
        self.fees = PaperFees(account.broker)
        self.auditor = Auditor(account, self.fees)
        reader = MarketReader(database, self.clock, MAX_AGE)
        self.runs = RunStore(database)
        self.follower = Follower(
            self.runs, account.facts, self.clock, reader.today, self, lambda attempt: None
        )
        self.sweep = Sweep(
            HolderStore(database),
            SweepStore(database, self.clock),
            reader.look,
            self,
            self.clock,
            account.rules,
        )
        names = {segment_name(number): number for number in range(SEGMENTS)}
        self._segment = names[segment_of(account.user_id)]
        self.charging = Charging(
            fees=FeeStore(database),
            ledger=account.ledger,
            cases=account.cases,
            facts=account.facts,
            broker=self.fees,
            selling=self,
            checks=Checks(MemoryQueue()),
            clock=self.clock,
            today=reader.today,
            terms=_terms_from(self.history.days[0]),
            closes=StoredCloses(database, self.clock),
            pause=lambda attempt: None,
        )

    def run(self, progress: Callable[[int, int], None] = lambda done, of: None) -> Result:
        """All days; the books are audited at the end of each month."""
        days = self.history.days
        for number, day in enumerate(days):
            before = days[number - 1] if number else None
            self._day(day, before)
            if number + 1 == len(days) or days[number + 1].month != day.month:
                self.auditor.audit()
                progress(number + 1, len(days))
        return self._finished()

    def _day(self, day: date, before: date | None) -> None:
        self._paid_today = 0
        prices = self.market.open(day)
        self.account.broker.prices = prices
        if before is None or before.month != day.month:
            self._month(day, before)
        self._fee_that_waits()
        for payout_id in list(self._leaving):
            self._pay_out(payout_id, day)
        for deposit_id in list(self._pending):
            if self._followed(self.account.invest(deposit_id)) is None:
                self.result.waited[deposit_id] = self.result.waited.get(deposit_id, 0) + 1
            else:
                self._pending.remove(deposit_id)
        self.sweep.walk(day, self._segment)
        worth = self.account.wallet.posted + sum(
            Price(prices[symbol], Currency.USD).value_of(Quantity(nanos)).minor
            for symbol, nanos in self.account.nanos.items()
        )
        self.result.points.append(Point(day, worth, self._paid_today))

    def _month(self, day: date, before: date | None) -> None:
        """The first session of a month: the fee of the month before, and a deposit."""
        if before is not None:
            self.charging.month(self.account.user_id, day.replace(day=1) - timedelta(days=1))
        amount = self.scenario.first_minor if before is None else self.scenario.monthly_minor
        if amount:
            self._pending.append(self.account.pay_in(amount))
            self._moved(amount)
        if self.scenario.quarterly_out_minor and before is not None and day.month in QUARTERS:
            self._leaving.append(self.account.ids.new(Kind.PAYOUT))

    def _moved(self, minor: int) -> None:
        self._paid_today += minor
        self.auditor.paid_in += minor

    def _pay_out(self, payout_id: str, day: date) -> None:
        """What cash does not cover is sold for first, and leaves when that has settled. Where a
        fee took of it meanwhile, the next plan sells for what is lacking."""
        amount, wallet = self.scenario.quarterly_out_minor, self.account.wallet
        if wallet.settled(day) >= amount:
            self.account.pay_out(payout_id, amount)
            self._moved(-amount)
            self._leaving.remove(payout_id)
            self.result.paid_out[day] = self.result.paid_out.get(day, 0) + amount
        elif not wallet.unsettled(day):
            cause_id = self.account.ids.new(Kind.PAYOUT)
            self.account.plan(Ask(Cause.WITHDRAWAL, cause_id, amount_minor=amount))

    def _fee_that_waits(self) -> None:
        newest = self.charging.fees.newest(self.account.user_id)
        if newest is not None and newest.status is ChargeStatus.DUE:
            self.charging.checked(self.account.user_id, newest.charge_id, 0)

    def _followed(self, plan: Plan | None) -> Plan | None:
        if plan is not None and plan.cause is Cause.REBALANCE:
            self.follower.look(self.account.user_id, plan.plan_id)
        return plan

    # The sweep tells whose portfolio is to be planned, and whose run goes on.
    def rebalance(self, user_id: str, goal_id: str, run_id: str) -> None:
        """See Told."""
        self._followed(self.account.plan(Ask(Cause.REBALANCE, run_id, goal_id=goal_id)))

    def go_on(self, user_id: str, goal_id: str) -> None:
        """See Told."""
        self.follower.go_on(user_id, goal_id)

    def segment(self, day: date, number: int) -> None:
        """See Told. One page has everybody."""

    def unreadable(self, user_id: str) -> None:
        """See Told."""
        raise ValueError(f"{user_id} cannot be read")

    def counted(self, name: str, count: int, **dimensions: str) -> None:
        """See Told."""

    def ask(self, *asked: object) -> None:
        """See Continuations and Selling: a run's second plan, or cash for a fee."""
        match asked:
            case (Run() as run,):
                again = ask_from(continuation(run))
                self._followed(self.account.plan(again))
            case (str(), str(cause_id), int(minor)):
                self.account.plan(Ask(Cause.FEE, cause_id, amount_minor=minor))
            case _:
                raise TypeError("neither a run nor a fee")

    def _finished(self) -> Result:
        runs: list[Run] = []
        after: str | None = None
        while True:
            page = self.runs.of_person(self.account.user_id, 100, after)
            runs += page.runs
            after = page.after
            if after is None:
                break
        return replace(
            self.result,
            plans=self.account.plans,
            runs=list(reversed(runs)),
            breaker=self.market.changes,
            stopped=self.market.stopped,
            levels=self.market.levels,
            fees_minor=self.fees.paid,
            costs_minor=round(self.account.broker.costs),
            traded_minor=round(self.account.broker.traded),
            audits=self.auditor.audits,
            entries=self.auditor.seq,
        )


def _terms_from(first: date) -> TermsTable:
    """The newest terms, from the first day on."""
    newest = published().versions[-1]
    return TermsTable((replace(newest, valid_from=first.replace(day=1)),))
