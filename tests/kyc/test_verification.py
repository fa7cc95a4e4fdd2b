"""From the submission to the decision."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.kernel.clock import to_text
from shared.kyc.errors import ProviderRefused, ProviderUnavailable
from shared.kyc.model import CaseStatus, DocumentStatus, DocumentType, Side
from shared.kyc.ports import Finding
from shared.kyc.reasons import Reason
from shared.kyc.verification import Progress, kept_key
from shared.users.model import KycStatus


def statuses(world: Any) -> list[DocumentStatus]:
    return [each.status for each in world.file.documents]


def pending(world: Any) -> int:
    until = to_text(world.clock.now() + timedelta(days=9))
    return sum(len(world.database.pending(n, until, 10).items) for n in range(16))


def test_a_submitted_case_reaches_the_provider_in_one_run(world: Any) -> None:
    world.submit()
    assert world.verification.advance(world.user) is Progress.WAITING
    assert world.case.status is CaseStatus.PROCESSING
    assert world.profile.kyc_status is KycStatus.PROCESSING
    ((applicant, person, _),) = world.provider.applicants
    assert (applicant, person.profile.family_name) == ("applicant-1", "Kamau")
    assert [file for _, file, _ in world.provider.files] == [d.id for d in world.file.documents]
    assert world.provider.started == [("applicant-1", "check-1", ("file-1", "file-2"))]
    assert set(world.vault.kept) == {kept_key(each) for each in world.file.documents}
    assert pending(world) == 1


def test_a_clear_check_approves_case_documents_and_profile_at_once(world: Any) -> None:
    world.approve()
    assert world.case.status is CaseStatus.APPROVED
    assert world.profile.kyc_status is KycStatus.APPROVED
    assert statuses(world) == [DocumentStatus.VERIFIED] * 2
    assert world.events() == [
        ("kyc.identity_submitted.v1", {"user_id": world.user}),
        ("kyc.identity_approved.v1", {"user_id": world.user, "provider": "onfido"}),
    ]
    assert pending(world) == 0


def test_repeated_and_late_runs_change_nothing(world: Any) -> None:
    world.approve()
    before, events = world.file, world.events()
    for _ in range(3):
        assert world.verification.advance(world.user) is Progress.SETTLED
    assert (world.file, world.events()) == (before, events)


def test_a_check_that_is_not_complete_is_never_decided(world: Any) -> None:
    world.submit()
    for _ in range(3):
        assert world.verification.advance(world.user) is Progress.WAITING
    assert world.case.status is CaseStatus.PROCESSING
    assert len(world.provider.started) == 1


def test_a_blurred_document_is_asked_for_again_and_alone(world: Any) -> None:
    world.submit()
    world.verification.advance(world.user)
    world.finish_check(Finding(Reason.DOCUMENT_BLURRED))
    assert world.verification.advance(world.user) is Progress.SETTLED
    assert world.case.status is CaseStatus.ACTION_REQUIRED
    assert world.profile.kyc_status is KycStatus.ACTION_REQUIRED
    assert statuses(world) == [DocumentStatus.REJECTED, DocumentStatus.CLEAN]
    rejected = {"user_id": world.user, "reason": "DOCUMENT_BLURRED", "can_retry": True}
    assert world.events()[-1] == ("kyc.identity_rejected.v1", rejected)

    world.upload(DocumentType.PASSPORT)
    assert world.case.status is CaseStatus.SUBMITTED
    assert (world.case.attempts, world.case.past_checks) == (2, ("check-1",))
    world.verification.advance(world.user)
    assert len(world.provider.applicants) == 1
    assert len(world.provider.updates) == 1
    assert world.provider.started[-1] == ("applicant-1", "check-2", ("file-2", "file-3"))
    world.finish_check()
    world.verification.advance(world.user)
    assert world.case.status is CaseStatus.APPROVED
    assert statuses(world) == [
        DocumentStatus.REJECTED,
        DocumentStatus.VERIFIED,
        DocumentStatus.VERIFIED,
    ]


def test_the_same_picture_is_refused_after_a_rejection(world: Any) -> None:
    world.submit()
    passport = world.file.documents[0]
    world.verification.advance(world.user)
    world.finish_check(Finding(Reason.DOCUMENT_BLURRED))
    world.verification.advance(world.user)
    same = world.vault.kept[kept_key(passport)]
    again = world.request(DocumentType.PASSPORT).document
    world.scan(again, world.put(again, same))
    assert world.file.document(again.id).reason is Reason.SAME_FILE
    assert world.case.status is CaseStatus.IN_PROGRESS


def test_the_same_picture_is_taken_when_the_profile_was_what_was_wrong(world: Any) -> None:
    world.submit()
    passport = world.file.documents[0]
    world.verification.advance(world.user)
    world.finish_check(Finding(Reason.NAME_MISMATCH))
    world.verification.advance(world.user)
    profile = world.people.read(world.user).profile
    world.set_profile(world.user, replace(profile, family_name="Kariuki"))
    again = world.request(DocumentType.PASSPORT).document
    world.scan(again, world.put(again, world.vault.kept[kept_key(passport)]))
    world.verification.advance(world.user)
    assert [person.profile.family_name for person in world.provider.updates] == ["Kariuki"]
    assert world.case.status is CaseStatus.PROCESSING


def test_after_three_attempts_a_member_of_staff_decides(world: Any) -> None:
    world.upload(DocumentType.SELFIE)
    for _ in range(3):
        world.upload(DocumentType.PASSPORT)
        world.verification.advance(world.user)
        world.finish_check(Finding(Reason.DOCUMENT_GLARE))
        world.verification.advance(world.user)
    assert world.case.status is CaseStatus.IN_REVIEW
    assert (world.case.attempts, world.case.attempts_left) == (3, 0)
    assert [name for name, _ in world.events()].count("kyc.identity_rejected.v1") == 2


def test_a_case_for_staff_is_counted_once_so_that_somebody_is_called(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    monkeypatch.setattr("shared.kyc.attention.metric", counted.append)
    world.submit()
    world.verification.advance(world.user)
    assert counted == []
    world.finish_check(Finding(Reason.RESULT_UNCLEAR))
    for _ in range(3):
        world.verification.advance(world.user)
    assert world.case.status is CaseStatus.IN_REVIEW
    assert counted == ["IdentityNeedsReview"]


def test_a_face_that_differs_twice_is_reviewed(world: Any) -> None:
    world.upload(DocumentType.PASSPORT)
    for _ in range(2):
        world.upload(DocumentType.SELFIE)
        world.verification.advance(world.user)
        world.finish_check(Finding(Reason.FACE_MISMATCH, on_selfie=True))
        world.verification.advance(world.user)
    assert world.case.status is CaseStatus.IN_REVIEW
    assert world.case.reason is Reason.FACE_MISMATCH


def test_both_sides_of_a_card_count_as_one_rejection(world: Any) -> None:
    world.upload(DocumentType.SELFIE)
    world.upload(DocumentType.NATIONAL_ID, Side.FRONT)
    world.upload(DocumentType.NATIONAL_ID, Side.BACK)
    world.verification.advance(world.user)
    world.finish_check(Finding(Reason.DOCUMENT_CUT_OFF))
    world.verification.advance(world.user)
    assert statuses(world).count(DocumentStatus.REJECTED) == 2
    assert world.case.status is CaseStatus.ACTION_REQUIRED


@pytest.mark.parametrize(
    ("reason", "status", "told"),
    [
        (Reason.DOCUMENT_FORGED, CaseStatus.REJECTED, "NOT_CONFIRMED"),
        (Reason.DOCUMENT_COMPROMISED, CaseStatus.REJECTED, "NOT_CONFIRMED"),
        (Reason.UNDERAGE, CaseStatus.REJECTED, "UNDERAGE"),
        (Reason.DOCUMENT_SUSPECTED, CaseStatus.IN_REVIEW, None),
        (Reason.RESULT_UNCLEAR, CaseStatus.IN_REVIEW, None),
    ],
)
def test_grave_findings_close_the_case_or_wait_for_staff_and_say_little(
    world: Any, reason: Reason, status: CaseStatus, told: str | None
) -> None:
    world.submit()
    world.verification.advance(world.user)
    world.finish_check(Finding(Reason.DOCUMENT_BLURRED), Finding(reason))
    assert world.verification.advance(world.user) is Progress.SETTLED
    assert world.case.status is status
    rejections = [data for name, data in world.events() if name == "kyc.identity_rejected.v1"]
    expected = [{"user_id": world.user, "reason": told, "can_retry": False}] if told else []
    assert rejections == expected


def test_an_outage_keeps_the_case_and_approves_nothing(world: Any) -> None:
    world.submit()
    world.provider.down = True
    with pytest.raises(ProviderUnavailable):
        world.verification.advance(world.user)
    assert world.case.status is CaseStatus.PROCESSING
    world.provider.down = False
    world.verification.advance(world.user)
    assert len(world.provider.started) == 1


def test_an_overdue_check_goes_to_staff_and_a_late_result_still_counts(world: Any) -> None:
    world.submit()
    world.verification.advance(world.user)
    world.clock.advance(timedelta(hours=25))
    assert world.verification.advance(world.user) is Progress.WAITING
    assert (world.case.status, world.case.reason) == (CaseStatus.IN_REVIEW, Reason.CHECK_OVERDUE)
    assert pending(world) == 1
    assert world.verification.advance(world.user) is Progress.WAITING
    world.finish_check()
    world.verification.advance(world.user)
    assert world.case.status is CaseStatus.APPROVED


def test_an_outage_of_a_day_goes_to_staff(world: Any) -> None:
    world.submit()
    world.verification.advance(world.user)
    world.provider.down = True
    world.clock.advance(timedelta(hours=25))
    assert world.verification.advance(world.user) is Progress.WAITING
    assert world.case.reason is Reason.CHECK_OVERDUE
    with pytest.raises(ProviderUnavailable):
        world.verification.advance(world.user)


def test_what_the_provider_refuses_goes_to_staff(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(person: Any) -> str:
        raise ProviderRefused(provider="onfido", what="applicant")

    monkeypatch.setattr(world.provider, "create_applicant", refuse)
    world.submit()
    assert world.verification.advance(world.user) is Progress.SETTLED
    assert (world.case.status, world.case.reason) == (CaseStatus.IN_REVIEW, Reason.PROVIDER_REFUSED)


def test_a_file_that_the_provider_refuses_is_asked_for_again(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> str:
        raise ProviderRefused(provider="onfido", what="file")

    monkeypatch.setattr(world.provider, "upload", refuse)
    world.submit()
    world.verification.advance(world.user)
    assert world.case.status is CaseStatus.ACTION_REQUIRED
    assert world.case.attempts == 0
    assert statuses(world) == [DocumentStatus.REJECTED, DocumentStatus.CLEAN]


def test_bytes_replaced_after_the_scan_are_never_shown_to_anybody(world: Any) -> None:
    world.submit()
    passport = world.file.documents[0]
    world.put(passport, b"\xff\xd8\xffsomething else" * 2000)
    world.verification.advance(world.user)
    assert world.case.status is CaseStatus.ACTION_REQUIRED
    assert world.file.document(passport.id).reason is Reason.FILE_CHANGED
    assert (world.vault.kept, world.provider.files) == ({}, [])


def test_a_delivery_is_attributed_by_asking_the_provider(world: Any) -> None:
    world.submit()
    world.verification.advance(world.user)
    assert world.verification.owner_of_check("check-1") == world.user
    world.provider.started.append(("applicant-of-nobody", "check-9", ()))
    assert world.verification.owner_of_check("check-9") is None


@pytest.mark.parametrize("call", ["create_applicant", "upload", "start_check"])
def test_two_workers_at_once_make_one_of_everything(
    world: Any, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    original = getattr(world.provider, call)
    other: list[Progress] = []

    def meanwhile(*arguments: Any) -> Any:
        other.append(world.verification.advance(world.user))
        return original(*arguments)

    monkeypatch.setattr(world.provider, call, meanwhile)
    world.submit()
    assert world.verification.advance(world.user) is Progress.WAITING
    assert set(other) == {Progress.WAITING}
    assert [len(world.provider.applicants), len(world.provider.started)] == [1, 1]
    assert len(world.provider.files) == 2


def test_a_late_file_does_not_disturb_the_worker_that_hands_over(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = world.request(DocumentType.NATIONAL_ID).document
    original = world.provider.start_check

    def meanwhile(*arguments: Any) -> Any:
        world.scan(late, world.put(late, b"\xff\xd8\xfflate" * 5000))
        return original(*arguments)

    monkeypatch.setattr(world.provider, "start_check", meanwhile)
    world.submit()
    assert world.verification.advance(world.user) is Progress.WAITING
    assert world.case.check_id == "check-1"
    assert len(world.provider.started) == 1
    assert world.file.document(late.id).status is DocumentStatus.SUPERSEDED
