"""Asking for a refund: the deposit, the hold on the money and the payout as one fact."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.kernel.clock import Clock
from shared.kernel.edge_errors import Forbidden
from shared.kernel.errors import NotFound
from shared.kernel.events import Event
from shared.kernel.ids import Ids, Kind
from shared.kernel.money import Money
from shared.ledger.ports import Ledger
from shared.payments.model import Deposit
from shared.payments.ports import Deposits
from shared.payments.races import on_fresh_state
from shared.payments.reversals import refund_begun
from shared.payouts.events import PayoutRequestedV1
from shared.payouts.making import new_refund
from shared.payouts.model import Payout
from shared.payouts.ports import Payouts
from shared.payouts.requests import PayoutRequests
from shared.platform.contention import full_jitter
from shared.platform.correlation import correlation_id
from shared.platform.idempotency import IdempotencyKeys, Intent, once
from shared.platform.work import ConditionFailed, UnitOfWork, Write
from shared.refunds.model import STAFF_WINDOW, Wish, grant
from shared.refunds.ports import RefundIndex
from shared.users.authority import AUTHORITY

type Record = Callable[[Deposit, Payout], Sequence[Write]]
"""Writes of whoever acts, about the deposit as it was and the refund that begins."""


def _nobody(_deposit: Deposit, _refund: Payout) -> Sequence[Write]:
    return ()


@dataclass(frozen=True, slots=True)
class Refunds:
    """The use case behind a person's wish to have a deposit back, and a member of staff's.

    Moving the money is the payouts' part: it begins with the event that is told here.
    """

    deposits: Deposits
    refunds: RefundIndex
    payouts: Payouts
    requests: PayoutRequests
    ledger: Ledger
    keys: IdempotencyKeys
    facts: UnitOfWork
    clock: Clock
    ids: Ids
    pause: Callable[[int], None] = full_jitter

    def request(self, user_id: str, key: str, deposit_id: str, amount: Money | None) -> Payout:
        """A person's own wish: ``amount`` of a deposit, or all that is left of it.

        NotFound, NotRefundable, RefundTooLate, WholeOnly, RefundOutOfRange, MoneyInvested or
        PayoutsStopped refuse it and leave the key unused; IdempotencyKeyReused.
        """
        content = (deposit_id, *_canonical(amount))
        intent = Intent(user_id, "request_refund", key, content)
        return self._once(user_id, intent, Wish(deposit_id, amount), _nobody, None)

    def by_staff(
        self, actor: str, user_id: str, key: str, wish: tuple[str, Money | None], record: Record
    ) -> Payout:
        """What a member of staff does: the same, for longer, and with what records it. The key is
        the actor's own; ``wish`` is a deposit and an amount. Forbidden for somebody who lost their
        role meanwhile."""
        deposit_id, amount = wish
        content = (user_id, deposit_id, *_canonical(amount))
        intent = Intent(actor, "refund_deposit", key, content)
        asked = Wish(deposit_id, amount, STAFF_WINDOW)
        return self._once(user_id, intent, asked, record, actor)

    def _once(
        self, user_id: str, intent: Intent, wish: Wish, record: Record, actor: str | None
    ) -> Payout:
        def make() -> tuple[Payout, str, list[Write]]:
            payout, writes = self._begin(user_id, wish, record, actor)
            return payout, payout.payout_id, writes

        def read(payout_id: str) -> Payout:
            found = self.payouts.get(user_id, payout_id)
            if found is None:
                raise NotFound(what="The refund")
            return found

        def attempt() -> Payout:
            try:
                refund, _ = once(self.keys, self.facts, intent, make=make, read=read, tell=_asked)
            except ConditionFailed as failed:
                if AUTHORITY in failed.found:
                    raise Forbidden() from None
                raise
            return refund

        return on_fresh_state(attempt, self.pause)

    def _begin(
        self, user_id: str, wish: Wish, record: Record, actor: str | None
    ) -> tuple[Payout, list[Write]]:
        deposit, wallet, others = self.refunds.file(user_id, wish.deposit_id)
        if deposit is None:
            raise NotFound(what="The deposit")
        now = self.clock.now()
        granted = grant(wish, deposit, wallet, others, now)
        refund = new_refund(
            deposit,
            granted.minor,
            granted.debited,
            payout_id=self.ids.new(Kind.PAYOUT),
            source=granted.source,
            at=now,
            asked_by=actor,
            trace=correlation_id(),
        )
        writes, _ = self.requests.writes(refund, wallet)
        if not refund.at_broker:
            # The deposit itself holds the money; that nothing stops payouts must hold all the same.
            writes.append(self.ledger.reserve(wallet, 0, orders=0, to_leave=True))
        writes += [
            self.deposits.save(deposit, refund_begun(deposit, granted.minor)),
            self.refunds.note(refund),
            *record(deposit, refund),
        ]
        return refund, writes


def _asked(refund: Payout) -> Sequence[Event]:
    return [PayoutRequestedV1(user_id=refund.user_id, payout_id=refund.payout_id)]


def _canonical(amount: Money | None) -> tuple[int | None, str | None]:
    return (None, None) if amount is None else (amount.minor, amount.currency.value)
