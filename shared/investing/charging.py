"""Whole cents for executions whose exact value has fractions of one. Pure.

Whatever is booked for a person, their account at the broker has at least as much: what a purchase
costs is rounded up, what a sale brings is rounded down, and the fractions that this leaves there
come back, a cent as soon as they make one. So the last cent can be taken out, and none is lost.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext

from shared.investing.states import Side


def left(side: Side, exact: Decimal, charged: int) -> Decimal:
    """Cents that an order leaves at the broker beyond what is booked; negative where it lacks
    them. ``exact`` is what its executions are worth in cents."""
    with localcontext(prec=38):
        return charged - exact if side is Side.BUY else exact - charged


def whole(side: Side, exact: Decimal, beside: Decimal) -> int:
    """What executions worth ``exact`` cents cost, or bring, in whole cents, while a person's other
    orders have left ``beside`` cents, or lack them. A purchase never costs more than it would
    alone: no more was set aside for it. What others lack is for the next sale to make up for."""
    with localcontext(prec=38):
        if not exact:
            return 0
        if side is Side.SELL:
            return max(int((exact + beside).to_integral_value(ROUND_FLOOR)), 0)
        costs = (exact - max(beside, Decimal(0))).to_integral_value(ROUND_CEILING)
        return max(int(costs), 0)
