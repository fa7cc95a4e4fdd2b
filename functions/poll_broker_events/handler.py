"""Lambda poll_broker_events: the broker's event streams, window by window, onto our queue."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from functions.poll_broker_events.settings import Settings
from shared.breakers.names import at_broker
from shared.investing.at_broker import ALPACA
from shared.investing.brokers.alpaca_streams import AlpacaStreams
from shared.investing.cursors import CursorStore
from shared.investing.errors import BrokerUnavailable
from shared.investing.polling import Forwarded, LookedBack, Poller, Topic
from shared.kernel.clock import from_text, to_text
from shared.market_data.providers.alpaca import AlpacaWire
from shared.platform.circuits import CircuitState, StoredCircuits
from shared.platform.entry import entry_point
from shared.platform.queues import Checks, SqsQueue
from shared.platform.runtime import runtime
from shared.platform.secrets import SecretsManager
from shared.platform.worker import CheckMessage, Message, WebhookMessage, consume

settings = Settings.load()
platform = runtime(settings)
secrets = SecretsManager()
wire_of = lru_cache(maxsize=2)(AlpacaWire)
events = SqsQueue(settings.broker_events_queue)
checks = Checks(SqsQueue(settings.broker_poll_queue))
CHAIN_LENGTH = 4
"""After orders were sent the streams are read 2, 5, 15 and 60 seconds later."""

circuits = StoredCircuits(platform.database, platform.clock)
forwarded = Forwarded()
"""Lives as long as the process, so that overlapping windows do not repeat everything."""
looked_back = LookedBack()
"""The same for looks back."""


def forward(topic: Topic, event: str) -> None:
    """In the form of the broker's push, so that one handler takes both."""
    body = f'{{"type":"{topic.value}","data":{event}}}'.encode()
    events.send(WebhookMessage("broker", body, platform.clock.now()))


def poller() -> Poller:
    """Built per message, so that a rotated secret is seen; the connection stays the same."""
    secret = secrets.get(settings.broker_secret)
    wire = wire_of(settings.broker_base_url, str(secret["key"]), str(secret["secret"]))
    cursors = CursorStore(platform.database)
    streams = AlpacaStreams(wire)
    return Poller(streams, cursors, forward, platform.clock, forwarded, looked_back)


def heard[T](ask: Callable[[Poller], T]) -> T:
    """Ask for events, whether the breaker of the broker is open or not: they are what ends
    orders. Silence counts in its circuit. An answer counts only while the circuit finds out
    whether the broker is back: else events that are read would hide orders that fail."""
    name = at_broker(ALPACA)
    on_trial = circuits.read(name).state is not CircuitState.CLOSED and circuits.admits(name)
    try:
        answer = ask(poller())
    except BrokerUnavailable:
        circuits.failed(name)
        raise
    if on_trial:
        circuits.succeeded(name)
    return answer


def handle(message: Message) -> None:
    """The schedule's tick, a link of the chain after orders, or a look back."""
    match message:
        case CheckMessage(check="poll", subject={"since": since}):
            rest = heard(lambda each: each.repeat(from_text(since)))
            if rest is not None:
                checks.schedule("poll", {"since": to_text(rest)})
        case CheckMessage(check="poll", subject=subject, attempt=attempt):
            caught_up = heard(lambda each: each.poll())
            if not caught_up:
                checks.schedule("poll", {})
            elif "chain" in subject and attempt + 1 < CHAIN_LENGTH:
                checks.schedule("poll", subject, attempt + 1)
        case _:
            raise TypeError(f"poll_broker_events does not take {type(message).__name__}")


@entry_point("poll_broker_events")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="poll_broker_events")
