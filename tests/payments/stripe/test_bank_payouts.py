"""Stripe's payouts to the firm's bank, by its own client against the sandbox, are booked once."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.ids import SequentialIds
from shared.kernel.money import Currency
from shared.ledger.house import HouseJournal
from shared.ledger.model import EntryKind, fold
from shared.payments.methods import Gateway
from shared.payments.providers.stripe_listing import StripeListing
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.treasury.gateway_payouts import GatewayPayouts
from shared.treasury.providers.stripe_payouts import StripeBankPayouts
from tests.payments.stripe.desk import deposit_of

AT_ONCE = "4000000000000077"


@pytest.fixture
def house():
    return HouseJournal(MemoryDatabase(), "t1")


@pytest.fixture
def payouts(desk, house):
    # A little ahead of the sandbox, which stamps whole seconds.
    clock = FixedClock(datetime.now(UTC) + timedelta(minutes=1))
    facts = Facts(house._database, clock, SequentialIds("t1", clock))
    listing = StripeBankPayouts(StripeListing(lambda: desk.client))
    return GatewayPayouts(house, facts, {Gateway.STRIPE: listing}, clock)


def test_a_payout_is_booked_when_it_is_made_and_taken_back_when_the_bank_returns_it(
    desk, house, payouts
):
    desk.paid(deposit_of(10_000), AT_ONCE)
    assert payouts.look() == 0
    swept = desk.knob("payouts", currency="usd")
    assert [payouts.look(), payouts.look()] == [1, 0]
    (entry,) = house.entries(Currency.USD).entries
    assert entry.entry.draft.reference == swept["id"]
    assert fold([entry.entry]) == {
        ("house:money_in_transit:stripe:USD", "USD/2"): 9_680,
        ("house:gateway_clearing:stripe:USD", "USD/2"): -9_680,
    }
    desk.knob(f"payouts/{swept['id']}", status="paid")
    assert payouts.look() == 0
    desk.knob(f"payouts/{swept['id']}", status="failed", failure="account_closed")
    assert [payouts.look(), payouts.look()] == [1, 0]
    newest = house.entries(Currency.USD).entries[0].entry
    assert newest.draft.kind is EntryKind.REVERSAL
    assert set(fold(one.entry for one in house.entries(Currency.USD).entries).values()) == {0}
