"""Lambda reconcile_broker: people's accounts at the brokers against our books, every day."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from functions.reconcile_broker.settings import Settings
from shared.broker_reconciliation.asking import ACCOUNT, SEGMENT, TICK, QueueAsked
from shared.broker_reconciliation.firm import Firm
from shared.broker_reconciliation.service import Looking
from shared.broker_reconciliation.store import AccountStore, DayStore
from shared.broker_reconciliation.sweeping import Sweep
from shared.cases.store import CaseStore
from shared.investing.brokers.alpaca_custody import AlpacaCustody
from shared.investing.brokers.custodians import Custodians
from shared.investing.ports import Custody
from shared.market_data.providers.alpaca import AlpacaWire
from shared.market_data.store import MarketStore, clock_key
from shared.platform import keys
from shared.platform.circuits import StoredCircuits
from shared.platform.entry import entry_point, half_gone
from shared.platform.queues import SqsQueue
from shared.platform.runtime import runtime
from shared.platform.secrets import SecretsManager
from shared.platform.worker import CheckMessage, Message, consume
from shared.portfolio.holders import HolderStore
from shared.reconciliation.providers.kms_signer import KmsSigner
from shared.reconciliation.providers.s3_archive import S3Archive
from shared.treasury.store import HouseBalances

settings = Settings.load()
platform, secrets = runtime(settings), SecretsManager()
alpaca_of = lru_cache(maxsize=2)(AlpacaWire)
asked = QueueAsked(SqsQueue(settings.broker_reconciliation_queue))


def alpaca() -> Custody:
    """With the secret of this moment, so that a rotation is seen."""
    secret = secrets.get(settings.broker_secret)
    wire = alpaca_of(settings.broker_base_url, str(secret["key"]), str(secret["secret"]))
    return AlpacaCustody(wire)


def ibkr() -> Custody:
    """The same; most runs never load what it needs."""
    from functions.reconcile_broker.ibkr import ibkr_custody

    token = str(secrets.get(settings.ibkr_secret).get("token", ""))
    return ibkr_custody(settings.ibkr_base_url, token, platform)


def market_now() -> datetime | None:
    """The market's time; None while it is not known well enough."""
    clock = MarketStore(platform.database).read([clock_key()]).clock
    now = platform.clock.now()
    return clock.now(now) if clock is not None and clock.known(now) else None


def sweep() -> Sweep:
    """Built per message, so that a rotated secret is seen."""
    database, facts, clock = platform.database, platform.facts, platform.clock
    custody = Custodians(StoredCircuits(database, clock), alpaca=alpaca, ibkr=ibkr)
    return Sweep(
        holders=HolderStore(database),
        days=DayStore(database, clock),
        looking=Looking(AccountStore(database), custody, CaseStore(database), facts, clock),
        asked=asked,
        market_now=market_now,
        archive=S3Archive(settings.reports_bucket),
        signer=KmsSigner(settings.reports_key),
        facts=facts,
        clock=clock,
        half_gone=half_gone,
    )


def firm() -> Firm:
    """The firm's own account, which the secret names."""
    database, facts, clock = platform.database, platform.facts, platform.clock
    return Firm(
        owner=keys.house_of(settings.cell),
        account=lambda: str(secrets.get(settings.broker_secret)["firm_account"]),
        balances=HouseBalances(database),
        records=AccountStore(database),
        custody=Custodians(StoredCircuits(database, clock), alpaca=alpaca, ibkr=ibkr),
        cases=CaseStore(database),
        facts=facts,
        clock=clock,
    )


def handle(message: Message) -> None:
    """The schedule's tick, a segment of a day, or one account."""
    match message:
        case CheckMessage(check=check) if check == TICK:
            sweep().tick()
            firm().look()
        case CheckMessage(check=check, subject=subject) if check == SEGMENT:
            sweep().walk(date.fromisoformat(subject["day"]), int(subject["segment"]))
        case CheckMessage(check, subject, attempt) if check == ACCOUNT:
            chain = attempt if "chain" in subject else None
            sweep().account(date.fromisoformat(subject["day"]), subject["user_id"], chain)
        case _:
            raise TypeError(f"reconcile_broker does not take {type(message).__name__}")


@entry_point("reconcile_broker")
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """An SQS batch."""
    return consume(event, handle, service="reconcile_broker")
