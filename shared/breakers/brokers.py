"""What the breaker of a broker becomes, out of the circuit that its callers count in. Pure.

The circuit (see ``platform.circuits``) lets single calls through by itself; this breaker is what
plans wait for, what staff see and what is on record. While it is on trial plans flow again, so
that there is something to find out with.
"""

from datetime import datetime

from shared.breakers.names import BY_STAFF, OVERRIDE, at_broker
from shared.market_data.model import Breaker, BreakerState
from shared.platform.circuits import Circuit, CircuitState

SILENT, TRIAL, ANSWERS = "NO_ANSWER", "TRIAL", "ANSWERS"
"""How reasons begin."""


def judged(before: Breaker | None, circuit: Circuit, broker: str, now: datetime) -> Breaker | None:
    """What it becomes; None when it stays. One that people opened stays open, and one that they
    let go stays on trial until the broker answers, or falls silent once more."""
    if before is not None and before.blocks and before.reason.startswith(BY_STAFF):
        return None
    if before is not None and before.reason.startswith(OVERRIDE):
        silent_again = circuit.state is CircuitState.OPEN and circuit.changed_at > before.since
        if circuit.state is not CircuitState.CLOSED and not silent_again:
            return None
    state, reason = _found(circuit, now)
    was = BreakerState.CLOSED if before is None else before.state
    if state is was:
        return None
    return Breaker(at_broker(broker), state, reason, now)


def _found(circuit: Circuit, now: datetime) -> tuple[BreakerState, str]:
    if circuit.state is CircuitState.CLOSED:
        return BreakerState.CLOSED, ANSWERS
    if circuit.state is CircuitState.OPEN and now < circuit.changed_at + circuit.cool_down:
        return BreakerState.OPEN, f"{SILENT}:{circuit.trips}"
    return BreakerState.HALF_OPEN, TRIAL
