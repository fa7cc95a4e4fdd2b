"""A person sees their own sessions and ends them."""

from datetime import timedelta

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.ids import Kind, is_id
from shared.users.errors import SessionEnded, SignInRefused
from shared.users.own_sessions import end_other_sessions, end_session, own_sessions
from shared.users.service import People
from shared.users.session_store import SessionStore
from shared.users.sessions import IDLE, SignedIn, sign_out
from tests.users.people import Amina
from tests.users.twins import TwinIdentities


@pytest.fixture
def amina(people: People, sessions: SessionStore, identities: TwinIdentities) -> Amina:
    """She has signed up."""
    return Amina(people, sessions, identities).join()


def _seen(amina: Amina, signed_in: SignedIn) -> list[tuple[str, bool]]:
    listed = own_sessions(amina.sessions, amina.row, signed_in.origin, amina.people.clock.now())
    return [(each.session_id, each.current) for each in listed]


def test_sessions_are_listed_newest_first_with_the_one_that_asks(
    amina: Amina, clock: FixedClock
) -> None:
    began = clock.now()
    first = amina.in_()
    clock.advance(timedelta(minutes=5))
    second = amina.in_()
    clock.advance(timedelta(minutes=5))
    amina.goes_on(first)
    listed = own_sessions(amina.sessions, amina.row, first.origin, clock.now())
    assert [each.current for each in listed] == [False, True]
    assert [each.created_at for each in listed] == [began + timedelta(minutes=5), began]
    assert listed[1].last_used_at == clock.now()
    assert {each.device for each in listed} == {"Firefox"}
    assert all(is_id(each.session_id, Kind.SESSION) for each in listed)
    assert [current for _, current in _seen(amina, second)] == [True, False]


def test_what_ended_or_idled_away_is_not_listed(amina: Amina, clock: FixedClock) -> None:
    idle, out = amina.in_(), amina.in_()
    sign_out(amina.people, amina.sessions, out.session_id)
    assert len(_seen(amina, idle)) == 1
    clock.advance(IDLE)
    assert _seen(amina, idle) == []


def test_a_session_is_ended_by_its_public_id(amina: Amina, identities: TwinIdentities) -> None:
    here, there = amina.in_(), amina.in_()
    (other,) = [each for each, current in _seen(amina, here) if not current]
    for _ in range(2):
        end_session(amina.people, amina.sessions, amina.row, other)
    assert amina.counts(here)
    assert not amina.counts(there)
    assert len(identities.revoked) == 1
    with pytest.raises(SessionEnded):
        amina.goes_on(there)


def test_nobody_ends_the_session_of_somebody_else(
    amina: Amina, people: People, sessions: SessionStore, identities: TwinIdentities
) -> None:
    brian = Amina(people, sessions, identities, email="brian@example.com").join()
    hers = amina.in_()
    ((session_id, _),) = _seen(amina, hers)
    brian.in_()
    end_session(people, sessions, brian.row, session_id)
    assert amina.counts(hers)
    assert identities.revoked == set()


def test_all_others_end_together_with_a_sign_in_under_way(
    amina: Amina, identities: TwinIdentities
) -> None:
    here, there = amina.in_(), amina.in_()

    def meanwhile(name: str) -> None:
        if name == "sign_in":
            identities.after = lambda name: None
            end_other_sessions(amina.people, amina.row, here.origin)

    identities.after = meanwhile
    with pytest.raises(SignInRefused):
        amina.in_()
    assert [amina.counts(each) for each in (here, there)] == [True, False]
    assert amina.goes_on(here).user_id == amina.user_id
