"""No entry is posted without being told of, and what is told balances and names nobody."""

import json
from datetime import UTC, datetime

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.ids import SequentialIds
from shared.kernel.money import Currency
from shared.ledger import accounts
from shared.ledger.events import EntryPostedV1, Leg
from shared.ledger.house import HouseJournal, book_once
from shared.ledger.model import Draft, EntryKind, Posting, balances
from shared.ledger.store import LedgerStore
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import SHARDS, Facts, OutboxRow
from shared.platform.tables import Database, Table
from shared.platform.work import ConditionFailed

NOW = datetime(2026, 3, 2, 15, 30, 1, 250_000, tzinfo=UTC)
USD = Currency.USD
USER = "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"


def told(database: Database) -> list[EntryPostedV1]:
    """What the outbox tells of entries, in the order in which they were posted."""
    rows = [
        row
        for shard in range(SHARDS)
        for row in database.query(Table.OUTBOX, f"OUTBOX#{shard}", "0", "~").rows(OutboxRow)
        if row.type == "ledger.entry_posted.v1"
    ]
    data = [json.loads(row.envelope)["data"] for row in sorted(rows, key=lambda row: row.sk)]
    return [EntryPostedV1.model_validate(each) for each in data]


def deposit(amount: int) -> Draft:
    return Draft(
        EntryKind.DEPOSIT_SETTLED,
        "dep_1",
        NOW,
        (
            Posting(accounts.gateway_clearing("STRIPE", USD), USD.asset, amount),
            Posting(accounts.customer_cash(USER), USD.asset, -amount),
        ),
        {"payment": "pi_1"},
    )


def fee(amount: int) -> Draft:
    return Draft(
        EntryKind.GATEWAY_FEE,
        "dep_1",
        NOW,
        (
            Posting(accounts.fees("STRIPE"), USD.asset, amount),
            Posting(accounts.gateway_clearing("STRIPE", USD), USD.asset, -amount),
        ),
    )


def test_every_entry_of_a_fact_is_told_with_its_place_and_its_legs() -> None:
    database, clock = MemoryDatabase(), FixedClock(NOW)
    facts = Facts(database, clock, SequentialIds("t1", clock))
    store = LedgerStore(database)
    facts.commit(store.open(USER))
    assert told(database) == []
    facts.commit(store.post(store.wallet(USER, USD), deposit(900), fee(30), posted=900))
    first, second = told(database)
    assert first == EntryPostedV1(
        owner_id=USER,
        chain="USD",
        seq=1,
        kind="DEPOSIT_SETTLED",
        reference="dep_1",
        at=NOW,
        legs=(
            Leg(account="house:gateway_clearing:stripe:USD", asset="USD/2", amount=900),
            Leg(account="customers:cash", asset="USD/2", amount=-900),
        ),
        memo={"payment": "pi_1"},
    )
    assert (second.seq, second.kind, second.memo) == (2, "GATEWAY_FEE", {})
    for one in (first, second):
        legs = [Posting(leg.account, leg.asset, leg.amount) for leg in one.legs]
        assert set(balances(legs).values()) == {0}
        assert USER not in {leg.account for leg in one.legs}


def test_entries_of_the_house_are_told_too() -> None:
    database, clock = MemoryDatabase(), FixedClock(NOW)
    facts = Facts(database, clock, SequentialIds("t1", clock))
    book_once(HouseJournal(database, "t1"), facts, fee(30), "fee:1")
    (one,) = told(database)
    assert (one.owner_id, one.chain, one.seq, one.reference) == ("house_t1", "USD", 1, "dep_1")


def test_what_is_not_written_is_not_told() -> None:
    database, clock = MemoryDatabase(), FixedClock(NOW)
    facts = Facts(database, clock, SequentialIds("t1", clock))
    store = LedgerStore(database)
    facts.commit(store.open(USER))
    stale = store.wallet(USER, USD)
    facts.commit(store.post(stale, deposit(900), posted=900))
    with pytest.raises(ConditionFailed):
        facts.commit(store.post(stale, deposit(900), posted=900))
    assert len(told(database)) == 1


@pytest.mark.parametrize(
    ("account", "shown"),
    [
        (accounts.customer_cash(USER), "customers:cash"),
        (accounts.customer_shares(USER), "customers:shares"),
        (accounts.receivable(USER), "customers:receivable"),
        (accounts.suspense(), "house:suspense"),
        (accounts.bank(USD), "house:bank:USD"),
    ],
)
def test_accounts_of_people_are_summed_and_those_of_the_house_are_not(
    account: str, shown: str
) -> None:
    assert accounts.summed(account) == shown
