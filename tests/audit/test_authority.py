"""Whoever acts must still be who they were, in the very transaction, on both engines."""

import threading
from dataclasses import replace
from typing import Any

import pytest

from shared.kernel.ids import Ids, Kind
from shared.platform.outbox import Facts
from shared.platform.tables import Database
from shared.platform.work import ConditionFailed
from shared.users.authority import AUTHORITY, still_acts
from shared.users.model import Language, Reservation, SealedProfile, User, UserStatus
from shared.users.roles import Role
from shared.users.store import UserStore, profile_key


@pytest.fixture
def store(database: Database) -> UserStore:
    return UserStore(database)


@pytest.fixture
def admins(database: Database, store: UserStore, ids: Ids) -> list[User]:
    """Two administrators."""
    made = []
    for _ in range(2):
        user = User(
            user_id=ids.new(Kind.USER),
            status=UserStatus.ACTIVE,
            language=Language.EN,
            sealed=SealedProfile(b"key", b"data"),
            mfa=True,
            role=Role.ADMIN,
        )
        reservation = Reservation("hash", user.user_id, UserStatus.PENDING, Language.EN)
        database.write(store.activate(reservation, user, None)[0])
        found = store.get(user.user_id)
        assert found == user
        made.append(user)
    return made


@pytest.mark.parametrize(
    "change",
    [{"role": Role.SUPPORT}, {"role": Role.USER}, {"status": UserStatus.SUSPENDED}, {"mfa": False}],
)
def test_a_lost_role_status_or_second_factor_stops_the_act(
    store: UserStore, facts: Facts, admins: list[User], change: dict[str, Any]
) -> None:
    one, two = admins
    act = [store.save_standing(two, replace(two, role=Role.USER)), still_acts(one)]
    facts.commit([store.save_standing(one, replace(one, **change))])
    with pytest.raises(ConditionFailed) as refused:
        facts.commit(act)
    assert set(refused.value.found) == {AUTHORITY}
    assert store.get(two.user_id) == two


def test_whoever_still_is_what_they_were_acts(
    store: UserStore, facts: Facts, admins: list[User]
) -> None:
    one, two = admins
    facts.commit([store.save_standing(two, replace(two, role=Role.USER)), still_acts(one)])
    changed = store.get(two.user_id)
    assert changed is not None
    assert changed.role is Role.USER
    assert store.get(one.user_id) == one


def test_nobody_who_is_not_there_acts(
    store: UserStore, facts: Facts, admins: list[User], ids: Ids
) -> None:
    stranger = replace(admins[0], user_id=ids.new(Kind.USER))
    with pytest.raises(ConditionFailed):
        facts.commit([still_acts(stranger)])
    assert store.get(stranger.user_id) is None
    assert profile_key(stranger.user_id).pk == f"USER#{stranger.user_id}"


def test_of_two_who_take_each_others_role_exactly_one_succeeds(
    store: UserStore, facts: Facts, admins: list[User]
) -> None:
    start, refused = threading.Barrier(2), []

    def take(by: User, other: User) -> None:
        start.wait()
        try:
            facts.commit(
                [store.save_standing(other, replace(other, role=Role.USER)), still_acts(by)]
            )
        except ConditionFailed:
            refused.append(by.user_id)

    one, two = admins
    threads = [threading.Thread(target=take, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    roles = []
    for each in admins:
        found = store.get(each.user_id)
        assert found is not None
        roles.append(found.role)
    assert sorted(roles) == [Role.ADMIN, Role.USER]
    assert len(refused) == 1
