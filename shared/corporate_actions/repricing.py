"""The last price before a split, in terms of the new shares: what is held is worth the same."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from shared.kernel.clock import Clock
from shared.kernel.money import Price
from shared.market_data.outliers import QuoteRecord
from shared.market_data.ports import MarketBook
from shared.market_data.rows import quote_row
from shared.platform.contention import full_jitter
from shared.platform.tables import Put
from shared.platform.work import ConditionFailed, UnitOfWork

TRIES = 8
_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Quotes:
    """See Repricing: the newest believed price is divided, once. What sources state until the
    first trade under the new terms is the old price, and no news."""

    market: MarketBook
    facts: UnitOfWork
    clock: Clock
    pause: Callable[[int], None] = full_jitter

    def split(self, symbol: str, ratio: Fraction, announcement_id: str, trades: datetime) -> None:
        """See Repricing. Where everybody keeps writing prices, it is left to the market."""
        source = f"split:{announcement_id}"
        for attempt in range(TRIES):
            record = self.market.quote_records([symbol]).get(symbol)
            if record is None or record.trusted.source == source or record.trusted.as_of >= trades:
                return
            old = record.trusted.price
            value = (old.value * ratio.denominator / ratio.numerator).quantize(_STEP)
            if not value:
                return
            now = self.clock.now()
            price = Price(value, old.currency)
            scaled = replace(record.trusted, price=price, source=source, fetched_at=now)
            row, unchanged = quote_row(QuoteRecord(scaled, restated_until=trades))
            try:
                self.facts.commit([Put("quote", row, unchanged)])
            except ConditionFailed:
                self.pause(attempt)
            else:
                return
