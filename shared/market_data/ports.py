"""Where market data comes from and where it is kept."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from shared.kernel.money import Currency
from shared.market_data.model import Asset, FxQuote, MarketClock, Quote
from shared.market_data.rates import RateRecord


class Exchange(Protocol):
    """The broker's view of the market. Each method raises SourceUnavailable."""

    def clock(self) -> MarketClock:
        """Business time, and when the market opens and closes."""

    def assets(self, symbols: Sequence[str]) -> list[Asset]:
        """Those of the symbols that the broker lists."""


class Prices(Protocol):
    """A source of prices."""

    def latest(self, symbols: Sequence[str]) -> list[Quote]:
        """The newest price of each symbol that has one; raises SourceUnavailable."""


class ExchangeRates(Protocol):
    """A source of exchange rates."""

    def latest(self, base: Currency, quotes: Sequence[Currency]) -> list[FxQuote]:
        """The newest published rate of each pair that has one; raises SourceUnavailable."""


class MarketBook(Protocol):
    """Keeps the newest of everything."""

    def assets(self, symbols: Iterable[str]) -> dict[str, Asset]:
        """The known ones among the symbols."""

    def keep_assets(self, assets: Iterable[Asset]) -> None:
        """Replace assets."""

    def keep_quotes(self, quotes: Iterable[Quote]) -> int:
        """Replace older quotes; an older one never replaces a newer. Answers how many were new."""

    def keep_clock(self, clock: MarketClock) -> None:
        """Replace the clock."""

    def rate_records(
        self, pairs: Iterable[tuple[Currency, Currency]]
    ) -> Mapping[tuple[Currency, Currency], RateRecord]:
        """What is known of the pairs, those in doubt too."""

    def keep_rate(self, rate: FxQuote, suspect: FxQuote | None = None) -> None:
        """Replace what is known of a pair."""
