"""What selling could bring for a withdrawal: the planner's own answer, before it is asked for."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from shared.kernel.clock import Clock
from shared.kernel.ids import Kind, same_moment
from shared.ledger.model import settled_by
from shared.market_data.store import MarketView
from shared.platform.tables import Database
from shared.portfolio.store import PortfolioStore
from shared.portfolio.valuation import WHOLE_BP
from shared.strategies.model import Strategy
from shared.users.store import user_from
from shared.withdrawals.ports import Raisable, Whole

if TYPE_CHECKING:
    from shared.investing.inputs import Inputs
    from shared.investing.reading import Ask


class PlannedSales:
    """See Sales. Two reads: the person's state, and how the market stands; of everything those of
    the last fee, too."""

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

    def raisable(self, user_id: str, amount_minor: int, goal_id: str = "") -> Raisable:
        """See Sales. A little more than is needed must be there to be sold, since prices move."""
        # Few requests are about sales: a cold start does not load the planner for them.
        from shared.investing.inputs import Cause
        from shared.investing.planning import judge
        from shared.investing.reading import Ask

        plan_id = same_moment(Kind.PLAN, user_id)
        ask = Ask(Cause.WITHDRAWAL, plan_id, amount_minor, goal_id=goal_id)
        inputs, whole = self._inputs(user_id, ask)
        reach = _reach(whole)
        cash = max(inputs.available_minor, 0)
        need = amount_minor - cash
        if need <= 0:
            return Raisable(covered=True, most_minor=cash, reach_minor=reach)
        if not _priced(inputs):
            return Raisable(covered=False, most_minor=cash)
        decision = judge(inputs).decision
        cushion = inputs.rules.cushion_bp
        spare = need + -(-need * cushion // WHOLE_BP)
        return Raisable(
            covered=decision.proceeds_minor >= spare,
            sold_minor=decision.proceeds_minor,
            most_minor=cash + _worth(inputs) * WHOLE_BP // (WHOLE_BP + cushion),
            reach_minor=reach,
        )

    def everything(self, user_id: str, goal_id: str = "") -> Whole:
        """See Sales."""
        from shared.investing.inputs import Cause
        from shared.investing.planning import judge
        from shared.investing.reading import Ask

        plan_id, today = same_moment(Kind.PLAN, user_id), settled_by(self._clock.now())
        ask = Ask(Cause.WITHDRAWAL, plan_id, goal_id=goal_id, all_until=today)
        inputs, whole = self._inputs(user_id, ask)
        decision = judge(inputs).decision
        left = tuple(sorted(one.symbol for one in decision.left_out))
        # The last goal that holds anything is charged as everything is.
        last = not left and _held(inputs) == _held(whole)
        return Whole(
            cash_minor=max(inputs.available_minor, 0),
            sold_minor=decision.proceeds_minor,
            fee_minor=self._fee(user_id, whole=not goal_id or last),
            holds=bool(_held(inputs)),
            priced=_priced(inputs),
            left=left,
            reach_minor=_reach(whole),
        )

    def _inputs(self, user_id: str, ask: "Ask") -> "tuple[Inputs, Inputs]":
        """As the planner would see it now, and the same of all that the person has."""
        from shared.investing.inputs import Rules
        from shared.investing.reading import inputs_of

        state, now = PortfolioStore(self._database).state(user_id), self._clock.now()
        person = None if state.profile is None else user_from(state.profile)
        market, strategies = self._market(), self._strategies()
        rules = Rules()

        def seen(one: "Ask") -> "Inputs":
            return inputs_of(one, state, person, market, strategies, rules=rules, now=now)

        inputs = seen(ask)
        whole = inputs
        if ask.goal_id or ask.all_until is None:
            whole = seen(replace(ask, goal_id="", all_until=settled_by(now)))
        return inputs, whole

    def _fee(self, user_id: str, *, whole: bool) -> int:
        from shared.management_fees.closing_prices import StoredCloses
        from shared.management_fees.last import LastCharges
        from shared.management_fees.store import FeeStore
        from shared.management_fees.terms import published
        from shared.platform.contention import full_jitter
        from shared.platform.work import retry_lost_race

        charges = LastCharges(
            fees=FeeStore(self._database),
            terms=published(),
            closes=StoredCloses(self._database, self._clock),
            today=lambda: settled_by(self._clock.now()),
            clock=self._clock,
            collecting=lambda *_: None,
        )
        since = self._clock.now()

        def due() -> int:
            return charges.due(user_id, whole=whole, since=since).minor

        return retry_lost_race(due, tries=3, pause=full_jitter)


def _priced(inputs: "Inputs") -> bool:
    return _held(inputs).keys() <= inputs.prices.keys()


def _held(inputs: "Inputs") -> dict[str, int]:
    """Without what was held once."""
    return {symbol: nanos for symbol, nanos in inputs.held.items() if nanos}


def _reach(inputs: "Inputs") -> int:
    """With cash; at known prices."""
    return max(inputs.available_minor, 0) + _worth(inputs)


def _worth(inputs: "Inputs") -> int:
    """Of all that may be sold and has a price."""
    from shared.kernel.money import Price, Quantity
    from shared.portfolio.model import BASE

    return sum(
        Price(inputs.prices[symbol].price, BASE).value_of(Quantity(nanos)).minor
        for symbol, nanos in inputs.held.items()
        if symbol in inputs.prices and symbol in inputs.assets and inputs.assets[symbol].sellable
    )
