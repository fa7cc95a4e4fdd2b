"""What happened to strategies and goals."""

from typing import ClassVar

from shared.kernel.events import Event


class StrategyPublishedV1(Event):
    """Two people stand for a new version; it takes effect on its day."""

    type: ClassVar[str] = "strategies.strategy_published"

    strategy_id: str
    number: int
    valid_from: str
    """First day of its effect, ISO 8601."""
    proposal_id: str
