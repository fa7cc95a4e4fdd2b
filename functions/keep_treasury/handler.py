"""Lambda keep_treasury: every entry of every journal reaches the house's balances, once."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from functions.keep_treasury.settings import Settings
from shared.cases.store import CaseStore
from shared.ledger.events import EntryPostedV1
from shared.ledger.house import HouseJournal
from shared.platform.entry import entry_point
from shared.platform.queues import SqsQueue
from shared.platform.runtime import runtime
from shared.platform.secrets import SecretsManager
from shared.platform.worker import CheckMessage, EventMessage, Message, consume
from shared.treasury.closing import CHECK, Books
from shared.treasury.closing_store import ClosingStore
from shared.treasury.events import MovementAgreedV1
from shared.treasury.gateway_payouts import CHECK as PAYOUTS_CHECK
from shared.treasury.gateway_payouts import GatewayPayouts
from shared.treasury.keeping import Keeping
from shared.treasury.listings import payout_listings
from shared.treasury.movement_store import MovementStore
from shared.treasury.office import limits_of
from shared.treasury.posting import Posting
from shared.treasury.recording import HouseRecorder

settings = Settings.load()
platform = runtime(settings)
balances = HouseRecorder(platform.database, platform.clock)
limits = limits_of(platform.database, platform.facts, platform.clock, settings)
keeping = Keeping(balances, limits)
house = HouseJournal(platform.database, settings.cell)
queue = SqsQueue(settings.treasury_queue)
books = Books(
    balances,
    ClosingStore(platform.database),
    CaseStore(platform.database),
    platform.facts,
    queue,
    platform.clock,
)
posting = Posting(MovementStore(platform.database), house, platform.facts, platform.clock)
gateway_payouts = GatewayPayouts(
    house,
    platform.facts,
    payout_listings(SecretsManager(), settings.stripe_secret, settings.stripe_base_url),
    platform.clock,
)


def handle(message: Message) -> None:
    """An entry that was posted, the schedule's tick, or one of the checks that it begins."""
    match message:
        case EventMessage(envelope) if envelope.type == EntryPostedV1.detail_type():
            keeping.posted(EntryPostedV1.model_validate(envelope.data))
        case EventMessage(envelope) if envelope.type == MovementAgreedV1.detail_type():
            posting.agreed(envelope.data["movement_id"])
        case CheckMessage(check="movement", subject=subject):
            posting.agreed(subject["movement_id"])
        case CheckMessage(check="treasury"):
            # A message of its own: a gateway that is down holds up nothing else.
            queue.send(CheckMessage(PAYOUTS_CHECK, {}))
            limits.watch()
            books.tick()
        case CheckMessage(check=check) if check == PAYOUTS_CHECK:
            gateway_payouts.look()
        case CheckMessage(check=check, subject=subject) if check == CHECK:
            books.close(subject["account"], subject["asset"], date.fromisoformat(subject["day"]))
        case _:
            raise TypeError(f"keep_treasury does not take {type(message).__name__}")


@entry_point("keep_treasury")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="keep_treasury")
