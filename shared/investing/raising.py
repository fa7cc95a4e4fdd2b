"""Raising cash: what is furthest above target is sold first, the mirror of filling. Pure.

Exact on whole cents: the parts sum to what is needed, nothing is sold twice or bought, and the
result does not depend on the order of the assets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from shared.investing.rebalancing import Merged
from shared.kernel.money import allocate


@dataclass(frozen=True, slots=True)
class Sells:
    """What to sell in cents by symbol, what was too small, and what could not be raised."""

    amounts: Mapping[str, int]
    merged: tuple[Merged, ...]
    missing_minor: int


def drain(values: Mapping[str, int], targets: Mapping[str, int], need: int) -> dict[str, int]:
    """``max(0, value - level * target)`` with the level that raises ``need`` cents.

    ``values`` are worths in cents, ``targets`` weights in any whole unit. What has no target goes
    first, in proportion to its worth; without any target all of it goes in proportion. Cents
    that do not divide go by largest remainder, ties by symbol. All is sold when ``need`` is more.
    """
    held = {name: values[name] for name in sorted(values) if values[name] > 0}
    if need <= 0:
        return {}
    if sum(held.values()) <= need:
        return held
    strangers = {name: worth for name, worth in held.items() if targets.get(name, 0) <= 0}
    strange = sum(strangers.values())
    if strange >= need:
        parts = allocate(need, list(strangers.values()))
        return {name: part for name, part in zip(strangers, parts, strict=True) if part}
    members = {name: worth for name, worth in held.items() if name not in strangers}
    return strangers | _level(members, targets, need - strange)


def _level(values: Mapping[str, int], targets: Mapping[str, int], need: int) -> dict[str, int]:
    """Sell down to one common level of what is fullest; ``need`` is less than all of it."""
    if need == 0:
        return {}
    by_fullness = sorted(values, key=lambda name: (-Fraction(values[name], targets[name]), name))
    worth = weight = 0
    active: list[str] = []
    for name in by_fullness:
        value, target = values[name], targets[name]
        # The level over those already active stays above this one's: it is not touched.
        if active and worth - need >= 0 and (worth - need) * target >= value * weight:
            break
        active.append(name)
        worth, weight = worth + value, weight + target
    active.sort()
    kept = allocate(worth - need, [targets[name] for name in active])
    sells = {name: values[name] - keep for name, keep in zip(active, kept, strict=True)}
    return {name: amount for name, amount in sells.items() if amount > 0}


def draw(values: Mapping[str, int], targets: Mapping[str, int], need: int, minimum: int) -> Sells:
    """``drain``, with no order below ``minimum`` cents but one that sells all there is.

    While an order is too small, the smallest is dropped and the others bring its money. The last
    one is made large enough instead, so that what is needed comes in whenever it can.
    """
    remaining = {name: worth for name, worth in values.items() if worth > 0}
    merged: list[Merged] = []
    while remaining:
        sells = drain(remaining, targets, need)
        small = [
            (amount, name)
            for name, amount in sells.items()
            if amount < minimum and amount < remaining[name]
        ]
        if not small:
            return Sells(sells, tuple(merged), max(0, need - sum(sells.values())))
        amount, name = min(small)
        if len(sells) == 1 or sum(remaining.values()) - remaining[name] < need:
            sells |= {each: min(minimum, remaining[each]) for _, each in small}
            return Sells(sells, tuple(merged), 0)
        merged.append(Merged(name, amount))
        del remaining[name]
    return Sells({}, tuple(merged), max(0, need))


def trim(values: Mapping[str, int], targets: Mapping[str, int], whole: int) -> dict[str, int]:
    """What is above its target share of ``whole`` cents, for a rebalance; never below target.

    ``targets`` are basis points; what has none is sold whole.
    """
    points = sum(targets.values())
    sells = {}
    for name in sorted(values):
        goal = -(-whole * targets.get(name, 0) // points) if points else 0
        if values[name] > goal:
            sells[name] = values[name] - goal
    return sells
