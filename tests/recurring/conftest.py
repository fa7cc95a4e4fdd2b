"""Standing orders over the small world of deposits: real deposits, a clock that is moved."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.kernel.events import Envelope
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway, Method
from shared.payments.model import Deposit
from shared.payments.ports import Failed, NotSent, NoWord, Outcome, Paid, Refused, Started, Waiting
from shared.payments.reasons import Reason
from shared.payments.routing import Routing
from shared.payments.service import DepositService
from shared.platform.idempotency import IdempotencyKeys
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import OutboxRow
from shared.platform.personal import MemoryPersonalData
from shared.platform.queues import CheckMessage, Checks, MemoryQueue
from shared.platform.sweep import sweep
from shared.recurring.charging import Charging
from shared.recurring.dates import Frequency, Rule
from shared.recurring.model import Occurrence, Schedule
from shared.recurring.providers.deposits import DepositCharges
from shared.recurring.providers.sealing import SealedInstruments
from shared.recurring.service import RecurringService, Wish
from shared.recurring.store import ScheduleStore
from shared.strategies.goal_store import SavingStore
from shared.users.store import UserStore
from tests.payments.twins import Crash, FakeGateway
from tests.payments.world import World

PHONE = "0712 345 678"
SATURDAY = datetime(2026, 1, 31, 5, 0, tzinfo=UTC)
"""Eight o'clock in the morning in Nairobi, on the last day of a month."""
MONTHLY = Rule(Frequency.MONTHLY, 31)


@dataclass
class Kept:
    customer: str = "cus_1"
    payment_method: str = "pm_1"
    last4: str = "4242"


@dataclass
class Keeper:
    """Stripe's side of a kept card: one charge per deposit, whatever is repeated."""

    gateway: FakeGateway
    cards: dict[str, Kept] = field(default_factory=dict)
    script: list[str] = field(default_factory=list)
    outcome: Outcome = field(default_factory=Waiting)
    charged: list[str] = field(default_factory=list)

    def saved_method(self, reference: str) -> Kept | None:
        return self.cards.get(reference)

    def charge_saved(
        self, deposit: Deposit, customer: str, payment_method: str
    ) -> Started | Refused | NoWord | NotSent:
        step = self.script.pop(0) if self.script else "ok"
        if step == "refused":
            return Refused(Reason.DECLINED)
        if step == "not_sent":
            return NotSent()
        if step == "crash_before":
            raise Crash("crashed")
        reference = f"pi_{deposit.deposit_id}"
        if reference not in self.gateway.attempts:
            self.charged.append(f"{customer} {payment_method} {deposit.amount}")
            self.gateway.attempts[reference] = self.outcome
            self.gateway.owners[reference] = deposit.deposit_id
        if step == "no_word":
            return NoWord()
        if step == "crash_after":
            raise Crash("crashed")
        return Started(reference)


