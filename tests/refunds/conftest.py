"""A person with deposits in any state, and refunds of them as the payouts would end them."""

from collections.abc import Callable

import pytest

from shared.kernel.money import Money
from shared.payments.model import Deposit
from shared.payments.reversals import refund_given_up, refund_paid
from shared.payouts import bookings
from shared.payouts.model import Payout, PayoutStatus
from shared.payouts.requests import PayoutRequests
from shared.payouts.store import PayoutStore
from shared.platform.idempotency import IdempotencyKeys
from shared.platform.memory import MemoryDatabase
from shared.platform.tables import Database
from shared.refunds.service import Refunds
from shared.refunds.store import RefundStore
from tests.disputes.world import World

P = PayoutStatus


class Till(World):
    """With refunds."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.payouts, self.index = PayoutStore(database), RefundStore(database)
        self.refunds = Refunds(
            deposits=self.deposits,
            refunds=self.index,
            payouts=self.payouts,
            requests=PayoutRequests(
                payouts=self.payouts,
                ledger=self.ledger,
                deposits=self.deposits,
                facts=self.facts,
                clock=self.clock,
            ),
            ledger=self.ledger,
            keys=IdempotencyKeys(database),
            facts=self.facts,
            clock=self.clock,
            ids=self.ids,
            pause=lambda _: None,
        )
        self.wishes = 0

    def ask(self, deposit: Deposit, amount: Money | None = None, key: str | None = None) -> Payout:
        """What the person wants, under a new key."""
        self.wishes += 1
        wanted = key or f"wish-{self.wishes}"
        return self.refunds.request(self.user_id, wanted, deposit.deposit_id, amount)

    def started(self) -> list[str]:
        """The payouts that were told of."""
        told = [one.detail_type() for one in self.facts.published]
        return [each for each in told if each.startswith("payouts.")]

    def refunds_of(self, deposit: Deposit) -> list[Payout]:
        return list(self.index.of_deposit(self.user_id, deposit.deposit_id))

    def _moved(self, refund: Payout, *targets: PayoutStatus) -> Payout:
        for target in targets:
            moved = refund.moved(target, self.clock.now())
            self.commit(self.payouts.save(refund, moved))
            refund = moved
        return refund

    def pay(self, refund: Payout) -> None:
        """The gateway has paid it back, and the books say so."""
        refund = self._moved(refund, *self._way(refund), P.RECALLED, P.SENDING)
        at, deposit = self.clock.now(), self.deposits.get(self.user_id, refund.deposit_id or "")
        assert deposit is not None
        minor = refund.debited.minor
        if refund.at_broker:
            self.commit(*self.ledger.post(self.wallet(), bookings.recalled(refund, at)))
        self.commit(
            self.payouts.save(refund, refund.moved(P.PAID, at)),
            self.deposits.save(deposit, refund_paid(deposit, refund.amount.minor, at)),
            *self.ledger.post(self.wallet(), bookings.paid(refund, at), posted=-minor, held=-minor),
        )

    def give_up(self, refund: Payout) -> None:
        """The gateway will not pay it back."""
        refund = self._moved(refund, P.RECALLED, P.SENDING)
        deposit = self.deposits.get(self.user_id, refund.deposit_id or "")
        assert deposit is not None
        writes = [
            self.payouts.save(refund, refund.moved(P.FAILED, self.clock.now())),
            self.deposits.save(deposit, refund_given_up(deposit, refund.amount.minor)),
        ]
        if refund.at_broker:
            writes.append(self.ledger.block(self.wallet(), 0, held=-refund.debited.minor))
        self.commit(*writes)

    def _way(self, refund: Payout) -> list[PayoutStatus]:
        return [P.RECALLING] if refund.at_broker else []


@pytest.fixture
def till(database: Database) -> Till:
    """Over both engines."""
    return Till(database)


@pytest.fixture(scope="session")
def make_till() -> Callable[[], Till]:
    """For properties, which need a fresh world per example."""
    return lambda: Till(MemoryDatabase())
