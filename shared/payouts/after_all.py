"""Payouts that had ended unpaid in our books and turn out to have been paid."""

from dataclasses import dataclass, replace

from shared.cases.model import CaseKind
from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.ledger.model import Draft, settled_by
from shared.ledger.ports import Ledger
from shared.payments import reversals
from shared.payments.model import Deposit, DepositStatus
from shared.payments.ports import Deposits
from shared.payouts import bookings, telling
from shared.payouts.followers import in_a_row
from shared.payouts.holding import holding
from shared.payouts.model import Payout, PayoutStatus, Purpose, Rail
from shared.payouts.outcomes import SERVICE, Known
from shared.payouts.ports import Payouts
from shared.payouts.returning import recalled_again
from shared.platform.work import UnitOfWork, Write


@dataclass(frozen=True, slots=True)
class AfterAll:
    """The money has left, so it leaves the books: out of what the person still has, and else it
    is owed. Raises ConditionFailed like Outcomes."""

    payouts: Payouts
    deposits: Deposits
    ledger: Ledger
    cases: Cases
    facts: UnitOfWork
    clock: Clock

    def settle(self, known: Known) -> Payout:
        """The payout as it is then; unchanged while the broker is at work on its deposit."""
        before, deposit = known.payout, known.deposit
        if before.purpose is Purpose.SURPLUS:
            return self._pay(known, None)
        fits = deposit is None or deposit.refundable_minor >= before.amount.minor
        if deposit is not None and not before.at_broker:
            if deposit.status is DepositStatus.FUNDING:
                return before
            if deposit.status is DepositStatus.SETTLED and fits:
                return self._pay(known, deposit)
        if fits and self._settled(known) >= before.debited.minor:
            return self._recall(known)
        return self._owe(known, deposit if fits else None)

    def _settled(self, known: Known) -> int:
        return known.wallet.settled(settled_by(self.clock.now()))

    def _recall(self, known: Known) -> Payout:
        """It is still there: held, and fetched from the broker, before it is booked as paid."""
        before, deposit = known.payout, known.deposit
        again = replace(recalled_again(before, self.clock.now(), deposit), purses={})
        minor = before.debited.minor
        after, moves = holding(again, known.wallet, minor)
        today = settled_by(self.clock.now())
        writes = [
            self.payouts.save(before, after),
            self.ledger.reserve(known.wallet, minor, orders=0, on=today, purses=moves),
        ]
        if deposit is not None:
            begun = reversals.refund_begun(deposit, before.amount.minor)
            writes.append(self.deposits.save(deposit, begun))
        self.facts.commit(writes, telling.requested(after))
        return after

    def _pay(self, known: Known, deposit: Deposit | None) -> Payout:
        """It never was at the broker: a surplus, or the money that a deposit holds."""
        after, drafts = self._paid(known.payout, owed=False)
        minor = after.debited.minor
        instead, twice = self._instead(known.payout)
        writes = [
            *instead,
            self.payouts.save(known.payout, after),
            *self._refunded(after, deposit),
            *self.ledger.post(known.wallet, *drafts, posted=-minor, held=-minor),
        ]
        self.facts.commit(writes, telling.paid(after))
        if twice:
            telling.alert(SERVICE, after, CaseKind.PAYOUT_UNKNOWN)
        return after

    def _instead(self, payout: Payout) -> tuple[list[Write], bool]:
        """What was to pay in its place stays; and whether the payer may have the money twice."""
        last = in_a_row(self.payouts, payout)[-1]
        if last is payout:
            return [], False
        # By hand it has been paid before it is booked.
        stoppable = last.rail is not Rail.BY_HAND and last.asked_at is None
        if last.status is PayoutStatus.READY and stoppable:
            at, note = self.clock.now(), "It is not sent."
            stays = last.moved(PayoutStatus.CANCELLED, at, reason=None)
            known = telling.known_again(self.cases, last, at, by=SERVICE, note=note)
            return [self.payouts.save(last, stays), *known], False
        if last.undelivered:
            return [self.payouts.save(last, last.noted(followed_by=payout.payout_id))], False
        facts = {"said": "paid, and perhaps twice", "also": last.payout_id}
        case = telling.case(CaseKind.PAYOUT_UNKNOWN, payout, self.clock, **facts)
        return [self.cases.open(case)], True

    def _owe(self, known: Known, deposit: Deposit | None) -> Payout:
        """It was spent meanwhile: the person owes it, and somebody has to ask for it."""
        after, drafts = self._paid(known.payout, owed=True)
        case = telling.case(CaseKind.RECEIVABLE, after, self.clock, owed=str(after.debited))
        writes = [
            self.payouts.save(known.payout, after),
            *self._refunded(after, deposit),
            *self.ledger.post(known.wallet, *drafts, owed=after.debited.minor),
            self.cases.open(case),
        ]
        self.facts.commit(writes, telling.paid(after))
        telling.alert(SERVICE, after, CaseKind.RECEIVABLE)
        return after

    def _paid(self, before: Payout, *, owed: bool) -> tuple[Payout, list[Draft]]:
        at = self.clock.now()
        after = before.moved(PayoutStatus.PAID, at, paid_at=at, reason=None)
        drafts = [bookings.paid(after, at, owed=owed)]
        if after.fee_minor:
            drafts.append(bookings.fee(after, after.fee_minor, at))
        return after, drafts

    def _refunded(self, payout: Payout, deposit: Deposit | None) -> list[Write]:
        if deposit is None:
            return []
        minor = payout.amount.minor
        begun = reversals.refund_begun(deposit, minor)
        paid = reversals.refund_paid(begun, minor, self.clock.now())
        # Both in one: the row goes from what was read to what it is now.
        return [self.deposits.save(deposit, replace(paid, version=deposit.version + 1))]
