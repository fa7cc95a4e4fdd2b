"""The rate at which shillings become dollars: the market's middle less a stated spread. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from shared.kernel.money import FxRate, Money

SPREAD_BASIS_POINTS = 150
"""What the firm keeps of each conversion: published rates cannot be traded at."""
HOLDS = timedelta(minutes=5)
"""For so long after the quote a payer may be asked to pay. Who was asked in time gets the
quoted rate however late the gateway's word arrives."""

_PRECISION = 38


@dataclass(frozen=True, slots=True)
class FxQuote:
    """A locked rate: ``mid`` as published, ``spread`` in basis points, good until ``expires_at``.

    The customer's rate is ``mid * (10000 - spread) / 10000``, kept exact.
    """

    mid: FxRate
    spread: int
    expires_at: datetime

    @property
    def rate(self) -> Decimal:
        """Dollars for one shilling that the customer gets."""
        with localcontext(prec=_PRECISION):
            return self.mid.rate * (10_000 - self.spread) / 10_000

    def convert(self, money: Money) -> Money:
        """The worth of ``money``, rounded once, half to even, to whole minor units."""
        customer = FxRate(self.mid.base, self.mid.quote, self.rate, self.mid.source, self.mid.as_of)
        return customer.convert(money, ROUND_HALF_EVEN)


def quote_at(mid: FxRate, now: datetime) -> FxQuote:
    """Lock the rate of this moment."""
    return FxQuote(mid, SPREAD_BASIS_POINTS, now + HOLDS)
