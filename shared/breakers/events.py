"""What happened to breakers."""

from typing import ClassVar

from shared.kernel.events import Event


class BreakerChangedV1(Event):
    """A breaker went from one state to another; ``reason`` is a code, never a person's words."""

    type: ClassVar[str] = "breakers.breaker_changed"

    breaker: str
    before: str
    after: str
    reason: str
