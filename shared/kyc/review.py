"""A member of staff decides a case that the provider's result left open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.kyc.deciding import decided, events_of, writes_of
from shared.kyc.decisions import Decision
from shared.kyc.errors import CaseNotInReview
from shared.kyc.model import Case, CaseStatus
from shared.kyc.ports import Cases, People
from shared.platform.contention import full_jitter
from shared.platform.work import (
    ConditionFailed,
    LostRace,
    UnitOfWork,
    Write,
    retry_lost_race,
)

REVIEWERS = "staff"
"""By this name our own staff vouch for an identity, where else the provider's would stand."""
_TRIES = 4


class Verdict(StrEnum):
    """What a reviewer can decide."""

    APPROVE = "APPROVE"
    REJECT = "REJECT"


_STATUS = {Verdict.APPROVE: CaseStatus.APPROVED, Verdict.REJECT: CaseStatus.REJECTED}


@dataclass(frozen=True, slots=True)
class Review:
    """The ports of this use case."""

    cases: Cases
    people: People
    unit: UnitOfWork
    clock: Clock

    def decide(
        self, user_id: str, verdict: Verdict, record: Callable[[Case, Case], Sequence[Write]]
    ) -> CaseStatus:
        """Approve or reject for good; what is told to others is what a provider's result tells.

        ``record`` gives the writes that belong to the same fact, from the case before and after.
        Deciding again alike is success and changes nothing. Raises NotFound without a case,
        CaseNotInReview when it is not for staff to decide, TemporarilyUnavailable.
        """
        return retry_lost_race(
            lambda: self._decide(user_id, verdict, record), tries=_TRIES, pause=full_jitter
        )

    def _decide(
        self, user_id: str, verdict: Verdict, record: Callable[[Case, Case], Sequence[Write]]
    ) -> CaseStatus:
        file = self.cases.read(user_id)
        case = file.case
        if case is None:
            raise NotFound(what="The identity case")
        if case.status is _STATUS[verdict]:
            return case.status
        if case.status is not CaseStatus.IN_REVIEW:
            raise CaseNotInReview(status=case.status.value)
        # The reason stays with the case: why it came to review is what it was judged on.
        decision = Decision(_STATUS[verdict], None if verdict is Verdict.APPROVE else case.reason)
        after = decided(case, decision, self.clock.now())
        writes = writes_of(self.cases, self.people, file, case, after, decision)
        try:
            self.unit.commit(
                [*writes, *record(case, after)], *events_of(user_id, decision, REVIEWERS)
            )
        except ConditionFailed as failed:
            if "case" in failed.found:
                raise LostRace from None
            raise
        return after.status
