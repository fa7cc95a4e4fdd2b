"""The ledger balances, chains and never goes negative, alone and under many writers."""

import threading
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.kernel.clock import FixedClock
from shared.kernel.ids import SequentialIds
from shared.kernel.money import Currency
from shared.ledger import accounts
from shared.ledger.errors import UnbalancedEntry
from shared.ledger.model import GENESIS, Draft, EntryKind, Posting, Wallet, broken_link, fold
from shared.ledger.store import LedgerStore
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.tables import Database
from shared.platform.work import ConditionFailed, LostRace, retry_lost_race

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
USD = Currency.USD
USER = "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"


def deposit(amount: int, reference: str = "dep") -> Draft:
    """A settled card deposit."""
    return Draft(
        EntryKind.DEPOSIT_SETTLED,
        reference,
        NOW,
        (
            Posting(accounts.gateway_clearing("STRIPE", USD), USD.asset, amount),
            Posting(accounts.customer_cash(USER), USD.asset, -amount),
        ),
        {"gateway": "STRIPE"},
    )


def spend(amount: int, reference: str = "ord") -> Draft:
    """A purchase."""
    return Draft(
        EntryKind.BUY,
        reference,
        NOW,
        (
            Posting(accounts.customer_cash(USER), USD.asset, amount),
            Posting(accounts.customers_cash_at_broker(), USD.asset, -amount),
            Posting(accounts.shares_at_broker(), "QUAL/9", 5),
            Posting(accounts.customer_shares(USER), "QUAL/9", -5),
        ),
    )


def opened(database: Database) -> LedgerStore:
    """A ledger with the empty wallets of one person."""
    store = LedgerStore(database)
    Facts(database, FixedClock(NOW), SequentialIds()).commit(store.open(USER))
    return store


@pytest.mark.parametrize(
    "postings",
    [
        (Posting("a", "USD/2", 1), Posting("b", "USD/2", -2)),
        (Posting("a", "USD/2", 1), Posting("b", "KES/2", -1)),
        (Posting("a", "USD/2", 0), Posting("b", "USD/2", 0)),
        (),
    ],
)
def test_an_entry_that_does_not_balance_cannot_be_made(postings: tuple[Posting, ...]) -> None:
    with pytest.raises(UnbalancedEntry):
        Draft(EntryKind.BUY, "r", NOW, postings)


def test_everybody_starts_with_empty_wallets_in_both_currencies(database: Database) -> None:
    store = opened(database)
    assert store.wallet(USER, USD) == Wallet(USER, USD)
    assert store.wallet(USER, Currency.KES) == Wallet(USER, Currency.KES)
    with pytest.raises(ConditionFailed):
        database.transact(store.open(USER))


def test_posting_moves_the_balances_and_extends_the_chain(database: Database, facts: Facts) -> None:
    store = opened(database)
    facts.commit(store.post(store.wallet(USER, USD), deposit(10_000), posted=10_000, held=10_000))
    wallet = store.wallet(USER, USD)
    assert (wallet.posted, wallet.held, wallet.available, wallet.seq) == (10_000, 10_000, 0, 1)
    facts.commit([store.reserve(wallet, 0, orders=0)])
    facts.commit(store.post(wallet, spend(2_499), posted=-2_499, held=-2_500))
    wallet = store.wallet(USER, USD)
    assert (wallet.posted, wallet.held, wallet.available, wallet.seq) == (7_501, 7_500, 1, 2)
    page = store.entries(USER, USD)
    assert [stored.entry.seq for stored in page.entries] == [2, 1]
    assert page.entries[0].hash == wallet.head
    oldest_first = page.entries[::-1]
    assert broken_link([s.entry for s in oldest_first], [s.hash for s in oldest_first]) is None
    assert fold(s.entry for s in page.entries) == {
        (accounts.gateway_clearing("STRIPE", USD), "USD/2"): 10_000,
        (accounts.customer_cash(USER), "USD/2"): -7_501,
        (accounts.customers_cash_at_broker(), "USD/2"): -2_499,
        (accounts.shares_at_broker(), "QUAL/9"): 5,
        (accounts.customer_shares(USER), "QUAL/9"): -5,
    }


def test_a_tampered_entry_breaks_the_chain(database: Database, facts: Facts) -> None:
    store = opened(database)
    for amount in (100, 200, 300):
        facts.commit(store.post(store.wallet(USER, USD), deposit(amount), posted=amount))
    stored = store.entries(USER, USD).entries[::-1]
    entries, hashes = [s.entry for s in stored], [s.hash for s in stored]
    assert entries[0].previous_hash == GENESIS
    assert broken_link(entries, [hashes[0], "f" * 64, hashes[2]]) == 2
    assert broken_link([entries[0], entries[2]], [hashes[0], hashes[2]]) == 2


def test_a_stale_wallet_cannot_post(database: Database, facts: Facts) -> None:
    store = opened(database)
    stale = store.wallet(USER, USD)
    facts.commit(store.post(stale, deposit(100), posted=100))
    with pytest.raises(ConditionFailed) as refused:
        facts.commit(store.post(stale, deposit(100), posted=100))
    assert set(refused.value.found) == {"wallet", "journal"}
    assert store.wallet(USER, USD).posted == 100
    assert len(store.entries(USER, USD).entries) == 1


