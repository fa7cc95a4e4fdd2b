"""Asking for payouts, deciding about them, and taking them back while that is possible."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.ledger.model import Wallet
from shared.ledger.ports import Ledger
from shared.payments import reversals
from shared.payments.model import Deposit
from shared.payments.ports import Deposits
from shared.payments.races import on_fresh_state
from shared.payouts.errors import PayoutNotCancellable, PayoutNotReviewable
from shared.payouts.events import PayoutRequestedV1, PayoutStoppedV1
from shared.payouts.model import Payout, PayoutStatus, Purpose
from shared.payouts.ports import Payouts
from shared.payouts.reasons import PayoutReason
from shared.platform.contention import full_jitter
from shared.platform.work import UnitOfWork, Write

type Released = tuple[Payout, list[Write]]


@dataclass(frozen=True, slots=True)
class PayoutRequests:
    """What use cases that pay out are made of. Moving the money is the engine's part: it begins
    with the event."""

    payouts: Payouts
    ledger: Ledger
    deposits: Deposits
    facts: UnitOfWork
    clock: Clock
    pause: Callable[[int], None] = full_jitter

    def writes(self, payout: Payout, wallet: Wallet) -> tuple[list[Write], PayoutRequestedV1]:
        """A new payout and the hold on its money, to be committed in one fact with whatever
        asked for it, and the event that starts it.

        The write ``wallet`` fails when less is available, or the wallet has blocks or owes. A
        refund's ``reversals.refund_begun`` is the caller's; where the deposit itself holds the
        money (``at_broker`` is False) nothing more is held.
        """
        writes = [self.payouts.create(payout)]
        if payout.at_broker:
            minor = payout.debited.minor
            writes.append(self.ledger.reserve(wallet, minor, orders=0, to_leave=True))
        return writes, _requested(payout)

    def agreed(self, before: Payout) -> tuple[Payout, list[Write], PayoutRequestedV1]:
        """The second person agreed: it cools off still, or may leave. PayoutNotReviewable when
        nobody is asked."""
        if before.status is not PayoutStatus.IN_REVIEW:
            raise PayoutNotReviewable()
        now = self.clock.now()
        cools = before.not_before is not None and now < before.not_before
        after = before.moved(
            PayoutStatus.COOLING if cools else PayoutStatus.READY,
            now,
            reason=PayoutReason.NEW_ACCOUNT if cools else None,
        )
        return after, [self.payouts.save(before, after)], _requested(after)

    def rejected(self, before: Payout, wallet: Wallet) -> Released:
        """The second person did not agree: the hold is released. PayoutNotReviewable when nobody
        is asked."""
        if before.status is not PayoutStatus.IN_REVIEW:
            raise PayoutNotReviewable()
        after = before.moved(
            PayoutStatus.REJECTED, self.clock.now(), reason=PayoutReason.NOT_AGREED
        )
        return after, [self.payouts.save(before, after), *self.released(after, wallet)]

    def cancel(self, user_id: str, payout_id: str) -> Payout:
        """Take it back. One that was taken back before is as it is.

        NotFound for somebody else's, PayoutNotCancellable once the broker or the gateway is at
        work on it. The money is free at once, or, when the cash has left the person's broker
        account, as soon as it is there again (RETURNING).
        """

        def once() -> Payout:
            before, wallet = self.payouts.with_wallet(user_id, payout_id)
            if before is None:
                raise NotFound(what="The payout")
            if PayoutStatus.CANCELLED in (before.status, before.ending):
                return before
            if not before.cancellable:
                raise PayoutNotCancellable()
            after, writes = self.cancelled(before, wallet, self.deposit_of(before))
            stopped = after.status is PayoutStatus.RETURNING
            events = [stopped_event(after)] if stopped else []
            self.facts.commit(writes, *events)
            return after

        return on_fresh_state(once, self.pause)

    def cancelled(self, before: Payout, wallet: Wallet, deposit: Deposit | None) -> Released:
        """The payout taken back, and the writes of it."""
        now, reason = self.clock.now(), PayoutReason.CANCELLED
        if before.at_broker and before.status is PayoutStatus.RECALLED:
            after = returning(before, PayoutStatus.CANCELLED, self.clock, reason=reason)
            return after, [self.payouts.save(before, after), *self.given_up(after, deposit)]
        after = before.moved(PayoutStatus.CANCELLED, now, reason=reason, review=False)
        writes = [
            self.payouts.save(before, after),
            *self.given_up(after, deposit),
            *self.released(after, wallet),
        ]
        return after, writes

    def deposit_of(self, payout: Payout) -> Deposit | None:
        """The deposit whose refund it is."""
        if payout.purpose is not Purpose.REFUND or payout.deposit_id is None:
            return None
        return self.deposits.get(payout.user_id, payout.deposit_id)

    def given_up(self, payout: Payout, deposit: Deposit | None) -> Sequence[Write]:
        """The deposit of a refund that will not be made may be refunded again."""
        if deposit is None or payout.purpose is not Purpose.REFUND:
            return []
        after = reversals.refund_given_up(deposit, payout.amount.minor)
        return [self.deposits.save(deposit, after)]

    def released(self, payout: Payout, wallet: Wallet) -> Sequence[Write]:
        """The hold of a payout that has ended; none where the deposit itself holds the money."""
        if not payout.at_broker:
            return []
        return [self.ledger.release(wallet, payout.debited.minor, orders=0)]


def returning(payout: Payout, ending: PayoutStatus, clock: Clock, **changes: object) -> Payout:
    """The cash goes back to the person's broker account before it is ``ending``."""
    odd = payout.leg + 1 - payout.leg % 2
    return payout.moved(
        PayoutStatus.RETURNING,
        clock.now(),
        **{"ending": ending, "leg": odd, "recalls": 0, "journal_id": None, **changes},
    )


def stopped_event(payout: Payout) -> PayoutStoppedV1:
    """What wakes the broker's part."""
    return PayoutStoppedV1(user_id=payout.user_id, payout_id=payout.payout_id)


def _requested(payout: Payout) -> PayoutRequestedV1:
    return PayoutRequestedV1(user_id=payout.user_id, payout_id=payout.payout_id)
