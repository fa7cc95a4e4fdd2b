"""Transitions of breakers on record: each audit entry is part of the transition itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.audit.acting import Acting, authorised, checked_reason
from shared.audit.model import Action, Actor
from shared.audit.service import AuditTrail
from shared.breakers.changing import Record, state_of
from shared.breakers.holding import Holding
from shared.market_data.model import Breaker
from shared.platform.work import Write
from shared.users.roles import Role

WATCH = Actor("system:watch_market", Role.SYSTEM)
"""Who acts when a measure does."""


@dataclass(frozen=True, slots=True)
class BreakerTrail:
    """Entries about breakers lie under the firm's id, ``subject``."""

    subject: str
    trail: AuditTrail

    def measured(self, before: Breaker | None, after: Breaker) -> Sequence[Write]:
        """The entry of a transition that a measure wanted; its reason is the measure."""
        return [self.entry(WATCH, Action.BREAKER_CHANGED, after.reason, before, after)]

    def entry(
        self, actor: Actor, action: Action, reason: str, before: Breaker | None, after: Breaker
    ) -> Write:
        """One transition."""
        return self.trail.entry(
            actor,
            action,
            self.subject,
            reason,
            before={"breaker": after.name, "state": state_of(before).value},
            after={"breaker": after.name, "state": after.state.value},
        )


@dataclass(frozen=True, slots=True)
class BreakerDuties:
    """What members of staff do with breakers. Everything here raises Forbidden when the actor's
    role was lost meanwhile and InvalidValue for a reason that is none; nothing was changed then."""

    trail: BreakerTrail
    holding: Holding

    def stop(self, by: Acting, name: str, reason: str) -> None:
        """See Holding.stop."""
        record = self._record(by, Action.BREAKER_TRIPPED, checked_reason(reason))
        authorised(lambda: self.holding.stop(name, record))

    def release(self, by: Acting, name: str, reason: str) -> None:
        """See Holding.release."""
        record = self._record(by, Action.BREAKER_RESET, checked_reason(reason))
        authorised(lambda: self.holding.release(name, record))

    def _record(self, by: Acting, action: Action, words: str) -> Record:
        def entries(before: Breaker | None, after: Breaker) -> Sequence[Write]:
            entry = self.trail.entry(by.actor, action, words, before, after)
            return [entry, *by.conditions]

        return entries
