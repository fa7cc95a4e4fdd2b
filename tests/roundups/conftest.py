"""Round-ups over the small world of deposits: real deposits, a clock that is moved."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from functions.sweep_pending.routes import route_of
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway, Method
from shared.payments.model import Deposit
from shared.payments.ports import Failed, Paid
from shared.payments.reasons import Reason
from shared.platform.idempotency import IdempotencyKeys
from shared.platform.queues import CheckMessage, Checks, MemoryQueue
from shared.platform.sweep import sweep
from shared.roundups.collecting import Collecting
from shared.roundups.model import RoundUps, Transfer
from shared.roundups.providers.deposits import DepositCharges
from shared.roundups.purchases import Purchases, Recorded, Reported
from shared.roundups.service import RoundUpsService, Wish
from shared.roundups.store import PoolStore
from shared.strategies.goal_store import SavingStore
from shared.strategies.goals import Goal
from tests.recurring.conftest import Kept, Orders

PHONE = "0712 345 678"
SATURDAY = datetime(2026, 1, 31, 5, 0, tzinfo=UTC)
"""Eight o'clock in the morning in Nairobi."""


class Coins:
    """A person's round-ups, and the worker that collects them."""

    def __init__(self, now: datetime = SATURDAY, orders: Orders | None = None) -> None:
        self.orders = orders or Orders(now)
        self.world, self.clock = self.orders.world, self.orders.clock
        self.user_id, self.keeper, self.push = (
            self.orders.user_id,
            self.orders.keeper,
            self.orders.push,
        )
        self.store, self.queue = PoolStore(self.world.database), MemoryQueue()
        theirs = self.orders.charging.charges
        self.keys = IdempotencyKeys(self.world.database)
        self.service = RoundUpsService(
            pools=self.store,
            deposits=self.world.deposits,
            goals=SavingStore(self.world.database),
            keys=self.keys,
            facts=self.world.facts,
            people=self.world.service.people,
            instruments=self.orders.service.instruments,
            cards=lambda: self.keeper,
            clock=self.clock,
            ids=self.world.ids,
            pause=lambda _: None,
        )
        self.purchases = Purchases(
            self.store, self.keys, self.world.facts, self.clock, pause=lambda _: None
        )
        self.collecting = Collecting(
            pools=self.store,
            charges=DepositCharges(
                theirs.service,  # the service of an unattended charge
                self.world.deposits,
                self.keys,
                self.orders.service.instruments,
                lambda: self.keeper,
            ),
            facts=self.world.facts,
            checks=Checks(self.queue),
            clock=self.clock,
            pause=lambda _: None,
        )
        self._card: Deposit | None = None
        self._count = 0

    def card(self) -> Deposit:
        """A deposit that settled, with which a card was kept."""
        if self._card is None:
            deposit = self.world.card(key="first")
            self.world.gateways[Gateway.STRIPE].set(deposit, Paid("pi_0", deposit.amount))
            self.world.signal(deposit)
            self.keeper.cards[self.world.now(deposit).reference or ""] = Kept()
            self._card = deposit
        return self._card

    def wish(self, **changes: object) -> Wish:
        facts: dict[str, object] = {"currency": Currency.USD, "method": Method.CARD}
        if "method" not in changes:
            facts["card_of"] = self.card().deposit_id
        return Wish(**(facts | changes))

    def goal(self, name: str, *, archived: bool = False) -> str:
        """The identifier of a new goal of this person's."""
        goal = Goal(self.user_id, self.world.ids.new(Kind.GOAL), sealed=name.encode(), version=1)
        self.world.facts.commit([SavingStore(self.world.database).save(None, goal)])
        if archived:
            self.archive(goal.goal_id)
        return goal.goal_id

    def archive(self, goal_id: str) -> None:
        """The goal is given up."""
        saving = SavingStore(self.world.database)
        goal = saving.get(self.user_id, goal_id)
        assert goal is not None
        self.world.facts.commit([saving.save(goal, goal.archived())])

    def start(self, key: str = "start", **changes: object) -> RoundUps:
        return self.service.start(self.user_id, key=key, wish=self.wish(**changes))

    def start_phone(self, key: str = "start", **changes: object) -> RoundUps:
        phone: dict[str, object] = {"method": Method.MPESA, "currency": Currency.KES}
        return self.start(key, **(phone | {"phone": PHONE} | changes))

    def buys(self, *amounts: str, key: str | None = None) -> Recorded:
        """New purchases of these amounts, a minute ago."""
        self._count += 1
        told = [self.bought(amount, f"p-{self._count}-{i}") for i, amount in enumerate(amounts)]
        return self.reports(*told, key=key)

    def bought(self, amount: str, purchase_id: str, currency: Currency | None = None) -> Reported:
        return Reported(purchase_id, amount, self.clock.now() - timedelta(minutes=1), currency)

    def reports(self, *reported: Reported, key: str | None = None) -> Recorded:
        self._count += 1
        named = key or f"report-{self._count}"
        return self.purchases.record(self.user_id, key=named, reported=reported)

    def refunds(self, purchase_id: str, key: str | None = None) -> Recorded:
        named = key or f"refund-{purchase_id}"
        return self.purchases.refund(self.user_id, key=named, purchase_id=purchase_id)

    def at(self, day: date, hour: float) -> None:
        """The clock is moved to this local time in Nairobi."""
        self.orders.at(day, hour)

    def tomorrow(self, hour: float = 9) -> None:
        self.at((self.clock.now() + timedelta(hours=3, days=1)).date(), hour)

    def swept(self) -> list[CheckMessage]:
        """What the sweep finds now and leaves on our queue."""
        found = MemoryQueue()
        others = MemoryQueue()
        queues = dict.fromkeys(("payment-signals", "funding", "planning"), others)
        sweep(self.world.database, self.clock, queues | {"recurring": found}, route_of)
        sent = [message for message, _ in found.sent if isinstance(message, CheckMessage)]
        return [message for message in sent if message.check == "round_ups"]

    def deliver(self, message: CheckMessage) -> None:
        self.collecting.checked(message.subject["user_id"], message.attempt)

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

    def now(self) -> RoundUps:
        found = self.store.get(self.user_id)
        assert found is not None
        return found

    def transfer(self, number: int = 1) -> Transfer:
        found = self.store.transfer(self.user_id, number)
        assert found is not None
        return found

    def transfers(self) -> tuple[Transfer, ...]:
        return self.store.transfers(self.user_id, limit=100).transfers

    def made(self) -> list[Deposit]:
        """Deposits of transfers, newest first."""
        first = None if self._card is None else self._card.deposit_id
        return [one for one in self.orders.made() if one.deposit_id != first]

    def pays(self, deposit: Deposit) -> None:
        self.orders.pays(deposit)

    def fails(self, deposit: Deposit, reason: Reason = Reason.INSUFFICIENT_FUNDS) -> None:
        self.orders.ends(deposit, Failed(reason))

    def told(self) -> list[dict[str, object]]:
        return self.orders.told("roundups.")


def dollars(amount: str) -> Money:
    return Money.parse(amount, Currency.USD)


@pytest.fixture
def coins() -> Coins:
    return Coins()


@pytest.fixture
def coins_at() -> Callable[[datetime], Coins]:
    return Coins
