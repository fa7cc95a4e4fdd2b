"""Whether a payment from the phone's menu should be taken: M-Pesa asks, and the payer waits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.kernel.money import Currency
from shared.payments.methods import Method
from shared.payments.paybill_accounts import PayReferenceRow, reference_key
from shared.payments.paybill_notices import PaybillNotice, notice_of
from shared.payments.requests import LIMITS
from shared.platform.observability import metric
from shared.platform.tables import Database


class Verdict(StrEnum):
    """M-Pesa's own codes."""

    ACCEPTED = "0"
    UNKNOWN_ACCOUNT = "C2B00012"
    INVALID_AMOUNT = "C2B00013"
    NOT_APPROVED = "C2B00014"
    OTHER_SHORTCODE = "C2B00015"


@dataclass(frozen=True, slots=True)
class PaybillValidation:
    """The answer to each question: one read at most. Without a read the payment is taken: what
    becomes of its money is decided when it has come."""

    database: Callable[[], Database]
    shortcode: str

    def answer(self, content: Mapping[str, Any]) -> Mapping[str, str]:
        """What M-Pesa is told."""
        verdict = self.verdict(notice_of(content))
        if verdict is Verdict.ACCEPTED:
            return {"ResultCode": verdict.value, "ResultDesc": "Accepted"}
        metric("PaybillRefused", code=verdict.value)
        return {"ResultCode": verdict.value, "ResultDesc": "Rejected"}

    def verdict(self, notice: PaybillNotice) -> Verdict:
        """Whether the payment should be taken, or the first reason why not."""
        if notice.shortcode != self.shortcode:
            return Verdict.OTHER_SHORTCODE
        key = reference_key(notice.account)
        if key is None:
            return Verdict.UNKNOWN_ACCOUNT
        limits = LIMITS[Method.MPESA, Currency.KES]
        amount = notice.amount
        if amount is None or amount.minor % 100:
            return Verdict.INVALID_AMOUNT
        try:
            found = self.database().get_many([key])
        except Exception as error:  # noqa: BLE001 - the payer waits, and the money is not lost
            metric("PaybillNotValidated", error=type(error).__name__)
            return Verdict.ACCEPTED
        if key not in found:
            return Verdict.UNKNOWN_ACCOUNT
        reference = found[key].to(PayReferenceRow)
        if reference.deposit_id is not None:
            # A push: its amount is the one that we asked for.
            return Verdict.ACCEPTED
        if not reference.usable:
            return Verdict.NOT_APPROVED
        if not limits.minimum <= amount <= limits.maximum:
            return Verdict.INVALID_AMOUNT
        return Verdict.ACCEPTED
