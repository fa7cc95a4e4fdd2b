"""Asking for payouts, deciding about them, and taking them back while that is possible."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.clock import Clock
from shared.kernel.errors import IllegalTransition, NotFound
from shared.ledger.model import Wallet, settled_by
from shared.ledger.ports import Ledger
from shared.payments.model import Deposit
from shared.payments.ports import Deposits
from shared.payments.races import on_fresh_state
from shared.payouts import telling
from shared.payouts.errors import PayoutNotCancellable
from shared.payouts.events import PayoutRequestedV1
from shared.payouts.holding import held
from shared.payouts.model import Payout, PayoutStatus, Purpose
from shared.payouts.ports import Payouts
from shared.payouts.reasons import PayoutReason
from shared.payouts.returning import given_up, released, returning
from shared.platform.contention import full_jitter
from shared.platform.work import UnitOfWork, Write

_AT_FIRM = frozenset({PayoutStatus.RECALLED, PayoutStatus.AWAITING_CONSENT})
"""The cash goes back to the person's broker account first."""

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
        """A new payout and the hold on its money (of one that lacks cash, on what there is), to be
        committed in one fact with whatever asked for it, and the event that starts it.

        The write ``wallet`` fails when less is available, or the wallet has blocks or owes. A
        refund's ``reversals.refund_begun`` is the caller's; where the deposit itself holds the
        money (``at_broker`` is False) nothing more is held.
        """
        if not payout.at_broker:
            return [self.payouts.create(payout)], telling.requested(payout)
        day = settled_by(self.clock.now())
        after, hold = held(self.ledger, payout, wallet, payout.held_minor, day)
        return [self.payouts.create(after), hold], telling.requested(payout)

    def agreed(self, before: Payout) -> tuple[Payout, list[Write], PayoutRequestedV1]:
        """The second person agreed: cash is raised first where it lacks, it cools off still, or
        may leave. IllegalTransition when nobody was asked."""
        _check_review(before, PayoutStatus.READY)
        after = gone_on(before, self.clock.now())
        return after, [self.payouts.save(before, after)], telling.requested(after)

    def rejected(self, before: Payout, wallet: Wallet) -> Released:
        """The second person did not agree: the hold is released. IllegalTransition when nobody
        was asked."""
        _check_review(before, PayoutStatus.REJECTED)
        after = before.moved(
            PayoutStatus.REJECTED, self.clock.now(), reason=PayoutReason.NOT_AGREED
        )
        return after, [self.payouts.save(before, after), *released(self.ledger, after, wallet)]

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
            events = [telling.stopped(after)] if stopped else []
            self.facts.commit(writes, *events)
            return after

        return on_fresh_state(once, self.pause)

    def cancelled(self, before: Payout, wallet: Wallet, deposit: Deposit | None) -> Released:
        """The payout taken back, and the writes of it. Sales for it are stopped by whoever
        hears that its hold is free."""
        now, reason = self.clock.now(), PayoutReason.CANCELLED
        if before.at_broker and before.status in _AT_FIRM:
            after = returning(before, PayoutStatus.CANCELLED, now, reason=reason)
            return after, [
                self.payouts.save(before, after),
                *given_up(self.deposits, after, deposit),
            ]
        after = before.moved(PayoutStatus.CANCELLED, now, reason=reason, review=False)
        writes = [
            self.payouts.save(before, after),
            *given_up(self.deposits, after, deposit),
            *released(self.ledger, after, wallet),
        ]
        return after, writes

    def deposit_of(self, payout: Payout) -> Deposit | None:
        """The deposit whose refund it is."""
        if payout.purpose is not Purpose.REFUND or payout.deposit_id is None:
            return None
        return self.deposits.get(payout.user_id, payout.deposit_id)


def gone_on(before: Payout, now: datetime) -> Payout:
    """What it is once nobody has to agree, or cash lacks no more: the first of raising, cooling
    off and leaving that is still to come."""
    if before.raised_first:
        return before.moved(PayoutStatus.RAISING, now, reason=PayoutReason.CASH_RAISED)
    cools = before.not_before is not None and now < before.not_before
    return before.moved(
        PayoutStatus.COOLING if cools else PayoutStatus.READY,
        now,
        reason=PayoutReason.NEW_ACCOUNT if cools else None,
    )


def _check_review(payout: Payout, target: PayoutStatus) -> None:
    if payout.status is not PayoutStatus.IN_REVIEW:
        what = PayoutStatus.__name__
        raise IllegalTransition(what=what, source=payout.status.value, target=target.value)
