"""The case about a payment in suspense: open until it is settled what becomes of the money."""

from dataclasses import replace
from datetime import datetime

from shared.cases.model import CaseKind, CaseStatus, case_id_of, new_case
from shared.cases.ports import Cases
from shared.payments.methods import Gateway
from shared.payments.suspended import Suspended
from shared.platform.work import Write
from shared.treasury.suspense import Decision, Stop


def _kind(found: Suspended) -> CaseKind:
    return CaseKind.UNMATCHED_MONEY if found.owner is None else CaseKind.AMOUNT_MISMATCH


def _subject(found: Suspended) -> str:
    """What its case is about: of an entry of the bank's statement the book and its name."""
    if found.gateway is Gateway.BANK:
        return f"{found.gateway.value}:{found.payment}"
    return found.subject


def closed(cases: Cases, found: Suspended, decision: Decision, at: datetime) -> list[Write]:
    """With the words of who decided last; nothing where somebody has closed it before."""
    case = cases.get(case_id_of(_kind(found), _subject(found)))
    if case is None or case.status is not CaseStatus.OPEN:
        return []
    by = decision.decided_by or decision.proposed_by
    return [cases.resolve(case, case.resolved(at, by, decision.reason))]


def told(cases: Cases, found: Suspended, why: Stop, at: datetime) -> Write:
    """Why what was agreed did not happen; opened for it where there is no open one."""
    case = cases.get(case_id_of(_kind(found), _subject(found)))
    if case is not None and case.status is CaseStatus.OPEN:
        others = tuple(fact for fact in case.facts if fact[0] != "stopped")
        facts = (*others, ("stopped", why.value))
        return cases.resolve(case, replace(case, facts=facts, version=case.version + 1))
    facts_known = {
        "gateway": found.gateway.value,
        "payment": found.payment,
        "paid": str(found.amount),
        "stopped": why.value,
    }
    new = new_case(_kind(found), _subject(found), at, user_id=found.owner, **facts_known)
    return cases.open(new)
