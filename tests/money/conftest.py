"""One person, and everything that moves their money, over one database: deposits and their funding,
investing, withdrawals, refunds, disputes, debts; gateways and a broker that behave like real ones.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.sweep_pending.routes import route_of
from shared.disputes.claims import Claims
from shared.disputes.receivables import Collecting
from shared.disputes.recording import Recording
from shared.disputes.service import Disputing
from shared.disputes.store import DisputeStore
from shared.kernel.events import Envelope
from shared.kernel.money import Currency, Money
from shared.ledger import accounts
from shared.ledger.model import Draft, EntryKind, Posting
from shared.payments.methods import Gateway
from shared.payouts.after_all import AfterAll
from shared.payouts.deciding import Deciding
from shared.payouts.model import KEEPS_KEYS, Payout, Purpose, Rail
from shared.payouts.outcomes import Outcomes
from shared.payouts.ports import SendResult
from shared.payouts.recalling import Recalling
from shared.payouts.requests import PayoutRequests
from shared.payouts.requoting import Requoting
from shared.payouts.sending import Sending
from shared.payouts.store import PayoutStore
from shared.platform.idempotency import IdempotencyKeys
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import SHARDS, OutboxRow
from shared.platform.queues import CheckMessage, Checks, MemoryQueue
from shared.platform.sweep import sweep
from shared.platform.tables import Database, Table, as_changes
from shared.platform.work import Write
from shared.refunds.service import Refunds
from shared.refunds.store import RefundStore
from tests.disputes.twins import Desk
from tests.payments.twins import FakeBroker as Journals
from tests.payments.world import World
from tests.payouts.twins import CONSENT, TOLERANCE, FakeBroker, FakeRail, FakeRates

USD = "USD/2"
FREED = (
    "payments.deposit_funded.v1",
    "payouts.payout_released.v1",
    "payouts.payout_paid.v1",
)
QUEUES = ("payment-signals", "funding", "planning", "recalls", "payouts", "disputes")


@dataclass
class OneBroker(FakeBroker):
    """The same cash for journals both ways, and for orders."""

    inward: Journals = field(default_factory=Journals)
    seen: int = 0

    def sync(self) -> int:
        """The person's cash there, with what came since it was looked at."""
        self.cash += self.inward.moved - self.seen
        self.seen = self.inward.moved
        return self.cash

    def _end(self, key: str, state: Any) -> None:
        self.sync()
        super()._end(key, state)


@dataclass
class Rails(FakeRail):
    """A gateway that remembers whose orders it was given."""

    made: dict[str, str] = field(default_factory=dict)
    """Payout by the reference of its order."""
    amounts: dict[str, Any] = field(default_factory=dict)

    def send(self, payout: Payout, destination: Any) -> SendResult:
        known = set(self.orders)
        try:
            return super().send(payout, destination)
        finally:
            for reference in self.orders.keys() - known:
                self.made[reference] = payout.payout_id
                self.amounts[reference] = payout.amount


