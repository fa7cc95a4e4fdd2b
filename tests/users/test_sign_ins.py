"""The list of live sign-ins as a value, and the conditions under which it is written."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.platform.work import ConditionFailed
from shared.users.model import User, UserStatus
from shared.users.roles import Role
from shared.users.service import People
from shared.users.session_store import SessionStore
from shared.users.sign_ins import NONE, SIGN_INS_MAX, SignIn, SignIns
from tests.users.people import Amina
from tests.users.twins import TwinIdentities

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
SECONDS = int(NOW.timestamp())

_words = st.text("0123456789abcdef-", min_size=1, max_size=40)
_sign_ins = st.builds(
    SignIn,
    origin=_words,
    family=_words,
    ends_at=st.integers(SECONDS - 5, SECONDS + 100),
    step_up_until=st.integers(0, SECONDS + 400),
)


@given(st.frozensets(_sign_ins, max_size=12))
def test_what_is_written_is_read(sign_ins: frozenset[SignIn]) -> None:
    assert SignIns.of(SignIns(sign_ins).to_texts()) == SignIns(sign_ins)


@given(st.lists(_sign_ins, max_size=30))
def test_the_list_is_bounded_keeps_the_newest_and_forgets_what_ended(
    opened: list[SignIn],
) -> None:
    live = NONE
    for number, each in enumerate(opened):
        before = {one for one in live.all if one.ends_at > SECONDS}
        fresh = replace(each, origin=f"o{number}", family=f"f{number}")
        live = live.with_new(fresh, NOW)
        assert fresh in live.all
        assert len(live.all) <= SIGN_INS_MAX
        gone = before - live.all
        assert len(gone) == max(0, len(before) + 1 - SIGN_INS_MAX)
        assert all(old.ends_at <= kept.ends_at for old in gone for kept in live.all - {fresh})


@given(st.frozensets(_sign_ins, max_size=10), _words)
def test_only_a_listed_origin_counts_and_until_its_end(
    sign_ins: frozenset[SignIn], origin: str
) -> None:
    live = SignIns(sign_ins)
    expected = {one for one in sign_ins if one.origin == origin and one.ends_at > SECONDS}
    found = live.live(origin, NOW)
    assert (found is None) == (not expected)
    assert found is None or found in expected
    assert live.only(origin).all <= live.all
    assert not live.stepped_up("never-listed", NOW)


def test_a_step_up_is_of_one_sign_in() -> None:
    one, other = SignIn("a", "f", SECONDS + 100), SignIn("b", "g", SECONDS + 100)
    live = SignIns(frozenset([one, other])).proved("a", NOW)
    assert live.stepped_up("a", NOW + timedelta(seconds=99))
    assert not live.stepped_up("b", NOW)
    assert not live.stepped_up("a", NOW + timedelta(seconds=100)), "the sign-in has ended"


@pytest.fixture
def amina(people: People, sessions: SessionStore, identities: TwinIdentities) -> Amina:
    """She has signed up and in."""
    amina = Amina(people, sessions, identities).join()
    amina.in_()
    return amina


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda user: replace(user, status=UserStatus.SUSPENDED),
        lambda user: replace(user, mfa=True),
        lambda user: replace(user, sign_ins=NONE),
        lambda user: replace(user, credentials_version=user.credentials_version + 1),
        lambda user: replace(user, role=Role.ADMIN, credentials_version=7),
    ],
)
def test_nothing_that_decides_is_written_over(
    amina: Amina, meanwhile: Callable[[User], User]
) -> None:
    read, users, facts = amina.row, amina.people.users, amina.people.facts
    facts.commit([users.save_standing(read, meanwhile(read))])
    changed = amina.row
    assert changed == meanwhile(read)
    with pytest.raises(ConditionFailed) as failed:
        facts.commit([users.save_standing(read, replace(read, held_until=5))])
    assert set(failed.value.found) == {"profile"}
    assert amina.row == changed


def test_nobody_is_brought_into_being(amina: Amina) -> None:
    ghost = replace(amina.row, user_id="usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV", sign_ins=NONE)
    write = amina.people.users.save_standing(ghost, replace(ghost, held_until=5))
    with pytest.raises(ConditionFailed):
        amina.people.facts.commit([write])
    assert amina.people.users.get(ghost.user_id) is None
