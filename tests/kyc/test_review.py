"""What staff decide takes the way of a provider's result, and is listed until it is decided."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from pynamodb.attributes import UnicodeAttribute

from shared.kernel.errors import NotFound
from shared.kyc.errors import CaseNotInReview
from shared.kyc.model import BrokerStatus, Case, CaseStatus, DocumentStatus
from shared.kyc.ports import Finding
from shared.kyc.reasons import Reason
from shared.kyc.review import Review, Verdict
from shared.kyc.store import CaseStore
from shared.kyc.verification import Progress
from shared.platform.tables import Database, Put, Row
from shared.platform.work import ConditionFailed, Write
from shared.users.model import KycStatus


class Note(Row):
    """What a caller writes with the decision."""

    KIND: ClassVar[str] = "note"

    text = UnicodeAttribute()


def note(before: Case, after: Case) -> Sequence[Write]:
    text = f"{before.status} to {after.status}"
    return [Put.new("note", Note(pk=f"NOTE#{after.user_id}", sk="n", text=text))]


def noted(world: Any) -> str | None:
    row = world.database.get(Note, f"NOTE#{world.user}", "n")
    return None if row is None else row.text


@pytest.fixture
def review(world: Any) -> Review:
    """Over the world's database."""
    return Review(world.cases, world.people, world.facts, world.clock)


@pytest.fixture
def held(world: Any) -> Any:
    """A world whose person's documents are suspected."""
    world.submit()
    world.verification.advance(world.user)
    world.finish_check(Finding(Reason.DOCUMENT_SUSPECTED))
    world.verification.advance(world.user)
    assert world.case.status is CaseStatus.IN_REVIEW
    return world


def listed(world: Any) -> list[str]:
    return [case.user_id for _, case in world.cases.held(50).entries]


def test_an_approval_verifies_documents_tells_the_same_event_and_opens_the_account(
    held: Any, review: Review
) -> None:
    assert listed(held) == [held.user]
    assert review.decide(held.user, Verdict.APPROVE, note) is CaseStatus.APPROVED
    assert (held.case.status, held.case.reason) == (CaseStatus.APPROVED, None)
    assert held.case.decided_at == held.clock.now()
    assert {each.status for each in held.file.documents} == {DocumentStatus.VERIFIED}
    assert held.profile.kyc_status is KycStatus.APPROVED
    assert held.events()[-1] == (
        "kyc.identity_approved.v1",
        {"user_id": held.user, "provider": "staff"},
    )
    assert noted(held) == "IN_REVIEW to APPROVED"
    assert listed(held) == []
    held.opening.advance(held.user)
    held.broker.says("ACTIVE", BrokerStatus.ACTIVE)
    assert held.opening.advance(held.user) is Progress.SETTLED
    assert held.file.broker_account.status is BrokerStatus.ACTIVE


def test_a_rejection_is_final_and_tells_no_more_than_a_providers(held: Any, review: Review) -> None:
    assert review.decide(held.user, Verdict.REJECT, note) is CaseStatus.REJECTED
    assert (held.case.status, held.case.reason) == (
        CaseStatus.REJECTED,
        Reason.DOCUMENT_SUSPECTED,
    )
    assert held.profile.kyc_status is KycStatus.REJECTED
    assert held.events()[-1] == (
        "kyc.identity_rejected.v1",
        {"user_id": held.user, "reason": "NOT_CONFIRMED", "can_retry": False},
    )
    assert listed(held) == []
    assert held.opening.advance(held.user) is Progress.SETTLED
    assert held.broker.applications == []


def test_deciding_alike_again_changes_nothing_and_otherwise_is_refused(
    held: Any, review: Review
) -> None:
    review.decide(held.user, Verdict.APPROVE, note)
    version, told = held.case.version, held.events()
    assert review.decide(held.user, Verdict.APPROVE, note) is CaseStatus.APPROVED
    with pytest.raises(CaseNotInReview) as refused:
        review.decide(held.user, Verdict.REJECT, note)
    assert refused.value.values == {"status": "APPROVED"}
    assert (held.case.version, held.events()) == (version, told)


