"""Lambda monitor_risk: portfolios are compared with the caps after trades, and once a day."""

from collections.abc import Mapping
from typing import Any

from functions.monitor_risk.settings import Settings
from shared.investing.monitoring import Monitor, Watched
from shared.platform.entry import entry_point
from shared.platform.observability import metric
from shared.platform.queues import SqsQueue
from shared.platform.runtime import runtime
from shared.platform.worker import CheckMessage, EventMessage, Message, consume
from shared.portfolio.holders import SEGMENTS, HolderStore
from shared.portfolio.store import PortfolioStore

settings = Settings.load()
platform = runtime(settings)
queue = SqsQueue(settings.risk_monitor_queue)
holders = HolderStore(platform.database)
states = PortfolioStore(platform.database)
monitor = Monitor(platform.database, platform.facts, platform.clock)
SEGMENT = "risk_segment"


def walk(segment: int, after: str | None) -> None:
    """One page of people, and a message for the next one."""
    page = holders.page(segment, after)
    told = monitor.look(Watched.of_holder(one) for one in page.holders if one.positions)
    metric("RiskMonitored", len(page.holders))
    if told:
        metric("RiskTold", told)
    if page.unreadable:
        metric("RiskUnreadable", len(page.unreadable))
    if page.after is not None:
        queue.send(CheckMessage(SEGMENT, {"number": str(segment), "after": page.after}))


def handle(message: Message) -> None:
    """The last order of a person has ended, the day's tick, or a page of people."""
    match message:
        case EventMessage(envelope) if envelope.type == "investing.orders_completed.v1":
            monitor.look([Watched.of_state(states.state(envelope.data["user_id"]))])
        case CheckMessage(check="risk_monitor"):
            for number in range(SEGMENTS):
                queue.send(CheckMessage(SEGMENT, {"number": str(number)}))
        case CheckMessage(check=check, subject=subject) if check == SEGMENT:
            walk(int(subject["number"]), subject.get("after"))
        case _:
            raise TypeError(f"monitor_risk does not take {type(message).__name__}")


@entry_point("monitor_risk")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="monitor_risk")
