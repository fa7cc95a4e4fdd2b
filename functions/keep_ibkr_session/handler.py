"""Lambda keep_ibkr_session: keeps the session at Interactive Brokers, and looks at its orders."""

import json
import uuid
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from functions.keep_ibkr_session.settings import Settings
from shared.investing.brokers.ibkr_events import TOPIC, packed
from shared.investing.brokers.ibkr_keeping import Keeper
from shared.investing.brokers.ibkr_session import SessionStore
from shared.investing.brokers.ibkr_watch import Watcher, WatchStore
from shared.investing.errors import BrokerUnavailable
from shared.investing.ports import TradeEvent
from shared.platform.entry import entry_point
from shared.platform.ibkr_wire import IbkrWire
from shared.platform.observability import metric
from shared.platform.queues import Checks, SqsQueue
from shared.platform.runtime import runtime
from shared.platform.secrets import SecretsManager
from shared.platform.worker import CheckMessage, Message, WebhookMessage, consume

settings = Settings.load()
platform = runtime(settings)
secrets = SecretsManager()
wire_of = lru_cache(maxsize=2)(IbkrWire)
events = SqsQueue(settings.broker_events_queue)
checks = Checks(SqsQueue(settings.broker_sessions_queue))
CHAIN_LENGTH = 4
"""After orders were sent they are looked at 2, 5, 15 and 60 seconds later, then each minute."""


def forward(event: TradeEvent) -> None:
    """To the handler of all brokers' events, which takes a repetition as success."""
    body = json.dumps({"type": TOPIC, "data": packed(event)}).encode()
    events.send(WebhookMessage("broker", body, platform.clock.now()))


def look(token: str, *, session: bool) -> None:
    """At the session, if wanted, and at every order that has not ended."""
    wire = wire_of(settings.ibkr_base_url, token)
    sessions = SessionStore(platform.database, platform.clock, lambda: uuid.uuid4().hex)
    if session:
        Keeper(wire, sessions, platform.clock).look()
    watches = WatchStore(platform.database, platform.clock)
    try:
        Watcher(wire, sessions, watches, forward, platform.clock).look()
    except BrokerUnavailable:
        # The next look is at most a minute away, and orders stay in their list until they end.
        metric("BrokerOrdersUnseen", broker="ibkr")


def handle(message: Message) -> None:
    """The schedule's tick, or a link of the chain after orders."""
    if not isinstance(message, CheckMessage) or message.check not in ("session", "fills"):
        raise TypeError("keep_ibkr_session takes the checks named session and fills")
    token = str(secrets.get(settings.ibkr_secret).get("token", ""))
    if not token:
        # A stage without this broker.
        return
    look(token, session=message.check == "session")
    if message.check == "fills" and message.attempt + 1 < CHAIN_LENGTH:
        checks.schedule("fills", message.subject, message.attempt + 1)


@entry_point("keep_ibkr_session")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="keep_ibkr_session")
