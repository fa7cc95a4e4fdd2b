"""The unit of work: several contexts' conditional writes committed as one fact."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from shared.kernel.errors import TemporarilyUnavailable
from shared.kernel.events import Event


class Write(Protocol):
    """One conditional change of one item, made by a store and carried by a use case."""

    @property
    def name(self) -> str:
        """By this name a failed condition is reported."""


class ConditionFailed(Exception):
    """A condition of the transaction did not hold; nothing was written.

    ``found`` maps the name of each failed write to the plain attributes of the item that was
    there, or to None when there was none.
    """

    def __init__(self, found: Mapping[str, Mapping[str, Any] | None]) -> None:
        super().__init__("conditions failed: " + ", ".join(sorted(found)))
        self.found = found


class UnitOfWork(Protocol):
    """Commits one business fact."""

    def commit(self, writes: Sequence[Write], *events: Event) -> None:
        """All writes and the outbox rows of ``events`` together, or nothing.

        Raises ConditionFailed when a condition does not hold, and TemporarilyUnavailable when
        other writers kept interfering; in both cases nothing was written.
        """


def retry_lost_race[T](attempt: Callable[[], T], *, tries: int, pause: Callable[[int], None]) -> T:
    """Run ``attempt`` again while it raises LostRace, with a pause in between.

    ``attempt`` must read fresh state each time. After ``tries`` it raises
    TemporarilyUnavailable, which queues answer by a later delivery.
    """
    for number in range(tries):
        try:
            return attempt()
        except LostRace:
            pause(number)
    raise TemporarilyUnavailable()


class LostRace(Exception):
    """The state that a use case had read was changed by somebody else: read again."""
