"""What a gateway's word means for a payout as it is now."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.payments.model import Deposit
from shared.payments.ports import Deposits
from shared.payments.races import on_fresh_state
from shared.payouts.model import Payout, PayoutStatus, Purpose
from shared.payouts.outcomes import Known, Outcomes
from shared.payouts.ports import CameBack, NotPaid, PaidOut, PayoutOutcome, Payouts, Silence, Taken
from shared.payouts.reasons import PayoutReason
from shared.payouts.states import AT_GATEWAY
from shared.platform.contention import full_jitter
from shared.platform.correlation import continue_trace
from shared.platform.observability import metric


@dataclass(frozen=True, slots=True)
class Deciding:
    """Words come in any order and any number; what they say is written once."""

    payouts: Payouts
    deposits: Deposits
    outcomes: Outcomes
    pause: Callable[[int], None] = full_jitter

    def read(self, user_id: str, payout_id: str) -> Known | None:
        """The payout and all that changes with it: one read, and one more for a refund."""
        payout, wallet = self.payouts.with_wallet(user_id, payout_id)
        if payout is None:
            metric("UnknownPayout")
            return None
        deposit: Deposit | None = None
        if payout.purpose is Purpose.REFUND and payout.deposit_id is not None:
            deposit = self.deposits.get(user_id, payout.deposit_id)
        return Known(payout, wallet, deposit)

    def apply(
        self,
        user_id: str,
        payout_id: str,
        outcome: PayoutOutcome,
        *,
        looked: bool,
        known: Known | None = None,
    ) -> Payout | None:
        """Write what is known now, whatever else happened since ``known`` was read: a gateway's
        word is not lost to a race. The payout as it is then; None when there is none."""
        reads = iter([known])

        def once() -> Payout | None:
            current = next(reads, None) or self.read(user_id, payout_id)
            if current is None:
                return None
            continue_trace(current.payout.trace)
            return self._decide(current, outcome, looked)

        return on_fresh_state(once, self.pause)

    def _decide(self, known: Known, outcome: PayoutOutcome, looked: bool) -> Payout:
        payout = known.payout
        asked = payout.status in AT_GATEWAY and payout.asked_at is not None
        paid = payout.status is PayoutStatus.PAID
        match outcome:
            case Silence():
                pass
            case CameBack() if payout.review and asked and not payout.came_back:
                # A gateway that tells by messages only says it once: kept until somebody has
                # looked at what holds it.
                return self.outcomes.keep(payout, payout.noted(came_back=True))
            case _ if payout.review:
                metric("WordAboutPayoutInReview", rail=payout.rail.value)
            case Taken(reference) if asked and payout.status is not PayoutStatus.SENT:
                return self.outcomes.taken(payout, reference)
            case PaidOut():
                return self._paid(known, outcome, asked)
            case NotPaid(reason) if asked:
                return self.outcomes.failed(known, reason)
            case NotPaid(reason) if paid and looked:
                return self.outcomes.came_back(known, reason)
            case NotPaid() if paid:
                # Perhaps an older word that comes late: only an answer is surely of now.
                return self.outcomes.puzzling(payout, "not paid")
            case CameBack(reason) if asked or paid:
                return self.outcomes.came_back(known, reason)
            case CameBack() if payout.asked_at is not None and not payout.came_back:
                return self.outcomes.turned_out_back(payout)
        return payout

    def _paid(self, known: Known, said: PaidOut, asked: bool) -> Payout:
        payout = known.payout
        paid = payout.status is PayoutStatus.PAID
        if payout.asked_at is None:
            return self.outcomes.puzzling(payout, "paid without being asked")
        if payout.paid_after_all and not paid:
            return payout  # noted, and on its way into the books
        if payout.came_back:
            return payout  # an older word
        if said.amount not in (None, payout.amount):
            facts = {"paid": str(said.amount), "reference": said.reference}
            return self.outcomes.hold(payout, PayoutReason.AMOUNT_MISMATCH, **facts)
        if paid:
            return self.outcomes.more(known, said)
        if asked:
            return self.outcomes.paid(known, said)
        return self.outcomes.turned_out_paid(payout, said)
