"""Cases over both engines: opened once, listed oldest first, resolved once."""

from datetime import timedelta

import pytest

from shared.cases.model import CaseKind, CaseStatus, new_case
from shared.cases.store import CaseStore
from shared.kernel.clock import from_text
from shared.kernel.errors import IllegalTransition
from shared.platform.tables import as_changes
from shared.platform.work import ConditionFailed

AT = from_text("2026-03-02T09:00:00Z")


@pytest.fixture
def cases(database):
    return CaseStore(database)


@pytest.fixture
def write(database):
    return lambda *writes: database.transact(as_changes(writes))


def test_a_case_comes_back_as_it_was_opened(cases, write):
    case = new_case(CaseKind.DISPUTE, "dsp_1", AT, user_id="usr_t1_1", due="2026-03-09")
    write(cases.open(case))
    assert cases.get("DISPUTE:dsp_1") == case
    assert cases.get("DISPUTE:dsp_2") is None


def test_the_same_thing_opens_no_second_case_and_reopens_none(cases, write):
    case = new_case(CaseKind.SECOND_PAYMENT, "dep_1", AT)
    write(cases.open(case))
    write(cases.open(new_case(CaseKind.SECOND_PAYMENT, "dep_1", AT + timedelta(days=1), more="x")))
    assert cases.get(case.case_id) == case
    done = case.resolved(AT + timedelta(hours=1), "usr_t1_2", "looked at it")
    write(cases.resolve(case, done))
    write(cases.open(case))
    assert cases.get(case.case_id) == done
    assert cases.listed(CaseStatus.OPEN) == []
    assert cases.listed(CaseStatus.RESOLVED) == [done]


def test_cases_are_listed_oldest_first_and_by_kind(cases, write):
    made = [
        new_case(kind, f"s{number}", AT - timedelta(minutes=number))
        for number, kind in enumerate([CaseKind.DISPUTE, CaseKind.RECEIVABLE, CaseKind.DISPUTE])
    ]
    for case in made:
        write(cases.open(case))
    assert cases.listed(CaseStatus.OPEN) == made[::-1]
    assert cases.listed(CaseStatus.OPEN, kind=CaseKind.RECEIVABLE) == [made[1]]
    assert cases.listed(CaseStatus.OPEN, limit=1) == [made[2]]


def test_of_two_who_resolve_a_case_one_wins(cases, write):
    case = new_case(CaseKind.DISPUTE, "dsp_1", AT)
    write(cases.open(case))
    done = case.resolved(AT, "usr_t1_2", "first")
    write(cases.resolve(case, done))
    with pytest.raises(ConditionFailed):
        write(cases.resolve(case, case.resolved(AT, "usr_t1_3", "second")))
    with pytest.raises(IllegalTransition):
        done.resolved(AT, "usr_t1_3", "second")
    assert cases.get(case.case_id) == done
