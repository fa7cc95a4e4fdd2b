"""Tries are counted by account and address; who has used a device before has an own count."""

from datetime import timedelta

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.edge_errors import RateLimited
from shared.platform.tables import Database
from shared.users import devices
from shared.users.errors import SignInRefused
from shared.users.keyring import Keyring
from shared.users.model import Language
from shared.users.service import People, confirm_sign_up, sign_up
from shared.users.session_store import SessionStore
from shared.users.signing_in import sign_in
from shared.users.throttles import (
    SIGN_INS_BY_ADDRESS,
    SIGN_INS_BY_DEVICE,
    SIGN_UPS_BY_ACCOUNT,
    SIGN_UPS_BY_ADDRESS,
    TRIES,
    Visitor,
)
from tests.users.people import EMAIL, PASSWORD, Amina, told
from tests.users.twins import CODE, TwinIdentities

STRANGER = Visitor("elsewhere")
USER, OTHER = "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV", "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAW"


@pytest.fixture
def amina(people: People, sessions: SessionStore, identities: TwinIdentities) -> Amina:
    """She has signed up."""
    return Amina(people, sessions, identities).join()


def _guess(amina: Amina, visitor: Visitor, email: str = EMAIL) -> None:
    with pytest.raises(SignInRefused):
        sign_in(
            amina.people,
            amina.sessions,
            email=email,
            password="Wrong-horse-42",
            visitor=visitor,
        )


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
def test_a_stranger_gets_so_many_tries_whether_the_account_exists_or_not(
    amina: Amina, identities: TwinIdentities, email: str
) -> None:
    for number in range(TRIES):
        _guess(amina, Visitor(f"address-{number}"), email)
    identities.calls.clear()
    with pytest.raises(RateLimited) as refused:
        sign_in(amina.people, amina.sessions, email=email, password=PASSWORD, visitor=STRANGER)
    assert refused.value.values == {"seconds": 16 * 60}
    assert identities.calls == []


def test_strangers_reach_the_provider_too_seldom_to_lock_anybody_out_there(
    amina: Amina, identities: TwinIdentities, clock: FixedClock
) -> None:
    identities.calls.clear()
    for _ in range(24 * 60):
        try:
            sign_in(
                amina.people,
                amina.sessions,
                email=EMAIL,
                password="Wrong-horse-42",
                visitor=STRANGER,
            )
        except (SignInRefused, RateLimited):
            clock.advance(timedelta(minutes=1))
    assert len(identities.calls) == TRIES + 24 * 60 // 16 - 1


def test_a_stranger_who_uses_up_the_accounts_tries_does_not_lock_its_owner_out(
    amina: Amina,
) -> None:
    for _ in range(TRIES):
        _guess(amina, STRANGER)
    with pytest.raises(RateLimited):
        amina.in_(STRANGER)
    assert amina.counts(amina.in_())


def test_nobody_at_a_neighbours_address_locks_the_owner_out_either(amina: Amina) -> None:
    for number in range(SIGN_INS_BY_ADDRESS.capacity):
        _guess(amina, Visitor("here"), f"person{number}@example.com")
    with pytest.raises(RateLimited):
        amina.in_(Visitor("here"))
    assert amina.counts(amina.in_())


def test_a_known_device_has_a_limit_too(amina: Amina) -> None:
    browser = amina.browser
    for _ in range(SIGN_INS_BY_DEVICE.capacity):
        _guess(amina, browser)
    with pytest.raises(RateLimited):
        amina.in_(browser)


def test_the_device_of_somebody_else_is_a_strangers(
    amina: Amina, people: People, sessions: SessionStore, identities: TwinIdentities
) -> None:
    brian = Amina(people, sessions, identities, email="brian@example.com").join()
    for number in range(TRIES):
        _guess(amina, Visitor(f"address-{number}", remembered=brian.browser.remembered))
    with pytest.raises(RateLimited):
        amina.in_(brian.browser)


@pytest.mark.parametrize("taken", [True, False])
def test_sign_ups_are_counted_by_account_whether_it_exists_or_not(
    people: People, identities: TwinIdentities, taken: bool
) -> None:
    def again() -> None:
        sign_up(people, email=EMAIL, password=PASSWORD, language=Language.EN, visitor=STRANGER)

    again()
    if taken:
        confirm_sign_up(people, email=EMAIL, code=CODE)
    for _ in range(SIGN_UPS_BY_ACCOUNT.capacity - 1):
        again()
    identities.calls.clear()
    with pytest.raises(RateLimited):
        again()
    assert identities.calls == []


def test_sign_ups_are_counted_by_address(people: People) -> None:
    for number in range(SIGN_UPS_BY_ADDRESS.capacity):
        sign_up(
            people,
            email=f"person{number}@example.com",
            password=PASSWORD,
            language=Language.EN,
            visitor=STRANGER,
        )
    with pytest.raises(RateLimited):
        sign_up(
            people,
            email="one.more@example.com",
            password=PASSWORD,
            language=Language.EN,
            visitor=STRANGER,
        )


def test_codes_of_a_sign_up_are_counted_whether_there_is_one_or_not(people: People) -> None:
    from shared.users.errors import CodeRefused
    from shared.users.throttles import MAILED_CODES_BY_ACCOUNT

    sign_up(people, email=EMAIL, password=PASSWORD, language=Language.EN)
    for email in (EMAIL, "nobody@example.com"):
        for _ in range(MAILED_CODES_BY_ACCOUNT.capacity):
            with pytest.raises(CodeRefused):
                confirm_sign_up(people, email=email, code="000000")
        with pytest.raises(RateLimited):
            confirm_sign_up(people, email=email, code=CODE)


def test_only_a_sign_in_from_a_device_not_used_before_is_told(
    amina: Amina, database: Database
) -> None:
    amina.in_()
    assert told(database) == []
    amina.in_(STRANGER)
    assert told(database) == [("users.signed_in_from_new_device.v1", "")]


KEYS = Keyring(lambda: "pepper")


def test_a_device_is_known_to_the_people_who_signed_in_with_it_only() -> None:
    cookie = devices.remember(KEYS, None, USER)
    known = devices.known_to(KEYS, cookie, USER)
    assert known is not None
    assert devices.known_to(KEYS, cookie, OTHER) is None
    both = devices.remember(KEYS, cookie, OTHER)
    assert devices.known_to(KEYS, both, USER) == known, "it is the same device"
    assert devices.known_to(KEYS, both, OTHER) not in (None, known)
    assert USER not in both
    assert devices.known_to(KEYS, devices.remember(KEYS, None, USER), USER) != known


@pytest.mark.parametrize("forged", [None, "", "x", "é", "A" * 5000, "AAAA" * 20])
def test_a_device_that_somebody_made_up_is_known_to_nobody(forged: str | None) -> None:
    assert devices.known_to(KEYS, forged, USER) is None
    assert devices.known_to(KEYS, devices.remember(KEYS, forged, USER), USER) is not None


def test_a_cookie_of_another_secret_is_known_to_nobody() -> None:
    theirs = devices.remember(Keyring(lambda: "other"), None, USER)
    assert devices.known_to(KEYS, theirs, USER) is None


def test_a_device_remembers_few_people() -> None:
    people = [f"usr_t1_{number:026d}" for number in range(devices.PEOPLE_MAX + 1)]
    cookie: str | None = None
    for user_id in people:
        cookie = devices.remember(KEYS, cookie, user_id)
    known = [devices.known_to(KEYS, cookie, user_id) is not None for user_id in people]
    assert known == [False] + [True] * devices.PEOPLE_MAX
