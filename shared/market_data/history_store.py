"""Rows of history in the market table: bars by symbol and year, announcements by symbol."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from shared.market_data.announcements import ActionKind, Announcement
from shared.market_data.bars import Adjustment, Bar, DailyFacts, from_lines, to_lines
from shared.platform.tables import (
    Database,
    DecimalAttribute,
    Item,
    Key,
    Put,
    Row,
    Table,
    WholeAttribute,
)

DAILY = "DAILY"
_FIRST, _LAST = "!", "~"
"""Around every identifier."""


class BarsRow(Row):
    """One year of one symbol, about 16 KB; the sort key is ``<adjustment>#<year>``."""

    TABLE: ClassVar[Table] = Table.MARKET
    KIND: ClassVar[str] = "bars"

    lines = UnicodeAttribute()
    version = WholeAttribute()


class DailyRow(Row):
    """What rules ask of a symbol's bars; the sort key is the symbol."""

    TABLE: ClassVar[Table] = Table.MARKET
    KIND: ClassVar[str] = "daily"

    day = UnicodeAttribute()
    close = DecimalAttribute()
    previous_close = DecimalAttribute(null=True)
    average_volume = WholeAttribute(null=True)


class AnnouncementRow(Row):
    """A corporate action; the sort key is the source's id."""

    TABLE: ClassVar[Table] = Table.MARKET
    KIND: ClassVar[str] = "announcement"

    type = UnicodeAttribute()
    symbol = UnicodeAttribute()
    effective = UnicodeAttribute()
    record_date = UnicodeAttribute(null=True)
    payable_date = UnicodeAttribute(null=True)
    process_date = UnicodeAttribute(null=True)
    cash = DecimalAttribute(null=True)
    old_rate = DecimalAttribute(null=True)
    new_rate = DecimalAttribute(null=True)
    new_symbol = UnicodeAttribute(null=True)
    special = BooleanAttribute()
    foreign = BooleanAttribute()
    withdrawn = BooleanAttribute()


def bars_partition(symbol: str) -> str:
    """Where a symbol's bars lie."""
    return f"BARS#{symbol}"


def announcements_partition(symbol: str) -> str:
    """Where a symbol's announcements lie."""
    return f"ACTIONS#{symbol}"


def daily_key(symbol: str) -> Key:
    """Where a symbol's facts lie."""
    return Key(Table.MARKET, DAILY, symbol)


def daily_of(item: Item) -> DailyFacts:
    """Row to facts."""
    row = item.to(DailyRow)
    return DailyFacts(
        symbol=row.sk,
        day=date.fromisoformat(row.day),
        close=row.close,
        previous_close=row.previous_close,
        average_volume=None if row.average_volume is None else int(row.average_volume),
    )


class HistoryStore:
    """See HistoryBook."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def bars(self, symbol: str, adjustment: Adjustment, first: date, last: date) -> list[Bar]:
        """See HistoryBook."""
        page = self._database.query(
            Table.MARKET,
            bars_partition(symbol),
            f"{adjustment.value}#{first.year}",
            f"{adjustment.value}#{last.year}",
        )
        found = [bar for row in page.rows(BarsRow) for bar in from_lines(symbol, row.lines)]
        return [bar for bar in found if first <= bar.day <= last]

    def keep_bars(self, symbol: str, adjustment: Adjustment, bars: Sequence[Bar]) -> int:
        """See HistoryBook. Raises ConditionFailed when somebody else wrote the same year."""
        years: dict[int, dict[date, Bar]] = {}
        for bar in bars:
            years.setdefault(bar.day.year, {})[bar.day] = bar
        return sum(self._keep_year(symbol, adjustment, *each) for each in sorted(years.items()))

    def _keep_year(
        self, symbol: str, adjustment: Adjustment, year: int, bars: dict[date, Bar]
    ) -> bool:
        pk, sk = bars_partition(symbol), f"{adjustment.value}#{year}"
        before = self._database.get(BarsRow, pk, sk)
        known = [] if before is None else from_lines(symbol, before.lines)
        lines = to_lines(list(({bar.day: bar for bar in known} | bars).values()))
        if before is not None and before.lines == lines:
            return False
        version = 1 if before is None else before.version + 1
        unchanged = (
            BarsRow.pk.does_not_exist() if before is None else BarsRow.version == before.version
        )
        row = BarsRow(pk=pk, sk=sk, lines=lines, version=version)
        self._database.write(Put("bars", row, unchanged))
        return True

    def facts(self, symbols: Iterable[str]) -> dict[str, DailyFacts]:
        """See HistoryBook."""
        found = self._database.get_many([daily_key(symbol) for symbol in symbols])
        return {key.sk: daily_of(item) for key, item in found.items()}

    def keep_facts(self, facts: DailyFacts) -> None:
        """See HistoryBook."""
        row = DailyRow(pk=DAILY, sk=facts.symbol, day=facts.day.isoformat(), close=facts.close)
        row.previous_close, row.average_volume = facts.previous_close, facts.average_volume
        self._database.write(Put("daily", row))

    def announcements(self, symbol: str) -> list[Announcement]:
        """See HistoryBook."""
        page = self._database.query(Table.MARKET, announcements_partition(symbol), _FIRST, _LAST)
        found = [_announcement_of(row) for row in page.rows(AnnouncementRow)]
        return sorted(found, key=lambda each: (each.effective, each.id))

    def keep_announcement(self, announcement: Announcement) -> bool:
        """See HistoryBook."""
        row = _row_of(announcement)
        before = self._database.get(AnnouncementRow, row.pk, row.sk)
        if before is not None and _announcement_of(before) == announcement:
            return False
        self._database.write(Put("announcement", row))
        return True


def _announcement_of(row: AnnouncementRow) -> Announcement:
    return Announcement(
        id=row.sk,
        kind=ActionKind(row.type),
        symbol=row.symbol,
        effective=date.fromisoformat(row.effective),
        record_date=_day(row.record_date),
        payable_date=_day(row.payable_date),
        process_date=_day(row.process_date),
        cash=row.cash,
        old_rate=row.old_rate,
        new_rate=row.new_rate,
        new_symbol=row.new_symbol,
        special=row.special,
        foreign=row.foreign,
        withdrawn=row.withdrawn,
    )


def _row_of(one: Announcement) -> AnnouncementRow:
    row = AnnouncementRow(
        pk=announcements_partition(one.symbol),
        sk=one.id,
        type=one.kind.value,
        symbol=one.symbol,
        effective=one.effective.isoformat(),
        special=one.special,
        foreign=one.foreign,
        withdrawn=one.withdrawn,
    )
    for name in ("record_date", "payable_date", "process_date"):
        day: date | None = getattr(one, name)
        setattr(row, name, None if day is None else day.isoformat())
    row.cash, row.old_rate, row.new_rate = one.cash, one.old_rate, one.new_rate
    row.new_symbol = one.new_symbol
    return row


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
