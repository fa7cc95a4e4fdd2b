"""Money that goes back: refunds, cancellations, and what banks take."""

from sandbox.adyen.errors import AdyenError
from sandbox.adyen.notifications import VENDOR, Notifications
from sandbox.adyen.objects import Account, Amount, Booking, Dispute, Payment, Refund, new_psp
from sandbox.context import Sandbox

DISPUTE_FEE = 750
NO_BALANCE = "Insufficient balance on payment"
DEFENCE_ENDS = "2026-04-01T12:00:00+02:00"


class NotPossible(Exception):
    """What was asked for does not follow from where it stands."""


class Reversing:
    """Refunds answer at once that they were received; what became of them is notified."""

    def __init__(self, sandbox: Sandbox, account: Account, notifications: Notifications) -> None:
        self._sandbox = sandbox
        self._account = account
        self._notifications = notifications

    def payment(self, psp: str) -> Payment:
        """A payment.

        Raises:
            AdyenError: 422, there is none.
        """
        found = self._account.payments.get(psp)
        if found is None:
            raise AdyenError(422, "167", "Original pspReference required for this operation")
        return found

    def refund(self, payment: Payment, amount: Amount, reference: str) -> Refund:
        """Takes a refund. The faults `refunds`/`fails`, `fails_later` (made, then failed at the
        scheme) and `held` (until a knob decides) say what becomes of it."""
        refund = Refund(new_psp(), payment, amount, reference)
        self._account.refunds[refund.psp] = refund
        take = self._sandbox.faults.take
        if take(VENDOR, "refunds", "held") is None:
            fails = take(VENDOR, "refunds", "fails") is not None
            later = take(VENDOR, "refunds", "fails_later") is not None
            self._sandbox.background.after(
                self._sandbox.config.adyen_refund_delay_ms,
                self._decide(refund, fails=fails, later=later),
            )
        return refund

    async def _decide(self, refund: Refund, *, fails: bool, later: bool) -> None:
        if refund.state != "received":
            return
        self.finish(refund, succeeded=not fails)
        if later and refund.state == "paid":
            self.reverse(refund)

    def finish(self, refund: Refund, *, succeeded: bool) -> None:
        """Makes it, or tells why not.

        Raises:
            NotPossible: that was decided before.
        """
        if refund.state != "received":
            raise NotPossible(f"the refund is {refund.state}")
        payment = refund.payment
        left = payment.amount.value - payment.refunded
        same = refund.amount.currency == payment.amount.currency
        covered = same and refund.amount.value <= left and not payment.cancelled
        if succeeded and covered:
            refund.state = "paid"
            payment.refunded += refund.amount.value
            self._book("Refunded", refund, -refund.amount.value)
            self._tell_refund("REFUND", refund)
        else:
            refund.state = "failed"
            reason = "Refused by the issuer" if covered else NO_BALANCE
            self._tell_refund("REFUND", refund, success=False, reason=reason)

    def reverse(self, refund: Refund, event: str = "REFUND_FAILED") -> None:
        """A refund that was made comes back.

        Raises:
            NotPossible: it was not made.
        """
        if refund.state != "paid":
            raise NotPossible(f"the refund is {refund.state}")
        refund.state = "reversed"
        refund.payment.refunded -= refund.amount.value
        self._book("RefundedReversed", refund, refund.amount.value)
        self._tell_refund(event, refund, reason="Refund Failed")

    def cancel(self, payment: Payment, reference: str) -> str:
        """Cancels a payment, which works only before it was captured: here never."""
        psp = new_psp()
        self._notifications.publish(
            "CANCELLATION",
            psp=psp,
            reference=reference,
            amount=payment.amount,
            original=payment.psp,
            success=False,
            reason="Transaction not in correct state",
            method=payment.method,
        )
        return psp

    def announce(self, payment: Payment, amount: int, code: str) -> Dispute:
        """A bank announces a chargeback."""
        money = Amount(payment.amount.currency, amount)
        dispute = Dispute(new_psp(), payment, money, code, "announced")
        self._account.disputes[dispute.psp] = dispute
        self._tell_dispute("NOTIFICATION_OF_CHARGEBACK", dispute)
        return dispute

    def move(self, dispute: Dispute, step: str) -> None:
        """`take`: the money goes; `reverse`: it comes back; `second`: it goes for good.

        Raises:
            NotPossible: that does not follow from where it stands.
        """
        came_from, event, state, sign = {
            "take": ("announced", "CHARGEBACK", "taken", -1),
            "reverse": ("taken", "CHARGEBACK_REVERSED", "reversed", 1),
            "second": ("reversed", "SECOND_CHARGEBACK", "lost", -1),
        }[step]
        if dispute.state != came_from:
            raise NotPossible(f"the dispute is {dispute.state}")
        dispute.state = state
        kind = {"take": "Chargeback", "reverse": "ChargebackReversed"}.get(step, "SecondChargeback")
        fee = DISPUTE_FEE if step == "take" else 0
        self._account.bookings.append(
            Booking(
                kind,
                dispute.payment.psp,
                dispute.payment.reference,
                dispute.payment.method,
                dispute.psp,
                self._sandbox.now(),
                dispute.amount.currency,
                gross=sign * dispute.amount.value,
                net=sign * dispute.amount.value - fee,
                commission=fee,
            )
        )
        self._tell_dispute(event, dispute)

    def _tell_dispute(self, event: str, dispute: Dispute) -> None:
        more = {
            "chargebackReasonCode": dispute.code,
            "chargebackSchemeCode": dispute.payment.method,
            "defendable": "true",
            "defensePeriodEndsAt": DEFENCE_ENDS,
        }
        self._notifications.publish(
            event,
            psp=dispute.psp,
            reference=dispute.payment.reference,
            amount=dispute.amount,
            original=dispute.payment.psp,
            reason="Other Fraud-Card Absent Environment",
            method=dispute.payment.method,
            more=more,
        )

    def _tell_refund(
        self, event: str, refund: Refund, *, success: bool = True, reason: str = ""
    ) -> None:
        self._notifications.publish(
            event,
            psp=refund.psp,
            reference=refund.reference,
            amount=refund.amount,
            original=refund.payment.psp,
            success=success,
            reason=reason,
            method=refund.payment.method,
        )

    def _book(self, kind: str, refund: Refund, value: int) -> None:
        payment = refund.payment
        self._account.bookings.append(
            Booking(
                kind,
                payment.psp,
                payment.reference,
                payment.method,
                refund.psp,
                self._sandbox.now(),
                refund.amount.currency,
                gross=value,
                net=value,
                modification_reference=refund.reference,
            )
        )
