"""A locked exchange rate as columns of whatever row it belongs to."""

from typing import Any

from shared.kernel.money import Currency, FxRate
from shared.payments.quoting import FxQuote


def quote_columns(quote: FxQuote | None) -> dict[str, Any]:
    """The columns of a quote; none without one. The pair is the row's own matter."""
    if quote is None:
        return {}
    return {
        "mid_rate": quote.mid.rate,
        "spread": quote.spread,
        "rate_source": quote.mid.source,
        "rate_as_of": quote.mid.as_of,
        "quote_expires_at": quote.expires_at,
        "replaced_rate": quote.replaced,
    }


def quote_in(row: Any, base: str, quote: str) -> FxQuote | None:
    """The quote of a row that has these columns, from ``base`` into ``quote``; None where nothing
    was converted."""
    if row.mid_rate is None:
        return None
    pair = Currency(base), Currency(quote)
    mid = FxRate(*pair, row.mid_rate, row.rate_source, row.rate_as_of)
    return FxQuote(mid, int(row.spread), row.quote_expires_at, row.replaced_rate)
