"""What selling could bring for a withdrawal: the planner's own answer, before it is asked for."""

from collections.abc import Callable, Mapping

from shared.kernel.clock import Clock
from shared.kernel.ids import Kind, same_moment
from shared.market_data.store import MarketView
from shared.platform.tables import Database
from shared.portfolio.store import PortfolioStore
from shared.portfolio.valuation import WHOLE_BP
from shared.strategies.model import Strategy
from shared.users.store import user_from
from shared.withdrawals.ports import Raisable


class PlannedSales:
    """See Sales. Two reads: the person's state, and how the market stands."""

    def __init__(
        self,
        database: Database,
        market: Callable[[], MarketView],
        strategies: Callable[[], Mapping[str, Strategy]],
        clock: Clock,
    ) -> None:
        self._database = database
        self._market = market
        self._strategies = strategies
        self._clock = clock

    def raisable(self, user_id: str, amount_minor: int) -> Raisable:
        """See Sales. A little more than is needed must be there to be sold, since prices move."""
        # Few requests are about sales: a cold start does not load the planner for them.
        from shared.investing.inputs import Cause, Rules
        from shared.investing.planning import judge
        from shared.investing.proposing import worths
        from shared.investing.reading import Ask, inputs_of

        state = PortfolioStore(self._database).state(user_id)
        rules = Rules()
        inputs = inputs_of(
            Ask(Cause.WITHDRAWAL, same_moment(Kind.PLAN, user_id), amount_minor),
            state,
            None if state.profile is None else user_from(state.profile),
            self._market(),
            self._strategies(),
            rules=rules,
            now=self._clock.now(),
        )
        cash = max(inputs.available_minor, 0)
        need = amount_minor - cash
        if need <= 0:
            return Raisable(covered=True, most_minor=cash)
        if not {name for name, nanos in inputs.held.items() if nanos} <= inputs.prices.keys():
            return Raisable(covered=False, most_minor=cash)
        decision = judge(inputs).decision
        worth = sum(
            minor
            for symbol, minor in worths(inputs).items()
            if symbol in inputs.assets and inputs.assets[symbol].sellable
        )
        spare = need + -(-need * rules.cushion_bp // WHOLE_BP)
        return Raisable(
            covered=decision.proceeds_minor >= spare,
            sold_minor=decision.proceeds_minor,
            most_minor=cash + worth * WHOLE_BP // (WHOLE_BP + rules.cushion_bp),
        )
