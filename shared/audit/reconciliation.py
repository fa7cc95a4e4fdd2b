"""What members of staff ask of reconciliation; each act and its audit entry are one fact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.audit.acting import Acting, authorised, checked_reason
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.platform.work import Write
from shared.reconciliation.asking import Asking
from shared.reconciliation.model import Book


@dataclass(frozen=True, slots=True)
class ReconciliationDuties:
    """``subject`` is the firm's id, under which its entries lie."""

    subject: str
    asking: Asking
    trail: AuditTrail

    def run(self, by: Acting, key: str, book: Book, day: date, reason: str) -> bool:
        """See Asking.run. Raises Forbidden when the actor's role was lost meanwhile and
        InvalidValue for a reason that is none; nothing was asked and nothing recorded then."""
        words = checked_reason(reason)

        def entry(book: Book, day: date) -> Sequence[Write]:
            after = {"book": book.name, "day": day.isoformat()}
            recorded = self.trail.entry(
                by.actor, Action.RECONCILIATION_ASKED, self.subject, words, after=after
            )
            return [recorded, *by.conditions]

        return authorised(lambda: self.asking.run(by.actor.id, key, book, day, entry))
