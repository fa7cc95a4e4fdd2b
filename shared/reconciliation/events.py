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
