"""Asking for an upload."""

from typing import Any

import pytest

from shared.kernel.errors import InvalidValue, NotFound
from shared.kernel.ids import Kind
from shared.kyc.errors import (
    AlreadyVerified,
    ContentTypeRefused,
    DocumentKindInvalid,
    FileSizeRefused,
    UploadLimitReached,
    VerificationClosed,
    VerificationUnderWay,
)
from shared.kyc.model import MAX_DOCUMENTS, CaseStatus, DocumentStatus, DocumentType, Side
from shared.kyc.ports import Finding
from shared.kyc.reasons import Reason
from shared.kyc.service import read_key
from shared.users.model import KycStatus


def test_the_first_request_opens_the_case_and_tells_the_profile(world: Any) -> None:
    upload = world.request(DocumentType.PASSPORT)
    document = world.file.document(upload.document.id)
    assert document == upload.document
    assert document.status is DocumentStatus.REQUESTED
    assert world.case.status is CaseStatus.IN_PROGRESS
    assert world.profile.kyc_status is KycStatus.IN_PROGRESS
    assert upload.target.fields == {
        "key": f"quarantine/{world.user}/{document.id}",
        "Content-Type": "image/jpeg",
        "range": "10240-10485760",
    }
    assert read_key(upload.target.fields["key"]) == (world.user, document.id)
    assert world.events() == []


def test_consent_is_kept_sealed_with_the_place_it_came_from(world: Any) -> None:
    world.request(DocumentType.PASSPORT)
    world.request(DocumentType.SELFIE, ip_address="203.0.113.9")
    assert b"192.0.2.7" not in world.case.consent
    person = world.people.read(world.user)
    assert world.people.open(person, world.case.consent) == {"ip_address": "192.0.2.7"}
    assert world.case.consented_at == world.clock.now()


def test_asking_again_before_sending_keeps_one_document(world: Any) -> None:
    first = world.request(DocumentType.PASSPORT).document
    again = world.request(DocumentType.PASSPORT, content_type="image/png").document
    assert (again.id, again.content_type) == (first.id, "image/png")
    assert len(world.file.documents) == 1


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"type": DocumentType.PASSPORT, "side": Side.BACK}, DocumentKindInvalid),
        ({"type": DocumentType.SELFIE, "side": Side.BACK}, DocumentKindInvalid),
        ({"type": DocumentType.SELFIE, "content_type": "application/pdf"}, ContentTypeRefused),
        ({"type": DocumentType.PASSPORT, "content_type": "image/svg+xml"}, ContentTypeRefused),
        ({"type": DocumentType.PASSPORT, "size_bytes": 10 * 1024 - 1}, FileSizeRefused),
        ({"type": DocumentType.PASSPORT, "size_bytes": 10 * 1024 * 1024 + 1}, FileSizeRefused),
        ({"type": DocumentType.PASSPORT, "ip_address": "somewhere"}, InvalidValue),
        ({"type": DocumentType.PASSPORT, "user_id": "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"}, NotFound),
    ],
)
def test_a_bad_request_is_refused_and_changes_nothing(
    world: Any, change: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        world.request(**change)
    assert (world.file.case, world.file.documents) == (None, ())
    assert world.profile.kyc_status is KycStatus.NOT_STARTED


def test_nothing_can_be_replaced_while_the_case_is_being_checked(world: Any) -> None:
    world.submit()
    with pytest.raises(VerificationUnderWay):
        world.request(DocumentType.PASSPORT)
    world.verification.advance(world.user)
    with pytest.raises(VerificationUnderWay):
        world.request(DocumentType.SELFIE)
    assert len(world.file.documents) == 2


def test_an_approved_identity_takes_no_more_documents(world: Any) -> None:
    world.approve()
    with pytest.raises(AlreadyVerified):
        world.request(DocumentType.PASSPORT)


@pytest.mark.parametrize("reason", [Reason.DOCUMENT_FORGED, Reason.DOCUMENT_SUSPECTED])
def test_a_closed_or_reviewed_case_takes_no_more_documents(world: Any, reason: Reason) -> None:
    world.submit()
    world.verification.advance(world.user)
    world.finish_check(Finding(reason))
    world.verification.advance(world.user)
    with pytest.raises(VerificationClosed):
        world.request(DocumentType.PASSPORT)


def test_the_number_of_uploads_is_limited(world: Any) -> None:
    for _ in range(MAX_DOCUMENTS):
        world.upload(DocumentType.PASSPORT, content=b"nothing of the kind" * 1000)
    with pytest.raises(UploadLimitReached):
        world.request(DocumentType.PASSPORT)
    assert len(world.file.documents) == MAX_DOCUMENTS


@pytest.mark.parametrize(
    "key",
    [
        "",
        "quarantine/x/y",
        "quarantine/{user}",
        "documents/{user}/{doc}",
        "quarantine/{doc}/{user}",
    ],
)
def test_foreign_keys_are_not_read(world: Any, key: str) -> None:
    document = world.ids.new(Kind.DOCUMENT)
    assert read_key(key.format(user=world.user, doc=document)) is None
