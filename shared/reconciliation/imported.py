"""Lines of statements that come as files: kept once by their names, for the day of their import.

A report of a day is never made again because of a file that came later: its lines count for the
day on which they came, and their ages by their own times.
"""

from collections.abc import Sequence
from datetime import UTC, date, timedelta
from typing import ClassVar

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from shared.kernel.clock import Clock
from shared.kernel.money import Currency
from shared.platform.tables import Database, InstantAttribute, Put, Row, Table
from shared.platform.work import ConditionFailed, Write
from shared.reconciliation.model import Book, Category, Item, Party

LINE, NAME = "statement_line", "statement_name"
"""Names of the writes: the line under its day, and its name, which is used once."""
_FIRST, _LAST = "0", "~"


class StatementLineRow(Row):
    """One line. Never changed."""

    KIND: ClassVar[str] = "statement_line"

    category = UnicodeAttribute()
    reference = UnicodeAttribute()
    minor = NumberAttribute()
    at = InstantAttribute()
    fee_known = BooleanAttribute(default=False)


class StatementNameRow(Row):
    """A line that is there already, whichever file tells of it."""

    KIND: ClassVar[str] = "statement_name"

    day = UnicodeAttribute()


class StatementClosingRow(Row):
    """What a party said that it held, by the day on which it said so."""

    KIND: ClassVar[str] = "statement_closing"

    minor = NumberAttribute()
    stood_on = UnicodeAttribute(null=True)
    """The day at whose end it did, which may be long before the file came."""


def _lines(book: Book, day: date) -> str:
    return f"STATEMENT#{book.name}#{day.isoformat()}"


def _names(book: Book) -> str:
    return f"STATEMENT#{book.name}#NAMES"


def _closings(book: Book) -> str:
    return f"STATEMENT#{book.name}#CLOSINGS"


class ImportedLines:
    """Where they are kept."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @property
    def today(self) -> date:
        """For which what comes now counts."""
        return self._clock.now().astimezone(UTC).date()

    def known(self, book: Book, name: str) -> bool:
        """Whether a line of this name is there."""
        return self._database.get(StatementNameRow, _names(book), name) is not None

    def moved(self, book: Book, name: str) -> int | None:
        """What the line of this name moves; None when there is none."""
        known = self._database.get(StatementNameRow, _names(book), name)
        if known is None:
            return None
        day = date.fromisoformat(known.day)
        line = self._database.get(StatementLineRow, _lines(book, day), name)
        return None if line is None else int(line.minor)

    def add(self, book: Book, item: Item) -> list[Write]:
        """The writes of a line; ``statement_name`` fails when it is there."""
        day = item.day.isoformat()
        line = StatementLineRow(
            pk=_lines(book, item.day),
            sk=item.name,
            category=item.category.value,
            reference=item.reference,
            minor=item.minor,
            at=item.at,
            fee_known=item.fee_known,
        )
        return [
            Put(LINE, line),
            Put.new(NAME, StatementNameRow(pk=_names(book), sk=item.name, day=day)),
        ]

    def close(self, book: Book, minor: int, day: date, *, news: bool = True) -> None:
        """What the party says that it held at the end of a day. What stood before what is known
        already says nothing new, nor does a file of the same day that brings no ``news``."""
        page = self._database.query(
            Table.CORE, _closings(book), _FIRST, _LAST, newest_first=True, limit=1
        )
        last = page.first(StatementClosingRow)
        known = "" if last is None else last.stood_on or ""
        stood_on = min(day, self.today).isoformat()
        if stood_on < known or (stood_on == known and not news):
            return
        row = StatementClosingRow(
            pk=_closings(book), sk=self.today.isoformat(), minor=minor, stood_on=stood_on
        )
        stood = StatementClosingRow.stood_on
        no_later = stood.does_not_exist() | (stood <= stood_on)
        try:
            self._database.write(Put("statement_closing", row, no_later))
        except ConditionFailed:
            # A newer file was faster.
            return

    def of(self, book: Book, day: date) -> list[Item]:
        """The lines that count for a day."""
        page = self._database.query(Table.CORE, _lines(book, day), _FIRST, _LAST)
        return [
            Item(
                name=row.sk,
                category=Category(row.category),
                reference=row.reference,
                minor=int(row.minor),
                at=row.at,
                day=day,
                fee_known=bool(row.fee_known),
            )
            for row in page.rows(StatementLineRow)
        ]

    def closing(self, book: Book, day: date) -> int | None:
        """What was said last, on that day or before; None when nothing was."""
        page = self._database.query(
            Table.CORE, _closings(book), _FIRST, day.isoformat(), newest_first=True, limit=1
        )
        row = page.first(StatementClosingRow)
        return None if row is None else int(row.minor)


class ImportedStatement:
    """See Statements: of a party whose statement comes as files."""

    def __init__(self, party: Party, lines: ImportedLines) -> None:
        self._party = party
        self._lines = lines

    def items(self, currency: Currency, since: date, until: date) -> Sequence[Item]:
        """See Statements."""
        book, days = Book(self._party, currency), (until - since).days + 1
        return [
            item
            for number in range(days)
            for item in self._lines.of(book, since + timedelta(days=number))
        ]

    def closing(self, currency: Currency, day: date) -> int | None:
        """See Statements."""
        return self._lines.closing(Book(self._party, currency), day)
