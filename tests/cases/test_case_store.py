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
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


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


def test_the_same_thing_with_the_same_facts_opens_no_second_case_and_reopens_none(cases, write):
    case = new_case(CaseKind.SECOND_PAYMENT, "dep_1", AT, paid="100.00 USD")
    again = new_case(CaseKind.SECOND_PAYMENT, "dep_1", AT + DAY, paid="100.00 USD")
    write(cases.open(case))
    write(cases.open(again))
    assert cases.get(case.case_id) == case
    done = case.resolved(AT + timedelta(hours=1), "usr_t1_2", "looked at it")
    write(cases.resolve(case, done))
    write(cases.open(again))
    assert cases.get(case.case_id) == done
    assert cases.listed(CaseStatus.OPEN) == []
    assert cases.listed(CaseStatus.RESOLVED) == [done]


def test_what_is_found_later_of_an_open_case_is_added_to_it(cases, write):
    write(cases.open(new_case(CaseKind.DISPUTE, "dsp_1", AT, status="WARNING", gateway="STRIPE")))
    later = new_case(CaseKind.DISPUTE, "dsp_1", AT + DAY, status="OPEN", due="2026-03-09")
    for _ in range(2):
        write(cases.open(later))
    (case,) = cases.listed(CaseStatus.OPEN)
    assert case == cases.get("DISPUTE:dsp_1")
    assert dict(case.facts) == {"due": "2026-03-09", "gateway": "STRIPE", "status": "OPEN"}
    assert (case.opened_at, case.reopened_at, case.version) == (AT, None, 2)


def test_a_resolved_case_that_breaks_in_another_way_is_open_again_and_says_who_had_closed_it(
    cases, write
):
    case = new_case(CaseKind.PAYOUT_FAILED, "pay_1", AT, refused="12")
    write(cases.open(case))
    write(cases.resolve(case, case.resolved(AT + HOUR, "usr_t1_2", "the broker was closed")))
    write(cases.open(new_case(CaseKind.FUNDING_HELD, "dep_1", AT + HOUR)))
    again = new_case(CaseKind.PAYOUT_FAILED, "pay_1", AT + DAY, refused="13")
    for _ in range(2):
        write(cases.open(again))
    assert cases.listed(CaseStatus.RESOLVED) == []
    held, found = cases.listed(CaseStatus.OPEN)
    assert (held.kind, found) == (CaseKind.FUNDING_HELD, cases.get(case.case_id))
    assert (found.opened_at, found.reopened_at) == (AT, AT + DAY)
    assert (found.resolved_by, found.note) == ("usr_t1_2", "the broker was closed")
    assert (found.version, dict(found.facts)) == (3, {"refused": "13"})
    done = found.resolved(AT + 2 * DAY, "usr_t1_3", "another account")
    write(cases.resolve(found, done))
    assert (cases.get(case.case_id), cases.listed(CaseStatus.RESOLVED)) == (done, [done])


def test_who_resolves_a_case_while_it_breaks_again_has_to_look_again(cases, write):
    case = new_case(CaseKind.PAYOUT_FAILED, "pay_1", AT, refused="12")
    write(cases.open(case))
    found = cases.open(new_case(CaseKind.PAYOUT_FAILED, "pay_1", AT + DAY, refused="13"))
    done = case.resolved(AT + HOUR, "usr_t1_2", "done")
    write(found)
    with pytest.raises(ConditionFailed):
        write(cases.resolve(case, done))
    assert [one.status for one in cases.listed(CaseStatus.OPEN)] == [CaseStatus.OPEN]


def test_what_is_found_while_a_case_is_resolved_opens_it_again(cases, write):
    case = new_case(CaseKind.PAYOUT_FAILED, "pay_1", AT, refused="12")
    write(cases.open(case))
    found = cases.open(new_case(CaseKind.PAYOUT_FAILED, "pay_1", AT + DAY, refused="13"))
    write(cases.resolve(case, case.resolved(AT + HOUR, "usr_t1_2", "done")))
    write(found)
    (open_again,) = cases.listed(CaseStatus.OPEN)
    assert dict(open_again.facts) == {"refused": "13"}
    assert open_again.resolved_by == "usr_t1_2"


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


def test_cases_of_a_kind_are_found_behind_any_number_of_others(cases, write):
    for number in range(25):
        write(cases.open(new_case(CaseKind.RECONCILIATION_BREAK, f"{number}", AT + number * HOUR)))
    wanted = [
        new_case(CaseKind.PAYMENT_UNKNOWN, f"dep_{number}", AT + (100 + number) * HOUR)
        for number in range(4)
    ]
    for one in wanted:
        write(cases.open(one))
    kind = CaseKind.PAYMENT_UNKNOWN
    assert cases.listed(CaseStatus.OPEN, kind=kind, limit=10) == wanted
    assert cases.listed(CaseStatus.OPEN, kind=kind, limit=3) == wanted[:3]
    assert len(cases.listed(CaseStatus.OPEN, limit=10)) == 10
    assert cases.listed(CaseStatus.RESOLVED, kind=kind, limit=10) == []
