"""Giving up a dispute whose gateway does not say itself when it is lost."""

from dataclasses import dataclass
from datetime import datetime

from shared.disputes import deciding
from shared.disputes.deciding import Change
from shared.disputes.errors import GatewayDecides
from shared.disputes.model import ASKED, Dispute, DisputeStatus
from shared.disputes.ports import File, Reading
from shared.disputes.recording import Record, Recording
from shared.kernel.errors import IllegalTransition, NotFound


@dataclass(frozen=True, slots=True)
class Conceding:
    """What a member of staff does when a bank's word is final, or no evidence will be sent."""

    recording: Recording

    def concede(self, user_id: str, deposit_id: str, dispute_id: str, record: Record) -> None:
        """The dispute is lost; one that was lost before is as it is. NotFound, GatewayDecides,
        IllegalTransition for one that was won or closed, Forbidden."""

        def decide(file: File, at: datetime) -> Change | None:
            before = file.dispute(dispute_id)
            if before is None:
                raise NotFound(what="The dispute")
            if before.gateway in ASKED:
                raise GatewayDecides()
            if before.status is DisputeStatus.LOST:
                return None
            if not before.live:
                what, source = DisputeStatus.__name__, before.status.value
                raise IllegalTransition(what=what, source=source, target="LOST")
            return deciding.decide(file, before, _lost(before), at)

        if self.recording.disputes.file(user_id, deposit_id) is None:
            raise NotFound(what="The deposit")
        self.recording.change(user_id, deposit_id, decide, record=record)


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
