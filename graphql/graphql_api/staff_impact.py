"""What a proposed version of a strategy would trade, for a stated sample of people."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from graphql_api.context import Context
from graphql_api.limits import EXTRA_READS_MAX
from graphql_api.money import Money, money_of
from graphql_api.previews import RULES, market_now
from graphql_api.rules import INHERITED, field, object_type
from shared.investing.inputs import Cause
from shared.kernel import money
from shared.kernel.ids import Kind, same_moment
from shared.market_data.store import MarketView
from shared.platform.tables import Item
from shared.portfolio.model import BASE, State
from shared.strategies.goals import GoalStatus
from shared.strategies.model import Strategy
from shared.strategies.proposals import Proposal
from shared.users.store import user_from

if TYPE_CHECKING:
    from shared.investing.impact import Compared, Trades

SAMPLE = 50
"""People whose state is read for one impact."""
_READS = EXTRA_READS_MAX // 2 + 1
"""What one impact counts as: a request has one, and cannot afford a second."""


@object_type(description="Orders in sum.")
class StrategyTrades:
    """See the description."""

    orders_count: int = field(INHERITED, "How many.")
    buy: Money = field(INHERITED, "What is bought.")
    sell: Money = field(INHERITED, "What is sold, at today's prices.")


@object_type(
    description="What a version would trade if it were in force now, for a sample of the people "
    "who save by its strategy. An answer has one impact at most."
)
class StrategyImpact:
    """See the description."""

    sampled: int = field(INHERITED, "People who were looked at, 50 at most.")
    seen: int = field(INHERITED, "People who were passed to find them.")
    complete: bool = field(INHERITED, "Whether that was everybody.")
    people_affected: int = field(INHERITED, "Of the sample: for whom something else is aimed for.")
    people_without_target: int = field(
        INHERITED, "Of these: whose exclusions would leave nothing to invest in."
    )
    people_unpriced: int = field(
        INHERITED, "Of these: whose orders cannot be told while a price is missing."
    )
    with_it: StrategyTrades = field(
        INHERITED, "What rebalancing these people would trade, by the code that does it."
    )
    without_it: StrategyTrades = field(
        INHERITED, "What it would trade for the same people as things are."
    )


def impact_view(context: Context, proposal: Proposal) -> StrategyImpact:
    """For one proposal: one read per person of the sample, and of the index of holders a page for
    hundreds of people."""
    # Hardly any request asks for it: a cold start does not load the planner.
    from shared.investing.impact import impact_of
    from shared.investing.sampling import sample_of
    from shared.portfolio.holders import HolderStore

    for _ in range(_READS):
        context.count_read()
    app, draft = context.app, proposal.draft
    sample = sample_of(
        HolderStore(app.database), draft.strategy_id, seed=proposal.proposal_id, size=SAMPLE
    )
    before = app.strategies.in_force()
    known = before.get(draft.strategy_id)
    number = proposal.published or (0 if known is None else known.version) + 1
    after = {**before, draft.strategy_id: draft.as_version(number)}
    market = market_now(context)
    states = (app.states.state(user_id) for user_id in sample.user_ids)
    impact = impact_of(list(_compared(context, one, market, before, after)) for one in states)
    return StrategyImpact(
        sampled=impact.sampled,
        seen=sample.seen,
        complete=sample.complete,
        people_affected=impact.affected,
        people_without_target=impact.untargeted,
        people_unpriced=impact.unpriced,
        with_it=_trades(impact.orders),
        without_it=_trades(impact.orders_without),
    )


def _compared(
    context: Context,
    state: State[Item],
    market: MarketView,
    before: Mapping[str, Strategy],
    after: Mapping[str, Strategy],
) -> Iterator["Compared"]:
    """Each goal of a person that is saved for."""
    from shared.investing.aiming import saving_of
    from shared.investing.impact import Compared
    from shared.investing.reading import Ask, inputs_of

    person = None if state.profile is None else user_from(state.profile)
    now = context.app.clock.now()
    for goal in saving_of(state).goals:
        if goal.status is not GoalStatus.ACTIVE:
            continue
        ask = Ask(
            Cause.REBALANCE,
            same_moment(Kind.PLAN, state.user_id),
            goal_id="" if goal.general else goal.goal_id,
        )
        then, new = (
            inputs_of(ask, state, person, market, one, rules=RULES, now=now)
            for one in (before, after)
        )
        yield Compared(then, new)


def _trades(trades: "Trades") -> StrategyTrades:
    return StrategyTrades(
        orders_count=trades.orders,
        buy=money_of(money.Money(trades.buy_minor, BASE)),
        sell=money_of(money.Money(trades.sell_minor, BASE)),
    )
