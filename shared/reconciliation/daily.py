"""Asking for the reports of yesterday, until they are there."""

from dataclasses import dataclass
from datetime import date, timedelta

from shared.kernel.clock import from_text
from shared.platform.observability import logger, metric
from shared.platform.queues import CheckMessage, Queue
from shared.reconciliation.model import Book
from shared.reconciliation.ports import Reports
from shared.reconciliation.service import Reconciling

TICK, CHECK = "reconciliation", "reconcile"
LATE_AFTER = timedelta(hours=6)
"""So long after the end of its day a report that is not there rings."""
_SERVICE = "reconcile_gateways"


@dataclass(frozen=True, slots=True)
class Daily:
    """The use case behind the schedule's tick, which comes every hour."""

    reconciling: Reconciling
    reports: Reports
    queue: Queue

    def tick(self, told: str | None = None) -> int:
        """Ask for each book that has no report of the day before the instant that is told, or
        before now; how many. A message each: a gateway that is down holds up nobody else."""
        as_of = self.reconciling.clock.now() if told is None else from_text(told)
        day, asked = self.reconciling.yesterday(as_of), 0
        for book in self.reconciling.books():
            if self.reports.of(book, day) is not None:
                continue
            if self.reconciling.yesterday(as_of - LATE_AFTER) >= day:
                logger(_SERVICE).error("a report is missing", extra={"book": book.name})
                metric("ReconciliationReportMissing", book=book.party.value)
            self.queue.send(message(book, day, told))
            asked += 1
        return asked


def message(book: Book, day: date, as_of: str | None = None) -> CheckMessage:
    """What asks for the report of a day, now or as of an instant."""
    subject = {"book": book.name, "day": day.isoformat()}
    return CheckMessage(CHECK, subject if as_of is None else subject | {"as_of": as_of})
