"""Sign-up: resumable at every step, silent about who has an account."""

import threading
from dataclasses import replace

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.errors import InvalidValue
from shared.kernel.money import Currency
from shared.ledger.store import LedgerStore, wallet_key
from shared.platform import keys
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import SHARDS, Facts, OutboxRow
from shared.platform.tables import Database, Table
from shared.users.errors import CodeRefused, PasswordTooWeak, SignInRefused
from shared.users.model import Language, UserStatus
from shared.users.service import People, confirm_sign_up, profile_of, sign_up
from shared.users.session_store import SessionStore
from shared.users.sessions import SignedIn
from shared.users.signing_in import sign_in
from shared.users.store import UserStore
from tests.users.twins import CODE, TwinIdentities

EMAIL, PASSWORD = "amina@example.com", "Correct-horse-42"


class Cut(Exception):
    """The process dies here."""


def _outbox(database: Database) -> list[OutboxRow]:
    pages = [database.query(Table.OUTBOX, f"OUTBOX#{n}", "0", "~") for n in range(SHARDS)]
    return [row for page in pages for row in page.rows(OutboxRow)]


def _holder(people: People, email: str = EMAIL) -> str:
    held = people.users.reservation(people.keyring.hash("email", email))
    assert held is not None
    return held.user_id


def _registered(people: People) -> str:
    sign_up(people, email=EMAIL, password=PASSWORD, language=Language.SW)
    confirm_sign_up(people, email=EMAIL, code=CODE)
    return _holder(people)


def test_a_confirmed_sign_up_makes_a_person_with_wallets_and_one_event(
    people: People, database: Database
) -> None:
    user_id = _registered(people)
    user = people.users.get(user_id)
    assert user is not None
    assert (user.status, user.language) == (UserStatus.ACTIVE, Language.SW)
    assert profile_of(people, user).email == EMAIL
    wallets = [wallet_key(user_id, Currency.USD), wallet_key(user_id, Currency.KES)]
    assert set(database.get_many(wallets)) == set(wallets)
    assert [row.type for row in _outbox(database)] == ["users.user_registered.v1"]
    assert EMAIL not in _outbox(database)[0].envelope


def test_before_the_code_there_is_no_person(people: People, database: Database) -> None:
    sign_up(people, email=EMAIL, password=PASSWORD, language=Language.EN)
    assert people.users.get(_holder(people)) is None
    assert _outbox(database) == []


def test_registration_is_one_write(people: People, clock: FixedClock) -> None:
    database = MemoryDatabase()
    written: list[int] = []
    original = database.transact
    database.transact = lambda changes: (written.append(len(changes)), original(changes))[1]
    people = replace(
        people,
        users=UserStore(database),
        wallets=LedgerStore(database),
        facts=Facts(database, clock, people.ids),
    )
    sign_up(people, email=EMAIL, password=PASSWORD, language=Language.EN)
    written.clear()
    confirm_sign_up(people, email=EMAIL, code=CODE)
    assert written == [5]  # profile, address, two wallets, event


def test_the_address_is_stored_neither_in_clear_nor_as_a_plain_hash(
    people: People, database: Database
) -> None:
    user_id = _registered(people)
    page = database.query(Table.CORE, keys.user(user_id), "A", "~")
    assert "amina" not in str([item.attributes for item in page.items]).lower()


def test_the_profile_row_stays_under_a_kilobyte(people: People, database: Database) -> None:
    user_id = _registered(people)
    (item,) = (
        one
        for one in database.query(Table.CORE, keys.user(user_id), "P", "Q").items
        if one.sk == keys.PROFILE
    )
    size = sum(len(name) + len(str(value)) for name, value in item.attributes.items())
    assert size < 1024


