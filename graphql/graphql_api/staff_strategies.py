"""Strategies: their versions, and new ones that one proposes and another decides."""

import re
from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from graphql_api.context import Context
from graphql_api.errors import Failure, answered
from graphql_api.pages import Connection, connection_of, from_cursor, page_size
from graphql_api.rules import INHERITED, Info, any_of, field, object_type
from graphql_api.scalars import Cursor, IdempotencyKey, ProposalId, Symbol, Text
from graphql_api.staff_audit import trail_of
from graphql_api.staff_duties import acting
from graphql_api.staff_strategy_views import (
    Shelf,
    StrategyProposal,
    StrategyVersion,
    proposal_view,
    version_view,
)
from shared.kernel.errors import InvalidValue
from shared.platform import keys
from shared.strategies.model import Style, strategy_id
from shared.strategies.proposals import Draft, Proposal
from shared.users.roles import Role

if TYPE_CHECKING:
    # Only those who propose and decide load it.
    from shared.audit.strategies import StrategyDuties

KEEPERS = any_of(Role.COMPLIANCE, Role.ADMIN)
_REASON = "Why: 10 to 500 characters, kept for good; no personal data."
_PLACE = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}#prp", re.ASCII)


@object_type(description="How everybody's money is invested, by style and risk score.")
class Strategies:
    """See the description."""

    shelf: strawberry.Private[Shelf]

    @field(KEEPERS, "Versions that portfolios aim for now, by strategy.")
    def in_force(self) -> list[StrategyVersion]:
        """See the description."""
        current = self.shelf.in_force
        return [version_view(current[name], current) for name in sorted(current)]

    @field(KEEPERS, "All versions of one strategy, the newest first, also those to come.")
    def versions(self, style: Style, score: int) -> list[StrategyVersion]:
        """See the description."""
        found = [one for one in self.shelf.versions if one.id == strategy_id(style, score)]
        newest_first = sorted(found, key=lambda one: -one.version)
        return [version_view(one, self.shelf.in_force) for one in newest_first]

    @field(KEEPERS, "Proposals, the newest first.")
    def proposals(
        self, info: Info, first: int = 20, after: Cursor | None = None
    ) -> Connection[StrategyProposal]:
        """See the description."""
        size = page_size(first)
        place = None if after is None else from_cursor(after, _PLACE)
        info.context.count_read()
        page = self.shelf.proposing.proposals.page(limit=size, after=place)
        entries = [(at, proposal_view(one, self.shelf)) for at, one in page.entries]
        return connection_of(entries, page.after)


@object_type()
class StrategyQuery:
    """The roots of strategies."""

    @field(KEEPERS, "How everybody's money is invested. For members of staff alone.")
    def strategies(self, info: Info) -> Strategies:
        """See the description."""
        return Strategies(shelf=Shelf(info.context))

    @field(KEEPERS, "One proposal; null when there is none of this id. For staff alone.")
    def strategy_proposal(self, info: Info, proposal_id: ProposalId) -> StrategyProposal | None:
        """See the description."""
        info.context.count_read()
        shelf = Shelf(info.context)
        found = shelf.proposing.proposals.get(proposal_id)
        return None if found is None else proposal_view(found, shelf)


@strawberry.input(description="A share of what is invested.")
class StrategyWeightInput:
    """See the description."""

    symbol: Symbol = strawberry.field(description="Of which asset.")
    weight_bp: int = strawberry.field(description="Basis points, more than none.")


@strawberry.input(description="What a strategy is to become, and why.")
class ProposeStrategyInput:
    """See the description."""

    idempotency_key: IdempotencyKey = strawberry.field(
        description="New for every proposal; repeat it when no answer came."
    )
    style: Style = strawberry.field(description="Of the strategy of which style.")
    score: int = strawberry.field(description="And of which risk score, 1 to 5.")
    weights: list[StrategyWeightInput] = strawberry.field(
        description="All of them, once each, in any order; 10,000 basis points in sum."
    )
    valid_from: date = strawberry.field(
        description="The first day of its effect, in UTC: today or within a year."
    )
    reason: Text = strawberry.field(description=_REASON)


@strawberry.input(description="Whether a proposal is to be published, and why.")
class DecideStrategyProposalInput:
    """See the description."""

    proposal_id: ProposalId = strawberry.field(description="Which.")
    agreed: bool = strawberry.field(description="Whether it is to be published.")
    reason: Text = strawberry.field(description=_REASON)


@strawberry.input(description="Which proposal is taken back, and why.")
class WithdrawStrategyProposalInput:
    """See the description."""

    proposal_id: ProposalId = strawberry.field(description="One's own.")
    reason: Text = strawberry.field(description=_REASON)


@object_type(description="It is so now, or was before.")
class StrategyProposalPayload:
    """See the description."""

    proposal: StrategyProposal = field(INHERITED, "As it stands now.")


StrategyProposalResult = Annotated[
    StrategyProposalPayload | Failure,
    strawberry.union(
        "StrategyProposalResult", description="The proposal, or why nothing was done."
    ),
]


@object_type()
class StrategyMutation:
    """What members of staff do with strategies."""

    @field(
        KEEPERS.with_step_up(),
        "Propose new weights of a strategy. They take effect on their day when somebody else "
        "agrees before it is over.",
    )
    def propose_strategy(self, info: Info, input: ProposeStrategyInput) -> StrategyProposalResult:
        """See the description."""
        context = info.context

        def propose() -> StrategyProposalPayload:
            made = _duties(context).propose(
                acting(context), input.idempotency_key, _draft(input), input.reason
            )
            return _payload(context, made)

        return answered(propose, context.language)

    @field(
        KEEPERS.with_step_up(),
        "Agree to what somebody else proposed, or not. The same word again is success.",
    )
    def decide_strategy_proposal(
        self, info: Info, input: DecideStrategyProposalInput
    ) -> StrategyProposalResult:
        """See the description."""
        context = info.context

        def decide() -> StrategyProposalPayload:
            decided = _duties(context).decide(
                acting(context), input.proposal_id, input.agreed, input.reason
            )
            return _payload(context, decided)

        return answered(decide, context.language)

    @field(
        KEEPERS.with_step_up(),
        "Take one's own proposal back while nobody has decided it. Again is success.",
    )
    def withdraw_strategy_proposal(
        self, info: Info, input: WithdrawStrategyProposalInput
    ) -> StrategyProposalResult:
        """See the description."""
        context = info.context

        def withdraw() -> StrategyProposalPayload:
            back = _duties(context).withdraw(acting(context), input.proposal_id, input.reason)
            return _payload(context, back)

        return answered(withdraw, context.language)


def _payload(context: Context, proposal: Proposal) -> StrategyProposalPayload:
    return StrategyProposalPayload(proposal=proposal_view(proposal, Shelf(context)))


def _duties(context: Context) -> "StrategyDuties":
    from shared.audit.strategies import StrategyDuties

    subject = keys.house_of(context.app.settings.cell)
    return StrategyDuties(subject, Shelf(context).proposing, trail_of(context))


def _draft(input: ProposeStrategyInput) -> Draft:
    weights = {str(one.symbol): one.weight_bp for one in input.weights}
    if len(weights) < len(input.weights):
        raise InvalidValue(field="weights", reason="must name each asset once")
    return Draft(input.style, input.score, weights, input.valid_from)
