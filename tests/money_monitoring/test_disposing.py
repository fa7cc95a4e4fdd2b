"""What two members of staff make of an alert, and the draft of a report about it."""

import json

import pytest

from shared.cases.model import CaseStatus
from shared.kernel.errors import NotFound
from shared.money_monitoring.draft import report_draft
from shared.money_monitoring.errors import AlertNeedsAnother, AlertNotWaiting
from shared.money_monitoring.model import AlertStatus, Disposition, named_in
from shared.money_monitoring.table import rule_table
from tests.money_monitoring.conftest import HOUR, NOW, OLD_USER, USER, deposit

NEAR = [deposit(n, 900_000, NOW - 3 * HOUR + n * HOUR) for n in range(1, 4)]
NAME = f"{USER}.STRUCTURING.1"


def nothing(before, after):
    return []


@pytest.fixture
def alerted(world):
    world.hear(*NEAR)
    return world


def propose(world, disposition=Disposition.CLEARED, by="usr_maker"):
    return world.disposing.propose(NAME, disposition, by, "the sale of a car", nothing)


def decide(world, disposition=Disposition.CLEARED, agreed=True, by="usr_checker"):
    return world.disposing.decide(NAME, disposition, agreed, by, nothing)


@pytest.mark.parametrize("disposition", Disposition)
def test_what_one_proposes_and_another_agrees_to_holds(alerted, disposition):
    assert propose(alerted, disposition).status is AlertStatus.PROPOSED
    done = decide(alerted, disposition)
    assert (done.status.value, done.decided_by) == (disposition.value, "usr_checker")
    assert alerted.alerts.get(NAME) == done
    ended = disposition is not Disposition.ESCALATED
    case = alerted.cases.get(done.case_id)
    assert case.status is (CaseStatus.RESOLVED if ended else CaseStatus.OPEN)
    assert alerted.windows.get(USER).slots[done.rule].open is not ended
    if ended:
        assert (case.resolved_by, case.note) == ("usr_checker", f"alert: {disposition.value}")


def test_the_same_words_again_are_success_and_change_nothing(alerted):
    first = propose(alerted)
    assert propose(alerted) == first
    done = decide(alerted)
    assert decide(alerted) == done
    assert alerted.alerts.get(NAME).version == 3


def test_nobody_confirms_what_they_proposed_themselves(alerted):
    propose(alerted)
    with pytest.raises(AlertNeedsAnother):
        decide(alerted, by="usr_maker")
    assert alerted.alerts.get(NAME).status is AlertStatus.PROPOSED


def test_what_is_not_agreed_to_waits_as_before_and_can_be_proposed_anew(alerted):
    propose(alerted)
    assert decide(alerted, agreed=False).status is AlertStatus.OPEN
    assert decide(alerted, agreed=False).version == 3
    propose(alerted, Disposition.ESCALATED, by="usr_checker")
    decide(alerted, Disposition.ESCALATED, by="usr_maker")
    propose(alerted, Disposition.REPORTED)
    assert decide(alerted, Disposition.REPORTED, agreed=False).status is AlertStatus.ESCALATED


@pytest.mark.parametrize(
    "act",
    [
        lambda world: decide(world),
        lambda world: (propose(world), propose(world, by="usr_third")),
        lambda world: (propose(world), propose(world, Disposition.REPORTED)),
        lambda world: (propose(world), decide(world, Disposition.REPORTED)),
        lambda world: (propose(world), decide(world), propose(world)),
        lambda world: (propose(world), decide(world), decide(world, agreed=False)),
        lambda world: (propose(world), decide(world), decide(world, by="usr_third")),
    ],
    ids=["nothing proposed", "another's", "otherwise", "not this", "over", "changed", "late"],
)
def test_what_does_not_wait_for_a_word_takes_none(alerted, act):
    with pytest.raises(AlertNotWaiting):
        act(alerted)


def test_nobody_s_alert_is_not_found(world):
    with pytest.raises(NotFound):
        propose(world)


def test_alerts_are_listed_by_their_age_page_by_page_and_leave_the_list_when_answered(
    stored_world,
):
    world = stored_world
    world.hear(*NEAR)
    world.clock.advance(HOUR)
    world.hear(*NEAR, user_id=OLD_USER)
    first = world.alerts.page(waiting=True, limit=3)
    rest = world.alerts.page(waiting=True, limit=3, after=first.after)
    listed = [one.name for _, one in (*first.entries, *rest.entries)]
    assert sorted(listed) == sorted(
        f"{user}.{rule}.1" for user in (USER, OLD_USER) for rule in ("STRUCTURING", "VELOCITY")
    )
    assert {name.partition(".")[0] for name in listed[:2]} == {USER}
    assert (len(first.entries), rest.after) == (3, None)
    propose(world)
    decide(world)
    waiting = [one.name for _, one in world.alerts.page(waiting=True, limit=10).entries]
    (done,) = world.alerts.page(waiting=False, limit=10).entries
    assert NAME not in waiting
    assert (len(waiting), done[1].name) == (3, NAME)


def test_the_draft_collects_the_facts_and_names_the_person_by_id_alone(alerted):
    propose(alerted, Disposition.REPORTED)
    alert, window = alerted.alerts.get(NAME), alerted.windows.get(USER)
    draft = json.loads(report_draft(alert, window, rule_table()))
    assert draft["rule"]["name"] == "STRUCTURING"
    assert draft["rule"]["parameters"]["threshold_minor"] == 1_000_000
    assert draft["amount"] == {
        "minor": 2_700_000,
        "currency": "USD",
        "threshold_minor": 500_000,
        "threshold_reached": True,
        "basis": rule_table().report_basis,
    }
    assert [one["minor"] for one in draft["movements"]] == [900_000] * 3
    assert draft["user_id"] == USER
    assert draft["proposal"]["disposition"] == "REPORTED"
    assert draft["decided"] is None
    assert report_draft(alert, window, rule_table()) == report_draft(alert, window, rule_table())


def test_only_the_case_of_an_alert_names_one():
    assert named_in(f"MONEY_ALERT:{NAME}") == NAME
    assert named_in("DISPUTE:dsp_1") is None
    assert named_in("MONEY_ALERT:usr_1") is None
