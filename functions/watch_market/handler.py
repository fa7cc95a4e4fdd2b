"""Lambda watch_market: every minute, breakers follow the market."""

from collections.abc import Mapping
from typing import Any

from functions.watch_market.settings import Settings
from shared.audit.breakers import BreakerTrail
from shared.audit.service import AuditTrail
from shared.audit.store import AuditStore
from shared.breakers.changing import Changing
from shared.breakers.store import Samples
from shared.breakers.watching import Variances, Watch
from shared.market_data.breakers import Switches
from shared.market_data.history_store import HistoryStore
from shared.market_data.model import AssetType
from shared.market_data.store import MarketStore
from shared.market_data.universe import SYMBOLS, UNIVERSE
from shared.platform import keys
from shared.platform.entry import entry_point
from shared.platform.observability import metric
from shared.platform.runtime import Runtime, runtime
from shared.platform.worker import CheckMessage, Message, consume

STOCKS = tuple(symbol for symbol in SYMBOLS if UNIVERSE[symbol].type is not AssetType.BOND)
"""Broad funds of stocks: they stand for the market."""


def watch_over(built: Runtime, cell: str) -> Watch:
    """The watch over these ports."""
    trail = AuditTrail(AuditStore(built.database), built.clock, built.ids)
    return Watch(
        MarketStore(built.database),
        Variances(HistoryStore(built.database)),
        Samples(built.database),
        Changing(Switches(built.database), built.facts),
        built.facts,
        built.clock,
        STOCKS,
        SYMBOLS,
        BreakerTrail(keys.house_of(cell), trail).measured,
    )


settings = Settings.load()
watch = watch_over(runtime(settings), settings.cell)


def handle(message: Message) -> None:
    """The schedule's tick."""
    if not (isinstance(message, CheckMessage) and message.check == "watch"):
        raise TypeError("watch_market takes the check named watch")
    for missing in watch.look():
        metric("MarketUnknown", what=missing)


@entry_point("watch_market")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="watch_market")
