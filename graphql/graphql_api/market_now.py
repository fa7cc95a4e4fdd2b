"""The market as a request sees it: prices from memory, switches as they stand now."""

from dataclasses import replace
from typing import TYPE_CHECKING

from shared.market_data.history_store import daily_key
from shared.market_data.restrictions import restricted_key
from shared.market_data.store import MarketView, breaker_key
from shared.platform.tables import Database

if TYPE_CHECKING:
    from graphql_api.freshness import FreshPrices


def market_of(database: Database, prices: "FreshPrices") -> MarketView:
    """One read."""
    from shared.investing.reading import BREAKERS, halted_by

    view = prices.view()
    symbols = sorted(view.assets)
    names = (*BREAKERS, *map(halted_by, symbols))
    wanted = [restricted_key(), *map(daily_key, symbols), *map(breaker_key, names)]
    found = MarketView.of(database.get_many(wanted))
    return replace(view, breakers=found.breakers, restricted=found.restricted, daily=found.daily)
