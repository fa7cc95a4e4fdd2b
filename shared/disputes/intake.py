"""What messages of vendors say about disputes, handed to the use case."""

from dataclasses import dataclass

from shared.disputes.providers.adyen import reading_of
from shared.disputes.service import Disputing
from shared.disputes.signals import stripe_dispute
from shared.payments.methods import Gateway
from shared.payments.providers.adyen_notifications import adyen_chargeback
from shared.platform.observability import metric


@dataclass(frozen=True, slots=True)
class Intake:
    """Of Stripe only the dispute's name is used; Adyen's items are believed as far as they are
    signed. What is about nothing of this cell leaves a count."""

    disputing: Disputing
    cell: str

    def stripe(self, body: bytes) -> None:
        """An event about a dispute."""
        reference = stripe_dispute(body)
        if reference is None:
            metric("DisputeOfNobody", gateway=Gateway.STRIPE.value)
            return
        self.disputing.signalled(Gateway.STRIPE, reference)

    def adyen(self, body: bytes) -> None:
        """A notification about a chargeback; where it names no payment, its deposit's is meant."""
        chargeback = adyen_chargeback(body, self.cell)
        if chargeback is None:
            metric("DisputeOfNobody", gateway=Gateway.ADYEN.value)
            return
        payment = chargeback.payment
        if payment is None:
            deposit = self.disputing.recording.deposits.get(
                chargeback.user_id, chargeback.deposit_id
            )
            payment = None if deposit is None else deposit.payment
        reading = reading_of(chargeback, payment or chargeback.deposit_id)
        if reading is None:
            metric("DisputeInForeignCurrency", gateway=Gateway.ADYEN.value)
            return
        self.disputing.proved(reading)
