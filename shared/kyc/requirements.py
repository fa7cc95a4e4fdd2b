"""Which documents a case needs, and what the person should do next."""

from collections.abc import Iterable
from enum import StrEnum

from shared.kyc.model import (
    CaseFile,
    CaseStatus,
    Document,
    DocumentStatus,
    DocumentType,
    Side,
)

SETS: tuple[tuple[tuple[DocumentType, Side], ...], ...] = (
    ((DocumentType.PASSPORT, Side.FRONT),),
    ((DocumentType.NATIONAL_ID, Side.FRONT), (DocumentType.NATIONAL_ID, Side.BACK)),
    ((DocumentType.DRIVING_LICENCE, Side.FRONT), (DocumentType.DRIVING_LICENCE, Side.BACK)),
)
"""Each of these proves an identity, together with a selfie."""

SELFIE = (DocumentType.SELFIE, Side.FRONT)
SLOTS = frozenset({slot for each in SETS for slot in each} | {SELFIE})


class NextAction(StrEnum):
    """The one thing that moves a case forward."""

    COMPLETE_PROFILE = "COMPLETE_PROFILE"
    UPLOAD_IDENTITY_DOCUMENT = "UPLOAD_IDENTITY_DOCUMENT"
    UPLOAD_BACK = "UPLOAD_BACK"
    """The front is here; the same document's back is missing."""
    UPLOAD_FRONT = "UPLOAD_FRONT"
    UPLOAD_SELFIE = "UPLOAD_SELFIE"
    WAIT = "WAIT"
    """Nothing to do: a file, the provider or a member of staff is at work."""
    NONE = "NONE"
    """The case is closed."""


def clean_by_slot(documents: Iterable[Document]) -> dict[tuple[DocumentType, Side], Document]:
    """The newest clean document of each slot."""
    return {each.slot: each for each in documents if each.status is DocumentStatus.CLEAN}


def complete_set(documents: Iterable[Document]) -> tuple[Document, ...] | None:
    """The documents to submit, or None while something is missing.

    Of several complete identity documents the one finished last is meant.
    """
    clean = clean_by_slot(documents)
    if SELFIE not in clean:
        return None
    complete = [
        tuple(clean[slot] for slot in each) for each in SETS if all(slot in clean for slot in each)
    ]
    if not complete:
        return None
    newest = max(complete, key=lambda found: max(each.id for each in found))
    return (*newest, clean[SELFIE])


def next_action(file: CaseFile, *, profile_complete: bool) -> NextAction:
    """What the person should do now."""
    if file.status in (CaseStatus.APPROVED, CaseStatus.REJECTED):
        return NextAction.NONE
    if file.status in (CaseStatus.SUBMITTED, CaseStatus.PROCESSING, CaseStatus.IN_REVIEW):
        return NextAction.WAIT
    if not profile_complete:
        return NextAction.COMPLETE_PROFILE
    clean = clean_by_slot(file.documents)
    if not any(all(slot in clean for slot in each) for each in SETS):
        return _missing_identity_document(clean)
    return NextAction.WAIT if SELFIE in clean else NextAction.UPLOAD_SELFIE


def _missing_identity_document(clean: dict[tuple[DocumentType, Side], Document]) -> NextAction:
    for each in SETS:
        have = [slot for slot in each if slot in clean]
        if have:
            front = have[0][1] is Side.FRONT
            return NextAction.UPLOAD_BACK if front else NextAction.UPLOAD_FRONT
    return NextAction.UPLOAD_IDENTITY_DOCUMENT
