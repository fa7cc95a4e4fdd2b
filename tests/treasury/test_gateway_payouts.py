"""What gateways pay out to the bank is booked once, and taken back when the bank returns it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.ids import SequentialIds
from shared.kernel.money import Currency, Money
from shared.ledger.house import HouseJournal
from shared.ledger.model import EntryKind, fold
from shared.payments.errors import GatewayUnavailable
from shared.payments.methods import Gateway
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.tables import Database
from shared.treasury.gateway_payouts import LOOKED_BACK, GatewayPayouts
from shared.treasury.ports import GatewayPayout

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
USD = Currency.USD
TRANSIT, CLEARING = "house:money_in_transit:stripe:USD", "house:gateway_clearing:stripe:USD"


@dataclass
class Listing:
    """A gateway's list."""

    listed: list[GatewayPayout] = field(default_factory=list)
    asked: list[tuple[datetime, datetime]] = field(default_factory=list)
    down: bool = False

    def payouts(self, since: datetime, until: datetime) -> Iterable[GatewayPayout]:
        self.asked.append((since, until))
        yield from self.listed
        if self.down:
            raise GatewayUnavailable


class Desk:
    def __init__(self, database: Database) -> None:
        clock = FixedClock(NOW)
        self.house = HouseJournal(database, "t1")
        self.listing = Listing()
        self.payouts = GatewayPayouts(
            self.house,
            Facts(database, clock, SequentialIds("t1", clock)),
            {Gateway.STRIPE: self.listing},
            clock,
        )

    def books(self) -> dict[tuple[str, str], int]:
        found = fold(
            one.entry for currency in Currency for one in self.house.entries(currency).entries
        )
        return {account: minor for account, minor in found.items() if minor}


def payout(reference: str = "po_1", minor: int = 900, failed: bool = False) -> GatewayPayout:
    return GatewayPayout(reference, Money(minor, USD), NOW - timedelta(hours=3), failed)


def test_a_payout_leaves_the_clearing_account_once(database: Database) -> None:
    desk = Desk(database)
    desk.listing.listed = [payout(), payout("po_2", 50)]
    assert [desk.payouts.look() for _ in range(3)] == [2, 0, 0]
    assert desk.books() == {(TRANSIT, "USD/2"): 950, (CLEARING, "USD/2"): -950}
    newest, oldest = desk.house.entries(USD).entries
    assert oldest.entry.draft.kind is EntryKind.GATEWAY_PAYOUT_SENT
    assert (oldest.entry.draft.reference, oldest.entry.draft.at) == ("po_1", NOW)
    assert oldest.entry.draft.memo == {
        "gateway": "STRIPE",
        "reference": "po_1",
        "created_at": "2026-03-02T12:30:00.000000Z",
    }
    assert newest.entry.draft.reference == "po_2"
    assert desk.listing.asked[0] == (NOW - LOOKED_BACK, NOW)


def test_a_payout_that_the_bank_returned_is_at_the_gateway_again(database: Database) -> None:
    desk = Desk(database)
    desk.listing.listed = [payout()]
    desk.payouts.look()
    desk.listing.listed = [payout(failed=True)]
    assert [desk.payouts.look() for _ in range(3)] == [1, 0, 0]
    assert desk.books() == {}
    kinds = [one.entry.draft.kind for one in desk.house.entries(USD).entries]
    assert kinds == [EntryKind.REVERSAL, EntryKind.GATEWAY_PAYOUT_SENT]
    # An old answer that comes late books nothing again.
    desk.listing.listed = [payout()]
    assert desk.payouts.look() == 0


def test_one_that_failed_before_it_was_seen_has_left_and_come_back(database: Database) -> None:
    desk = Desk(database)
    desk.listing.listed = [payout(failed=True)]
    assert [desk.payouts.look() for _ in range(3)] == [2, 0, 0]
    assert desk.books() == {}
    # As the gateway's own list has it, line by line.
    back, sent = (one.entry.draft for one in desk.house.entries(USD).entries)
    assert (sent.kind, sent.postings[1].amount) == (EntryKind.GATEWAY_PAYOUT_SENT, -900)
    assert (back.kind, back.postings[0].amount) == (EntryKind.REVERSAL, 900)
    assert (sent.postings[1].account, back.postings[0].account) == (CLEARING, CLEARING)


def test_a_process_that_dies_between_both_books_the_other_one_later() -> None:
    desk = Desk(MemoryDatabase())
    desk.listing.listed = [payout(failed=True)]
    commit, died = desk.payouts.facts, []

    class Dying:
        def commit(self, *args: Any) -> None:
            commit.commit(*args)
            if not died:
                died.append(True)
                raise RuntimeError("the process ended")

    object.__setattr__(desk.payouts, "facts", Dying())
    with pytest.raises(RuntimeError):
        desk.payouts.look()
    assert desk.books() == {(TRANSIT, "USD/2"): 900, (CLEARING, "USD/2"): -900}
    assert [desk.payouts.look() for _ in range(2)] == [1, 0]
    assert desk.books() == {}


def test_a_gateway_may_draw_on_the_bank(database: Database) -> None:
    desk = Desk(database)
    desk.listing.listed = [payout(minor=-70), payout("po_0", 0)]
    assert desk.payouts.look() == 1
    assert desk.books() == {(TRANSIT, "USD/2"): -70, (CLEARING, "USD/2"): 70}


def test_currencies_have_chains_and_accounts_of_their_own() -> None:
    desk = Desk(MemoryDatabase())
    desk.listing.listed = [payout(), replace(payout("po_2"), amount=Money(5, Currency.EUR))]
    assert desk.payouts.look() == 2
    assert desk.books()["house:money_in_transit:stripe:EUR", "EUR/2"] == 5


def test_what_was_listed_before_the_gateway_fell_silent_is_booked() -> None:
    desk = Desk(MemoryDatabase())
    desk.listing.listed, desk.listing.down = [payout()], True
    for _ in range(2):
        with pytest.raises(GatewayUnavailable):
            desk.payouts.look()
    assert desk.books() == {(TRANSIT, "USD/2"): 900, (CLEARING, "USD/2"): -900}
