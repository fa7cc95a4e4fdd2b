"""From a movement to an alert and its case: once, joined while it waits, new after its answer."""

from dataclasses import replace

import pytest

from shared.cases.model import CaseKind, CaseStatus
from shared.money_monitoring.model import AlertStatus, Disposition
from shared.money_monitoring.names import Rule
from shared.money_monitoring.ports import About
from shared.money_monitoring.window import Payer
from shared.platform.work import ConditionFailed
from tests.money_monitoring.conftest import DAY, HOUR, NOW, USER, account, deposit, withdrawal

NEAR = [deposit(n, 900_000, NOW - 3 * HOUR + n * HOUR) for n in range(1, 4)]
NAME = f"{USER}.STRUCTURING.1"


def nothing(before, after):
    return []


def answer(world, name, disposition, *, agreed=True):
    world.disposing.propose(name, disposition, "usr_maker", "looked at it well", nothing)
    return world.disposing.decide(name, disposition, agreed, "usr_checker", nothing)


def test_three_deposits_below_the_threshold_open_one_alert_and_one_case(stored_world):
    world = stored_world
    assert world.hear(*NEAR[:2]) == []
    assert world.cases.listed(CaseStatus.OPEN) == []
    assert world.hear(NEAR[2]) == [NAME, f"{USER}.VELOCITY.1"]
    alert = world.alerts.get(NAME)
    assert alert.status is AlertStatus.OPEN
    assert (alert.user_id, alert.rule, alert.rule_version) == (USER, Rule.STRUCTURING, 1)
    assert (alert.numbers, alert.minor) == (
        {"count": "3", "threshold_minor": "1000000"},
        2_700_000,
    )
    assert alert.evidence == tuple(one.id for one in NEAR)
    case = world.cases.get(f"MONEY_ALERT:{NAME}")
    assert (case.kind, case.user_id, case.status) == (
        CaseKind.MONEY_ALERT,
        USER,
        CaseStatus.OPEN,
    )
    assert dict(case.facts) == {
        "count": "3",
        "movements": "3",
        "rule": "STRUCTURING",
        "rule_version": "1",
        "sum_minor": "2700000",
        "threshold_minor": "1000000",
    }


def test_what_comes_again_changes_nothing_and_writes_nothing(stored_world):
    world = stored_world
    world.hear(*NEAR)
    alert, window = world.alerts.get(NAME), world.windows.get(USER)
    assert world.hear(*NEAR, *reversed(NEAR)) == []
    assert (world.alerts.get(NAME), world.windows.get(USER)) == (alert, window)
    assert world.windows.get(USER).version == 3


def test_whatever_the_order_the_same_alert_names_the_same_movements(world):
    world.hear(*reversed(NEAR))
    assert set(world.alerts.get(NAME).evidence) == {one.id for one in NEAR}
    assert world.alerts.get(f"{USER}.STRUCTURING.2") is None


def test_a_quiet_movement_costs_one_read_and_one_write(world):
    world.hear(deposit(1, 100))
    world.movements.asked.clear()
    commits = []
    inner = world.facts
    counting = replace(world.watch, facts=Counting(inner, commits))
    counting.heard(USER, deposit(2, 100))
    assert (world.movements.asked, commits) == (["known"], [1])


class Counting:
    def __init__(self, inner, commits):
        self.inner, self.commits = inner, commits

    def commit(self, writes, *events):
        self.commits.append(len(writes))
        assert events == ()
        self.inner.commit(writes, *events)


def test_what_is_found_while_an_alert_waits_joins_it(stored_world):
    world = stored_world
    world.hear(*NEAR)
    world.hear(deposit(4, 950_000, NOW + HOUR))
    alert = world.alerts.get(NAME)
    assert (alert.numbers["count"], alert.minor, len(alert.evidence)) == ("4", 3_650_000, 4)
    assert alert.opened_at <= alert.found_at
    assert world.alerts.get(f"{USER}.STRUCTURING.2") is None
    assert dict(world.cases.get(alert.case_id).facts)["count"] == "4"


def test_what_joins_an_alert_takes_back_what_somebody_proposed(world):
    world.hear(*NEAR)
    world.disposing.propose(NAME, Disposition.CLEARED, "usr_maker", "a sold car", nothing)
    world.hear(deposit(4, 950_000, NOW + HOUR))
    alert = world.alerts.get(NAME)
    assert (alert.status, alert.proposal.by) == (AlertStatus.OPEN, "usr_maker")


def test_after_its_answer_the_next_pattern_is_another_alert(stored_world):
    world = stored_world
    world.hear(*NEAR)
    answer(world, NAME, Disposition.CLEARED)
    assert world.cases.get(f"MONEY_ALERT:{NAME}").status is CaseStatus.RESOLVED
    assert world.hear(*NEAR) == []
    assert f"{USER}.STRUCTURING.2" in world.hear(deposit(4, 950_000, NOW + HOUR))
    assert world.alerts.get(NAME).status is AlertStatus.CLEARED
    assert world.alerts.get(f"{USER}.STRUCTURING.2").status is AlertStatus.OPEN


def test_an_escalated_alert_still_waits_and_takes_what_joins_it(world):
    world.hear(*NEAR)
    answer(world, NAME, Disposition.ESCALATED)
    world.hear(deposit(4, 950_000, NOW + HOUR))
    assert (world.alerts.get(NAME).status, world.alerts.get(NAME).numbers["count"]) == (
        AlertStatus.ESCALATED,
        "4",
    )
    assert world.cases.get(f"MONEY_ALERT:{NAME}").status is CaseStatus.OPEN


