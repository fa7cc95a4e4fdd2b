"""What a person's sales of a year gained, lot by lot, with wash sales. Pure.

The books are not touched: the basis for the tax is another view of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.portfolio.lots import half_even, long_term, nanos_of, shared_out
from shared.portfolio.model import Position
from shared.taxes.disposals import Disposal, DisposalKind, Entry, SharesChanged
from shared.taxes.wash_sales import Held, Part, Piece, Sold, washed

_UNKNOWN = date(1970, 1, 1)
"""Lots of which nobody knows since when they are held are of this day or older."""


class Term(StrEnum):
    """How long what was sold had been held."""

    SHORT = "SHORT"
    """Up to a year, or nobody knows how long."""
    LONG = "LONG"
    """More than a year."""


@dataclass(frozen=True, slots=True)
class Line:
    """Shares of one lot that were sold, or a gain without a sale. Cents and nano-shares."""

    kind: DisposalKind
    symbol: str
    sold: date
    acquired: date | None
    """None where it is not known, or where nothing was sold."""
    nanos: int
    proceeds_minor: int
    cost_minor: int
    """By the books."""
    added_minor: int
    """Losses of earlier wash sales in the basis."""
    washed_minor: int
    """The part of the loss that counts for nothing."""
    term: Term

    @property
    def gain_minor(self) -> int:
        """By the books."""
        return self.proceeds_minor - self.cost_minor

    @property
    def basis_minor(self) -> int:
        """For the tax."""
        return self.cost_minor + self.added_minor

    @property
    def taxable_minor(self) -> int:
        """What counts: by the basis, without what is disallowed."""
        return self.proceeds_minor - self.basis_minor + self.washed_minor


@dataclass(frozen=True, slots=True)
class Totals:
    """Of lines of one term, or of all."""

    proceeds_minor: int
    cost_minor: int
    basis_minor: int
    gain_minor: int
    washed_minor: int
    taxable_minor: int


@dataclass(frozen=True, slots=True)
class Report:
    """A year."""

    year: int
    lines: tuple[Line, ...]
    """By day, symbol and age of the lot."""
    unitemised_minor: int
    """Gains of all years in the positions of which there is no line; 0 as it should be."""

    def totals(self, term: Term | None = None) -> Totals:
        """Sums of all lines, or of those of one term."""
        lines = [line for line in self.lines if term in (None, line.term)]
        return Totals(
            proceeds_minor=sum(line.proceeds_minor for line in lines),
            cost_minor=sum(line.cost_minor for line in lines),
            basis_minor=sum(line.basis_minor for line in lines),
            gain_minor=sum(line.gain_minor for line in lines),
            washed_minor=sum(line.washed_minor for line in lines),
            taxable_minor=sum(line.taxable_minor for line in lines),
        )


def report_of(
    entries: Iterable[Entry], positions: Mapping[str, Position], year: int, wash_days: int
) -> Report:
    """The lines of a year out of all that was ever sold: a loss of one year may belong to the
    basis of what is sold in another."""
    known = tuple(entries)
    sales = [entry for entry in known if isinstance(entry, Disposal)]
    changes = [entry for entry in known if isinstance(entry, SharesChanged)]
    families = _families(sales, changes)
    lines = [
        line
        for name, members in families.items()
        for line in _lines(members, _held(positions, changes, name), changes, wash_days)
        if line.sold.year == year
    ]
    gained = sum(sale.gain_minor for sale in sales)
    booked = sum(position.realised_minor for position in positions.values())
    return Report(year, tuple(sorted(lines, key=_order)), booked - gained)


def _order(line: Line) -> tuple[date, str, str, date, int]:
    return line.sold, line.symbol, line.kind.value, line.acquired or date.min, line.nanos


def _families(
    sales: Sequence[Disposal], changes: Sequence[SharesChanged]
) -> dict[str, list[Disposal]]:
    """By the symbol that the shares have today."""
    found: dict[str, list[Disposal]] = defaultdict(list)
    for sale in sales:
        found[_today(sale.symbol, sale.day, changes)].append(sale)
    return dict(sorted(found.items()))


def _today(symbol: str, day: date, changes: Sequence[SharesChanged]) -> str:
    for change in changes:
        if change.symbol == symbol and change.effective > day:
            symbol = change.new_symbol
    return symbol


def _in_shares_of_today(sale: Disposal, nanos: int, changes: Sequence[SharesChanged]) -> int:
    """Shares of the day of a sale as many as they would be after all splits since."""
    symbol = sale.symbol
    for change in changes:
        if change.symbol == symbol and change.effective > sale.day:
            symbol, ratio = change.new_symbol, change.ratio
            nanos = max(half_even(nanos * ratio.numerator, ratio.denominator), 1)
    return nanos


def _held(
    positions: Mapping[str, Position], changes: Sequence[SharesChanged], name: str
) -> list[Held]:
    """What is open of a family; what was just renamed may still lie under its old symbol."""
    return [
        Held(lot.key, lot.nanos)
        for symbol, position in sorted(positions.items())
        if _today(symbol, date.min, changes) == name or symbol == name
        for lot in position.lots
    ]


def _lines(
    sales: Sequence[Disposal],
    held: Sequence[Held],
    changes: Sequence[SharesChanged],
    wash_days: int,
) -> list[Line]:
    pieces = {sale.key: _pieces(sale, changes) for sale in sales if sale.nanos}
    sold = [
        Sold(sale.day, sale.key, tuple(pieces[sale.key])) for sale in sales if sale.key in pieces
    ]
    judged = washed(sold, held, wash_days).parts
    lines = []
    for sale in sales:
        if sale.nanos:
            lines += _of_sale(sale, judged[sale.key])
        elif sale.adjusted_minor:
            lines.append(_without_shares(sale))
    return lines


def _brought(sale: Disposal) -> list[int]:
    """Proceeds by lot; at the end, of shares that were sold before they were bought."""
    short = sale.nanos - nanos_of(sale.closed)
    return shared_out(sale.proceeds_minor, [*(lot.nanos for lot in sale.closed), short])


def _pieces(sale: Disposal, changes: Sequence[SharesChanged]) -> list[Piece]:
    return [
        Piece(lot.key, _in_shares_of_today(sale, lot.nanos, changes), lot.cost_minor, brought)
        for lot, brought in zip(sale.closed, _brought(sale), strict=False)
    ]


def _of_sale(sale: Disposal, parts: Sequence[Part]) -> list[Line]:
    """A line for each lot, or for each part of one that is another one for the tax."""
    lines = []
    for lot in sale.closed:
        own = [part for part in parts if part.lot == lot.key]
        shares = shared_out(lot.nanos, [part.nanos for part in own])
        for part, nanos in zip(own, shares, strict=True):
            lines.append(_line(sale, part, nanos))
    short = sale.nanos - nanos_of(sale.closed)
    if short:
        lines.append(
            Line(
                kind=sale.kind,
                symbol=sale.symbol,
                sold=sale.day,
                acquired=None,
                nanos=short,
                proceeds_minor=_brought(sale)[-1],
                cost_minor=0,
                added_minor=0,
                washed_minor=0,
                term=Term.SHORT,
            )
        )
    return lines


def _line(sale: Disposal, part: Part, nanos: int) -> Line:
    acquired = part.lot[0]
    return Line(
        kind=sale.kind,
        symbol=sale.symbol,
        sold=sale.day,
        acquired=acquired if acquired > _UNKNOWN else None,
        nanos=nanos,
        proceeds_minor=part.proceeds_minor,
        cost_minor=part.cost_minor,
        added_minor=part.added_minor,
        washed_minor=part.washed_minor,
        term=Term.LONG if long_term(part.since, sale.day) else Term.SHORT,
    )


def _without_shares(sale: Disposal) -> Line:
    """A gain as it is: proceeds without a cost, and a loss as a cost without proceeds."""
    return Line(
        kind=sale.kind,
        symbol=sale.symbol,
        sold=sale.day,
        acquired=None,
        nanos=0,
        proceeds_minor=max(sale.adjusted_minor, 0),
        cost_minor=max(-sale.adjusted_minor, 0),
        added_minor=0,
        washed_minor=0,
        term=Term.SHORT,
    )
