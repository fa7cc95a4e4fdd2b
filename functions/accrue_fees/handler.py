"""Lambda accrue_fees: after each month, what managing people's money has cost is charged."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from functions.accrue_fees.settings import Settings
from functions.accrue_fees.telling import PERSON, SEGMENT, Messages, Planning
from shared.cases.store import CaseStore
from shared.ledger.store import LedgerStore
from shared.management_fees.charging import CHECK, Charging
from shared.management_fees.closing_prices import StoredCloses
from shared.management_fees.providers.alpaca_fees import AlpacaFees
from shared.management_fees.store import FeeStore, WalkStore
from shared.management_fees.terms import published
from shared.management_fees.walking import Walk
from shared.platform.alpaca_sdk import broker_client
from shared.platform.contention import full_jitter
from shared.platform.entry import entry_point
from shared.platform.queues import Checks, SqsQueue
from shared.platform.runtime import runtime
from shared.platform.secrets import SecretsManager
from shared.platform.worker import CheckMessage, EventMessage, Message, consume
from shared.portfolio.holders import HolderStore
from shared.rebalancing.market import MarketReader

settings = Settings.load()
platform = runtime(settings)
secrets = SecretsManager()
client_of = lru_cache(maxsize=2)(broker_client)
own = SqsQueue(settings.fees_queue)
cases, closes = CaseStore(platform.database), StoredCloses(platform.database, platform.clock)
max_age = timedelta(seconds=settings.price_max_age_seconds)
today = MarketReader(platform.database, platform.clock, max_age).today
told = Messages(own, cases, platform.facts, platform.clock.now)
walk = Walk(
    HolderStore(platform.database), WalkStore(platform.database), told, platform.clock, today
)


def charging() -> Charging:
    """Built per message, so that a rotated secret is seen; the client stays the same."""
    secret = secrets.get(settings.broker_secret)
    key, word = str(secret["key"]), str(secret["secret"])
    return Charging(
        fees=FeeStore(platform.database),
        ledger=LedgerStore(platform.database),
        cases=cases,
        facts=platform.facts,
        broker=AlpacaFees(
            lambda: client_of(settings.broker_base_url, key, word), str(secret["firm_account"])
        ),
        selling=Planning(SqsQueue(settings.planning_queue)),
        checks=Checks(own),
        clock=platform.clock,
        today=today,
        terms=published(),
        closes=closes,
        pause=full_jitter,
    )


def handle(message: Message) -> None:
    """The schedule's tick, a segment, a person's month, a charge's check, or ended orders."""
    match message:
        case CheckMessage(check="management_fees", subject=subject):
            as_of = subject.get("as_of")
            walk.tick(None if as_of is None else date.fromisoformat(as_of))
        case CheckMessage(check=check, subject=of) if check == SEGMENT:
            walk.walk(date.fromisoformat(of["last"]), int(of["number"]))
        case CheckMessage(check=check, subject=of) if check == PERSON:
            charging().month(of["user_id"], date.fromisoformat(of["last"]))
        case CheckMessage(check=check, subject=of, attempt=attempt) if check == CHECK:
            charging().checked(of["user_id"], of["charge_id"], attempt + 1)
        case EventMessage(envelope) if envelope.type == "investing.orders_completed.v1":
            charging().completed(envelope.data["user_id"])
        case _:
            raise TypeError(f"accrue_fees does not take {type(message).__name__}")


@entry_point("accrue_fees")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="accrue_fees")
