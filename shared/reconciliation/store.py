"""Rows of reports: one per version of a book's day, and one in the list of all."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.kernel.ids import ulid_of
from shared.platform.tables import Database, InstantAttribute, Put, Row, Table
from shared.platform.work import Write
from shared.reconciliation.model import Book
from shared.reconciliation.ports import ReportPage, StoredReport

_LIST = "REPORTS"
_FIRST, _LAST = "0", "~"
REPORT, LISTED = "report", "listed"
"""Names of the writes."""


class ReportRow(Row):
    """One report, in figures."""

    KIND: ClassVar[str] = "reconciliation_report"

    report_id = UnicodeAttribute()
    book = UnicodeAttribute()
    since = UnicodeAttribute()
    day = UnicodeAttribute()
    version = NumberAttribute()
    hash = UnicodeAttribute()
    place = UnicodeAttribute()
    signature = UnicodeAttribute()
    made_at = InstantAttribute()
    ours_minor = NumberAttribute()
    theirs_minor = NumberAttribute()
    stated_minor = NumberAttribute(null=True)
    matched = NumberAttribute()
    missing_here = NumberAttribute()
    missing_there = NumberAttribute()
    amount_differs = NumberAttribute()
    unknown = NumberAttribute()


def _partition(book: Book) -> str:
    return f"{_LIST}#{book.name}"


def _row(report: StoredReport, pk: str, sk: str) -> ReportRow:
    return ReportRow(
        pk=pk,
        sk=sk,
        report_id=report.report_id,
        book=report.book.name,
        since=report.since.isoformat(),
        day=report.day.isoformat(),
        version=report.version,
        hash=report.hash,
        place=report.place,
        signature=report.signature,
        made_at=report.made_at,
        ours_minor=report.ours_minor,
        theirs_minor=report.theirs_minor,
        stated_minor=report.stated_minor,
        matched=report.matched,
        missing_here=report.missing_here,
        missing_there=report.missing_there,
        amount_differs=report.amount_differs,
        unknown=report.unknown,
    )


def _report(row: ReportRow) -> StoredReport:
    return StoredReport(
        report_id=row.report_id,
        book=Book.named(row.book),
        since=date.fromisoformat(row.since),
        day=date.fromisoformat(row.day),
        version=int(row.version),
        hash=row.hash,
        place=row.place,
        signature=row.signature,
        made_at=row.made_at,
        ours_minor=int(row.ours_minor),
        theirs_minor=int(row.theirs_minor),
        stated_minor=None if row.stated_minor is None else int(row.stated_minor),
        matched=int(row.matched),
        missing_here=int(row.missing_here),
        missing_there=int(row.missing_there),
        amount_differs=int(row.amount_differs),
        unknown=int(row.unknown),
    )


class ReportStore:
    """See Reports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, report_id: str) -> StoredReport | None:
        """See Reports."""
        row = self._database.get(ReportRow, _LIST, ulid_of(report_id))
        return None if row is None or row.report_id != report_id else _report(row)

    def of(self, book: Book, day: date) -> StoredReport | None:
        """See Reports."""
        return self._newest(book, f"{day.isoformat()}#", f"{day.isoformat()}#{_LAST}")

    def before(self, book: Book, day: date) -> StoredReport | None:
        """See Reports."""
        # A day's own versions follow the bare day, and are not before it.
        return self._newest(book, _FIRST, day.isoformat())

    def _newest(self, book: Book, first: str, last: str) -> StoredReport | None:
        page = self._database.query(
            Table.CORE, _partition(book), first, last, newest_first=True, limit=1
        )
        row = page.first(ReportRow)
        return None if row is None else _report(row)

    def page(self, *, limit: int, after: str | None = None) -> ReportPage:
        """See Reports."""
        page = self._database.query(
            Table.CORE, _LIST, _FIRST, _LAST, newest_first=True, limit=limit, after=after
        )
        entries = tuple((row.sk, _report(row)) for row in page.rows(ReportRow))
        return ReportPage(entries, page.after)

    def create(self, report: StoredReport) -> Sequence[Write]:
        """See Reports."""
        place = f"{report.day.isoformat()}#{report.version:06d}"
        return [
            Put.new(REPORT, _row(report, _partition(report.book), place)),
            Put.new(LISTED, _row(report, _LIST, ulid_of(report.report_id))),
        ]
