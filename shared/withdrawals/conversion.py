"""What arrives of a withdrawal, and what it costs in dollars. Pure.

The payee gets whole steps of their currency: shillings for M-Pesa, minor units for a bank. Of
``asked`` dollars so many steps are paid as the rate gives, rounded down; the wallet is then
debited only what those are worth, rounded up to the cent. So nobody pays more than they asked to,
what is too little for one more step stays in the wallet, and less than a cent per withdrawal is
left to the house, in its currency position.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from shared.kernel.money import Currency, Money
from shared.payments.errors import RateUnavailable
from shared.payments.ports import ExchangeRates
from shared.payments.quoting import FxQuote, quote_at
from shared.withdrawals.model import AccountKind

STEPS = {AccountKind.MPESA: 100, AccountKind.BANK: 1}
"""Minor units of the smallest amount that can be paid."""

_DOWN, _UP = Context(prec=38, rounding=ROUND_FLOOR), Context(prec=38, rounding=ROUND_CEILING)


@dataclass(frozen=True, slots=True)
class Conversion:
    """``debited`` leaves the wallet, ``amount`` arrives; ``at_mid`` would arrive at the published
    rate without our spread."""

    debited: Money
    amount: Money
    at_mid: Money
    quote: FxQuote | None

    @property
    def fee(self) -> Money:
        """What our spread costs the person, in the currency that arrives."""
        return self.at_mid - self.amount


def converted(asked: Money, currency: Currency, step: int, quote: FxQuote | None) -> Conversion:
    """At this quote of ``currency`` for dollars; None between dollars. ``amount`` is zero when the
    dollars do not make one step."""
    if quote is None:
        if currency is not asked.currency:
            raise ValueError("another currency needs a quote")
        return Conversion(asked, asked, asked, None)
    amount = _steps(asked.minor, quote.rate, step)
    debited = _UP.divide(Decimal(amount), quote.rate).to_integral_value(ROUND_CEILING)
    at_mid = _steps(int(debited), quote.mid.rate, 1)
    return Conversion(
        debited=Money(int(debited), asked.currency),
        amount=Money(amount, currency),
        at_mid=Money(max(amount, at_mid), currency),
        quote=quote,
    )


def arriving(debited: Money, currency: Currency, step: int, quote: FxQuote) -> Money:
    """What these dollars make at another quote: whole steps, rounded down. What makes no step
    is left to the house, because the dollars have been agreed on."""
    return Money(_steps(debited.minor, quote.rate, step), currency)


def _steps(minor: int, rate: Decimal, step: int) -> int:
    """Minor units of all currencies are hundredths, so that rates hold for them too."""
    exact = _DOWN.multiply(Decimal(minor), rate)
    return int((exact / step).to_integral_value(ROUND_FLOOR)) * step


def quoted(rates: ExchangeRates, currency: Currency, now: datetime) -> FxQuote | None:
    """The quote of this moment for dollars into a currency; None for dollars themselves.
    RateUnavailable when nothing can be quoted."""
    if currency is Currency.USD:
        return None
    mid = rates.between(Currency.USD, currency)
    if mid is None:
        raise RateUnavailable()
    return quote_at(mid, now)
