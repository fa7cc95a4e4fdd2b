"""Use cases of the person: ask for an upload, read where the case stands."""

import ipaddress
from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.clock import Clock
from shared.kernel.errors import InvalidValue, NotFound
from shared.kernel.ids import Ids, Kind, is_id
from shared.kernel.states import advance
from shared.kyc import files
from shared.kyc.errors import (
    AlreadyVerified,
    ContentTypeRefused,
    DocumentKindInvalid,
    FileSizeRefused,
    UploadLimitReached,
    VerificationClosed,
    VerificationUnderWay,
)
from shared.kyc.model import (
    CASE_TRANSITIONS,
    MAX_DOCUMENTS,
    MAX_FILE_BYTES,
    MIN_FILE_BYTES,
    UPLOAD_LIFETIME,
    Case,
    CaseFile,
    CaseStatus,
    Document,
    DocumentStatus,
    DocumentType,
    Side,
)
from shared.kyc.ports import Cases, DocumentVault, People, Person, UploadTarget
from shared.kyc.requirements import SLOTS
from shared.platform.work import (
    ConditionFailed,
    LostRace,
    UnitOfWork,
    Write,
    retry_lost_race,
)
from shared.users.model import UserStatus

_TRIES = 4


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """What a person wants to upload. ``ip_address`` is where the request came from: with it the
    person agrees to the check and to the broker's terms."""

    type: DocumentType
    side: Side
    content_type: str
    size_bytes: int
    ip_address: str


@dataclass(frozen=True, slots=True)
class Upload:
    """The document's row and the form that takes its file until ``document.expires_at``."""

    document: Document
    target: UploadTarget


def quarantine_key(user_id: str, document_id: str) -> str:
    """Where a new file lies until it has been inspected."""
    return f"quarantine/{user_id}/{document_id}"


def read_key(key: str) -> tuple[str, str] | None:
    """User and document id out of a quarantine key, or None when it is not one."""
    parts = key.split("/")
    if len(parts) != 3 or parts[0] != "quarantine":
        return None
    well_formed = is_id(parts[1], Kind.USER) and is_id(parts[2], Kind.DOCUMENT)
    return (parts[1], parts[2]) if well_formed else None


def request_upload(
    cases: Cases,
    people: People,
    vault: DocumentVault,
    unit: UnitOfWork,
    clock: Clock,
    ids: Ids,
    *,
    user_id: str,
    request: UploadRequest,
) -> Upload:
    """Open a ten-minute window for one file.

    A document that was asked for and never sent is asked for again under the same id; anything
    else of the slot stays as it is until the new file turns out clean. Raises
    DocumentKindInvalid, ContentTypeRefused, FileSizeRefused, InvalidValue, NotFound,
    VerificationUnderWay, AlreadyVerified, VerificationClosed or UploadLimitReached, and then
    nothing has changed.
    """
    _check(request)
    person = people.read(user_id)
    if person is None or person.status is not UserStatus.ACTIVE:
        raise NotFound(what="The profile")

    def attempt() -> Document:
        return _store(cases, people, unit, clock, ids, person, request)

    document = retry_lost_race(attempt, tries=_TRIES, pause=lambda _: None)
    target = vault.upload_target(
        quarantine_key(user_id, document.id),
        request.content_type,
        MIN_FILE_BYTES,
        MAX_FILE_BYTES,
        int(UPLOAD_LIFETIME.total_seconds()),
    )
    return Upload(document, target)


def _check(request: UploadRequest) -> None:
    if (request.type, request.side) not in SLOTS:
        raise DocumentKindInvalid(document=request.type.value, side=request.side.value)
    accepted = files.accepted(request.type)
    if request.content_type not in accepted:
        raise ContentTypeRefused(accepted=", ".join(accepted))
    if not MIN_FILE_BYTES <= request.size_bytes <= MAX_FILE_BYTES:
        raise FileSizeRefused(smallest=MIN_FILE_BYTES, largest=MAX_FILE_BYTES)
    try:
        ipaddress.ip_address(request.ip_address)
    except ValueError:
        raise InvalidValue(field="ipAddress", reason="is not an IP address") from None


def _refuse_unless_collecting(status: CaseStatus) -> None:
    match status:
        case CaseStatus.SUBMITTED | CaseStatus.PROCESSING:
            raise VerificationUnderWay
        case CaseStatus.APPROVED:
            raise AlreadyVerified
        case CaseStatus.IN_REVIEW | CaseStatus.REJECTED:
            raise VerificationClosed


def _store(
    cases: Cases,
    people: People,
    unit: UnitOfWork,
    clock: Clock,
    ids: Ids,
    person: Person,
    request: UploadRequest,
) -> Document:
    file = cases.read(person.user_id)
    _refuse_unless_collecting(file.status)
    at = clock.now()
    document = _document(file, person.user_id, request, ids, at)
    case = _collecting(file.case, people, person, request, at)
    writes: list[Write] = [
        cases.save_case(file.case, case, due=None),
        cases.save_document(document),
    ]
    if case.status is not file.status:
        writes.append(people.set_kyc_status(person.user_id, case.status))
    try:
        unit.commit(writes)
    except ConditionFailed as failed:
        if "case" in failed.found:
            raise LostRace from None
        raise NotFound(what="The profile") from None
    return document


def _document(
    file: CaseFile, user_id: str, request: UploadRequest, ids: Ids, at: datetime
) -> Document:
    slot = (request.type, request.side)
    waiting = [
        each
        for each in file.documents
        if each.slot == slot and each.status is DocumentStatus.REQUESTED
    ]
    if waiting:
        return replace(
            waiting[-1], content_type=request.content_type, expires_at=at + UPLOAD_LIFETIME
        )
    if len(file.documents) >= MAX_DOCUMENTS:
        raise UploadLimitReached(limit=MAX_DOCUMENTS)
    return Document(
        id=ids.new(Kind.DOCUMENT),
        user_id=user_id,
        type=request.type,
        side=request.side,
        content_type=request.content_type,
        status=DocumentStatus.REQUESTED,
        requested_at=at,
        expires_at=at + UPLOAD_LIFETIME,
    )


def _collecting(
    case: Case | None, people: People, person: Person, request: UploadRequest, at: datetime
) -> Case:
    if case is None:
        case = Case(
            user_id=person.user_id,
            status=CaseStatus.NOT_STARTED,
            version=0,
            created_at=at,
            updated_at=at,
        )
    if case.status is not CaseStatus.IN_PROGRESS:
        status = advance(CASE_TRANSITIONS, case.status, CaseStatus.IN_PROGRESS)
        case = replace(case, status=status)
    if case.consent is None:
        consent = people.seal(person, {"ip_address": request.ip_address})
        case = replace(case, consented_at=at, consent=consent)
    return replace(case, updated_at=at)
