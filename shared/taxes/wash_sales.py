"""Wash sales of one symbol (26 USC 1091, 26 CFR 1.1091-1 and -2). Pure, on integers.

A loss counts for nothing to the extent that the same shares are bought within some days before or
after the sale: it is added to the basis of the shares that replaced them, whose holding period
begins earlier by as long as the sold ones were held (26 USC 1223(3)). The earliest purchase
replaces first, each share once; what was sold in the same sale, or before it, replaces nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from shared.portfolio.lots import half_even, shared_out

type LotKey = tuple[date, str, str]
"""Day of purchase, reference and tag of a lot."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Shares of one lot that a sale closed. Cents and nano-shares."""

    lot: LotKey
    nanos: int
    cost_minor: int
    proceeds_minor: int


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale with all that it closed; ``key`` orders the sales of one day."""

    day: date
    key: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """Shares of a lot that are still there."""

    lot: LotKey
    nanos: int


@dataclass(frozen=True, slots=True)
class Part:
    """Sold shares that are alike for the tax."""

    lot: LotKey
    nanos: int
    cost_minor: int
    proceeds_minor: int
    added_minor: int
    """Losses of earlier sales that these shares had replaced: they belong to the basis."""
    since: date
    """Since when they count as held."""
    washed_minor: int = 0
    """The part of their loss that counts for nothing."""

    @property
    def basis_minor(self) -> int:
        """Cost for the tax."""
        return self.cost_minor + self.added_minor

    @property
    def loss_minor(self) -> int:
        """What they lost, by the basis; 0 when they gained."""
        return max(self.basis_minor - self.proceeds_minor, 0)

    @property
    def taxable_minor(self) -> int:
        """Gain, or loss (negative), that counts."""
        return self.proceeds_minor - self.basis_minor + self.washed_minor


@dataclass(frozen=True, slots=True)
class OpenPart:
    """Shares still there that replaced others, or did not."""

    nanos: int
    added_minor: int
    since: date


@dataclass(frozen=True, slots=True)
class Washed:
    """All sales, judged; parts by key of the sale, in the order of its pieces."""

    parts: Mapping[str, tuple[Part, ...]]
    open: Mapping[LotKey, tuple[OpenPart, ...]]


@dataclass(slots=True)
class _Bit:
    """Shares of one lot that are alike, while the sales are gone through."""

    lot: LotKey
    nanos: int
    since: date
    added: int = 0
    replaced: bool = False

    def cut(self, nanos: int) -> "_Bit":
        """``nanos`` of it, with their share of what was added; the rest stays."""
        added = half_even(self.added * nanos, self.nanos)
        self.nanos -= nanos
        self.added -= added
        return replace(self, nanos=nanos, added=added)


@dataclass(slots=True)
class _Book:
    """What there is of each lot; of one lot the shares that replaced others are sold first."""

    bits: dict[LotKey, list[_Bit]] = field(default_factory=dict)

    def put(self, lot: LotKey, nanos: int) -> None:
        if not nanos:
            return
        known = self.bits.setdefault(lot, [])
        if known:
            known[0].nanos += nanos
        else:
            known.append(_Bit(lot, nanos, lot[0]))

    def take(self, lot: LotKey, nanos: int) -> Iterator[_Bit]:
        """Out of the lot: its parts that count as held longest first."""
        for bit in sorted(self.bits[lot], key=lambda each: (not each.replaced, each.since)):
            part = min(nanos, bit.nanos)
            if part:
                yield bit.cut(part)
                nanos -= part
        self.bits[lot] = [bit for bit in self.bits[lot] if bit.nanos]

    def replacing(self, day: date, days: int) -> list[_Bit]:
        """What was bought near the day and replaces nothing yet, the earliest first."""
        near = sorted(lot for lot in self.bits if abs((lot[0] - day).days) <= days)
        return [bit for lot in near for bit in self.bits[lot] if not bit.replaced and bit.nanos]

    def replaced(self, bit: _Bit, nanos: int) -> _Bit:
        """``nanos`` of it, from now on apart from the rest."""
        made = bit if nanos == bit.nanos else bit.cut(nanos)
        if made is not bit:
            self.bits[bit.lot].append(made)
        made.replaced = True
        return made


def washed(sales: Iterable[Sold], held: Iterable[Held], days: int) -> Washed:
    """Judge all sales of one symbol; ``days`` before and after count, and with 0 there are no wash
    sales. All shares that were ever bought must be among those sold and those held."""
    ordered = sorted(sales, key=lambda each: (each.day, each.key))
    book = _Book()
    for kept in held:
        book.put(kept.lot, kept.nanos)
    for sale in ordered:
        for piece in sale.pieces:
            book.put(piece.lot, piece.nanos)
    parts = {}
    for sale in ordered:
        found = [part for piece in sale.pieces for part in _sold(book, piece)]
        parts[sale.key] = tuple(_judged(book, sale.day, found, days)) if days else tuple(found)
    still = {
        lot: tuple(OpenPart(bit.nanos, bit.added, bit.since) for bit in sorted(bits, key=_oldest))
        for lot, bits in sorted(book.bits.items())
        if bits
    }
    return Washed(parts, still)


def _oldest(bit: _Bit) -> tuple[date, bool, int]:
    return bit.since, not bit.replaced, bit.nanos


def _sold(book: _Book, piece: Piece) -> list[Part]:
    bits = list(book.take(piece.lot, piece.nanos))
    weights = [bit.nanos for bit in bits]
    costs = shared_out(piece.cost_minor, weights)
    proceeds = shared_out(piece.proceeds_minor, weights)
    return [
        Part(piece.lot, bit.nanos, cost, brought, bit.added, bit.since)
        for bit, cost, brought in zip(bits, costs, proceeds, strict=True)
    ]


def _judged(book: _Book, day: date, found: Sequence[Part], days: int) -> list[Part]:
    """The losses of one sale: those of the oldest lots find their replacements first."""
    judged = list(found)
    losing = sorted(
        (number for number, part in enumerate(found) if part.loss_minor),
        key=lambda number: (found[number].lot, number),
    )
    for number in losing:
        judged[number] = _replaced(book, day, found[number], days)
    return judged


def _replaced(book: _Book, day: date, part: Part, days: int) -> Part:
    left, matched = part.nanos, []
    for bit in book.replacing(day, days):
        if not left:
            break
        nanos = min(left, bit.nanos)
        matched.append(book.replaced(bit, nanos))
        left -= nanos
    losses = shared_out(part.loss_minor, [*(bit.nanos for bit in matched), left])
    for bit, loss in zip(matched, losses, strict=False):
        bit.added += loss
        bit.since = bit.since - (day - part.since)
    return replace(part, washed_minor=sum(losses[: len(matched)]))
