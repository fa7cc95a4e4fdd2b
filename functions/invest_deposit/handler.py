"""Lambda invest_deposit: a funded deposit becomes a plan with orders, or waits for the market."""

from collections.abc import Mapping
from typing import Any

from functions.invest_deposit.settings import Settings
from shared.investing.inputs import Rules
from shared.investing.reading import ask_from
from shared.investing.service import Planned, Planner, Waiting
from shared.investing.situations import DepositRows, FundedDeposit, SituationStore
from shared.investing.store import InvestingStore
from shared.ledger.store import LedgerStore
from shared.market_data.providers.valkey import with_cache
from shared.payments.planned import deposit_planned
from shared.payments.rows import deposit_from, deposit_key
from shared.platform.contention import full_jitter
from shared.platform.entry import entry_point
from shared.platform.observability import metric
from shared.platform.queues import Checks, SqsQueue
from shared.platform.runtime import runtime
from shared.platform.tables import Item
from shared.platform.worker import CheckMessage, EventMessage, Message, consume

settings = Settings.load()
platform = runtime(settings)
checks = Checks(SqsQueue(settings.planning_queue))
market = SqsQueue(settings.market_queue)


def funded(item: Item) -> FundedDeposit:
    """What planning needs of a deposit."""
    deposit = deposit_from(item)
    return FundedDeposit(deposit.investable, deposit.forwarded.minor, deposit.trace)


planner = Planner(
    situations=SituationStore(
        with_cache(platform.database, platform.clock, settings),
        DepositRows(deposit_key, funded, deposit_planned),
        platform.clock,
        Rules(max_price_age_seconds=settings.price_max_age_seconds),
    ),
    plans=InvestingStore(platform.database),
    ledger=LedgerStore(platform.database),
    facts=platform.facts,
    clock=platform.clock,
    pause=full_jitter,
)
CHAIN_LENGTH = 5
"""Later looks of a deposit's own chain, the last one after five minutes; then the sweep asks."""


def invest(user_id: str, deposit_id: str, attempt: int | None) -> None:
    """Plan it, or look again later: the sweep's looks (``attempt`` None) start no chain."""
    subject = {"user_id": user_id, "deposit_id": deposit_id, "chain": "yes"}
    follow(planner.invest(user_id, deposit_id), subject, attempt)


def follow(result: Planned | Waiting, subject: Mapping[str, str], attempt: int | None) -> None:
    """Nothing more for what has its plan; for what waits, a later look."""
    if not isinstance(result, Waiting):
        return
    for rule in result.rules:
        metric("PlanningWaits", rule=rule.value)
    if result.for_market:
        market.send(CheckMessage("market", {}))
    if attempt is not None and attempt < CHAIN_LENGTH:
        checks.schedule("planning", subject, attempt)


def handle(message: Message) -> None:
    """A funded deposit, or a later look at one."""
    match message:
        case EventMessage(envelope) if envelope.type == "payments.deposit_funded.v1":
            invest(envelope.data["user_id"], envelope.data["deposit_id"], 0)
        case CheckMessage(check="planning", subject=subject, attempt=attempt) if "cause" in subject:
            follow(planner.plan(subject["user_id"], ask_from(subject)), subject, attempt + 1)
        case CheckMessage(check="planning", subject=subject, attempt=attempt):
            again = attempt + 1 if "chain" in subject else None
            invest(subject["user_id"], subject["deposit_id"], again)
        case _:
            raise TypeError(f"invest_deposit does not take {type(message).__name__}")


@entry_point("invest_deposit")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="invest_deposit")
