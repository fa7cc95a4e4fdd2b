"""Rates of a payout beside the one that holds, and what arrives at them. Pure."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from shared.kernel.clock import from_text, to_text
from shared.kernel.money import Currency, FxRate, Money
from shared.payments.quoting import FxQuote

EARLIER_KEPT = 10
"""The first one, which the person asked for, and the last ones of those that followed."""


@dataclass(frozen=True, slots=True)
class Terms:
    """``amount`` arrives at ``quote``'s rate."""

    quote: FxQuote
    amount: Money
    ends_at: datetime
    """When others took their place; of an offer, until when it can be agreed to."""


def with_earlier(known: tuple[Terms, ...], one: Terms) -> tuple[Terms, ...]:
    """These and one more, oldest first."""
    return (*known[:1], *(*known[1:], one)[1 - EARLIER_KEPT :]) if known else (one,)


def terms_text(terms: tuple[Terms, ...]) -> str | None:
    """For a row; None for none."""
    if not terms:
        return None
    return json.dumps([_plain(one) for one in terms], separators=(",", ":"))


def terms_of(text: str | None) -> tuple[Terms, ...]:
    """Out of a row."""
    return () if text is None else tuple(_read(one) for one in json.loads(text))


def _plain(one: Terms) -> dict[str, Any]:
    quote = one.quote
    return {
        "pair": [quote.mid.base.value, quote.mid.quote.value],
        "mid": str(quote.mid.rate),
        "source": quote.mid.source,
        "as_of": to_text(quote.mid.as_of),
        "spread": quote.spread,
        "expires_at": to_text(quote.expires_at),
        "replaced": None if quote.replaced is None else str(quote.replaced),
        "minor": one.amount.minor,
        "ends_at": to_text(one.ends_at),
    }


def _read(plain: dict[str, Any]) -> Terms:
    base, quote = (Currency(code) for code in plain["pair"])
    mid = FxRate(base, quote, Decimal(plain["mid"]), plain["source"], from_text(plain["as_of"]))
    replaced = None if plain["replaced"] is None else Decimal(plain["replaced"])
    expires_at = from_text(plain["expires_at"])
    return Terms(
        quote=FxQuote(mid, plain["spread"], expires_at, replaced),
        amount=Money(plain["minor"], quote),
        ends_at=from_text(plain["ends_at"]),
    )
