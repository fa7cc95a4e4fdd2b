"""What members of staff do with cases about money: they look, and say when they are done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.cases.model import CaseStatus, MoneyCase
from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.platform.work import ConditionFailed, UnitOfWork, Write

type Record = Callable[[MoneyCase, MoneyCase], Sequence[Write]]
"""The writes that belong to the same fact, from the case before and after."""


@dataclass(frozen=True, slots=True)
class Resolving:
    """The ports of this use case."""

    cases: Cases
    facts: UnitOfWork
    clock: Clock

    def resolve(self, case_id: str, by: str, note: str, record: Record) -> MoneyCase:
        """Looked at and done with. One that somebody resolved before stays as they left it.

        Raises NotFound, and ConditionFailed when a condition of ``record`` does not hold.
        """
        before = self.cases.get(case_id)
        if before is None:
            raise NotFound(what="The case")
        if before.status is CaseStatus.RESOLVED:
            return before
        after = before.resolved(self.clock.now(), by, note)
        try:
            self.facts.commit([self.cases.resolve(before, after), *record(before, after)])
        except ConditionFailed as failed:
            found = self.cases.get(case_id)
            if "case" not in failed.found or found is None:
                raise
            return found
        return after
