"""The use cases of corporate actions over the tables and queues of this function."""

from functions.process_corporate_actions.settings import Settings
from shared.audit.breakers import BreakerTrail
from shared.audit.service import AuditTrail
from shared.audit.store import AuditStore
from shared.breakers.changing import Changing
from shared.cases.store import CaseStore
from shared.corporate_actions.chasing import Chasing
from shared.corporate_actions.crediting import Crediting
from shared.corporate_actions.declaring import Declaring
from shared.corporate_actions.repricing import Quotes
from shared.corporate_actions.restricting import SymbolBreakers
from shared.corporate_actions.running import Runner
from shared.corporate_actions.store import (
    ActionStore,
    BegunAnnouncements,
    ClaimedAccounts,
    IndexedHolders,
    RunStore,
)
from shared.corporate_actions.surroundings import BrokersClock, FeedOrders, PlanningQueue
from shared.investing.canceling import Canceler
from shared.investing.store import InvestingStore
from shared.ledger.store import LedgerStore
from shared.market_data.breakers import Switches
from shared.market_data.history_store import HistoryStore
from shared.market_data.store import MarketStore
from shared.platform import keys
from shared.platform.entry import half_gone
from shared.platform.queues import SqsQueue
from shared.platform.runtime import Runtime
from shared.portfolio.store import PortfolioStore

BROKER = "alpaca"


class UseCases:
    """Built once per process."""

    def __init__(self, settings: Settings, platform: Runtime) -> None:
        database, facts, clock = platform.database, platform.facts, platform.clock
        actions, self.runs = ActionStore(database), RunStore(database)
        announced = BegunAnnouncements(HistoryStore(database), self.runs)
        ledger, positions, cases = (
            LedgerStore(database),
            PortfolioStore(database),
            CaseStore(database),
        )
        market = BrokersClock(database, clock)
        planning = PlanningQueue(SqsQueue(settings.planning_queue))
        orders = FeedOrders(database, Canceler(InvestingStore(database), facts, clock))
        trail = AuditTrail(AuditStore(database), clock, platform.ids)
        record = BreakerTrail(keys.house_of(settings.cell), trail).measured
        restrictions = SymbolBreakers(Changing(Switches(database), facts), record, clock)
        declaring = Declaring(actions, ledger, positions, orders, facts, clock)
        self.chasing = Chasing(actions, announced, ledger, cases, planning, market, facts, clock)
        self.crediting = Crediting(
            ClaimedAccounts(database, BROKER),
            announced,
            actions,
            ledger,
            positions,
            cases,
            declaring,
            restrictions,
            planning,
            market,
            facts,
            clock,
        )
        self.runner = Runner(
            self.runs,
            announced,
            IndexedHolders(database),
            declaring,
            restrictions,
            Quotes(MarketStore(database), facts, clock),
            cases,
            market,
            facts,
            clock,
            half_gone,
        )
