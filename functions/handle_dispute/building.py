"""What handle_dispute is made of."""

from dataclasses import dataclass
from functools import lru_cache

from functions.handle_dispute.settings import Settings
from shared.cases.store import CaseStore
from shared.disputes.claims import Claims
from shared.disputes.conceding import Conceding
from shared.disputes.intake import Intake
from shared.disputes.providers.stripe import StripeDesk
from shared.disputes.receivables import Collecting
from shared.disputes.recording import Recording
from shared.disputes.service import Disputing
from shared.disputes.store import DisputeStore
from shared.ledger.store import LedgerStore
from shared.payments.methods import Gateway
from shared.payments.providers.stripe_client import stripe_client
from shared.payments.providers.stripe_disputes import StripeDisputes
from shared.payments.store import DepositStore
from shared.payouts.store import PayoutStore
from shared.platform.queues import Checks, SqsQueue
from shared.platform.runtime import Runtime
from shared.platform.secrets import SecretsManager
from shared.refunds.store import RefundStore


@dataclass(frozen=True, slots=True)
class Parts:
    """The use cases behind its messages."""

    disputing: Disputing
    collecting: Collecting
    conceding: Conceding
    intake: Intake


def build(settings: Settings, platform: Runtime) -> Parts:
    """Once per process: secrets are read per use, so that a rotated one is seen."""
    database, clock, secrets = platform.database, platform.clock, SecretsManager()
    disputes, ledger = DisputeStore(database), LedgerStore(database)
    claims = Claims(PayoutStore(database), platform.ids)
    client_of = lru_cache(maxsize=2)(stripe_client)
    stripe = StripeDisputes(
        lambda: client_of(
            str(secrets.get(settings.stripe_secret)["api_key"]), settings.stripe_base_url
        )
    )
    recording = Recording(
        disputes=disputes,
        deposits=DepositStore(database),
        ledger=ledger,
        cases=CaseStore(database),
        facts=platform.facts,
        clock=clock,
        claims=claims,
        refunds=RefundStore(database),
    )
    desks = {Gateway.STRIPE: StripeDesk(stripe)}
    disputing = Disputing(recording, desks, Checks(SqsQueue(settings.disputes_queue)))
    return Parts(
        disputing=disputing,
        collecting=Collecting(disputes, ledger, platform.facts, clock, claims),
        conceding=Conceding(recording),
        intake=Intake(disputing, settings.cell),
    )
