"""What does not agree, followed by cases until it does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from shared.cases.model import CaseKind, CaseStatus, case_id_of, new_case
from shared.cases.ports import Cases
from shared.kernel.clock import Clock
from shared.payments.cash_balances import WHY as CASH_BALANCE
from shared.platform.observability import logger, metric
from shared.platform.work import ConditionFailed, UnitOfWork, Write
from shared.reconciliation.fees import bookable
from shared.reconciliation.model import Book, Line, Party, Status, Unknown
from shared.reconciliation.report import Report

OLD_AFTER_DAYS = 3
"""A break that is older than this, beyond its party's patience, rings."""
RESOLVED_BY = "reconciliation"
_BATCH = 50
_UNKNOWN = (CaseKind.PAYMENT_UNKNOWN, CaseKind.PAYOUT_UNKNOWN, CaseKind.UNMATCHED_MONEY)
_MOST = 2000
"""Cases of a kind, of all gateways together: more are an incident of its own."""
_SERVICE = "reconcile_gateways"
_NOTE = "Its counterpart came: both sides agree since {day}."
_ADDS_UP = "It is as its lines say since {day}."
_ANOTHER = "It differs by another amount since {day}."


@dataclass(frozen=True, slots=True)
class Breaks:
    """One case per line that does not agree. Everything here may be done again."""

    cases: Cases
    facts: UnitOfWork
    clock: Clock

    def follow(
        self,
        previous: Report | None,
        report: Report,
        replaced: Report | None = None,
        *,
        newest: bool = True,
    ) -> None:
        """Resolve the cases of breaks whose counterpart came since the report before, or the one
        of the same day that this one replaces. Of the newest day open a case for each break too,
        and ring for what is old, or for a statement that does not add up: what an older day lacks
        may have come since."""
        for before in (previous, replaced):
            if before is not None:
                self._resolve(before, report)
        if newest:
            self._open(report)

    def _open(self, report: Report) -> None:
        opened = [self._case(report, line) for line in breaks(report)]
        if report.unexplained_minor:
            opened += self._statement(report)
            metric("ReconciliationStatementOff", book=report.book.party.value)
        for start in range(0, len(opened), _BATCH):
            self.facts.commit(opened[start : start + _BATCH])
        old = [line for line in breaks(report) if _too_old(report, line)]
        if opened:
            logger(_SERVICE).error(
                "our books and a statement differ",
                extra={"book": report.book.name, "breaks": len(opened), "old": len(old)},
            )
        if old:
            metric("ReconciliationBreakOld", book=report.book.party.value)
        if any((report.day - one.opened_on).days > OLD_AFTER_DAYS for one in report.unknown):
            metric("ReconciliationUnknownOld", book=report.book.party.value)

    def _case(self, report: Report, line: Line) -> Write:
        case = new_case(
            CaseKind.RECONCILIATION_BREAK,
            subject_of(report.book, line),
            self.clock.now(),
            gateway=report.book.party.value,
            currency=report.book.currency.value,
            category=line.category.value,
            line=line.reference,
            status=line.status.value,
            ours_minor=str(line.ours_minor),
            theirs_minor=str(line.theirs_minor),
            since=line.first_day.isoformat(),
        )
        return self.cases.open(case)

    def _statement(self, report: Report) -> list[Write]:
        """The sum of all lines of a statement is not what the party says that it holds. Both move
        every day: the same difference is no news, also not of a case that somebody resolved."""
        kind, subject = CaseKind.RECONCILIATION_BREAK, _statement_of(report)
        if self.cases.get(case_id_of(kind, subject)) is not None:
            return []
        case = new_case(
            kind,
            subject,
            self.clock.now(),
            gateway=report.book.party.value,
            currency=report.book.currency.value,
            stated_minor=str(report.stated_minor),
            theirs_minor=str(report.theirs.closing),
        )
        return [self.cases.open(case)]

    def _resolve(self, previous: Report, report: Report) -> None:
        if previous.unexplained_minor and _statement_of(previous) != _statement_of(report):
            note = _ANOTHER if report.unexplained_minor else _ADDS_UP
            self._close(_statement_of(previous), report, note)
        agreed = {(line.category, line.reference) for line in report.lines} - {
            (line.category, line.reference) for line in report.open
        }
        for line in previous.open:
            if (line.category, line.reference) not in agreed:
                continue
            self._close(subject_of(report.book, line), report, _NOTE)

    def _close(self, subject: str, report: Report, note: str) -> None:
        case_id = case_id_of(CaseKind.RECONCILIATION_BREAK, subject)
        told = note.format(day=report.day.isoformat())
        ended = self.cases.end(case_id, self.clock.now(), by=RESOLVED_BY, note=told)
        if not ended:
            return
        try:
            self.facts.commit(ended)
        except ConditionFailed:
            # A person resolved it at this very moment.
            return

    def unknown(self, book: Book, day: date) -> tuple[Unknown, ...]:
        """Payments and payouts of this party without a final word, and people's money that waits
        there outside of our balance, known by the end of a day; the oldest first. Of a party with
        several currencies they are in each of its reports."""
        if book.party is Party.BANK:
            return ()
        ended = day + timedelta(days=1)
        found: list[Unknown] = []
        for kind in _UNKNOWN:
            for case in self.cases.listed(CaseStatus.OPEN, kind=kind, limit=_MOST):
                on, facts = case.waits_since.astimezone(UTC).date(), dict(case.facts)
                if kind is CaseKind.UNMATCHED_MONEY and facts.get("why") != CASH_BALANCE:
                    continue  # in suspense, so in the books
                if facts.get("gateway") == book.party.value and on < ended:
                    found.append(Unknown(case.case_id, case.subject, on))
        return tuple(sorted(found, key=lambda one: (one.opened_on, one.case_id)))


def breaks(report: Report) -> Sequence[Line]:
    """Lines that a person has to look at: not those that wait for a party that takes its time,
    nor fees that are booked because of this very report."""
    booked = {(line.category, line.reference) for line in bookable(report)}
    return [
        line
        for line in report.open
        if (line.category, line.reference) not in booked and not _waits(report, line)
    ]


def subject_of(book: Book, line: Line) -> str:
    """What the case of a line is about; the same thing on another day is another case."""
    name = f"{line.category.value}:{line.reference}"
    return f"{book.name}:{name}@{line.first_day.isoformat()}"


def _statement_of(report: Report) -> str:
    """As long as a statement is off by the same amount it is the same case; when it is again, it
    is another one."""
    since = report.off_since or report.day
    return f"{report.book.name}:STATEMENT:{report.unexplained_minor}@{since.isoformat()}"


def _waits(report: Report, line: Line) -> bool:
    if line.status is not Status.MISSING_THERE:
        return False
    return line.age_days(report.day) < report.book.patience_days


def _too_old(report: Report, line: Line) -> bool:
    return line.age_days(report.day) > report.book.patience_days + OLD_AFTER_DAYS
