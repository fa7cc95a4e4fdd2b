"""Where market data comes from and where it is kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from shared.kernel.money import Currency
from shared.market_data.announcements import Announcement
from shared.market_data.bars import Adjustment, Bar, DailyFacts
from shared.market_data.model import Asset, FxQuote, MarketClock, Quote
from shared.market_data.outliers import QuoteRecord
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


class SecondSource(Prices, Protocol):
    """Another source of the same prices: asked where the first one is silent, late or alone with
    what it states."""


class ExchangeRates(Protocol):
    """A source of exchange rates."""

    def latest(self, base: Currency, quotes: Sequence[Currency]) -> list[FxQuote]:
        """The newest published rate of each pair that has one; raises SourceUnavailable."""


@dataclass(frozen=True, slots=True)
class Answered[T]:
    """What a source stated, and how many of its entries nobody could read."""

    found: tuple[T, ...]
    unreadable: int = 0


class History(Protocol):
    """A source of what has been. Each method raises SourceUnavailable."""

    def daily(
        self, symbols: Sequence[str], first: date, last: date, adjustment: Adjustment
    ) -> Answered[Bar]:
        """The bars of all sessions from one day to another, both included."""

    def announcements(
        self, symbols: Sequence[str], first: date, last: date
    ) -> Answered[Announcement]:
        """Corporate actions that take effect from one day to another."""


class HistoryBook(Protocol):
    """Keeps bars, announcements, and what rules ask of them."""

    def bars(self, symbol: str, adjustment: Adjustment, first: date, last: date) -> list[Bar]:
        """Those that are known, oldest first."""

    def keep_bars(self, symbol: str, adjustment: Adjustment, bars: Sequence[Bar]) -> int:
        """Replace the days that these bars are of. Answers how many rows have changed."""

    def facts(self, symbols: Iterable[str]) -> dict[str, DailyFacts]:
        """The known ones among the symbols."""

    def keep_facts(self, facts: DailyFacts) -> None:
        """Replace a symbol's facts."""

    def announcements(self, symbol: str) -> list[Announcement]:
        """All that is known of a symbol, by the day of their effect."""

    def keep_announcement(self, announcement: Announcement) -> bool:
        """Replace what is known under its id. Answers whether that was something else."""


class MarketBook(Protocol):
    """Keeps the newest of everything."""

    def assets(self, symbols: Iterable[str]) -> dict[str, Asset]:
        """The known ones among the symbols."""

    def keep_assets(self, assets: Iterable[Asset]) -> None:
        """Replace assets."""

    def keep_quotes(self, quotes: Iterable[Quote]) -> int:
        """Replace older quotes; an older one never replaces a newer. Answers how many were new."""

    def quote_records(self, symbols: Iterable[str]) -> Mapping[str, QuoteRecord]:
        """What is known of the symbols' prices, those in doubt too."""

    def keep_quote_record(self, record: QuoteRecord) -> bool:
        """Replace what is known of a symbol's price. Answers False when somebody knew newer."""

    def keep_clock(self, clock: MarketClock) -> None:
        """Replace the clock."""

    def rate_records(
        self, pairs: Iterable[tuple[Currency, Currency]]
    ) -> Mapping[tuple[Currency, Currency], RateRecord]:
        """What is known of the pairs, those in doubt too."""

    def keep_rate(self, rate: FxQuote, suspect: FxQuote | None = None) -> None:
        """Replace what is known of a pair."""
