"""Whatever happens to accounts, the sums of a report add up; pairing never invents anything."""

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shared.broker_reconciliation.explaining import unheard
from shared.broker_reconciliation.model import (
    Books,
    Difference,
    Held,
    Looked,
    Outcome,
    Segment,
    compare,
    less,
    shares_from,
    shares_text,
)
from shared.broker_reconciliation.ports import OpenAccount
from shared.broker_reconciliation.report import GENESIS, made
from shared.investing.ports import Moved

DAY = date(2026, 3, 2)
shares = st.dictionaries(st.sampled_from("ABC"), st.integers(1, 10**13), max_size=3)
cents = st.integers(-(10**6), 10**9)
both = st.tuples(cents, cents, shares, shares)


@given(both)
def test_theirs_less_the_difference_is_ours(found) -> None:
    ours_minor, theirs_minor, ours, theirs = found
    books, held = Books(1, ours_minor, ours), Held(Decimal(theirs_minor) / 100, Decimal(0), theirs)
    difference, rounding = compare(books, held)
    assert rounding == 0
    assert theirs_minor - difference.cash_minor == ours_minor
    assert less(theirs, difference.shares) == ours
    assert bool(difference) == ((theirs_minor, theirs) != (ours_minor, ours))


@given(shares)
def test_shares_are_kept_as_they_are(known) -> None:
    assert shares_from(shares_text(known)) == known


@given(st.lists(both, max_size=8), st.lists(both, max_size=8))
def test_a_report_sums_to_the_cent_and_to_the_nano_share(agree, differ) -> None:
    segment = Segment(0)
    for number, (minor, _, held, _) in enumerate(agree):
        told = Held(Decimal(minor) / 100, Decimal(0), held)
        looked = Looked(f"u{number}", "a", Outcome.AGREES, Books(1, minor, held), told)
        segment = segment.plus(looked)
    noted = []
    for number, (ours_minor, theirs_minor, ours, theirs) in enumerate(differ):
        books = Books(1, ours_minor, ours)
        told = Held(Decimal(theirs_minor) / 100, Decimal(0), theirs)
        text = compare(books, told)[0].text
        dollars = format(told.cash, "f")
        noted.append(
            OpenAccount(
                f"v{number}", "a", Outcome.DIFFERS, ours_minor, dollars, ours, theirs, text, None
            )
        )
    report = made(DAY, [segment], noted, GENESIS)
    totals = report.totals
    assert totals.theirs_minor - totals.ours_minor == sum(one[1] - one[0] for one in differ)
    every = less(totals.shares, totals.ours)
    for symbol in "ABC":
        expected = sum(one[3].get(symbol, 0) - one[2].get(symbol, 0) for one in differ)
        assert every.get(symbol, 0) == expected
    assert report.counts.get(Outcome.AGREES, 0) == len(agree)
    assert [one.user_id for one in report.open] == sorted(one.user_id for one in noted)
    assert made(DAY, [segment], noted[::-1], GENESIS).hash == report.hash


def test_an_unread_account_is_in_neither_sum() -> None:
    since = datetime(2026, 3, 2, tzinfo=UTC)
    unread = OpenAccount("u", "a", Outcome.UNREAD, 500, "", {"A": 1}, {}, "", since)
    report = made(DAY, [Segment(0)], [unread], GENESIS)
    assert (report.totals.ours_minor, report.totals.theirs_minor, report.totals.ours) == (0, 0, {})
    assert report.counts[Outcome.UNREAD] == 1


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 10**12), st.integers(1, 10**7))))
def test_lines_that_our_books_lack_explain_exactly_themselves(moved) -> None:
    lines = [
        Moved(f"l{number}", f"o{number}", symbol, nanos, -Decimal(minor) / 100)
        for number, (symbol, nanos, minor) in enumerate(moved)
    ]
    total: dict[str, int] = {}
    for line in lines:
        total[line.symbol] = total.get(line.symbol, 0) + line.nanos
    cash = sum((int(line.cash * 100) for line in lines), 0)
    exact = Difference(cash, total)
    found = unheard(exact, [], Books(), lines)
    assert found.whole
    assert set(found.missing_here) == {line.order_id for line in lines}
    more = Difference(cash, {**total, "A": total.get("A", 0) + 1})
    assert not unheard(more, [], Books(), lines).whole
