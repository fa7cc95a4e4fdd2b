"""The reconciliation of a day: everybody once, whoever crashes or is silent, and one report."""

import json
from datetime import timedelta
from typing import Any

import pytest

from shared.broker_reconciliation.model import Outcome
from shared.broker_reconciliation.report import GENESIS
from shared.broker_reconciliation.service import CONFIRMED_AFTER, UNREAD_FOR
from shared.broker_reconciliation.sweeping import CHAIN, IDLE, LATE_AFTER, SILENT, Sweep
from shared.cases.model import CaseStatus
from shared.kernel.errors import TemporarilyUnavailable
from shared.platform import keys
from shared.platform.indexes import SEGMENTS
from shared.platform.tables import Key, Put, Table
from shared.users.store import ProfileRow
from tests.broker_reconciliation.sweeping_desk import DAY, NOW, desk

__all__ = ["desk"]


def test_a_day_has_one_report_that_says_how_every_account_stands(desk) -> None:
    world = desk.world
    people = [world.person(100) for _ in range(3)]
    world.off(people[1], VTI=4)
    desk.day()
    assert desk.asked.segments[:SEGMENTS] == [(DAY, number, 0) for number in range(SEGMENTS)]
    assert world.days.report(DAY) is None
    world.clock.advance(CONFIRMED_AFTER)
    assert desk.sweep.account(DAY, people[1], 0) is Outcome.DIFFERS
    desk.sweep.tick()
    report = world.days.report(DAY)
    assert (report.agreed, report.differs, report.under_way, report.unread) == (2, 1, 0, 0)
    assert (report.ours_minor, report.theirs_minor) == (30_000, 30_000)
    content = json.loads(desk.safe.kept[report.place])
    assert content["shares"] == {"VTI": [0, 4]}
    assert content["previous"] == GENESIS
    assert [(one["user"], one["difference"]) for one in content["open"]] == [(people[1], "VTI:+4")]
    assert report.signature == report.hash[:8]


def test_a_second_day_builds_on_the_first_ones_report(desk) -> None:
    desk.world.person()
    desk.day()
    first = desk.world.days.report(DAY)
    later = Sweep(**{**_fields(desk.sweep), "market_now": lambda: NOW + timedelta(days=1)})
    later.tick()
    for number in range(SEGMENTS):
        later.walk(DAY + timedelta(days=1), number)
    later.tick()
    second = desk.world.days.report(DAY + timedelta(days=1))
    assert json.loads(desk.safe.kept[second.place])["previous"] == first.hash
    assert [one.day for one in desk.world.days.reports(limit=5)[0]] == [second.day, first.day]
    assert desk.world.days.reports(limit=1) == ([second], second.day)
    assert desk.world.days.reports(limit=1, after=second.day) == ([first], None)


def _fields(sweep: Sweep) -> dict[str, Any]:
    return {name: getattr(sweep, name) for name in Sweep.__dataclass_fields__}


def test_a_day_that_is_done_asks_nobody_again(desk) -> None:
    desk.world.person()
    desk.day()
    asked, sent = list(desk.world.broker.asked), len(desk.asked.segments)
    assert desk.sweep.tick() == 0
    desk.walk_all()
    assert (desk.world.broker.asked, len(desk.asked.segments)) == (asked, sent)
    assert len(desk.safe.kept) == 1


def test_a_walk_that_is_cut_short_goes_on_behind_the_last_one_and_counts_nobody_twice(desk) -> None:
    people = sorted(desk.world.person(10) for _ in range(5))
    desk.calls[:] = [False, True]
    segment = desk.sweep.walk(DAY, 7)
    assert (segment.cursor, segment.done, segment.agreed) == (people[1], False, 2)
    assert desk.asked.segments == [(DAY, 7, 0)]
    desk.day()
    report = desk.world.days.report(DAY)
    assert (report.agreed, report.ours_minor) == (5, 5_000)
    accounts = [desk.world.account(one) for one in people]
    assert sorted(desk.world.broker.asked) == accounts


