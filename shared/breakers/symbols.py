"""When one symbol's moves within minutes stop automatic orders of it, and when that ends. Pure.

After the exchanges' Limit Up-Limit Down plan: 5 per cent from the mean of the last five minutes,
twice that in the first 15 and the last 25 minutes of a session, pauses for five minutes. The plan
waits 15 seconds for the price to come back; we look once a minute and do not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from shared.breakers.names import BY_STAFF, breaker_of
from shared.breakers.volatility import moved
from shared.market_data.calendar import Session
from shared.market_data.model import Breaker, BreakerState, Quote

BAND = Decimal("0.05")
FIRST, LAST = timedelta(minutes=15), timedelta(minutes=25)
WINDOW = timedelta(minutes=5)
PAUSE = timedelta(minutes=5)
SAMPLES_AT_LEAST = 2
"""Fewer prices are no mean."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One price of a symbol; business time."""

    at: datetime
    price: Decimal


def band_at(now: datetime, session: Session) -> Decimal:
    """How far a price may be from its mean."""
    wide = now < session.open + FIRST or now >= session.close - LAST
    return 2 * BAND if wide else BAND


def move_of(samples: Sequence[Sample], quote: Quote) -> Decimal | None:
    """The newest price against the mean of those of the five minutes before it; None when there
    are too few."""
    known = [one.price for one in samples if quote.as_of - WINDOW <= one.at < quote.as_of]
    if len(known) < SAMPLES_AT_LEAST:
        return None
    return moved(quote.price.value, sum(known, Decimal(0)) / len(known))


def sampled(
    samples: Mapping[str, Sequence[Sample]], quotes: Mapping[str, Quote], now: datetime
) -> dict[str, tuple[Sample, ...]]:
    """The samples with the newest quotes, without those that nobody needs any more."""
    kept = {}
    for symbol, quote in sorted(quotes.items()):
        known = samples.get(symbol, ())
        newer = all(quote.as_of > one.at for one in known)
        every = (*known, Sample(quote.as_of, quote.price.value)) if newer else tuple(known)
        found = tuple(one for one in every if now - 2 * WINDOW <= one.at <= now)
        if found:
            kept[symbol] = found
    return kept


def judged(
    symbol: str,
    before: Breaker | None,
    move: Decimal | None,
    session: Session | None,
    now: datetime,
) -> Breaker | None:
    """What a symbol's breaker becomes; None when it stays. One that people opened stays open."""
    name = breaker_of(symbol)
    state = BreakerState.CLOSED if before is None else before.state
    if before is not None and before.blocks and before.reason.startswith(BY_STAFF):
        return None
    if session is None or not session.open <= now < session.close:
        closed = state is BreakerState.CLOSED
        return None if closed else Breaker(name, BreakerState.CLOSED, "SESSION_OVER", now)
    outside = move is not None and abs(move) >= band_at(now, session)
    if before is None or state is BreakerState.CLOSED:
        return Breaker(name, BreakerState.OPEN, f"BAND:{move:.4f}", now) if outside else None
    if timedelta(0) <= now - before.since < PAUSE and not (outside and not before.blocks):
        return None
    if before.blocks:
        return Breaker(name, BreakerState.HALF_OPEN, "PAUSE_OVER", now)
    if outside:
        return Breaker(name, BreakerState.OPEN, f"BAND:{move:.4f}", now)
    return None if move is None else Breaker(name, BreakerState.CLOSED, "CALM", now)
