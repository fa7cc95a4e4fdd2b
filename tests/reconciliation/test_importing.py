"""A bank's statement in our books: arrivals once, strangers' money in suspense, nothing twice."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import cast

import pytest

from shared.cases.model import CaseKind, CaseStatus
from shared.cases.store import CaseStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import SequentialIds
from shared.kernel.money import Currency, Money
from shared.ledger.events import EntryPostedV1, Leg
from shared.ledger.house import HouseJournal, book_once
from shared.ledger.model import EntryKind, fold
from shared.payments.methods import Gateway
from shared.payments.suspended import SuspendedPayments
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.tables import Database
from shared.reconciliation.bank import BankStatement
from shared.reconciliation.imported import ImportedLines, ImportedStatement
from shared.reconciliation.importing import Importing
from shared.reconciliation.model import Book, Category, Party
from shared.reconciliation.providers.bank_files import read_bank_file
from shared.treasury import bookings
from shared.treasury.model import HouseLine
from shared.treasury.movements import MovementKind, booking_key
from shared.treasury.ports import Balances
from shared.treasury.recording import HouseRecorder
from tests.reconciliation.test_bank_files import ACCOUNT, MT940, TWO, camt, ntry

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)
USD = Currency.USD
BANK = Book(Party.BANK, USD)
ONE = timedelta(days=1)


class Desk:
    def __init__(self, database: Database) -> None:
        self.clock = FixedClock(NOW)
        self.balances = HouseRecorder(database, self.clock)
        self.house = HouseJournal(database, "t1")
        self.cases = CaseStore(database)
        self.facts = Facts(database, self.clock, SequentialIds("t1", self.clock))
        self.lines = ImportedLines(database, self.clock)
        self.importing = Importing(
            self.lines,
            self.balances,
            self.house,
            self.cases,
            self.facts,
            self.clock,
            {USD: "KE 0012 3456 78"},
            read_bank_file,
            SuspendedPayments(database),
            SequentialIds("t1", self.clock),
        )

    def sent(self, reference: str, minor: int, gateway: Gateway = Gateway.STRIPE) -> None:
        draft = bookings.payout_sent(
            gateway, Money(minor, USD), NOW, subject=reference, reference=reference
        )
        key = booking_key(MovementKind.GATEWAY_PAYOUT_SENT, gateway, USD, reference)
        assert book_once(self.house, self.facts, draft, key)
        stored = self.house.entries(USD, limit=1).entries[0].entry
        self.balances.record(
            EntryPostedV1(
                owner_id=stored.user_id,
                chain="USD",
                seq=stored.seq,
                kind=draft.kind.value,
                reference=draft.reference,
                at=draft.at,
                legs=tuple(
                    Leg(account=leg.account, asset=leg.asset, amount=leg.amount)
                    for leg in draft.postings
                ),
                memo=dict(draft.memo),
            )
        )

    def books(self) -> dict[str, int]:
        found = fold(one.entry for one in self.house.entries(USD).entries)
        return {account: minor for (account, _), minor in found.items() if minor}

    def open_cases(self) -> list[tuple[CaseKind, str]]:
        return [(one.kind, one.subject) for one in self.cases.listed(CaseStatus.OPEN)]


def test_a_payout_that_is_on_the_statement_has_arrived_once(database: Database) -> None:
    desk = Desk(database)
    desk.sent("po_123", 9_680)
    desk.sent("po_124", 9_680)
    assert [desk.importing.take(MT940) for _ in range(3)] == [2, 0, 0]
    assert desk.books() == {
        "house:bank:USD": 9_680,
        "house:money_in_transit:stripe:USD": 9_680,
        "house:gateway_clearing:stripe:USD": -19_360,
    }
    newest = desk.house.entries(USD).entries[0].entry.draft
    assert newest.kind is EntryKind.GATEWAY_PAYOUT_ARRIVED
    assert (newest.reference, newest.memo["reference"]) == ("BANKREF1", "po_123")
    assert desk.open_cases() == []
    items = ImportedStatement(Party.BANK, desk.lines).items(USD, NOW.date(), NOW.date())
    assert [(one.category, one.reference, one.minor) for one in items] == [
        (Category.BANK, "po_123", 9_680),
        (Category.BANK, "BANKREF2", -680),
    ]
    assert desk.lines.closing(BANK, NOW.date()) == 109_000


def test_a_payout_without_its_name_is_known_by_gateway_and_amount_if_it_is_the_only_one() -> None:
    content = MT940.replace(b"STRIPE PAYOUT po_123", b"STRIPE TECHNOLOGY")
    one = Desk(MemoryDatabase())
    one.sent("po_123", 9_680)
    one.sent("adyen-1", 9_680, Gateway.ADYEN)
    one.importing.take(content)
    assert one.books()["house:bank:USD"] == 9_680
    assert "house:suspense" not in one.books()
    two = Desk(MemoryDatabase())
    two.sent("po_123", 9_680)
    two.sent("po_124", 9_680)
    two.importing.take(content)
    assert two.books()["house:suspense"] == -9_680
    assert two.open_cases() == [(CaseKind.UNMATCHED_MONEY, "BANK:USD:BANKREF1")]


def test_money_that_nobody_expected_waits_in_suspense_with_a_case(database: Database) -> None:
    desk = Desk(database)
    assert [desk.importing.take(MT940) for _ in range(2)] == [2, 0]
    assert desk.books() == {"house:bank:USD": 9_680, "house:suspense": -9_680}
    assert desk.open_cases() == [(CaseKind.UNMATCHED_MONEY, "BANK:USD:BANKREF1")]
    (case,) = desk.cases.listed(CaseStatus.OPEN)
    facts = dict(case.facts)
    assert (facts["gateway"], facts["payment"]) == ("BANK", "USD:BANKREF1")
    ((_, found),) = SuspendedPayments(database).waiting(5).entries
    assert (found.gateway, found.payment, found.owner) == (Gateway.BANK, "USD:BANKREF1", None)
    assert found.amount == Money(9_680, USD)


def test_what_a_person_recorded_is_not_booked_again() -> None:
    desk = Desk(MemoryDatabase())
    draft = bookings.capital_paid_in(Money(9_680, USD), NOW, subject="m", reference="BANKREF1")
    key = booking_key(MovementKind.CAPITAL_PAID_IN, None, USD, "BANKREF1")
    book_once(desk.house, desk.facts, draft, key)
    assert desk.importing.take(MT940) == 2
    assert desk.books() == {"house:bank:USD": 9_680, "house:capital": -9_680}
    assert desk.open_cases() == []


def test_what_was_recorded_of_another_currencys_account_is_something_else() -> None:
    desk = Desk(MemoryDatabase())
    euros = Money(9_680, Currency.EUR)
    draft = bookings.capital_paid_in(euros, NOW, subject="m", reference="BANKREF1")
    key = booking_key(MovementKind.CAPITAL_PAID_IN, None, Currency.EUR, "BANKREF1")
    book_once(desk.house, desk.facts, draft, key)
    assert desk.importing.take(MT940) == 2
    assert desk.books() == {"house:bank:USD": 9_680, "house:suspense": -9_680}
    assert desk.open_cases() == [(CaseKind.UNMATCHED_MONEY, "BANK:USD:BANKREF1")]


def test_a_conversion_is_known_on_the_statements_of_both_its_currencies() -> None:
    keys = {
        booking_key(MovementKind.FX_CONVERTED, None, currency, "FX1")
        for currency in (USD, Currency.EUR)
    }
    assert keys == {"FX_CONVERTED:BANK:FX:FX1"}


def test_statements_may_overlap() -> None:
    desk = Desk(MemoryDatabase())
    first = ntry("5.00", "CRDT", "A")
    assert desk.importing.take(camt(first, closing="1005.00")) == 1
    both = camt(first, ntry("7.00", "CRDT", "B"), closing="1012.00")
    assert desk.importing.take(both) == 1
    assert desk.books() == {"house:bank:USD": 1_200, "house:suspense": -1_200}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no statement", "UNREADABLE"),
        (MT940.replace(ACCOUNT.encode(), b"KE0012345679"), "OTHER_ACCOUNT"),
        (MT940.replace(b"USD", b"EUR"), "OTHER_CURRENCY"),
        (MT940.replace(b"1090,00", b"1090,01"), "DOES_NOT_ADD_UP"),
        (b" " * 5_000_001, "TOO_LARGE"),
    ],
)
def test_of_a_file_that_is_none_of_ours_nothing_counts(
    database: Database, content: bytes, reason: str
) -> None:
    desk = Desk(database)
    assert [desk.importing.take(content) for _ in range(2)] == [None, None]
    assert desk.books() == {}
    (case,) = desk.cases.listed(CaseStatus.OPEN)
    assert dict(case.facts) == {"reason": reason}
    assert ImportedStatement(Party.BANK, desk.lines).items(USD, NOW.date(), NOW.date()) == []


def test_a_file_that_was_half_taken_is_finished(database: Database) -> None:
    """The process died after the first entry."""
    desk = Desk(database)
    statement = read_bank_file(MT940)

    def half(_: bytes) -> BankStatement:
        return replace(statement, entries=statement.entries[:1])

    replace(desk.importing, read=half).take(MT940)
    assert desk.importing.take(MT940) == 1
    assert desk.books() == {"house:bank:USD": 9_680, "house:suspense": -9_680}


def on(day: int, content: bytes) -> bytes:
    """The same file of another day of the month."""
    compact = content.replace(b"260302", f"2603{day:02}".encode())
    return compact.replace(b"2026-03-02", f"2026-03-{day:02}".encode())


@pytest.mark.parametrize("form", ["mt940", "camt"])
def test_an_older_file_says_nothing_about_what_the_bank_holds_now(
    database: Database, form: str
) -> None:
    desk = Desk(database)
    monday = MT940 if form == "mt940" else camt(*TWO)
    tuesday = on(3, camt(ntry("4.00", "CRDT", "B3"), opening="1090.00", closing="1094.00"))
    assert desk.importing.take(monday) == 2
    desk.clock.advance(timedelta(days=1))
    assert desk.importing.take(tuesday) == 1
    assert desk.lines.closing(BANK, NOW.date() + ONE) == 109_400
    desk.clock.advance(timedelta(days=1))
    assert desk.importing.take(monday) == 0
    late = camt(ntry("7.00", "CRDT", "LATE"), opening="993.00", closing="1000.00")
    assert desk.importing.take(on(1, late)) == 1
    assert desk.lines.closing(BANK, NOW.date() + 2 * ONE) == 109_400
    assert desk.lines.closing(BANK, NOW.date()) == 109_000


def test_of_two_files_of_a_day_the_one_with_more_says_what_there_is(database: Database) -> None:
    desk = Desk(database)
    noon = camt(TWO[0], closing="1096.80")
    assert desk.importing.take(noon) == 1
    assert desk.lines.closing(BANK, NOW.date()) == 109_680
    assert desk.importing.take(camt(*TWO)) == 1
    assert desk.importing.take(noon) == 0
    assert desk.lines.closing(BANK, NOW.date()) == 109_000


def test_a_day_that_has_not_come_does_not_hide_the_next_files() -> None:
    desk = Desk(MemoryDatabase())
    assert desk.importing.take(on(30, MT940)) == 2
    desk.clock.advance(timedelta(days=1))
    more = on(4, camt(ntry("4.00", "CRDT", "B3"), opening="1090.00", closing="1094.00"))
    assert desk.importing.take(more) == 1
    assert desk.lines.closing(BANK, NOW.date() + ONE) == 109_400


REUSED = (ntry("5.00", "CRDT", "STANDING"), ntry("7.00", "CRDT", "STANDING"))


@pytest.mark.parametrize(
    "files",
    [
        [REUSED],
        [REUSED[:1], REUSED[1:]],
        [REUSED[1:], REUSED[:1]],
        [REUSED[:1], REUSED],
        [REUSED[1:], REUSED, REUSED[:1]],
        [REUSED, REUSED[1:], REUSED[:1], REUSED[::-1]],
    ],
)
def test_a_reference_that_the_bank_uses_again_loses_and_doubles_nothing(
    database: Database, files: list[tuple[str, ...]]
) -> None:
    desk, cents = Desk(database), {REUSED[0]: 500, REUSED[1]: 700}
    new = []
    for entries in files:
        closing = 100_000 + sum(cents[one] for one in entries)
        new.append(
            desk.importing.take(camt(*entries, closing=f"{closing // 100}.{closing % 100:02}"))
        )
    assert sum(one or 0 for one in new) == 2
    assert desk.books() == {"house:bank:USD": 1_200, "house:suspense": -1_200}
    assert len(desk.open_cases()) == 2
    items = ImportedStatement(Party.BANK, desk.lines).items(USD, NOW.date(), NOW.date())
    assert sorted(one.minor for one in items) == [500, 700]
    assert len({one.reference for one in items}) == 2


def test_payouts_on_their_way_are_read_once_for_a_file_of_many_entries() -> None:
    desk, read = Desk(MemoryDatabase()), []

    class Counted:
        def lines(self, account: str, asset: str, day: date) -> list[HouseLine]:
            read.append((account, day))
            return []

    entries = [ntry("1.00", "CRDT", f"R{number:04}") for number in range(40)]
    importing = replace(desk.importing, balances=cast(Balances, Counted()))
    assert importing.take(camt(*entries, closing="1040.00")) == 40
    assert len(read) == len(set(read))
    read.clear()
    assert importing.take(camt(*entries, closing="1040.00")) == 0
    assert read == []


def test_two_entries_of_a_file_are_never_the_same_payout() -> None:
    desk = Desk(MemoryDatabase())
    desk.sent("po_123", 9_680)
    twice = [ntry("96.80", "CRDT", name, "STRIPE po_123") for name in ("R1", "R2")]
    assert desk.importing.take(camt(*twice, closing="1193.60")) == 2
    assert desk.books() == {
        "house:bank:USD": 19_360,
        "house:gateway_clearing:stripe:USD": -9_680,
        "house:suspense": -9_680,
    }
    assert desk.open_cases() == [(CaseKind.UNMATCHED_MONEY, "BANK:USD:R2")]
