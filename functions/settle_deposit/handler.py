"""Lambda settle_deposit: a webhook or a check about a payment becomes a look at its gateway."""

from collections.abc import Mapping
from typing import Any

from functions.settle_deposit.building import build, build_crediting, build_left_behind, patient
from functions.settle_deposit.settings import Settings
from shared.payments.cash_balances import CHECK as CASH
from shared.payments.cash_balances import customer_in
from shared.payments.methods import Gateway
from shared.payments.paybill_intake import CONFIRMATION, STATUS, TIMEOUT
from shared.payments.paybill_unmatched import CHECK
from shared.payments.providers.adyen_notifications import adyen_signals
from shared.payments.signals import Signal, daraja_signal, stripe_signal
from shared.platform.entry import entry_point
from shared.platform.observability import metric
from shared.platform.queues import SqsQueue
from shared.platform.runtime import runtime
from shared.platform.worker import CheckMessage, EventMessage, Message, WebhookMessage, consume
from shared.treasury.events import SuspenseMatchAgreedV1
from shared.treasury.suspense import CHECK as SUSPENSE

settings = Settings.load()
platform = runtime(settings)
settlement, intake = build(settings, platform)
crediting = build_crediting(platform)
left_behind = build_left_behind(settings, platform)
queue = SqsQueue(settings.payment_signals_queue)


def signalled(signal: Signal | None, vendor: str) -> None:
    """Pass a signal on; one that names nobody's deposit is only counted."""
    if signal is None:
        metric("PaymentOfNobody", gateway=vendor.upper())
        return
    settlement.signalled(
        signal.user_id, signal.deposit_id, signal.hint, signal.gateway, signal.proved
    )


def handle(message: Message) -> None:
    """One signal; anything else on this queue goes to the dead letters."""
    match message:
        case EventMessage(envelope) if envelope.type == SuspenseMatchAgreedV1.detail_type():
            crediting.agreed(Gateway(envelope.data["gateway"]), envelope.data["payment"])
        case CheckMessage(check=check, subject=subject) if check == SUSPENSE:
            crediting.agreed(Gateway(subject["gateway"]), subject["payment"])
        case CheckMessage(check="payment", subject=subject, attempt=attempt):
            settlement.checked(subject["user_id"], subject["deposit_id"], attempt)
        case CheckMessage(check=check, subject=subject, attempt=attempt) if check == CHECK:
            intake.paybill.checked(subject, attempt)
        case CheckMessage(check=check, subject=subject, attempt=attempt) if check == CASH:
            left_behind.checked(subject, attempt)
        case WebhookMessage(vendor="stripe", body=body):
            if (customer := customer_in(body)) is not None:
                left_behind.heard(customer)
            else:
                signalled(stripe_signal(body, settings.cell), "stripe")
        case WebhookMessage(vendor="daraja", body=body, token=str(token)):
            signalled(daraja_signal(body, token, settings.cell), "daraja")
        case WebhookMessage(vendor=vendor, body=body) if vendor == CONFIRMATION:
            intake.confirmed(body)
        case WebhookMessage(vendor=vendor, body=body, token=str(token)) if vendor in (
            STATUS,
            TIMEOUT,
        ):
            intake.answered(vendor, token, body)
        case WebhookMessage(vendor="adyen", body=body):
            for signal in adyen_signals(body, settings.cell):
                signalled(signal, "adyen")
        case _:
            raise TypeError(f"settle_deposit does not take {type(message).__name__}")


@entry_point("settle_deposit")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, patient(handle, queue, platform.clock), service="settle_deposit")
