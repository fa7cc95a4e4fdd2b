"""The authenticator app: setting it up, codes that count once, and proving it again."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.edge_errors import RateLimited
from shared.platform.tables import Database
from shared.users.errors import (
    ChallengeExpired,
    CodeRefused,
    NotSignedIn,
    RecoveryUnfinished,
    SecondFactorNeeded,
    SessionEnded,
    SignInRefused,
    StepUpRequired,
)
from shared.users.ports import Tokens
from shared.users.second_factor import begin_totp, finish_totp, renew_recovery_codes, step_up
from shared.users.service import People
from shared.users.session_store import ATTEMPTS_MAX, SessionStore
from shared.users.sessions import SignedIn, sign_out
from shared.users.sign_ins import STEP_UP
from shared.users.signing_in import CHALLENGE_LIFETIME, CODES_KEPT, MfaAsked
from shared.users.standing import end_all_sessions
from shared.users.throttles import CODES, Visitor
from tests.users.people import PASSWORD, Amina, told
from tests.users.twins import TOTP, TwinIdentities, token_of, totp

WRONG = "000000"


@pytest.fixture
def amina(people: People, sessions: SessionStore, identities: TwinIdentities) -> Amina:
    """She has signed up."""
    return Amina(people, sessions, identities).join()


@pytest.fixture
def secured(amina: Amina) -> Amina:
    """She has set up an authenticator app with the code 777777."""
    amina.enrols(TOTP)
    return amina


def _stepped_up(amina: Amina, signed_in: SignedIn) -> bool:
    return amina.row.sign_ins.stepped_up(signed_in.origin, amina.people.clock.now())


def test_setting_up_ends_other_sessions_and_gives_ten_codes_once(
    amina: Amina, database: Database
) -> None:
    here, there = amina.in_(), amina.in_()
    codes = amina.enrols(TOTP, here)
    assert len(set(codes)) == 10
    assert amina.row.mfa
    assert amina.counts(here)
    assert not amina.counts(there)
    assert told(database) == [("users.credentials_changed.v1", "SECOND_FACTOR_SET_UP")]
    kept = amina.people.factors.recovery(amina.user_id)
    assert len(kept.unused) == 10
    assert not any(code in str(kept) or code.replace("-", "") in str(kept) for code in codes)


def test_setting_up_proves_nothing_that_a_thief_of_the_session_could_not(amina: Amina) -> None:
    here = amina.in_()
    amina.enrols(TOTP, here)
    assert not _stepped_up(amina, here)


def test_a_sign_in_under_way_by_password_alone_ends_when_a_factor_is_set_up(
    amina: Amina, identities: TwinIdentities
) -> None:
    here = amina.in_()
    begin_totp(amina.people, here)

    def meanwhile(name: str) -> None:
        if name == "sign_in":
            identities.after = lambda name: None
            finish_totp(amina.people, here, TOTP)

    identities.after = meanwhile
    with pytest.raises(SignInRefused):
        amina.begin()


def test_with_a_second_factor_the_password_alone_opens_nothing(secured: Amina) -> None:
    live = secured.row.sign_ins
    challenge = secured.asked()
    assert secured.row.sign_ins == live
    with pytest.raises(CodeRefused):
        secured.answers(challenge, WRONG)
    assert secured.row.sign_ins == live
    signed_in = secured.answers(challenge, totp(1))
    assert _stepped_up(secured, signed_in)
    assert secured.goes_on(signed_in).user_id == secured.user_id


def test_a_code_counts_once_whatever_it_was_used_for(secured: Amina) -> None:
    with pytest.raises(CodeRefused):
        secured.with_code(TOTP)
    signed_in = secured.with_code(totp(1))
    with pytest.raises(CodeRefused):
        secured.with_code(totp(1))
    with pytest.raises(CodeRefused):
        step_up(secured.people, signed_in, password=PASSWORD, code=totp(1))
    step_up(secured.people, signed_in, password=PASSWORD, code=totp(2))
    with pytest.raises(CodeRefused):
        secured.with_code(totp(2))


def test_the_same_digits_may_come_again_once_no_app_shows_them_any_more(
    secured: Amina, clock: FixedClock
) -> None:
    secured.with_code(totp(1))
    clock.advance(CODES_KEPT)
    secured.with_code(totp(1))


def test_one_code_at_once_from_two_places_opens_one_session(secured: Amina) -> None:
    challenges = [secured.asked(), secured.asked()]

    def answer(challenge: str) -> SignedIn | None:
        try:
            return secured.answers(challenge, totp(1))
        except CodeRefused:
            return None

    before = len(secured.row.sign_ins.all)
    with ThreadPoolExecutor(2) as pool:
        opened = [each for each in pool.map(answer, challenges) if each is not None]
    assert len(opened) == 1
    assert len(secured.row.sign_ins.all) == before + 1
    assert len(secured.identities.revoked) == 1


def test_codes_are_counted_by_person_over_all_challenges(
    secured: Amina, clock: FixedClock, identities: TwinIdentities
) -> None:
    stranger = Visitor("elsewhere")
    tries = [secured.asked(stranger) for _ in range(3)]
    used = 1  # by setting it up
    for number in range(CODES.capacity - used):
        with pytest.raises(CodeRefused):
            secured.answers(tries[number // ATTEMPTS_MAX], WRONG)
    identities.calls.clear()
    with pytest.raises(RateLimited) as refused:
        secured.answers(tries[2], totp(1))
    assert refused.value.values == {"seconds": 60}
    assert identities.calls == []
    assert secured.with_code(totp(2)), "her own device has its own count"
    clock.advance(timedelta(minutes=1))
    assert secured.answers(tries[2], totp(3))


def test_a_challenge_works_once_for_a_while_and_for_few_attempts(
    secured: Amina, clock: FixedClock, identities: TwinIdentities
) -> None:
    once, late, guessed = (secured.asked() for _ in range(3))
    secured.answers(once, totp(1))
    for _ in range(ATTEMPTS_MAX):
        with pytest.raises(CodeRefused):
            secured.answers(guessed, WRONG)
    identities.calls.clear()
    clock.advance(CHALLENGE_LIFETIME)
    for used_up in (once, late, guessed, "never-made"):
        with pytest.raises(ChallengeExpired):
            secured.answers(used_up, totp(2))
    assert identities.calls == []


@pytest.mark.parametrize("moment", ["before the code", "while the code is checked"])
def test_a_sign_in_that_waits_for_its_code_does_not_outlive_the_end_of_all_sessions(
    secured: Amina, identities: TwinIdentities, moment: str
) -> None:
    challenge = secured.asked()

    def meanwhile(name: str) -> None:
        identities.after = lambda name: None
        end_all_sessions(secured.people, secured.row)

    if moment == "before the code":
        meanwhile("answer")
    else:
        identities.after = meanwhile
    with pytest.raises(SignInRefused):
        secured.answers(challenge, totp(1))
    assert secured.row.sign_ins.all == frozenset()


def test_a_replacement_under_way_leaves_its_owner_the_codes_to_recover(
    secured: Amina, identities: TwinIdentities
) -> None:
    acting = secured.with_code(totp(1))
    begin_totp(secured.people, acting)
    before = secured.people.factors.recovery(secured.user_id)

    def meanwhile(name: str) -> None:
        if name == "finish_totp":
            end_all_sessions(secured.people, secured.row)

    identities.after = meanwhile
    with pytest.raises(NotSignedIn):
        finish_totp(secured.people, acting, totp(2))
    assert secured.row.mfa
    assert identities.people[secured.user_id].totp
    assert secured.people.factors.recovery(secured.user_id) == before


def test_replacing_the_app_asks_for_a_step_up(secured: Amina, clock: FixedClock) -> None:
    signed_in = secured.with_code(totp(1))
    begin_totp(secured.people, signed_in)
    clock.advance(STEP_UP)
    with pytest.raises(StepUpRequired):
        begin_totp(secured.people, signed_in)
    with pytest.raises(StepUpRequired):
        finish_totp(secured.people, signed_in, totp(2))
    step_up(secured.people, signed_in, password=PASSWORD, code=totp(3))
    assert len(finish_totp(secured.people, signed_in, totp(4))) == 10


def test_a_session_that_ended_sets_up_and_proves_nothing(
    amina: Amina, identities: TwinIdentities
) -> None:
    signed_in = amina.in_()
    sign_out(amina.people, amina.sessions, signed_in.session_id)
    identities.calls.clear()
    with pytest.raises(NotSignedIn):
        begin_totp(amina.people, signed_in)
    with pytest.raises(NotSignedIn):
        finish_totp(amina.people, signed_in, TOTP)
    with pytest.raises(SessionEnded):
        step_up(amina.people, signed_in, password=PASSWORD, code=TOTP)
    with pytest.raises(SessionEnded):
        renew_recovery_codes(amina.people, signed_in)
    assert identities.calls == []


def test_a_step_up_lasts_five_minutes_and_for_its_session_alone(
    secured: Amina, clock: FixedClock, identities: TwinIdentities
) -> None:
    signed_in, other = secured.with_code(totp(1)), secured.with_code(totp(2))
    clock.advance(STEP_UP)
    assert not _stepped_up(secured, signed_in)
    revoked = len(identities.revoked)
    until = step_up(secured.people, signed_in, password=PASSWORD, code=totp(3))
    assert until == clock.now() + timedelta(minutes=5)
    assert _stepped_up(secured, signed_in)
    assert not _stepped_up(secured, other)
    assert len(identities.revoked) == revoked + 1, "the second sign-in at the provider is ended"
    assert secured.goes_on(signed_in).origin == signed_in.origin
    clock.advance(timedelta(minutes=5) - timedelta(seconds=1))
    assert _stepped_up(secured, signed_in)
    clock.advance(timedelta(seconds=1))
    assert not _stepped_up(secured, signed_in)


def test_a_step_up_needs_password_and_code(secured: Amina, clock: FixedClock) -> None:
    signed_in = secured.with_code(totp(1))
    clock.advance(STEP_UP)
    with pytest.raises(SignInRefused):
        step_up(secured.people, signed_in, password="Wrong-horse-42", code=totp(2))
    with pytest.raises(CodeRefused):
        step_up(secured.people, signed_in, password=PASSWORD, code=WRONG)
    assert not _stepped_up(secured, signed_in)


def test_without_a_second_factor_the_advice_is_to_set_one_up(
    amina: Amina, identities: TwinIdentities
) -> None:
    signed_in = amina.in_()
    identities.calls.clear()
    with pytest.raises(SecondFactorNeeded) as needed:
        step_up(amina.people, signed_in, password=PASSWORD, code=TOTP)
    assert needed.value.what_to_do() == "Set up an authenticator app first."
    with pytest.raises(SecondFactorNeeded):
        renew_recovery_codes(amina.people, signed_in)
    assert identities.calls == []


def test_passwords_tried_by_step_up_are_counted(secured: Amina, clock: FixedClock) -> None:
    signed_in = secured.with_code(totp(1))
    for _ in range(CODES.capacity):
        with pytest.raises(SignInRefused):
            step_up(secured.people, signed_in, password="Wrong-horse-42", code=totp(2))
    with pytest.raises(RateLimited):
        step_up(secured.people, signed_in, password=PASSWORD, code=totp(2))


def test_tries_in_a_session_are_counted_through_all_its_refreshes(
    secured: Amina, identities: TwinIdentities
) -> None:
    acting = secured.with_code(totp(1))
    plain = identities.refresh

    def elsewhere(user_id: str, refresh_token: str) -> Tokens:
        tokens = plain(user_id, refresh_token)
        origin = f"origin-after-{len(identities.calls)}"
        return replace(tokens, access_token=token_of(user_id, origin), origin=origin)

    identities.refresh = elsewhere  # gives tokens other origins
    for _ in range(CODES.capacity):
        acting = secured.goes_on(acting)
        with pytest.raises(SignInRefused):
            step_up(secured.people, acting, password="Wrong-horse-42", code=totp(2))
    acting = secured.goes_on(acting)
    with pytest.raises(RateLimited):
        step_up(secured.people, acting, password=PASSWORD, code=totp(2))


def test_new_recovery_codes_need_a_step_up_and_void_the_old_ones(
    amina: Amina, clock: FixedClock, database: Database
) -> None:
    old = amina.enrols(TOTP)
    signed_in = amina.with_code(totp(1))
    new = renew_recovery_codes(amina.people, signed_in)
    assert len(set(new) | set(old)) == 20
    assert len(amina.people.factors.recovery(amina.user_id).unused) == 10
    assert ("users.credentials_changed.v1", "RECOVERY_CODES_RENEWED") in told(database)
    clock.advance(STEP_UP)
    with pytest.raises(StepUpRequired):
        renew_recovery_codes(amina.people, signed_in)


def test_a_set_up_that_was_cut_off_is_finished_and_told_by_the_next_sign_in(
    amina: Amina, identities: TwinIdentities, database: Database
) -> None:
    set_up = ("users.credentials_changed.v1", "SECOND_FACTOR_SET_UP")
    signed_in = amina.in_()
    begin_totp(amina.people, signed_in)
    identities.finish_totp(signed_in.access_token, TOTP)
    assert not amina.row.mfa
    assert isinstance(amina.begin(), MfaAsked)
    assert set_up not in told(database)
    fresh = amina.with_code(totp(1))
    assert amina.row.mfa
    assert [amina.counts(each) for each in (signed_in, fresh)] == [False, True]
    amina.with_code(totp(2))
    assert told(database).count(set_up) == 1


def test_a_provider_that_asks_for_no_factor_any_more_lets_nobody_in(
    secured: Amina, identities: TwinIdentities
) -> None:
    signed_in = secured.with_code(totp(1))
    identities.switch_off_totp(secured.user_id)
    live = secured.row.sign_ins
    with pytest.raises(RecoveryUnfinished):
        secured.begin()
    with pytest.raises(RecoveryUnfinished):
        step_up(secured.people, signed_in, password=PASSWORD, code=totp(2))
    assert secured.row.sign_ins == live
    assert len(identities.revoked) == 2
