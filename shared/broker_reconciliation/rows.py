"""Rows of accounts, of days and of their reports."""

from datetime import date, datetime, timedelta
from typing import ClassVar

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from shared.broker_reconciliation.model import (
    Books,
    DayReport,
    Difference,
    Looked,
    Outcome,
    Record,
    Segment,
    shares_from,
    shares_text,
)
from shared.broker_reconciliation.ports import OpenAccount
from shared.platform import keys
from shared.platform.tables import DecimalAttribute, InstantAttribute, Item, Key, Row, Table

RECORD = "BROKER_RECORD"
"""Sort key beside a person's state, and outside of it."""
REPORTS = "BROKER_REPORTS"
KEPT = timedelta(days=90)
"""How long the rows of a day are there; its report stays."""


class RecordRow(Row):
    """See Record."""

    KIND: ClassVar[str] = "broker_record"

    seq = NumberAttribute()
    cash_minor = NumberAttribute()
    shares = UnicodeAttribute()
    rounding = DecimalAttribute()
    agreed_at = InstantAttribute(null=True)
    agreed_here_at = InstantAttribute(null=True)
    left_minor = NumberAttribute(default=0)
    left_shares = UnicodeAttribute(default="")
    left_inside = UnicodeAttribute(default="")
    differs = UnicodeAttribute()
    differs_since = InstantAttribute(null=True)
    unread_since = InstantAttribute(null=True)
    version = NumberAttribute()


class HoldRow(Row):
    """While it is there, automatic trading of the person is stopped."""

    KIND: ClassVar[str] = "trading_hold"

    reason = UnicodeAttribute()
    case_id = UnicodeAttribute(null=True)
    since = InstantAttribute()


class SegmentRow(Row):
    """See Segment."""

    KIND: ClassVar[str] = "broker_segment"

    cursor = UnicodeAttribute(null=True)
    done = BooleanAttribute(default=False)
    agreed = NumberAttribute()
    ours_minor = NumberAttribute()
    theirs = DecimalAttribute()
    shares = UnicodeAttribute()
    settled_off = NumberAttribute()
    version = NumberAttribute()
    touched_at = InstantAttribute()
    expires_at = NumberAttribute()


class NotedRow(Row):
    """See OpenAccount."""

    KIND: ClassVar[str] = "broker_account_noted"

    account_id = UnicodeAttribute()
    outcome = UnicodeAttribute()
    ours_minor = NumberAttribute()
    theirs = UnicodeAttribute()
    ours = UnicodeAttribute()
    shares = UnicodeAttribute()
    difference = UnicodeAttribute()
    since = InstantAttribute(null=True)
    noted_at = InstantAttribute(null=True)
    expires_at = NumberAttribute()


class DayReportRow(Row):
    """See DayReport."""

    KIND: ClassVar[str] = "broker_report"

    hash = UnicodeAttribute()
    place = UnicodeAttribute()
    signature = UnicodeAttribute()
    made_at = InstantAttribute()
    agreed = NumberAttribute()
    under_way = NumberAttribute()
    differs = NumberAttribute()
    accepted = NumberAttribute()
    unread = NumberAttribute()
    ours_minor = NumberAttribute()
    theirs_minor = NumberAttribute()


def record_key(user_id: str) -> Key:
    """Where a record lies."""
    return Key(Table.CORE, keys.user(user_id), RECORD)


def hold_key(user_id: str) -> Key:
    """Where a person's stop lies."""
    return Key(Table.CORE, keys.user(user_id), keys.TRADING_HOLD)


def day_partition(day: date) -> str:
    """Partition of a day's rows."""
    return f"BROKER_DAY#{day.isoformat()}"


def segment_place(number: int) -> str:
    """Sort key of a segment."""
    return f"SEGMENT#{number:02}"


def expires(at: datetime) -> int:
    """When a row of a day goes, in seconds of the epoch."""
    return int((at + KEPT).timestamp())


