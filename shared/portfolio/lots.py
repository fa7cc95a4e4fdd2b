"""Tax lots of one position: opened by buys, closed by sales under a method. Pure, on integers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
REFERENCE_LENGTH = 5


class NotEnoughShares(ValueError):
    """More shares were to be closed than are held: a programming error, never user input."""


class LotMethod(StrEnum):
    """Which lots a sale closes first. Of equal ones always the oldest, then by reference."""

    FIFO = "FIFO"
    """The oldest."""
    LIFO = "LIFO"
    """The newest."""
    HIFO = "HIFO"
    """Those that cost most per share."""
    AVERAGE = "AVERAGE"
    """The oldest, each share at the average cost of all."""
    MIN_TAX = "MIN_TAX"
    """Those whose sale costs least tax per share; losses first."""


@dataclass(frozen=True, slots=True)
class TaxRates:
    """Taxes on gains in basis points: of shares held up to a year, and longer."""

    short_bp: int = 3700
    long_bp: int = 2000


@dataclass(frozen=True, slots=True)
class Lot:
    """Shares bought by one order on one day: ``nanos`` shares for ``cost_minor`` in all."""

    acquired: date
    reference: str
    """Tells orders of one day apart: the end of the order's identifier."""
    nanos: int
    cost_minor: int

    @property
    def key(self) -> tuple[date, str]:
        """By this lots are ordered and merged."""
        return self.acquired, self.reference


@dataclass(frozen=True, slots=True)
class Sale:
    """What a sale's lots are chosen by: its day and, for the tax, what one share brought, as the
    exact ratio of ``proceeds_minor`` to ``nanos``."""

    day: date
    nanos: int
    proceeds_minor: int
    method: LotMethod = LotMethod.FIFO
    rates: TaxRates = TaxRates()


def reference_of(order_id: str) -> str:
    """The short reference of an order inside its lots."""
    return order_id[-REFERENCE_LENGTH:]


def long_term(acquired: date, sold: date) -> bool:
    """Whether shares were held for more than a year.

    The year begins on the day after they were bought (IRS Publication 550): sold on the same date
    of the next year they were held for exactly one year, which is short.
    """
    begins = acquired + timedelta(days=1)
    try:
        return sold >= begins.replace(year=begins.year + 1)
    except ValueError:
        # 29 February has no next year: it is over when March begins.
        return sold >= date(begins.year + 1, 3, 1)


def bought(lots: Sequence[Lot], *new: Lot) -> tuple[Lot, ...]:
    """The lots after buys; executions of one order on one day make one lot.

    The result does not depend on the order in which executions arrive.
    """
    merged = {known.key: known for known in lots}
    for lot in new:
        known = merged.get(lot.key)
        if known is not None:
            nanos, cost = known.nanos + lot.nanos, known.cost_minor + lot.cost_minor
            lot = replace(known, nanos=nanos, cost_minor=cost)
        merged[lot.key] = lot
    return tuple(sorted(merged.values(), key=lambda each: each.key))


@dataclass(frozen=True, slots=True)
class Closed:
    """A sale's lots: what was closed, with its share of the cost, and what stays open."""

    closed: tuple[Lot, ...]
    open: tuple[Lot, ...]

    @property
    def cost_minor(self) -> int:
        """Cost basis of the shares that were sold."""
        return cost_of(self.closed)


def cost_of(lots: Sequence[Lot]) -> int:
    """What the shares of these lots cost together."""
    return sum(lot.cost_minor for lot in lots)


def nanos_of(lots: Sequence[Lot]) -> int:
    """Shares of these lots together."""
    return sum(lot.nanos for lot in lots)


def close_oldest_first(lots: Sequence[Lot], nanos: int) -> Closed:
    """FIFO: close ``nanos`` shares. A part of a lot takes its share of the cost, rounded half to
    even; the rest of the lot keeps the rest, so that no cent is lost.
    """
    return _close(sorted(lots, key=lambda each: each.key), nanos)


def close(lots: Sequence[Lot], sale: Sale) -> Closed:
    """Close the sale's shares by its method. Raises NotEnoughShares.

    Only the lots and the whole sale decide, so that closing a sale anew after one more of its
    executions came, or one was taken back, ends where any other order of them ends.
    """
    if sale.method is LotMethod.AVERAGE:
        lots = averaged(lots)
    return _close(sorted(lots, key=_ranking(sale)), sale.nanos)


