"""What staff do about a person takes effect at once, in one fact with what is written beside it."""

from dataclasses import replace

import pytest

from shared.kernel.errors import IllegalTransition, InvalidValue, TemporarilyUnavailable
from shared.platform.tables import Database, Put
from shared.platform.work import ConditionFailed, LostRace
from shared.users.errors import SecondFactorNeeded, SessionEnded, SignInRefused
from shared.users.factor_store import UsedCodeRow
from shared.users.model import User, UserStatus
from shared.users.roles import STAFF, Role
from shared.users.service import People
from shared.users.session_store import SessionStore
from shared.users.sessions import sign_out
from shared.users.standing import end_all_sessions, reinstate, set_role, suspend
from tests.users.people import Amina, told
from tests.users.twins import TOTP, TwinIdentities


@pytest.fixture
def amina(people: People, sessions: SessionStore, identities: TwinIdentities) -> Amina:
    """She has signed up."""
    return Amina(people, sessions, identities).join()


def _beside(number: int = 1) -> Put:
    """Some write of the caller's, such as an audit entry."""
    return Put.new("audit", UsedCodeRow(pk=f"CODE#beside{number}", sk="CODE", expires_at=1))


def _written(database: Database, number: int = 1) -> bool:
    return database.get(UsedCodeRow, f"CODE#beside{number}", "CODE") is not None


def test_a_suspension_ends_access_tokens_sessions_and_sign_ins_at_once(
    amina: Amina, identities: TwinIdentities, database: Database
) -> None:
    here, there = amina.in_(), amina.in_()
    after = suspend(amina.people, amina.row, extra=[_beside()])
    assert after == amina.row
    assert after.status is UserStatus.SUSPENDED
    assert _written(database)
    assert not identities.people[amina.user_id].enabled
    for signed_in in (here, there):
        assert not amina.counts(signed_in)
        with pytest.raises(SessionEnded):
            amina.goes_on(signed_in)
    with pytest.raises(SignInRefused):
        amina.in_()


def test_a_reinstated_person_signs_in_anew_and_old_sessions_stay_ended(
    amina: Amina, identities: TwinIdentities
) -> None:
    before = amina.in_()
    suspend(amina.people, amina.row)
    assert reinstate(amina.people, amina.row).status is UserStatus.ACTIVE
    assert identities.people[amina.user_id].enabled
    assert not amina.counts(before)
    with pytest.raises(SessionEnded):
        amina.goes_on(before)
    assert amina.counts(amina.in_())


def test_suspending_twice_is_success_and_is_written_once(
    amina: Amina, identities: TwinIdentities, database: Database
) -> None:
    suspend(amina.people, amina.row)
    once = amina.row
    identities.people[amina.user_id].enabled = True
    assert suspend(amina.people, amina.row, extra=[_beside()]) == once
    assert not _written(database)
    assert not identities.people[amina.user_id].enabled, "what was cut off is finished"


def test_a_provider_that_is_down_does_not_keep_anybody_in(
    amina: Amina, identities: TwinIdentities
) -> None:
    def down(name: str) -> None:
        raise TemporarilyUnavailable()

    signed_in = amina.in_()
    identities.before = down
    suspend(amina.people, amina.row)
    assert not amina.counts(signed_in)
    identities.before = lambda name: None
    with pytest.raises(SignInRefused):
        amina.in_()


@pytest.mark.parametrize("change", [suspend, reinstate])
def test_somebody_who_left_is_neither_suspended_nor_reinstated(
    amina: Amina, database: Database, change: object
) -> None:
    closed = replace(amina.row, status=UserStatus.CLOSED)
    amina.people.facts.commit([amina.people.users.save_standing(amina.row, closed)])
    with pytest.raises(IllegalTransition):
        change(amina.people, amina.row, extra=[_beside()])
    assert amina.row == closed
    assert not _written(database)


def test_a_role_needs_a_second_factor_and_ends_all_sessions(
    amina: Amina, database: Database
) -> None:
    for role in STAFF:
        with pytest.raises(SecondFactorNeeded):
            set_role(amina.people, amina.row, role, extra=[_beside()])
    assert not _written(database)
    amina.enrols(TOTP)
    before = amina.row
    after = set_role(amina.people, amina.row, Role.SUPPORT, extra=[_beside()])
    assert (after.role, amina.row.role) == (Role.SUPPORT, Role.SUPPORT)
    assert after.sign_ins.all == frozenset()
    assert before.sign_ins.all != frozenset()
    assert _written(database)


def test_a_role_is_taken_away_at_once_also_without_a_second_factor(amina: Amina) -> None:
    odd = replace(amina.row, role=Role.ADMIN)
    amina.people.facts.commit(
        [amina.people.users.save_standing(amina.row, replace(odd, credentials_version=1))]
    )
    signed_in = amina.in_()
    assert set_role(amina.people, amina.row, Role.USER).role is Role.USER
    assert not amina.counts(signed_in)


def test_nobody_becomes_the_platform_itself(amina: Amina, database: Database) -> None:
    amina.enrols(TOTP)
    with pytest.raises(InvalidValue):
        set_role(amina.people, amina.row, Role.SYSTEM, extra=[_beside()])
    assert amina.row.role is Role.USER
    assert not _written(database)


def test_the_role_that_somebody_has_already_changes_nothing(
    amina: Amina, database: Database
) -> None:
    signed_in = amina.in_()
    assert set_role(amina.people, amina.row, Role.USER, extra=[_beside()]).role is Role.USER
    assert amina.counts(signed_in)
    assert not _written(database)


def test_ending_all_sessions_is_told_to_the_person(amina: Amina, database: Database) -> None:
    here, there = amina.in_(), amina.in_()
    end_all_sessions(amina.people, amina.row, extra=[_beside()])
    assert not amina.counts(here)
    assert not amina.counts(there)
    assert _written(database)
    assert told(database) == [("users.credentials_changed.v1", "SESSIONS_ENDED")]
    assert amina.counts(amina.in_())


def _every_action(amina: Amina, user: User, extra: Put) -> list[object]:
    people = amina.people
    return [
        lambda: suspend(people, user, extra=[extra]),
        lambda: set_role(people, user, Role.ADMIN, extra=[extra]),
        lambda: end_all_sessions(people, user, extra=[extra]),
    ]


def test_somebody_who_changed_meanwhile_is_read_again_first(
    amina: Amina, database: Database
) -> None:
    acting = amina.in_()
    amina.enrols(TOTP, acting)
    stale = amina.row
    sign_out(amina.people, amina.sessions, acting.session_id)
    for action in _every_action(amina, stale, _beside()):
        with pytest.raises(LostRace):
            action()
    assert amina.row.status is UserStatus.ACTIVE
    assert not _written(database)


def test_when_the_audit_entry_cannot_be_written_nothing_changes(
    amina: Amina, database: Database, identities: TwinIdentities
) -> None:
    amina.enrols(TOTP)
    database.write(_beside())
    before = amina.row
    identities.calls.clear()
    for action in _every_action(amina, before, _beside()):
        with pytest.raises(ConditionFailed):
            action()
    assert amina.row == before
    assert identities.calls == []
