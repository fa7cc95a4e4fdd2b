"""Movements of the firm's money: booked once by their name outside, large ones by two people."""

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from functions.sweep_pending.routes import route_of
from shared.kernel.clock import FixedClock, to_text
from shared.kernel.errors import (
    IdempotencyKeyReused,
    InvalidValue,
    NotFound,
    TemporarilyUnavailable,
)
from shared.kernel.ids import SequentialIds
from shared.kernel.money import Currency, Money
from shared.ledger.house import HouseJournal, book_once
from shared.ledger.model import fold
from shared.payments.methods import Gateway
from shared.platform.idempotency import IdempotencyKeys
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import SHARDS, Facts, OutboxRow
from shared.platform.tables import Database, Put, Row, Table
from shared.reconciliation.bank import reference_of
from shared.treasury import bookings
from shared.treasury.errors import AlreadyBooked, MovementDecided, SecondPersonNeeded
from shared.treasury.movement_store import MovementStore
from shared.treasury.movements import Moved, MovementKind, MovementStatus, alone, checked
from shared.treasury.moving import Moving
from shared.treasury.posting import Posting

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
KES, USD = Currency.KES, Currency.USD
WHY = "Statement of the second of March."
WIRE = Moved(MovementKind.PREFUNDED, Money(50_000, USD), "wire-1")
LARGE = replace(WIRE, amount=Money(50_001, USD), reference="wire-2")
SALE = Moved(
    MovementKind.FX_CONVERTED,
    Money(1_300_000, KES),
    "fx-1",
    counter=Money(10_010, USD),
    rate=Decimal("0.0077"),
)


class NoteRow(Row):
    KIND = "note"


class Office:
    """People who record what moved."""

    def __init__(self, database: Database) -> None:
        self.clock = FixedClock(NOW)
        ids = SequentialIds("t1", self.clock)
        self.database = database
        self.facts = Facts(database, self.clock, ids)
        self.house = HouseJournal(database, "t1")
        self.rows = MovementStore(database)
        self.recorded: list[tuple[str, MovementStatus]] = []
        self.moving = Moving(
            movements=self.rows,
            house=self.house,
            keys=IdempotencyKeys(database),
            facts=self.facts,
            clock=self.clock,
            ids=ids,
            alone_minor={USD: 50_000, KES: 1_300_000},
            pause=lambda _: None,
        )
        self.posting = Posting(self.rows, self.house, self.facts, self.clock, pause=lambda _: None)

    def note(self, movement):
        """What belongs to the same fact, such as an audit entry."""
        self.recorded.append((movement.movement_id, movement.status))
        return [Put.new("note", NoteRow(pk=f"NOTE#{len(self.recorded)}", sk="N"))]

    def record(self, moved=WIRE, by="usr_a", key="key-1"):
        """As it stands once the worker has heard of it."""
        return self.booked(self.moving.record(by, key, moved, WHY, self.note))

    def decide(self, movement, agreed=True, by="usr_b"):
        return self.booked(self.moving.decide(by, movement.movement_id, agreed, self.note))

    def booked(self, movement):
        return self.posting.agreed(movement.movement_id)

    def told(self):
        """Movements that the outbox tells of."""
        return [
            json.loads(row.envelope)["data"]["movement_id"]
            for shard in range(SHARDS)
            for row in self.database.query(Table.OUTBOX, f"OUTBOX#{shard}", "0", "~").rows(
                OutboxRow
            )
            if row.type == "treasury.movement_agreed.v1"
        ]

    def books(self):
        return fold(
            one.entry for currency in Currency for one in self.house.entries(currency).entries
        )


def test_up_to_the_limit_one_person_books_at_once(database: Database) -> None:
    office = Office(database)
    movement = office.record()
    assert (movement.status, movement.proposed_by, movement.decided_by) == (
        MovementStatus.POSTED,
        "usr_a",
        None,
    )
    assert office.rows.get(movement.movement_id) == movement
    assert office.books() == {
        ("house:firm_cash_at_broker", "USD/2"): 50_000,
        ("house:bank:USD", "USD/2"): -50_000,
    }
    (entry,) = office.house.entries(USD).entries
    assert entry.entry.draft.reference == movement.movement_id
    assert entry.entry.draft.memo == {"reference": "wire-1"}
    assert database.get(NoteRow, "NOTE#1", "N") is not None


