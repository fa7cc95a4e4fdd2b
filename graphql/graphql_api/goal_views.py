"""Goals as their owner sees them: what is saved for, how it is invested, and how far it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import strawberry

from graphql_api.context import Context
from graphql_api.market import business_now
from graphql_api.money import Money, money_or_none
from graphql_api.portfolio import Portfolio, portfolio_of
from graphql_api.rules import INHERITED, field, object_type
from graphql_api.scalars import Fraction, GoalId, Symbol
from shared.investing.worths import worth_of_goals
from shared.kernel import money
from shared.strategies import goals
from shared.strategies.errors import NothingLeft
from shared.strategies.glide import Path
from shared.strategies.goals import GoalStatus
from shared.strategies.model import Style
from shared.strategies.targets import Target, target_of

if TYPE_CHECKING:
    from shared.strategies.ports import Saving
    from shared.strategies.service import Saved

strawberry.enum(Path, name="GoalPath", description="What happens at the date of a goal.")
strawberry.enum(Style, name="StrategyStyle", description="What a strategy aims at.")
strawberry.enum(GoalStatus, description="Whether something is saved for it.")


@object_type(description="A share of what is invested, in whole basis points.")
class StrategyWeight:
    """See the description."""

    symbol: Symbol = field(INHERITED, "Of which asset.")
    weight_bp: int = field(INHERITED, "Basis points; those of a strategy sum to 10,000.")


@object_type(description="How far a goal is.")
class GoalProgress:
    """See the description."""

    worth: Money | None = field(
        INHERITED,
        "What is saved for it, at the newest prices; null while a price is missing, never a guess.",
    )
    fraction: Fraction | None = field(
        INHERITED, "Of its target, 0 to 1; null without a target or while the worth is not known."
    )
    reached: bool | None = field(INHERITED, "Whether it is worth its target; null as `fraction`.")
    as_of: datetime | None = field(INHERITED, "Time of the oldest price of all that is held.")
    stale: bool = field(INHERITED, "Whether a price of it is too old or in doubt.")


@object_type(description="Something that a person saves for, with a model portfolio of its own.")
class Goal:
    """See the description."""

    goal_id: GoalId = field(INHERITED, "Identifier.")
    general: bool = field(
        INHERITED, "Whether it is the one of all money that names no goal; everybody has it."
    )
    name: str | None = field(
        INHERITED, "As its owner calls it; null for the general one while it has no name."
    )
    status: GoalStatus = field(INHERITED, "Whether something is saved for it.")
    target: Money | None = field(INHERITED, "How much is wanted; null when that is open.")
    until: date | None = field(INHERITED, "When; null when that is open.")
    path: Path = field(INHERITED, "What happens at the date.")
    style: Style = field(INHERITED, "What its strategy aims at.")
    score: int | None = field(INHERITED, "A risk score lower than one's own, where wished.")
    effective_score: int | None = field(
        INHERITED, "The risk score that counts, 1 to 5; null before the risk questions."
    )
    strategy: str | None = field(
        INHERITED, "Name and version of the strategy; null while none is known or possible."
    )
    target_weights: list[StrategyWeight] = field(
        INHERITED,
        "What its money is invested in today: the strategy, without what is excluded, with no more "
        "equity than its date allows. Empty while there is no strategy.",
    )
    equity_bp: int | None = field(INHERITED, "Basis points of them that are not bonds.")
    progress: GoalProgress = field(INHERITED, "How far it is.")
    created_at: datetime = field(INHERITED, "When it was made.")


@dataclass(frozen=True, slots=True)
class Looking:
    """What is known once for all goals of an answer."""

    context: Context
    excluded: frozenset[str]
    portfolio: Portfolio

    def target(self, goal: goals.Goal) -> Target | None:
        """What its money is invested in today; None before the risk questions, or where the
        strategies in force leave nothing of what the person does not exclude."""
        score = self.context.user().risk_score
        if score is None:
            return None
        app = self.context.app
        now = business_now(self.context, app.prices.view()) or app.clock.now()
        try:
            wish = goal.wish(score, self.excluded)
            return target_of(wish, app.strategies.in_force(), now.date())
        except NothingLeft:
            return None


def goals_view(context: Context, saving: "Saving", saved: "list[Saved]") -> list[Goal]:
    """Several goals of one person."""
    looking = Looking(context, saving.exclusions.symbols, portfolio_of(context))
    worths = worths_of(context)
    return [_view(looking, one, worths.get(one.goal.goal_id)) for one in saved]


def worths_of(context: Context) -> Mapping[str, money.Money]:
    """What is saved for each goal, where that is known."""
    return worth_of_goals(context.state(), context.app.prices.view().shown)


def _view(looking: Looking, saved: "Saved", worth: money.Money | None) -> Goal:
    goal, terms = saved.goal, saved.goal.terms
    target, score = looking.target(goal), looking.context.user().risk_score
    return Goal(
        goal_id=GoalId(goal.goal_id),
        general=goal.general,
        name=saved.name,
        status=goal.status,
        target=money_or_none(terms.target),
        until=terms.until,
        path=terms.path,
        style=terms.style,
        score=terms.score,
        effective_score=None if score is None else goal.wish(score).score,
        strategy=None if target is None else f"{target.id} v{target.version}",
        target_weights=[] if target is None else weights_view(target.weights),
        equity_bp=None if target is None else target.equity_bp,
        progress=_progress(looking.portfolio, worth, terms.target),
        created_at=goal.created_at,
    )


def weights_view(weights: Mapping[str, int]) -> list[StrategyWeight]:
    """By symbol."""
    return [
        StrategyWeight(symbol=Symbol(symbol), weight_bp=points)
        for symbol, points in sorted(weights.items())
    ]


def _progress(
    portfolio: Portfolio, worth: money.Money | None, target: money.Money | None
) -> GoalProgress:
    fraction = reached = None
    if worth is not None and target is not None:
        # Rounded down: what is not reached does not look so.
        millionths = min(max(worth.minor, 0), target.minor) * 10**6 // target.minor
        fraction = Fraction(Decimal(millionths).scaleb(-6))
        reached = worth.minor >= target.minor
    return GoalProgress(
        worth=money_or_none(worth),
        fraction=fraction,
        reached=reached,
        as_of=portfolio.as_of,
        stale=portfolio.stale,
    )
