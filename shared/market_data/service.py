"""Keeping market data current: each source on its own, so that one failure spoils nothing else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shared.kernel.money import Currency
from shared.market_data.errors import SourceUnavailable
from shared.market_data.ports import Exchange, ExchangeRates, MarketBook, Prices
from shared.market_data.rates import PIVOT, QUOTED, judged


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh changed; ``failed`` names the sources that gave no whole answer, ``doubtful``
    the currencies whose rate has jumped and is not confirmed."""

    counts: Mapping[str, int]
    failed: tuple[str, ...]
    doubtful: tuple[Currency, ...] = ()


def refresh(
    exchange: Exchange,
    prices: Prices,
    rates: ExchangeRates,
    book: MarketBook,
    symbols: Sequence[str],
) -> Refreshed:
    """Read every source once and keep what came; what did not come stays old, with its age.

    Assets change rarely: they are read only while one of them is unknown or not buyable.
    """

    def clock() -> int:
        book.keep_clock(exchange.clock())
        return 1

    def assets() -> int:
        known = book.assets(symbols)
        missing = [name for name in symbols if name not in known or not known[name].buyable]
        found = exchange.assets(missing) if missing else []
        book.keep_assets(found)
        return len(found)

    def quotes() -> int:
        return book.keep_quotes(prices.latest(symbols))

    doubtful: list[Currency] = []
    steps: dict[str, Callable[[], int]] = {
        "clock": clock,
        "assets": assets,
        "quotes": quotes,
        "fx": lambda: _rates(rates, book, doubtful),
    }
    counts, failed = {}, []
    for name, step in steps.items():
        try:
            counts[name] = step()
        except SourceUnavailable:
            failed.append(name)
    return Refreshed(counts, tuple(failed), tuple(doubtful))


def _rates(rates: ExchangeRates, book: MarketBook, doubtful: list[Currency]) -> int:
    found = rates.latest(PIVOT, QUOTED)
    known = book.rate_records((rate.base, rate.quote) for rate in found)
    for rate in found:
        record = judged(known.get((rate.base, rate.quote)), rate)
        book.keep_rate(record.trusted, record.suspect)
        if record.suspect is not None:
            doubtful.append(rate.quote)
    if len(found) < len(QUOTED):
        raise SourceUnavailable(source="fx")
    return len(found)
