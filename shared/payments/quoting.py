"""The rate at which money of one currency becomes another: the middle less a stated spread. Pure.

A rate is locked when a deposit is made. Who was asked to pay in time gets it however late the
gateway's word arrives; money that comes after the deposit had ended, or of its own accord after
the quote's time, is converted at the rate of the moment in which it is booked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import TYPE_CHECKING

from shared.kernel.money import Currency, FxRate, Money
from shared.payments.errors import RateUnavailable
from shared.payments.methods import Method
from shared.payments.states import CREDITED, OPEN

if TYPE_CHECKING:
    from shared.payments.model import Deposit

SPREADS: Mapping[Currency, int] = {
    Currency.USD: 0,
    Currency.EUR: 50,
    Currency.ZAR: 100,
    Currency.KES: 150,
}
"""Basis points that the firm keeps when money of this currency becomes dollars or the other way
round: published rates cannot be traded at. Between two others it keeps both."""
HOLDS = timedelta(minutes=5)
"""For so long after the quote a payer may be asked to pay."""
UNASKED = frozenset({Method.BANK_TRANSFER, Method.PAYBILL})
"""Methods by which money comes when the payer sends it, days later perhaps, whether or not they
were asked: their quotes hold for money that was sent before the expiry and for no other."""

_PRECISION = 38


@dataclass(frozen=True, slots=True)
class FxQuote:
    """A locked rate: ``mid`` as published, ``spread`` in basis points, good until ``expires_at``.

    The customer's rate is ``mid * (10000 - spread) / 10000``, kept exact.
    """

    mid: FxRate
    spread: int
    expires_at: datetime
    replaced: Decimal | None = None
    """The customer's rate that had been locked before and was over when the money came."""

    @property
    def rate(self) -> Decimal:
        """Units of ``mid.quote`` for one of ``mid.base`` that the customer gets."""
        with localcontext(prec=_PRECISION):
            return self.mid.rate * (10_000 - self.spread) / 10_000

    def convert(self, money: Money) -> Money:
        """The worth of ``money``, rounded once, half to even, to whole minor units."""
        customer = FxRate(self.mid.base, self.mid.quote, self.rate, self.mid.source, self.mid.as_of)
        return customer.convert(money, ROUND_HALF_EVEN)

    def fee(self, money: Money) -> Money:
        """What the spread costs: the worth at the middle less what is credited; never negative."""
        return self.mid.convert(money, ROUND_HALF_EVEN) - self.convert(money)


def spread_between(base: Currency, quote: Currency) -> int:
    """Basis points that a conversion of this pair costs, the same both ways."""
    return SPREADS[base] + SPREADS[quote]


def quote_at(mid: FxRate, now: datetime, spread: int | None = None) -> FxQuote:
    """Lock the rate of this moment, at the pair's own spread unless another one is given."""
    basis_points = spread_between(mid.base, mid.quote) if spread is None else spread
    return FxQuote(mid, basis_points, now + HOLDS)


def late(deposit: "Deposit", paid_at: datetime) -> bool:
    """Whether money that was paid at ``paid_at`` came too late for the rate that is locked.

    ``paid_at`` is when the payer paid if the gateway says it, else the moment of booking. It is
    late for a deposit that had ended by then (failed, cancelled or expired), and, where the payer
    sends money on their own, from the quote's expiry on. False where nothing was converted, and
    for what is credited already: that is never computed again.
    """
    if deposit.quote is None or deposit.status in CREDITED:
        return False
    if deposit.method in UNASKED and paid_at >= deposit.quote.expires_at:
        return True
    if deposit.status in OPEN:
        return False
    ended_at = deposit.moves[-1].at if deposit.moves else deposit.lapses_at
    return paid_at >= ended_at


def requote(deposit: "Deposit", mid: FxRate, now: datetime) -> tuple[FxQuote, Money]:
    """The quote of this moment for a deposit that was paid late, and what it credits.

    The quote keeps the rate it replaces. Raises RateUnavailable for a rate that makes nothing of
    somebody's money, and ValueError for one of another pair.
    """
    if deposit.quote is None or (mid.base, mid.quote) != (
        deposit.amount.currency,
        deposit.credited.currency,
    ):
        raise ValueError("not a rate for this deposit")
    quote = replace(quote_at(mid, now), replaced=deposit.quote.rate)
    credited = quote.convert(deposit.amount)
    if credited.minor <= 0:
        raise RateUnavailable()
    return quote, credited
