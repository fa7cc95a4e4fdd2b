"""What use cases of other contexts ask of cases."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from shared.cases.model import CaseKind, CaseStatus, MoneyCase
from shared.platform.work import Write


class Cases(Protocol):
    """Where cases are kept."""

    def open(self, case: MoneyCase) -> Write:
        """A part of the fact that found it; one read. The write never fails. The same thing with
        the same facts is a duplicate, and changes nothing; with others they are added, and a case
        that was resolved is open again: whoever resolves it at this moment has to look again."""

    def get(self, case_id: str) -> MoneyCase | None:
        """One case."""

    def resolve(self, before: MoneyCase, after: MoneyCase) -> Write:
        """The write ``case``, under the condition that nobody changed it since."""

    def end(self, case_id: str, at: datetime, *, by: str, note: str) -> list[Write]:
        """What was looked for has come: the write of ``resolve`` by a part of the system; nothing
        where nobody has the case open."""

    def listed(
        self, status: CaseStatus, *, kind: CaseKind | None = None, limit: int = 50
    ) -> Sequence[MoneyCase]:
        """Cases of a status, the oldest first."""
