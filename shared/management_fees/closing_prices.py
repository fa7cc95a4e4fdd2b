"""Closing prices out of the stored bars, kept in memory: everybody's days need the same ones."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import batched

from shared.kernel.clock import Clock
from shared.kernel.money import Currency, Price
from shared.market_data.bars import Adjustment, Bar, from_lines
from shared.market_data.history_store import BarsRow, bars_partition
from shared.market_data.rows import QuoteRow, quote_of
from shared.market_data.store import quote_key
from shared.platform.tables import Database, Key, Table

_KEYS = 100
_BELIEVED = timedelta(hours=1)


class StoredCloses:
    """See Closes. What was traded, not what was adjusted since: shares are those of the day too.

    A symbol without any bar until a day has the newest quote, if there is one. What was read is
    believed for an hour: bars of a day come after its end.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._days: dict[str, Sequence[date]] = {}
        self._prices: dict[str, Sequence[Price]] = {}
        self._quotes: dict[str, Price] = {}
        self._read_at: datetime | None = None

    def close(self, symbol: str, day: date) -> Price | None:
        """See Closes."""
        self.load([symbol])
        place = bisect_right(self._days[symbol], day)
        return self._prices[symbol][place - 1] if place else self._quotes.get(symbol)

    def load(self, symbols: Iterable[str]) -> int:
        """Read those that are not known at this moment, in one request for 25 of them; how many
        requests that took."""
        now = self._clock.now()
        if self._read_at is None or now - self._read_at >= _BELIEVED:
            self._days, self._prices, self._quotes, self._read_at = {}, {}, {}, now
        missing = sorted(set(symbols) - self._days.keys())
        return self._read(missing, now.year) if missing else 0

    def _read(self, symbols: Sequence[str], year: int) -> int:
        """The bars of this year and of those beside it: the last known price may be of December,
        and the market may be a day ahead."""
        wanted: dict[Key, str] = {}
        for symbol in symbols:
            for each in (year - 1, year, year + 1):
                place = f"{Adjustment.RAW.value}#{each}"
                wanted[Key(Table.MARKET, bars_partition(symbol), place)] = symbol
            wanted[quote_key(symbol)] = symbol
        requests = 0
        bars: dict[str, list[Bar]] = {symbol: [] for symbol in symbols}
        for some in batched(wanted, _KEYS, strict=False):
            requests += 1
            for key, item in self._database.get_many(some).items():
                symbol = wanted[key]
                if key == quote_key(symbol):
                    self._quotes[symbol] = quote_of(item.to(QuoteRow)).price
                else:
                    bars[symbol] += from_lines(symbol, item.to(BarsRow).lines)
        for symbol, found in bars.items():
            ordered = sorted(found, key=lambda bar: bar.day)
            self._days[symbol] = [bar.day for bar in ordered]
            self._prices[symbol] = [Price(bar.close, Currency.USD) for bar in ordered]
        return requests
