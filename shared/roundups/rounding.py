"""How much a purchase is rounded up by. Pure, in whole minor units."""

from shared.kernel.money import Money


def round_up(amount: Money, whole: Money, *, whole_units: bool) -> Money:
    """``ceil(x) - x`` to the next multiple of ``whole``: 30.45 gives 0.55, 3.99 gives 0.01.

    What is a multiple already (25.00) gives nothing, or one ``whole`` where the person wishes so
    (``whole_units``). Always at least nothing and at most ``whole``.
    """
    change = -amount.minor % whole.minor
    if change == 0 and whole_units:
        change = whole.minor
    return Money(change, amount.currency)
