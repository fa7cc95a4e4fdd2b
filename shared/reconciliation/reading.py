"""Reading a report back, and whether it is the one that was signed."""

from dataclasses import dataclass

from shared.platform.observability import metric
from shared.reconciliation.ports import Archive, StoredReport, Verifier
from shared.reconciliation.report import Report, digest, read


@dataclass(frozen=True, slots=True)
class Safe:
    """Where reports are, and who tells ours from others."""

    archive: Archive
    verifier: Verifier

    def opened(self, stored: StoredReport) -> Report | None:
        """The whole of it when it is what was signed; None when it is not there, when a byte of it
        was changed, or when nobody of ours signed it."""
        content = self.archive.read(stored.place)
        if (
            content is not None
            and digest(content) == stored.hash
            and self.verifier.verified(bytes.fromhex(stored.hash), stored.signature)
        ):
            return read(content)
        metric("ReconciliationReportBroken", book=stored.book.party.value)
        return None
