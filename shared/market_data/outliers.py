"""Which quotes may be acted upon: no jump that nothing confirms. Pure.

A price that is far from the last one is either news or a mistake of the feed. It counts at once
when a second source states it too, and otherwise when the feed goes on stating it, unless the
second source contradicts. Until then nobody trades on either of the two prices.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from shared.market_data.model import Quote

JUMP = Decimal("0.10")
"""A larger change since the last believed price is not believed at once. Funds that hold hundreds
of shares move so far within a minute in no session since 2014 except through mistakes."""
AGREES = Decimal("0.02")
"""So near to each other two sources state one price."""
TOGETHER = timedelta(minutes=5)
"""Prices of two sources are compared when they were made within this time."""
CONFIRMED_AFTER = timedelta(minutes=3)
"""A jump that the feed still states then, with newer quotes, is real."""


@dataclass(frozen=True, slots=True)
class QuoteRecord:
    """What is known of a symbol: the last price that was believed, and a newer one in doubt."""

    trusted: Quote
    suspect: Quote | None = None
    restated_until: datetime | None = None
    """The first trade under the terms of a split, for which the last price was restated. What
    sources made before it is the old price once more, however many of them state it."""

    @property
    def doubtful(self) -> bool:
        """Whether nobody should act upon what is known."""
        return self.suspect is not None


def jumps(known: QuoteRecord | None, new: Quote) -> bool:
    """Whether a new price needs somebody to confirm it."""
    return known is not None and not near(known.trusted, new, JUMP)


def judged(known: QuoteRecord | None, new: Quote, second: Quote | None = None) -> QuoteRecord:
    """The record after another reading; ``second`` is the second source's price, if it has one."""
    if known is not None and known.restated_until and new.as_of < known.restated_until:
        return known
    if known is None or not jumps(known, new):
        return QuoteRecord(new)
    comparable = second is not None and abs(second.as_of - new.as_of) <= TOGETHER
    if comparable and second is not None and near(second, new, AGREES):
        return QuoteRecord(new)
    suspect = known.suspect
    if suspect is None or not near(suspect, new, JUMP):
        return replace(known, suspect=new)
    # A feed that repeats one and the same quote confirms nothing.
    lasting = new.as_of > suspect.as_of and new.fetched_at - suspect.fetched_at >= CONFIRMED_AFTER
    return QuoteRecord(new) if lasting and not comparable else known


def near(one: Quote, other: Quote, within: Decimal) -> bool:
    """Whether two prices differ by no more than this part of the lower one."""
    low, high = sorted((one.price.value, other.price.value))
    return one.price.currency is other.price.currency and high - low <= low * within
