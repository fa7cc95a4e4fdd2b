"""Rows of the market table: everything can be read in one BatchGet by key."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from pynamodb.attributes import UnicodeAttribute

from shared.kernel.money import Currency
from shared.market_data.bars import DailyFacts
from shared.market_data.history_store import DailyRow, daily_of
from shared.market_data.model import (
    Asset,
    Breaker,
    BreakerState,
    FxQuote,
    MarketClock,
    Quote,
)
from shared.market_data.outliers import QuoteRecord
from shared.market_data.rates import RateRecord
from shared.market_data.rows import (
    QUOTES,
    AssetRow,
    ClockRow,
    FxRow,
    QuoteRow,
    asset_of,
    clock_of,
    quote_row,
    rate_of,
    record_of,
)
from shared.platform.tables import (
    Database,
    InstantAttribute,
    Item,
    Key,
    Put,
    Row,
    Table,
)
from shared.platform.work import ConditionFailed

ASSETS, CLOCK, FX, BREAKERS = "ASSETS", "CLOCK", "FX", "BREAKERS"


class BreakerRow(Row):
    """A breaker; one that has no row is closed."""

    TABLE: ClassVar[Table] = Table.MARKET
    KIND: ClassVar[str] = "breaker"

    state = UnicodeAttribute()
    reason = UnicodeAttribute()
    since = InstantAttribute()


def asset_key(symbol: str) -> Key:
    """Where an asset lies."""
    return Key(Table.MARKET, ASSETS, symbol)


def quote_key(symbol: str) -> Key:
    """Where a quote lies."""
    return Key(Table.MARKET, QUOTES, symbol)


def clock_key() -> Key:
    """Where the market's clock lies."""
    return Key(Table.MARKET, CLOCK, CLOCK)


def fx_key(base: Currency, quote: Currency) -> Key:
    """Where a rate lies."""
    return Key(Table.MARKET, FX, f"{base.value}/{quote.value}")


def breaker_key(name: str) -> Key:
    """Where a breaker lies."""
    return Key(Table.MARKET, BREAKERS, name)


@dataclass(frozen=True, slots=True)
class MarketView:
    """What one BatchGet found of the market."""

    clock: MarketClock | None = None
    quotes: Mapping[str, Quote] = field(default_factory=dict)
    """Those that are not in doubt: what may be acted upon while it is fresh."""
    quote_records: Mapping[str, QuoteRecord] = field(default_factory=dict)
    """All, with what is in doubt: what may be shown, marked."""
    daily: Mapping[str, DailyFacts] = field(default_factory=dict)
    """What the bars of sessions that are over say."""
    assets: Mapping[str, Asset] = field(default_factory=dict)
    rates: Mapping[tuple[Currency, Currency], FxQuote] = field(default_factory=dict)
    """Those that are not in doubt."""
    records: Mapping[tuple[Currency, Currency], RateRecord] = field(default_factory=dict)
    """All, with what is in doubt."""
    breakers: Mapping[str, Breaker] = field(default_factory=dict)

    @property
    def shown(self) -> Mapping[str, Quote]:
        """The last believed price of each symbol, also where a newer one is in doubt: to look at,
        marked, and never to act upon."""
        return {symbol: one.trusted for symbol, one in self.quote_records.items()}

    def in_doubt(self, symbol: str) -> bool:
        """Whether a newer price of it is not confirmed."""
        record = self.quote_records.get(symbol)
        return record is not None and record.doubtful

    @classmethod
    def of(cls, found: Mapping[Key, Item]) -> "MarketView":
        """Those of the items that are rows of this context."""
        mine = [item for key, item in found.items() if key.table is Table.MARKET]
        clocks = [clock_of(item.to(ClockRow)) for item in mine if item.kind == ClockRow.KIND]
        prices = [record_of(item.to(QuoteRow)) for item in mine if item.kind == QuoteRow.KIND]
        daily = [daily_of(item) for item in mine if item.kind == DailyRow.KIND]
        assets = [asset_of(item.to(AssetRow)) for item in mine if item.kind == AssetRow.KIND]
        fx = [rate_of(item.to(FxRow)) for item in mine if item.kind == FxRow.KIND]
        records = {(one.trusted.base, one.trusted.quote): one for one in fx}
        breakers = [_breaker_of(item.to(BreakerRow)) for item in mine if item.kind == "breaker"]
        return cls(
            clock=clocks[0] if clocks else None,
            quotes={one.trusted.symbol: one.trusted for one in prices if not one.doubtful},
            quote_records={one.trusted.symbol: one for one in prices},
            daily={one.symbol: one for one in daily},
            assets={asset.symbol: asset for asset in assets},
            rates={pair: one.trusted for pair, one in records.items() if one.suspect is None},
            records=records,
            breakers={breaker.name: breaker for breaker in breakers},
        )


