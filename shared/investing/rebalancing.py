"""Cash-flow-first rebalancing: new money goes where the portfolio is furthest below target.

Pure and exact on whole cents. Nothing is ever sold, the parts sum to the budget, the result does
not depend on the order of the assets, and the distance to target (cash included) never grows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from shared.kernel.money import allocate

WHOLE_BP = 10_000


@dataclass(frozen=True, slots=True)
class Merged:
    """An order that was too small to be placed; its money went to the others or stayed cash."""

    symbol: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Buys:
    """What to buy in cents by symbol, what was merged away, and what stays cash."""

    orders: Mapping[str, int]
    merged: tuple[Merged, ...]
    left_minor: int


def fill(values: Mapping[str, int], targets: Mapping[str, int], budget: int) -> dict[str, int]:
    """Water-filling: ``max(0, level * target - value)`` with the level that spends the budget.

    ``values`` are worths in cents, ``targets`` positive weights in any whole unit. Cents that do
    not divide go by largest remainder, ties by symbol. Symbols that get nothing are left out.
    """
    if budget <= 0 or not targets:
        return {}
    by_fullness = sorted(
        targets, key=lambda name: (Fraction(values.get(name, 0), targets[name]), name)
    )
    worth = weight = 0
    active: list[str] = []
    for name in by_fullness:
        value, target = values.get(name, 0), targets[name]
        # The level over those already active stays below this one's: it needs nothing.
        if active and (budget + worth) * target <= value * weight:
            break
        active.append(name)
        worth, weight = worth + value, weight + target
    active.sort()
    levels = allocate(budget + worth, [targets[name] for name in active])
    buys = {name: level - values.get(name, 0) for name, level in zip(active, levels, strict=True)}
    return {name: amount for name, amount in buys.items() if amount > 0}


def distribute(
    values: Mapping[str, int], targets: Mapping[str, int], budget: int, minimum: int
) -> Buys:
    """``fill``, with no order below ``minimum`` cents.

    While an order is too small, the smallest one is dropped and its money flows to those that
    are further below target; what cannot make a single order stays cash.
    """
    remaining = dict(targets)
    merged: list[Merged] = []
    while remaining:
        buys = fill(values, remaining, budget)
        small = [(amount, name) for name, amount in buys.items() if amount < minimum]
        if not small:
            return Buys(buys, tuple(merged), budget - sum(buys.values()))
        amount, name = min(small)
        merged.append(Merged(name, amount))
        del remaining[name]
    return Buys({}, tuple(merged), budget)


def budget_of(available: int, values: Mapping[str, int], buffer_bp: int) -> int:
    """Cents to invest: available cash less a buffer in basis points of the whole portfolio."""
    whole = available + sum(values.values())
    buffer = -(-whole * buffer_bp // WHOLE_BP)
    return max(0, available - buffer)
