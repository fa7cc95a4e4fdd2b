"""What settle_deposit is made of."""

from collections.abc import Callable
from datetime import timedelta

from functions.settle_deposit.settings import Settings
from shared.cases.store import CaseStore
from shared.disputes.standing import StandingDisputes
from shared.disputes.store import DisputeStore
from shared.kernel.clock import Clock
from shared.ledger.house import HouseJournal
from shared.ledger.store import LedgerStore
from shared.payments.callbacks import Addresses, path_key
from shared.payments.cash_balances import LeftBehind
from shared.payments.errors import RateUnavailable
from shared.payments.gateways import GatewaySettings, cash_balances, lookups, mpesa_lookup
from shared.payments.paybill import Paybill
from shared.payments.paybill_accounts import PayReferences
from shared.payments.paybill_intake import PaybillIntake
from shared.payments.paybill_suspense import Inquiry, PaybillSuspense
from shared.payments.paybill_unmatched import UnmatchedStore
from shared.payments.readings import StoredPeople, StoredRates
from shared.payments.settlement import Settlement
from shared.payments.settling import Settling
from shared.payments.store import DepositStore
from shared.payments.suspended import SuspendedPayments
from shared.payments.watching import Watched
from shared.platform.circuits import StoredCircuits
from shared.platform.observability import metric
from shared.platform.queues import Checks, Message, Queue, SqsQueue, WebhookMessage
from shared.platform.runtime import Runtime
from shared.platform.secrets import SecretsManager
from shared.treasury.crediting import Crediting
from shared.treasury.suspense_store import SuspenseStore

AGAIN_SECONDS = 900
WITHOUT_RATE = timedelta(days=4)
"""So long a message waits for a rate, a weekend with holidays; then it is a dead letter."""


def build(settings: Settings, platform: Runtime) -> tuple[Settlement, PaybillIntake]:
    """Once per process: secrets are read per use, so that a rotated one is seen."""
    database, clock, secrets = platform.database, platform.clock, SecretsManager()
    vendors = _vendors(settings)
    addresses = Addresses(
        settings.webhook_base_url, lambda: path_key(secrets.get(settings.webhook_path_secret))
    )
    mpesa = mpesa_lookup(vendors, secrets, clock, addresses)
    circuits = StoredCircuits(database, clock)
    settlement = Settlement(
        settling=Settling(
            deposits=DepositStore(database),
            ledger=LedgerStore(database),
            facts=platform.facts,
            cases=CaseStore(database),
            rates=StoredRates(database, clock),
            clock=clock,
        ),
        gateways={
            name: Watched(name, lookup, circuits)
            for name, lookup in lookups(vendors, secrets, clock, mpesa).items()
        },
        checks=Checks(SqsQueue(settings.payment_signals_queue)),
    )
    return settlement, PaybillIntake(
        _paybill(settings.cell, platform, settlement, mpesa),
        settings.cell,
        lambda: str(secrets.get(settings.daraja_secret)["shortcode"]),
    )


def build_left_behind(settings: Settings, platform: Runtime) -> LeftBehind:
    """What sees to money that waits at Stripe and that no deposit took."""
    database = platform.database
    return LeftBehind(
        balances=cash_balances(_vendors(settings), SecretsManager()),
        deposits=DepositStore(database),
        cases=CaseStore(database),
        facts=platform.facts,
        checks=Checks(SqsQueue(settings.payment_signals_queue)),
        clock=platform.clock,
        cell=settings.cell,
    )


def _vendors(settings: Settings) -> GatewaySettings:
    names = GatewaySettings.__dataclass_fields__
    return GatewaySettings(**{name: getattr(settings, name) for name in names})


def build_crediting(platform: Runtime) -> Crediting:
    """What credits money in suspense whose owner was found."""
    database, clock = platform.database, platform.clock
    return Crediting(
        suspended=SuspendedPayments(database),
        decisions=SuspenseStore(database),
        deposits=DepositStore(database),
        ledger=LedgerStore(database),
        people=StoredPeople(database),
        rates=StoredRates(database, clock),
        claims=StandingDisputes(DisputeStore(database)),
        cases=CaseStore(database),
        facts=platform.facts,
        clock=clock,
        ids=platform.ids,
    )


def patient(
    handle: Callable[[Message], None], queue: Queue, clock: Clock
) -> Callable[[Message], None]:
    """The same, but for money of which a message tells once and that no rate can be found for:
    the message comes again every quarter of an hour, for days, and somebody is told."""

    def patiently(message: Message) -> None:
        try:
            handle(message)
        except RateUnavailable:
            metric("PaidWithoutRate", source="message")
            if not isinstance(message, WebhookMessage):
                raise
            if clock.now() >= message.received_at + WITHOUT_RATE:
                raise
            # Sent first: who dies now leaves the message twice, and it counts once.
            queue.send(message, AGAIN_SECONDS)

    return patiently


def _paybill(cell: str, platform: Runtime, settlement: Settlement, mpesa: Inquiry) -> Paybill:
    database, people = platform.database, StoredPeople(platform.database)
    facts, checks, clock, ids = platform.facts, settlement.checks, platform.clock, platform.ids
    suspense = PaybillSuspense(
        unmatched=UnmatchedStore(database),
        house=HouseJournal(database, cell),
        cases=settlement.settling.cases,
        inquiry=mpesa,
        facts=facts,
        checks=checks,
        clock=clock,
        ids=ids,
    )
    return Paybill(
        database=database,
        deposits=settlement.settling.deposits,
        references=PayReferences(database, facts, people, ids),
        people=people,
        rates=settlement.settling.rates,
        settlement=settlement,
        suspense=suspense,
        facts=facts,
        checks=checks,
        clock=clock,
        ids=ids,
    )