def test_a_crash_between_two_notes_of_the_place_doubles_no_sum(desk, monkeypatch) -> None:
    people = [desk.world.person(10) for _ in range(4)]
    look, looked = desk.world.looking.look, []

    def crash(self, user_id, account_id, now):
        looked.append(user_id)
        if len(looked) == 3:
            raise KeyboardInterrupt
        return look(user_id, account_id, now)

    with monkeypatch.context() as patched:
        patched.setattr(type(desk.world.looking), "look", crash)
        with pytest.raises(KeyboardInterrupt):
            desk.sweep.walk(DAY, 7)
    desk.world.clock.advance(IDLE)
    desk.day()
    report = desk.world.days.report(DAY)
    assert (report.agreed, report.ours_minor, report.theirs_minor) == (len(people), 4_000, 4_000)


def test_one_accounts_error_never_keeps_it_from_the_others(desk) -> None:
    people = sorted(desk.world.person(10) for _ in range(3))
    del desk.world.broker.cash_of[desk.world.account(people[0])]
    desk.world.broker.strange = {desk.world.account(people[1])}
    desk.day()
    assert dict.fromkeys(people[:2], 0).items() <= dict(desk.asked.accounts[:2]).items()
    desk.world.clock.advance(LATE_AFTER)
    desk.sweep.tick()
    report = desk.world.days.report(DAY)
    assert (report.agreed, report.unread, report.ours_minor) == (1, 2, 1_000)


def test_an_account_whose_look_fails_again_is_told_as_unread_and_raises_nothing(desk) -> None:
    user_id = desk.world.person(10)
    del desk.world.broker.cash_of[desk.world.account(user_id)]
    assert desk.sweep.account(DAY, user_id, 0) is Outcome.UNREAD
    assert desk.asked.accounts == [(user_id, 1)]
    assert desk.sweep.account(DAY, user_id, None) is Outcome.UNREAD
    assert [(one.user_id, one.outcome) for one in desk.world.days.noted(DAY)] == [
        (user_id, Outcome.UNREAD)
    ]


def test_an_error_of_our_own_has_an_age_and_is_a_case_after_a_day_until_a_look_succeeds(
    desk,
) -> None:
    world = desk.world
    user_id = world.person(10)
    missing = world.broker.cash_of.pop(world.account(user_id))
    about = f"{user_id}#unread"
    began = world.clock.now()
    desk.sweep.walk(DAY, 7)
    assert [one.since for one in world.days.noted(DAY)] == [began]
    world.clock.advance(UNREAD_FOR - timedelta(seconds=1))
    desk.sweep.account(DAY, user_id, None)
    assert world.case(about) is None
    world.clock.advance(timedelta(seconds=1))
    assert desk.sweep.account(DAY, user_id, None) is Outcome.UNREAD
    case = world.case(about)
    assert (case.status, dict(case.facts)["unread"]) == (CaseStatus.OPEN, "OURS")
    assert not world.held(user_id)
    world.broker.cash_of[world.account(user_id)] = missing
    assert desk.sweep.account(DAY, user_id, None) is Outcome.AGREES
    assert world.case(about).status is CaseStatus.RESOLVED
    assert world.accounts.record(user_id).unread_since is None


def test_shares_without_an_account_are_a_case_after_a_day(desk) -> None:
    world = desk.world
    user_id = world.person(10)
    world.buy(user_id, "VTI", 5, 1, "b1")
    profile = world.database.get(ProfileRow, keys.user(user_id), keys.PROFILE)
    profile.broker_account_id = None
    world.database.write(Put("profile", profile))
    desk.sweep.walk(DAY, 7)
    world.clock.advance(UNREAD_FOR)
    assert desk.sweep.account(DAY, user_id, None) is Outcome.UNREAD
    case = world.case(f"{user_id}#unread")
    assert (case.status, dict(case.facts)["unread"]) == (CaseStatus.OPEN, "NO_ACCOUNT")
    assert [one.user_id for one in world.days.noted(DAY)] == [user_id]


def test_a_look_that_lost_every_race_is_no_error_of_ours(desk, monkeypatch) -> None:
    user_id = desk.world.person(10)

    def crowded(self, user_id, account_id, now):
        raise TemporarilyUnavailable

    monkeypatch.setattr(type(desk.world.looking), "look", crowded)
    counted: list[str] = []
    monkeypatch.setattr("shared.broker_reconciliation.sweeping.metric", counted.append)
    assert desk.sweep.account(DAY, user_id, None) is Outcome.UNREAD
    assert counted == []
    assert desk.world.accounts.record(user_id).unread_since is None


