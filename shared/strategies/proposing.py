"""Proposing a new version of a strategy, and a second person's word about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.kernel.ids import Ids, Kind
from shared.platform.contention import full_jitter
from shared.platform.idempotency import IdempotencyKeys, Intent, once
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, Write, retry_lost_race
from shared.strategies.errors import (
    NotYourProposal,
    ProposalDecided,
    ProposalTooLate,
    SecondPersonNeeded,
)
from shared.strategies.founding import FOUNDING
from shared.strategies.model import Strategy, in_force
from shared.strategies.ports import Proposals, Strategies
from shared.strategies.proposals import Draft, Proposal, ProposalStatus, check_form, check_order

OPERATION = "proposeStrategy"
_TRIES = 6
_RACES = {"proposal", "strategy"}

type Record = Callable[[Proposal], Sequence[Write]]
"""The writes that belong to the same fact, from the proposal as it becomes."""


@dataclass(frozen=True, slots=True)
class Proposing:
    """The ports of these use cases. Days are those of the clock, in UTC."""

    strategies: Strategies
    proposals: Proposals
    keys: IdempotencyKeys
    facts: UnitOfWork
    clock: Clock
    ids: Ids
    pause: Callable[[int], None] = full_jitter

    def propose(self, by: str, key: str, draft: Draft, reason: str, record: Record) -> Proposal:
        """A proposal, or the one that this key made. Raises InvalidValue, WeightsRefused,
        IdempotencyKeyReused and TemporarilyUnavailable; nothing is recorded then."""
        content = (
            draft.strategy_id,
            draft.valid_from.isoformat(),
            *(f"{name}={points}" for name, points in sorted(draft.weights.items())),
            reason,
        )
        intent = Intent(by, OPERATION, key, content)

        def make() -> tuple[Proposal, str, list[Write]]:
            check_form(draft, self.clock.now().date())
            check_order(draft, self._beside(self._versions(), draft))
            made = Proposal(self.ids.new(Kind.PROPOSAL), draft, by, self.clock.now(), reason)
            return made, made.proposal_id, [self.proposals.create(made), *record(made)]

        return once(self.keys, self.facts, intent, make=make, read=self.proposal)[0]

    def decide(self, by: str, proposal_id: str, agreed: bool, record: Record) -> Proposal:
        """A second person's word. Agreed to, the new version is published in the same fact.

        The same word of the same person again is success. Raises NotFound, SecondPersonNeeded,
        ProposalDecided, ProposalTooLate, WeightsRefused when the strategies beside it have changed
        so that it does not fit any more, and TemporarilyUnavailable.
        """

        def attempt() -> Proposal:
            before = self.proposal(proposal_id)
            if before.status is not ProposalStatus.PROPOSED:
                wanted = ProposalStatus.APPROVED if agreed else ProposalStatus.REJECTED
                if (before.decided_by, before.status) == (by, wanted):
                    return before
                raise ProposalDecided()
            if before.proposed_by == by:
                raise SecondPersonNeeded()
            return self._approve(before, by, record) if agreed else self._reject(before, by, record)

        return self._retried(attempt)

    def withdraw(self, by: str, proposal_id: str, record: Record) -> Proposal:
        """Take one's own proposal back; done already is success. Raises NotFound,
        NotYourProposal, ProposalDecided and TemporarilyUnavailable."""

        def attempt() -> Proposal:
            before = self.proposal(proposal_id)
            if before.proposed_by != by:
                raise NotYourProposal()
            if before.status is ProposalStatus.WITHDRAWN:
                return before
            if before.status is not ProposalStatus.PROPOSED:
                raise ProposalDecided()
            return self._save(before, before.withdrawn(by, self.clock.now()), record)

        return self._retried(attempt)

    def proposal(self, proposal_id: str) -> Proposal:
        """One proposal; NotFound."""
        found = self.proposals.get(proposal_id)
        if found is None:
            raise NotFound(what="The proposal")
        return found

    def _approve(self, before: Proposal, by: str, record: Record) -> Proposal:
        now, draft = self.clock.now(), before.draft
        if draft.valid_from < now.date():
            raise ProposalTooLate()
        versions = self._versions()
        check_form(draft, now.date())
        check_order(draft, self._beside(versions, draft))
        newest = max((one.version for one in versions if one.id == draft.strategy_id), default=0)
        after = before.approved(by, now, newest + 1)
        publish = self.strategies.publish(draft.as_version(newest + 1))
        return self._save(before, after, record, publish)

    def _reject(self, before: Proposal, by: str, record: Record) -> Proposal:
        return self._save(before, before.rejected(by, self.clock.now()), record)

    def _save(self, before: Proposal, after: Proposal, record: Record, *more: Write) -> Proposal:
        self.facts.commit([self.proposals.save(before, after), *more, *record(after)])
        return after

    def _versions(self) -> tuple[Strategy, ...]:
        """Published ones; the founding ones also before they are written."""
        known = self.strategies.versions()
        there = {(one.id, one.version) for one in known}
        return (*known, *(one for one in FOUNDING if (one.id, one.version) not in there))

    def _beside(self, versions: Sequence[Strategy], draft: Draft) -> dict[str, Strategy]:
        return in_force(versions, draft.valid_from)

    def _retried(self, attempt: Callable[[], Proposal]) -> Proposal:
        def once_more() -> Proposal:
            try:
                return attempt()
            except ConditionFailed as failure:
                if failure.found.keys() <= _RACES:
                    raise LostRace from None
                raise

        return retry_lost_race(once_more, tries=_TRIES, pause=self.pause)
