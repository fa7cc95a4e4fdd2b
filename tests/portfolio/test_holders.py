"""The index of holders: who is in it, what it knows, and when they leave."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from shared.kernel.ids import Kind, SequentialIds
from shared.kernel.money import Currency
from shared.ledger.model import Wallet
from shared.ledger.store import LedgerStore
from shared.platform.indexes import SEGMENTS, segment_of
from shared.platform.outbox import Facts
from shared.platform.tables import Database, Item
from shared.portfolio.holders import Holder, HoldersPage, HolderStore, holder_from
from shared.portfolio.model import Position
from shared.portfolio.store import PortfolioStore

BOUGHT = date(2026, 2, 2)


def number_of(user_id: str) -> int:
    """The segment of a person."""
    return int(segment_of(user_id).removeprefix("HOLDERS#"))


def held(user_id: str, symbol: str, nanos: int) -> Position:
    """Shares that were bought once."""
    return Position(user_id, symbol).buy(f"ord_t1_{'0' * 26}", BOUGHT, nanos, 5_000)


def page_of(database: Database, user_id: str) -> HoldersPage:
    """The page of the index in which a person would be."""
    return HolderStore(database).page(number_of(user_id))


def open_wallet(database: Database, facts: Facts, user_id: str) -> Wallet:
    """A wallet of a person who has ordered once."""
    ledger = LedgerStore(database)
    facts.commit(ledger.open(user_id))
    wallet = ledger.wallet(user_id, Currency.USD)
    facts.commit([ledger.reserve(wallet, 0, orders=2)])
    return ledger.wallet(user_id, Currency.USD)


def test_somebody_enters_with_the_first_position_and_leaves_with_the_last(
    database: Database, facts: Facts, ids: SequentialIds
) -> None:
    user = ids.new(Kind.USER)
    store = PortfolioStore(database)
    assert page_of(database, user).holders == ()
    first, second = held(user, "AAAB", 7), held(user, "MTUM", 9)
    facts.commit([store.save(first)])
    facts.commit([store.save(second)])
    (holder,) = page_of(database, user).holders
    assert (holder.user_id, holder.positions) == (user, {"AAAB": 7, "MTUM": 9})
    gone = replace(first, quantity_nanos=0, cost_minor=0, lots=(), version=1)
    facts.commit([store.save(gone)])
    (holder,) = page_of(database, user).holders
    assert holder.positions == {"MTUM": 9}
    facts.commit([store.save(replace(second, quantity_nanos=0, cost_minor=0, lots=(), version=1))])
    assert page_of(database, user) == HoldersPage(())


def test_cash_and_open_orders_are_known_from_the_first_order_on(
    database: Database, facts: Facts, ids: SequentialIds
) -> None:
    user = ids.new(Kind.USER)
    open_wallet(database, facts, user)
    (holder,) = page_of(database, user).holders
    assert (holder.open_orders, holder.available, holder.positions) == (2, 0, {})


def rows(*contents: dict[str, dict[str, str]]) -> Sequence[Item]:
    """Rows as the index keeps them."""
    return [Item({"pk": {"S": "USER#u"}, **content}) for content in contents]


def test_what_is_owed_is_not_free_and_what_settles_later_is_told() -> None:
    wallet = {
        "kind": {"S": "wallet"},
        "sk": {"S": "WALLET#USD"},
        "posted": {"N": "1000"},
        "held": {"N": "100"},
        "owed": {"N": "50"},
        "settling": {"S": "2026-03-03=300,2026-03-04=40"},
    }
    holder = holder_from("u", tuple(rows(wallet)))
    assert holder.available == 850
    assert holder.unsettled(date(2026, 3, 2)) == 340
    assert holder.unsettled(date(2026, 3, 3)) == 40
    assert holder.unsettled(date(2026, 3, 4)) == 0
    assert Holder("u", posted=10, held=5, owed=50).available == 0


def test_one_bad_row_makes_its_person_unreadable_and_nobody_else(
    database: Database, facts: Facts, ids: SequentialIds
) -> None:
    store = PortfolioStore(database)
    by_segment: dict[str, list[str]] = {}
    while not any(len(found) > 1 for found in by_segment.values()):
        user = ids.new(Kind.USER)
        by_segment.setdefault(segment_of(user), []).append(user)
    good, bad = next(found for found in by_segment.values() if len(found) > 1)
    facts.commit([store.save(held(good, "AAAB", 7))])
    wrong = store.save(held(bad, "AAAB", 7))
    # Nothing of ours writes such a row.
    wrong.row.quantity_nanos = -7
    facts.commit([wrong])
    page = page_of(database, good)
    assert [each.user_id for each in page.holders] == [good]
    assert page.unreadable == (bad,)


def test_everybody_is_in_one_of_the_segments(ids: SequentialIds) -> None:
    numbers = {number_of(ids.new(Kind.USER)) for _ in range(2_000)}
    assert numbers <= set(range(SEGMENTS))
