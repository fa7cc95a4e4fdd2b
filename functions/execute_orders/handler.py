"""Lambda execute_orders: a plan's orders go to the broker, and are looked after until they end."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from functions.execute_orders.settings import Settings
from shared.investing.booking import Booker
from shared.investing.brokers.alpaca import AlpacaBroker
from shared.investing.errors import BrokerUnavailable
from shared.investing.executing import Executor
from shared.investing.store import InvestingStore
from shared.kernel.clock import to_text
from shared.ledger.store import LedgerStore
from shared.platform.contention import full_jitter
from shared.platform.entry import entry_point
from shared.platform.queues import Checks, SqsQueue
from shared.platform.runtime import runtime
from shared.platform.secrets import SecretsManager
from shared.platform.worker import CheckMessage, EventMessage, Message, consume
from shared.portfolio.store import PortfolioStore

settings = Settings.load()
platform = runtime(settings)
secrets = SecretsManager()
broker_of = lru_cache(maxsize=2)(AlpacaBroker)
polls = Checks(SqsQueue(settings.broker_poll_queue))
later = Checks(SqsQueue(settings.execution_queue))
plans = InvestingStore(platform.database)
booker = Booker(
    plans=plans,
    ledger=LedgerStore(platform.database),
    positions=PortfolioStore(platform.database),
    facts=platform.facts,
    clock=platform.clock,
    pause=full_jitter,
)


CHAIN_LENGTH = 5
"""Later looks of a plan's own chain, the last one after five minutes; then the sweep looks."""


class PollQueue:
    """See Polls."""

    def soon(self) -> None:
        """See Polls."""
        polls.schedule("poll", {"chain": "yes"})

    def again_since(self, at: datetime) -> None:
        """See Polls."""
        polls.schedule("poll", {"since": to_text(at)})


def execute(user_id: str, plan_id: str, attempt: int | None) -> None:
    """One run over the plan, and the next look of the chain when something is still open."""
    secret = secrets.get(settings.broker_secret)
    broker = broker_of(settings.broker_base_url, str(secret["key"]), str(secret["secret"]))
    executor = Executor(plans, broker, booker, PollQueue(), platform.facts, platform.clock)
    progress = executor.run(user_id, plan_id)
    if progress.open and attempt is not None and attempt < CHAIN_LENGTH:
        subject = {"user_id": user_id, "plan_id": plan_id, "chain": "yes"}
        later.schedule("execution", subject, attempt)
    elif progress.unsent:
        # The queue delivers this message again, which looks each order up first.
        raise BrokerUnavailable()


def handle(message: Message) -> None:
    """A new plan, or a later look at one."""
    match message:
        case EventMessage(envelope) if envelope.type == "investing.plan_created.v1":
            if envelope.data["order_count"]:
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
