"""What happened to reports."""

from typing import ClassVar

from shared.kernel.events import Event


class ReportAskedV1(Event):
    """A member of staff wants a day of a book compared, now or again."""

    type: ClassVar[str] = "reconciliation.report_asked"

    book: str
    """Such as ``STRIPE:USD``."""
    day: str
    """In UTC, ISO 8601."""


class DisputeDiffersV1(Event):
    """A gateway's statement has more, or other, lines of a dispute than our books: whoever
    follows disputes has missed news of it, and asks the gateway again."""

    type: ClassVar[str] = "reconciliation.dispute_differs"

    gateway: str
    reference: str
    """The gateway's own name of the dispute."""
