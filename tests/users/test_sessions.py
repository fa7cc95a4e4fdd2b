"""Sessions: opening, rotation, reuse, expiry, and the allow-list that access tokens need."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.errors import TemporarilyUnavailable
from shared.platform.tables import Database, Table
from shared.users.errors import SessionEnded, SignInRefused
from shared.users.model import UserStatus
from shared.users.ports import Tokens
from shared.users.service import People
from shared.users.session_store import SessionStore
from shared.users.sessions import GRACE, IDLE, LIFETIME, SignedIn, refresh, sign_out
from shared.users.sign_ins import SIGN_INS_MAX
from shared.users.signing_in import sign_in
from shared.users.standing import suspend
from tests.users.people import EMAIL, PASSWORD, Amina
from tests.users.twins import TwinIdentities, claims_of, token_of


@pytest.fixture(autouse=True)
def amina(people: People, sessions: SessionStore, identities: TwinIdentities) -> Amina:
    """She has signed up."""
    return Amina(people, sessions, identities).join()


def _in(people: People, sessions: SessionStore) -> SignedIn:
    held = people.users.reservation(people.keyring.hash("email", EMAIL))
    assert held is not None
    return Amina(people, sessions, None, user_id=held.user_id).in_()


def _ended(people: People, signed_in: SignedIn) -> bool:
    user = people.users.get(signed_in.user_id)
    assert user is not None
    origin = claims_of(signed_in.access_token)["origin_jti"]
    return user.sign_ins.live(origin, people.clock.now()) is None


def test_signing_in_gives_a_token_for_fifteen_minutes_and_an_opaque_id(
    people: People, sessions: SessionStore, clock: FixedClock
) -> None:
    signed_in = _in(people, sessions)
    assert signed_in.expires_at == clock.now() + timedelta(minutes=15)
    assert claims_of(signed_in.access_token)["username"] == signed_in.user_id
    family, secret = signed_in.session_id.split(".")
    assert (len(family), len(secret)) == (22, 43)
    assert not _ended(people, signed_in)


def test_the_stored_row_opens_nothing(
    people: People, sessions: SessionStore, database: Database
) -> None:
    signed_in = _in(people, sessions)
    family, secret = signed_in.session_id.split(".")
    row = database.query(
        Table.CORE, f"SESSION#{people.keyring.hash('family', family)}", "A", "~"
    ).items[0]
    text = str(row.attributes)
    assert secret not in text
    assert family not in text
    assert f"{signed_in.user_id}|" not in text, "the refresh token is sealed"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (EMAIL, "Wrong-horse-42"),
        ("nobody@example.com", PASSWORD),
        ("no address", PASSWORD),
        ("", ""),
    ],
)
def test_whatever_is_wrong_at_sign_in_looks_the_same(
    people: People, sessions: SessionStore, email: str, password: str
) -> None:
    with pytest.raises(SignInRefused) as refused:
        sign_in(people, sessions, email=email, password=password)
    assert str(refused.value) == "E-mail address or password is wrong."


def test_an_unknown_address_asks_the_provider_too(
    people: People, sessions: SessionStore, identities: TwinIdentities
) -> None:
    identities.calls.clear()
    with pytest.raises(SignInRefused):
        sign_in(people, sessions, email="nobody@example.com", password=PASSWORD)
    assert identities.calls == ["sign_in"]


def test_a_refresh_rotates_the_id_and_gives_a_new_token(
    people: People, sessions: SessionStore
) -> None:
    first = _in(people, sessions)
    second = refresh(people, sessions, first.session_id)
    third = refresh(people, sessions, second.session_id)
    assert len({first.session_id, second.session_id, third.session_id}) == 3
    assert len({first.access_token, second.access_token, third.access_token}) == 3


def test_the_old_id_gives_the_same_new_id_for_a_short_while(
    people: People, sessions: SessionStore, clock: FixedClock
) -> None:
    first = _in(people, sessions)
    second = refresh(people, sessions, first.session_id)
    clock.advance(GRACE - timedelta(seconds=1))
    assert refresh(people, sessions, first.session_id).session_id == second.session_id


def test_where_refresh_tokens_rotate_the_second_tab_leaves_the_session_alive(
    people: People, sessions: SessionStore, identities: TwinIdentities
) -> None:
    identities.rotates = True
    first = _in(people, sessions)
    second = refresh(people, sessions, first.session_id)
    refresh(people, sessions, first.session_id)
    identities.forget()
    third = refresh(people, sessions, second.session_id)
    assert third.session_id not in (first.session_id, second.session_id)
    assert not _ended(people, third)


def test_two_tabs_at_once_end_with_the_same_id(people: People, sessions: SessionStore) -> None:
    first = _in(people, sessions)
    found: list[str] = []
    threads = [
        threading.Thread(
            target=lambda: found.append(refresh(people, sessions, first.session_id).session_id)
        )
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    assert found[0] != first.session_id


def test_the_old_id_after_the_grace_ends_the_session_for_everybody(
    people: People, sessions: SessionStore, clock: FixedClock, identities: TwinIdentities
) -> None:
    first = _in(people, sessions)
    second = refresh(people, sessions, first.session_id)
    clock.advance(GRACE)
    with pytest.raises(SessionEnded):
        refresh(people, sessions, first.session_id)
    with pytest.raises(SessionEnded):
        refresh(people, sessions, second.session_id)
    assert _ended(people, second)
    assert len(identities.revoked) == 1


def test_an_id_from_two_rotations_ago_ends_the_session_at_once(
    people: People, sessions: SessionStore
) -> None:
    first = _in(people, sessions)
    second = refresh(people, sessions, first.session_id)
    third = refresh(people, sessions, second.session_id)
    with pytest.raises(SessionEnded):
        refresh(people, sessions, first.session_id)
    with pytest.raises(SessionEnded):
        refresh(people, sessions, third.session_id)


def test_an_invented_id_of_a_form_of_ours_ends_nothing(
    people: People, sessions: SessionStore, identities: TwinIdentities
) -> None:
    mine = _in(people, sessions)
    for invented in ("", ".", "x", "a.b", f"{'A' * 22}.{'A' * 43}", mine.session_id + "A", "é.é"):
        with pytest.raises(SessionEnded):
            refresh(people, sessions, invented)
        sign_out(people, sessions, invented)
    assert refresh(people, sessions, mine.session_id).user_id == mine.user_id
    assert identities.revoked == set()


def test_sessions_end_when_idle_and_after_a_day(
    people: People, sessions: SessionStore, clock: FixedClock
) -> None:
    idle = _in(people, sessions)
    clock.advance(IDLE)
    with pytest.raises(SessionEnded):
        refresh(people, sessions, idle.session_id)
    busy = _in(people, sessions)
    began = clock.now()
    while clock.now() < began + LIFETIME - timedelta(minutes=31):
        clock.advance(timedelta(minutes=30))
        busy = refresh(people, sessions, busy.session_id)
    clock.advance(timedelta(minutes=31))
    with pytest.raises(SessionEnded):
        refresh(people, sessions, busy.session_id)


def test_signing_out_ends_session_refresh_token_and_access_tokens_here_only(
    people: People, sessions: SessionStore, identities: TwinIdentities
) -> None:
    here, there = _in(people, sessions), _in(people, sessions)
    sign_out(people, sessions, here.session_id)
    sign_out(people, sessions, here.session_id)
    with pytest.raises(SessionEnded):
        refresh(people, sessions, here.session_id)
    assert _ended(people, here)
    assert not _ended(people, there)
    assert len(identities.revoked) == 1
    assert refresh(people, sessions, there.session_id).user_id == there.user_id


def test_a_provider_that_is_down_keeps_no_session_alive(
    people: People, sessions: SessionStore, identities: TwinIdentities
) -> None:
    def down(name: str) -> None:
        if name == "revoke":
            raise TemporarilyUnavailable()

    signed_in = _in(people, sessions)
    identities.before = down
    sign_out(people, sessions, signed_in.session_id)
    with pytest.raises(SessionEnded):
        refresh(people, sessions, signed_in.session_id)
    assert _ended(people, signed_in)
    assert identities.revoked == set()


def test_a_sign_out_that_was_cut_off_is_finished_by_repeating(
    amina: Amina, identities: TwinIdentities
) -> None:
    class Cut(Exception):
        pass

    def cut(name: str) -> None:
        if name == "revoke":
            raise Cut

    signed_in = amina.in_()
    identities.before = cut
    with pytest.raises(Cut):
        sign_out(amina.people, amina.sessions, signed_in.session_id)
    assert not amina.counts(signed_in)
    sign_out(amina.people, amina.sessions, signed_in.session_id)
    with pytest.raises(SessionEnded):
        amina.goes_on(signed_in)


def test_an_eleventh_device_ends_the_oldest_sign_in(amina: Amina, clock: FixedClock) -> None:
    all_of_them = []
    for _ in range(SIGN_INS_MAX + 1):
        all_of_them.append(amina.in_())
        clock.advance(timedelta(minutes=1))
    oldest, *others = all_of_them
    assert not amina.counts(oldest)
    assert all(amina.counts(each) for each in others)
    assert len(amina.row.sign_ins.all) == SIGN_INS_MAX
    with pytest.raises(SessionEnded):
        amina.goes_on(oldest)
    assert amina.goes_on(others[0]).user_id == amina.user_id


def test_sign_ins_that_ended_by_themselves_are_forgotten(amina: Amina, clock: FixedClock) -> None:
    old = amina.in_()
    clock.advance(LIFETIME)
    assert not amina.counts(old)
    amina.in_()
    assert len(amina.row.sign_ins.all) == 1


def test_a_sign_in_at_the_provider_itself_counts_for_nothing(
    amina: Amina, identities: TwinIdentities
) -> None:
    direct = identities.sign_in(amina.user_id, PASSWORD)
    assert isinstance(direct, Tokens)
    assert amina.row.sign_ins.live(direct.origin, amina.people.clock.now()) is None


def test_sign_ins_at_once_are_all_kept(amina: Amina) -> None:
    with ThreadPoolExecutor(5) as pool:
        opened = list(pool.map(lambda _: amina.in_(), range(5)))
    assert all(amina.counts(each) for each in opened)


@pytest.mark.parametrize("after", ["sign_in"])
def test_a_sign_in_under_way_does_not_outlive_a_suspension(
    amina: Amina, identities: TwinIdentities, after: str
) -> None:
    def meanwhile(name: str) -> None:
        if name == after:
            identities.after = lambda name: None
            suspend(amina.people, amina.row)

    identities.after = meanwhile
    with pytest.raises(SignInRefused):
        amina.in_()
    assert amina.row.status is UserStatus.SUSPENDED
    assert amina.row.sign_ins.all == frozenset()
    assert len(identities.revoked) == 1, "the tokens that the provider gave are given back"


def test_a_sign_in_under_way_does_not_outlive_new_credentials(
    amina: Amina, identities: TwinIdentities
) -> None:
    def meanwhile(name: str) -> None:
        if name == "sign_in":
            identities.after = lambda name: None
            row = amina.row
            changed = replace(row, credentials_version=row.credentials_version + 1)
            amina.people.facts.commit([amina.people.users.save_standing(row, changed)])

    identities.after = meanwhile
    with pytest.raises(SignInRefused):
        amina.in_()
    assert amina.row.sign_ins.all == frozenset()
    amina.in_()


def test_nobody_signs_in_while_the_password_is_being_changed(
    amina: Amina, clock: FixedClock
) -> None:
    row = amina.row
    held = replace(row, held_until=int(clock.now().timestamp()) + 30)
    amina.people.facts.commit([amina.people.users.save_standing(row, held)])
    with pytest.raises(TemporarilyUnavailable):
        amina.in_()
    with pytest.raises(SignInRefused):
        sign_in(amina.people, amina.sessions, email=EMAIL, password="Wrong-horse-42")
    clock.advance(timedelta(seconds=30))
    amina.in_()


def test_a_provider_that_changes_the_origin_at_a_refresh_is_followed(
    amina: Amina, identities: TwinIdentities, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = amina.in_()
    other = Tokens(token_of(amina.user_id, "elsewhere"), None, 900, "elsewhere")
    monkeypatch.setattr(identities, "refresh", lambda *_: other)
    second = amina.goes_on(first)
    assert (amina.counts(second), amina.counts(first)) == (True, False)
    third = amina.goes_on(second)
    assert amina.counts(third)


def test_the_provider_ending_the_session_ends_it_here(
    people: People, sessions: SessionStore, identities: TwinIdentities
) -> None:
    first = _in(people, sessions)
    identities.revoked.add(f"{first.user_id}|{first.origin}")
    with pytest.raises(SessionEnded):
        refresh(people, sessions, first.session_id)
    assert sessions.get(people.keyring.hash("family", first.session_id.split(".")[0])) is None
