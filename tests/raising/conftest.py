"""A person who holds shares and little cash, and all that raises cash for a withdrawal."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.investing.canceling import Canceler
from shared.investing.inputs import Cause
from shared.investing.model import OrderStatus, Side
from shared.investing.plan import plan_id
from shared.investing.reading import ask_from
from shared.investing.service import Planned, Waiting
from shared.investing.situations import WithdrawalRows
from shared.kernel.clock import FixedClock
from shared.kernel.events import Event
from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency, Money
from shared.ledger.goal_cash import settled_cash
from shared.management_fees.closing_prices import StoredCloses
from shared.management_fees.last import LastCharges
from shared.management_fees.store import FeeStore
from shared.management_fees.terms import published
from shared.market_data.calendar import next_session
from shared.payments.readings import StoredPeople
from shared.payments.store import DepositStore
from shared.payouts.closing import Closing
from shared.payouts.holding import tag_for
from shared.payouts.making import new_withdrawal
from shared.payouts.model import Payout, PayoutStatus, Rail
from shared.payouts.raising import Raising, plans_of
from shared.payouts.requests import PayoutRequests
from shared.payouts.settled_days import SettledDays
from shared.payouts.store import PayoutStore
from shared.payouts.wanted import still_wanted, wanted_from, wanted_key
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.tables import as_changes
from shared.platform.work import Write
from shared.strategies.goal_store import SavingStore
from shared.withdrawals.parts import Divided
from shared.withdrawals.store import PayoutAccountStore
from tests.investing.conftest import PRICES, Counting, end_of, fill_of
from tests.investing.conftest import World as Investing

MONDAY_NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)


class Crash(RuntimeError):
    """The process died."""


@dataclass
class Script:
    """A unit of work that dies before or after a commit when the script says so; what can be
    called in it is somebody else who is faster."""

    inner: Facts
    script: list[str | Callable[[], None]] = field(default_factory=list)
    published: list[Event] = field(default_factory=list)

    def commit(self, writes: list[Write], *events: Event) -> None:
        step = self.script.pop(0) if self.script else "ok"
        if step == "before":
            raise Crash("crashed")
        if callable(step):
            step()
        self.inner.commit(writes, *events)
        self.published += events
        if step == "after":
            raise Crash("crashed")


class World:
    """Sales are asked for in a list, as a queue would keep them."""

    def __init__(self) -> None:
        clock, database = FixedClock(MONDAY_NOON), MemoryDatabase()
        self.clock, self.ids = clock, SequentialIds("t1", clock)
        inner = Facts(database, clock, self.ids)
        self.base = Investing(Counting(database), inner, clock, self.ids)
        self.database, self.ledger = self.base.database, self.base.ledger
        self.facts = Script(inner)
        self.payouts = PayoutStore(self.database)
        self.asked: list[dict[str, str]] = []
        self.crash_in_asking = False
        self.canceler = Canceler(self.base.plans, self.facts, clock, lambda _: None)
        self.requests = PayoutRequests(
            self.payouts,
            self.ledger,
            DepositStore(self.database),
            self.facts,
            clock,
            lambda _: None,
        )
        self.collected: list[str] = []
        self.fees = LastCharges(
            fees=FeeStore(self.database),
            terms=published(),
            closes=StoredCloses(self.database, clock),
            today=SettledDays(self.database, clock),
            clock=clock,
            collecting=lambda _, charge_id: self.collected.append(charge_id),
        )
        self.raising = Raising(
            payouts=self.payouts,
            plans=self.base.plans,
            ledger=self.ledger,
            people=StoredPeople(self.database),
            facts=self.facts,
            sales=self,
            goals=SavingStore(self.database),
            closing=Closing(
                payouts=self.payouts,
                ledger=self.ledger,
                fees=self.fees,
                divisions=Divided(PayoutAccountStore(self.database), clock),
                facts=self.facts,
                clock=clock,
            ),
            settled_on=SettledDays(self.database, clock),
            clock=clock,
            pause=lambda _: None,
        )
        self.planner = self.base.planner()
        rows = WithdrawalRows(wanted_key, wanted_from, still_wanted)
        self.planner._situations._withdrawals = rows
        self.planner._facts = self.facts
        self.user_id, self.bought = self.base.invested(1_000_000)
        self.fill(self.bought)
        self.next_day()
        self.next_day()

    def plan(self, payout: Payout, after: str) -> None:
        """See Sales."""
        if self.crash_in_asking:
            self.crash_in_asking = False
            raise Crash("crashed")
        subject = {
            "user_id": payout.user_id,
            "cause": Cause.WITHDRAWAL.value,
            "cause_id": payout.payout_id,
        }
        self.asked.append(subject | ({"after": after} if after else {}))

    def stop(self, user_id: str, order_id: str) -> None:
        """See Sales."""
        self.canceler.request(user_id, order_id)

    def ask(self, minor: int, *, lacks: int | None = None, **more: Any) -> Payout:
        """A withdrawal to a bank, of which settled cash covers what it covers."""
        tag = tag_for(self.user_id, more.get("goal_id", ""))
        settled = settled_cash(self.wallet, tag, self.clock.now().date())
        lacking = max(minor - settled, 0) if lacks is None else lacks
        status = PayoutStatus.RAISING if lacking else PayoutStatus.READY
        payout = new_withdrawal(
            user_id=self.user_id,
            payout_id=self.ids.new(Kind.PAYOUT),
            rail=Rail.STRIPE_PAYOUT,
            debited=Money(minor, Currency.USD),
            amount=Money(minor, Currency.USD),
            quote=None,
            account_id="pac_1",
            shown_as="**** 4242",
            at=self.clock.now(),
            lacks_minor=lacking,
            **({"status": status} | more),
        )
        writes, event = self.requests.writes(payout, self.wallet)
        self.facts.inner.commit(writes, event)
        return payout

    def look(self, payout: Payout) -> Payout:
        found = self.raising.look(self.user_id, payout.payout_id)
        assert found is not None
        return found

    def now(self, payout: Payout) -> Payout:
        found = self.payouts.get(self.user_id, payout.payout_id)
        assert found is not None
        return found

    def deliver(self) -> list[Planned | Waiting]:
        """All messages that ask for plans."""
        asked, self.asked = self.asked, []
        return [self.planner.plan(one["user_id"], ask_from(one)) for one in asked]

    def plan_of(self, payout: Payout) -> str:
        return plans_of(self.now(payout))[-1]

    def orders(self, plan: str) -> dict[str, Any]:
        if self.base.plans.plan(self.user_id, plan) is None:
            return {}
        return dict(self.base.orders(self.user_id, plan))

    def fill(self, plan: str, *, worse_bp: int = 0, only: set[str] | None = None) -> None:
        """The broker fills what is open at the known prices, or worse."""
        for symbol, order in self.orders(plan).items():
            if order.final or (only is not None and symbol not in only):
                continue
            price = Decimal(PRICES[symbol]) * (10_000 - worse_bp) / 10_000
            shares = Decimal(order.nanos) / 10**9
            if order.side is Side.BUY and not order.nanos:
                shares = (Decimal(order.notional_minor) / 100 / price).quantize(Decimal("1e-9"))
                shares -= Decimal("1e-9")
            event = fill_of(
                order,
                f"x{order.order_id}",
                str(shares),
                str(price),
                self.clock.now(),
                total=str(shares),
            )
            self.base.booker.apply(replace(event, side=order.side))

    def end(self, plan: str, status: OrderStatus = OrderStatus.REJECTED) -> None:
        """Whatever is open ends without a fill."""
        for order in self.orders(plan).values():
            if not order.final:
                event = end_of(order, status, self.clock.now())
                self.base.booker.apply(replace(event, side=order.side))

    def next_day(self, **prices: str) -> None:
        """Noon of the next session."""
        day = next_session(self.clock.now().date()).day
        noon = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
        self.clock.advance(noon - self.clock.now())
        self.base.open_market(**prices)

    def later(self, **span: float) -> None:
        self.clock.advance(timedelta(**span))

    def commit(self, *writes: Write) -> None:
        self.database.transact(as_changes(writes))

    @property
    def wallet(self) -> Any:
        return self.base.wallet(self.user_id)


@pytest.fixture
def world() -> World:
    """A fresh one, in memory."""
    return World()


@pytest.fixture(scope="session")
def make_world() -> Callable[[], World]:
    """For properties, which need a fresh world per example."""
    return World


@pytest.fixture
def first_plan() -> Callable[[Payout], str]:
    return lambda payout: plan_id(payout.payout_id)
