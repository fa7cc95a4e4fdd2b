"""From a provider's findings to what becomes of case and documents. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.kyc.model import (
    MAX_ATTEMPTS,
    CaseFile,
    CaseStatus,
    DocumentStatus,
    DocumentType,
)
from shared.kyc.ports import Finding
from shared.kyc.reasons import MEANINGS, Class, Reason


@dataclass(frozen=True, slots=True)
class Decision:
    """The case's new status and main reason, and the reason of each document that failed."""

    status: CaseStatus
    reason: Reason | None = None
    rejected: Mapping[str, Reason] = field(default_factory=dict)


def decide(file: CaseFile, findings: Sequence[Finding]) -> Decision:
    """Approve only without any finding; otherwise the gravest class of the findings decides.

    Reasons that a person can mend lead to a new attempt, until the attempts or that reason's
    own retries are used up; then a member of staff decides.
    """
    if not findings:
        return Decision(CaseStatus.APPROVED)
    for kind, status in ((Class.FINAL, CaseStatus.REJECTED), (Class.REVIEW, CaseStatus.IN_REVIEW)):
        for finding in findings:
            if MEANINGS[finding.reason].kind is kind:
                return Decision(status, finding.reason)
    main = findings[0].reason
    case = file.case
    if case is None or case.attempts >= MAX_ATTEMPTS or _worn_out(file, findings):
        return Decision(CaseStatus.IN_REVIEW, main)
    return Decision(CaseStatus.ACTION_REQUIRED, main, _rejected(file, findings))


def _rejected(file: CaseFile, findings: Sequence[Finding]) -> dict[str, Reason]:
    rejected: dict[str, Reason] = {}
    for finding in findings:
        for document in file.submitted():
            if (document.type is DocumentType.SELFIE) == finding.on_selfie:
                rejected.setdefault(document.id, finding.reason)
    return rejected


def _worn_out(file: CaseFile, findings: Sequence[Finding]) -> bool:
    """Whether a reason has already been given as often as it may; both sides of one document
    are rejected together and count once."""
    for finding in findings:
        slots = [
            each.slot
            for each in file.documents
            if each.status is DocumentStatus.REJECTED and each.reason is finding.reason
        ]
        times = max((slots.count(slot) for slot in slots), default=0)
        if times >= MEANINGS[finding.reason].retries:
            return True
    return False
