"""The first authenticator is for whoever entered the password lately, in a session that lives."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.errors import TemporarilyUnavailable
from shared.kernel.events import Event
from shared.platform.tables import Database
from shared.platform.work import Write
from shared.users.errors import NotSignedIn, SignInTooOld
from shared.users.second_factor import SIGNED_IN_LATELY, begin_totp, finish_totp
from shared.users.service import People
from shared.users.session_store import SessionStore
from shared.users.sessions import sign_out
from tests.users.people import Amina, told
from tests.users.twins import TOTP, TwinIdentities

INSTANT = timedelta(seconds=1)


@pytest.fixture
def amina(people: People, sessions: SessionStore, identities: TwinIdentities) -> Amina:
    """She has signed up."""
    return Amina(people, sessions, identities).join()


def test_a_session_that_was_left_open_sets_up_no_first_authenticator(
    amina: Amina, identities: TwinIdentities, clock: FixedClock, database: Database
) -> None:
    acting = amina.in_()
    clock.advance(SIGNED_IN_LATELY)
    acting = amina.goes_on(acting)
    identities.calls.clear()
    with pytest.raises(SignInTooOld):
        begin_totp(amina.people, acting)
    with pytest.raises(SignInTooOld):
        finish_totp(amina.people, acting, TOTP)
    assert identities.calls == []
    assert not amina.row.mfa
    assert amina.counts(acting)
    assert told(database) == []
    again = amina.in_()
    assert len(amina.enrols(TOTP, again)) == 10
    assert not amina.counts(acting)


def test_until_then_continuing_the_session_does_not_matter(amina: Amina, clock: FixedClock) -> None:
    acting = amina.in_()
    clock.advance(SIGNED_IN_LATELY - INSTANT)
    amina.enrols(TOTP, amina.goes_on(acting))
    assert amina.row.mfa


def test_a_session_that_ends_meanwhile_leaves_no_authenticator_behind(
    amina: Amina, identities: TwinIdentities, database: Database
) -> None:
    stolen, own = amina.in_(), amina.in_()

    def meanwhile(name: str) -> None:
        if name == "finish_totp":
            sign_out(amina.people, amina.sessions, stolen.session_id)

    begin_totp(amina.people, stolen)
    identities.after = meanwhile
    with pytest.raises(NotSignedIn):
        finish_totp(amina.people, stolen, TOTP)
    assert not amina.row.mfa
    assert not identities.people[amina.user_id].totp
    assert amina.counts(own)
    assert told(database) == []
    assert amina.counts(amina.in_())


class Busy:
    """A unit of work that others keep interfering with."""

    def commit(self, writes: Sequence[Write], *events: Event) -> None:
        raise TemporarilyUnavailable()


def test_a_set_up_that_could_not_be_recorded_leaves_no_authenticator_that_nobody_was_told_of(
    amina: Amina, identities: TwinIdentities, database: Database
) -> None:
    acting = amina.in_()
    begin_totp(amina.people, acting)
    with pytest.raises(TemporarilyUnavailable):
        finish_totp(replace(amina.people, facts=Busy()), acting, TOTP)
    assert not amina.row.mfa
    assert not identities.people[amina.user_id].totp
    assert told(database) == []
    assert len(finish_totp(amina.people, acting, TOTP)) == 10
    assert told(database) == [("users.credentials_changed.v1", "SECOND_FACTOR_SET_UP")]
