"""Lambda recall_cash: the cash of payouts comes to the firm's broker account, or goes back."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from functions.recall_cash.settings import Settings
from shared.cases.store import CaseStore
from shared.ledger.store import LedgerStore
from shared.payments.readings import StoredPeople
from shared.payouts.providers.alpaca_recalls import AlpacaRecalls
from shared.payouts.recalling import CHECK, Recalling
from shared.payouts.store import PayoutStore
from shared.platform.alpaca_sdk import broker_client
from shared.platform.entry import entry_point
from shared.platform.queues import Checks, SqsQueue
from shared.platform.runtime import runtime
from shared.platform.secrets import SecretsManager
from shared.platform.worker import CheckMessage, EventMessage, Message, WebhookMessage, consume

settings = Settings.load()
platform = runtime(settings)
secrets = SecretsManager()
client_of = lru_cache(maxsize=2)(broker_client)
EVENTS = frozenset({"payouts.payout_requested.v1", "payouts.payout_stopped.v1"})


def recalling() -> Recalling:
    """Built per message, so that a rotated secret is seen; the client stays the same."""
    secret = secrets.get(settings.broker_secret)
    key, word = str(secret["key"]), str(secret["secret"])
    return Recalling(
        payouts=PayoutStore(platform.database),
        ledger=LedgerStore(platform.database),
        cases=CaseStore(platform.database),
        facts=platform.facts,
        broker=AlpacaRecalls(
            lambda: client_of(settings.broker_base_url, key, word), str(secret["firm_account"])
        ),
        people=StoredPeople(platform.database),
        checks=Checks(SqsQueue(settings.recalls_queue)),
        clock=platform.clock,
    )


def handle(message: Message) -> None:
    """An event, a check, or the broker's word that a journal changed."""
    match message:
        case EventMessage(envelope) if envelope.type in EVENTS:
            recalling().requested(envelope.data["user_id"], envelope.data["payout_id"])
        case CheckMessage(check=check, subject=of, attempt=attempt) if check == CHECK:
            recalling().checked(of["user_id"], of["payout_id"], attempt)
        case WebhookMessage(vendor="broker", body=body):
            recalling().journal_changed(str(json.loads(body)["data"]["journal_id"]))
        case _:
            raise TypeError(f"recall_cash does not take {type(message).__name__}")


@entry_point("recall_cash")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="recall_cash")
