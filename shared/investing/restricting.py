"""What a person puts on the restricted list, and takes off it again."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from shared.investing.events import RestrictionChangedV1
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound, TemporarilyUnavailable
from shared.market_data.model import Restricted, Restriction
from shared.market_data.restrictions import RestrictionStore
from shared.platform.contention import full_jitter
from shared.platform.observability import metric
from shared.platform.work import ConditionFailed, UnitOfWork, Write

type Record = Callable[[Restricted | None, Restricted | None], Sequence[Write]]
"""The writes that tell of a change, from the entry before and after: the audit entry."""
NONE = "NONE"
"""How an asset that is not on the list is called."""
_TRIES = 8


def word_of(entry: Restricted | None) -> str:
    """Its restriction as a code."""
    return NONE if entry is None else entry.restriction.value


@dataclass(frozen=True, slots=True)
class Restricting:
    """``symbols`` are those that can be on the list."""

    book: RestrictionStore
    facts: UnitOfWork
    clock: Clock
    symbols: Collection[str]
    pause: Callable[[int], None] = full_jitter

    def restrict(self, symbol: str, restriction: Restriction, record: Record) -> None:
        """Put it on the list, or change how far it is restricted; one that is restricted so
        already stays as it is, and nothing is recorded.

        Raises NotFound for a symbol that is none of ours, and TemporarilyUnavailable.
        """
        self._carry_out(symbol, restriction, record)

    def release(self, symbol: str, record: Record) -> None:
        """Take it off the list; what is not on it stays so. Raises as ``restrict``."""
        self._carry_out(symbol, None, record)

    def _carry_out(self, symbol: str, restriction: Restriction | None, record: Record) -> None:
        if symbol not in self.symbols:
            raise NotFound(what="The asset")
        for attempt in range(_TRIES):
            known = self.book.read()
            before = known.entries.get(symbol)
            if word_of(before) == (NONE if restriction is None else restriction.value):
                return
            rest = {name: one for name, one in known.entries.items() if name != symbol}
            after = None
            if restriction is not None:
                after = Restricted(symbol, restriction, self.clock.now())
                rest[symbol] = after
            event = RestrictionChangedV1(
                symbol=symbol, before=word_of(before), after=word_of(after)
            )
            write = self.book.change(known, rest)
            try:
                self.facts.commit([write, *record(before, after)], event)
            except ConditionFailed as failed:
                if failed.found.keys() != {write.name}:
                    raise
                self.pause(attempt)
                continue
            metric("RestrictionChanged", restriction=word_of(after))
            return
        raise TemporarilyUnavailable()
