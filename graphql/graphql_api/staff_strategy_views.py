"""Strategies and their proposals as members of staff see them."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import strawberry

from graphql_api.context import Context
from graphql_api.goal_views import StrategyWeight, weights_view
from graphql_api.rules import INHERITED, field, object_type
from graphql_api.scalars import ProposalId, Symbol
from graphql_api.staff_impact import StrategyImpact, impact_view
from shared.strategies.model import Strategy, Style, in_force
from shared.strategies.proposals import Proposal, ProposalStatus

if TYPE_CHECKING:
    from shared.strategies.proposing import Proposing

strawberry.enum(
    ProposalStatus, name="StrategyProposalStatus", description="Where a proposal stands."
)


class Shelf:
    """Strategies and proposals over the parts of this process; versions are read once."""

    def __init__(self, context: Context) -> None:
        self.context = context

    @cached_property
    def proposing(self) -> "Proposing":
        """The use cases."""
        # Hardly any request is about proposals: a cold start does not load them.
        from shared.platform.idempotency import IdempotencyKeys
        from shared.strategies.proposal_store import ProposalStore
        from shared.strategies.proposing import Proposing
        from shared.strategies.rows import StrategyStore

        app = self.context.app
        return Proposing(
            StrategyStore(app.database),
            ProposalStore(app.database),
            IdempotencyKeys(app.database),
            app.facts,
            app.clock,
            app.ids,
        )

    @cached_property
    def versions(self) -> tuple[Strategy, ...]:
        """Every published one."""
        self.context.count_read()
        return self.proposing.versions()

    @property
    def in_force(self) -> Mapping[str, Strategy]:
        """Those of today, by id."""
        return in_force(self.versions, self.context.app.clock.now().date())


@object_type(description="A published version of a strategy; it never changes.")
class StrategyVersion:
    """See the description."""

    strategy: str = field(INHERITED, "Of which strategy.")
    version: int = field(INHERITED, "Its number; the first is 1.")
    style: Style = field(INHERITED, "What the strategy aims at.")
    score: int = field(INHERITED, "Its risk score, 1 to 5.")
    valid_from: date = field(INHERITED, "The first day of its effect, in UTC.")
    in_force: bool = field(INHERITED, "Whether portfolios aim for it now.")
    equity_bp: int = field(INHERITED, "Basis points that are not bonds.")
    weights: list[StrategyWeight] = field(INHERITED, "By symbol.")


@object_type(description="What a proposal changes of one weight.")
class StrategyWeightChange:
    """See the description."""

    symbol: Symbol = field(INHERITED, "Of which asset.")
    before_bp: int = field(INHERITED, "Basis points in the version before it.")
    after_bp: int = field(INHERITED, "Basis points as proposed.")


@object_type(description="New weights of a strategy, for which two people have to stand.")
class StrategyProposal:
    """See the description."""

    proposal_id: ProposalId = field(INHERITED, "Identifier.")
    status: ProposalStatus = field(INHERITED, "Where it stands.")
    strategy: str = field(INHERITED, "Of which strategy.")
    style: Style = field(INHERITED, "What the strategy aims at.")
    score: int = field(INHERITED, "Its risk score, 1 to 5.")
    valid_from: date = field(INHERITED, "The first day of its effect, in UTC.")
    weights: list[StrategyWeight] = field(INHERITED, "As proposed, by symbol.")
    reason: str = field(INHERITED, "Why it was proposed.")
    proposed_by: str = field(INHERITED, "Who proposed it.")
    proposed_at: datetime = field(INHERITED, "When.")
    decided_by: str | None = field(INHERITED, "Who decided it or took it back.")
    decided_at: datetime | None = field(INHERITED, "When.")
    version: int | None = field(INHERITED, "The number under which it was published.")
    stored: strawberry.Private[Proposal]
    shelf: strawberry.Private[Shelf]

    @field(INHERITED, "Weights that it changes of the version that is, or would be, before it.")
    def changes(self) -> list[StrategyWeightChange]:
        """See the description."""
        draft, number = self.stored.draft, self.stored.published
        known = [one for one in self.shelf.versions if one.id == draft.strategy_id]
        earlier = [one for one in known if number is None or one.version < number]
        before = in_force(earlier, draft.valid_from).get(draft.strategy_id)
        return changes_of({} if before is None else before.weights, draft.weights)

    @field(INHERITED, "What it would trade, for a sample of people; one per answer.")
    def impact(self) -> StrategyImpact:
        """See the description."""
        return impact_view(self.shelf.context, self.stored)


def version_view(one: Strategy, current: Mapping[str, Strategy]) -> StrategyVersion:
    """One version."""
    known = current.get(one.id)
    return StrategyVersion(
        strategy=one.id,
        version=one.version,
        style=one.style,
        score=one.score,
        valid_from=one.valid_from,
        in_force=known is not None and known.version == one.version,
        equity_bp=one.equity_bp,
        weights=weights_view(one.weights),
    )


def proposal_view(proposal: Proposal, shelf: Shelf) -> StrategyProposal:
    """One proposal."""
    draft = proposal.draft
    return StrategyProposal(
        proposal_id=ProposalId(proposal.proposal_id),
        status=proposal.status,
        strategy=draft.strategy_id,
        style=draft.style,
        score=draft.score,
        valid_from=draft.valid_from,
        weights=weights_view(draft.weights),
        reason=proposal.reason,
        proposed_by=proposal.proposed_by,
        proposed_at=proposal.proposed_at,
        decided_by=proposal.decided_by,
        decided_at=proposal.decided_at,
        version=proposal.published,
        stored=proposal,
        shelf=shelf,
    )


def changes_of(before: Mapping[str, int], after: Mapping[str, int]) -> list[StrategyWeightChange]:
    """Weights that differ, by symbol."""
    return [
        StrategyWeightChange(
            symbol=Symbol(name), before_bp=before.get(name, 0), after_bp=after.get(name, 0)
        )
        for name in sorted(before.keys() | after.keys())
        if before.get(name, 0) != after.get(name, 0)
    ]
