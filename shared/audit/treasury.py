"""What members of staff do with the firm's money; each act and its audit entry are one fact."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.audit.acting import Acting, authorised, checked_reason
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.market_data.model import Breaker
from shared.platform.work import Write
from shared.treasury.keeping import Limits
from shared.treasury.movements import Moved, Movement
from shared.treasury.moving import Moving


@dataclass(frozen=True, slots=True)
class TreasuryDuties:
    """``subject`` is the firm's id, under which its entries lie. Everything here raises Forbidden
    when the actor's role was lost meanwhile and InvalidValue for a reason that is none; nothing
    was changed and nothing recorded then."""

    subject: str
    moving: Moving
    limits: Limits
    trail: AuditTrail

    def record(self, by: Acting, key: str, moved: Moved, reason: str) -> Movement:
        """See Moving.record."""
        words = checked_reason(reason)

        def entry(movement: Movement) -> Sequence[Write]:
            return self._entry(by, Action.TREASURY_MOVEMENT_RECORDED, words, _facts(movement))

        return authorised(lambda: self.moving.record(by.actor.id, key, moved, words, entry))

    def decide(self, by: Acting, movement_id: str, agreed: bool, reason: str) -> Movement:
        """See Moving.decide."""
        words = checked_reason(reason)

        def entry(movement: Movement) -> Sequence[Write]:
            return self._entry(by, Action.TREASURY_MOVEMENT_DECIDED, words, _facts(movement))

        return authorised(lambda: self.moving.decide(by.actor.id, movement_id, agreed, entry))

    def reset(self, by: Acting, breaker: str, reason: str) -> None:
        """See Limits.reset."""
        words = checked_reason(reason)

        def entry(before: Breaker, after: Breaker) -> Sequence[Write]:
            return self._entry(
                by,
                Action.BREAKER_RESET,
                words,
                {"breaker": after.name, "state": after.state.value},
                {"breaker": before.name, "state": before.state.value},
            )

        authorised(lambda: self.limits.reset(breaker, entry))

    def _entry(
        self,
        by: Acting,
        action: Action,
        reason: str,
        after: dict[str, str],
        before: dict[str, str] | None = None,
    ) -> list[Write]:
        entry = self.trail.entry(
            by.actor, action, self.subject, reason, before=before or {}, after=after
        )
        return [entry, *by.conditions]


def _facts(movement: Movement) -> dict[str, str]:
    moved = movement.moved
    facts = {
        "movement": movement.movement_id,
        "kind": moved.kind.value,
        "status": movement.status.value,
        "currency": moved.amount.currency.value,
        "minor": str(moved.amount.minor),
    }
    if moved.counter is not None:
        facts |= {
            "counter_currency": moved.counter.currency.value,
            "counter_minor": str(moved.counter.minor),
            "rate": "" if moved.rate is None else format(moved.rate, "f"),
        }
    return facts