@pytest.mark.parametrize(("posted", "held"), [(-101, 0), (0, -1), (-1, 100), (0, 101), (-100, 1)])
def test_no_balance_becomes_negative(
    database: Database, facts: Facts, posted: int, held: int
) -> None:
    store = opened(database)
    facts.commit(store.post(store.wallet(USER, USD), deposit(100), posted=100))
    before = store.wallet(USER, USD)
    with pytest.raises(ConditionFailed):
        facts.commit(store.post(before, spend(100), posted=posted, held=held))
    assert store.wallet(USER, USD) == before


def test_money_is_reserved_only_on_the_wallet_that_was_read(
    database: Database, facts: Facts
) -> None:
    store = opened(database)
    empty = store.wallet(USER, USD)
    facts.commit(store.post(empty, deposit(100), posted=100))
    paid = store.wallet(USER, USD)
    with pytest.raises(ConditionFailed):
        facts.commit([store.reserve(empty, 10, orders=1)])
    facts.commit([store.reserve(paid, 10, orders=1)])
    with pytest.raises(ConditionFailed):
        facts.commit([store.reserve(paid, 10, orders=1)])
    wallet = store.wallet(USER, USD)
    assert (wallet.held, wallet.available, wallet.open_orders) == (10, 90, 1)


def test_more_than_is_available_cannot_be_reserved(database: Database, facts: Facts) -> None:
    store = opened(database)
    facts.commit(store.post(store.wallet(USER, USD), deposit(100), posted=100))
    facts.commit([store.reserve(store.wallet(USER, USD), 60, orders=2)])
    with pytest.raises(ConditionFailed):
        facts.commit([store.reserve(store.wallet(USER, USD), 41, orders=1)])
    wallet = store.wallet(USER, USD)
    assert (wallet.held, wallet.available, wallet.open_orders) == (60, 40, 2)
    facts.commit([store.release(wallet, 60, orders=1)])
    with pytest.raises(ConditionFailed):
        facts.commit([store.release(wallet, 0, orders=1)])
    assert store.wallet(USER, USD).open_orders == 1


def test_an_entry_that_ends_an_order_fails_when_another_one_ended_meanwhile(
    database: Database, facts: Facts
) -> None:
    """A release leaves the chain alone, so that only the count of orders tells."""
    store = opened(database)
    facts.commit(store.post(store.wallet(USER, USD), deposit(100), posted=100))
    facts.commit([store.reserve(store.wallet(USER, USD), 60, orders=2)])
    stale = store.wallet(USER, USD)
    facts.commit([store.release(stale, 30, orders=1)])
    with pytest.raises(ConditionFailed):
        facts.commit(store.post(stale, spend(30), posted=-30, held=-30, orders=-1))
    facts.commit(store.post(stale, spend(30), posted=-30, held=-30))
    assert store.wallet(USER, USD).open_orders == 1


def test_many_writers_of_one_wallet_lose_nothing(database: Database) -> None:
    store = opened(database)
    writers, each = 6, 4

    def write(number: int) -> None:
        facts = Facts(database, FixedClock(NOW), SequentialIds(f"w{number}"))

        def attempt() -> None:
            try:
                wallet = store.wallet(USER, USD)
                facts.commit(store.post(wallet, deposit(10, f"dep{number}"), posted=10))
            except ConditionFailed:
                raise LostRace from None

        for _ in range(each):
            retry_lost_race(attempt, tries=200, pause=lambda tried: None)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wallet = store.wallet(USER, USD)
    assert (wallet.posted, wallet.seq) == (10 * writers * each, writers * each)
    stored = store.entries(USER, USD, limit=100).entries[::-1]
    assert broken_link([s.entry for s in stored], [s.hash for s in stored]) is None


operations = st.one_of(
    st.tuples(st.just("deposit"), st.integers(1, 500)),
    st.tuples(st.just("reserve"), st.integers(1, 500)),
    st.tuples(st.just("spend"), st.integers(1, 500)),
    st.tuples(st.just("release"), st.integers(1, 500)),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(operations, max_size=25))
def test_whatever_happens_the_books_agree(steps: list[tuple[str, int]]) -> None:
    database = MemoryDatabase()
    store, facts = opened(database), Facts(database, FixedClock(NOW), SequentialIds())
    for step, amount in steps:
        wallet = store.wallet(USER, USD)
        writes = {
            "deposit": store.post(wallet, deposit(amount), posted=amount),
            "reserve": [store.reserve(wallet, amount, orders=1)],
            "spend": store.post(wallet, spend(amount), posted=-amount, held=-amount),
            "release": [store.release(wallet, amount, orders=min(1, wallet.open_orders))],
        }[step]
        possible = {
            "deposit": True,
            "reserve": amount <= wallet.available and wallet.open_orders == 0,
            "spend": amount <= wallet.held,
            "release": amount <= wallet.held,
        }[step]
        if possible:
            facts.commit(writes)
        else:
            with pytest.raises(ConditionFailed):
                facts.commit(writes)
    wallet = store.wallet(USER, USD)
    stored = store.entries(USER, USD, limit=100).entries
    assert wallet.posted == -fold(s.entry for s in stored).get(
        (accounts.customer_cash(USER), "USD/2"), 0
    )
    assert wallet.available >= 0
    assert wallet.held >= 0
    assert sum(fold(s.entry for s in stored).values()) == 0
