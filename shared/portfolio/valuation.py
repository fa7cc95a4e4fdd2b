"""What a portfolio is worth and how far it is from its target. Pure and exact."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from shared.kernel.money import Money
from shared.market_data.model import Quote
from shared.portfolio.model import BASE, Position

WHOLE_BP = 10_000
"""All of a portfolio in basis points."""
_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Holding:
    """A position at its newest price; value and weight are None while there is no price."""

    position: Position
    quote: Quote | None
    value: Money | None
    weight: Decimal | None
    """Share of the total, 0 to 1 with six decimals."""
    target: Decimal
    """Share that the model asks for, 0 when it does not contain the symbol."""
    stale: bool


@dataclass(frozen=True, slots=True)
class Valuation:
    """A portfolio at a moment; total and drift are None while a price is missing."""

    cash: Money
    holdings: tuple[Holding, ...]
    total: Money | None
    drift: Decimal | None
    """Half the sum of all distances from target, cash included: 0 is exact, 1 is all wrong."""
    as_of: datetime | None
    """Time of the oldest price in it; None without holdings."""
    stale: bool


def drift(
    values: Mapping[str, int], targets_bp: Mapping[str, int], cash_minor: int = 0
) -> Fraction:
    """``sum(|w - t|) / 2`` over all symbols and cash, exactly; 0 for an empty portfolio."""
    total = sum(values.values()) + cash_minor
    if total == 0:
        return Fraction(0)
    distance = abs(
        Fraction(cash_minor, total) - Fraction(WHOLE_BP - sum(targets_bp.values()), WHOLE_BP)
    )
    for symbol in values.keys() | targets_bp.keys():
        weight = Fraction(values.get(symbol, 0), total)
        distance += abs(weight - Fraction(targets_bp.get(symbol, 0), WHOLE_BP))
    return distance / 2


def as_decimal(share: Fraction) -> Decimal:
    """With six decimals, rounded half to even."""
    return (Decimal(share.numerator) / Decimal(share.denominator)).quantize(_STEP)


def value(
    positions: Iterable[Position],
    cash: Money,
    quotes: Mapping[str, Quote],
    *,
    business_now: datetime | None,
    max_age: timedelta,
    targets_bp: Mapping[str, int] | None = None,
) -> Valuation:
    """Value positions and cash. Without business time every price counts as stale."""
    targets = targets_bp or {}
    held = sorted((each for each in positions if each.quantity_nanos), key=lambda p: p.symbol)
    prices = {each.symbol: quotes.get(each.symbol) for each in held}
    worth: dict[str, int] = {}
    for each in held:
        quote = prices[each.symbol]
        if quote is not None:
            worth[each.symbol] = quote.price.value_of(each.quantity).minor
    known = len(worth) == len(held)
    total = sum(worth.values()) + cash.minor
    holdings = tuple(
        Holding(
            position=each,
            quote=quote,
            value=Money(worth[each.symbol], BASE) if quote else None,
            weight=_share(worth[each.symbol], total) if quote and known else None,
            target=_share(targets.get(each.symbol, 0), WHOLE_BP),
            stale=quote is None or business_now is None or quote.stale(max_age, business_now),
        )
        for each in held
        for quote in (prices[each.symbol],)
    )
    return Valuation(
        cash=cash,
        holdings=holdings,
        total=Money(total, BASE) if known else None,
        drift=as_decimal(drift(worth, targets, cash.minor)) if known and targets else None,
        as_of=min((one.quote.as_of for one in holdings if one.quote), default=None),
        stale=any(one.stale for one in holdings),
    )


def _share(part: int, whole: int) -> Decimal:
    return as_decimal(Fraction(part, whole)) if whole > 0 else Decimal(0).quantize(_STEP)
