"""What another version of a strategy would trade, for some people. Pure: the planner decides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.investing.inputs import Inputs
from shared.investing.plan import Decision
from shared.investing.planning import judge


@dataclass(frozen=True, slots=True)
class Compared:
    """What a rebalance of one goal of one person rests on, without the version and with it."""

    before: Inputs
    after: Inputs

    @property
    def changed(self) -> bool:
        """Whether the goal would aim for something else."""
        return _aims(self.before) != _aims(self.after)

    @property
    def priced(self) -> bool:
        """Whether there is a price of all that is held or aimed for, then and now."""
        needed = {name for name, nanos in self.after.held.items() if nanos}
        needed |= (_aims(self.before) or {}).keys() | (_aims(self.after) or {}).keys()
        return needed <= self.after.prices.keys()


@dataclass(frozen=True, slots=True)
class Trades:
    """Orders in sum, in cents."""

    orders: int = 0
    buy_minor: int = 0
    sell_minor: int = 0

    def with_(self, decision: Decision) -> "Trades":
        """And those of another decision; what is sold counts with what it is expected to bring."""
        return Trades(
            self.orders + len(decision.orders),
            self.buy_minor + sum(each.notional_minor for each in decision.orders),
            self.sell_minor + sum(each.proceeds_minor for each in decision.sales.values()),
        )


@dataclass(frozen=True, slots=True)
class Impact:
    """Sums over the people who were looked at."""

    sampled: int = 0
    affected: int = 0
    """Of them, those for whom something else is aimed for."""
    untargeted: int = 0
    """Of the affected, those whose exclusions would leave nothing to aim for."""
    unpriced: int = 0
    """Of the affected, those of whose orders nothing can be said while a price is missing."""
    orders: Trades = Trades()
    """Of the affected, with the version."""
    orders_without: Trades = Trades()
    """Of the same people and goals without it: what drift alone would trade today."""


def impact_of(people: Iterable[Sequence[Compared]]) -> Impact:
    """For each person their goals that are saved for."""
    impact = Impact()
    for goals in people:
        impact = _and(impact, [one for one in goals if one.changed])
    return impact


def _and(known: Impact, changed: Sequence[Compared]) -> Impact:
    priced = [one for one in changed if one.priced]
    untargeted = any(one.after.target is None for one in changed)
    orders, without = known.orders, known.orders_without
    for one in priced:
        orders = orders.with_(judge(one.after).decision)
        without = without.with_(judge(one.before).decision)
    return Impact(
        sampled=known.sampled + 1,
        affected=known.affected + bool(changed),
        untargeted=known.untargeted + untargeted,
        unpriced=known.unpriced + (len(priced) < len(changed)),
        orders=orders,
        orders_without=without,
    )


def _aims(inputs: Inputs) -> dict[str, int] | None:
    return None if inputs.target is None else dict(inputs.target.weights)
