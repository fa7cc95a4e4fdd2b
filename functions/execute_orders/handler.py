"""Lambda execute_orders: a plan's orders go to the broker, and are looked after until they end."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from functions.execute_orders.building import booker_of
from functions.execute_orders.polling import PollQueue
from functions.execute_orders.settings import Settings
from shared.investing.brokers.alpaca import AlpacaBroker
from shared.investing.brokers.registry import Brokers
from shared.investing.errors import BrokerUnavailable
from shared.investing.executing import Executor
from shared.investing.ports import Broker
from shared.investing.store import InvestingStore
from shared.platform.circuits import StoredCircuits
from shared.platform.entry import entry_point
from shared.platform.queues import Checks, SqsQueue
from shared.platform.runtime import runtime
from shared.platform.secrets import SecretsManager
from shared.platform.worker import CheckMessage, EventMessage, Message, consume

settings = Settings.load()
platform = runtime(settings)
secrets = SecretsManager()
broker_of = lru_cache(maxsize=2)(AlpacaBroker)
polls = Checks(SqsQueue(settings.broker_poll_queue))
sessions = Checks(SqsQueue(settings.broker_sessions_queue))
later = Checks(SqsQueue(settings.execution_queue))
circuits = StoredCircuits(platform.database, platform.clock)
plans = InvestingStore(platform.database)
booker = booker_of(platform, plans)


CHAIN_LENGTH = 5
"""Later looks of a plan's own chain, the last one after five minutes; then the sweep looks."""


def alpaca() -> Broker:
    """With the secret of this moment, so that a rotation is seen."""
    secret = secrets.get(settings.broker_secret)
    return broker_of(settings.broker_base_url, str(secret["key"]), str(secret["secret"]))


def ibkr() -> Broker:
    """The same; most runs never load what it needs."""
    from functions.execute_orders.ibkr import ibkr_broker

    token = str(secrets.get(settings.ibkr_secret).get("token", ""))
    return ibkr_broker(settings.ibkr_base_url, token, platform)


def execute(user_id: str, plan_id: str, attempt: int | None) -> None:
    """One run over the plan, and the next look of the chain when something is still open."""
    brokers = Brokers(circuits, alpaca=alpaca, ibkr=ibkr)
    polling = PollQueue(brokers, polls, sessions)
    executor = Executor(plans, brokers, booker, polling, platform.facts, platform.clock)
    progress = executor.run(user_id, plan_id)
    if progress.open and attempt is not None and attempt < CHAIN_LENGTH:
        subject = {"user_id": user_id, "plan_id": plan_id, "chain": "yes"}
        later.schedule("execution", subject, attempt)
    elif progress.unsent and not brokers.waits:
        # The queue delivers this message again, which looks each order up first. Behind an open
        # breaker orders wait for the sweep instead, however long it takes.
        raise BrokerUnavailable()


def handle(message: Message) -> None:
    """A new plan, or a later look at one."""
    match message:
        case EventMessage(envelope) if envelope.type == "investing.plan_created.v1":
            if envelope.data["order_count"]:
                execute(envelope.data["user_id"], envelope.data["plan_id"], 0)
        case EventMessage(envelope) if envelope.type == "investing.order_cancel_requested.v1":
            execute(envelope.data["user_id"], envelope.data["plan_id"], 0)
        case CheckMessage(check="execution", subject=subject, attempt=attempt):
            # The sweep looks once and starts no chain: it comes again by itself.
            follow = attempt + 1 if "chain" in subject else None
            execute(subject["user_id"], subject["plan_id"], follow)
        case _:
            raise TypeError(f"execute_orders does not take {type(message).__name__}")


@entry_point("execute_orders")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="execute_orders")
