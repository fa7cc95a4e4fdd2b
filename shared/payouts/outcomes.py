"""What a gateway's word makes of a payout: each of these is one fact, written once."""

from dataclasses import dataclass, replace

from shared.cases.model import CaseKind
from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.kernel.events import Event
from shared.kernel.names import same_person
from shared.ledger.model import Draft, Wallet
from shared.ledger.ports import Ledger
from shared.payments import reversals
from shared.payments.methods import Gateway
from shared.payments.model import Deposit
from shared.payments.ports import Deposits
from shared.payouts import bookings, telling
from shared.payouts.findings import Found
from shared.payouts.model import Payout, PayoutStatus, Purpose
from shared.payouts.ports import Names, PaidOut, Payouts
from shared.payouts.reasons import PayoutReason
from shared.payouts.returning import given_up, returning
from shared.platform.observability import metric
from shared.platform.work import UnitOfWork, Write

SERVICE = "send_payout"


@dataclass(frozen=True, slots=True)
class Known:
    """What was read: a payout, the person's wallet, and of a refund its deposit."""

    payout: Payout
    wallet: Wallet
    deposit: Deposit | None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Writes what was found out. Every method raises ConditionFailed when something is not as it
    was read: read again and decide again. They give the payout as it is then."""

    payouts: Payouts
    deposits: Deposits
    ledger: Ledger
    cases: Cases
    facts: UnitOfWork
    names: Names
    clock: Clock

    def keep(self, before: Payout, after: Payout, *events: Event) -> Payout:
        """A state or a note that moves no money."""
        self.facts.commit([self.payouts.save(before, after)], *events)
        return after

    def taken(self, before: Payout, reference: str) -> Payout:
        """The gateway works on it."""
        sent = self._asked(before).moved(PayoutStatus.SENT, self.clock.now(), reference=reference)
        return self.keep(before, sent)

    def paid(self, known: Known, said: PaidOut) -> Payout:
        """The payee has the money: it leaves the books, with the gateway's fee."""
        before, at = known.payout, self.clock.now()
        after = before.moved(
            PayoutStatus.PAID,
            at,
            reference=said.reference,
            receipt=said.receipt or before.receipt,
            fee_minor=said.fee_minor,
            paid_at=at,
            reason=None,
        )
        minor = after.debited.minor
        writes = [
            self.payouts.save(before, after),
            *self._refunded(after, known.deposit),
            *self.ledger.post(known.wallet, *self._drafts(after), posted=-minor, held=-minor),
            *self._receiver(after, said),
            *self._answered(before),
        ]
        self.facts.commit(writes, telling.paid(after))
        return after

    def failed(self, known: Known, reason: PayoutReason) -> Payout:
        """The gateway will not pay. The hold stays until the cash is where it was before."""
        before, asked = known.payout, self._asked(known.payout)
        if before.at_broker:
            after = returning(asked, PayoutStatus.FAILED, self.clock.now(), reason=reason)
            events = [telling.failed(after, reason), telling.stopped(after)]
        else:
            after = asked.moved(PayoutStatus.FAILED, self.clock.now(), reason=reason)
            events = [telling.failed(after, reason)]
        writes = [self.payouts.save(before, after), *given_up(self.deposits, after, known.deposit)]
        writes += self._answered(before)
        if before.purpose is not Purpose.WITHDRAWAL:
            # The person expects money, or we owe it to a payer, and no other way is known.
            writes.append(self._case(CaseKind.PAYOUT_FAILED, after, reason=reason.value))
        self.facts.commit(writes, *events)
        metric("PayoutNotPaid", rail=after.rail.value, reason=reason.value)
        return after

    def leaving(self, known: Known, intent: Payout, *events: Event) -> Known:
        """The gateway is about to be asked. Of a refund only while nothing happens to its deposit:
        who disputes it at this moment sees that it has left, or it does not leave."""
        before, deposit = known.payout, known.deposit
        if before.asked_at is None and before.escalated:
            # It waited for something else: the gateway's own silence is another matter.
            intent = replace(intent, escalated=False)
        writes = [self.payouts.save(before, intent)]
        if before.escalated and not intent.escalated:
            writes += self._answered(before, "The wait is over: it is sent.")
        if deposit is not None:
            deposit = deposit.noted()
            writes.append(self.deposits.save(known.deposit or deposit, deposit))
        self.facts.commit(writes, *events)
        return Known(intent, known.wallet, deposit)

    def taken_back(self, known: Known) -> Payout:
        """A refund that has not left does not: the payer's bank takes the payment back itself, and
        the payer would have the money twice."""
        before, at, reason = known.payout, self.clock.now(), PayoutReason.DISPUTED
        if before.at_broker:
            after = returning(before, PayoutStatus.CANCELLED, at, reason=reason)
            events = [telling.failed(after, reason), telling.stopped(after)]
        else:
            after = before.moved(PayoutStatus.CANCELLED, at, reason=reason)
            events = [telling.failed(after, reason)]
        writes = [self.payouts.save(before, after), *given_up(self.deposits, after, known.deposit)]
        writes += self._answered(before, "It is not sent.")
        self.facts.commit(writes, *events)
        metric("RefundOfDisputed", rail=after.rail.value)
        return after

    def came_back(self, known: Known, reason: PayoutReason) -> Payout:
        """It was paid and came back: the wallet is credited, and free once the cash is at the
        broker again. When the word that it was paid is still to come, nothing was booked."""
        before, at = known.payout, self.clock.now()
        asked, booked = self._asked(before), before.status is PayoutStatus.PAID
        if before.at_broker:
            after = returning(asked, PayoutStatus.RETURNED, at, reason=reason, came_back=True)
            events = [telling.returned(after, reason), telling.stopped(after)]
        else:
            after = asked.moved(PayoutStatus.RETURNED, at, reason=reason, came_back=True)
            events = [telling.returned(after, reason)]
        writes: list[Write] = [self.payouts.save(before, after), *self._answered(before)]
        if booked:
            draft, minor = bookings.returned(after, at), after.debited.minor
            writes += self.ledger.post(known.wallet, draft, posted=minor, held=minor)
            writes += self._unrefunded(after, known.deposit)
        else:
            writes += given_up(self.deposits, after, known.deposit)
        if before.purpose is not Purpose.WITHDRAWAL:
            writes.append(self._case(CaseKind.PAYOUT_FAILED, after, reason=reason.value))
        self.facts.commit(writes, *events)
        metric("PayoutNotPaid", rail=after.rail.value, reason=reason.value)
        return after

    def turned_out_paid(self, before: Payout, said: PaidOut) -> Payout:
        """It is not paid in our books, and the gateway proves that it was: noted first, so that
        no crash forgets it."""
        metric("PaidAfterAll", rail=before.rail.value)
        after = before.noted(
            paid_after_all=True,
            reference=said.reference,
            receipt=said.receipt or before.receipt,
            fee_minor=said.fee_minor,
        )
        return self.keep(before, after)

    def turned_out_back(self, before: Payout) -> Payout:
        """It is not paid in our books, and that is right: if it was paid, it has come back. Cash
        that is being fetched for it once more goes back when it is here."""
        being_fetched = before.status in (PayoutStatus.READY, PayoutStatus.RECALLING)
        after_all = before.paid_after_all and being_fetched
        return self.keep(before, before.noted(came_back=True, paid_after_all=after_all))

    def more(self, known: Known, said: PaidOut) -> Payout:
        """What a repeated word still adds to a paid payout: receipt and fee."""
        before = known.payout
        fee = said.fee_minor if before.fee_minor is None else None
        receipt = said.receipt if before.receipt is None else None
        if fee is None and receipt is None:
            return before
        after = before.noted(
            receipt=before.receipt or receipt,
            fee_minor=before.fee_minor if fee is None else fee,
        )
        writes: list[Write] = [self.payouts.save(before, after)]
        if fee:
            draft = bookings.fee(after, fee, self.clock.now())
            writes += self.ledger.post(known.wallet, draft)
        self.facts.commit(writes)
        return after

    def hold(self, before: Payout, reason: PayoutReason, **facts: str) -> Payout:
        """Something does not add up: a person has to look at it."""
        after = before.held_for_review(reason)
        case = self._case(CaseKind.AMOUNT_MISMATCH, after, **facts)
        self.facts.commit([self.payouts.save(before, after), case])
        telling.alert(SERVICE, after, CaseKind.AMOUNT_MISMATCH)
        return after

    def puzzling(self, payout: Payout, said: str) -> Payout:
        """A word that does not fit to what we know changes nothing, but somebody looks."""
        self.facts.commit([self._case(CaseKind.PAYOUT_UNKNOWN, payout, said=said)])
        telling.alert(SERVICE, payout, CaseKind.PAYOUT_UNKNOWN)
        return payout

    def unanswered(self, before: Payout, **changes: object) -> Payout:
        """No answer for too long: somebody looks, and the gateway is still asked."""
        after = before.noted(escalated=True, **changes)
        no_rate = before.reason is PayoutReason.RATE_UNAVAILABLE
        said = "no exchange rate" if no_rate else "nothing"
        case = self._case(CaseKind.PAYOUT_UNKNOWN, after, said=said)
        self.facts.commit([self.payouts.save(before, after), case])
        telling.alert(SERVICE, after, CaseKind.PAYOUT_UNKNOWN)
        return after

    def as_found(self, known: Known) -> Payout:
        """What members of staff found out, where the gateway leaves it open."""
        before = replace(known.payout, review=False)
        finding, free = before.finding, Known(before, known.wallet, known.deposit)
        if finding is None or finding.found is Found.NOT_PAID:
            return self.failed(free, PayoutReason.GATEWAY_REFUSED)
        receipt = finding.reference if before.gateway == Gateway.MPESA else None
        reference = before.reference or finding.reference
        return self.paid(free, PaidOut(reference, receipt=receipt, fee_minor=before.fee_minor))

    def _answered(self, payout: Payout, note: str = "The gateway has answered.") -> list[Write]:
        now = self.clock.now()
        return telling.known_again(self.cases, payout, now, by=SERVICE, note=note)

    def _asked(self, payout: Payout) -> Payout:
        """The gateway knows of an order that it seemed not to have taken."""
        if payout.status is not PayoutStatus.RECALLED or payout.asked_at is None:
            return payout
        return payout.moved(PayoutStatus.SENDING, self.clock.now())

    def _drafts(self, payout: Payout) -> list[Draft]:
        at = self.clock.now()
        drafts = [bookings.paid(payout, at)]
        if payout.fee_minor:
            drafts.append(bookings.fee(payout, payout.fee_minor, at))
        return drafts

    def _receiver(self, payout: Payout, said: PaidOut) -> list[Write]:
        if said.receiver is None or payout.purpose is not Purpose.WITHDRAWAL:
            return []
        name = self.names.name_of(payout.user_id)
        if name is None or same_person(name, said.receiver):
            return []
        metric("PaidToAnotherName", rail=payout.rail.value)
        # Neither name is kept: a case has no personal data.
        return [self._case(CaseKind.RECEIVER_MISMATCH, payout)]

    def _refunded(self, payout: Payout, deposit: Deposit | None) -> list[Write]:
        if deposit is None:
            return []
        after = reversals.refund_paid(deposit, payout.amount.minor, self.clock.now())
        return [self.deposits.save(deposit, after)]

    def _unrefunded(self, payout: Payout, deposit: Deposit | None) -> list[Write]:
        if deposit is None or deposit.refunded_minor < payout.amount.minor:
            return []
        after = reversals.refund_returned(deposit, payout.amount.minor, self.clock.now())
        return [self.deposits.save(deposit, after)]

    def _case(self, kind: CaseKind, payout: Payout, **facts: str) -> Write:
        return self.cases.open(telling.case(kind, payout, self.clock, **facts))
