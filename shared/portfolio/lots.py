"""Tax lots of one position: opened by buys, closed oldest first. Pure, on whole integers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
REFERENCE_LENGTH = 5


class NotEnoughShares(ValueError):
    """More shares were to be closed than are held: a programming error, never user input."""


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


def reference_of(order_id: str) -> str:
    """The short reference of an order inside its lots."""
    return order_id[-REFERENCE_LENGTH:]


def bought(lots: Sequence[Lot], lot: Lot) -> tuple[Lot, ...]:
    """The lots after a buy; executions of one order on one day make one lot.

    The result does not depend on the order in which executions arrive.
    """
    merged = {known.key: known for known in lots}
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
        return sum(lot.cost_minor for lot in self.closed)


def close_oldest_first(lots: Sequence[Lot], nanos: int) -> Closed:
    """FIFO: close ``nanos`` shares. A part of a lot takes its share of the cost, rounded half to
    even; the rest of the lot keeps the rest, so that no cent is lost.
    """
    left, closed, still_open = nanos, [], []
    for lot in sorted(lots, key=lambda each: each.key):
        part = min(left, lot.nanos)
        left -= part
        if part == lot.nanos:
            closed.append(lot)
        elif part:
            cost = _half_even(lot.cost_minor * part, lot.nanos)
            closed.append(replace(lot, nanos=part, cost_minor=cost))
            rest = replace(lot, nanos=lot.nanos - part, cost_minor=lot.cost_minor - cost)
            still_open.append(rest)
        else:
            still_open.append(lot)
    if left:
        raise NotEnoughShares("more shares were sold than are held")
    return Closed(tuple(closed), tuple(still_open))


def _half_even(numerator: int, denominator: int) -> int:
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
