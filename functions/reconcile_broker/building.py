"""What this function is put together from."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from functions.reconcile_broker.settings import Settings
from shared.broker_reconciliation.asking import QueueAsked
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
from shared.platform.entry import half_gone
from shared.platform.queues import SqsQueue
from shared.platform.runtime import Runtime
from shared.platform.secrets import SecretsManager
from shared.portfolio.holders import HolderStore
from shared.reconciliation.providers.kms_signer import KmsSigner
from shared.reconciliation.providers.s3_archive import S3Archive
from shared.treasury.store import HouseBalances

alpaca_of = lru_cache(maxsize=2)(AlpacaWire)


def custody_of(platform: Runtime, settings: Settings, secrets: SecretsManager) -> Custody:
    """Accounts at all brokers, with the secrets of this moment, so that a rotation is seen."""

    def alpaca() -> Custody:
        secret = secrets.get(settings.broker_secret)
        wire = alpaca_of(settings.broker_base_url, str(secret["key"]), str(secret["secret"]))
        return AlpacaCustody(wire)

    def ibkr() -> Custody:
        # Most runs never load what it needs.
        from functions.reconcile_broker.ibkr import ibkr_custody

        token = str(secrets.get(settings.ibkr_secret).get("token", ""))
        return ibkr_custody(settings.ibkr_base_url, token, platform)

    circuits = StoredCircuits(platform.database, platform.clock)
    return Custodians(circuits, alpaca=alpaca, ibkr=ibkr)


def market_clock(platform: Runtime) -> Callable[[], datetime | None]:
    """The market's time; None while it is not known well enough."""

    def market_now() -> datetime | None:
        clock = MarketStore(platform.database).read([clock_key()]).clock
        now = platform.clock.now()
        return clock.now(now) if clock is not None and clock.known(now) else None

    return market_now


def sweep_of(platform: Runtime, settings: Settings, custody: Custody) -> Sweep:
    """The reconciliation of a day."""
    database, facts, clock = platform.database, platform.facts, platform.clock
    return Sweep(
        holders=HolderStore(database),
        days=DayStore(database, clock),
        looking=Looking(AccountStore(database), custody, CaseStore(database), facts, clock),
        asked=QueueAsked(SqsQueue(settings.broker_reconciliation_queue)),
        market_now=market_clock(platform),
        archive=S3Archive(settings.reports_bucket),
        signer=KmsSigner(settings.reports_key),
        facts=facts,
        clock=clock,
        half_gone=half_gone,
    )


def firm_of(
    platform: Runtime, settings: Settings, secrets: SecretsManager, custody: Custody
) -> Firm:
    """The firm's own account, which the broker's secret names."""
    database, facts, clock = platform.database, platform.facts, platform.clock
    return Firm(
        owner=keys.house_of(settings.cell),
        account=lambda: str(secrets.get(settings.broker_secret)["firm_account"]),
        balances=HouseBalances(database),
        records=AccountStore(database),
        custody=custody,
        cases=CaseStore(database),
        facts=facts,
        clock=clock,
    )
