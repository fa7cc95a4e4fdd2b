"""Booking what people agreed on."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.kernel.clock import Clock
from shared.ledger.house import ENTRY, HOUSE, KEY
from shared.ledger.ports import House
from shared.platform.contention import full_jitter
from shared.platform.observability import metric
from shared.platform.work import ConditionFailed, LostRace, UnitOfWork, retry_lost_race
from shared.treasury.movements import Movement, MovementStatus
from shared.treasury.ports import MovementRows

_TRIES = 8
_RACED = frozenset({HOUSE, ENTRY, "movement"})
"""Writes whose conditions fail when somebody else was faster."""


@dataclass(frozen=True, slots=True)
class Posting:
    """The use case behind the event and the sweep's check; a duplicate is success."""

    movements: MovementRows
    house: House
    facts: UnitOfWork
    clock: Clock
    pause: Callable[[int], None] = full_jitter

    def agreed(self, movement_id: str) -> Movement | None:
        """Book an agreed movement, in one fact with its new state; None for no movement. What is
        in the books already by its name outside becomes KNOWN."""

        def attempt() -> Movement | None:
            before = self.movements.get(movement_id)
            if before is None or before.status is not MovementStatus.AGREED:
                return before
            after = before.booked()
            try:
                entry = self.house.post(before.draft(self.clock.now()), before.moved.key)
                self.facts.commit([self.movements.save(before, after), *entry])
            except ConditionFailed as failure:
                if "movement" not in failure.found and KEY in failure.found:
                    return self._known(before)
                if failure.found.keys() <= _RACED | {KEY}:
                    raise LostRace from None
                raise
            return after

        return retry_lost_race(attempt, tries=_TRIES, pause=self.pause)

    def _known(self, before: Movement) -> Movement:
        known = before.booked(known=True)
        try:
            self.facts.commit([self.movements.save(before, known)])
        except ConditionFailed:
            raise LostRace from None
        metric("MovementKnown", kind=before.moved.kind.value)
        return known
