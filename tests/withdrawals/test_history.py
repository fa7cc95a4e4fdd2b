"""What rules for staff are told of an account's past, out of the rows that are there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.investing.model import Ending, Order, OrderStatus, Side
from shared.investing.store import _order_row
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.notifications.model import Notice
from shared.notifications.store import NoticeStore
from shared.payments.making import new_deposit
from shared.payments.methods import Gateway, Method
from shared.payments.model import Deposit, DepositStatus
from shared.payments.rows import row_of
from shared.platform.tables import Put
from shared.withdrawals.history import StoredHistories
from shared.withdrawals.screening import Movement
from tests.withdrawals.conftest import NOW, World

DAY = timedelta(days=1)
SINCE = NOW - 7 * DAY


class Past(World):
    """Things that were begun at other times."""

    def id_at(self, kind: Kind, ago: timedelta) -> str:
        self.clock.advance(-ago)
        made = self.ids.new(kind)
        self.clock.advance(ago)
        return made

    def deposit(
        self, ago: timedelta, minor: int = 10_000, *, settled: timedelta | None = None
    ) -> Deposit:
        """Begun some time ago, and credited when ``settled`` says."""
        made = new_deposit(
            user_id=self.user_id,
            deposit_id=self.id_at(Kind.DEPOSIT, ago),
            gateway=Gateway.STRIPE,
            method=Method.BANK_DEBIT,
            amount=Money(minor, Currency.USD),
            quote=None,
        )
        if settled is not None:
            made = replace(made, status=DepositStatus.SETTLED, settled_at=NOW - settled)
        self.database.write(Put("deposit", row_of(made)))
        return made

    def order(self, ago: timedelta, **changes: object) -> Order:
        order = Order(
            order_id=self.id_at(Kind.ORDER, ago),
            user_id=self.user_id,
            plan_id=self.id_at(Kind.PLAN, ago),
            account_id="a",
            symbol="VTI",
            notional_minor=5_000,
            created_at=NOW - ago,
            version=1,
        )
        order = replace(order, **changes)
        self.database.write(Put("order", _order_row(order)))
        return order

    def notice(self, ago: timedelta) -> None:
        NoticeStore(self.database).add(
            Notice(self.id_at(Kind.NOTICE, ago), self.user_id, "topic", {}, NOW - ago)
        )


@pytest.fixture
def past(database) -> Past:
    return Past(database)


def activity(past: Past):
    return StoredHistories(past.database).activity(past.user_id, SINCE)


def test_somebody_without_a_past(past: Past) -> None:
    found = activity(past)
    assert found.registered_at == NOW - 100 * DAY
    assert (list(found.deposits), list(found.purchases), found.last_before) == ([], [], None)


def test_deposits_count_when_they_were_credited(past: Past) -> None:
    past.deposit(DAY, 1_000, settled=DAY / 2)
    past.deposit(10 * DAY, 2_000, settled=2 * DAY)
    past.deposit(9 * DAY, 4_000, settled=8 * DAY)
    past.deposit(2 * DAY, 8_000)
    found = activity(past)
    assert sorted(found.deposits, key=lambda each: each.minor) == [
        Movement(NOW - DAY / 2, 1_000),
        Movement(NOW - 2 * DAY, 2_000),
    ]
    # Begun before the period, whatever became of it.
    assert found.last_before == NOW - 9 * DAY


def test_purchases_count_that_were_made_or_still_may_be(past: Past) -> None:
    past.order(DAY, notional_minor=1)
    past.order(2 * DAY, notional_minor=2, status=OrderStatus.FILLED, charged_minor=2)
    refused = Ending(OrderStatus.REJECTED, 0)
    past.order(3 * DAY, notional_minor=4, status=OrderStatus.REJECTED, ending=refused)
    past.order(4 * DAY, notional_minor=8, side=Side.SELL)
    past.order(8 * DAY, notional_minor=16)
    found = activity(past)
    assert sorted(one.minor for one in found.purchases) == [1, 2]
    assert found.last_before == NOW - 8 * DAY


def test_notices_are_no_movements_and_hide_none(past: Past) -> None:
    past.deposit(90 * DAY, settled=90 * DAY)
    for number in range(70):
        past.notice(30 * DAY + timedelta(minutes=number))
    assert activity(past).last_before == NOW - 90 * DAY


def test_withdrawals_are_movements(past: Past) -> None:
    account = past.phone()
    past.cash(50_000)
    past.withdraw(account)
    past.clock.advance(40 * DAY)
    later = StoredHistories(past.database).activity(past.user_id, past.clock.now() - 7 * DAY)
    assert later.last_before == NOW
