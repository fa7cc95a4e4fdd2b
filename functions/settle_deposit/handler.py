"""Lambda settle_deposit: a webhook or a check about a payment becomes a look at its gateway."""

from collections.abc import Mapping
from typing import Any

from functions.settle_deposit.settings import Settings
from shared.cases.store import CaseStore
from shared.ledger.store import LedgerStore
from shared.payments.gateways import GatewaySettings, lookups
from shared.payments.providers.adyen_notifications import adyen_signals
from shared.payments.readings import StoredRates
from shared.payments.settlement import Settlement
from shared.payments.settling import Settling
from shared.payments.signals import Signal, daraja_signal, stripe_signal
from shared.payments.store import DepositStore
from shared.payments.watching import Watched
from shared.platform.circuits import StoredCircuits
from shared.platform.entry import entry_point
from shared.platform.observability import metric
from shared.platform.queues import Checks, SqsQueue
from shared.platform.runtime import runtime
from shared.platform.secrets import SecretsManager
from shared.platform.worker import CheckMessage, Message, WebhookMessage, consume

settings = Settings.load()
platform = runtime(settings)
vendors = GatewaySettings(
    stripe_secret=settings.stripe_secret,
    stripe_base_url=settings.stripe_base_url,
    daraja_secret=settings.daraja_secret,
    daraja_base_url=settings.daraja_base_url,
    adyen_secret=settings.adyen_secret,
    adyen_base_url=settings.adyen_base_url,
)
circuits = StoredCircuits(platform.database, platform.clock)
found = lookups(vendors, SecretsManager(), platform.clock)
settlement = Settlement(
    settling=Settling(
        deposits=DepositStore(platform.database),
        ledger=LedgerStore(platform.database),
        facts=platform.facts,
        cases=CaseStore(platform.database),
        rates=StoredRates(platform.database, platform.clock),
        clock=platform.clock,
    ),
    gateways={name: Watched(name, lookup, circuits) for name, lookup in found.items()},
    checks=Checks(SqsQueue(settings.payment_signals_queue)),
)


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
        case CheckMessage(check="payment", subject=subject, attempt=attempt):
            settlement.checked(subject["user_id"], subject["deposit_id"], attempt)
        case WebhookMessage(vendor="stripe", body=body):
            signalled(stripe_signal(body, settings.cell), "stripe")
        case WebhookMessage(vendor="daraja", body=body, token=str(token)):
            signalled(daraja_signal(body, token, settings.cell), "daraja")
        case WebhookMessage(vendor="adyen", body=body):
            for signal in adyen_signals(body, settings.cell):
                signalled(signal, "adyen")
        case _:
            raise TypeError(f"settle_deposit does not take {type(message).__name__}")


@entry_point("settle_deposit")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="settle_deposit")
