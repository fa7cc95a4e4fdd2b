"""Recording what moved of the firm's own money, and deciding what takes two people.

Whoever records and decides has no right to write in the journal: a worker books what was agreed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.kernel.ids import Ids, Kind
from shared.kernel.money import Currency
from shared.ledger.ports import House
from shared.platform.contention import full_jitter
from shared.platform.idempotency import IdempotencyKeys, Intent, once
from shared.platform.work import (
    ConditionFailed,
    LostRace,
    UnitOfWork,
    Write,
    retry_lost_race,
)
from shared.treasury.errors import AlreadyBooked, MovementDecided, SecondPersonNeeded
from shared.treasury.movements import Moved, Movement, MovementStatus, alone, checked
from shared.treasury.ports import MovementRows

OPERATION = "recordTreasuryMovement"
_TRIES = 6
_MOVEMENT = "movement"

type Record = Callable[[Movement], Sequence[Write]]
"""The writes that belong to the same fact, from the movement as it becomes."""


@dataclass(frozen=True, slots=True)
class Moving:
    """The ports of this use case. ``alone_minor`` is the most of each currency that one person
    books without a second."""

    movements: MovementRows
    house: House
    keys: IdempotencyKeys
    facts: UnitOfWork
    clock: Clock
    ids: Ids
    alone_minor: Mapping[Currency, int]
    pause: Callable[[int], None] = full_jitter

    def record(self, by: str, key: str, moved: Moved, reason: str, record: Record) -> Movement:
        """Let a movement be booked, or propose it where it takes a second person.

        The same key with the same content is the same movement. Raises InvalidValue,
        IdempotencyKeyReused, AlreadyBooked and TemporarilyUnavailable.
        """
        moved = checked(moved, self.clock.now())
        intent = Intent(by, OPERATION, key, (*_content(moved), reason))

        def attempt() -> Movement:
            return once(
                self.keys,
                self.facts,
                intent,
                make=lambda: self._made(by, moved, reason, record),
                read=self._movement,
            )[0]

        return self._retried(attempt)

    def decide(self, by: str, movement_id: str, agreed: bool, record: Record) -> Movement:
        """A second person's word about a proposed movement.

        The same word of the same person again is success. Raises NotFound, SecondPersonNeeded,
        MovementDecided, AlreadyBooked and TemporarilyUnavailable.
        """

        def attempt() -> Movement:
            before = self._movement(movement_id)
            if before.status is not MovementStatus.PROPOSED:
                rejected = before.status is MovementStatus.REJECTED
                if (before.decided_by, rejected) == (by, not agreed):
                    return before
                raise MovementDecided()
            if before.proposed_by == by:
                raise SecondPersonNeeded()
            after = before.decided(agreed, by, self.clock.now())
            if agreed and self.house.posted(before.moved.key):
                raise AlreadyBooked()
            self.facts.commit([self.movements.save(before, after), *record(after)])
            return after

        return self._retried(attempt)

    def _made(
        self, by: str, moved: Moved, reason: str, record: Record
    ) -> tuple[Movement, str, list[Write]]:
        if self.house.posted(moved.key):
            raise AlreadyBooked()
        at, movement_id = self.clock.now(), self.ids.new(Kind.MOVEMENT)
        at_once = alone(moved, self.alone_minor)
        status = MovementStatus.AGREED if at_once else MovementStatus.PROPOSED
        movement = Movement(movement_id, moved, by, at, reason, status)
        return movement, movement_id, [self.movements.create(movement), *record(movement)]

    def _movement(self, movement_id: str) -> Movement:
        found = self.movements.get(movement_id)
        if found is None:
            raise NotFound(what="The movement")
        return found

    def _retried(self, attempt: Callable[[], Movement]) -> Movement:
        def once_more() -> Movement:
            try:
                return attempt()
            except ConditionFailed as failure:
                if failure.found.keys() == {_MOVEMENT}:
                    raise LostRace from None
                raise

        return retry_lost_race(once_more, tries=_TRIES, pause=self.pause)


def _content(moved: Moved) -> tuple[str | int | None, ...]:
    counter = moved.counter
    return (
        moved.kind.value,
        moved.amount.minor,
        moved.amount.currency.value,
        moved.reference,
        None if moved.gateway is None else moved.gateway.value,
        None if counter is None else counter.minor,
        None if counter is None else counter.currency.value,
        None if moved.rate is None else format(moved.rate.normalize(), "f"),
    )
