"""The trail on both engines: what is written, how it is chained, and what tampering shows."""

from datetime import timedelta

import pytest
from pynamodb.attributes import UnicodeAttribute

from shared.audit.model import Action, Actor
from shared.audit.service import AuditTrail
from shared.audit.store import AuditRow
from shared.kernel.clock import FixedClock
from shared.kernel.ids import Ids, Kind, is_id
from shared.platform.correlation import set_correlation_id
from shared.platform.outbox import Facts
from shared.platform.tables import Database, Delete, Put, Row, Update
from shared.platform.work import ConditionFailed
from shared.users.roles import Role

SUBJECT = "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"
OFFICER = Actor("usr_t1_01BX5ZZKBKACTAV9WEVGEMMVRZ", Role.COMPLIANCE)


class Thing(Row):
    """What an act changes."""

    KIND = "thing"

    state = UnicodeAttribute()


@pytest.fixture
def act(trail: AuditTrail, facts: Facts, clock: FixedClock):
    """Records one act and moves on by a minute."""

    def record(reason: str = "a reason", action: Action = Action.PERSON_SUSPENDED) -> None:
        states = {"before": {"status": "ACTIVE"}, "after": {"status": "SUSPENDED"}}
        facts.commit([trail.entry(OFFICER, action, SUBJECT, reason, **states)])
        clock.advance(timedelta(minutes=1))

    return record


def test_an_entry_says_who_did_what_to_whom_why_and_when(
    trail: AuditTrail, facts: Facts, clock: FixedClock
) -> None:
    set_correlation_id("request-7")
    facts.commit(
        [
            trail.entry(
                OFFICER,
                Action.ROLE_CHANGED,
                SUBJECT,
                "Joined the support team; ticket 4711",
                before={"role": "USER"},
                after={"role": "SUPPORT"},
            )
        ]
    )
    ((_, recorded),) = trail.page(SUBJECT, 10).entries
    entry = recorded.entry
    assert is_id(entry.id, Kind.AUDIT)
    assert (entry.subject, entry.actor, entry.action) == (SUBJECT, OFFICER, Action.ROLE_CHANGED)
    assert entry.reason == "Joined the support team; ticket 4711"
    assert (entry.before, entry.after) == ({"role": "USER"}, {"role": "SUPPORT"})
    assert (entry.at, entry.correlation_id) == (clock.now(), "request-7")
    assert entry.previous == ""
    assert recorded.intact


def test_entries_come_newest_first_in_pages_and_only_of_their_subject(
    trail: AuditTrail, act
) -> None:
    for number in range(5):
        act(f"reason {number}")
    first = trail.page(SUBJECT, 2)
    assert [each.entry.reason for _, each in first.entries] == ["reason 4", "reason 3"]
    rest = trail.page(SUBJECT, 10, first.after)
    assert [each.entry.reason for _, each in rest.entries] == ["reason 2", "reason 1", "reason 0"]
    assert rest.after is None
    assert trail.page(OFFICER.id, 10).entries == ()


def test_each_entry_names_the_one_before(trail: AuditTrail, act) -> None:
    for _ in range(3):
        act()
    newest, middle, oldest = (each for _, each in trail.page(SUBJECT, 10).entries)
    assert newest.entry.previous == middle.stored_digest == middle.entry.digest()
    assert middle.entry.previous == oldest.stored_digest
    assert oldest.entry.previous == ""
    assert trail.broken(SUBJECT) == []


def test_two_entries_of_one_instant_are_both_kept_and_both_whole(
    trail: AuditTrail, facts: Facts, act
) -> None:
    act()
    one = trail.entry(OFFICER, Action.IDENTITY_SEEN, SUBJECT, "one")
    two = trail.entry(OFFICER, Action.IDENTITY_SEEN, SUBJECT, "two")
    facts.commit([two])
    facts.commit([one])
    act("later")
    assert len(list(trail.whole(SUBJECT))) == 4
    assert trail.broken(SUBJECT) == []


def test_a_changed_entry_is_found(trail: AuditTrail, database: Database, act) -> None:
    for _ in range(3):
        act()
    (_, _), (place, middle), (_, _) = trail.page(SUBJECT, 3).entries
    database.write(Update("x", AuditRow, SUBJECT, place, (AuditRow.reason.set("another"),)))
    assert trail.broken(SUBJECT) == [middle.entry.id]


def test_an_entry_that_was_changed_with_its_digest_is_missed_by_its_successor(
    trail: AuditTrail, database: Database, act
) -> None:
    for _ in range(3):
        act()
    (_, newest), (place, middle), _ = trail.page(SUBJECT, 3).entries
    row = database.get(AuditRow, SUBJECT, place)
    assert row is not None
    row.reason, row.digest = "another", "0" * 64
    database.write(Put("x", row))
    assert set(trail.broken(SUBJECT)) == {middle.entry.id, newest.entry.id}


def test_a_removed_entry_is_missed_by_its_successor(
    trail: AuditTrail, database: Database, act
) -> None:
    for _ in range(3):
        act()
    (_, newest), (place, _), _ = trail.page(SUBJECT, 3).entries
    database.write(Delete("x", AuditRow, SUBJECT, place))
    assert trail.broken(SUBJECT) == [newest.entry.id]


def test_the_whole_trail_is_read_in_pages(trail: AuditTrail, facts: Facts, clock, act) -> None:
    for _ in range(103):
        act()
    assert len(list(trail.whole(SUBJECT))) == 103
    assert trail.broken(SUBJECT) == []


@pytest.mark.parametrize(
    "value", ["amina@example.com", "+254712345678", "Amina Wanjiku", "", "x" * 81, "a\nb"]
)
def test_what_may_be_personal_is_not_recorded_as_a_value(trail: AuditTrail, value: str) -> None:
    with pytest.raises(ValueError, match="no code"):
        trail.entry(OFFICER, Action.PERSON_SUSPENDED, SUBJECT, "r", after={"x": value})
    with pytest.raises(ValueError, match="no code"):
        trail.entry(OFFICER, Action.PERSON_SUSPENDED, SUBJECT, "r", before={"x": value})


def test_an_act_that_fails_leaves_no_entry_and_an_entry_that_fails_no_act(
    trail: AuditTrail, facts: Facts, database: Database, ids: Ids
) -> None:
    entry = trail.entry(OFFICER, Action.PERSON_SUSPENDED, SUBJECT, "r")
    impossible = Update(
        "thing", Thing, "p", "s", (Thing.state.set("new"),), Thing.state == "something"
    )
    with pytest.raises(ConditionFailed):
        facts.commit([impossible, entry])
    assert list(trail.whole(SUBJECT)) == []
    facts.commit([entry])
    with pytest.raises(ConditionFailed) as refused:
        facts.commit([Put.new("thing", Thing(pk="p", sk="s", state="new")), entry])
    assert set(refused.value.found) == {"audit"}
    assert database.get(Thing, "p", "s") is None
    assert len(list(trail.whole(SUBJECT))) == 1
