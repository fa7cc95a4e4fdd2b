"""Lambda fund_deposit: settled money moves to the person's account at the broker."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from functions.fund_deposit.settings import Settings
from shared.cases.store import CaseStore
from shared.ledger.store import LedgerStore
from shared.payments.exposures import ExposureStore
from shared.payments.funding import Funding
from shared.payments.providers.alpaca_journals import AlpacaJournals
from shared.payments.readings import StoredBreakers, StoredPeople
from shared.payments.store import DepositStore
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


def funding() -> Funding:
    """Built per message, so that a rotated secret is seen; the client stays the same."""
    secret = secrets.get(settings.broker_secret)
    key, word = str(secret["key"]), str(secret["secret"])
    return Funding(
        deposits=DepositStore(platform.database),
        ledger=LedgerStore(platform.database),
        facts=platform.facts,
        broker=AlpacaJournals(
            lambda: client_of(settings.broker_base_url, key, word), str(secret["firm_account"])
        ),
        people=StoredPeople(platform.database),
        breakers=StoredBreakers(platform.database),
        exposures=ExposureStore(platform.database),
        cases=CaseStore(platform.database),
        checks=Checks(SqsQueue(settings.funding_queue)),
        clock=platform.clock,
        limit_minor=settings.prefunding_limit_minor,
        cap_minor=settings.invest_now_cap_minor,
    )


def handle(message: Message) -> None:
    """An event, a check, or the broker's word that a journal changed."""
    match message:
        case EventMessage(envelope) if envelope.type == "payments.deposit_settled.v1":
            funding().settled(envelope.data["user_id"], envelope.data["deposit_id"])
        case EventMessage(envelope) if envelope.type == "investing.broker_account_opened.v1":
            funding().account_opened(envelope.data["user_id"])
        case CheckMessage(check="funding", subject=subject, attempt=attempt):
            funding().checked(subject["user_id"], subject["deposit_id"], attempt)
        case CheckMessage(check="journal_status", subject=subject):
            funding().journal_changed(subject["journal_id"])
        case WebhookMessage(vendor="broker", body=body):
            funding().journal_changed(str(json.loads(body)["data"]["journal_id"]))
        case _:
            raise TypeError(f"fund_deposit does not take {type(message).__name__}")


@entry_point("fund_deposit")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="fund_deposit")
