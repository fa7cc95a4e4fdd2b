"""What messages of vendors say about payouts, handed to the use case."""

from dataclasses import dataclass

from shared.payments.callbacks import VENDORS, Purpose
from shared.payouts.providers.adyen import adyen_payout_facts
from shared.payouts.providers.daraja_answers import named_payout, result_hint, status_of
from shared.payouts.providers.stripe_signals import stripe_payout_named
from shared.payouts.sending import Sending
from shared.platform.observability import metric

PURPOSES = {name: purpose for purpose, name in VENDORS.items()}


@dataclass(frozen=True, slots=True)
class Intake:
    """Of Stripe only the identifiers are used, of Adyen what is signed; M-Pesa's results are
    hints, its answers about a transaction count. What is about nothing of this cell is counted."""

    sending: Sending
    cell: str

    def stripe(self, body: bytes) -> None:
        """An event about a refund or a payout."""
        named = stripe_payout_named(body, self.cell)
        if named is None:
            metric("PayoutOfNobody", gateway="STRIPE")
            return
        self.sending.signalled(*named)

    def adyen(self, body: bytes) -> None:
        """A notification about a refund."""
        facts = adyen_payout_facts(body, self.cell)
        if facts is None:
            metric("PayoutOfNobody", gateway="ADYEN")
            return
        self.sending.told(*facts)

    def daraja(self, vendor: str, token: str, body: bytes) -> None:
        """A message at one of the payout's own paths, whose name tells what it is for."""
        purpose = PURPOSES[vendor]
        named = named_payout(token, self.cell, purpose)
        if named is None:
            metric("PayoutOfNobody", gateway="MPESA")
            return
        who = (named.user_id, named.payout_id, named.attempt)
        match purpose:
            case Purpose.RESULT:
                hint = result_hint(body)
                self.sending.hinted(*who, reason=hint.reason, reference=hint.conversation)
            case Purpose.STATUS:
                self.sending.answered(*who, lambda payout: status_of(payout, body, payout.hinted))
            case _:
                # Of an order or of a question: it may have been carried out all the same, and
                # the checks ask on.
                metric("TimedOutInQueue", gateway="MPESA")
