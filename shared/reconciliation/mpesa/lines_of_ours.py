"""Which lines of ours a report needs M-Pesa's word about, and of which it has said nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from shared.kernel.clock import Clock
from shared.reconciliation.mpesa.lines import Shortcodes, subject_of
from shared.reconciliation.mpesa.model import BOOK, Question, State, Subject, question_id
from shared.reconciliation.mpesa.store import Questions
from shared.reconciliation.ports import Archive, Reports, StoredReport
from shared.reconciliation.report import read
from shared.reconciliation.service import LOOKED_BACK
from shared.treasury.ports import Projection

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LinesOfOurs:
    """All of one cell."""

    balances: Projection
    questions: Questions
    reports: Reports
    archive: Archive
    shortcodes: Callable[[], Shortcodes]
    clock: Clock
    cell: str

    def first(self, day: date) -> date:
        """The first day of the book, and none after ``day``."""
        first = self.balances.since(BOOK.account, BOOK.currency.asset)
        return day if first is None else min(day, first)

    def subjects(self, day: date) -> Sequence[Subject]:
        """What M-Pesa can be asked about: lines that the report of ``day`` looks at, those since,
        and older ones that were open in the report before."""
        last, ours = self.reports.before(BOOK, day), self.shortcodes()
        found = {one.subject.name: one.subject for one in self._carried(last)}
        on = (self.first(day) if last is None else last.day + _DAY) - LOOKED_BACK
        today = self.clock.now().astimezone(UTC).date()
        while on <= today:
            for line in self.balances.lines(BOOK.account, BOOK.currency.asset, on):
                subject = subject_of(line, ours)
                if subject is not None:
                    found[subject.name] = subject
            on += _DAY
        return list(found.values())

    def silent(self, day: date) -> Sequence[Question]:
        """The questions about them that were asked and never answered."""
        names = [question_id(self.cell, one.name) for one in self.subjects(day)]
        found = self.questions.found(names).values()
        return [one for one in found if one.state is State.ASKED]

    def _carried(self, last: StoredReport | None) -> Sequence[Question]:
        content = None if last is None else self.archive.read(last.place)
        if content is None:
            # Not there, or the first one: whoever makes the next report says so.
            return ()
        names = [item.name for line in read(content).open for item in line.ours]
        return list(self.questions.found(question_id(self.cell, one) for one in names).values())
