"""What a person stops and lets go on: the kill switch."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from shared.breakers.changing import Changing, Record, state_of
from shared.breakers.names import (
    BROKERS,
    BY_STAFF,
    GLOBAL,
    MARKET,
    OVERLOAD,
    OVERRIDE,
    at_broker,
    breaker_of,
)
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound, TemporarilyUnavailable
from shared.market_data.model import Breaker, BreakerState
from shared.platform.contention import full_jitter

RELEASED = "STAFF_RESET"
_OF_BROKERS = tuple(map(at_broker, BROKERS))
_TRIES = 8


@dataclass(frozen=True, slots=True)
class Holding:
    """``symbols`` are those that have a breaker of their own, as each broker has."""

    changing: Changing
    clock: Clock
    symbols: Collection[str]
    pause: Callable[[int], None] = full_jitter

    def stop(self, name: str, record: Record) -> None:
        """Open a breaker until a person lets it go: no measure closes it meanwhile. One that a
        person stopped already stays as it is, and nothing is recorded.

        Raises NotFound for a breaker that is none, and TemporarilyUnavailable.
        """

        def after(before: Breaker | None) -> Breaker | None:
            if before is not None and before.blocks and before.reason == BY_STAFF:
                return None
            return Breaker(name, BreakerState.OPEN, BY_STAFF, self.clock.now())

        self._carry_out(name, after, record)

    def release(self, name: str, record: Record) -> None:
        """Let orders go on; a breaker that does not stop anything stays as it is.

        What a measure may have opened stays on trial until that measure is calm, so that it is
        not opened again a minute later for the reason that was just overruled.

        Raises NotFound for a breaker that is none, and TemporarilyUnavailable.
        """

        def after(before: Breaker | None) -> Breaker | None:
            if state_of(before) is not BreakerState.OPEN:
                return None
            if name.startswith(MARKET) or name == OVERLOAD or name in _OF_BROKERS:
                return Breaker(name, BreakerState.HALF_OPEN, OVERRIDE, self.clock.now())
            return Breaker(name, BreakerState.CLOSED, RELEASED, self.clock.now())

        self._carry_out(name, after, record)

    def _carry_out(
        self, name: str, decide: Callable[[Breaker | None], Breaker | None], record: Record
    ) -> None:
        if name not in (*GLOBAL, *_OF_BROKERS, *map(breaker_of, self.symbols)):
            raise NotFound(what="The breaker")
        for attempt in range(_TRIES):
            before = self.changing.switches.read([name]).get(name)
            after = decide(before)
            if after is None or self.changing.change(before, after, record):
                return
            self.pause(attempt)
        raise TemporarilyUnavailable()
