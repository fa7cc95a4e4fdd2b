"""Composition: how a withdrawal of everything ends."""

from shared.ledger.store import LedgerStore
from shared.management_fees.charging import CHECK
from shared.management_fees.closing_prices import StoredCloses
from shared.management_fees.last import LastCharges
from shared.management_fees.store import FeeStore
from shared.management_fees.terms import published
from shared.payouts.closing import Closing
from shared.payouts.settled_days import SettledDays
from shared.payouts.store import PayoutStore
from shared.platform.queues import Queue
from shared.platform.runtime import Runtime
from shared.platform.worker import CheckMessage
from shared.withdrawals.parts import Divided
from shared.withdrawals.store import PayoutAccountStore


def closing_of(platform: Runtime, settled_on: SettledDays, fees: Queue) -> Closing:
    """The broker is asked for a last fee at once, and not by the next sweep."""

    def collect(user_id: str, charge_id: str) -> None:
        fees.send(CheckMessage(CHECK, {"user_id": user_id, "charge_id": charge_id}))

    database, clock = platform.database, platform.clock
    charges = LastCharges(
        fees=FeeStore(database),
        terms=published(),
        closes=StoredCloses(database, clock),
        today=settled_on,
        clock=clock,
        collecting=collect,
    )
    return Closing(
        payouts=PayoutStore(database),
        ledger=LedgerStore(database),
        fees=charges,
        divisions=Divided(PayoutAccountStore(database), clock),
        facts=platform.facts,
        clock=clock,
    )
