"""Where the audit trail is kept."""

from dataclasses import dataclass
from typing import Protocol

from shared.audit.model import Entry, Recorded
from shared.platform.work import Write


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Entries of one subject, newest first, each with its place; ``after`` continues."""

    entries: tuple[tuple[str, Recorded], ...]
    after: str | None


class Entries(Protocol):
    """Rows of the trail: they are added and read, never changed or removed."""

    def newest(self, subject: str) -> Recorded | None:
        """The last entry about somebody."""

    def add(self, entry: Entry) -> Write:
        """A new entry (write name ``audit``)."""

    def page(self, subject: str, limit: int, after: str | None = None) -> TrailPage:
        """The newest entries, or those older than the place ``after``."""
