"""Keeping history current: bars of sessions that are over, and announced corporate actions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from shared.market_data.announcements import Announcement
from shared.market_data.bars import Adjustment, facts_of
from shared.market_data.calendar import last_closed
from shared.market_data.ports import History, HistoryBook

KEPT = timedelta(days=5 * 366)
"""How far back the bars of a symbol reach."""
READ_AGAIN = timedelta(days=10)
"""Sources correct the newest bars for some days."""
PUBLISHED_AFTER = timedelta(minutes=30)
"""So long after the bell a session's bar counts as final, and may be had without a fee."""
ANNOUNCED = timedelta(days=90)
"""Announcements are read so far back and ahead."""
_FACTS_FROM = timedelta(days=60)
"""Days that hold more sessions than any fact needs."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What a reading changed: rows of bars, announcements; and entries that nobody could read."""

    rows: int = 0
    announcements: int = 0
    unreadable: int = 0


def collect_bars(
    source: History, book: HistoryBook, symbols: Sequence[str], business_now: datetime
) -> Collected:
    """Read what is missing until the newest session that is over; without that, nothing.

    Raw bars are read from a little before the newest known one. Adjusted bars change backwards
    with every dividend and split, so they are read whole. A symbol's facts are written last: what
    dies before is read again.

    Raises:
        SourceUnavailable: what was kept until then stays.
    """
    last = last_closed(business_now - PUBLISHED_AFTER).day
    known = book.facts(symbols)
    behind = [each for each in symbols if each not in known or known[each].day < last]
    by_first: dict[date, list[str]] = {}
    for symbol in behind:
        first = known[symbol].day - READ_AGAIN if symbol in known else last - KEPT
        by_first.setdefault(max(first, last - KEPT), []).append(symbol)
    done = Collected()
    for first, chosen in sorted(by_first.items()):
        done = _keep(done, source, book, chosen, (first, last, Adjustment.RAW))
    if behind:
        done = _keep(done, source, book, behind, (last - KEPT, last, Adjustment.ALL))
    for symbol in behind:
        facts = facts_of(book.bars(symbol, Adjustment.RAW, last - _FACTS_FROM, last))
        if facts is not None and facts != known.get(symbol):
            book.keep_facts(facts)
    return done


def _keep(
    done: Collected,
    source: History,
    book: HistoryBook,
    symbols: Sequence[str],
    wanted: tuple[date, date, Adjustment],
) -> Collected:
    first, last, adjustment = wanted
    answer = source.daily(symbols, first, last, adjustment)
    rows = 0
    for symbol in symbols:
        # Whatever the source adds: a session that is not over has no bar yet.
        bars = [bar for bar in answer.found if bar.symbol == symbol and first <= bar.day <= last]
        rows += book.keep_bars(symbol, adjustment, bars)
    return replace(done, rows=done.rows + rows, unreadable=done.unreadable + answer.unreadable)


def collect_announcements(
    source: History, book: HistoryBook, symbols: Sequence[str], business_now: datetime
) -> Collected:
    """Read what is announced; what the source states no more, though it should, is withdrawn.

    Raises:
        SourceUnavailable: nothing has changed.
    """
    first, last = (business_now - ANNOUNCED).date(), (business_now + ANNOUNCED).date()
    answer = source.announcements(symbols, first, last)
    stated = [each for each in answer.found if each.symbol in symbols]
    changed = sum(book.keep_announcement(each) for each in stated)
    if not answer.unreadable:
        # An entry that cannot be read may be any of them: then nothing counts as withdrawn.
        changed += sum(
            book.keep_announcement(replace(each, withdrawn=True))
            for each in _missing(book, symbols, stated, (first, last))
        )
    return Collected(announcements=changed, unreadable=answer.unreadable)


def _missing(
    book: HistoryBook,
    symbols: Sequence[str],
    stated: Sequence[Announcement],
    span: tuple[date, date],
) -> list[Announcement]:
    ids = {each.id for each in stated}
    return [
        each
        for symbol in symbols
        for each in book.announcements(symbol)
        if each.id not in ids and not each.withdrawn and span[0] <= each.effective <= span[1]
    ]
