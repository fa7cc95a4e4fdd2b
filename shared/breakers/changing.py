"""One transition of a breaker: the switch, its audit entry and its event as one fact."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.breakers.events import BreakerChangedV1
from shared.market_data.breakers import Switches
from shared.market_data.model import Breaker, BreakerState
from shared.platform.observability import logger, metric
from shared.platform.work import ConditionFailed, UnitOfWork, Write

Record = Callable[[Breaker | None, Breaker], Sequence[Write]]
"""The writes that tell of a transition: the audit entry."""


def state_of(breaker: Breaker | None) -> BreakerState:
    """Its state; one that was never touched is closed."""
    return BreakerState.CLOSED if breaker is None else breaker.state


def code_of(reason: str) -> str:
    """What a reason begins with: measures are codes, what people write stays in the audit."""
    return reason.split(" ", 1)[0]


@dataclass(frozen=True, slots=True)
class Changing:
    """Carries transitions out, each exactly once."""

    switches: Switches
    facts: UnitOfWork

    def change(self, before: Breaker | None, after: Breaker, record: Record) -> bool:
        """False when somebody else changed the breaker since ``before`` was read: look again.

        Raises ConditionFailed when a condition of the record's own does not hold.
        """
        write = self.switches.change(before, after)
        old, new, code = state_of(before).value, after.state.value, code_of(after.reason)
        event = BreakerChangedV1(breaker=after.name, before=old, after=new, reason=code)
        try:
            self.facts.commit([write, *record(before, after)], event)
        except ConditionFailed as failure:
            if failure.found.keys() == {write.name}:
                return False
            raise
        told = {"breaker": after.name, "before": old, "after": new, "reason": code}
        logger("breakers").warning("breaker changed", extra=told)
        # Symbols are many: their breakers share one dimension.
        kind = after.name.partition(".")[0]
        metric("BreakerChanged", breaker=kind, state=new)
        if after.blocks:
            metric("BreakerOpened", breaker=kind)
        return True
