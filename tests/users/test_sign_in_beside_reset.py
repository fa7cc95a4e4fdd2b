"""Signing in with the old password while a new one is on its way: whose sessions stay."""

import pytest

from shared.platform.tables import Database, Update
from shared.users.errors import ChallengeExpired
from shared.users.passwords import confirm_reset, request_reset
from shared.users.service import People
from shared.users.session_store import ChallengeRow, SessionStore
from shared.users.throttles import Visitor
from tests.users.people import EMAIL, Amina, told
from tests.users.twins import RESET_CODE, TOTP, TwinIdentities, totp

NEW = "Brand-new-horse-43"
HERE = Visitor("here")
RESET = ("users.credentials_changed.v1", "PASSWORD_RESET")


class Cut(Exception):
    """The process died here."""


@pytest.fixture
def amina(people: People, sessions: SessionStore, identities: TwinIdentities) -> Amina:
    """She has signed up, set up an authenticator, and asked for a code for a new password."""
    amina = Amina(people, sessions, identities).join()
    amina.enrols(TOTP)
    request_reset(people, email=EMAIL, visitor=HERE)
    return amina


def _resets_and_is_cut_off(amina: Amina) -> None:
    def die(name: str) -> None:
        if name == "reset_password":
            raise Cut

    amina.identities.after = die
    with pytest.raises(Cut):
        confirm_reset(amina.people, email=EMAIL, code=RESET_CODE, new=NEW, visitor=HERE)
    amina.identities.after = lambda name: None


def test_a_code_after_the_old_password_leaves_the_note_for_the_new_one(
    amina: Amina, database: Database
) -> None:
    challenge = amina.asked()
    _resets_and_is_cut_off(amina)
    thief = amina.answers(challenge, totp(1))
    assert amina.row.reset_begun
    assert RESET not in told(database)
    amina.password = NEW
    owner = amina.with_code(totp(2))
    assert [amina.counts(each) for each in (thief, owner)] == [False, True]
    assert not amina.row.reset_begun
    assert RESET in told(database)


def test_a_note_that_comes_while_the_old_password_is_checked_stays(
    people: People, sessions: SessionStore, identities: TwinIdentities
) -> None:
    amina = Amina(people, sessions, identities).join()
    request_reset(people, email=EMAIL, visitor=HERE)

    def once(name: str) -> None:
        if name == "sign_in":
            identities.after = lambda name: None
            amina.in_()  # moves the profile, so that the sign-in under way reads it again
            _resets_and_is_cut_off(amina)

    identities.after = once
    thief = amina.in_()
    assert amina.row.reset_begun
    amina.password = NEW
    owner = amina.in_()
    assert [amina.counts(each) for each in (thief, owner)] == [False, True]


def test_a_challenge_of_before_there_were_versions_is_over(
    amina: Amina, database: Database
) -> None:
    challenge = amina.asked()
    key = amina.people.keyring.hash("challenge", challenge)
    database.write(
        Update(
            "challenge",
            ChallengeRow,
            f"CHALLENGE#{key}",
            "CHALLENGE",
            (ChallengeRow.credentials_version.remove(),),
        )
    )
    with pytest.raises(ChallengeExpired):
        amina.answers(challenge, totp(1))
