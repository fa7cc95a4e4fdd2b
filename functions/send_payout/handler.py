"""Lambda send_payout: payouts are given to gateways, and what became of them is booked."""

from collections.abc import Mapping
from typing import Any

from functions.send_payout.building import build
from functions.send_payout.settings import Settings
from shared.kernel.money import Currency, Money
from shared.payments.methods import Gateway
from shared.payouts.intake import Intake
from shared.payouts.sending import CHECK
from shared.platform.entry import entry_point
from shared.platform.runtime import runtime
from shared.platform.worker import CheckMessage, EventMessage, Message, WebhookMessage, consume

settings = Settings.load()
sending = build(settings, runtime(settings))
intake = Intake(sending, settings.cell)
EVENTS = frozenset({"payouts.payout_requested.v1", "payouts.cash_recalled.v1"})
DARAJA = frozenset({"daraja-result", "daraja-status", "daraja-timeout"})


def surplus(data: Mapping[str, Any]) -> None:
    """A payment that is not wanted."""
    amount = Money(data["amount_minor"], Currency(data["currency"]))
    of = (data["user_id"], data["deposit_id"], Gateway(data["gateway"]), data["payment"])
    sending.surplus(*of, amount, data.get("transfer"))


def handle(message: Message) -> None:
    """An event, a check, or a vendor's word; anything else goes to the dead letters."""
    match message:
        case EventMessage(envelope) if envelope.type in EVENTS:
            sending.requested(envelope.data["user_id"], envelope.data["payout_id"])
        case EventMessage(envelope) if envelope.type == "payments.surplus_received.v1":
            surplus(envelope.data)
        case CheckMessage(check=check, subject=of, attempt=attempt) if check == CHECK:
            sending.checked(of["user_id"], of["payout_id"], attempt)
        case WebhookMessage(vendor="stripe", body=body):
            intake.stripe(body)
        case WebhookMessage(vendor="adyen", body=body):
            intake.adyen(body)
        case WebhookMessage(vendor=vendor, body=body, token=str(token)) if vendor in DARAJA:
            intake.daraja(vendor, token, body)
        case _:
            raise TypeError(f"send_payout does not take {type(message).__name__}")


@entry_point("send_payout")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="send_payout")