def test_whoever_was_looked_at_the_longest_ago_has_the_next_turn(desk, monkeypatch) -> None:
    monkeypatch.setattr("shared.broker_reconciliation.sweeping.AGAIN_AT_ONCE", 2)
    people = sorted(desk.world.person(10) for _ in range(5))
    desk.world.broker.strange = {desk.world.account(one) for one in people}
    for number in range(SEGMENTS):
        desk.sweep.walk(DAY, number)
    turns = []
    for _ in range(5):
        desk.world.clock.advance(timedelta(minutes=15))
        desk.asked.accounts.clear()
        desk.sweep.tick()
        asked = [user_id for user_id, attempt in desk.asked.accounts if attempt is None]
        turns.append([people.index(one) for one in asked])
        for user_id in asked:
            desk.sweep.account(DAY, user_id, None)
    assert turns == [[0, 1], [2, 3], [4, 0], [1, 2], [3, 0]]


def test_a_silent_broker_is_left_alone_for_a_while_and_nobody_is_left_out(desk) -> None:
    for _ in range(SILENT + 4):
        desk.world.person(10)
    desk.world.broker.silent = True
    desk.sweep.tick()
    segment = desk.sweep.walk(DAY, 7)
    assert len(desk.world.broker.asked) == SILENT
    assert not segment.done
    assert desk.asked.segments[-1] == (DAY, 7, 60)
    desk.world.broker.silent = False
    desk.day()
    for user_id, attempt in list(desk.asked.accounts):
        desk.sweep.account(DAY, user_id, attempt)
    desk.sweep.tick()
    report = desk.world.days.report(DAY)
    assert (report.agreed, report.unread) == (SILENT + 4, 0)
    assert report.ours_minor == (SILENT + 4) * 1_000


def test_a_chain_of_looks_ends_and_the_tick_looks_until_it_is_repaired(desk) -> None:
    user_id = desk.world.person()
    desk.world.broker.lists = False
    desk.world.off(user_id, VTI=4)
    for attempt in range(CHAIN):
        desk.asked.accounts.clear()
        assert desk.sweep.account(DAY, user_id, attempt) is Outcome.UNDER_WAY
        expected = [] if attempt + 1 == CHAIN else [(user_id, attempt + 1)]
        assert desk.asked.accounts == expected
    desk.sweep.tick()
    assert desk.asked.accounts == [(user_id, None)]
    desk.world.off(user_id, VTI=-4)
    assert desk.sweep.account(DAY, user_id, None) is Outcome.AGREES
    desk.asked.accounts.clear()
    desk.sweep.tick()
    assert desk.asked.accounts == []


def test_while_the_markets_time_is_not_known_nothing_is_begun(desk) -> None:
    desk.world.person()
    unknown = Sweep(**{**_fields(desk.sweep), "market_now": lambda: None})
    assert unknown.tick() == 0
    assert (desk.asked.segments, desk.world.broker.asked) == ([], [])


def test_of_two_who_walk_the_same_segment_one_stops(desk) -> None:
    people = sorted(desk.world.person(10) for _ in range(3))
    look = desk.world.looking.look
    other: list[Any] = []

    def twice(self, user_id, account_id, now):
        if user_id == people[1] and not other:
            other.append(True)
            desk.sweep.walk(DAY, 7)
        return look(user_id, account_id, now)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(desk.world.looking), "look", twice)
        desk.sweep.walk(DAY, 7)
    desk.day()
    report = desk.world.days.report(DAY)
    assert (report.agreed, report.ours_minor) == (3, 3_000)


def test_rows_of_a_day_say_when_they_may_go(desk) -> None:
    user_id = desk.world.person()
    desk.world.off(user_id, VTI=1)
    desk.sweep.walk(DAY, 7)
    rows = [
        Key(Table.CORE, "BROKER_DAY#2026-03-02", sk) for sk in ("SEGMENT#07", f"ACCOUNT#{user_id}")
    ]
    found = desk.world.database.get_many(rows)
    ends = int((desk.world.clock.now() + timedelta(days=90)).timestamp())
    assert [int(found[key].attributes["expires_at"]["N"]) for key in rows] == [ends, ends]
