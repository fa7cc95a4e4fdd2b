"""Sessions: rotation, reuse, expiry, sign-out and the second factor."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.errors import TemporarilyUnavailable
from shared.platform.tables import Database, Table
from shared.users.errors import (
    ChallengeExpired,
    CodeRefused,
    NotSignedIn,
    SessionEnded,
    SignInRefused,
    StepUpRequired,
    TooManyCodes,
)
from shared.users.model import GUESS_WINDOW, Language
from shared.users.second_factor import Bearer, begin_totp, finish_totp
from shared.users.service import People, confirm_sign_up, sign_up
from shared.users.session_store import ATTEMPTS_MAX, GUESSES_MAX, SessionStore
from shared.users.sessions import (
    CHALLENGE_LIFETIME,
    GRACE,
    IDLE,
    LIFETIME,
    STEP_UP,
    MfaAsked,
    SignedIn,
    answer_mfa,
    refresh,
    sign_in,
    sign_out,
    token_ended,
)
from tests.users.twins import CODE, TOTP, TwinIdentities, claims_of

EMAIL, PASSWORD = "amina@example.com", "Correct-horse-42"


@pytest.fixture(autouse=True)
def _a_person(people: People) -> None:
    sign_up(people, email=EMAIL, password=PASSWORD, language=Language.EN)
    confirm_sign_up(people, email=EMAIL, code=CODE)


def _in(people: People, sessions: SessionStore) -> SignedIn:
    result = sign_in(people, sessions, email=EMAIL, password=PASSWORD)
    assert isinstance(result, SignedIn)
    return result


def _bearer(signed_in: SignedIn) -> Bearer:
    origin = claims_of(signed_in.access_token)["origin_jti"]
    return Bearer(signed_in.access_token, signed_in.user_id, origin)


def _ended(people: People, signed_in: SignedIn) -> bool:
    user = people.users.get(signed_in.user_id)
    assert user is not None
    return token_ended(user, claims_of(signed_in.access_token)["origin_jti"])


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
    people: People, sessions: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Cut(Exception):
        pass

    def cut(_: str) -> None:
        raise Cut

    signed_in = _in(people, sessions)
    with monkeypatch.context() as patched:
        patched.setattr(sessions, "end", cut)
        with pytest.raises(Cut):
            sign_out(people, sessions, signed_in.session_id)
    assert _ended(people, signed_in)
    sign_out(people, sessions, signed_in.session_id)
    with pytest.raises(SessionEnded):
        refresh(people, sessions, signed_in.session_id)


def test_what_the_profile_remembers_of_sign_outs_stays_small(
    people: People, sessions: SessionStore, clock: FixedClock
) -> None:
    for _ in range(5):
        sign_out(people, sessions, _in(people, sessions).session_id)
        clock.advance(timedelta(minutes=40))
    last = _in(people, sessions)
    sign_out(people, sessions, last.session_id)
    user = people.users.get(last.user_id)
    assert user is not None
    assert len(user.signed_out) == 2


def test_the_provider_ending_the_session_ends_it_here(
    people: People, sessions: SessionStore, identities: TwinIdentities
) -> None:
    first = _in(people, sessions)
    origin = claims_of(first.access_token)["origin_jti"]
    identities.revoked.add(f"{first.user_id}|{origin}")
    with pytest.raises(SessionEnded):
        refresh(people, sessions, first.session_id)
    assert sessions.get(people.keyring.hash("family", first.session_id.split(".")[0])) is None


def _with_second_factor(people: People, sessions: SessionStore) -> None:
    signed_in = _in(people, sessions)
    bearer = _bearer(signed_in)
    begin_totp(people, sessions, bearer, signed_in.session_id)
    finish_totp(people, sessions, bearer, signed_in.session_id, TOTP)


def _asked(people: People, sessions: SessionStore) -> str:
    asked = sign_in(people, sessions, email=EMAIL, password=PASSWORD)
    assert isinstance(asked, MfaAsked)
    return asked.challenge_id


def test_with_a_second_factor_the_password_alone_opens_nothing(
    people: People, sessions: SessionStore
) -> None:
    _with_second_factor(people, sessions)
    challenge = _asked(people, sessions)
    with pytest.raises(CodeRefused):
        answer_mfa(people, sessions, challenge_id=challenge, code="000000")
    signed_in = answer_mfa(people, sessions, challenge_id=challenge, code=TOTP)
    assert refresh(people, sessions, signed_in.session_id).user_id == signed_in.user_id


def test_codes_are_counted_by_person_over_all_challenges(
    people: People, sessions: SessionStore, clock: FixedClock, identities: TwinIdentities
) -> None:
    _with_second_factor(people, sessions)

    def tries(code: str) -> None:
        answer_mfa(people, sessions, challenge_id=_asked(people, sessions), code=code)

    for _ in range(GUESSES_MAX):
        with pytest.raises(CodeRefused):
            tries("000000")
    asked: list[str] = []
    identities.before = asked.append
    with pytest.raises(TooManyCodes) as refused:
        tries(TOTP)
    assert "15" in refused.value.message()
    assert asked == ["sign_in"]
    clock.advance(GUESS_WINDOW - timedelta(seconds=1))
    with pytest.raises(TooManyCodes):
        tries(TOTP)
    clock.advance(timedelta(seconds=1))
    tries(TOTP)


def test_a_right_code_ends_the_count(people: People, sessions: SessionStore) -> None:
    _with_second_factor(people, sessions)
    for _ in range(3):
        for _ in range(GUESSES_MAX - 1):
            with pytest.raises(CodeRefused):
                answer_mfa(people, sessions, challenge_id=_asked(people, sessions), code="000000")
        answer_mfa(people, sessions, challenge_id=_asked(people, sessions), code=TOTP)


def test_codes_tried_at_once_are_all_counted(people: People, sessions: SessionStore) -> None:
    now = people.clock.now()
    user = _in(people, sessions).user_id
    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(lambda _: sessions.guess(user, now), range(3 * GUESSES_MAX)))
    assert allowed.count(True) == GUESSES_MAX


def test_a_challenge_works_once_for_a_while_and_for_few_attempts(
    people: People, sessions: SessionStore, clock: FixedClock, identities: TwinIdentities
) -> None:
    _with_second_factor(people, sessions)
    once, late, guessed = (_asked(people, sessions) for _ in range(3))
    answer_mfa(people, sessions, challenge_id=once, code=TOTP)
    for _ in range(ATTEMPTS_MAX):
        with pytest.raises(CodeRefused):
            answer_mfa(people, sessions, challenge_id=guessed, code="000000")
    identities.calls.clear()
    clock.advance(CHALLENGE_LIFETIME)
    for used_up in (once, late, guessed, "never-made"):
        with pytest.raises(ChallengeExpired):
            answer_mfa(people, sessions, challenge_id=used_up, code=TOTP)
    assert identities.calls == []


def test_replacing_the_second_factor_asks_for_a_fresh_one(
    people: People, sessions: SessionStore, clock: FixedClock
) -> None:
    before = _in(people, sessions)
    _with_second_factor(people, sessions)
    with pytest.raises(StepUpRequired):
        begin_totp(people, sessions, _bearer(before), before.session_id)
    fresh = answer_mfa(people, sessions, challenge_id=_asked(people, sessions), code=TOTP)
    begin_totp(people, sessions, _bearer(fresh), fresh.session_id)
    with pytest.raises(StepUpRequired):
        begin_totp(people, sessions, _bearer(fresh), None)
    clock.advance(STEP_UP)
    with pytest.raises(StepUpRequired):
        finish_totp(people, sessions, _bearer(fresh), fresh.session_id, TOTP)


def test_a_signed_out_or_forged_token_sets_up_no_second_factor(
    people: People, sessions: SessionStore
) -> None:
    signed_in = _in(people, sessions)
    bearer = _bearer(signed_in)
    forged = Bearer(bearer.access_token.replace(".signedAA", ".forgedAA"), bearer.user_id, "x")
    with pytest.raises(NotSignedIn):
        begin_totp(people, sessions, forged, None)
    sign_out(people, sessions, signed_in.session_id)
    with pytest.raises(NotSignedIn):
        begin_totp(people, sessions, bearer, None)
    with pytest.raises(NotSignedIn):
        finish_totp(people, sessions, bearer, None, TOTP)
