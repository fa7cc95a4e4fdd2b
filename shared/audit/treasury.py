"""What members of staff do with the firm's money; each act and its audit entry are one fact."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.audit.acting import Acting, authorised, checked_reason, not_above, not_oneself
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.kernel.errors import NotFound
from shared.market_data.model import Breaker
from shared.payments.model import Deposit
from shared.payments.releasing import Releasing
from shared.platform.work import Write
from shared.treasury.keeping import Limits
from shared.treasury.movements import Moved, Movement
from shared.treasury.moving import Moving
from shared.users.model import User


@dataclass(frozen=True, slots=True)
class TreasuryDuties:
    """``subject`` is the firm's id, under which its entries lie. Everything here raises Forbidden
    when the actor's role was lost meanwhile and InvalidValue for a reason that is none; nothing
    was changed and nothing recorded then."""

    subject: str
    person: Callable[[str], User | None]
    moving: Moving
    limits: Limits
    releasing: Releasing
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

    def release(self, by: Acting, user_id: str, deposit_id: str, reason: str) -> Deposit:
        """Let somebody's deposit go to the broker. See Releasing.release; raises OwnAccount and
        StaffProtected too."""
        words = checked_reason(reason)
        not_oneself(by, user_id)
        user = self.person(user_id)
        if user is None:
            raise NotFound(what="The deposit")
        not_above(by, user)

        def entry(before: Deposit, after: Deposit) -> Sequence[Write]:
            held = "NONE" if before.reason is None else before.reason.value
            facts = {"deposit": deposit_id, "released": str(after.released)}
            written = self.trail.entry(
                by.actor,
                Action.DEPOSIT_RELEASED,
                user_id,
                words,
                before={"deposit": deposit_id, "held_by": held},
                after=facts,
            )
            return [written, *by.conditions]

        return authorised(lambda: self.releasing.release(user_id, deposit_id, entry))

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
