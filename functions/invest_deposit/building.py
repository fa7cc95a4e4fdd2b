"""What this function is put together from."""

from functions.invest_deposit.settings import Settings
from shared.investing.inputs import Rules
from shared.investing.service import Planner
from shared.investing.situations import (
    DepositRows,
    FundedDeposit,
    SituationStore,
    WithdrawalRows,
)
from shared.investing.store import InvestingStore
from shared.ledger.store import LedgerStore
from shared.market_data.providers.valkey import with_cache
from shared.payments.planned import deposit_planned
from shared.payments.rows import deposit_from, deposit_key
from shared.payouts.wanted import still_wanted, wanted_from, wanted_key
from shared.platform.contention import full_jitter
from shared.platform.runtime import Runtime
from shared.platform.tables import Item


def funded(item: Item) -> FundedDeposit:
    """What planning needs of a deposit."""
    deposit = deposit_from(item)
    return FundedDeposit(
        deposit.investable, deposit.forwarded.minor, deposit.trace, deposit.goal_id
    )


def planner_of(platform: Runtime, settings: Settings) -> Planner:
    """Plans with what is known of a person and, by way of the cache, of the market."""
    return Planner(
        situations=SituationStore(
            with_cache(platform.database, platform.clock, settings),
            DepositRows(deposit_key, funded, deposit_planned),
            platform.clock,
            Rules(max_price_age_seconds=settings.price_max_age_seconds),
            WithdrawalRows(wanted_key, wanted_from, still_wanted),
        ),
        plans=InvestingStore(platform.database),
        ledger=LedgerStore(platform.database),
        facts=platform.facts,
        clock=platform.clock,
        pause=full_jitter,
    )
