"""Lambda refresh_market: every minute and on demand, the newest of clock, assets, quotes, rates."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

from functions.refresh_market.settings import Settings
from shared.market_data.errors import SourceUnavailable
from shared.market_data.model import Quote
from shared.market_data.providers.alpaca import AlpacaExchange, AlpacaPrices, AlpacaWire
from shared.market_data.providers.frankfurter import Frankfurter
from shared.market_data.service import refresh
from shared.market_data.store import MarketStore, clock_key
from shared.market_data.universe import SYMBOLS
from shared.platform.entry import entry_point
from shared.platform.observability import metric
from shared.platform.runtime import runtime
from shared.platform.secrets import SecretsManager
from shared.platform.worker import CheckMessage, Message, consume
from shared.strategies.rows import keep_in_force

settings = Settings.load()
platform = runtime(settings)
secrets = SecretsManager()
store = MarketStore(platform.database)
wire_of = lru_cache(maxsize=4)(AlpacaWire)
JUST_DONE = timedelta(seconds=2)
"""Many may ask at once: what was read a moment ago is new enough."""


class Second:
    """See SecondSource: on most days nobody asks it, and nothing of it is loaded."""

    def latest(self, symbols: Sequence[str]) -> list[Quote]:
        """See Prices."""
        token = str(secrets.get(settings.ibkr_secret).get("token", ""))
        if not token:
            # A stage without this broker.
            raise SourceUnavailable(source="second")
        from functions.refresh_market.second import second_source

        found = second_source(settings.ibkr_base_url, token, platform.clock).latest(symbols)
        metric("SecondSourceAsked", len(symbols))
        return found


def handle(message: Message) -> None:
    """The schedule's tick, or somebody's wish for newer data."""
    if not (isinstance(message, CheckMessage) and message.check == "market"):
        raise TypeError("refresh_market takes the check named market")
    known = store.read([clock_key()]).clock
    if known is not None and platform.clock.now() - known.fetched_at < JUST_DONE:
        return
    keep_in_force(platform.database, platform.clock.now().date())
    secret = secrets.get(settings.broker_secret)
    key, word = str(secret["key"]), str(secret["secret"])
    result = refresh(
        AlpacaExchange(wire_of(settings.broker_base_url, key, word), platform.clock),
        AlpacaPrices(wire_of(settings.market_data_base_url, key, word), platform.clock),
        Frankfurter(settings.fx_base_url, platform.clock),
        store,
        SYMBOLS,
        Second(),
    )
    for source in result.failed:
        metric("MarketSourceFailed", source=source)
    for symbol in result.suspects:
        metric("QuoteInDoubt", symbol=symbol)
    for currency in result.doubtful:
        metric("RateInDoubt", currency=currency.value)


@entry_point("refresh_market")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="refresh_market")
