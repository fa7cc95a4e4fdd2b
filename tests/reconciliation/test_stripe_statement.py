"""Stripe's balance transactions as lines: what each is about, and what Stripe kept of it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.money import Currency
from shared.payments.errors import GatewayUnavailable
from shared.payments.providers.stripe_listing import Balances, Line
from shared.reconciliation.model import Category
from shared.reconciliation.providers.stripe_statement import StripeStatement, items_of

AT = datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)
DAY = date(2026, 3, 2)
USD = Currency.USD


def line(kind: str, minor: int, fee: int = 0, **changes: Any) -> Line:
    given = {
        "id": "txn_1",
        "kind": kind,
        "source": "ch_1",
        "amount_minor": minor,
        "fee_minor": fee,
        "net_minor": minor - fee,
        "currency": "USD",
        "created": AT,
        "available_on": AT,
    } | changes
    return Line(**given)


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (
            line("charge", 100, 3, payment="pi_1"),
            [(Category.PAYMENT, "pi_1", 100), (Category.FEE, "pi_1", -3)],
        ),
        (
            line("refund", -40, source="re_1", metadata={"payout_id": "pay_1"}),
            [(Category.OUT, "pay_1", -40)],
        ),
        (line("refund", -40, source="re_1"), [(Category.OUT, "re_1", -40)]),
        (
            line("transfer", -9, source="tr_1", metadata={"payout_id": "pay_2"}),
            [(Category.OUT, "pay_2", -9)],
        ),
        (
            line("refund_failure", 40, source="re_1", metadata={"payout_id": "pay_1"}),
            [(Category.BACK, "pay_1", 40)],
        ),
        (
            line("dispute", -100, 15, source="dp_1", payment="pi_1"),
            [(Category.DISPUTE, "dp_1", -100), (Category.FEE, "dp_1", -15)],
        ),
        (line("dispute_reversal", 100, source="dp_1"), [(Category.DISPUTE_BACK, "dp_1", 100)]),
        (line("payout", -80, source="po_1"), [(Category.PAYOUT, "po_1", -80)]),
        (line("payout_reversal", 80, source="po_1"), [(Category.PAYOUT_BACK, "po_1", 80)]),
        (line("fee", -7, source=None), [(Category.FEE, "fee:txn_1", -7)]),
        (line("topup", 5, source="tu_1"), [(Category.OTHER, "tu_1", 5)]),
        (line("nobody_knows", 5, source=None), [(Category.OTHER, "txn_1", 5)]),
    ],
)
def test_a_line_is_named_as_our_books_name_it(
    entry: Line, told: list[tuple[Category, str, int]]
) -> None:
    items = items_of(entry)
    assert [(one.category, one.reference, one.minor) for one in items] == told
    assert sum(one.minor for one in items) == entry.net_minor
    assert {one.day for one in items} == {DAY}
    assert len({one.name for one in items}) == len(items)


class Listing:
    """Stripe; ``between`` happens after the balance is read."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        self.asked: list[tuple[datetime, datetime]] = []
        self.between: list[Line] = []

    def balance_transactions(self, since: datetime, until: datetime) -> list[Line]:
        self.asked.append((since, until))
        return [one for one in self.lines if since <= one.created < until]

    def balance(self) -> Balances:
        total = sum(one.net_minor for one in self.lines if one.currency == "USD")
        self.lines += [self.between.pop()] if self.between else []
        return Balances({"USD": total - 10}, {"USD": 10})


def statement(listing: Any) -> StripeStatement:
    return StripeStatement(listing, FixedClock(AT + timedelta(hours=9)))


def test_days_are_asked_for_from_midnight_to_midnight_and_in_one_currency() -> None:
    listing = Listing([line("charge", 100), line("charge", 7, currency="EUR", id="txn_2")])
    items = statement(listing).items(USD, DAY - timedelta(days=3), DAY)
    assert [one.name for one in items] == ["txn_1"]
    assert listing.asked == [(datetime(2026, 2, 27, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC))]


def test_what_stripe_held_at_the_end_is_what_it_holds_less_what_moved_since() -> None:
    later = line("charge", 50, 1, created=AT + timedelta(seconds=1), id="txn_2")
    listing = Listing([line("charge", 100, 3), later])
    assert statement(listing).closing(USD, DAY) == 97


def test_a_balance_that_moves_while_it_is_read_is_read_again() -> None:
    listing = Listing([line("charge", 100)])
    since = AT + timedelta(hours=1)
    listing.between = [line("charge", 9, created=since, id="txn_2")]
    assert statement(listing).closing(USD, DAY) == 100
    listing.between = [line("charge", 9, created=since, id=f"txn_{n}") for n in (3, 4, 5)]
    with pytest.raises(GatewayUnavailable):
        statement(listing).closing(USD, DAY)
