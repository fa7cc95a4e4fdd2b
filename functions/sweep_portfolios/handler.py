"""Lambda sweep_portfolios: each trading day, everybody who holds something is looked at once."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from functions.sweep_portfolios.settings import Settings
from functions.sweep_portfolios.telling import SEGMENT, Messages
from shared.cases.store import CaseStore
from shared.investing.inputs import Rules
from shared.platform.entry import entry_point
from shared.platform.queues import SqsQueue
from shared.platform.runtime import runtime
from shared.platform.worker import CheckMessage, Message, consume
from shared.portfolio.holders import HolderStore
from shared.rebalancing.market import MarketReader
from shared.rebalancing.store import SweepStore
from shared.rebalancing.sweeping import Sweep

settings = Settings.load()
platform = runtime(settings)
max_age = timedelta(seconds=settings.price_max_age_seconds)
sweep = Sweep(
    HolderStore(platform.database),
    SweepStore(platform.database, platform.clock),
    MarketReader(platform.database, platform.clock, max_age).look,
    Messages(
        SqsQueue(settings.planning_queue),
        SqsQueue(settings.rebalances_queue),
        SqsQueue(settings.portfolio_sweep_queue),
        CaseStore(platform.database),
        platform.facts,
        platform.clock.now,
    ),
    platform.clock,
    Rules(max_price_age_seconds=settings.price_max_age_seconds),
)


def handle(message: Message) -> None:
    """The schedule's tick, or a segment of a day's sweep."""
    match message:
        case CheckMessage(check="portfolio_sweep"):
            sweep.tick()
        case CheckMessage(check=check, subject=subject) if check == SEGMENT:
            sweep.walk(date.fromisoformat(subject["day"]), int(subject["number"]))
        case _:
            raise TypeError(f"sweep_portfolios does not take {type(message).__name__}")


@entry_point("sweep_portfolios")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="sweep_portfolios")
