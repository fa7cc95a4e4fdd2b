"""A year's report: lines by lot, terms, wash sales over years, splits and other symbols."""

from datetime import date
from fractions import Fraction

from shared.portfolio.lots import Lot
from shared.portfolio.model import Position
from shared.taxes.disposals import Disposal, DisposalKind, Entry, SharesChanged
from shared.taxes.documents import table_of
from shared.taxes.report import Report, Term, report_of

ME, SHARE = "usr_t1_x", 10**9


def lot(day: date, shares: int, cost: int, reference: str = "AAAAA") -> Lot:
    return Lot(day, reference, shares * SHARE, cost)


def sale(
    day: date, proceeds: int, *closed: Lot, symbol: str = "VTI", key: str = "1", short: int = 0
) -> Disposal:
    nanos = sum(each.nanos for each in closed) + short * SHARE
    return Disposal(ME, key, day, DisposalKind.SALE, symbol, nanos, proceeds, closed)


def position(symbol: str, realised: int, *lots: Lot) -> dict[str, Position]:
    nanos, cost = sum(each.nanos for each in lots), sum(each.cost_minor for each in lots)
    return {symbol: Position(ME, symbol, nanos, cost, realised, lots=lots)}


def report(entries: list[Entry], positions: dict[str, Position], year: int = 2026) -> Report:
    return report_of(entries, positions, year, 30)


def test_each_lot_has_a_line_with_its_term_and_all_of_them_are_what_was_realised() -> None:
    old, new = lot(date(2025, 3, 2), 1, 10_000), lot(date(2026, 1, 5), 2, 30_000, "BBBBB")
    found = report([sale(date(2026, 3, 3), 36_000, old, new)], position("VTI", -4_000))
    assert [(line.acquired, line.term, line.gain_minor) for line in found.lines] == [
        (date(2025, 3, 2), Term.LONG, 2_000),
        (date(2026, 1, 5), Term.SHORT, -6_000),
    ]
    assert found.totals(Term.LONG).gain_minor == 2_000
    assert found.totals(Term.SHORT).taxable_minor == -6_000
    assert (found.totals().gain_minor, found.unitemised_minor) == (-4_000, 0)


def test_a_loss_of_one_year_is_in_the_basis_of_what_is_sold_in_the_next() -> None:
    first = lot(date(2025, 11, 3), 10, 100_000)
    again = lot(date(2026, 1, 5), 10, 80_000, "BBBBB")
    entries: list[Entry] = [
        sale(date(2025, 12, 15), 75_000, first),
        sale(date(2026, 6, 1), 120_000, again, key="2"),
    ]
    positions = position("VTI", 15_000)
    before, after = report(entries, positions, 2025), report(entries, positions)
    (line,) = before.lines
    assert (line.gain_minor, line.washed_minor, line.taxable_minor) == (-25_000, 25_000, 0)
    (line,) = after.lines
    assert (line.gain_minor, line.basis_minor, line.taxable_minor) == (40_000, 105_000, 15_000)
    assert before.unitemised_minor == after.unitemised_minor == 0


def test_other_symbols_replace_nothing() -> None:
    sold = sale(date(2026, 3, 3), 8_000, lot(date(2026, 1, 5), 1, 10_000))
    others = position("VXUS", 0, lot(date(2026, 3, 4), 5, 1_000))
    found = report([sold], position("VTI", -2_000) | others)
    assert found.totals().washed_minor == 0


def test_shares_after_a_split_replace_as_many_as_they_come_from() -> None:
    """Ten are sold at a loss; of the forty that stay after four for one, twenty were five then."""
    sold = sale(date(2026, 3, 3), 80_000, lot(date(2026, 1, 5), 10, 100_000))
    split = SharesChanged(ME, "S", date(2026, 3, 10), "VTI", "VTI", Fraction(4))
    kept = lot(date(2026, 3, 2), 20, 42_000, "BBBBB")
    found = report([sold, split], position("VTI", -20_000, kept))
    assert found.totals().washed_minor == 10_000
    assert sum(line.nanos for line in found.lines) == 10 * SHARE
    # A sale on the day of the split is of new shares already.
    same = sale(date(2026, 3, 10), 80_000, lot(date(2026, 1, 5), 10, 100_000))
    found = report([same, split], position("VTI", -20_000, kept))
    assert found.totals().washed_minor == 20_000


def test_shares_under_another_symbol_are_the_same_ones() -> None:
    sold = sale(date(2026, 3, 3), 8_000, lot(date(2026, 1, 5), 1, 10_000), symbol="OLD")
    renamed = SharesChanged(ME, "R", date(2026, 3, 10), "OLD", "NEW")
    positions = position("OLD", -2_000) | position("NEW", 0, lot(date(2026, 3, 2), 1, 9_000))
    found = report([sold, renamed], positions)
    (line,) = found.lines
    assert (line.symbol, line.washed_minor) == ("OLD", 2_000)
    assert found.unitemised_minor == 0


def test_shares_that_were_never_bought_are_a_line_of_their_own_without_a_cost() -> None:
    found = report(
        [sale(date(2026, 3, 3), 9_000, lot(date(2026, 1, 5), 2, 5_000), short=1)],
        position("VTI", 4_000),
    )
    assert [(line.acquired, line.gain_minor) for line in found.lines] == [
        (None, 3_000),
        (date(2026, 1, 5), 1_000),
    ]
    assert found.unitemised_minor == 0


def test_a_gain_without_a_sale_is_a_line_and_a_sale_that_was_taken_back_is_none() -> None:
    gone = Disposal(ME, "1", date(2026, 3, 3), DisposalKind.SALE, "VTI")
    more = Disposal(ME, "2", date(2026, 3, 4), DisposalKind.CORRECTED, "VTI", adjusted_minor=-700)
    found = report([gone, more], position("VTI", -700))
    (line,) = found.lines
    assert (line.kind, line.gain_minor, line.nanos) == (DisposalKind.CORRECTED, -700, 0)
    assert found.unitemised_minor == 0


def test_what_no_line_explains_is_told() -> None:
    assert report([], position("VTI", 123)).unitemised_minor == 123


def test_the_table_has_the_same_lines_to_the_cent() -> None:
    found = report(
        [sale(date(2026, 3, 3), 36_000, lot(date(2025, 3, 2), 1, 10_000))],
        position("VTI", 26_000),
    )
    head, row, end = table_of(found.lines).split("\r\n")
    told = dict(zip(head.split(","), row.split(","), strict=True))
    assert list(told) == [
        "symbol",
        "kind",
        "acquired",
        "sold",
        "term",
        "quantity",
        "proceeds",
        "cost",
        "gain",
        "adjusted_basis",
        "wash_sale_disallowed",
        "taxable_gain",
        "currency",
    ]
    assert row.startswith("VTI,SALE,2025-03-02,2026-03-03,LONG,1.000000000,360.00,100.00,260.00,")
    assert (told["adjusted_basis"], told["wash_sale_disallowed"]) == ("100.00", "0.00")
    assert (told["taxable_gain"], told["currency"], end) == ("260.00", "USD", "")
    assert table_of([]).count("\r\n") == 1
