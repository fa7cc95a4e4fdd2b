"""A broker, gateways and rates that behave like real ones, and a unit of work that dies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from shared.kernel.events import Event
from shared.kernel.money import Currency, Money
from shared.payments.errors import GatewayUnavailable
from shared.payments.ports import JournalRefused, JournalState, Standing
from shared.payouts.model import Payout
from shared.payouts.ports import (
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
from shared.platform.outbox import Facts
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
