"""Stripe's own books, read for comparison."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.payments.errors import GatewayUnavailable
from shared.payments.providers.stripe_listing import Line, StripeListing, line_of
from tests.payments.stripe.desk import deposit_of

ALWAYS = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
AT_ONCE = "4000000000000077"


@pytest.fixture
def listing(desk):
    return StripeListing(lambda: desk.client)


def test_every_movement_is_a_line_and_their_sum_is_the_balance(desk, listing):
    deposit = deposit_of(10_000)
    intent = desk.paid(deposit, AT_ONCE)
    refund = desk.client.v1.refunds.create(
        {"payment_intent": intent, "amount": 2_000, "metadata": {"payout_id": "pay_1"}}
    )
    other = desk.paid(deposit_of(5_000))
    dispute = desk.knob("disputes", payment_intent=other)
    lines = list(listing.balance_transactions(*ALWAYS))
    told = [(one.kind, one.payment, one.amount_minor, one.fee_minor) for one in lines]
    assert told == [
        ("dispute", other, -5_000, 1_500),
        ("charge", other, 5_000, 175),
        ("refund", intent, -2_000, 0),
        ("charge", intent, 10_000, 320),
    ]
    assert [lines[0].source, lines[2].source] == [dispute["id"], refund.id]
    assert lines[2].metadata == {"payout_id": "pay_1"}
    assert lines[3].metadata["deposit_id"] == deposit.deposit_id
    assert all(one.net_minor == one.amount_minor - one.fee_minor for one in lines)
    balances = listing.balance()
    assert balances.total("USD") == sum(one.net_minor for one in lines)
    assert balances.pending == {"USD": 5_000 - 175}


def test_pages_are_read_to_the_end_and_no_line_twice(desk, listing):
    for _ in range(103):
        desk.knob("balance", currency="usd", amount=1)
    lines = list(listing.balance_transactions(*ALWAYS))
    assert len({one.id for one in lines}) == len(lines) == 103


def test_times_meet_without_a_gap_or_an_overlap(desk, listing):
    desk.paid(deposit_of())
    (line,) = listing.balance_transactions(*ALWAYS)
    at = line.created
    second = timedelta(seconds=1)
    assert list(listing.balance_transactions(at, at + second)) == [line]
    assert list(listing.balance_transactions(at - second, at)) == []
    assert list(listing.balance_transactions(at + second, at + 2 * second)) == []
    half = timedelta(milliseconds=500)
    assert list(listing.balance_transactions(at + half, at + second)) == []
    assert list(listing.balance_transactions(at, at + half)) == [line]


def test_a_payout_to_the_firms_bank_names_what_it_took(desk, listing):
    intent = desk.paid(deposit_of(10_000), AT_ONCE)
    desk.paid(deposit_of(7_000))
    swept = desk.knob("payouts", currency="usd")
    (payout,) = listing.payouts(*ALWAYS)
    assert (payout.id, payout.amount_minor, payout.currency) == (swept["id"], 9_680, "USD")
    assert (payout.status, payout.automatic) == ("pending", True)
    behind = [(one.kind, one.payment, one.net_minor) for one in listing.behind(payout.id)]
    assert behind == [("payout", None, -9_680), ("charge", intent, 9_680)]
    desk.knob(f"payouts/{payout.id}", status="paid")
    assert listing.payout(payout.id).status == "paid"
    desk.knob(f"payouts/{payout.id}", status="failed", failure="account_closed")
    failed = listing.payout(payout.id)
    assert (failed.status, failed.failure) == ("failed", "account_closed")
    newest = next(listing.balance_transactions(*ALWAYS))
    assert (newest.kind, newest.amount_minor) == ("payout_reversal", 9_680)
    assert listing.payout("po_unknown") is None


def test_a_listing_that_breaks_off_is_told(desk, listing, fault):
    for _ in range(101):
        desk.knob("balance", currency="usd", amount=1)
    lines = listing.balance_transactions(*ALWAYS)
    next(lines)
    for operation in ("balance_transactions.list", "payouts.list", "balance.retrieve"):
        fault("stripe", operation, "error", times=2, status=500)
    with pytest.raises(GatewayUnavailable):
        list(lines)
    with pytest.raises(GatewayUnavailable):
        list(listing.payouts(*ALWAYS))
    with pytest.raises(GatewayUnavailable):
        listing.balance()


def test_the_published_shape_is_understood():
    entry = {
        "id": "txn_1",
        "object": "balance_transaction",
        "amount": 100,
        "available_on": 1_234_567_890,
        "balance_type": "payments",
        "created": 1_234_567_890,
        "currency": "xau",
        "description": "My First Test Charge",
        "exchange_rate": None,
        "fee": 3,
        "fee_details": [],
        "net": 97,
        "reporting_category": "charge",
        "source": "ch_1",
        "status": "available",
        "type": "charge",
    }
    at = datetime(2009, 2, 13, 23, 31, 30, tzinfo=UTC)
    line = Line("txn_1", "charge", "ch_1", 100, 3, 97, "XAU", at, at)
    assert line_of(entry) == line
    assert line_of(entry | {"source": None}).source is None
