"""A unit of work that dies as a script says, and a gateway that is asked about disputes."""

from dataclasses import dataclass, field

from shared.disputes.ports import Reading
from shared.kernel.events import Event
from shared.payments.errors import GatewayUnavailable
from shared.platform.outbox import Facts
from shared.platform.work import Write


class Crash(RuntimeError):
    """The process died."""


@dataclass
class CrashingFacts:
    """A unit of work that dies before or after a commit when the script says so."""

    inner: Facts
    script: list[str] = field(default_factory=list)
    published: list[Event] = field(default_factory=list)
    commits: int = 0

    def commit(self, writes: list[Write], *events: Event) -> None:
        step = self.script.pop(0) if self.script else "ok"
        if step == "before":
            raise Crash("crashed")
        self.inner.commit(writes, *events)
        self.commits += 1
        self.published += events
        if step == "after":
            raise Crash("crashed")


@dataclass
class Desk:
    """A gateway that is asked about disputes; it may be down."""

    readings: dict[str, Reading] = field(default_factory=dict)
    down: bool = False
    asked: int = 0

    def read(self, reference: str) -> Reading | None:
        self.asked += 1
        if self.down:
            raise GatewayUnavailable
        return self.readings.get(reference)
