"""Whole shares for assets that do not trade in parts: greedy, by weight, then by deficit. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class WholeShares:
    """How many shares of each symbol, and what is left of the budget (in the prices' unit)."""

    shares: Mapping[str, int]
    left: Fraction


def whole_shares(
    weights: Mapping[str, int], prices: Mapping[str, Fraction], budget: Fraction
) -> WholeShares:
    """First as many as each weight pays for, then one by one what is furthest below its weight
    and can still be paid. Ties go by symbol. Nothing is spent that is not in ``budget``.
    """
    whole = sum(weights.values())
    order = sorted((name for name in weights if weights[name] > 0), key=lambda n: (-weights[n], n))
    ideal = {name: Fraction(weights[name], whole) for name in order}
    shares = {name: int(ideal[name] * budget // prices[name]) for name in order}
    left = budget - sum((prices[name] * count for name, count in shares.items()), Fraction(0))
    while True:
        spent = sum((prices[name] * count for name, count in shares.items()), Fraction(0))
        deficits = {
            name: ideal[name] - (prices[name] * shares[name] / spent if spent else 0)
            for name in order
            if prices[name] <= left
        }
        wanted = [name for name in order if deficits.get(name, Fraction(0)) > 0]
        if not wanted:
            return WholeShares({name: n for name, n in sorted(shares.items()) if n}, left)
        name = max(wanted, key=lambda each: deficits[each])
        shares[name] += 1
        left -= prices[name]
