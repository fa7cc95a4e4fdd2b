"""The rows hold what the domain says, over both engines."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.kernel.clock import to_text
from shared.kyc.model import (
    BrokerAccount,
    BrokerStatus,
    Case,
    CaseStatus,
    Document,
    DocumentStatus,
    DocumentType,
    Side,
)
from shared.kyc.reasons import Reason
from shared.kyc.store import CaseStore
from shared.platform.tables import Database
from shared.platform.work import ConditionFailed

USER = "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"
OTHER = "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAW"
DOC = "doc_t1_01ARZ3NDEKTSV4RRFFQ69G5FAX"


@pytest.fixture
def store(database: Database) -> CaseStore:
    return CaseStore(database)


def full_case(at: Any) -> Case:
    return Case(
        user_id=USER,
        status=CaseStatus.PROCESSING,
        version=1,
        created_at=at,
        updated_at=at,
        attempts=2,
        reason=Reason.DOCUMENT_GLARE,
        documents=(DOC,),
        applicant_id="a",
        applicant_begun=True,
        applicant_current=True,
        check_id="c",
        past_checks=("b", "a"),
        submitted_at=at,
        decided_at=at,
        consented_at=at,
        consent=b"\x00sealed\xff",
    )


def document(at: Any) -> Document:
    return Document(
        id=DOC,
        user_id=USER,
        type=DocumentType.NATIONAL_ID,
        side=Side.BACK,
        content_type="image/png",
        status=DocumentStatus.REJECTED,
        requested_at=at,
        expires_at=at + timedelta(minutes=10),
        etag="e",
        sha256="0" * 64,
        reason=Reason.WRONG_SIDE,
        provider_id="p",
    )


def test_everything_comes_back_as_it_was_written(
    database: Database, store: CaseStore, clock: Any
) -> None:
    at = clock.now()
    account = BrokerAccount(USER, BrokerStatus.SUBMITTED, 1, at, at, "acc", True, "why")
    bare = Case(USER, CaseStatus.IN_PROGRESS, 1, at, at)
    for case in (bare, replace(full_case(at), version=2)):
        before = None if case is bare else bare
        database.transact(
            [
                store.save_case(before, case, None),
                store.save_document(document(at)),
            ]
        )
        assert store.read(USER).case == case
    database.transact([store.save_broker_account(None, account, None)])
    file = store.read(USER)
    assert (file.documents, file.broker_account) == ((document(at),), account)
    assert store.read(OTHER).status is CaseStatus.NOT_STARTED


def test_of_two_writers_on_one_version_only_the_first_succeeds(
    database: Database, store: CaseStore, clock: Any
) -> None:
    case = full_case(clock.now())
    database.transact([store.save_case(None, case, None)])
    with pytest.raises(ConditionFailed):
        database.transact([store.save_case(None, case, None)])
    first, second = replace(case, attempts=3), replace(case, attempts=1)
    database.transact([store.save_case(case, first, None)])
    with pytest.raises(ConditionFailed) as raised:
        database.transact([store.save_case(case, second, None)])
    assert set(raised.value.found) == {"case"}
    found = store.read(USER).case
    assert (found.attempts, found.version) == (3, 2)


def test_an_unfinished_case_is_found_when_it_is_due_and_never_after_it_is_done(
    database: Database, store: CaseStore, clock: Any
) -> None:
    case, due = full_case(clock.now()), clock.now() + timedelta(minutes=5)

    def found(until: Any) -> int:
        return sum(len(database.pending(n, to_text(until), 10).items) for n in range(16))

    database.transact([store.save_case(None, case, due)])
    assert found(clock.now()) == 0
    assert found(due) == 1
    database.transact([store.save_case(case, case, None)])
    assert found(due + timedelta(days=9)) == 0


def test_a_vendors_id_belongs_to_one_person_for_ever(database: Database, store: CaseStore) -> None:
    for _ in range(2):
        database.transact([store.claim("alpaca", "1", USER)])
    with pytest.raises(ConditionFailed):
        database.transact([store.claim("alpaca", "1", OTHER)])
    database.transact([store.claim("onfido", "1", OTHER)])
    assert store.claimed_by("alpaca", "1") == USER
    assert store.claimed_by("onfido", "1") == OTHER
    assert store.claimed_by("alpaca", "2") is None
