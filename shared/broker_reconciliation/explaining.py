"""Which of a difference one side may not have heard of yet. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.broker_reconciliation.model import Books, Difference, effect_of
from shared.investing.ports import Moved
from shared.ledger.model import Entry
from shared.portfolio.model import BASE

type _Effect = tuple[Decimal, tuple[tuple[str, int], ...]]
"""Cents, and nano-shares by symbol."""


@dataclass(frozen=True, slots=True)
class Unheard:
    """What only one side has."""

    missing_here: tuple[str, ...]
    """The broker's names of orders and lines that our books do not have, or not all of."""
    missing_there: tuple[str, ...]
    """References of our entries that the broker's history does not have."""
    whole: bool
    """Whether that is all of the difference, to the nano-share and to a cent for each."""


def unheard(
    difference: Difference, entries: Sequence[Entry], agreed: Books, lines: Sequence[Moved]
) -> Unheard:
    """Hold the broker's lines against our entries.

    ``entries`` are those since both sides agreed and some before, so that lines which were known
    then find theirs. Both know an order by the broker's name of it, and a payment of dividends by
    the line's; everything else is paired where it moved the same.
    """
    named: dict[str, list[Entry]] = defaultdict(list)
    unnamed: list[Entry] = []
    for entry in entries:
        memo = entry.draft.memo
        name = memo.get("broker_order") or memo.get("activity")
        moved = effect_of(entry)
        if name:
            named[name].append(entry)
        elif moved.cash_minor or moved.shares:
            unnamed.append(entry)
    theirs: dict[str, list[Moved]] = defaultdict(list)
    for line in lines:
        theirs[line.order_id or line.id].append(line)
    here: dict[str, _Effect] = {}
    there: dict[str, _Effect] = {}
    for name, moves in theirs.items():
        told = _told(moves)
        if name in named:
            off = _less(told, _booked(named[name]))
            if not _nothing(off, len(moves)):
                here[name] = off
        elif (twin := next((one for one in unnamed if _same(told, one)), None)) is not None:
            unnamed.remove(twin)
        elif not _nothing(told, 0):
            here[name] = told
    for name, group in named.items():
        if name not in theirs and (new := [one for one in group if one.seq > agreed.seq]):
            there[name] = _booked(new)
    for entry in unnamed:
        if entry.seq > agreed.seq:
            there[entry.draft.reference] = _booked([entry])
    return Unheard(tuple(here), tuple(there), _explains(difference, here, there))


def _explains(difference: Difference, here: dict[str, _Effect], there: dict[str, _Effect]) -> bool:
    if difference.inside:
        return False
    cash, shares = Decimal(0), defaultdict[str, int](int)
    for sign, effects in ((1, here), (-1, there)):
        for minor, moved in effects.values():
            cash += sign * minor
            for symbol, nanos in moved:
                shares[symbol] += sign * nanos
    found = {symbol: nanos for symbol, nanos in shares.items() if nanos}
    allowed = len(here) + len(there)
    return found == dict(difference.shares) and abs(cash - difference.cash_minor) <= allowed


def _told(lines: Sequence[Moved]) -> _Effect:
    shares: dict[str, int] = defaultdict(int)
    for line in lines:
        if line.symbol:
            shares[line.symbol] += line.nanos
    cash = sum((line.cash for line in lines), Decimal(0)) * 10**BASE.exponent
    return cash, _sorted(shares)


def _booked(entries: Sequence[Entry]) -> _Effect:
    cash, shares = 0, defaultdict[str, int](int)
    for effect in map(effect_of, entries):
        cash += effect.cash_minor
        for symbol, nanos in effect.shares.items():
            shares[symbol] += nanos
    return Decimal(cash), _sorted(shares)


def _less(these: _Effect, those: _Effect) -> _Effect:
    shares = defaultdict[str, int](int, dict(these[1]))
    for symbol, nanos in those[1]:
        shares[symbol] -= nanos
    return these[0] - those[0], _sorted(shares)


def _sorted(shares: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((symbol, nanos) for symbol, nanos in shares.items() if nanos))


def _nothing(effect: _Effect, rounded: int) -> bool:
    return not effect[1] and abs(effect[0]) <= rounded


def _same(told: _Effect, entry: Entry) -> bool:
    return _nothing(_less(told, _booked([entry])), 0)
