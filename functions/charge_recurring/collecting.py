"""Composition: the use cases over AWS and the gateways."""

from dataclasses import dataclass

from functions.charge_recurring.settings import Settings
from shared.payments.readings import StoredBreakers, StoredPeople, StoredRates
from shared.payments.routing import Routing
from shared.payments.service import DepositService
from shared.payments.store import DepositStore
from shared.platform.circuits import StoredCircuits
from shared.platform.idempotency import IdempotencyKeys
from shared.platform.personal import KmsPersonalData
from shared.platform.queues import Checks, SqsQueue
from shared.platform.runtime import Runtime
from shared.platform.secrets import Secrets
from shared.recurring.charging import Charging
from shared.recurring.providers.deposits import DepositCharges
from shared.recurring.providers.gateways import Unattended
from shared.recurring.providers.sealing import SealedInstruments
from shared.recurring.store import ScheduleStore
from shared.roundups.collecting import Collecting
from shared.roundups.providers.deposits import DepositCharges as TransferCharges
from shared.roundups.store import PoolStore
from shared.strategies.goal_store import SavingStore
from shared.users.store import UserStore


@dataclass(frozen=True, slots=True)
class Collectors:
    """What collects money while its owner is away."""

    orders: Charging
    round_ups: Collecting


def collectors(settings: Settings, platform: Runtime, secrets: Secrets) -> Collectors:
    """Built once; a rotated secret is seen with the next request to its gateway."""
    database, clock = platform.database, platform.clock
    personal = KmsPersonalData(settings.personal_data_key)
    vendors = Unattended(
        stripe_secret=settings.stripe_secret,
        stripe_base_url=settings.stripe_base_url,
        daraja_secret=settings.daraja_secret,
        daraja_base_url=settings.daraja_base_url,
        webhook_path_secret=settings.webhook_path_secret,
        webhook_base_url=settings.webhook_base_url,
        app_url=settings.app_url,
    )
    keeper = vendors.keeper(secrets)
    deposits, keys = DepositStore(database), IdempotencyKeys(database)
    service = DepositService(
        deposits=deposits,
        keys=keys,
        facts=platform.facts,
        routing=Routing(vendors.all(secrets, clock), StoredCircuits(database, clock)),
        people=StoredPeople(database),
        goals=SavingStore(database),
        rates=StoredRates(database, clock),
        breakers=StoredBreakers(database),
        checks=Checks(SqsQueue(settings.payment_signals_queue)),
        clock=clock,
        ids=platform.ids,
    )
    instruments = SealedInstruments(UserStore(database), lambda: personal)
    checks = Checks(SqsQueue(settings.recurring_queue))
    orders = Charging(
        schedules=ScheduleStore(database),
        charges=DepositCharges(service, deposits, keys, instruments, lambda: keeper),
        facts=platform.facts,
        checks=checks,
        clock=clock,
    )
    round_ups = Collecting(
        pools=PoolStore(database),
        charges=TransferCharges(service, deposits, keys, instruments, lambda: keeper),
        facts=platform.facts,
        checks=checks,
        clock=clock,
    )
    return Collectors(orders, round_ups)