def averaged(lots: Sequence[Lot]) -> tuple[Lot, ...]:
    """The same shares and days, each share at the average cost; cents by largest remainder."""
    ordered = sorted(lots, key=lambda each: each.key)
    total, cost = nanos_of(ordered), cost_of(ordered)
    if not total:
        return tuple(ordered)
    costs = shared_out(cost, [lot.nanos for lot in ordered])
    return tuple(replace(lot, cost_minor=minor) for lot, minor in zip(ordered, costs, strict=True))


def shared_out(amount: int, weights: Sequence[int]) -> list[int]:
    """``amount`` by weight, the last units to the largest remainders; of equal ones the first.

    Works for a negative amount too; the sum is ``amount``.
    """
    total = sum(weights)
    if total <= 0:
        return [0 for _ in weights]
    parts = [divmod(amount * weight, total) for weight in weights]
    left = amount - sum(whole for whole, _ in parts)
    order = sorted(range(len(parts)), key=lambda number: -parts[number][1])
    larger = frozenset(order[:left])
    return [whole + (number in larger) for number, (whole, _) in enumerate(parts)]


@dataclass(frozen=True, slots=True)
class Gains:
    """Gain (or loss, negative) of sales in cents, by how long the shares were held."""

    short_minor: int = 0
    """Up to a year."""
    long_minor: int = 0
    """More than a year."""

    @property
    def total_minor(self) -> int:
        """Both."""
        return self.short_minor + self.long_minor


def gains_of(closed: Sequence[Lot], sale: Sale) -> Gains:
    """Proceeds by shares over the closed lots, less their costs."""
    proceeds = shared_out(sale.proceeds_minor, [lot.nanos for lot in closed])
    totals = {True: 0, False: 0}
    for lot, minor in zip(closed, proceeds, strict=True):
        totals[long_term(lot.acquired, sale.day)] += minor - lot.cost_minor
    return Gains(short_minor=totals[False], long_minor=totals[True])


def _ranking(sale: Sale) -> Callable[[Lot], tuple[object, ...]]:
    """Sort key of lots; costs per share are compared exactly."""

    def fifo(lot: Lot) -> tuple[object, ...]:
        return lot.key

    def lifo(lot: Lot) -> tuple[object, ...]:
        # Of one day the later identifier is the newer one.
        return -lot.acquired.toordinal(), tuple(-ord(sign) for sign in lot.reference)

    def hifo(lot: Lot) -> tuple[object, ...]:
        return -Fraction(lot.cost_minor, lot.nanos), lot.key

    def min_tax(lot: Lot) -> tuple[object, ...]:
        gain = Fraction(sale.proceeds_minor, sale.nanos or 1) - Fraction(lot.cost_minor, lot.nanos)
        held_long = long_term(lot.acquired, sale.day)
        return gain * (sale.rates.long_bp if held_long else sale.rates.short_bp), lot.key

    return {LotMethod.LIFO: lifo, LotMethod.HIFO: hifo, LotMethod.MIN_TAX: min_tax}.get(
        sale.method, fifo
    )


def _close(ordered: Sequence[Lot], nanos: int) -> Closed:
    left, closed, still_open = nanos, [], []
    for lot in ordered:
        part = min(left, lot.nanos)
        left -= part
        if part == lot.nanos:
            closed.append(lot)
        elif part:
            cost = half_even(lot.cost_minor * part, lot.nanos)
            closed.append(replace(lot, nanos=part, cost_minor=cost))
            rest = replace(lot, nanos=lot.nanos - part, cost_minor=lot.cost_minor - cost)
            still_open.append(rest)
        else:
            still_open.append(lot)
    if left:
        raise NotEnoughShares("more shares were sold than are held")
    return Closed(tuple(closed), tuple(sorted(still_open, key=lambda each: each.key)))


def half_even(numerator: int, denominator: int) -> int:
    """The quotient of whole numbers, rounded half to even."""
    whole, rest = divmod(numerator, denominator)
    up = 2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1)
    return whole + up


def pack(lots: Sequence[Lot]) -> str:
    """About 24 bytes per lot, so that a position of three dozen lots stays under 1 KB."""
    return ",".join(
        ".".join(
            (
                _base36(lot.acquired.toordinal()),
                lot.reference,
                _base36(lot.nanos),
                _base36(lot.cost_minor),
            )
        )
        for lot in lots
    )


def unpack(text: str) -> tuple[Lot, ...]:
    """The lots of ``pack``."""
    lots = []
    for part in text.split(",") if text else ():
        day, reference, nanos, cost = part.split(".")
        lots.append(Lot(date.fromordinal(int(day, 36)), reference, int(nanos, 36), int(cost, 36)))
    return tuple(lots)


def _base36(number: int) -> str:
    if number < 0:
        raise ValueError("a lot has no negative numbers")
    digits = ""
    while number >= 36:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return _DIGITS[number] + digits
