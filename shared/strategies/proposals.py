"""New weights for a strategy, proposed by one person and decided by another. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from shared.kernel.errors import InvalidValue
from shared.kernel.states import Transitions, advance
from shared.market_data.model import AssetType
from shared.market_data.universe import UNIVERSE
from shared.strategies.errors import WeightsRefused
from shared.strategies.model import (
    SCORES,
    WHOLE_BP,
    AssetClass,
    Strategy,
    Style,
    class_of,
    equity_of,
    strategy_id,
)

CAPS_BP: Mapping[AssetType, int] = {
    AssetType.BOND: 9000,
    AssetType.ETF: 4000,
    AssetType.STOCK: 1000,
}
"""Most of one asset by its kind; what exceeds it would be refused for everybody, order by order."""
AHEAD = timedelta(days=366)
"""A version takes effect within a year of its proposal."""


class ProposalStatus(StrEnum):
    """Where a proposal stands."""

    PROPOSED = "PROPOSED"
    """Somebody else has to decide it."""
    APPROVED = "APPROVED"
    """Published; in force from its day on."""
    REJECTED = "REJECTED"
    """A second person did not agree."""
    WITHDRAWN = "WITHDRAWN"
    """Taken back by whoever proposed it."""


TRANSITIONS: Transitions[ProposalStatus] = {
    ProposalStatus.PROPOSED: frozenset(
        {ProposalStatus.APPROVED, ProposalStatus.REJECTED, ProposalStatus.WITHDRAWN}
    ),
    ProposalStatus.APPROVED: frozenset(),
    ProposalStatus.REJECTED: frozenset(),
    ProposalStatus.WITHDRAWN: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants a strategy to become. Weights in basis points by symbol."""

    style: Style
    score: int
    weights: Mapping[str, int]
    valid_from: date

    @property
    def strategy_id(self) -> str:
        """Of which strategy it would be a version."""
        return strategy_id(self.style, self.score)

    def as_version(self, version: int) -> Strategy:
        """The published strategy."""
        weights = dict(sorted(self.weights.items()))
        return Strategy(self.strategy_id, version, self.score, self.valid_from, weights)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft with who stands for it; ``published`` is the version that it became."""

    proposal_id: str
    draft: Draft
    proposed_by: str
    proposed_at: datetime
    reason: str
    status: ProposalStatus = ProposalStatus.PROPOSED
    decided_by: str | None = None
    decided_at: datetime | None = None
    published: int | None = None
    version: int = 1

    def _moved(self, target: ProposalStatus, by: str, at: datetime) -> "Proposal":
        return replace(
            self,
            status=advance(TRANSITIONS, self.status, target),
            decided_by=by,
            decided_at=at,
            version=self.version + 1,
        )

    def approved(self, by: str, at: datetime, published: int) -> "Proposal":
        """A second person agreed; IllegalTransition once it was decided."""
        return replace(self._moved(ProposalStatus.APPROVED, by, at), published=published)

    def rejected(self, by: str, at: datetime) -> "Proposal":
        """A second person did not agree; IllegalTransition once it was decided."""
        return self._moved(ProposalStatus.REJECTED, by, at)

    def withdrawn(self, by: str, at: datetime) -> "Proposal":
        """Taken back; IllegalTransition once it was decided."""
        return self._moved(ProposalStatus.WITHDRAWN, by, at)


def check_form(draft: Draft, today: date) -> None:
    """InvalidValue for a score or day that there cannot be, WeightsRefused for weights by which
    nobody could be invested: no whole, unknown or too much of one asset, no bonds or no equity."""
    if draft.score not in SCORES:
        raise InvalidValue(field="score", reason=f"must be 1 to {SCORES[-1]}")
    if not today <= draft.valid_from <= today + AHEAD:
        raise InvalidValue(field="valid_from", reason="must be within a year from today")
    weights = draft.weights
    unknown = sorted(name for name in weights if name not in UNIVERSE)
    if unknown:
        raise WeightsRefused(reason="UNKNOWN_ASSET")
    if not weights or min(weights.values()) <= 0 or sum(weights.values()) != WHOLE_BP:
        raise WeightsRefused(reason="NOT_A_WHOLE")
    if any(points > CAPS_BP[UNIVERSE[name].type] for name, points in weights.items()):
        raise WeightsRefused(reason="OVER_CAP")
    if {class_of(name) for name in weights} != set(AssetClass):
        # A glide path and an exclusion need both to move weights between and within.
        raise WeightsRefused(reason="CLASS_MISSING")


def check_order(draft: Draft, beside: Mapping[str, Strategy]) -> None:
    """WeightsRefused when a bolder score would hold less equity than a cautious one, or income
    more than growth, among the strategies ``beside`` it on its day."""
    equity = equity_of(draft.weights)
    for one in beside.values():
        if one.id == draft.strategy_id:
            continue
        same_style, same_score = one.style is draft.style, one.score == draft.score
        less = same_style and one.score < draft.score and one.equity_bp > equity
        more = same_style and one.score > draft.score and one.equity_bp < equity
        if less or more:
            raise WeightsRefused(reason="NOT_MONOTONE")
        growth, income = (
            (equity, one.equity_bp) if draft.style is Style.GROWTH else (one.equity_bp, equity)
        )
        if same_score and income > growth:
            raise WeightsRefused(reason="INCOME_OVER_GROWTH")
