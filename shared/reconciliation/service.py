"""Comparing a book with its statement, day by day, into reports that follow each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from shared.kernel.clock import Clock
from shared.kernel.ids import Ids, Kind
from shared.kernel.money import Currency
from shared.platform.observability import logger, metric
from shared.platform.work import ConditionFailed, UnitOfWork
from shared.reconciliation.books import item_of
from shared.reconciliation.breaks import Breaks
from shared.reconciliation.errors import DayNotOver
from shared.reconciliation.fees import Fees
from shared.reconciliation.matching import match
from shared.reconciliation.model import Book, Item, Party, Status
from shared.reconciliation.ports import Archive, Reports, Signer, Statements, StoredReport
from shared.reconciliation.report import GENESIS, Report, digest, read, unexplained
from shared.treasury.ports import Projection

AFTER = timedelta(minutes=30)
"""So long after its end a day is compared: entries reach the balances within seconds."""
LOOKED_BACK = timedelta(days=3)
"""Lines of so many days before are asked for again: what was late is in no report yet."""
_DAY = timedelta(days=1)
_SERVICE = "reconcile_gateways"


class ReportMissing(Exception):
    """The archive has not what the list of reports names."""


@dataclass(frozen=True, slots=True)
class Reconciling:
    """The use case behind each book's message. What was done before is success."""

    balances: Projection
    statements: Mapping[Party, Statements]
    reports: Reports
    archive: Archive
    signer: Signer
    breaks: Breaks
    fees: Fees
    facts: UnitOfWork
    clock: Clock
    ids: Ids

    def books(self) -> Sequence[Book]:
        """All that have moved and that somebody has a statement of."""
        moved = {one.account for one in self.balances.accounts()}
        return [
            book
            for party in Party
            if party in self.statements
            for book in _books_of(party)
            if book.account in moved
        ]

    def yesterday(self, at: datetime | None = None) -> date:
        """The newest day that can be compared."""
        return ((at or self.clock.now()) - AFTER).astimezone(UTC).date() - _DAY

    def check_over(self, day: date, as_of: datetime | None = None) -> None:
        """DayNotOver for a day that cannot be compared yet."""
        if day > self.yesterday(as_of):
            raise DayNotOver()

    def run(self, book: Book, day: date, as_of: datetime | None = None) -> StoredReport:
        """The report of a day, after those of all days before it that are missing; when nothing
        has changed since it was made, that one. ``as_of`` stands in for now where it is asked
        whether the day is over: what comes later is in the next report, as all that is late.

        Raises DayNotOver, and GatewayUnavailable when the statement cannot be had.
        """
        self.check_over(day, as_of)
        last = self.reports.before(book, day)
        if last is not None:
            missing = last.day + _DAY
            while missing < day:
                last = self._run_one(book, missing, last)
                missing += _DAY
        return self._run_one(book, day, last)

    def _run_one(self, book: Book, day: date, last: StoredReport | None) -> StoredReport:
        previous = None if last is None else self.read(last)
        report = self._compared(book, day, previous)
        newest = self.reports.before(book, date.max)
        self.breaks.follow(
            previous,
            report,
            self._replaced(report),
            newest=newest is None or newest.day <= day,
        )
        stored = self._keep(report)
        self.fees.book(report)
        return stored

    def _replaced(self, report: Report) -> Report | None:
        """The version that was there before, if it said something else and can be read."""
        stored = self.reports.of(report.book, report.day)
        if stored is None or stored.hash == report.hash:
            return None
        try:
            return self.read(stored)
        except ReportMissing:
            return None

    def read(self, stored: StoredReport) -> Report:
        """The whole of a report. Raises ReportMissing when it is not what was stored."""
        content = self.archive.read(stored.place)
        # The hash stands in a row of the core table: whoever changes one has not the other.
        if content is None or digest(content) != stored.hash:
            metric("ReconciliationReportBroken", book=stored.book.party.value)
            raise ReportMissing(stored.report_id)
        return read(content)

    def _compared(self, book: Book, day: date, previous: Report | None) -> Report:
        since = self._since(book, day) if previous is None else previous.day + _DAY
        asked_from = since - LOOKED_BACK
        known = {} if previous is None else previous.seen
        statement = self.statements[book.party]
        ours = self._new(self._ours(book, asked_from, day), known)
        theirs = self._new(statement.items(book.currency, asked_from, day), known)
        carried = () if previous is None else previous.open
        opening = (0, 0)
        if previous is not None:
            opening = (previous.ours.closing, previous.theirs.closing)
        matching = match(carried, ours, theirs, opening=opening)
        seen = dict(known) | {item.name: item.day for item in (*ours, *theirs)}
        stated = statement.closing(book.currency, day)
        return Report(
            book=book,
            since=since,
            day=day,
            ours=matching.ours,
            theirs=matching.theirs,
            stated_minor=stated,
            lines=matching.lines,
            seen={name: on for name, on in seen.items() if on > day - LOOKED_BACK},
            unknown=self.breaks.unknown(book, day),
            previous=GENESIS if previous is None else previous.hash,
            off_since=_off_since(previous, unexplained(stated, matching.theirs), day),
        )

    def _since(self, book: Book, day: date) -> date:
        first = self.balances.since(book.account, book.currency.asset)
        return day if first is None else min(day, first)

    def _ours(self, book: Book, since: date, until: date) -> list[Item]:
        days = (until - since).days + 1
        return [
            item_of(line)
            for number in range(days)
            for line in self.balances.lines(
                book.account, book.currency.asset, since + number * _DAY
            )
        ]

    @staticmethod
    def _new(items: Sequence[Item], known: Mapping[str, date]) -> list[Item]:
        return [item for item in items if item.name not in known]

    def _keep(self, report: Report) -> StoredReport:
        """The archive first: a row never names what is not there."""
        book, day, hashed = report.book, report.day, report.hash
        before = self.reports.of(book, day)
        if before is not None and before.hash == hashed:
            return before
        place = f"{book.party.value}/{book.currency.value}/{day.isoformat()}/{hashed}.json"
        self.archive.keep(place, report.canonical())
        counts = report.counts
        stored = StoredReport(
            report_id=self.ids.new(Kind.REPORT),
            book=book,
            since=report.since,
            day=day,
            version=1 if before is None else before.version + 1,
            hash=hashed,
            place=place,
            signature=self.signer.sign(bytes.fromhex(hashed)),
            made_at=self.clock.now(),
            ours_minor=report.ours.closing,
            theirs_minor=report.theirs.closing,
            stated_minor=report.stated_minor,
            matched=counts[Status.MATCHED],
            missing_here=counts[Status.MISSING_HERE],
            missing_there=counts[Status.MISSING_THERE],
            amount_differs=counts[Status.AMOUNT_DIFFERS],
            unknown=len(report.unknown),
        )
        try:
            self.facts.commit(self.reports.create(stored))
        except ConditionFailed:
            # Somebody else made this day's report at the same moment.
            found = self.reports.of(book, day)
            if found is None or found.hash != hashed:
                raise
            return found
        _tell(stored, report)
        return stored


def _books_of(party: Party) -> list[Book]:
    return [Book(party, currency) for currency in Currency]


def _off_since(previous: Report | None, off_minor: int, day: date) -> date | None:
    if not off_minor:
        return None
    same = previous is not None and previous.unexplained_minor == off_minor
    return (previous.off_since or previous.day) if previous is not None and same else day


def _tell(stored: StoredReport, report: Report) -> None:
    fields = {
        "report_id": stored.report_id,
        "book": stored.book.name,
        "day": stored.day.isoformat(),
        "open": len(report.open),
    }
    logger(_SERVICE).info("reconciled", extra=fields)
    metric("ReconciliationReportMade", book=stored.book.party.value)