def _breaker_of(row: BreakerRow) -> Breaker:
    return Breaker(row.sk, BreakerState(row.state), row.reason, row.since)


class MarketStore:
    """The newest of everything; nothing here belongs to a person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, keys: Iterable[Key]) -> MarketView:
        """One BatchGet of at most 100 keys."""
        return MarketView.of(self._database.get_many(list(keys)))

    def rate_records(
        self, pairs: Iterable[tuple[Currency, Currency]]
    ) -> Mapping[tuple[Currency, Currency], RateRecord]:
        """See MarketBook."""
        keys = [fx_key(base, quote) for base, quote in pairs]
        return self.read(keys).records if keys else {}

    def assets(self, symbols: Iterable[str]) -> dict[str, Asset]:
        """See MarketBook."""
        return dict(self.read([asset_key(symbol) for symbol in symbols]).assets)

    def keep_assets(self, assets: Iterable[Asset]) -> None:
        """See MarketBook."""
        for asset in assets:
            row = AssetRow(
                pk=ASSETS,
                sk=asset.symbol,
                name=asset.name,
                type=asset.type.value,
                broker_id=asset.broker_id,
                tradable=asset.tradable,
                fractionable=asset.fractionable,
                fetched_at=asset.fetched_at,
            )
            self._database.write(Put("asset", row))

    def keep_quotes(self, quotes: Iterable[Quote]) -> int:
        """See MarketBook."""
        return sum(self.keep_quote_record(QuoteRecord(quote)) for quote in quotes)

    def quote_records(self, symbols: Iterable[str]) -> Mapping[str, QuoteRecord]:
        """See MarketBook."""
        return self.read([quote_key(symbol) for symbol in symbols]).quote_records

    def keep_quote_record(self, record: QuoteRecord) -> bool:
        """See MarketBook."""
        row, unchanged = quote_row(record)
        try:
            self._database.write(Put("quote", row, unchanged))
        except ConditionFailed:
            return False
        return True

    def keep_clock(self, clock: MarketClock) -> None:
        """See MarketBook."""
        row = ClockRow(
            pk=CLOCK,
            sk=CLOCK,
            timestamp=clock.timestamp,
            is_open=clock.is_open,
            next_open=clock.next_open,
            next_close=clock.next_close,
            fetched_at=clock.fetched_at,
        )
        self._database.write(Put("clock", row))

    def keep_rate(self, rate: FxQuote, suspect: FxQuote | None = None) -> None:
        """See MarketBook."""
        row = FxRow(
            pk=FX,
            sk=f"{rate.base.value}/{rate.quote.value}",
            rate=rate.rate,
            as_of=rate.as_of,
            source=rate.source,
            fetched_at=rate.fetched_at,
        )
        if suspect is not None:
            row.suspect_rate, row.suspect_as_of = suspect.rate, suspect.as_of
            row.suspect_source, row.suspect_fetched_at = suspect.source, suspect.fetched_at
        self._database.write(Put("fx", row))

    def set_breaker(self, breaker: Breaker) -> None:
        """Open or close a breaker; the newest word holds."""
        row = BreakerRow(
            pk=BREAKERS,
            sk=breaker.name,
            state=breaker.state.value,
            reason=breaker.reason,
            since=breaker.since,
        )
        self._database.write(Put("breaker", row))
