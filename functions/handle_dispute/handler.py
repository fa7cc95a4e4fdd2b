"""Lambda handle_dispute: what banks take back, and cash that becomes free for what is owed."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from functions.handle_dispute.settings import Settings
from shared.cases.store import CaseStore
from shared.disputes.claims import Claims
from shared.disputes.conceding import Conceding
from shared.disputes.intake import Intake
from shared.disputes.providers.stripe import StripeDesk
from shared.disputes.receivables import Collecting
from shared.disputes.recording import Recording
from shared.disputes.service import PROVED, SOUGHT, Disputing
from shared.disputes.signals import unpacked
from shared.disputes.store import CHECK, DisputeStore
from shared.ledger.store import LedgerStore
from shared.payments.methods import Gateway
from shared.payments.providers.stripe_client import stripe_client
from shared.payments.providers.stripe_disputes import StripeDisputes
from shared.payments.store import DepositStore
from shared.payouts.store import PayoutStore
from shared.platform.entry import entry_point
from shared.platform.queues import Checks, SqsQueue
from shared.platform.runtime import runtime
from shared.platform.secrets import SecretsManager
from shared.platform.worker import CheckMessage, EventMessage, Message, WebhookMessage, consume

settings = Settings.load()
platform = runtime(settings)
secrets = SecretsManager()
client_of = lru_cache(maxsize=2)(stripe_client)
disputes, ledger = DisputeStore(platform.database), LedgerStore(platform.database)
stripe = StripeDisputes(
    lambda: client_of(str(secrets.get(settings.stripe_secret)["api_key"]), settings.stripe_base_url)
)
claims = Claims(PayoutStore(platform.database), platform.ids)
recording = Recording(
    disputes=disputes,
    deposits=DepositStore(platform.database),
    ledger=ledger,
    cases=CaseStore(platform.database),
    facts=platform.facts,
    clock=platform.clock,
    claims=claims,
)
desks = {Gateway.STRIPE: StripeDesk(stripe)}
disputing = Disputing(recording, desks, Checks(SqsQueue(settings.disputes_queue)))
collecting = Collecting(disputes, ledger, platform.facts, platform.clock, claims)
conceding = Conceding(recording)
intake = Intake(disputing, settings.cell)
FREED = {
    "payments.deposit_funded.v1": "deposit_id",
    "payouts.payout_released.v1": "payout_id",
    "disputes.collection_asked.v1": "user_id",
}
"""Events after which there is more free cash, or somebody asks, and what the entry refers to."""


def handle(message: Message) -> None:
    """A vendor's message, a check, or cash that became free."""
    match message:
        case WebhookMessage(vendor="stripe", body=body):
            intake.stripe(body)
        case WebhookMessage(vendor="adyen", body=body):
            intake.adyen(body)
        case EventMessage(envelope) if envelope.type in FREED:
            data = envelope.data
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
