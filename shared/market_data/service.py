"""Keeping market data current: each source on its own, so that one failure spoils nothing else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shared.kernel.money import Currency
from shared.market_data.errors import SourceUnavailable
from shared.market_data.ports import Exchange, ExchangeRates, MarketBook, Prices

PAIRS = ((Currency.KES, Currency.USD),)
"""Currency pairs that people pay in with."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh changed; ``failed`` names the sources that gave no answer."""

    counts: Mapping[str, int]
    failed: tuple[str, ...]


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

    def fx() -> int:
        for base, quote in PAIRS:
            book.keep_rate(rates.latest(base, quote))
        return len(PAIRS)

    steps: dict[str, Callable[[], int]] = {
        "clock": clock,
        "assets": assets,
        "quotes": quotes,
        "fx": fx,
    }
    counts, failed = {}, []
    for name, step in steps.items():
        try:
            counts[name] = step()
        except SourceUnavailable:
            failed.append(name)
    return Refreshed(counts, tuple(failed))