def test_the_same_key_is_the_same_movement(database: Database) -> None:
    office = Office(database)
    first = office.record()
    assert office.record() == first
    assert office.record(replace(WIRE, reference=" wire-1 ")) == first
    assert len(office.house.entries(USD).entries) == 1
    with pytest.raises(IdempotencyKeyReused):
        office.record(replace(WIRE, amount=Money(49_999, USD)))
    with pytest.raises(IdempotencyKeyReused):
        office.moving.record("usr_a", "key-1", WIRE, "Another reason for it.", office.note)
    assert len(office.rows.page(limit=10).entries) == 1


def test_what_is_booked_is_not_booked_again_under_another_key(database: Database) -> None:
    office = Office(database)
    office.record()
    with pytest.raises(AlreadyBooked):
        office.record(key="key-2")
    with pytest.raises(AlreadyBooked):
        office.record(by="usr_b")
    office.record(replace(WIRE, reference="wire-3"), key="key-2")
    assert office.books()["house:bank:USD", "USD/2"] == -100_000


def test_what_a_gateway_told_of_is_not_recorded_by_hand(database: Database) -> None:
    office = Office(database)
    amount = Money(900, USD)
    sent = Moved(MovementKind.GATEWAY_PAYOUT_SENT, amount, "po_1", Gateway.STRIPE)
    draft = bookings.payout_sent(Gateway.STRIPE, amount, NOW, subject="po_1", reference="po_1")
    book_once(office.house, office.facts, draft, sent.key)
    with pytest.raises(AlreadyBooked):
        office.record(sent)
    office.record(replace(sent, gateway=Gateway.ADYEN))


def test_a_large_one_takes_somebody_else(database: Database) -> None:
    office = Office(database)
    proposed = office.record(LARGE)
    assert proposed.status is MovementStatus.PROPOSED
    assert office.books() == {}
    with pytest.raises(SecondPersonNeeded):
        office.decide(proposed, by="usr_a")
    with pytest.raises(SecondPersonNeeded):
        office.decide(proposed, agreed=False, by="usr_a")
    assert office.books() == {}
    office.clock.advance(NOW - NOW)
    posted = office.decide(proposed)
    assert (posted.status, posted.decided_by, posted.decided_at) == (
        MovementStatus.POSTED,
        "usr_b",
        NOW,
    )
    assert office.decide(proposed) == posted
    assert office.books()["house:firm_cash_at_broker", "USD/2"] == 50_001
    assert len(office.house.entries(USD).entries) == 1
    with pytest.raises(MovementDecided):
        office.decide(proposed, by="usr_c")
    with pytest.raises(MovementDecided):
        office.decide(proposed, agreed=False)


def test_what_is_refused_is_never_booked(database: Database) -> None:
    office = Office(database)
    proposed = office.record(LARGE)
    assert office.decide(proposed, agreed=False).status is MovementStatus.REJECTED
    with pytest.raises(MovementDecided):
        office.decide(proposed)
    assert office.books() == {}
    # The same thing may be proposed again.
    assert office.record(LARGE, key="key-2").status is MovementStatus.PROPOSED


def test_a_proposal_that_was_booked_meanwhile_is_not_booked_twice(database: Database) -> None:
    office = Office(database)
    proposed, other = office.record(LARGE), office.record(LARGE, key="key-2")
    office.decide(proposed)
    with pytest.raises(AlreadyBooked):
        office.decide(other)
    known = office.rows.get(other.movement_id)
    assert known is not None
    assert known.status is MovementStatus.PROPOSED
    assert office.books()["house:firm_cash_at_broker", "USD/2"] == 50_001


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("po_1NiRb2eZvKYlo2C", "po_1NiRb2eZvKYlo2C"),
        ("FT 2606 1/A-3.b", "FT26061/A-3.b"),
        ("9" + "x" * 59, "9" + "x" * 59),
    ],
)
def test_what_leaves_with_the_entry_is_the_name_that_banks_gave(said: str, kept: str) -> None:
    office = Office(MemoryDatabase())
    assert office.record(replace(WIRE, reference=said)).moved.reference == kept
    (entry,) = office.house.entries(USD).entries
    assert entry.entry.draft.memo == {"reference": kept}
    # As the bank's statement names it, whichever way it is written there.
    assert reference_of(said) == kept


