"""Automatic orders of a symbol stop while everybody's shares of it change, or for a person."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.breakers.changing import Changing, Record
from shared.breakers.names import BY_STAFF, breaker_of
from shared.corporate_actions.model import CHANGING
from shared.kernel.clock import Clock
from shared.kernel.errors import TemporarilyUnavailable
from shared.market_data.model import Breaker, BreakerState
from shared.platform.contention import full_jitter

RELEASED = "CORPORATE_ACTION_OVER"
_TRIES = 8


@dataclass(frozen=True, slots=True)
class SymbolBreakers:
    """See Restrictions: the symbol's breaker, opened so that no measure of the market closes it.
    Staff let it go as any other one."""

    changing: Changing
    record: Record
    clock: Clock
    pause: Callable[[int], None] = full_jitter

    def stop(self, symbol: str, reason: str) -> None:
        """See Restrictions."""
        word = f"{BY_STAFF}_{reason}"

        def after(before: Breaker | None) -> Breaker | None:
            if before is not None and before.blocks and _lasts(before, word):
                return None
            return Breaker(breaker_of(symbol), BreakerState.OPEN, word, self.clock.now())

        self._carry_out(symbol, after)

    def release(self, symbol: str, reason: str) -> None:
        """See Restrictions."""
        word = f"{BY_STAFF}_{reason}"

        def after(before: Breaker | None) -> Breaker | None:
            if before is None or not before.blocks or before.reason != word:
                return None
            return Breaker(breaker_of(symbol), BreakerState.CLOSED, RELEASED, self.clock.now())

        self._carry_out(symbol, after)

    def _carry_out(self, symbol: str, decide: Callable[[Breaker | None], Breaker | None]) -> None:
        name = breaker_of(symbol)
        for attempt in range(_TRIES):
            before = self.changing.switches.read([name]).get(name)
            after = decide(before)
            if after is None or self.changing.change(before, after, self.record):
                return
            self.pause(attempt)
        raise TemporarilyUnavailable()


def _lasts(before: Breaker, word: str) -> bool:
    """Whether a switch that is off already stays as it is: only what is over by itself gives way
    to what is not."""
    passing = f"{BY_STAFF}_{CHANGING}"
    return before.reason == word or (
        before.reason.startswith(BY_STAFF) and before.reason != passing
    )
