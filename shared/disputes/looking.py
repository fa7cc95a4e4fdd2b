"""When to look at a dispute without having heard anything. Pure."""

from datetime import datetime

from shared.disputes.model import (
    LOOKED_AT_EARLIEST,
    LOOKED_AT_EVERY,
    REMINDED_BEFORE,
    Dispute,
    DisputeStatus,
)


def evidence_wanted(dispute: Dispute) -> bool:
    """Whether somebody still has to send evidence, and was not reminded."""
    return dispute.status in (DisputeStatus.WARNING, DisputeStatus.OPEN) and not dispute.reminded


def to_be_reminded(dispute: Dispute, at: datetime) -> bool:
    """Whether the time has come to tell somebody once more."""
    due = dispute.evidence_due
    return evidence_wanted(dispute) and due is not None and at >= due - REMINDED_BEFORE


def next_look(dispute: Dispute, at: datetime) -> datetime | None:
    """Until it is decided: every day, and in time before evidence is due."""
    if not dispute.undecided:
        return None
    looks = [at + LOOKED_AT_EVERY]
    if evidence_wanted(dispute) and dispute.evidence_due is not None:
        looks.append(max(dispute.evidence_due - REMINDED_BEFORE, at + LOOKED_AT_EARLIEST))
    return min(looks)
