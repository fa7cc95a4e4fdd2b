"""Keeping market data current: each source on its own, so that one failure spoils nothing else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from shared.kernel.money import Currency
from shared.market_data.errors import SourceUnavailable
from shared.market_data.model import MarketClock, Quote
from shared.market_data.outliers import judged, jumps
from shared.market_data.ports import Exchange, ExchangeRates, MarketBook, Prices, SecondSource
from shared.market_data.rates import PIVOT, QUOTED
from shared.market_data.rates import judged as judged_rate

LATE = timedelta(minutes=5)
"""While the market trades, an older quote of the first source sends us to the second."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh changed; ``failed`` names the sources that gave no whole answer, ``doubtful``
    the currencies whose rate has jumped and is not confirmed, ``suspects`` such symbols."""

    counts: Mapping[str, int]
    failed: tuple[str, ...]
    doubtful: tuple[Currency, ...] = ()
    suspects: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    """What one refresh finds out on its way."""

    clock: MarketClock | None = None
    failed: list[str] = field(default_factory=list)
    doubtful: list[Currency] = field(default_factory=list)
    suspects: list[str] = field(default_factory=list)


def refresh(
    exchange: Exchange,
    prices: Prices,
    rates: ExchangeRates,
    book: MarketBook,
    symbols: Sequence[str],
    second: SecondSource | None = None,
) -> Refreshed:
    """Read every source once and keep what came; what did not come stays old, with its age.

    Assets change rarely: they are read only while one of them is unknown or not buyable. The
    second source of prices is asked only where the first is silent, late, or states a jump.
    """
    reading = _Reading()

    def clock() -> int:
        reading.clock = exchange.clock()
        book.keep_clock(reading.clock)
        return 1

    def assets() -> int:
        known = book.assets(symbols)
        missing = [name for name in symbols if name not in known or not known[name].buyable]
        found = exchange.assets(missing) if missing else []
        book.keep_assets(found)
        return len(found)

    steps: dict[str, Callable[[], int]] = {
        "clock": clock,
        "assets": assets,
        "quotes": lambda: _quotes(prices, second, book, symbols, reading),
        "fx": lambda: _rates(rates, book, reading.doubtful),
    }
    counts = {}
    for name, step in steps.items():
        try:
            counts[name] = step()
        except SourceUnavailable:
            reading.failed.append(name)
    return Refreshed(
        counts, tuple(reading.failed), tuple(reading.doubtful), tuple(reading.suspects)
    )


def _quotes(
    prices: Prices,
    second: SecondSource | None,
    book: MarketBook,
    symbols: Sequence[str],
    reading: _Reading,
) -> int:
    try:
        first = {one.symbol: one for one in prices.latest(symbols)}
    except SourceUnavailable:
        if second is None:
            raise
        reading.failed.append("quotes")
        first = {}
    known = book.quote_records(symbols)
    asked = [
        symbol
        for symbol in symbols
        if (one := first.get(symbol)) is None
        or jumps(known.get(symbol), one)
        or _late(one, reading.clock)
    ]
    others = _others(second, asked, reading)
    kept = 0
    for symbol in symbols:
        one, other = first.get(symbol), others.get(symbol)
        if other is not None and (one is None or _replaces(other, one, reading.clock)):
            one, other = other, one
        if one is None:
            continue
        record = judged(known.get(symbol), one, other)
        if record.suspect is not None:
            reading.suspects.append(symbol)
        if record != known.get(symbol):
            kept += book.keep_quote_record(record)
    return kept


def _others(
    second: SecondSource | None, symbols: Sequence[str], reading: _Reading
) -> Mapping[str, Quote]:
    if second is None or not symbols:
        return {}
    try:
        return {one.symbol: one for one in second.latest(symbols)}
    except SourceUnavailable:
        reading.failed.append("second")
        return {}


def _late(quote: Quote, clock: MarketClock | None) -> bool:
    return clock is not None and clock.is_open and quote.age(clock.timestamp) > LATE


def _replaces(other: Quote, one: Quote, clock: MarketClock | None) -> bool:
    """Whether the second source's price is taken: the first one's is late, and older."""
    return _late(one, clock) and other.as_of > one.as_of


def _rates(rates: ExchangeRates, book: MarketBook, doubtful: list[Currency]) -> int:
    found = rates.latest(PIVOT, QUOTED)
    known = book.rate_records((rate.base, rate.quote) for rate in found)
    for rate in found:
        record = judged_rate(known.get((rate.base, rate.quote)), rate)
        book.keep_rate(record.trusted, record.suspect)
        if record.suspect is not None:
            doubtful.append(rate.quote)
    if len(found) < len(QUOTED):
        raise SourceUnavailable(source="fx")
    return len(found)