class Orders:
    """A person's standing orders, and the worker that collects them."""

    def __init__(self, now: datetime = SATURDAY) -> None:
        self.world = World(MemoryDatabase(), now=now)
        self.clock, self.user_id = self.world.clock, self.world.user_id
        self.personal = MemoryPersonalData()
        sealed = self.personal.seal({"given_names": "Amina"}, subject=self.user_id)
        self.sealed = {"wrapped_key": sealed.wrapped_key, "personal": sealed.ciphertext}
        self.world.person(**self.sealed)
        self.keeper = Keeper(self.world.gateways[Gateway.STRIPE])
        self.push = self.world.gateways[Gateway.MPESA]
        self.store = ScheduleStore(self.world.database)
        self.queue = MemoryQueue()
        instruments = SealedInstruments(
            UserStore(self.world.database), personal=lambda: self.personal
        )
        keys = IdempotencyKeys(self.world.database)
        self.service = RecurringService(
            goals=SavingStore(self.world.database),
            schedules=self.store,
            deposits=self.world.deposits,
            keys=keys,
            facts=self.world.facts,
            people=self.world.service.people,
            instruments=instruments,
            cards=lambda: self.keeper,
            clock=self.clock,
            ids=self.world.ids,
            pause=lambda _: None,
        )
        alone = {name: self.world.gateways[name] for name in (Gateway.STRIPE, Gateway.MPESA)}
        was = self.world.service
        deposits = DepositService(
            deposits=was.deposits,
            keys=keys,
            facts=was.facts,
            routing=Routing(alone, self.world.circuits, sleep=lambda _: None),
            people=was.people,
            goals=was.goals,
            rates=was.rates,
            breakers=was.breakers,
            checks=was.checks,
            clock=was.clock,
            ids=was.ids,
        )
        self.charging = Charging(
            schedules=self.store,
            charges=DepositCharges(
                deposits, self.world.deposits, keys, instruments, lambda: self.keeper
            ),
            facts=self.world.facts,
            checks=Checks(self.queue),
            clock=self.clock,
            pause=lambda _: None,
        )

    def wish(self, amount: str = "5000", rule: Rule = MONTHLY, **changes: object) -> Wish:
        facts: dict[str, object] = {
            "rule": rule,
            "amount": Money.parse(amount, Currency.KES),
            "method": Method.MPESA,
            "phone": PHONE,
            "starts_on": date(2026, 1, 31),
        }
        return Wish(**(facts | changes))

    def order(self, key: str = "k-1", **changes: object) -> Schedule:
        return self.service.create(self.user_id, key=key, wish=self.wish(**changes))

    def card_order(self, key: str = "k-1", **changes: object) -> Schedule:
        """With a card that was kept with a deposit that settled."""
        deposit = self.world.card(key="first")
        self.world.gateways[Gateway.STRIPE].set(deposit, Paid("pi_0", deposit.amount))
        self.world.signal(deposit)
        self.keeper.cards[self.world.now(deposit).reference or ""] = Kept()
        card: dict[str, object] = {
            "method": Method.CARD,
            "phone": None,
            "card_of": deposit.deposit_id,
            "amount": Money.parse("50.00", Currency.USD),
        }
        wish = Wish(**({"rule": MONTHLY, "starts_on": date(2026, 1, 31)} | card | changes))
        return self.service.create(self.user_id, key=key, wish=wish)

    def at(self, day: date, hour: float) -> None:
        """The clock is moved to this local time in Nairobi."""
        then = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour - 3)
        self.clock.advance(then - self.clock.now())
        # Rates are read every minute.
        self.world.rate()

    def swept(self) -> list[CheckMessage]:
        """What the sweep finds now and leaves on our queue."""
        found = MemoryQueue()
        others = MemoryQueue()
        queues = dict.fromkeys(("payment-signals", "funding", "planning"), others)
        from functions.sweep_pending.routes import route_of

        sweep(self.world.database, self.clock, queues | {"recurring": found}, route_of)
        return [message for message, _ in found.sent if isinstance(message, CheckMessage)]

    def deliver(self, message: CheckMessage) -> None:
        subject = message.subject
        where = subject["user_id"], subject["schedule_id"], date.fromisoformat(subject["on"])
        if message.check == "schedule":
            self.charging.due(*where)
        else:
            self.charging.checked(*where, message.attempt)

    def run(self) -> None:
        """The sweep once, and all that follows from it within the minute."""
        for message in self.swept():
            self.deliver(message)

    def checks(self) -> None:
        """The delayed checks that are on the queue."""
        sent, self.queue.sent[:] = list(self.queue.sent), []
        for message, _ in sent:
            assert isinstance(message, CheckMessage)
            self.deliver(message)

    def occurrence(self, schedule: Schedule, on: date) -> Occurrence | None:
        return self.store.occurrence(self.user_id, schedule.schedule_id, on)[1]

    def now(self, schedule: Schedule) -> Schedule:
        return self.service.order(self.user_id, schedule.schedule_id)

    def made(self) -> list[Deposit]:
        return list(self.world.service.page(self.user_id, limit=50).deposits)

    def ends(self, deposit: Deposit, outcome: Outcome) -> None:
        """The gateway's word comes and is looked at."""
        self.world.gateways[deposit.gateway].set(deposit, outcome)
        self.world.signal(deposit)

    def pays(self, deposit: Deposit) -> None:
        self.ends(deposit, Paid(f"paid-{deposit.deposit_id}", deposit.amount))

    def fails(self, deposit: Deposit, reason: Reason = Reason.INSUFFICIENT_FUNDS) -> None:
        self.ends(deposit, Failed(reason))

    def told(self, prefix: str = "recurring.") -> list[dict[str, object]]:
        """Events of ours that left, with their names."""
        database = self.world.database
        assert isinstance(database, MemoryDatabase)
        rows = [
            OutboxRow.from_raw_data(dict(item))
            for key, item in database._items.items()
            if key.pk.startswith("OUTBOX#")
        ]
        envelopes = [Envelope.model_validate_json(row.envelope) for row in rows]
        ours = [one for one in envelopes if one.type.startswith(prefix)]
        return [{"type": one.type, **one.data} for one in sorted(ours, key=lambda one: one.id)]


@pytest.fixture
def orders() -> Orders:
    return Orders()


@pytest.fixture
def orders_at() -> Callable[[datetime], Orders]:
    return Orders
