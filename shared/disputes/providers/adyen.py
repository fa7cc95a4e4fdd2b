"""What Adyen's signed notifications prove about disputes, in our words."""

from collections.abc import Mapping

from shared.disputes.model import DisputeStatus
from shared.disputes.ports import Reading
from shared.disputes.reasons import DisputeReason
from shared.payments.methods import Gateway
from shared.payments.providers.adyen_notifications import Chargeback, ChargebackStage

_R = DisputeReason
REASONS: Mapping[str, DisputeReason] = {
    "10": _R.FRAUD,
    "11": _R.NOT_AUTHORISED,
    "12": _R.OTHER,
    "13": _R.SERVICE,
    "4837": _R.FRAUD,
    "4863": _R.NOT_RECOGNISED,
    "4834": _R.DUPLICATE,
    "4853": _R.SERVICE,
    "4860": _R.REFUND_MISSING,
}
"""By what the card scheme's code begins with: Visa's groups, Mastercard's codes."""
_ANNOUNCED, _TAKEN, _RETURNED, _TAKEN_FOR_GOOD = 1, 2, 3, 4
"""The only order in which a bank goes on with a dispute. It is told by the event's code, which is
signed; the event's date is not."""


def reading_of(chargeback: Chargeback, payment: str) -> Reading | None:
    """In our words; ``payment`` is the deposit's where the notification names none. None when the
    amount is of a currency that we do not keep."""
    if chargeback.amount.minor <= 0:
        return None
    return Reading(
        gateway=Gateway.ADYEN,
        reference=chargeback.reference,
        payment=chargeback.payment or payment,
        amount=chargeback.amount,
        status=_status(chargeback),
        taken=chargeback.stage is ChargebackStage.TAKEN,
        reason=_reason(chargeback.code),
        evidence_due=chargeback.evidence_due,
        step=_step(chargeback),
    )


def _status(chargeback: Chargeback) -> DisputeStatus:
    match chargeback.stage:
        case ChargebackStage.ANNOUNCED:
            return DisputeStatus.WARNING
        case ChargebackStage.RETURNED:
            return DisputeStatus.WON
        case ChargebackStage.TAKEN:
            return DisputeStatus.LOST if chargeback.final else DisputeStatus.OPEN


def _step(chargeback: Chargeback) -> int:
    match chargeback.stage:
        case ChargebackStage.ANNOUNCED:
            return _ANNOUNCED
        case ChargebackStage.RETURNED:
            return _RETURNED
        case ChargebackStage.TAKEN:
            return _TAKEN_FOR_GOOD if chargeback.final else _TAKEN


def _reason(code: str) -> DisputeReason:
    return REASONS.get(code) or REASONS.get(code.partition(".")[0]) or _R.OTHER
