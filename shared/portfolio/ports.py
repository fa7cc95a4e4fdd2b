"""Where a person's state comes from, and how positions change."""

from typing import Protocol

from shared.platform.work import Write
from shared.portfolio.holders import HoldersPage
from shared.portfolio.model import FeedPage, Position, State


class States[Raw](Protocol):
    """Reads of a person's partition, one request each."""

    def state(self, user_id: str) -> State[Raw]:
        """Profile, wallets, positions and identity documents."""

    def feed(self, user_id: str, limit: int, after: str | None = None) -> FeedPage[Raw]:
        """The newest rows that grow with time, or those after an earlier page."""


class Holders(Protocol):
    """Everybody who has an account at the broker or holds something, segment by segment."""

    def page(self, segment: int, after: str | None = None) -> HoldersPage:
        """People of segment 0 to ``SEGMENTS`` - 1 behind the person ``after``: one request for
        hundreds of them, however long they have been here. A hint, a moment old: read a person's
        state before anything is done for them."""


class Positions(Protocol):
    """Makes the conditional writes of positions."""

    def save(self, position: Position) -> Write:
        """Replace a position that is still the one that was read; the write is ``position``."""
