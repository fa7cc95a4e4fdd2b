"""What members of staff do with strategies; each act and its audit entry are one fact."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.audit.acting import Acting, authorised, checked_reason
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.platform.work import Write
from shared.strategies.proposals import Draft, Proposal
from shared.strategies.proposing import Proposing, Record


@dataclass(frozen=True, slots=True)
class StrategyDuties:
    """``subject`` is the firm's id, under which its entries lie. Everything here raises Forbidden
    when the actor's role was lost meanwhile and InvalidValue for a reason that is none; nothing
    was changed and nothing recorded then."""

    subject: str
    proposing: Proposing
    trail: AuditTrail

    def propose(self, by: Acting, key: str, draft: Draft, reason: str) -> Proposal:
        """See Proposing.propose."""
        words = checked_reason(reason)
        record = self._record(by, Action.STRATEGY_PROPOSED, words)
        return authorised(
            lambda: self.proposing.propose(by.actor.id, key, draft, words, record),
        )

    def decide(self, by: Acting, proposal_id: str, agreed: bool, reason: str) -> Proposal:
        """See Proposing.decide."""
        record = self._record(by, Action.STRATEGY_DECIDED, checked_reason(reason))
        return authorised(lambda: self.proposing.decide(by.actor.id, proposal_id, agreed, record))

    def withdraw(self, by: Acting, proposal_id: str, reason: str) -> Proposal:
        """See Proposing.withdraw."""
        record = self._record(by, Action.STRATEGY_WITHDRAWN, checked_reason(reason))
        return authorised(lambda: self.proposing.withdraw(by.actor.id, proposal_id, record))

    def _record(self, by: Acting, action: Action, words: str) -> Record:
        def entries(after: Proposal) -> Sequence[Write]:
            entry = self.trail.entry(by.actor, action, self.subject, words, after=_facts(after))
            return [entry, *by.conditions]

        return entries


def _facts(proposal: Proposal) -> dict[str, str]:
    draft = proposal.draft
    facts = {
        "proposal": proposal.proposal_id,
        "strategy": draft.strategy_id,
        "status": proposal.status.value,
        "valid_from": draft.valid_from.isoformat(),
    }
    facts |= {f"weight_bp.{name}": str(bp) for name, bp in sorted(draft.weights.items())}
    if proposal.published is not None:
        facts["version"] = str(proposal.published)
    return facts
