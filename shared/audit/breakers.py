"""Transitions of breakers on record: each audit entry is part of the transition itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.audit.model import Action, Actor
from shared.audit.service import AuditTrail
from shared.breakers.changing import state_of
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
        return [
            self.trail.entry(
                WATCH,
                Action.BREAKER_CHANGED,
                self.subject,
                after.reason,
                before={"breaker": after.name, "state": state_of(before).value},
                after={"breaker": after.name, "state": after.state.value},
            )
        ]
