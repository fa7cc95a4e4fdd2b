"""What members of staff ask for: a day compared now; the worker, which has the statements, does
it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from shared.kernel.clock import Clock
from shared.kernel.errors import InvalidValue
from shared.platform.idempotency import IdempotencyKeys, Intent, once
from shared.platform.work import UnitOfWork, Write
from shared.reconciliation.errors import DayNotOver
from shared.reconciliation.events import ReportAskedV1
from shared.reconciliation.model import Book
from shared.reconciliation.service import AFTER

OPERATION = "runReconciliation"
LONGEST_AGO = timedelta(days=400)

type Record = Callable[[Book, date], Sequence[Write]]
"""The writes that belong to the same fact."""


@dataclass(frozen=True, slots=True)
class Asking:
    """The ports of this use case."""

    keys: IdempotencyKeys
    facts: UnitOfWork
    clock: Clock

    def run(self, by: str, key: str, book: Book, day: date, record: Record) -> bool:
        """Ask once for a key; True when it was asked for now. The same key with another book or
        day raises IdempotencyKeyReused. DayNotOver, InvalidValue for a day long ago."""
        newest = (self.clock.now() - AFTER).astimezone(UTC).date() - timedelta(days=1)
        if day > newest:
            raise DayNotOver()
        if day < newest - LONGEST_AGO:
            raise InvalidValue(
                field="day", reason=f"must not be longer ago than {LONGEST_AGO.days} days"
            )
        intent = Intent(by, OPERATION, key, (book.name, day.isoformat()))
        event = ReportAskedV1(book=book.name, day=day.isoformat())
        made = once(
            self.keys,
            self.facts,
            intent,
            make=lambda: (event, f"{book.name}@{day.isoformat()}", list(record(book, day))),
            read=lambda _: event,
            tell=lambda told: [told],
        )
        return made[1]
