"""M-Pesa's messages about payments from the phone's menu, and its answers, out of the queue."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.payments.callbacks import Purpose, named_by
from shared.payments.paybill import Paybill
from shared.payments.paybill_notices import read_notice
from shared.payments.providers.daraja_status import paid_in, transaction_of
from shared.platform.observability import metric

CONFIRMATION, STATUS, TIMEOUT = "daraja-c2b-confirmation", "daraja-status", "daraja-timeout"


@dataclass(frozen=True, slots=True)
class PaybillIntake:
    """``shortcode`` gives our own, called per use."""

    paybill: Paybill
    cell: str
    shortcode: Callable[[], str]

    def confirmed(self, body: bytes) -> None:
        """Somebody paid, says a message."""
        notice = read_notice(body)
        if notice is None or notice.shortcode != self.shortcode():
            metric("PaybillOfNobody")
            return
        self.paybill.confirmed(notice)

    def answered(self, vendor: str, token: str, body: bytes) -> None:
        """M-Pesa answers a question, or says that it could not."""
        if vendor == TIMEOUT:
            # The next check asks again.
            metric("InquiryTimedOut")
            return
        subject = named_by(self.cell, token, Purpose.STATUS)
        found = transaction_of(body)
        outcome = paid_in(found, shortcode=self.shortcode())
        self.paybill.answered(subject, None if found is None else found.receipt, outcome)
