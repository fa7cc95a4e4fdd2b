"""What send_payout is made of."""

from datetime import timedelta

from functions.send_payout.settings import Settings
from shared.cases.store import CaseStore
from shared.ledger.store import LedgerStore
from shared.payments.readings import StoredRates
from shared.payments.store import DepositStore
from shared.payouts.after_all import AfterAll
from shared.payouts.deciding import Deciding
from shared.payouts.outcomes import Outcomes
from shared.payouts.providers.names import StoredNames
from shared.payouts.rails import RailSettings, rails
from shared.payouts.requoting import Requoting
from shared.payouts.sending import Sending
from shared.payouts.store import PayoutStore
from shared.platform.personal import KmsPersonalData
from shared.platform.queues import Checks, SqsQueue
from shared.platform.runtime import Runtime
from shared.platform.secrets import SecretsManager
from shared.users.store import UserStore
from shared.withdrawals.fresh_rates import FreshWithdrawals
from shared.withdrawals.providers.destinations import StoredDestinations


def build(settings: Settings, platform: Runtime) -> Sending:
    """Once per process: secrets are read per use, so that a rotated one is seen."""
    database, clock = platform.database, platform.clock
    payouts, deposits = PayoutStore(database), DepositStore(database)
    ledger, cases = LedgerStore(database), CaseStore(database)
    personal = KmsPersonalData(settings.personal_data_key)
    parts = (payouts, deposits, ledger, cases, platform.facts)
    outcomes = Outcomes(*parts, names=StoredNames(UserStore(database), personal), clock=clock)
    named = {name: getattr(settings, name) for name in RailSettings.__dataclass_fields__}
    return Sending(
        payouts=payouts,
        outcomes=outcomes,
        deciding=Deciding(payouts, deposits, outcomes),
        after_all=AfterAll(*parts, clock=clock),
        rails=rails(RailSettings(**named), SecretsManager(), clock),
        destinations=StoredDestinations(database, personal),
        requoting=Requoting(
            rates=FreshWithdrawals(StoredRates(database, clock), clock),
            outcomes=outcomes,
            clock=clock,
            tolerance=settings.requote_tolerance,
            consent_within=timedelta(seconds=settings.payout_consent_seconds),
        ),
        checks=Checks(SqsQueue(settings.payouts_queue)),
        clock=clock,
    )
