"""What this function is put together from."""

from shared.cases.store import CaseStore
from shared.investing.booking import Booker
from shared.investing.store import InvestingStore
from shared.ledger.store import LedgerStore
from shared.platform.contention import full_jitter
from shared.platform.runtime import Runtime
from shared.portfolio.store import PortfolioStore


def booker_of(platform: Runtime, plans: InvestingStore) -> Booker:
    """Books what ends at once."""
    return Booker(
        plans=plans,
        ledger=LedgerStore(platform.database),
        positions=PortfolioStore(platform.database),
        cases=CaseStore(platform.database),
        facts=platform.facts,
        clock=platform.clock,
        pause=full_jitter,
    )
