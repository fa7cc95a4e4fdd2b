"""What strategies and goals ask of where they are kept, and of contexts above them."""

from typing import Protocol

from shared.platform.work import Write
from shared.strategies.model import Strategy


class Strategies(Protocol):
    """Published strategies: they are added and read, never changed or removed."""

    def versions(self) -> tuple[Strategy, ...]:
        """Every version of every strategy, in one request."""

    def in_force(self) -> dict[str, Strategy]:
        """By id, those in force, in one request."""

    def publish(self, strategy: Strategy) -> Write:
        """A new version (write name ``strategy``); it fails when there is one of this number."""
