"""The identity case, its documents and the broker account: states and plain data."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from shared.kernel.states import Transitions, advance
from shared.kyc.reasons import Reason

MAX_ATTEMPTS = 3
MAX_DOCUMENTS = 30
UPLOAD_LIFETIME = timedelta(minutes=10)
MIN_FILE_BYTES = 10 * 1024
MAX_FILE_BYTES = 10 * 1024 * 1024
OVERDUE = timedelta(hours=24)
"""How long a check may take before a member of staff looks at the case."""


class CaseStatus(StrEnum):
    """Where the identity case of a person stands."""

    NOT_STARTED = "NOT_STARTED"
    """Nothing has been uploaded."""
    IN_PROGRESS = "IN_PROGRESS"
    """Documents are being collected."""
    SUBMITTED = "SUBMITTED"
    """All documents are here and clean; they are being handed to the provider."""
    PROCESSING = "PROCESSING"
    """The provider works on it."""
    ACTION_REQUIRED = "ACTION_REQUIRED"
    """Something has to be sent again."""
    IN_REVIEW = "IN_REVIEW"
    """A member of staff looks at it."""
    APPROVED = "APPROVED"
    """The person is who they say."""
    REJECTED = "REJECTED"
    """Final, unless a member of staff reopens it."""


CASE_TRANSITIONS: Transitions[CaseStatus] = {
    CaseStatus.NOT_STARTED: frozenset({CaseStatus.IN_PROGRESS}),
    CaseStatus.IN_PROGRESS: frozenset({CaseStatus.SUBMITTED}),
    CaseStatus.SUBMITTED: frozenset(
        {
            CaseStatus.PROCESSING,
            CaseStatus.ACTION_REQUIRED,
            CaseStatus.IN_REVIEW,
        }
    ),
    CaseStatus.PROCESSING: frozenset(
        {
            CaseStatus.APPROVED,
            CaseStatus.ACTION_REQUIRED,
            CaseStatus.IN_REVIEW,
            CaseStatus.REJECTED,
        }
    ),
    CaseStatus.ACTION_REQUIRED: frozenset({CaseStatus.IN_PROGRESS}),
    CaseStatus.IN_REVIEW: frozenset(
        {CaseStatus.APPROVED, CaseStatus.ACTION_REQUIRED, CaseStatus.REJECTED}
    ),
    CaseStatus.APPROVED: frozenset(),
    CaseStatus.REJECTED: frozenset({CaseStatus.IN_REVIEW}),
}


class DocumentType(StrEnum):
    """What can be uploaded."""

    PASSPORT = "PASSPORT"
    NATIONAL_ID = "NATIONAL_ID"
    DRIVING_LICENCE = "DRIVING_LICENCE"
    SELFIE = "SELFIE"


class Side(StrEnum):
    """Which side of a document; a passport and a selfie have only a front."""

    FRONT = "FRONT"
    BACK = "BACK"


class DocumentStatus(StrEnum):
    """Where one upload stands."""

    REQUESTED = "REQUESTED"
    """An upload link exists; no file has been seen and scanned yet."""
    CLEAN = "CLEAN"
    """The file passed the malware scan and our own inspection."""
    REJECTED_FILE = "REJECTED_FILE"
    """The file itself is not acceptable; it was never shown to the provider."""
    VERIFIED = "VERIFIED"
    """Part of an approved case; it is never replaced."""
    REJECTED = "REJECTED"
    """The provider's check failed on it."""
    SUPERSEDED = "SUPERSEDED"
    """A newer upload took its place, or it came too late to count."""


