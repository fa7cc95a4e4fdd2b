"""New passwords: other sessions end, whatever is cut off in between; nobody is told more."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.edge_errors import RateLimited
from shared.kernel.errors import TemporarilyUnavailable
from shared.platform.tables import Database
from shared.users.errors import (
    CodeRefused,
    PasswordTooWeak,
    PasswordUsedBefore,
    SessionEnded,
    SignInRefused,
    StepUpRequired,
)
from shared.users.passwords import (
    RESET_LIFETIME,
    change_password,
    confirm_reset,
    request_reset,
)
from shared.users.second_factor import step_up
from shared.users.service import People
from shared.users.session_store import SessionStore
from shared.users.sessions import SignedIn, sign_out
from shared.users.signing_in import MfaAsked
from shared.users.standing import suspend
from shared.users.throttles import TRIES, Visitor
from tests.users.people import EMAIL, PASSWORD, Amina, told
from tests.users.twins import RESET_CODE, TOTP, TwinIdentities, totp

NEW = "Brand-new-horse-43"
HERE = Visitor("here")


class Cut(Exception):
    """The process died here."""


@pytest.fixture
def amina(people: People, sessions: SessionStore, identities: TwinIdentities) -> Amina:
    """She has signed up."""
    return Amina(people, sessions, identities).join()


def _change(amina: Amina, acting: SignedIn, old: str = PASSWORD, new: str = NEW) -> None:
    change_password(amina.people, acting, old=old, new=new)


def _reset(amina: Amina, code: str = RESET_CODE, new: str = NEW, email: str = EMAIL) -> None:
    confirm_reset(amina.people, email=email, code=code, new=new, visitor=HERE)


def test_a_changed_password_ends_all_other_sessions_at_once(
    amina: Amina, identities: TwinIdentities, database: Database
) -> None:
    here, there = amina.in_(), amina.in_()
    _change(amina, here)
    assert identities.people[amina.user_id].password == NEW
    assert amina.counts(here)
    assert not amina.counts(there)
    with pytest.raises(SessionEnded):
        amina.goes_on(there)
    assert amina.goes_on(here).user_id == amina.user_id
    with pytest.raises(SignInRefused):
        amina.in_()
    amina.password = NEW
    assert amina.counts(amina.in_())
    assert told(database) == [("users.credentials_changed.v1", "PASSWORD_CHANGED")]


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        ("Wrong-horse-42", NEW, SignInRefused),
        (PASSWORD, "weak", PasswordTooWeak),
        (PASSWORD, PASSWORD, PasswordUsedBefore),
    ],
)
def test_what_is_refused_changes_nothing(
    amina: Amina, database: Database, old: str, new: str, refusal: type[Exception]
) -> None:
    here, there = amina.in_(), amina.in_()
    with pytest.raises(refusal):
        _change(amina, here, old, new)
    assert amina.counts(here)
    assert amina.counts(there)
    assert not amina.row.reset_begun
    assert told(database) == []
    assert amina.counts(amina.in_())


def test_with_a_second_factor_a_new_password_asks_for_a_step_up(
    amina: Amina, identities: TwinIdentities, clock: FixedClock
) -> None:
    here = amina.in_()
    amina.enrols(TOTP, here)
    with pytest.raises(StepUpRequired):
        _change(amina, here)
    assert identities.people[amina.user_id].password == PASSWORD
    step_up(amina.people, here, password=PASSWORD, code=totp(1))
    _change(amina, here)
    assert identities.people[amina.user_id].password == NEW
    assert identities.people[amina.user_id].totp


def test_a_session_that_ended_changes_no_password(amina: Amina, identities: TwinIdentities) -> None:
    here = amina.in_()
    sign_out(amina.people, amina.sessions, here.session_id)
    with pytest.raises(SessionEnded):
        _change(amina, here)
    assert identities.people[amina.user_id].password == PASSWORD


def test_a_sign_in_with_the_old_password_does_not_outlive_the_new_one(
    amina: Amina, identities: TwinIdentities
) -> None:
    here = amina.in_()

    def meanwhile(name: str) -> None:
        if name == "sign_in":
            identities.after = lambda name: None
            _change(amina, here)

    identities.after = meanwhile
    with pytest.raises(SignInRefused):
        amina.in_()
    assert [each.origin for each in amina.row.sign_ins.all] == [here.origin]


def test_a_change_that_was_cut_off_is_finished_by_repeating_it(
    amina: Amina, identities: TwinIdentities, clock: FixedClock
) -> None:
    here, there = amina.in_(), amina.in_()
    identities.after = _dying("change_password")
    with pytest.raises(Cut):
        _change(amina, here)
    identities.after = lambda name: None
    assert amina.counts(there), "the new password is not known to have been taken"
    _change(amina, here)
    assert amina.counts(here)
    assert not amina.counts(there)
    assert not amina.row.reset_begun


def test_a_change_that_was_cut_off_is_finished_by_the_next_sign_in(
    amina: Amina, identities: TwinIdentities, clock: FixedClock, database: Database
) -> None:
    here, there = amina.in_(), amina.in_()
    identities.after = _dying("change_password")
    with pytest.raises(Cut):
        _change(amina, here)
    identities.after = lambda name: None
    amina.password = NEW
    with pytest.raises(TemporarilyUnavailable):
        amina.in_()
    clock.advance(timedelta(seconds=30))
    fresh = amina.in_()
    assert [amina.counts(each) for each in (here, there, fresh)] == [False, False, True]
    assert told(database) == [("users.credentials_changed.v1", "PASSWORD_RESET")]


def test_a_provider_whose_answer_is_lost_leaves_the_note(
    amina: Amina, identities: TwinIdentities
) -> None:
    def lost(name: str) -> None:
        if name == "change_password":
            raise TemporarilyUnavailable()

    here = amina.in_()
    identities.after = lost
    with pytest.raises(TemporarilyUnavailable):
        _change(amina, here)
    assert amina.row.reset_begun


def _dying(at: str) -> Callable[[str], None]:
    def die(name: str) -> None:
        if name == at:
            raise Cut

    return die


def test_a_reset_ends_all_sessions_and_leaves_the_second_factor(
    amina: Amina, identities: TwinIdentities, database: Database
) -> None:
    amina.enrols(TOTP)
    here = amina.with_code(totp(1))
    request_reset(amina.people, email=EMAIL, visitor=HERE)
    assert amina.counts(here), "asking alone ends nothing"
    _reset(amina)
    assert not amina.counts(here)
    amina.password = NEW
    assert isinstance(amina.begin(), MfaAsked)
    assert amina.row.mfa
    assert ("users.credentials_changed.v1", "PASSWORD_RESET") in told(database)


def test_a_wrong_code_changes_nothing(amina: Amina, identities: TwinIdentities) -> None:
    here = amina.in_()
    request_reset(amina.people, email=EMAIL, visitor=HERE)
    before = amina.row
    for code in ("000000", ""):
        with pytest.raises(CodeRefused):
            _reset(amina, code)
    assert amina.row == before
    assert amina.counts(here)
    assert identities.people[amina.user_id].password == PASSWORD
    _reset(amina)
    with pytest.raises(CodeRefused):
        _reset(amina, new="Other-new-horse-44")


def test_a_mailed_code_works_for_ten_minutes(
    amina: Amina, identities: TwinIdentities, clock: FixedClock
) -> None:
    with pytest.raises(CodeRefused):
        _reset(amina)
    request_reset(amina.people, email=EMAIL, visitor=HERE)
    clock.advance(RESET_LIFETIME)
    with pytest.raises(CodeRefused):
        _reset(amina)
    assert identities.people[amina.user_id].password == PASSWORD
    request_reset(amina.people, email=EMAIL, visitor=HERE)
    clock.advance(RESET_LIFETIME - timedelta(seconds=1))
    _reset(amina)
    assert identities.people[amina.user_id].password == NEW


def test_knowing_the_password_is_no_way_around_the_code(amina: Amina) -> None:
    here = amina.in_()
    with pytest.raises(CodeRefused):
        _reset(amina, "000000", PASSWORD)
    assert amina.counts(here)


def test_a_reset_that_was_cut_off_is_finished_by_the_same_code(
    amina: Amina, identities: TwinIdentities
) -> None:
    here = amina.in_()
    request_reset(amina.people, email=EMAIL, visitor=HERE)
    identities.after = _dying("reset_password")
    with pytest.raises(Cut):
        _reset(amina)
    identities.after = lambda name: None
    assert amina.counts(here)
    _reset(amina)
    assert not amina.counts(here)
    assert not amina.row.reset_begun


def test_a_reset_that_was_cut_off_is_finished_by_the_next_sign_in(
    amina: Amina, identities: TwinIdentities
) -> None:
    here = amina.in_()
    request_reset(amina.people, email=EMAIL, visitor=HERE)
    identities.after = _dying("reset_password")
    with pytest.raises(Cut):
        _reset(amina)
    identities.after = lambda name: None
    amina.password = NEW
    fresh = amina.in_()
    assert not amina.counts(here)
    assert amina.counts(fresh)


@pytest.mark.parametrize("who", ["nobody", "suspended", "unconfirmed"])
def test_asking_and_resetting_tell_not_who_has_an_account(
    amina: Amina, identities: TwinIdentities, who: str
) -> None:
    from shared.users.model import Language
    from shared.users.service import sign_up

    email = EMAIL if who == "suspended" else f"{who}@example.com"
    if who == "suspended":
        suspend(amina.people, amina.row)
    if who == "unconfirmed":
        sign_up(amina.people, email=email, password=PASSWORD, language=Language.EN)
    identities.calls.clear()
    request_reset(amina.people, email=email, visitor=HERE)
    with pytest.raises(CodeRefused):
        _reset(amina, email=email)
    assert identities.calls == ["ask_reset", "reset_password"]


def test_mails_and_codes_are_counted_by_account_whether_it_exists_or_not(amina: Amina) -> None:
    for email in (EMAIL, "nobody@example.com"):
        for _ in range(TRIES):
            request_reset(amina.people, email=email, visitor=HERE)
        with pytest.raises(RateLimited):
            request_reset(amina.people, email=email, visitor=HERE)
        for _ in range(TRIES):
            with pytest.raises(CodeRefused):
                _reset(amina, "000000", email=email)
        with pytest.raises(RateLimited):
            _reset(amina, email=email)
    # Her own device has its own count.
    request_reset(amina.people, email=EMAIL, visitor=amina.browser)
    confirm_reset(amina.people, email=EMAIL, code=RESET_CODE, new=NEW, visitor=amina.browser)


def test_a_strangers_wrong_code_takes_no_note_of_a_change_away(
    amina: Amina, identities: TwinIdentities
) -> None:
    here, thief = amina.in_(), amina.in_()
    request_reset(amina.people, email=EMAIL, visitor=HERE)

    def meanwhile(name: str) -> None:
        if name != "reset_password":
            return
        identities.before = lambda name: None
        identities.after = _dying("change_password")
        with pytest.raises(Cut):
            _change(amina, here)
        identities.after = lambda name: None

    identities.before = meanwhile
    with pytest.raises(CodeRefused):
        _reset(amina, "000000", "Guess-of-a-stranger-1")
    assert amina.row.reset_begun
    assert amina.row.held_until > 0
    _change(amina, here)
    assert [amina.counts(each) for each in (here, thief)] == [True, False]
