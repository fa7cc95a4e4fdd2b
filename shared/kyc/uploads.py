"""Take the scanner's word about an uploaded file, inspect it, and submit a complete case."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from shared.kernel.clock import Clock
from shared.kernel.events import Event
from shared.kernel.states import advance
from shared.kyc import files
from shared.kyc.events import IdentitySubmittedV1
from shared.kyc.model import (
    CASE_TRANSITIONS,
    Case,
    CaseFile,
    CaseStatus,
    Document,
    DocumentStatus,
    moved,
)
from shared.kyc.ports import Cases, DocumentVault, People
from shared.kyc.reasons import MEANINGS, Reason
from shared.kyc.requirements import complete_set
from shared.kyc.service import quarantine_key
from shared.platform.work import (
    ConditionFailed,
    LostRace,
    UnitOfWork,
    Write,
    retry_lost_race,
)

NET = timedelta(minutes=5)
"""How long after a change the safety net looks at an unfinished case."""
_TRIES = 5


class ScanVerdict(StrEnum):
    """What a malware scanner says, in the words of GuardDuty."""

    CLEAN = "NO_THREATS_FOUND"
    INFECTED = "THREATS_FOUND"
    UNSUPPORTED = "UNSUPPORTED"
    ACCESS_DENIED = "ACCESS_DENIED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class ScanResult:
    """The scanner's verdict about the bytes with this ETag."""

    user_id: str
    document_id: str
    etag: str
    verdict: ScanVerdict


_FAULTS: dict[ScanVerdict, Reason] = {
    ScanVerdict.INFECTED: Reason.FILE_INFECTED,
    ScanVerdict.UNSUPPORTED: Reason.FILE_TYPE,
    ScanVerdict.ACCESS_DENIED: Reason.FILE_UNSCANNED,
    ScanVerdict.FAILED: Reason.FILE_UNSCANNED,
}


@dataclass(frozen=True, slots=True)
class Uploads:
    """The ports of this use case."""

    cases: Cases
    people: People
    vault: DocumentVault
    unit: UnitOfWork
    clock: Clock

    def take(self, result: ScanResult) -> bool:
        """Accept or refuse the file; whether the case is complete and submitted by now.

        A repeated or late result changes nothing. A file that cannot be proved clean is never
        used.
        """
        return retry_lost_race(lambda: self._take(result), tries=_TRIES, pause=lambda _: None)

    def submit_if_complete(self, user_id: str) -> bool:
        """Submit a case whose last missing piece came from elsewhere, such as the profile."""
        return retry_lost_race(lambda: self._submit(user_id), tries=_TRIES, pause=lambda _: None)

    def _take(self, result: ScanResult) -> bool:
        file = self.cases.read(result.user_id)
        document = file.document(result.document_id)
        if file.case is None or document is None:
            return False
        changed = self._inspected(file, document, result)
        if changed is None:
            return self._submit(result.user_id)
        documents = _with(file.documents, changed)
        return self._save(file, file.case, documents)

    def _submit(self, user_id: str) -> bool:
        file = self.cases.read(user_id)
        if file.case is None:
            return False
        if file.status is not CaseStatus.IN_PROGRESS or complete_set(file.documents) is None:
            return file.case.open
        return self._save(file, file.case, file.documents)

    def _inspected(self, file: CaseFile, document: Document, result: ScanResult) -> Document | None:
        """The document as it is after this result, or None when nothing changes."""
        known = document.etag == result.etag and document.status is not DocumentStatus.REQUESTED
        if known or document.status not in (DocumentStatus.REQUESTED, DocumentStatus.CLEAN):
            return None
        if file.status is not CaseStatus.IN_PROGRESS:
            late = document.status is DocumentStatus.REQUESTED
            return moved(document, DocumentStatus.SUPERSEDED) if late else None
        reason = _FAULTS.get(result.verdict)
        if reason is not None:
            return _refused(document, result.etag, reason)
        content = self.vault.read_new(quarantine_key(document.user_id, document.id), result.etag)
        if content is None:
            # Other bytes lie there by now, and their own scan result will follow.
            return None
        digest = files.digest(content)
        reason = files.fault(content, document.content_type) or _repeated(file, document, digest)
        if reason is not None:
            return replace(_refused(document, result.etag, reason), sha256=digest)
        return moved(
            document,
            DocumentStatus.CLEAN,
            etag=result.etag,
            sha256=digest,
            reason=None,
            provider_id=None,
        )

    def _save(self, file: CaseFile, case: Case, documents: Sequence[Document]) -> bool:
        """One fact: changed documents, and the case submitted when nothing is missing."""
        at = self.clock.now()
        chosen = complete_set(documents) if case.status is CaseStatus.IN_PROGRESS else None
        after = replace(case, updated_at=at)
        events: list[Event] = []
        writes: list[Write] = []
        if chosen is not None:
            person = self.people.read(case.user_id)
            if person is not None and person.complete:
                after = replace(submitted(after, chosen), submitted_at=at)
                writes.append(self.people.set_kyc_status(case.user_id, after.status))
                events.append(IdentitySubmittedV1(user_id=case.user_id))
        unfinished = after.open or chosen is not None
        due = at + NET if unfinished else None
        writes.append(self.cases.save_case(case, after, due))
        before = {each.id: each for each in file.documents}
        writes += [
            self.cases.save_document(each) for each in documents if before.get(each.id) != each
        ]
        try:
            self.unit.commit(writes, *events)
        except ConditionFailed:
            raise LostRace from None
        return after.open


def submitted(case: Case, documents: Sequence[Document]) -> Case:
    """The case at the start of its next attempt with these documents."""
    checks = case.past_checks if case.check_id is None else (*case.past_checks, case.check_id)
    return replace(
        case,
        status=advance(CASE_TRANSITIONS, case.status, CaseStatus.SUBMITTED),
        attempts=case.attempts + 1,
        reason=None,
        documents=tuple(each.id for each in documents),
        applicant_current=False,
        check_id=None,
        lease=None,
        lease_until=None,
        past_checks=checks,
        decided_at=None,
    )


def _refused(document: Document, etag: str, reason: Reason) -> Document:
    return moved(document, DocumentStatus.REJECTED_FILE, etag=etag, reason=reason)


def _repeated(file: CaseFile, document: Document, digest: str) -> Reason | None:
    """SAME_FILE when these bytes were refused before and sending them again cannot help."""
    for each in file.documents:
        refused = each.status in (DocumentStatus.REJECTED, DocumentStatus.REJECTED_FILE)
        same = each.id != document.id and each.sha256 == digest
        if refused and same and each.reason and not MEANINGS[each.reason].same_file:
            return Reason.SAME_FILE
    return None


def _with(documents: Sequence[Document], changed: Document) -> tuple[Document, ...]:
    """All documents with the changed one; a clean one supersedes older ones of its slot."""
    result = []
    for each in documents:
        if each.id == changed.id:
            result.append(changed)
        elif (
            changed.status is DocumentStatus.CLEAN
            and each.slot == changed.slot
            and each.id < changed.id
            and each.status in (DocumentStatus.CLEAN, DocumentStatus.REQUESTED)
        ):
            result.append(moved(each, DocumentStatus.SUPERSEDED))
        else:
            result.append(each)
    return tuple(result)