def test_an_address_that_is_taken_gets_the_same_answer_and_nothing_changes(
    people: People, identities: TwinIdentities, database: Database
) -> None:
    user_id = _registered(people)
    before = people.users.get(user_id)
    identities.calls.clear()
    sign_up(people, email=" AMINA@EXAMPLE.COM ", password="Another-horse-42", language=Language.EN)
    assert people.users.get(user_id) == before
    assert _holder(people) == user_id
    assert "create" not in identities.calls
    assert len(identities.calls) == 1, "it asks the provider as often as for a free address"
    assert len(_outbox(database)) == 1


@pytest.mark.parametrize(
    "spelling",
    ["AMINA@example.com", "amina@EXAMPLE.com", "\uff41mina@example.com", " amina@example.com"],
)
def test_spellings_of_one_mailbox_are_one_address(people: People, spelling: str) -> None:
    user_id = _registered(people)
    sign_up(people, email=spelling, password=PASSWORD, language=Language.EN)
    assert _holder(people) == user_id


@pytest.mark.parametrize("step", ["create", "confirm"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_around_any_step_is_mended_by_repeating(
    people: People, identities: TwinIdentities, database: Database, step: str, when: str
) -> None:
    def cut(name: str) -> None:
        if name == step:
            setattr(identities, when, lambda _: None)
            raise Cut

    setattr(identities, when, cut)
    for _ in range(2):
        try:
            sign_up(people, email=EMAIL, password=PASSWORD, language=Language.EN)
            confirm_sign_up(people, email=EMAIL, code=CODE)
        except Cut:
            continue
    user = people.users.get(_holder(people))
    assert user is not None
    assert user.status is UserStatus.ACTIVE
    assert len(_outbox(database)) == 1


def test_a_crash_before_the_registration_is_mended_by_the_same_code(
    people: People, clock: FixedClock
) -> None:
    sign_up(people, email=EMAIL, password=PASSWORD, language=Language.EN)

    class Cutting:
        def commit(self, writes: object, *events: object) -> None:
            raise Cut

    with pytest.raises(Cut):
        confirm_sign_up(replace(people, facts=Cutting()), email=EMAIL, code=CODE)
    confirm_sign_up(people, email=EMAIL, code=CODE)
    assert people.users.get(_holder(people)) is not None


def test_signing_in_finishes_a_registration_that_was_cut_off(
    people: People, sessions: SessionStore, identities: TwinIdentities, database: Database
) -> None:
    sign_up(people, email=EMAIL, password=PASSWORD, language=Language.EN)
    identities.confirm(_holder(people), CODE)
    signed_in = sign_in(people, sessions, email=EMAIL, password=PASSWORD)
    assert isinstance(signed_in, SignedIn)
    assert people.users.get(signed_in.user_id) is not None
    assert sorted(row.type for row in _outbox(database)) == [
        "users.signed_in_from_new_device.v1",
        "users.user_registered.v1",
    ]


def test_the_same_code_twice_is_success_and_another_one_is_not(
    people: People, database: Database
) -> None:
    _registered(people)
    confirm_sign_up(people, email=EMAIL, code=CODE)
    with pytest.raises(CodeRefused):
        confirm_sign_up(people, email=EMAIL, code="654321")
    assert len(_outbox(database)) == 1


def test_a_wrong_code_and_an_unknown_address_look_the_same(people: People) -> None:
    sign_up(people, email=EMAIL, password=PASSWORD, language=Language.EN)
    with pytest.raises(CodeRefused) as wrong:
        confirm_sign_up(people, email=EMAIL, code="000000")
    with pytest.raises(CodeRefused) as unknown:
        confirm_sign_up(people, email="nobody@example.com", code="000000")
    assert str(wrong.value) == str(unknown.value)


def test_a_strangers_earlier_attempt_leaves_no_password_behind(
    people: People, sessions: SessionStore
) -> None:
    sign_up(people, email=EMAIL, password="Strangers-horse-1", language=Language.EN)
    sign_up(people, email=EMAIL, password=PASSWORD, language=Language.EN)
    confirm_sign_up(people, email=EMAIL, code=CODE)
    with pytest.raises(SignInRefused):
        sign_in(people, sessions, email=EMAIL, password="Strangers-horse-1")
    assert isinstance(sign_in(people, sessions, email=EMAIL, password=PASSWORD), SignedIn)


def test_a_strangers_later_attempt_cannot_be_confirmed_by_mistake(
    people: People, sessions: SessionStore, identities: TwinIdentities
) -> None:
    mine = sign_up(people, email=EMAIL, password=PASSWORD, language=Language.EN)
    sign_up(people, email=EMAIL, password="Strangers-horse-1", language=Language.EN)
    identities.calls.clear()
    with pytest.raises(CodeRefused):
        confirm_sign_up(people, email=EMAIL, code=CODE, begun=mine)
    assert identities.calls == []
    with pytest.raises(SignInRefused):
        sign_in(people, sessions, email=EMAIL, password="Strangers-horse-1")
    again = sign_up(people, email=EMAIL, password=PASSWORD, language=Language.EN)
    confirm_sign_up(people, email=EMAIL, code=CODE, begun=again)
    assert isinstance(sign_in(people, sessions, email=EMAIL, password=PASSWORD), SignedIn)


@pytest.mark.parametrize("begun", [None, "", "x", "A" * 80, "é", "=" * 9])
def test_without_a_usable_memory_of_the_sign_up_the_code_alone_decides(
    people: People, begun: str | None
) -> None:
    sign_up(people, email=EMAIL, password=PASSWORD, language=Language.EN)
    confirm_sign_up(people, email=EMAIL, code=CODE, begun=begun)
    assert people.users.get(_holder(people)) is not None


def test_the_memory_of_a_sign_up_is_of_one_address_and_tells_nothing(people: People) -> None:
    other = sign_up(people, email="other@example.com", password=PASSWORD, language=Language.EN)
    _registered(people)
    taken = sign_up(people, email=EMAIL, password=PASSWORD, language=Language.EN)
    assert (len(taken), taken == other) == (len(other), False)
    assert "usr_" not in taken + other
    sign_up(people, email="third@example.com", password=PASSWORD, language=Language.EN)
    confirm_sign_up(people, email="third@example.com", code=CODE, begun=other)


def test_many_at_once_for_one_address_make_one_person(
    people: People, sessions: SessionStore, database: Database
) -> None:
    def attempt(number: int) -> None:
        sign_up(people, email=EMAIL, password=f"Correct-horse-{number}", language=Language.EN)
        try:
            confirm_sign_up(people, email=EMAIL, code=CODE)
        except CodeRefused:
            return

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(10, 15)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    confirm_sign_up(people, email=EMAIL, code=CODE)
    assert len(_outbox(database)) == 1
    able = 0
    for number in range(10, 15):
        try:
            sign_in(people, sessions, email=EMAIL, password=f"Correct-horse-{number}")
        except SignInRefused:
            continue
        able += 1
    assert able == 1


@pytest.mark.parametrize(
    "password", ["short-A1", "nouppercase-42", "NOLOWERCASE-42", "Nodigits-here", "NoSymbols4242"]
)
def test_a_weak_password_is_refused_before_anything_happens(
    people: People, identities: TwinIdentities, password: str
) -> None:
    with pytest.raises(PasswordTooWeak):
        sign_up(people, email=EMAIL, password=password, language=Language.EN)
    assert identities.calls == []
    assert people.users.reservation(people.keyring.hash("email", EMAIL)) is None


@pytest.mark.parametrize(
    "email",
    ["", "a", "a@b", "@example.com", "a@@example.com", "a b@example.com", "a@exam ple.com",
     "a..b@example.com", "a@-x.com", f"{'a' * 65}@example.com", "a@example.com\n@x.com",
     "\u0430mina@example.com"],
)  # fmt: skip
def test_what_is_no_address_is_refused(people: People, email: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        sign_up(people, email=email, password=PASSWORD, language=Language.EN)
    assert refused.value.values["field"] == "email"