DOCUMENT_TRANSITIONS: Transitions[DocumentStatus] = {
    DocumentStatus.REQUESTED: frozenset(
        {DocumentStatus.CLEAN, DocumentStatus.REJECTED_FILE, DocumentStatus.SUPERSEDED}
    ),
    DocumentStatus.CLEAN: frozenset(
        {
            DocumentStatus.CLEAN,
            DocumentStatus.REJECTED_FILE,
            DocumentStatus.VERIFIED,
            DocumentStatus.REJECTED,
            DocumentStatus.SUPERSEDED,
        }
    ),
    DocumentStatus.REJECTED_FILE: frozenset({DocumentStatus.SUPERSEDED}),
    DocumentStatus.VERIFIED: frozenset(),
    DocumentStatus.REJECTED: frozenset({DocumentStatus.SUPERSEDED}),
    DocumentStatus.SUPERSEDED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Document:
    """One upload. ``etag`` and ``sha256`` name the scanned bytes; later bytes do not count."""

    id: str
    user_id: str
    type: DocumentType
    side: Side
    content_type: str
    status: DocumentStatus
    requested_at: datetime
    expires_at: datetime
    etag: str | None = None
    sha256: str | None = None
    reason: Reason | None = None
    provider_id: str | None = None

    @property
    def slot(self) -> tuple[DocumentType, Side]:
        """Uploads of one slot replace each other."""
        return self.type, self.side

    @property
    def short_reference(self) -> str:
        """Names the document to its owner without telling where it lies."""
        return f"{self.type.value.lower()}-{self.side.value.lower()}-{self.id[-6:].lower()}"


def moved(document: Document, target: DocumentStatus, **changes: Any) -> Document:
    """The document in its new state; IllegalTransition when it cannot get there."""
    status = advance(DOCUMENT_TRANSITIONS, document.status, target)
    return replace(document, status=status, **changes)


@dataclass(frozen=True, slots=True)
class Case:
    """The identity case. ``version`` counts its changes: every fact of a person's identity
    moves it, so that two workers never build on the same state.

    ``documents`` are the ids of the running attempt; ``applicant_begun`` tells that the provider
    may know the person although its answer was never stored.
    """

    user_id: str
    status: CaseStatus
    version: int
    created_at: datetime
    updated_at: datetime
    attempts: int = 0
    reason: Reason | None = None
    documents: tuple[str, ...] = ()
    applicant_id: str | None = None
    applicant_begun: bool = False
    applicant_current: bool = False
    """The provider knows the profile as it is in this attempt."""
    check_id: str | None = None
    past_checks: tuple[str, ...] = ()
    submitted_at: datetime | None = None
    decided_at: datetime | None = None
    lease: int | None = None
    """Version with which a worker took the hand-over for itself; see ``lease_until``."""
    lease_until: datetime | None = None
    consented_at: datetime | None = None
    consent: bytes | None = None
    """Sealed: from where the person agreed to the check and to the broker's terms."""

    @property
    def attempts_left(self) -> int:
        """How often documents can still be submitted."""
        return max(0, MAX_ATTEMPTS - self.attempts)

    @property
    def open(self) -> bool:
        """Whether a result of the provider still counts."""
        if self.status is CaseStatus.IN_REVIEW:
            return self.reason is Reason.CHECK_OVERDUE
        return self.status in (CaseStatus.SUBMITTED, CaseStatus.PROCESSING)


class BrokerStatus(StrEnum):
    """Where the account at the broker stands."""

    OPENING = "OPENING"
    """About to be asked for; the broker may or may not know of it already."""
    SUBMITTED = "SUBMITTED"
    """The broker has it and works on it."""
    ACTION_REQUIRED = "ACTION_REQUIRED"
    """The broker needs something that the platform cannot supply by itself."""
    REJECTED = "REJECTED"
    """The broker does not open an account for this person."""
    ACTIVE = "ACTIVE"
    """May hold money and trade."""


BROKER_TRANSITIONS: Transitions[BrokerStatus] = {
    BrokerStatus.OPENING: frozenset(
        {BrokerStatus.SUBMITTED, BrokerStatus.ACTION_REQUIRED, BrokerStatus.REJECTED}
    ),
    BrokerStatus.SUBMITTED: frozenset(
        {BrokerStatus.ACTIVE, BrokerStatus.ACTION_REQUIRED, BrokerStatus.REJECTED}
    ),
    BrokerStatus.ACTION_REQUIRED: frozenset(
        {BrokerStatus.SUBMITTED, BrokerStatus.ACTIVE, BrokerStatus.REJECTED}
    ),
    BrokerStatus.REJECTED: frozenset(
        {BrokerStatus.SUBMITTED, BrokerStatus.ACTION_REQUIRED, BrokerStatus.ACTIVE}
    ),
    BrokerStatus.ACTIVE: frozenset(),
}


@dataclass(frozen=True, slots=True)
class BrokerAccount:
    """The person's own account at the broker. ``result_sent``: our check's result is there."""

    user_id: str
    status: BrokerStatus
    version: int
    created_at: datetime
    updated_at: datetime
    account_id: str | None = None
    result_sent: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """All that is stored about a person's identity."""

    case: Case | None = None
    documents: tuple[Document, ...] = ()
    """Oldest first."""
    broker_account: BrokerAccount | None = None

    @property
    def status(self) -> CaseStatus:
        """The case's, also when there is no case yet."""
        return CaseStatus.NOT_STARTED if self.case is None else self.case.status

    def document(self, document_id: str) -> Document | None:
        """One of them by id."""
        return next((each for each in self.documents if each.id == document_id), None)

    def submitted(self) -> tuple[Document, ...]:
        """The documents of the running attempt."""
        wanted = () if self.case is None else self.case.documents
        return tuple(each for each in self.documents if each.id in wanted)
