"""Position rows and the two reads of the screen, over both engines."""

from datetime import date

import pytest

from shared.kernel.ids import Kind
from shared.kernel.money import Currency
from shared.ledger.store import LedgerStore
from shared.platform import keys
from shared.platform.tables import Put, Row
from shared.platform.work import ConditionFailed
from shared.portfolio.model import Position
from shared.portfolio.service import screen
from shared.portfolio.store import PortfolioStore

DAY = date(2026, 3, 2)


class ProfileRow(Row):
    KIND = "profile"


class ThingRow(Row):
    KIND = "thing"


@pytest.fixture
def store(database):
    return PortfolioStore(database)


@pytest.fixture
def user_id(ids, facts, database):
    user = ids.new(Kind.USER)
    facts.commit(
        [
            Put.new("profile", ProfileRow(pk=keys.user(user), sk=keys.PROFILE)),
            Put.new("proof", ThingRow(pk=keys.user(user), sk=keys.proof("CASE"))),
            *LedgerStore(database).open(user),
        ]
    )
    return user


def test_a_position_is_read_as_it_was_saved(store, facts, user_id) -> None:
    position = Position(user_id, "QUAL").buy("ord_t1_X1234", DAY, 500, 7)
    facts.commit([store.save(position)])
    (stored,) = store.state(user_id).positions.values()
    assert (stored.quantity_nanos, stored.cost_minor, stored.lots, stored.version) == (
        500,
        7,
        position.lots,
        1,
    )
    facts.commit([store.save(stored.buy("ord_t1_Y5678", DAY, 1, 1))])
    assert store.state(user_id).positions["QUAL"].version == 2


@pytest.mark.parametrize("times", [0, 1])
def test_a_position_that_changed_in_between_is_not_overwritten(
    store, facts, user_id, times
) -> None:
    first = Position(user_id, "QUAL")
    for _ in range(times):
        facts.commit([store.save(first.buy("ord_t1_A0000", DAY, 1, 1))])
        first = store.state(user_id).positions["QUAL"]
    facts.commit([store.save(first.buy("ord_t1_X1234", DAY, 500, 7))])
    with pytest.raises(ConditionFailed) as failed:
        facts.commit([store.save(first.buy("ord_t1_Y5678", DAY, 1, 1))])
    assert list(failed.value.found) == ["position"]


def test_the_screen_is_state_and_newest_feed_page(store, facts, user_id, ids) -> None:
    things = [ids.new(Kind.ORDER) for _ in range(3)]
    for thing in things:
        row = ThingRow(pk=keys.user(user_id), sk=keys.feed(thing, Kind.ORDER))
        facts.commit([Put.new("thing", row)])
    shown = screen(store, user_id, first=2)
    assert shown.state.profile.kind == "profile"
    assert [one.kind for one in shown.state.proofs] == ["thing"]
    assert shown.state.wallets.keys() == {Currency.USD, Currency.KES}
    assert [one.sk for one in shown.feed.items] == [
        keys.feed(thing, Kind.ORDER) for thing in reversed(things[1:])
    ]
    rest = screen(store, user_id, first=2, after=shown.feed.after)
    assert [one.sk for one in rest.feed.items] == [keys.feed(things[0], Kind.ORDER)]
    assert rest.feed.after is None


def test_nobody_has_an_empty_screen(store) -> None:
    shown = screen(store, "usr_t1_00000000000000000000000000")
    assert (shown.state.profile, dict(shown.state.wallets), shown.feed.items) == (None, {}, ())
    assert shown.state.wallet(Currency.USD).available == 0


@pytest.mark.parametrize(("asked", "limit"), [(0, 1), (-5, 1), (20, 20), (1000, 50)])
def test_a_page_is_never_larger_than_fifty(asked, limit) -> None:
    limits = []

    class Spy:
        def state(self, user_id):
            return None

        def feed(self, user_id, limit, after=None):
            limits.append(limit)

    screen(Spy(), "u", first=asked)
    assert limits == [limit]
