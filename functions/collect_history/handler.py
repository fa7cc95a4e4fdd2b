"""Lambda collect_history: every hour, bars of sessions that are over, and corporate actions."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from functions.collect_history.settings import Settings
from shared.market_data.errors import SourceUnavailable
from shared.market_data.history import collect_announcements, collect_bars
from shared.market_data.history_store import HistoryStore
from shared.market_data.providers.alpaca import AlpacaWire
from shared.market_data.providers.alpaca_history import AlpacaHistory
from shared.market_data.store import MarketStore, clock_key
from shared.market_data.universe import SYMBOLS
from shared.platform.entry import entry_point
from shared.platform.observability import metric
from shared.platform.runtime import runtime
from shared.platform.secrets import SecretsManager
from shared.platform.worker import CheckMessage, Message, consume

settings = Settings.load()
platform = runtime(settings)
secrets = SecretsManager()
book = HistoryStore(platform.database)
wire_of = lru_cache(maxsize=2)(AlpacaWire)


def handle(message: Message) -> None:
    """The schedule's tick. What a source does not answer is asked again by the next one."""
    if not (isinstance(message, CheckMessage) and message.check == "history"):
        raise TypeError("collect_history takes the check named history")
    clock = MarketStore(platform.database).read([clock_key()]).clock
    now = platform.clock.now()
    if clock is None or not clock.known(now):
        # Which session is over is the market's to say.
        metric("MarketSourceFailed", source="clock")
        return
    secret = secrets.get(settings.broker_secret)
    wire = wire_of(settings.market_data_base_url, str(secret["key"]), str(secret["secret"]))
    source, business_now = AlpacaHistory(wire), clock.now(now)
    for name, collect in (("bars", collect_bars), ("announcements", collect_announcements)):
        try:
            done = collect(source, book, SYMBOLS, business_now)
        except SourceUnavailable:
            metric("MarketSourceFailed", source=name)
            continue
        if done.unreadable:
            metric("MarketEntriesUnreadable", done.unreadable, source=name)


@entry_point("collect_history")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="collect_history")