def record_from(user_id: str, row: RecordRow) -> Record:
    """As it is used."""
    return Record(
        user_id=user_id,
        books=Books(int(row.seq), int(row.cash_minor), shares_from(row.shares)),
        rounding=row.rounding,
        agreed_at=row.agreed_at,
        agreed_here_at=row.agreed_here_at,
        left=Difference(
            int(row.left_minor), shares_from(row.left_shares), shares_from(row.left_inside)
        ),
        differs=row.differs,
        differs_since=row.differs_since,
        unread_since=row.unread_since,
        version=int(row.version),
    )


def record_row(record: Record) -> RecordRow:
    """As it is written."""
    return RecordRow(
        pk=keys.user(record.user_id),
        sk=RECORD,
        seq=record.books.seq,
        cash_minor=record.books.cash_minor,
        shares=shares_text(record.books.shares),
        rounding=record.rounding,
        agreed_at=record.agreed_at,
        agreed_here_at=record.agreed_here_at,
        left_minor=record.left.cash_minor,
        left_shares=shares_text(record.left.shares),
        left_inside=shares_text(record.left.inside),
        differs=record.differs,
        differs_since=record.differs_since,
        unread_since=record.unread_since,
        version=record.version + 1,
    )


def segment_from(row: SegmentRow) -> Segment:
    """As it is used."""
    return Segment(
        number=int(row.sk.rpartition("#")[2]),
        cursor=row.cursor,
        done=bool(row.done),
        agreed=int(row.agreed),
        ours_minor=int(row.ours_minor),
        theirs=row.theirs,
        shares=shares_from(row.shares),
        settled_off=int(row.settled_off),
        version=int(row.version),
        touched_at=row.touched_at,
    )


def segment_row(day: date, segment: Segment, at: datetime) -> SegmentRow:
    """As it is written, touched now."""
    return SegmentRow(
        pk=day_partition(day),
        sk=segment_place(segment.number),
        cursor=segment.cursor,
        done=segment.done,
        agreed=segment.agreed,
        ours_minor=segment.ours_minor,
        theirs=segment.theirs,
        shares=shares_text(segment.shares),
        settled_off=segment.settled_off,
        version=segment.version + 1,
        touched_at=at,
        expires_at=expires(at),
    )


def noted_row(day: date, looked: Looked, at: datetime) -> NotedRow:
    """As it is written."""
    held = looked.held
    return NotedRow(
        pk=day_partition(day),
        sk=f"ACCOUNT#{looked.user_id}",
        account_id=looked.account_id,
        outcome=looked.outcome.value,
        ours_minor=looked.books.cash_minor,
        theirs="" if held is None else format(held.cash, "f"),
        ours=shares_text(looked.books.shares),
        shares="" if held is None else shares_text(held.shares),
        difference=looked.difference.text,
        since=looked.since,
        noted_at=at,
        expires_at=expires(at),
    )


def noted_from(item: Item) -> OpenAccount:
    """As it is used."""
    row = item.to(NotedRow)
    return OpenAccount(
        user_id=row.sk.removeprefix("ACCOUNT#"),
        account_id=row.account_id,
        outcome=Outcome(row.outcome),
        ours_minor=int(row.ours_minor),
        theirs=row.theirs,
        ours=shares_from(row.ours),
        shares=shares_from(row.shares),
        difference=row.difference,
        since=row.since,
        noted_at=row.noted_at,
    )


def report_row(report: DayReport) -> DayReportRow:
    """As it is written."""
    return DayReportRow(
        pk=REPORTS,
        sk=report.day.isoformat(),
        **{
            name: getattr(report, name)
            for name in DayReportRow.get_attributes()
            if name not in ("pk", "sk")
        },
    )


def report_from(row: DayReportRow) -> DayReport:
    """As it is used."""
    return DayReport(
        day=date.fromisoformat(row.sk),
        hash=row.hash,
        place=row.place,
        signature=row.signature,
        made_at=row.made_at,
        agreed=int(row.agreed),
        under_way=int(row.under_way),
        differs=int(row.differs),
        accepted=int(row.accepted),
        unread=int(row.unread),
        ours_minor=int(row.ours_minor),
        theirs_minor=int(row.theirs_minor),
    )
