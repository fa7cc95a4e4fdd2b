"""What reconciling asks of statements, of the place of reports, and of who signs them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from shared.kernel.money import Currency
from shared.platform.work import Write
from shared.reconciliation.model import Book, Item


class Statements(Protocol):
    """What a party says about the money that it holds for us. GatewayUnavailable when it cannot
    be asked now."""

    def items(self, currency: Currency, since: date, until: date) -> Sequence[Item]:
        """Lines of the days from ``since`` to ``until``, both included."""

    def closing(self, currency: Currency, day: date) -> int | None:
        """What it says that it held at the end of a day, apart from its lines; None where it says
        nothing."""


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report that was made: figures for lists, and where the whole of it is."""

    report_id: str
    book: Book
    since: date
    day: date
    version: int
    """Counts from 1; the same facts never make a second one."""
    hash: str
    place: str
    """Of its canonical form in the archive."""
    signature: str
    """Over the SHA-256 of the canonical form, base64."""
    made_at: datetime
    ours_minor: int
    theirs_minor: int
    stated_minor: int | None
    matched: int
    missing_here: int
    missing_there: int
    amount_differs: int
    unknown: int

    @property
    def difference_minor(self) -> int:
        """Ours less theirs."""
        return self.ours_minor - self.theirs_minor


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Reports newest first, each with its place; ``after`` continues when not None."""

    entries: tuple[tuple[str, StoredReport], ...]
    after: str | None


class Reports(Protocol):
    """Which reports there are."""

    def get(self, report_id: str) -> StoredReport | None:
        """One of them."""

    def of(self, book: Book, day: date) -> StoredReport | None:
        """The newest version of a book's report of a day."""

    def before(self, book: Book, day: date) -> StoredReport | None:
        """The newest version of the last report of an earlier day."""

    def page(self, *, limit: int, after: str | None = None) -> ReportPage:
        """All of them, newest first."""

    def create(self, report: StoredReport) -> Sequence[Write]:
        """The writes ``report`` and ``listed``; its version of that day must be new."""


class Archive(Protocol):
    """Where reports are kept for good."""

    def keep(self, place: str, content: bytes) -> None:
        """The same content again is success."""

    def read(self, place: str) -> bytes | None:
        """None when there is nothing."""


class Signer(Protocol):
    """Who vouches for reports."""

    def sign(self, digest: bytes) -> str:
        """Over a SHA-256 digest."""


class Verifier(Protocol):
    """Who tells a signature of ours from another one."""

    def verified(self, digest: bytes, signature: str) -> bool:
        """Whether this signature was made over this digest."""
