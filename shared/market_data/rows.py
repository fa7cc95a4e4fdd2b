"""Rows of the newest of everything in the market table, and what they say."""

from typing import ClassVar

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition

from shared.kernel.money import Currency, Price
from shared.market_data.model import Asset, AssetType, FxQuote, MarketClock, Quote
from shared.market_data.outliers import QuoteRecord
from shared.market_data.rates import RateRecord
from shared.platform.tables import DecimalAttribute, InstantAttribute, Row, Table

QUOTES = "QUOTES"


class AssetRow(Row):
    """An asset of the universe."""

    TABLE: ClassVar[Table] = Table.MARKET
    KIND: ClassVar[str] = "asset"

    name = UnicodeAttribute()
    type = UnicodeAttribute()
    broker_id = UnicodeAttribute()
    tradable = BooleanAttribute()
    fractionable = BooleanAttribute()
    fetched_at = InstantAttribute()


class QuoteRow(Row):
    """The newest believed price of a symbol. The suspect is a newer one that is not confirmed."""

    TABLE: ClassVar[Table] = Table.MARKET
    KIND: ClassVar[str] = "quote"

    price = DecimalAttribute()
    currency = UnicodeAttribute()
    as_of = InstantAttribute()
    source = UnicodeAttribute()
    fetched_at = InstantAttribute()
    suspect_price = DecimalAttribute(null=True)
    suspect_as_of = InstantAttribute(null=True)
    suspect_source = UnicodeAttribute(null=True)
    suspect_fetched_at = InstantAttribute(null=True)
    restated_until = InstantAttribute(null=True)


class ClockRow(Row):
    """The newest answer of the broker's clock."""

    TABLE: ClassVar[Table] = Table.MARKET
    KIND: ClassVar[str] = "clock"

    timestamp = InstantAttribute()
    is_open = BooleanAttribute()
    next_open = InstantAttribute()
    next_close = InstantAttribute()
    fetched_at = InstantAttribute()


class FxRow(Row):
    """The newest believed rate of a currency pair; the sort key is ``<base>/<quote>``. The
    suspect is a newer one that is not confirmed."""

    TABLE: ClassVar[Table] = Table.MARKET
    KIND: ClassVar[str] = "fx"

    rate = DecimalAttribute()
    as_of = InstantAttribute()
    source = UnicodeAttribute()
    fetched_at = InstantAttribute()
    suspect_rate = DecimalAttribute(null=True)
    suspect_as_of = InstantAttribute(null=True)
    suspect_source = UnicodeAttribute(null=True)
    suspect_fetched_at = InstantAttribute(null=True)


def asset_of(row: AssetRow) -> Asset:
    """Row to asset."""
    return Asset(
        symbol=row.sk,
        name=row.name,
        type=AssetType(row.type),
        broker_id=row.broker_id,
        tradable=row.tradable,
        fractionable=row.fractionable,
        fetched_at=row.fetched_at,
    )


def quote_of(row: QuoteRow) -> Quote:
    """Row to quote."""
    price = Price(row.price, Currency(row.currency))
    return Quote(row.sk, price, row.as_of, row.source, row.fetched_at)


def record_of(row: QuoteRow) -> QuoteRecord:
    """Row to what is known of a price."""
    trusted = quote_of(row)
    if row.suspect_price is None:
        return QuoteRecord(trusted, restated_until=row.restated_until)
    price = Price(row.suspect_price, trusted.price.currency)
    doubtful = (row.suspect_as_of, row.suspect_source, row.suspect_fetched_at)
    return QuoteRecord(trusted, Quote(row.sk, price, *doubtful), row.restated_until)


def quote_row(record: QuoteRecord) -> tuple[QuoteRow, Condition]:
    """The row, and that neither anything newer is there nor another price to build on."""
    trusted, suspect = record.trusted, record.suspect
    row = QuoteRow(
        pk=QUOTES,
        sk=trusted.symbol,
        price=trusted.price.value,
        currency=trusted.price.currency.value,
        as_of=trusted.as_of,
        source=trusted.source,
        fetched_at=trusted.fetched_at,
        restated_until=record.restated_until,
    )
    known, doubted = QuoteRow.fetched_at, QuoteRow.suspect_fetched_at
    if suspect is None:
        older = doubted.does_not_exist() | (doubted < trusted.fetched_at)
        return row, QuoteRow.pk.does_not_exist() | ((known < trusted.fetched_at) & older)
    row.suspect_price, row.suspect_as_of = suspect.price.value, suspect.as_of
    row.suspect_source, row.suspect_fetched_at = suspect.source, suspect.fetched_at
    older = doubted.does_not_exist() | (doubted < suspect.fetched_at)
    return row, (known == trusted.fetched_at) & older


def clock_of(row: ClockRow) -> MarketClock:
    """Row to clock."""
    return MarketClock(row.timestamp, row.is_open, row.next_open, row.next_close, row.fetched_at)


def rate_of(row: FxRow) -> RateRecord:
    """Row to what is known of a pair."""
    base, quote = (Currency(name) for name in row.sk.split("/"))
    trusted = FxQuote(base, quote, row.rate, row.as_of, row.source, row.fetched_at)
    if row.suspect_rate is None:
        return RateRecord(trusted)
    doubtful = (row.suspect_rate, row.suspect_as_of, row.suspect_source, row.suspect_fetched_at)
    return RateRecord(trusted, FxQuote(base, quote, *doubtful))
