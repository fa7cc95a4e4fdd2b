"""The market: assets with their prices, and whether it trades."""

import re
from datetime import datetime, timedelta

import strawberry

from graphql_api.context import Context
from graphql_api.pages import Connection, connection_of, from_cursor, page_size
from graphql_api.rules import INHERITED, SIGNED_IN, Info, field, object_type
from graphql_api.scalars import Cursor, Price, Symbol
from shared.kernel.money import Currency
from shared.market_data.model import AssetType, Quote
from shared.market_data.store import MarketView
from shared.market_data.universe import UNIVERSE

PRICE_MAX_AGE = timedelta(minutes=15)
"""On the market's clock; an older price is shown as stale."""
_SYMBOL = re.compile(r"[A-Z][A-Z0-9.]{0,9}", re.ASCII)

strawberry.enum(AssetType, description="What kind of thing an asset is.")


@object_type(description="The price of one share, with its source and age.")
class AssetPrice:
    """See the description."""

    amount: Price = field(INHERITED, "Price of one whole share.")
    currency: Currency = field(INHERITED, "In which it is.")
    as_of: datetime = field(INHERITED, "When it was made, on the market's clock.")
    source: str = field(INHERITED, "Where it comes from.")
    stale: bool = field(INHERITED, "Whether it is too old to act upon.")


@object_type(description="Something that money can be invested in.")
class Asset:
    """See the description."""

    asset_id: Symbol = field(INHERITED, "Identifier; the symbol.")
    symbol: Symbol = field(INHERITED, "Under which it trades.")
    name: str = field(INHERITED, "What it is called.")
    type: AssetType = field(INHERITED, "What kind of thing it is.")
    tradable: bool | None = field(
        INHERITED, "Whether it can be bought now; null while that is not known."
    )
    current_price: AssetPrice | None = field(
        INHERITED, "The newest price; null while none is known."
    )


@object_type(description="Whether the market trades, on its own clock.")
class MarketStatus:
    """See the description."""

    known: bool = field(INHERITED, "False while the market's clock is not known.")
    is_open: bool = field(INHERITED, "Whether orders are carried out now.")
    now: datetime | None = field(INHERITED, "The market's time.")
    next_open: datetime | None = field(INHERITED, "When it opens next.")
    next_close: datetime | None = field(INHERITED, "When it closes next.")


def business_now(context: Context, view: MarketView) -> datetime | None:
    """The market's time, or None while it is not known well enough."""
    now = context.app.clock.now()
    return view.clock.now(now) if view.clock is not None and view.clock.known(now) else None


def is_stale(quote: Quote, now: datetime | None) -> bool:
    """Whether a price is too old; without a clock nobody can say, so it is."""
    return now is None or quote.stale(PRICE_MAX_AGE, now)


def asset_of(symbol: str, view: MarketView, now: datetime | None) -> Asset:
    """An asset of the universe as it is known now."""
    listing, listed = UNIVERSE.get(symbol), view.assets.get(symbol)
    quote = view.shown.get(symbol)
    price = None
    if quote is not None:
        price = AssetPrice(
            amount=Price(quote.price.value),
            currency=quote.price.currency,
            as_of=quote.as_of,
            source=quote.source,
            stale=is_stale(quote, now) or view.in_doubt(symbol),
        )
    kind = listing.type if listing else listed.type if listed else AssetType.STOCK
    return Asset(
        asset_id=Symbol(symbol),
        symbol=Symbol(symbol),
        name=listing.name if listing else listed.name if listed else symbol,
        type=kind,
        tradable=None if listed is None else listed.buyable,
        current_price=price,
    )


@object_type()
class MarketQuery:
    """Root fields about the market."""

    @field(
        SIGNED_IN,
        "One asset that we invest in; null when there is none of this symbol.",
    )
    def asset(self, info: Info, symbol: Symbol) -> Asset | None:
        """See the description."""
        if symbol not in UNIVERSE:
            return None
        view = info.context.app.prices.view()
        return asset_of(symbol, view, business_now(info.context, view))

    @field(SIGNED_IN, "The assets that we invest in, by symbol.")
    def assets(self, info: Info, first: int = 20, after: Cursor | None = None) -> Connection[Asset]:
        """See the description."""
        start = "" if after is None else from_cursor(after, _SYMBOL)
        symbols = [symbol for symbol in sorted(UNIVERSE) if symbol > start]
        shown = symbols[: page_size(first)]
        view = info.context.app.prices.view()
        now = business_now(info.context, view)
        entries = [(symbol, asset_of(symbol, view, now)) for symbol in shown]
        return connection_of(entries, shown[-1] if len(symbols) > len(shown) else None)

    @field(SIGNED_IN, "Whether the market trades right now.")
    def market_status(self, info: Info) -> MarketStatus:
        """See the description."""
        clock, now = info.context.app.prices.view().clock, info.context.app.clock.now()
        if clock is None or not clock.known(now):
            return MarketStatus(
                known=False, is_open=False, now=None, next_open=None, next_close=None
            )
        return MarketStatus(
            known=True,
            is_open=clock.open_at(now),
            now=clock.now(now),
            next_open=clock.next_open,
            next_close=clock.next_close,
        )