class Everything(World):
    """The parts of all contexts; ``deliver`` gives a message to whom it is for, as handlers do."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.payouts, self.disputes = PayoutStore(database), DisputeStore(database)
        self.desk, self.index = Desk(), RefundStore(database)
        self.books_queue = {name: MemoryQueue() for name in QUEUES}
        self.queue, self.funding_queue = (
            self.books_queue["payment-signals"],
            self.books_queue["funding"],
        )
        self.fresh = FakeRates()
        self.rails = {rail: Rails(rail in KEEPS_KEYS) for rail in Rail}
        self.recalls = OneBroker(inward=self.broker)
        self.reserved: list[int] = []
        self.shares = 0
        self._delivered: set[str] = set()
        self._wire()

    def _wire(self) -> None:
        def quick(_: int) -> None:
            """No pause."""

        for use_case, queue in (
            (self.service, self.queue),
            (self.settlement, self.queue),
            (self.funding, self.funding_queue),
        ):
            object.__setattr__(use_case, "checks", Checks(queue))
        parts = (self.payouts, self.deposits, self.ledger, self.cases, self.facts)
        self.requests = PayoutRequests(
            self.payouts, self.ledger, self.deposits, self.facts, self.clock, quick
        )
        self.recalling = Recalling(
            payouts=self.payouts,
            ledger=self.ledger,
            cases=self.cases,
            facts=self.facts,
            broker=self.recalls,
            people=self.recalls,
            checks=Checks(self.books_queue["recalls"]),
            clock=self.clock,
            pause=quick,
        )
        outcomes = Outcomes(*parts, names=self, clock=self.clock)
        self.sending = Sending(
            payouts=self.payouts,
            outcomes=outcomes,
            deciding=Deciding(self.payouts, self.deposits, outcomes, quick),
            after_all=AfterAll(*parts, clock=self.clock),
            rails=self.rails,
            destinations=self,
            requoting=Requoting(self.fresh, outcomes, self.clock, TOLERANCE, CONSENT),
            checks=Checks(self.books_queue["payouts"]),
            clock=self.clock,
            pause=quick,
        )
        claims = Claims(self.payouts, self.ids)
        recording = Recording(
            disputes=self.disputes,
            deposits=self.deposits,
            ledger=self.ledger,
            cases=self.cases,
            facts=self.facts,
            clock=self.clock,
            claims=claims,
            refunds=self.index,
            pause=quick,
        )
        desks = {Gateway.STRIPE: self.desk}
        self.disputing = Disputing(recording, desks, Checks(self.books_queue["disputes"]))
        self.collecting = Collecting(
            self.disputes, self.ledger, self.facts, self.clock, claims, quick
        )
        self.refunds = Refunds(
            deposits=self.deposits,
            refunds=self.index,
            payouts=self.payouts,
            requests=self.requests,
            ledger=self.ledger,
            keys=IdempotencyKeys(self.database),
            facts=self.facts,
            clock=self.clock,
            ids=self.ids,
            pause=quick,
        )

    def name_of(self, user_id: str) -> str | None:
        """See Names."""
        return None

    def details(self, user_id: str, account_id: str) -> dict[str, str]:
        """See Destinations."""
        return {"phone": "254712345678"}

    def commit(self, *writes: Write) -> None:
        """As another context does it, whose own tests are elsewhere."""
        self.database.transact(as_changes(writes))

    def events_told(self) -> list[Envelope]:
        """All that ever left, also what writes tell by themselves."""
        return [
            Envelope.model_validate_json(row.envelope)
            for shard in range(SHARDS)
            for row in self.database.query(Table.OUTBOX, f"OUTBOX#{shard}", "0", "~").rows(
                OutboxRow
            )
        ]

    def undelivered(self) -> list[Envelope]:
        """Events that nobody has handled so far, the oldest first."""
        told = [one for one in self.events_told() if one.id not in self._delivered]
        return sorted(told, key=lambda one: one.id)

    def deliver(self, event: Envelope) -> None:
        """To all its consumers; delivered once none of them fails."""
        data, kind = event.data, event.type
        if kind == "payments.deposit_settled.v1":
            self.funding.settled(data["user_id"], data["deposit_id"])
        elif kind == "payments.surplus_received.v1":
            amount = Money(data["amount_minor"], Currency(data["currency"]))
            gateway, payment = Gateway(data["gateway"]), data["payment"]
            self.sending.surplus(data["user_id"], data["deposit_id"], gateway, payment, amount)
        elif kind == "payouts.payout_requested.v1":
            self.recalling.requested(data["user_id"], data["payout_id"])
            self.sending.requested(data["user_id"], data["payout_id"])
        elif kind == "payouts.payout_stopped.v1":
            self.recalling.requested(data["user_id"], data["payout_id"])
        elif kind == "payouts.cash_recalled.v1":
            self.sending.requested(data["user_id"], data["payout_id"])
        elif kind in FREED:
            if data.get("purpose") == Purpose.REFUND:
                self.disputing.refund_ended(data["user_id"], data["deposit_id"])
            self.collecting.freed(data["user_id"], event.id)
        self._delivered.add(event.id)

    def answer(self, message: CheckMessage) -> None:
        """One delayed check, or one of the sweep's."""
        of, attempt = message.subject, message.attempt
        match message.check:
            case "payment":
                self.settlement.checked(of["user_id"], of["deposit_id"], attempt)
            case "funding":
                self.funding.checked(of["user_id"], of["deposit_id"], attempt)
            case "recall":
                self.recalling.checked(of["user_id"], of["payout_id"], attempt)
            case "payout":
                self.sending.checked(of["user_id"], of["payout_id"], attempt)
            case "dispute":
                self.disputing.checked(of["user_id"], of["deposit_id"], of["dispute_id"])

    def sweep(self) -> None:
        """What is overdue gets a check."""
        sweep(self.database, self.clock, self.books_queue, route_of)

    def checks_waiting(self) -> list[CheckMessage]:
        """All of them, off the queues."""
        found: list[CheckMessage] = []
        for queue in self.books_queue.values():
            found += [one for one, _ in queue.sent if isinstance(one, CheckMessage)]
            queue.sent.clear()
        return list({(one.check, *sorted(one.subject.items())): one for one in found}.values())

    def trade(self, kind: EntryKind, minor: int, reserved: int = 0) -> None:
        """Cash becomes shares (positive) or shares become cash, as a fill does."""
        legs = (
            Posting(accounts.customer_cash(self.user_id), USD, minor),
            Posting(accounts.customers_cash_at_broker(), USD, -minor),
        )
        draft = Draft(kind, "order", self.clock.now(), legs)
        orders = -1 if reserved else 0
        self.commit(
            *self.ledger.post(self.wallet(), draft, posted=-minor, held=-reserved, orders=orders)
        )
        self.recalls.sync()
        self.recalls.cash -= minor
        self.shares += minor


@pytest.fixture(scope="session")
def make_everything() -> Callable[[], Everything]:
    """For properties, which need a fresh world per example."""
    return lambda: Everything(MemoryDatabase())
