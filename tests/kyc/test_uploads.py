"""Scan results, inspection, and the automatic submission."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.kernel.clock import to_text
from shared.kyc.files import EICAR
from shared.kyc.model import CaseStatus, DocumentStatus, DocumentType, Side
from shared.kyc.reasons import Reason
from shared.kyc.requirements import NextAction, next_action
from shared.kyc.uploads import ScanVerdict
from shared.users.model import KycStatus

JPEG = b"\xff\xd8\xff\xe0" + b"pixels" * 3000


def test_a_complete_case_is_submitted_with_the_last_clean_file(world: Any) -> None:
    passport = world.upload(DocumentType.PASSPORT)
    assert passport.status is DocumentStatus.CLEAN
    assert world.case.status is CaseStatus.IN_PROGRESS
    selfie = world.upload(DocumentType.SELFIE)
    assert world.case.status is CaseStatus.SUBMITTED
    assert world.case.documents == (passport.id, selfie.id)
    assert (world.case.attempts, world.case.attempts_left) == (1, 2)
    assert world.profile.kyc_status is KycStatus.SUBMITTED
    assert world.events() == [("kyc.identity_submitted.v1", {"user_id": world.user})]


@pytest.mark.parametrize("kind", [DocumentType.NATIONAL_ID, DocumentType.DRIVING_LICENCE])
def test_cards_need_both_sides(world: Any, kind: DocumentType) -> None:
    world.upload(DocumentType.SELFIE)
    world.upload(kind, Side.FRONT)
    assert world.case.status is CaseStatus.IN_PROGRESS
    assert next_action(world.file, profile_complete=True) is NextAction.UPLOAD_BACK
    world.upload(kind, Side.BACK)
    assert world.case.status is CaseStatus.SUBMITTED


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        (ScanVerdict.INFECTED, Reason.FILE_INFECTED),
        (ScanVerdict.UNSUPPORTED, Reason.FILE_TYPE),
        (ScanVerdict.ACCESS_DENIED, Reason.FILE_UNSCANNED),
        (ScanVerdict.FAILED, Reason.FILE_UNSCANNED),
    ],
)
def test_what_is_not_proved_clean_is_never_used(
    world: Any, verdict: ScanVerdict, reason: Reason
) -> None:
    world.upload(DocumentType.PASSPORT)
    selfie = world.request(DocumentType.SELFIE).document
    world.scan(selfie, world.put(selfie, JPEG), verdict)
    found = world.file.document(selfie.id)
    assert (found.status, found.reason) == (DocumentStatus.REJECTED_FILE, reason)
    assert world.case.status is CaseStatus.IN_PROGRESS
    assert world.events() == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"x" * 20_000, Reason.FILE_TYPE),
        (b"<svg>" + b"x" * 20_000, Reason.FILE_TYPE),
        (JPEG[:10_000], Reason.FILE_SIZE),
        (JPEG + b"x" * 10 * 1024 * 1024, Reason.FILE_SIZE),
    ],
)
def test_files_are_judged_by_their_bytes_whatever_the_scanner_says(
    world: Any, content: bytes, reason: Reason
) -> None:
    document = world.request(DocumentType.PASSPORT).document
    world.scan(document, world.put(document, content))
    found = world.file.document(document.id)
    assert (found.status, found.reason) == (DocumentStatus.REJECTED_FILE, reason)


def test_a_repeated_scan_result_changes_nothing(world: Any) -> None:
    world.submit()
    before, events = world.file, world.events()
    for document in world.file.documents:
        assert world.scan(document, document.etag) is True
        assert world.scan(document, document.etag, ScanVerdict.INFECTED) is True
    assert (world.file, world.events()) == (before, events)


def test_a_result_about_other_bytes_than_those_that_lie_there_does_not_count(world: Any) -> None:
    document = world.request(DocumentType.PASSPORT).document
    world.put(document, JPEG)
    world.scan(document, "etag-of-an-earlier-file")
    assert world.file.document(document.id).status is DocumentStatus.REQUESTED


def test_bytes_replaced_before_the_submission_are_judged_anew(world: Any) -> None:
    document = world.upload(DocumentType.PASSPORT)
    etag = world.put(document, b"something else" * 2000)
    world.scan(document, etag)
    assert world.file.document(document.id).status is DocumentStatus.REJECTED_FILE


def test_a_file_that_comes_after_the_submission_does_not_count(world: Any) -> None:
    late = world.request(DocumentType.NATIONAL_ID).document
    world.submit()
    before = world.case
    world.scan(late, world.put(late, JPEG))
    assert world.file.document(late.id).status is DocumentStatus.SUPERSEDED
    assert world.case.status is CaseStatus.SUBMITTED
    assert world.case.documents == before.documents
    row = world.database.pending
    due = to_text(world.clock.now() + timedelta(minutes=6))
    assert sum(len(row(n, due, 10).items) for n in range(16)) == 1


def test_a_new_clean_file_supersedes_the_old_one_of_its_side(world: Any) -> None:
    first = world.upload(DocumentType.PASSPORT)
    second = world.upload(DocumentType.PASSPORT)
    assert world.file.document(first.id).status is DocumentStatus.SUPERSEDED
    assert world.file.document(second.id).status is DocumentStatus.CLEAN


def test_bytes_that_were_refused_are_refused_again(world: Any) -> None:
    first = world.request(DocumentType.PASSPORT).document
    bad = b"\x89PNG\r\n\x1a\n" + b"x" * 20_000
    world.scan(first, world.put(first, bad))
    again = world.request(DocumentType.PASSPORT, content_type="image/png").document
    assert again.id != first.id
    world.scan(again, world.put(again, bad))
    assert world.file.document(again.id).reason is Reason.SAME_FILE


def test_a_case_waits_for_the_profile_and_goes_on_by_itself(world: Any) -> None:
    whole = world.people.read(world.user).profile
    world.set_profile(world.user, replace(whole, phone=None))
    world.submit()
    assert world.case.status is CaseStatus.IN_PROGRESS
    assert next_action(world.file, profile_complete=False) is NextAction.COMPLETE_PROFILE
    assert world.uploads.submit_if_complete(world.user) is False
    due = to_text(world.clock.now() + timedelta(minutes=6))
    assert sum(len(world.database.pending(n, due, 10).items) for n in range(16)) == 1
    world.set_profile(world.user, whole)
    assert world.uploads.submit_if_complete(world.user) is True
    assert world.case.status is CaseStatus.SUBMITTED
    assert [name for name, _ in world.events()] == ["kyc.identity_submitted.v1"]


def test_the_scanners_test_file_is_the_published_one() -> None:
    assert len(EICAR) == 68
    assert EICAR.startswith(b"X5O!P%@AP")


def test_the_next_step_is_named_at_every_point(world: Any) -> None:
    def step() -> NextAction:
        return next_action(world.file, profile_complete=True)

    assert step() is NextAction.UPLOAD_IDENTITY_DOCUMENT
    world.upload(DocumentType.NATIONAL_ID, Side.BACK)
    assert step() is NextAction.UPLOAD_FRONT
    world.upload(DocumentType.PASSPORT)
    assert step() is NextAction.UPLOAD_SELFIE
    world.upload(DocumentType.SELFIE)
    assert step() is NextAction.WAIT
    world.verification.advance(world.user)
    world.finish_check()
    world.verification.advance(world.user)
    assert step() is NextAction.NONE
