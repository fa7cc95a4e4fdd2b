"""Recovery codes: each works once, takes the app away, and leaves nothing half done."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.kernel.edge_errors import RateLimited
from shared.kernel.errors import TemporarilyUnavailable
from shared.platform.tables import Database
from shared.users.errors import CodeRefused, RecoveryUnfinished, SignInRefused
from shared.users.recovery import sign_in_with_recovery_code
from shared.users.recovery_codes import new_codes
from shared.users.service import People
from shared.users.session_store import SessionStore
from shared.users.sessions import SignedIn
from shared.users.throttles import CODES, TRIES, Visitor
from tests.users.people import PASSWORD, Amina, told
from tests.users.twins import TOTP, TwinIdentities, totp


class Cut(Exception):
    """The process died here."""


@pytest.fixture
def amina(people: People, sessions: SessionStore, identities: TwinIdentities) -> Amina:
    """She has signed up."""
    return Amina(people, sessions, identities).join()


@pytest.fixture
def codes(amina: Amina) -> list[str]:
    """Her recovery codes; the app shows codes for which 777777 is used up."""
    return amina.enrols(TOTP)


def _recover(amina: Amina, code: str, password: str = PASSWORD) -> SignedIn:
    return sign_in_with_recovery_code(
        amina.people,
        amina.sessions,
        email=amina.email,
        password=password,
        recovery_code=code,
        visitor=amina.browser,
    )


def test_codes_are_readable_and_cannot_be_guessed() -> None:
    codes = new_codes()
    assert len(set(codes)) == 10
    for code in codes:
        assert [len(part) for part in code.split("-")] == [4, 4, 4]
        assert not set(code) & set("ILOU")
    assert math.log2(32**12) >= 50


def test_a_code_signs_in_and_takes_the_app_and_all_codes_away(
    amina: Amina, codes: list[str], identities: TwinIdentities, database: Database
) -> None:
    signed_in = _recover(amina, codes[3])
    assert amina.counts(signed_in)
    assert not amina.row.mfa
    assert not identities.people[amina.user_id].totp
    assert amina.people.factors.recovery(amina.user_id).unused == frozenset()
    assert ("users.credentials_changed.v1", "SECOND_FACTOR_RECOVERED") in told(database)
    for code in codes:
        with pytest.raises(CodeRefused):
            _recover(amina, code)
    assert len(amina.enrols(totp(1), signed_in)) == 10


def test_a_lost_app_is_lost_with_its_sessions_and_with_sign_ins_that_wait_for_it(
    amina: Amina, codes: list[str]
) -> None:
    on_the_phone, waiting = amina.with_code(totp(1)), amina.asked()
    signed_in = _recover(amina, codes[0])
    assert [amina.counts(each) for each in (on_the_phone, signed_in)] == [False, True]
    with pytest.raises(SignInRefused):
        amina.answers(waiting, totp(2))
    assert not amina.row.mfa
    assert len(amina.row.sign_ins.all) == 1


@pytest.mark.parametrize(
    "typed",
    [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code.replace('0', 'O')} "],
)
def test_a_code_may_be_typed_as_people_type(
    amina: Amina, codes: list[str], typed: Callable[[str], str]
) -> None:
    assert amina.counts(_recover(amina, typed(codes[0])))


def test_whatever_is_wrong_opens_and_spends_nothing(
    amina: Amina, codes: list[str], identities: TwinIdentities
) -> None:
    before = amina.row
    with pytest.raises(SignInRefused):
        _recover(amina, codes[0], "Wrong-horse-42")
    for wrong in ("0000-0000-0000", "", "x", codes[0] + "0", "é" * 12):
        with pytest.raises(CodeRefused):
            _recover(amina, wrong)
    assert amina.row == before
    assert len(amina.people.factors.recovery(amina.user_id).unused) == 10
    assert "switch_off_totp" not in identities.calls
    assert identities.people[amina.user_id].totp


def test_without_a_second_factor_there_is_nothing_to_recover(
    amina: Amina, identities: TwinIdentities
) -> None:
    with pytest.raises(CodeRefused):
        _recover(amina, "0000-0000-0000")
    assert amina.row.sign_ins.all == frozenset()
    assert len(identities.revoked) == 1


def test_codes_are_another_persons_in_no_way(
    amina: Amina,
    codes: list[str],
    people: People,
    sessions: SessionStore,
    identities: TwinIdentities,
) -> None:
    brian = Amina(people, sessions, identities, email="brian@example.com").join()
    brian.enrols(totp(5))
    with pytest.raises(CodeRefused):
        _recover(brian, codes[0])


def test_guesses_are_counted(amina: Amina, codes: list[str]) -> None:
    def guess(visitor: Visitor, code: str) -> SignedIn:
        return sign_in_with_recovery_code(
            amina.people,
            amina.sessions,
            email=amina.email,
            password=PASSWORD,
            recovery_code=code,
            visitor=visitor,
        )

    for _ in range(TRIES):
        with pytest.raises(CodeRefused):
            guess(Visitor("elsewhere"), "0000-0000-0000")
    with pytest.raises(RateLimited):
        guess(Visitor("elsewhere"), codes[0])
    browser = amina.browser
    for _ in range(CODES.capacity - 1):
        with pytest.raises(CodeRefused):
            guess(browser, "0000-0000-0000")
    assert amina.counts(guess(browser, codes[0])), "her own device has its own count"


def test_one_code_in_two_hands_at_once_opens_one_session(amina: Amina, codes: list[str]) -> None:
    def attempt(_: int) -> SignedIn | None:
        try:
            return _recover(amina, codes[0])
        except (CodeRefused, SignInRefused):
            return None

    with ThreadPoolExecutor(4) as pool:
        opened = [each for each in pool.map(attempt, range(4)) if each is not None]
    assert len(opened) == 1
    assert amina.counts(opened[0])
    assert len(amina.row.sign_ins.all) == 1


def _dies(name: str, *, after: bool, identities: TwinIdentities) -> None:
    def die(called: str) -> None:
        if called == name:
            raise Cut

    if after:
        identities.after = die
    else:
        identities.before = die


@pytest.mark.parametrize(
    ("name", "after"),
    [("switch_off_totp", False), ("switch_off_totp", True)],
)
def test_a_recovery_that_was_cut_off_is_completed_by_the_same_code_only(
    amina: Amina, codes: list[str], identities: TwinIdentities, name: str, after: bool
) -> None:
    _dies(name, after=after, identities=identities)
    with pytest.raises(Cut):
        _recover(amina, codes[0])
    identities.before = identities.after = lambda name: None
    assert amina.row.mfa
    live = amina.row.sign_ins
    if after:
        with pytest.raises(RecoveryUnfinished):
            amina.begin()
    else:
        amina.asked()
    with pytest.raises(CodeRefused):
        _recover(amina, "0000-0000-0000")
    assert amina.row.sign_ins == live
    signed_in = _recover(amina, codes[0])
    assert amina.counts(signed_in)
    assert not amina.row.mfa
    with pytest.raises(CodeRefused):
        _recover(amina, codes[0])


def test_a_recovery_cut_off_before_the_last_fact_opens_nothing_until_repeated(
    amina: Amina, codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise Cut

    with monkeypatch.context() as patched:
        patched.setattr(type(amina.people.facts), "commit", cut)
        with pytest.raises(Cut):
            _recover(amina, codes[0])
    with pytest.raises(RecoveryUnfinished):
        amina.begin()
    assert amina.row.mfa
    assert amina.counts(_recover(amina, codes[0]))


def test_another_code_may_take_over_a_recovery_that_was_cut_off(
    amina: Amina, codes: list[str], identities: TwinIdentities
) -> None:
    _dies("switch_off_totp", after=True, identities=identities)
    with pytest.raises(Cut):
        _recover(amina, codes[0])
    identities.after = lambda name: None
    assert amina.counts(_recover(amina, codes[1]))


def test_a_provider_that_does_not_answer_leaves_the_app_in_force(
    amina: Amina, codes: list[str], identities: TwinIdentities
) -> None:
    def down(name: str) -> None:
        if name == "switch_off_totp":
            raise TemporarilyUnavailable()

    identities.before = down
    with pytest.raises(TemporarilyUnavailable):
        _recover(amina, codes[0])
    identities.before = lambda name: None
    assert amina.with_code(totp(1))
    assert amina.counts(_recover(amina, codes[0]))
