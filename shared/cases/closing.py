"""Cases that end by themselves, because what was looked for has come."""

from datetime import datetime

from shared.cases.model import CaseStatus
from shared.cases.ports import Cases
from shared.platform.work import Write


def closed(cases: Cases, case_id: str, at: datetime, *, by: str, note: str) -> list[Write]:
    """The write ``case`` of the fact that ends it; none where nobody has it open. It fails when
    somebody changes the case at this moment: read again and decide again. ``by`` names a part of
    the system."""
    before = cases.get(case_id)
    if before is None or before.status is CaseStatus.RESOLVED:
        return []
    return [cases.resolve(before, before.resolved(at, by, note))]
