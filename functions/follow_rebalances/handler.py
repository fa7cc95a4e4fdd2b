"""Lambda follow_rebalances: runs of rebalancing follow their plans, from the first to the last."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from functions.follow_rebalances.settings import Settings
from shared.investing.inputs import Cause
from shared.platform.contention import full_jitter
from shared.platform.entry import entry_point
from shared.platform.observability import metric
from shared.platform.queues import SqsQueue
from shared.platform.runtime import runtime
from shared.platform.worker import CheckMessage, EventMessage, Message, consume
from shared.rebalancing.following import Follower
from shared.rebalancing.market import MarketReader
from shared.rebalancing.model import Run, continuation
from shared.rebalancing.store import RunStore

settings = Settings.load()
platform = runtime(settings)
planning = SqsQueue(settings.planning_queue)
max_age = timedelta(seconds=settings.price_max_age_seconds)


class Planning:
    """See Continuations."""

    def ask(self, run: Run) -> None:
        """See Continuations."""
        planning.send(CheckMessage("planning", continuation(run)))


follower = Follower(
    RunStore(platform.database),
    platform.facts,
    platform.clock,
    MarketReader(platform.database, platform.clock, max_age).today,
    Planning(),
    full_jitter,
)


def told(run: Run | None) -> None:
    """A number for each look that found a run."""
    if run is not None:
        metric("RebalanceRun", status=run.status.value)


def handle(message: Message) -> None:
    """News of a plan or of its orders, or a later look at a run."""
    match message:
        case EventMessage(envelope) if envelope.type == "investing.plan_created.v1":
            if envelope.data["cause"] == Cause.REBALANCE.value:
                told(follower.look(envelope.data["user_id"], envelope.data["plan_id"]))
        case EventMessage(envelope) if envelope.type == "investing.orders_completed.v1":
            told(follower.look(envelope.data["user_id"], envelope.data["plan_id"]))
        case CheckMessage(check="rebalance", subject={"user_id": user_id, "goal_id": goal_id}):
            told(follower.go_on(user_id, goal_id))
        case CheckMessage(check="rebalance", subject=subject):
            told(follower.resume(subject["user_id"], subject["run_id"]))
        case _:
            raise TypeError(f"follow_rebalances does not take {type(message).__name__}")


@entry_point("follow_rebalances")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="follow_rebalances")
