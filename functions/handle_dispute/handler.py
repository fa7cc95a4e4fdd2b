"""Lambda handle_dispute: what banks take back, and cash that becomes free for what is owed."""

from collections.abc import Mapping
from typing import Any

from functions.handle_dispute.building import build
from functions.handle_dispute.settings import Settings
from shared.disputes.service import PROVED, SOUGHT
from shared.disputes.signals import unpacked
from shared.disputes.store import CHECK
from shared.investing.model import Side
from shared.payments.methods import Gateway
from shared.payouts.model import Purpose
from shared.platform.entry import entry_point
from shared.platform.runtime import runtime
from shared.platform.worker import CheckMessage, EventMessage, Message, WebhookMessage, consume

settings = Settings.load()
parts = build(settings, runtime(settings))
disputing, collecting = parts.disputing, parts.collecting
conceding, intake = parts.conceding, parts.intake
FREED = {
    "payments.deposit_funded.v1": "deposit_id",
    "payouts.payout_released.v1": "payout_id",
    "payouts.payout_paid.v1": "payout_id",
    "investing.order_filled.v1": "order_id",
    "disputes.collection_asked.v1": "user_id",
}
"""Events after which there is more free cash, or more is owed, or somebody asks, and what the
entry refers to."""


def handle(message: Message) -> None:
    """A vendor's message, a check, or cash that became free."""
    match message:
        case WebhookMessage(vendor="stripe", body=body):
            intake.stripe(body)
        case WebhookMessage(vendor="adyen", body=body):
            intake.adyen(body)
        case EventMessage(envelope) if envelope.type in FREED:
            data = envelope.data
            if data.get("side") == Side.BUY:
                return  # nothing comes of it
            if data.get("purpose") == Purpose.REFUND:
                disputing.refund_ended(data["user_id"], data["deposit_id"])
            collecting.freed(data["user_id"], data[FREED[envelope.type]])
        case EventMessage(envelope) if envelope.type == "disputes.concession_asked.v1":
            of = envelope.data
            conceding.concede(of["user_id"], of["deposit_id"], of["dispute_id"])
        case EventMessage(envelope) if envelope.type == "reconciliation.dispute_differs.v1":
            # The gateway's statement knows more than we: news of it was lost.
            disputing.signalled(Gateway(envelope.data["gateway"]), envelope.data["reference"])
        case CheckMessage(check=check, subject=of) if check == CHECK:
            disputing.checked(of["user_id"], of["deposit_id"], of["dispute_id"])
        case CheckMessage(check=check, subject=of, attempt=attempt) if check == SOUGHT:
            disputing.signalled(Gateway(of["gateway"]), of["reference"], attempt + 1)
        case CheckMessage(check=check, subject=of, attempt=attempt) if check == PROVED:
            disputing.proved(unpacked(of), attempt + 1)
        case _:
            raise TypeError(f"handle_dispute does not take {type(message).__name__}")


@entry_point("handle_dispute")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="handle_dispute")
