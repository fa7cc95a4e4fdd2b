"""A decision about a case as one fact: case, documents, the profile's copy, and who is told."""

from dataclasses import replace
from datetime import datetime

from shared.kernel.events import Event
from shared.kernel.states import advance as legal
from shared.kyc.decisions import Decision
from shared.kyc.events import IdentityApprovedV1, IdentityRejectedV1
from shared.kyc.model import (
    CASE_TRANSITIONS,
    OVERDUE,
    Case,
    CaseFile,
    CaseStatus,
    Document,
    DocumentStatus,
    moved,
)
from shared.kyc.ports import Cases, People
from shared.kyc.reasons import NOT_CONFIRMED, public
from shared.platform.work import Write


def decided(case: Case, decision: Decision, at: datetime) -> Case:
    """The case after the decision; IllegalTransition when it cannot get there."""
    if decision.status is not case.status:
        legal(CASE_TRANSITIONS, case.status, decision.status)
    return replace(
        case,
        status=decision.status,
        reason=decision.reason,
        decided_at=at,
        updated_at=at,
        lease=None,
        lease_until=None,
    )


def writes_of(
    cases: Cases, people: People, file: CaseFile, case: Case, after: Case, decision: Decision
) -> list[Write]:
    """Everything that the decision changes, under the condition that the case is unchanged."""
    due = after.updated_at + OVERDUE if after.open else None
    return [
        cases.save_case(case, after, due),
        people.set_kyc_status(case.user_id, after.status),
        *(cases.save_document(each) for each in _judged(file, decision)),
    ]


def events_of(user_id: str, decision: Decision, vouched_by: str) -> list[Event]:
    """What others are told; nothing while nothing is final and nothing is asked for."""
    match decision.status:
        case CaseStatus.APPROVED:
            return [IdentityApprovedV1(user_id=user_id, provider=vouched_by)]
        case CaseStatus.ACTION_REQUIRED | CaseStatus.REJECTED:
            known = decision.reason and public(decision.reason)
            again = decision.status is CaseStatus.ACTION_REQUIRED
            reason = known.value if known else NOT_CONFIRMED
            return [IdentityRejectedV1(user_id=user_id, reason=reason, can_retry=again)]
    return []


def _judged(file: CaseFile, decision: Decision) -> list[Document]:
    """The documents that a decision changes."""
    judged = []
    for document in file.submitted():
        reason = decision.rejected.get(document.id)
        if decision.status is CaseStatus.APPROVED:
            judged.append(moved(document, DocumentStatus.VERIFIED))
        elif reason is not None:
            judged.append(moved(document, DocumentStatus.REJECTED, reason=reason))
    return judged
