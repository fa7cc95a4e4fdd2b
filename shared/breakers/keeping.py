"""The breakers that follow ourselves and the brokers: one look at all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from shared.breakers import brokers, overload
from shared.breakers.changing import Changing, Record
from shared.breakers.names import BROKERS, OVERLOAD, at_broker
from shared.breakers.pulses import Pulses
from shared.kernel.clock import Clock
from shared.market_data.model import Breaker
from shared.platform.circuits import Circuit
from shared.platform.queues import Queue

_TRIES = 4


@dataclass(frozen=True, slots=True)
class Keeping:
    """``circuit`` reads the circuit of a name; ``queues`` are those whose lateness counts."""

    circuit: Callable[[str], Circuit]
    pulses: Pulses
    changing: Changing
    clock: Clock
    queues: Mapping[str, Queue]
    record: Record

    def look(self) -> None:
        """Carry out what is due, and send the next pulses."""
        now = self.clock.now()
        before = self.changing.switches.read([OVERLOAD, *map(at_broker, BROKERS)])
        for broker in BROKERS:
            name = at_broker(broker)
            judge = partial(brokers.judged, circuit=self.circuit(name), broker=broker, now=now)
            self._settle(name, before, judge)
        pulses = self.pulses.read(self.queues)
        self._settle(OVERLOAD, before, partial(overload.judged, pulses=pulses, now=now))
        self.pulses.send(self.queues, pulses, now)

    def _settle(
        self,
        name: str,
        found: Mapping[str, Breaker],
        judge: Callable[[Breaker | None], Breaker | None],
    ) -> None:
        before = found.get(name)
        for _ in range(_TRIES):
            after = judge(before)
            if after is None or self.changing.change(before, after, self.record):
                return
            # Somebody else was first: mostly with the same word, and nothing is left to do.
            before = self.changing.switches.read([name]).get(name)