def test_only_a_case_in_review_is_decided(world: Any, review: Review) -> None:
    with pytest.raises(NotFound):
        review.decide(world.user, Verdict.APPROVE, note)
    world.submit()
    for _ in range(2):
        with pytest.raises(CaseNotInReview):
            review.decide(world.user, Verdict.APPROVE, note)
        world.verification.advance(world.user)
    assert world.case.status is CaseStatus.PROCESSING
    assert noted(world) is None


def test_a_late_result_of_an_overdue_check_and_staff_do_not_both_decide(
    world: Any, review: Review
) -> None:
    world.submit()
    world.verification.advance(world.user)
    world.clock.advance(timedelta(hours=25))
    world.verification.advance(world.user)
    assert listed(world) == [world.user]
    world.finish_check(Finding(Reason.DOCUMENT_FORGED))

    def meanwhile(before: Case, after: Case) -> Sequence[Write]:
        if noted(world) is None and world.case.status is CaseStatus.IN_REVIEW:
            world.verification.advance(world.user)
        return note(before, after)

    with pytest.raises(CaseNotInReview) as refused:
        review.decide(world.user, Verdict.APPROVE, meanwhile)
    assert refused.value.values == {"status": "REJECTED"}
    assert world.case.status is CaseStatus.REJECTED
    assert noted(world) is None
    assert "kyc.identity_approved.v1" not in [name for name, _ in world.events()]


def test_a_decision_whose_note_cannot_be_written_does_not_happen(held: Any, review: Review) -> None:
    held.database.write(note(held.case, held.case)[0])
    with pytest.raises(ConditionFailed):
        review.decide(held.user, Verdict.APPROVE, note)
    assert held.case.status is CaseStatus.IN_REVIEW
    assert held.profile.kyc_status is KycStatus.IN_REVIEW


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_around_the_commit_leaves_all_or_nothing_and_a_repeat_completes(
    held: Any, review: Review, crash: type[BaseException], after: bool
) -> None:
    held.fuse.at, held.fuse.after = held.fuse.steps + 1, after
    with pytest.raises(crash):
        review.decide(held.user, Verdict.APPROVE, note)
    assert (held.case.status is CaseStatus.APPROVED) is after
    assert (noted(held) is not None) is after
    held.fuse.at = None
    assert review.decide(held.user, Verdict.APPROVE, note) is CaseStatus.APPROVED
    approvals = [name for name, _ in held.events() if name == "kyc.identity_approved.v1"]
    assert len(approvals) == 1


@pytest.fixture
def in_review(database: Database, clock: Any) -> Callable[[int], str]:
    """Puts cases in review, each an hour after the one before."""
    store = CaseStore(database)

    def make(number: int) -> str:
        user_id = f"usr_t1_01ARZ3NDEKTSV4RRFFQ69G5F{number:02d}"
        at = clock.now() + timedelta(hours=number)
        case = Case(user_id, CaseStatus.IN_REVIEW, 1, at, at, decided_at=at)
        database.transact([store.save_case(None, case, None)])
        return user_id

    return make


def test_those_who_wait_longest_come_first_page_by_page_on_both_engines(
    database: Database, in_review: Callable[[int], str]
) -> None:
    store = CaseStore(database)
    waiting = {number: in_review(number) for number in (4, 0, 3, 1, 2, 5, 6)}
    seen: list[str] = []
    after: str | None = None
    sizes = []
    while True:
        page = store.held(3, after)
        sizes.append(len(page.entries))
        seen += [case.user_id for _, case in page.entries]
        after = page.after
        if after is None:
            break
    assert seen == [waiting[number] for number in range(7)]
    assert sizes == [3, 3, 1]


def test_a_decided_case_leaves_the_list_on_both_engines(
    database: Database, in_review: Callable[[int], str]
) -> None:
    store = CaseStore(database)
    one, two = in_review(1), in_review(2)
    case = store.read(one).case
    assert case is not None
    database.transact([store.save_case(case, replace(case, status=CaseStatus.APPROVED), None)])
    assert [each.user_id for _, each in store.held(50).entries] == [two]
