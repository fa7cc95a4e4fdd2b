"""Lambda raise_cash: withdrawals that cash does not cover follow the sales made for them."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from functions.raise_cash.building import closing_of
from functions.raise_cash.settings import Settings
from shared.investing.canceling import Canceler
from shared.investing.errors import OrderNotCancelable
from shared.investing.inputs import Cause
from shared.investing.store import InvestingStore
from shared.ledger.store import LedgerStore
from shared.payments.readings import StoredPeople
from shared.payouts.model import Payout
from shared.payouts.raising import CHECK, Raising
from shared.payouts.settled_days import SettledDays
from shared.payouts.store import PayoutStore
from shared.platform.entry import entry_point
from shared.platform.queues import SqsQueue
from shared.platform.runtime import runtime
from shared.platform.worker import CheckMessage, EventMessage, Message, consume
from shared.strategies.goal_store import SavingStore

settings = Settings.load()
platform = runtime(settings)
plans = InvestingStore(platform.database)
planning, fees = SqsQueue(settings.planning_queue), SqsQueue(settings.fees_queue)
canceler = Canceler(plans, platform.facts, platform.clock)


class Sales:
    """See Sales."""

    def plan(self, payout: Payout, after: str) -> None:
        """See Sales. How much is lacking, the planner reads itself."""
        subject = {
            "user_id": payout.user_id,
            "cause": Cause.WITHDRAWAL.value,
            "cause_id": payout.payout_id,
        }
        planning.send(CheckMessage("planning", subject | ({"after": after} if after else {})))

    def stop(self, user_id: str, order_id: str) -> None:
        """See Sales."""
        with suppress(OrderNotCancelable):
            canceler.request(user_id, order_id)


settled_on = SettledDays(platform.database, platform.clock)
raising = Raising(
    payouts=PayoutStore(platform.database),
    plans=plans,
    ledger=LedgerStore(platform.database),
    people=StoredPeople(platform.database),
    facts=platform.facts,
    sales=Sales(),
    goals=SavingStore(platform.database),
    closing=closing_of(platform, settled_on, fees),
    settled_on=settled_on,
    clock=platform.clock,
)


def handle(message: Message) -> None:
    """A payout that begins or has ended, news of a plan or its orders, or a later look."""
    match message:
        case EventMessage(envelope) if envelope.type == "payouts.payout_requested.v1":
            raising.look(envelope.data["user_id"], envelope.data["payout_id"])
        case EventMessage(envelope) if envelope.type == "payouts.payout_released.v1":
            raising.ended(envelope.data["user_id"], envelope.data["payout_id"])
        case EventMessage(envelope) if envelope.type == "investing.plan_created.v1":
            if envelope.data["cause"] == Cause.WITHDRAWAL.value:
                raising.planned(envelope.data["user_id"], envelope.data["plan_id"])
        case EventMessage(envelope) if envelope.type == "investing.orders_completed.v1":
            raising.planned(envelope.data["user_id"], envelope.data["plan_id"])
        case CheckMessage(check=check, subject=of) if check == CHECK:
            raising.look(of["user_id"], of["payout_id"])
        case _:
            raise TypeError(f"raise_cash does not take {type(message).__name__}")


@entry_point("raise_cash")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="raise_cash")