def test_a_conversion_is_two_balanced_halves_with_its_rate(database: Database) -> None:
    office = Office(database)
    office.record(SALE)
    assert office.books() == {
        ("house:fx_position", "KES/2"): 1_300_000,
        ("house:bank:KES", "KES/2"): -1_300_000,
        ("house:bank:USD", "USD/2"): 10_010,
        ("house:fx_position", "USD/2"): -10_010,
    }
    (entry,) = office.house.entries(KES).entries
    assert entry.entry.draft.memo == {
        "reference": "fx-1",
        "rate": "0.0077",
        "sold": "13000.00 KES",
        "bought": "100.10 USD",
    }
    movement = office.rows.page(limit=1).entries[0][1]
    assert movement.moved == SALE


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"reference": "   "}, "reference"),
        ({"reference": "1" + "x" * 60}, "reference"),
        ({"reference": "a\x07b1"}, "reference"),
        ({"reference": "a\u00a0b1"}, "reference"),
        ({"reference": "\u0661\u0662"}, "reference"),
        ({"reference": "Jane Wanjiku"}, "reference"),
        ({"reference": "jane@example.com 1"}, "reference"),
        ({"reference": "paid by Jane, flat 4"}, "reference"),
        ({"reference": "wire-1\n"}, "reference"),
        ({"amount": Money(0, USD)}, "amount"),
        ({"amount": Money(-1, USD)}, "amount"),
        ({"amount": Money(1, KES)}, "currency"),
        ({"gateway": Gateway.STRIPE}, "gateway"),
        ({"kind": MovementKind.GATEWAY_FEE}, "gateway"),
        ({"gateway": Gateway.BANK}, "gateway"),
        ({"kind": MovementKind.GATEWAY_FEE, "gateway": Gateway.BANK}, "gateway"),
        ({"counter": Money(1, KES)}, "counterAmount"),
        ({"rate": Decimal(1)}, "counterAmount"),
        ({"kind": MovementKind.FX_CONVERTED}, "counterAmount"),
    ],
)
def test_what_cannot_have_moved_so_is_refused(change: dict[str, object], wrong: str) -> None:
    office = Office(MemoryDatabase())
    with pytest.raises(InvalidValue) as refused:
        office.record(replace(WIRE, **change))
    assert refused.value.values["field"] == wrong
    assert (office.books(), office.rows.page(limit=1).entries) == ({}, ())


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"counter": Money(10_009 - 1, USD)}, "rate"),
        ({"counter": Money(10_012, USD)}, "rate"),
        ({"rate": Decimal("0.0078")}, "rate"),
        ({"rate": Decimal(0)}, "rate"),
        ({"counter": Money(0, USD)}, "counterAmount"),
        ({"counter": Money(1_300_000, KES)}, "counterCurrency"),
    ],
)
def test_a_conversion_whose_rate_and_amounts_differ_is_refused(
    change: dict[str, object], wrong: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        checked(replace(SALE, **change), NOW)
    assert refused.value.values["field"] == wrong


@pytest.mark.parametrize("bought", [10_009, 10_010, 10_011])
def test_banks_round_both(bought: int) -> None:
    assert checked(replace(SALE, counter=Money(bought, USD)), NOW).counter == Money(bought, USD)


def test_each_amount_counts_and_a_currency_without_a_limit_takes_two() -> None:
    limits = {USD: 10_010, KES: 1_300_000}
    assert alone(SALE, limits)
    assert not alone(SALE, limits | {USD: 10_009})
    assert not alone(SALE, limits | {KES: 1_299_999})
    assert not alone(SALE, {KES: 1_300_000})


def test_there_is_no_other_movement() -> None:
    office = Office(MemoryDatabase())
    proposed = office.record(LARGE)
    missing = replace(proposed, movement_id=proposed.movement_id[:-1] + "Z")
    with pytest.raises(NotFound):
        office.decide(missing)


def test_pages_are_newest_first() -> None:
    office = Office(MemoryDatabase())
    made = [
        office.record(replace(WIRE, reference=f"w{number}"), key=f"k{number}")
        for number in range(3)
    ]
    page = office.rows.page(limit=2)
    assert [one for _, one in page.entries] == [made[2], made[1]]
    assert [one for _, one in office.rows.page(limit=2, after=page.after).entries] == [made[0]]


def test_many_people_with_one_wire_book_it_once() -> None:
    office = Office(MemoryDatabase())
    outcomes: list[str] = []

    def work(number: int) -> None:
        while True:
            try:
                office.record(by=f"usr_{number % 3}")
                outcomes.append("booked")
            except AlreadyBooked:
                outcomes.append("known")
            except TemporarilyUnavailable:
                continue
            return

    threads = [threading.Thread(target=work, args=(number,)) for number in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Who comes while nothing is booked yet records another movement, which is not booked again.
    assert "booked" in outcomes
    statuses = [one.status for _, one in office.rows.page(limit=10).entries]
    assert statuses.count(MovementStatus.POSTED) == 1
    assert set(statuses) <= {MovementStatus.POSTED, MovementStatus.KNOWN}
    assert office.books()["house:bank:USD", "USD/2"] == -50_000


def test_what_is_agreed_is_told_and_booked_once_by_the_worker(database: Database) -> None:
    office = Office(database)
    agreed = office.moving.record("usr_a", "key-1", WIRE, WHY, office.note)
    assert agreed.status is MovementStatus.AGREED
    assert office.books() == {}
    assert office.told() == [agreed.movement_id]
    due = to_text(NOW + timedelta(minutes=5))
    pending = [item for n in range(16) for item in database.pending(n, due, 5).items]
    (item,) = pending
    route = route_of(item)
    assert route is not None
    assert (route.queue, route.check) == ("treasury", "movement")
    assert route.subject(item) == {"movement_id": agreed.movement_id}
    assert [office.booked(agreed).status for _ in range(3)] == [MovementStatus.POSTED] * 3
    assert len(office.house.entries(USD).entries) == 1
    assert office.told() == [agreed.movement_id]
    assert [item for n in range(16) for item in database.pending(n, due, 5).items] == []
    assert office.posting.agreed(agreed.movement_id[:-1] + "Z") is None


def test_what_waits_for_a_second_person_is_not_told(database: Database) -> None:
    office = Office(database)
    proposed = office.record(LARGE)
    assert office.told() == []
    office.moving.decide("usr_b", proposed.movement_id, True, office.note)
    assert office.told() == [proposed.movement_id]


def test_what_two_people_agreed_on_at_once_is_booked_once(database: Database) -> None:
    office = Office(database)
    first = office.moving.record("usr_a", "key-1", WIRE, WHY, office.note)
    second = office.moving.record("usr_b", "key-1", WIRE, WHY, office.note)
    assert office.booked(first).status is MovementStatus.POSTED
    assert office.booked(second).status is MovementStatus.KNOWN
    assert office.booked(second).status is MovementStatus.KNOWN
    assert office.books()["house:bank:USD", "USD/2"] == -50_000


def test_many_workers_book_many_movements_once_each() -> None:
    office = Office(MemoryDatabase())
    made = [
        office.moving.record("usr_a", f"k{n}", replace(WIRE, reference=f"w{n}"), WHY, office.note)
        for n in range(8)
    ]

    def work(offset: int) -> None:
        for number in range(len(made)):
            movement = made[(number + offset) % len(made)]
            while True:
                try:
                    office.booked(movement)
                    break
                except TemporarilyUnavailable:
                    continue

    threads = [threading.Thread(target=work, args=(offset,)) for offset in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(office.house.entries(USD).entries) == 8
    assert office.books()["house:bank:USD", "USD/2"] == -400_000


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_around_the_record_is_mended_by_the_same_key(moment: str) -> None:
    office = Office(MemoryDatabase())
    commit = office.facts.commit

    class Crash(Exception):
        pass

    def crashing(*args):
        object.__setattr__(office.moving, "facts", office.facts)
        if moment == "after":
            commit(*args)
        raise Crash

    class Dying:
        def commit(self, *args):
            crashing(*args)

    object.__setattr__(office.moving, "facts", Dying())
    with pytest.raises(Crash):
        office.record()
    assert office.record().status is MovementStatus.POSTED
    assert office.books()["house:bank:USD", "USD/2"] == -50_000
