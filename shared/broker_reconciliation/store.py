"""Reads and writes of accounts, days and reports."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from shared.broker_reconciliation.model import HOLD_REASON, DayReport, Looked, Record, Segment
from shared.broker_reconciliation.ports import OpenAccount, Ours
from shared.broker_reconciliation.rows import (
    REPORTS,
    DayReportRow,
    HoldRow,
    RecordRow,
    SegmentRow,
    day_partition,
    hold_key,
    noted_from,
    noted_row,
    record_from,
    record_key,
    record_row,
    report_from,
    report_row,
    segment_from,
    segment_place,
    segment_row,
)
from shared.cases.model import CaseKind, MoneyCase, case_id_of
from shared.cases.store import case_from, case_key
from shared.investing.borrowing import borrowing, borrows_from
from shared.kernel.clock import Clock
from shared.kernel.money import Currency
from shared.ledger.model import Entry
from shared.ledger.store import LedgerStore
from shared.platform import keys
from shared.platform.tables import Database, Delete, Put, Table
from shared.platform.work import Write
from shared.portfolio.model import BASE
from shared.portfolio.store import PortfolioStore
from shared.users.store import user_from

_AT_ONCE = 100
"""Entries of a request; those before the record's are there to be paired with."""


def release_of(user_id: str) -> Write:
    """The write ``hold``: automatic trading goes on, where it was stopped for our reason."""
    key = hold_key(user_id)
    ours = HoldRow.pk.does_not_exist() | (HoldRow.reason == HOLD_REASON)
    return Delete("hold", HoldRow, key.pk, key.sk, ours)


class AccountStore:
    """See Accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ledger = LedgerStore(database)
        self._portfolio = PortfolioStore(database)

    def record(self, user_id: str) -> Record:
        """See Accounts."""
        key = record_key(user_id)
        row = self._database.get(RecordRow, key.pk, key.sk)
        return Record(user_id) if row is None else record_from(user_id, row)

    def standing(self, user_id: str) -> tuple[MoneyCase | None, bool, bool]:
        """See Accounts."""
        about, hold = case_key(case_id_of(CaseKind.BROKER_DIFFERS, user_id)), hold_key(user_id)
        found = self._database.get_many([about, hold])
        case = case_from(found[about]) if about in found else None
        reason = found[hold].to(HoldRow).reason if hold in found else None
        return case, reason == HOLD_REASON, reason not in (None, HOLD_REASON)

    def account_of(self, user_id: str) -> str | None:
        """See Accounts."""
        state = self._portfolio.state(user_id)
        return None if state.profile is None else user_from(state.profile).broker_account_id

    def read(self, record: Record, on: date) -> Ours:
        """See Accounts."""
        entries = self._entries(record)
        state = self._portfolio.state(record.user_id)
        wallet = state.wallet(BASE)
        rows = {
            symbol: one.quantity_nanos - one.owed_nanos
            for symbol, one in state.positions.items()
            if one.quantity_nanos != one.owed_nanos
        }
        profile = None if state.profile is None else user_from(state.profile)
        return Ours(
            account_id=None if profile is None else profile.broker_account_id,
            rows=rows,
            unsettled_minor=wallet.unsettled(on),
            open_orders=wallet.open_orders,
            borrows=borrows_from(state.trading),
            entries=entries,
        )

    def _entries(self, record: Record) -> list[Entry]:
        found: list[Entry] = []
        after: int | None = None
        while True:
            page = self._ledger.entries(record.user_id, Currency.USD, after=after, limit=_AT_ONCE)
            found += [one.entry for one in page.entries]
            after = page.after
            if after is None or after <= record.books.seq:
                return found[::-1]

    def save(self, record: Record) -> Write:
        """See Accounts."""
        if record.version == 0:
            return Put.new("record", record_row(record))
        return Put("record", record_row(record), RecordRow.version == record.version)

    def flag(self, user_id: str, borrows: bool) -> Write:
        """See Accounts."""
        return borrowing(user_id, borrows)

    def stop(self, user_id: str, case_id: str, at: datetime) -> Write:
        """See Accounts."""
        row = HoldRow(
            pk=keys.user(user_id),
            sk=keys.TRADING_HOLD,
            reason=HOLD_REASON,
            case_id=case_id,
            since=at,
        )
        return Put("hold", row, HoldRow.pk.does_not_exist() | (HoldRow.reason == HOLD_REASON))

    def release(self, user_id: str) -> Write:
        """See Accounts."""
        return release_of(user_id)

    def after_case(self, case: MoneyCase) -> list[Write]:
        """What belongs to the fact that a person resolves a case: where it is ours, automatic
        trading of the account goes on. One request, or none."""
        if case.kind is not CaseKind.BROKER_DIFFERS or case.user_id != case.subject:
            return []
        _, stopped, _ = self.standing(case.subject)
        return [release_of(case.subject)] if stopped else []


class DayStore:
    """See Days."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def segments(self, day: date) -> dict[int, Segment]:
        """See Days."""
        page = self._database.query(Table.CORE, day_partition(day), "SEGMENT#", "SEGMENT#~")
        return {one.number: one for one in map(segment_from, page.rows(SegmentRow))}

    def segment(self, day: date, number: int) -> Segment:
        """See Days."""
        row = self._database.get(SegmentRow, day_partition(day), segment_place(number))
        return Segment(number) if row is None else segment_from(row)

    def keep(self, day: date, segment: Segment) -> Segment:
        """See Days."""
        now = self._clock.now()
        row = segment_row(day, segment, now)
        same = SegmentRow.version == segment.version
        condition = same if segment.version else SegmentRow.pk.does_not_exist()
        self._database.write(Put("segment", row, condition))
        return replace(segment, touched_at=now, version=segment.version + 1)

    def note(self, day: date, looked: Looked) -> None:
        """See Days."""
        self._database.write(Put("noted", noted_row(day, looked, self._clock.now())))

    def noted(self, day: date) -> Sequence[OpenAccount]:
        """See Days."""
        page = self._database.query(Table.CORE, day_partition(day), "ACCOUNT#", "ACCOUNT#~")
        return [noted_from(item) for item in page.items]

    def report(self, day: date) -> DayReport | None:
        """See Days."""
        row = self._database.get(DayReportRow, REPORTS, day.isoformat())
        return None if row is None else report_from(row)

    def last_report(self, before: date) -> DayReport | None:
        """See Days."""
        found, _ = self.reports(limit=1, after=before)
        return found[0] if found else None

    def add_report(self, report: DayReport) -> Write:
        """See Days."""
        return Put.new("report", report_row(report))

    def reports(
        self, *, limit: int, after: date | None = None
    ) -> tuple[Sequence[DayReport], date | None]:
        """See Days."""
        last = "~" if after is None else after.isoformat()
        page = self._database.query(
            Table.CORE, REPORTS, "0", last, newest_first=True, limit=limit + 2
        )
        found = [one for one in map(report_from, page.rows(DayReportRow)) if one.day != after]
        more = len(found) > limit
        return found[:limit], found[limit - 1].day if more else None
