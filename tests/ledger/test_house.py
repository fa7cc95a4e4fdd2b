"""The house's own journal: each fact is booked once, in one chain per currency, by many at once."""

import threading
from datetime import UTC, datetime

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.errors import TemporarilyUnavailable
from shared.kernel.ids import SequentialIds
from shared.kernel.money import Currency
from shared.ledger import accounts
from shared.ledger.house import ENTRY, HOUSE, KEY, HouseJournal, book_once
from shared.ledger.model import GENESIS, Draft, EntryKind, Posting, broken_link, fold
from shared.ledger.store import LedgerStore
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.tables import Database
from shared.platform.work import ConditionFailed

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
USD, KES = Currency.USD, Currency.KES


def sent(amount: int, reference: str = "po_1", currency: Currency = USD) -> Draft:
    return Draft(
        EntryKind.GATEWAY_PAYOUT_SENT,
        reference,
        NOW,
        (
            Posting(accounts.money_in_transit("STRIPE", currency), currency.asset, amount),
            Posting(accounts.gateway_clearing("STRIPE", currency), currency.asset, -amount),
        ),
        {"gateway_payout": reference},
    )


def books(house: HouseJournal, currency: Currency) -> dict[tuple[str, str], int]:
    stored = house.entries(currency).entries[::-1]
    entries = [one.entry for one in stored]
    assert broken_link(entries, [one.hash for one in stored]) is None
    return fold(entries)


def test_a_fact_of_the_house_has_its_place_in_a_chain_of_its_currency(
    database: Database, facts: Facts
) -> None:
    house = HouseJournal(database, "t1")
    assert house.entries(USD).entries == ()
    assert book_once(house, facts, sent(900), "payout:po_1") is True
    assert book_once(house, facts, sent(50, "po_2"), "payout:po_2") is True
    assert book_once(house, facts, sent(7, "po_3", KES), "payout:po_3") is True
    newest, oldest = house.entries(USD).entries
    assert (oldest.entry.user_id, oldest.entry.seq, oldest.entry.previous_hash) == (
        "house_t1",
        1,
        GENESIS,
    )
    assert (newest.entry.seq, newest.entry.previous_hash) == (2, oldest.hash)
    assert newest.entry.draft == sent(50, "po_2")
    assert [one.entry.seq for one in house.entries(KES).entries] == [1]
    assert books(house, USD) == {
        (accounts.money_in_transit("STRIPE", USD), "USD/2"): 950,
        (accounts.gateway_clearing("STRIPE", USD), "USD/2"): -950,
    }
    # What is the house's is nobody else's: no person has an entry of it.
    assert LedgerStore(database).entries("t1", USD).entries == ()


def test_a_fact_is_booked_once_under_its_key_whatever_comes_in_between(
    database: Database, facts: Facts
) -> None:
    house = HouseJournal(database, "t1")
    assert not house.posted("payout:po_1")
    assert [book_once(house, facts, sent(900), "payout:po_1") for _ in range(3)] == [
        True,
        False,
        False,
    ]
    book_once(house, facts, sent(50, "po_2"), "payout:po_2")
    assert book_once(house, facts, sent(900), "payout:po_1") is False
    assert house.posted("payout:po_1")
    assert [one.entry.draft.reference for one in house.entries(USD).entries] == ["po_2", "po_1"]


def test_who_read_the_end_of_the_chain_too_early_books_nothing(
    database: Database, facts: Facts
) -> None:
    house = HouseJournal(database, "t1")
    first, stale = house.post(sent(1), "a"), house.post(sent(2), "b")
    facts.commit(first)
    with pytest.raises(ConditionFailed) as refused:
        facts.commit(stale)
    assert set(refused.value.found) == {HOUSE, ENTRY}
    with pytest.raises(ConditionFailed) as repeated:
        facts.commit(house.post(sent(1), "a"))
    assert set(repeated.value.found) == {KEY}
    assert not house.posted("b")
    assert len(house.entries(USD).entries) == 1


def test_a_fact_that_needs_another_is_not_booked_without_it(
    database: Database, facts: Facts
) -> None:
    house = HouseJournal(database, "t1")
    needs = [house.require("payout:po_1")]
    with pytest.raises(ConditionFailed) as refused:
        book_once(house, facts, sent(-9), "payout:po_1:failed", also=needs)
    assert set(refused.value.found) == {"house_key_before"}
    assert house.entries(USD).entries == ()
    book_once(house, facts, sent(9), "payout:po_1")
    assert book_once(house, facts, sent(-9), "payout:po_1:failed", also=needs) is True


def test_many_at_once_book_every_fact_once() -> None:
    database = MemoryDatabase()
    clock = FixedClock(NOW)
    facts = Facts(database, clock, SequentialIds("t1", clock))
    house = HouseJournal(database, "t1")
    booked: list[bool] = []

    def work(offset: int) -> None:
        for number in range(10):
            key = f"po_{(number + offset) % 10}"
            while True:
                try:
                    draft = sent(number + 1, key)
                    booked.append(book_once(house, facts, draft, key, pause=lambda _: None))
                    break
                except TemporarilyUnavailable:
                    continue  # as a queue would

    threads = [threading.Thread(target=work, args=(offset,)) for offset in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (booked.count(True), len(booked)) == (10, 80)
    assert sorted(one.entry.draft.reference for one in house.entries(USD).entries) == [
        f"po_{number}" for number in range(10)
    ]
    assert sum(books(house, USD).values()) == 0
