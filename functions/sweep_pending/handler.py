"""Lambda sweep_pending: checks for what stayed unfinished, events that stayed in the outbox."""

from collections.abc import Mapping
from typing import Any

from functions.sweep_pending.routes import route_of
from functions.sweep_pending.settings import Settings
from shared.platform.bus import EventBridgeBus
from shared.platform.entry import entry_point
from shared.platform.queues import STREAM_BATCH_FAILED, Queue, SqsQueue
from shared.platform.runtime import runtime
from shared.platform.sweep import republish, sweep
from shared.platform.worker import AwsMessage, CheckMessage, Message, consume

settings = Settings.load()
platform = runtime(settings)
bus = EventBridgeBus(settings.event_bus)
queues: Mapping[str, Queue] = {
    "payment-signals": SqsQueue(settings.payment_signals_queue),
    "funding": SqsQueue(settings.funding_queue),
    "planning": SqsQueue(settings.planning_queue),
    "identity": SqsQueue(settings.identity_queue),
    "broker-accounts": SqsQueue(settings.broker_accounts_queue),
    "corporate-actions": SqsQueue(settings.corporate_actions_queue),
    "execution": SqsQueue(settings.execution_queue),
    "rebalances": SqsQueue(settings.rebalances_queue),
    "fees": SqsQueue(settings.fees_queue),
    "treasury": SqsQueue(settings.treasury_queue),
    "recurring": SqsQueue(settings.recurring_queue),
    "disputes": SqsQueue(settings.disputes_queue),
    "raises": SqsQueue(settings.raises_queue),
    "recalls": SqsQueue(settings.recalls_queue),
    "payouts": SqsQueue(settings.payouts_queue),
}


def handle(message: Message) -> None:
    """The schedule's tick, or a batch of the outbox stream that was given up."""
    match message:
        case CheckMessage(check="sweep"):
            sweep(platform.database, platform.clock, queues, route_of)
        case AwsMessage(detail_type=kind, detail=batch) if kind == STREAM_BATCH_FAILED:
            first = batch["approximateArrivalOfFirstRecord"]
            last = batch["approximateArrivalOfLastRecord"]
            republish(platform.database, bus, str(first), str(last))
        case _:
            raise TypeError(f"sweep_pending does not take {type(message).__name__}")


@entry_point("sweep_pending")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="sweep_pending")