def test_what_was_bought_is_asked_for_only_where_it_decides(world):
    world.hear(deposit(1, 100_000, NOW - HOUR))
    world.movements.bought_minor = 20_000
    world.movements.told[withdrawal(1, 80_000).id] = {"lacks_minor": 5_000}
    assert world.hear(withdrawal(1, 80_000)) == [f"{USER}.IN_AND_OUT.1"]
    assert world.movements.asked.count("bought") == 1
    assert world.alerts.get(f"{USER}.IN_AND_OUT.1").numbers["bought_minor"] == "15000"
    assert world.hear(withdrawal(1, 80_000)) == []
    assert world.movements.asked.count("bought") == 1


def test_a_withdrawal_that_is_told_before_its_deposit_is_found_with_it(world):
    assert world.hear(withdrawal(1, 80_000)) == []
    assert world.hear(deposit(1, 100_000, NOW - HOUR)) == [f"{USER}.IN_AND_OUT.1"]


def test_a_withdrawal_that_came_to_nothing_before_it_was_told_alerts_nobody(world):
    world.hear(deposit(1, 100_000, NOW - HOUR))
    assert world.hear(withdrawal(1, 80_000, void=True), withdrawal(1, 80_000)) == []


def test_what_a_withdrawal_leaves_is_asked_for_when_its_account_is_new(world):
    leaves = withdrawal(1, 90_000)
    world.movements.told[leaves.id] = {"account_at": NOW - HOUR}
    world.movements.left_minor = 10_000
    assert world.hear(leaves) == [f"{USER}.NEW_ACCOUNT_FULL_OUT.1"]
    assert world.movements.asked.count("left") == 1


def test_who_takes_everything_out_leaves_nothing_whatever_the_shares_have_cost(world):
    leaves = withdrawal(1, 60_000)
    world.movements.told[leaves.id] = {
        "account_at": NOW - HOUR,
        "lacks_minor": 60_000,
        "everything": True,
    }
    world.movements.left_minor = 100_000
    assert world.hear(leaves) == [f"{USER}.NEW_ACCOUNT_FULL_OUT.1"]
    assert world.alerts.get(f"{USER}.NEW_ACCOUNT_FULL_OUT.1").numbers["left_minor"] == "0"


def test_what_an_earlier_withdrawal_has_sold_is_its_own_whatever_is_heard_of_later(world):
    leaves = withdrawal(1, 80_000)
    world.movements.told[leaves.id] = {"lacks_minor": 15_000}
    world.movements.bought_minor = 30_000
    assert world.hear(leaves) == []
    assert world.hear(deposit(1, 100_000, NOW - HOUR)) == [f"{USER}.IN_AND_OUT.1"]
    assert world.alerts.get(f"{USER}.IN_AND_OUT.1").numbers["bought_minor"] == "15000"


@pytest.mark.parametrize(
    ("phone", "payer"),
    [("2547*****678", Payer.OWN), ("2547*****111", Payer.OTHER), (None, Payer.UNTOLD)],
)
def test_a_phone_is_held_against_the_person_s_own(world, phone, payer):
    paid = deposit(1, 60_000)
    world.movements.about = About(phone=phone)
    world.movements.told[paid.id] = {"instrument": "2547*****678", "paid_by_phone": True}
    alerts = world.hear(paid)
    assert alerts == ([f"{USER}.THIRD_PARTY_PAYER.1"] if payer is Payer.OTHER else [])
    assert world.windows.get(USER).movements[0].payer is payer


def test_countries_are_kept_as_what_they_are_of_the_person(world):
    world.movements.about = About(countries={"RESIDENCE": "KEN", "NATIONALITY": "PRK"})
    new = account(1)
    world.movements.told[new.id] = {"account_country": "IRN", "instrument": "**** 3000"}
    assert world.hear(new) == [f"{USER}.COUNTRY.1"]
    assert world.alerts.get(f"{USER}.COUNTRY.1").numbers == {"by": "ACCOUNT.NATIONALITY"}


def test_what_happened_before_anybody_watched_is_asked_for_once(world):
    world.movements.before = NOW - 40 * DAY
    world.hear(deposit(1, 100), deposit(2, 100))
    assert world.movements.asked.count("last_before") == 1
    assert world.windows.get(USER).last_before == NOW - 40 * DAY


def test_who_dies_before_the_write_leaves_nothing_and_who_comes_again_does_it_all(world):
    world.hear(*NEAR[:2])

    class Dying:
        def commit(self, writes, *events):
            raise RuntimeError("crashed")

    with pytest.raises(RuntimeError):
        replace(world.watch, facts=Dying()).heard(USER, NEAR[2])
    assert world.alerts.get(NAME) is None
    assert world.cases.listed(CaseStatus.OPEN) == []
    assert NAME in world.hear(NEAR[2])


def test_who_loses_a_race_reads_again_and_loses_nothing(world):
    world.hear(*NEAR[:2])

    class Racing:
        def __init__(self):
            self.raced = False

        def commit(self, writes, *events):
            if not self.raced:
                self.raced = True
                world.hear(deposit(8, 850_000, NOW - HOUR))
            world.facts.commit(writes, *events)

    alerts = replace(world.watch, facts=Racing()).heard(USER, NEAR[2])
    assert NAME in [one.name for one in alerts]
    assert len(world.alerts.get(NAME).evidence) == 4


def test_of_two_who_write_one_window_one_has_to_read_again(stored_world):
    world = stored_world
    before = world.windows.get(USER)
    world.hear(deposit(1, 100))
    with pytest.raises(ConditionFailed):
        world.facts.commit([world.windows.save(before, before.heard(deposit(2, 100)))])
