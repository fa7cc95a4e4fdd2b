"""At which rate an occurrence is collected, and what was begun under other limits."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from shared.kernel.money import Currency, Money
from shared.payments import requests
from shared.payments.methods import Method
from shared.payments.states import DepositStatus
from shared.recurring.model import OccurrenceStatus
from shared.recurring.reasons import SkipReason
from tests.payments.twins import Crash
from tests.recurring.conftest import Orders

JAN = date(2026, 1, 31)
NARROW = requests.Limits(Money.parse("9000", Currency.KES), Money.parse("9999", Currency.KES))


def mids(orders: Orders) -> list[Decimal]:
    """Published rates that deposits are locked at, the oldest first."""
    quotes = [one.quote for one in reversed(orders.made())]
    return [one.mid.rate for one in quotes if one is not None]


def test_each_attempt_has_the_rate_of_its_own_moment_not_that_of_the_order(
    orders: Orders,
) -> None:
    orders.order()
    orders.at(JAN, 9)
    orders.world.rate("0.0078")
    orders.run()
    orders.fails(orders.made()[0])
    orders.checks()
    orders.at(JAN, 10.1)
    orders.world.rate("0.0080")
    orders.run()
    assert mids(orders) == [Decimal("0.0078"), Decimal("0.0080")]
    orders.pays(orders.made()[0])
    # 5000 shillings at 0.0080 less 1.5 %.
    assert orders.world.wallet().posted == 3_940


def test_who_was_prompted_in_time_gets_the_locked_rate_however_late_the_word_comes(
    orders: Orders,
) -> None:
    orders.order()
    orders.at(JAN, 9)
    orders.run()
    (deposit,) = orders.made()
    orders.clock.advance(timedelta(hours=3))
    orders.world.rate("0.0100")
    orders.pays(deposit)
    assert orders.world.now(deposit).quote == deposit.quote
    assert orders.world.wallet().posted == 3_792


def test_an_attempt_that_nobody_was_asked_for_in_time_is_made_anew_at_a_fresh_rate(
    orders: Orders,
) -> None:
    orders.order()
    orders.at(JAN, 9)
    orders.push.start_script = ["not_sent"] * 99
    orders.run()
    orders.clock.advance(timedelta(minutes=11))
    orders.checks()
    orders.world.check(orders.made()[0])
    orders.checks()
    orders.push.start_script = []
    orders.at(JAN, 10.5)
    orders.world.rate("0.0079")
    orders.run()
    assert mids(orders)[-1] == Decimal("0.0079")
    assert [one.status for one in orders.made()] == [
        DepositStatus.ACTION_REQUIRED,
        DepositStatus.EXPIRED,
    ]
    assert len(orders.push.attempts) == 1


def test_limits_that_changed_since_do_not_hide_what_was_begun(
    orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = orders.order()
    orders.at(JAN, 9)
    # The phone was prompted, and the occurrence does not know it yet.
    orders.world.facts.script = ["ok", "ok", "ok", "ok", "before"]
    with pytest.raises(Crash):
        orders.run()
    (deposit,) = orders.made()
    narrow = {**requests.LIMITS, (Method.MPESA, Currency.KES): NARROW}
    monkeypatch.setattr(requests, "LIMITS", narrow)
    orders.pays(deposit)
    orders.at(JAN, 9.5)
    orders.run()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.status, found.deposit_id) == (OccurrenceStatus.PAID, deposit.deposit_id)


def test_limits_that_changed_before_anybody_was_asked_leave_it_out_and_say_why(
    orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = orders.order()
    narrow = {**requests.LIMITS, (Method.MPESA, Currency.KES): NARROW}
    monkeypatch.setattr(requests, "LIMITS", narrow)
    orders.at(JAN, 9)
    orders.run()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.status, found.reason) == (OccurrenceStatus.SKIPPED, SkipReason.REFUSED)
    assert found.detail == "PAYMENTS_AMOUNT_OUT_OF_RANGE"
    assert (orders.made(), orders.push.asked) == ([], 0)
