"""Giving up a dispute whose gateway does not say itself when it is lost."""

from dataclasses import dataclass
from datetime import datetime

from shared.disputes import deciding
from shared.disputes.changes import Change
from shared.disputes.model import ASKED, Dispute, DisputeStatus
from shared.disputes.ports import File, Reading
from shared.disputes.recording import Recording


@dataclass(frozen=True, slots=True)
class Conceding:
    """What follows when a member of staff has asked for it."""

    recording: Recording

    def concede(self, user_id: str, deposit_id: str, dispute_id: str) -> None:
        """The dispute is lost. One that is not open any more stays as it is: the gateway was
        faster, or this is a duplicate."""

        def decide(file: File, at: datetime) -> Change | None:
            before = file.dispute(dispute_id)
            if before is None or before.gateway in ASKED or not before.live:
                return None
            return deciding.decide(file, before, _lost(before), at)

        self.recording.change(user_id, deposit_id, decide)


def _lost(dispute: Dispute) -> Reading:
    return Reading(
        gateway=dispute.gateway,
        reference=dispute.reference,
        payment=dispute.payment,
        amount=dispute.amount,
        status=DisputeStatus.LOST,
        taken=True,
        fee_minor=dispute.fee_minor,
        reason=dispute.reason,
        evidence_due=dispute.evidence_due,
    )
