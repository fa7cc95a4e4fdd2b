"""Lambda apply_broker_event: pushed and polled events of the broker, in any order, each once."""

from collections.abc import Mapping
from typing import Any

from functions.apply_broker_event.settings import Settings
from shared.cases.store import CaseStore
from shared.investing.booking import Booker
from shared.investing.brokers import ibkr_events
from shared.investing.brokers.alpaca_events import read_json, trade_event
from shared.investing.errors import BrokerEventMalformed
from shared.investing.polling import Topic
from shared.investing.store import InvestingStore
from shared.ledger.store import LedgerStore
from shared.platform.contention import full_jitter
from shared.platform.entry import entry_point
from shared.platform.queues import SqsQueue
from shared.platform.runtime import runtime
from shared.platform.worker import Message, WebhookMessage, consume
from shared.portfolio.store import PortfolioStore

settings = Settings.load()
platform = runtime(settings)
accounts = SqsQueue(settings.broker_accounts_queue)
of_journals = (SqsQueue(settings.funding_queue), SqsQueue(settings.recalls_queue))
booker = Booker(
    plans=InvestingStore(platform.database),
    ledger=LedgerStore(platform.database),
    positions=PortfolioStore(platform.database),
    cases=CaseStore(platform.database),
    facts=platform.facts,
    clock=platform.clock,
    pause=full_jitter,
)


def handle(message: Message) -> None:
    """Trades are booked here; accounts and journals belong to others and are passed on whole."""
    if not (isinstance(message, WebhookMessage) and message.vendor == "broker"):
        raise TypeError("apply_broker_event takes deliveries of the broker")
    content = read_json(message.body)
    match content:
        case {"type": Topic.TRADES.value, "data": dict(data)}:
            booker.apply(trade_event(data))
        case {"type": ibkr_events.TOPIC, "data": dict(data)}:
            booker.apply(ibkr_events.unpacked(data))
        case {"type": Topic.JOURNALS.value, "data": dict()}:
            # The event does not say what the cash is for: each of them knows its own journals.
            for queue in of_journals:
                queue.send(message)
        case {"type": Topic.ACCOUNTS.value, "data": dict()}:
            accounts.send(message)
        case _:
            raise BrokerEventMalformed(what="its type is not known")


@entry_point("apply_broker_event")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="apply_broker_event")
