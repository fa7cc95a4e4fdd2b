"""Collecting an occurrence: when, how often, and what ends it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from shared.kernel.money import Currency, Money
from shared.market_data.model import Breaker, BreakerState
from shared.payments.methods import Method
from shared.payments.ports import Lapsed, NoAnswer, Paid
from shared.payments.reasons import Reason
from shared.payments.states import DepositStatus
from shared.platform.queues import CheckMessage
from shared.recurring.dates import Frequency, Rule
from shared.recurring.model import OccurrenceStatus, ScheduleStatus
from shared.recurring.reasons import SkipReason
from tests.payments.twins import Crash
from tests.recurring.conftest import Orders

JAN, FEB, MAR = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)
FIRST, SECOND = date(2026, 2, 1), date(2026, 2, 2)


def test_nothing_is_collected_before_its_time(orders: Orders) -> None:
    order = orders.order()
    orders.at(JAN, 8.9)
    orders.run()
    orders.deliver(
        CheckMessage(
            "schedule",
            {"user_id": orders.user_id, "schedule_id": order.schedule_id} | {"on": "2026-01-31"},
        )
    )
    assert orders.made() == []
    assert orders.now(order) == order


def test_on_its_day_the_phone_is_prompted_once_and_the_order_goes_on(orders: Orders) -> None:
    order = orders.order()
    orders.at(JAN, 9)
    orders.run()
    (deposit,) = orders.made()
    assert (deposit.method, deposit.amount) == (Method.MPESA, Money.parse("5000", Currency.KES))
    assert deposit.status is DepositStatus.ACTION_REQUIRED
    assert orders.push.asked == 1
    assert orders.now(order).next_on == FEB
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.status, found.attempt) == (OccurrenceStatus.CHARGING, 1)
    assert found.deposit_id == deposit.deposit_id
    orders.run()
    orders.checks()
    assert (orders.push.asked, len(orders.made())) == (1, 1)


def test_paid_is_found_out_by_the_chain_of_checks_and_nothing_is_awaited_then(
    orders: Orders,
) -> None:
    order = orders.order()
    orders.at(JAN, 9)
    orders.run()
    (deposit,) = orders.made()
    assert [delay for _, delay in orders.queue.sent] == [2]
    orders.checks()
    assert [delay for _, delay in orders.queue.sent] == [5]
    orders.pays(deposit)
    orders.checks()
    assert orders.queue.sent == []
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.status, found.due) == (OccurrenceStatus.PAID, None)
    orders.at(FIRST, 12)
    assert [message.check for message in orders.swept()] == []
    assert orders.told() == [
        {
            "type": "recurring.schedule_created.v1",
            "user_id": orders.user_id,
            "schedule_id": order.schedule_id,
            "method": "MPESA",
            "frequency": "MONTHLY",
            "currency": "KES",
            "amount_minor": 500_000,
            "first_on": "2026-01-31",
        }
    ]


def test_months_follow_each_other_and_each_is_collected(orders: Orders) -> None:
    orders.order()
    for day in (JAN, FEB, MAR, date(2026, 4, 30)):
        orders.at(day, 9)
        orders.run()
        orders.pays(orders.made()[0])
        orders.checks()
    assert len(orders.made()) == orders.push.asked == 4
    assert orders.world.wallet().posted == 4 * 3792


def test_a_failed_attempt_is_made_again_after_an_hour_and_after_a_day_then_never(
    orders: Orders,
) -> None:
    order = orders.order()
    hours = [(JAN, 9.0, 1), (JAN, 9.9, 1), (JAN, 10.1, 2), (FIRST, 10.0, 2), (FIRST, 10.2, 3)]
    for day, hour, asked in [*hours, (SECOND, 12.0, 3), (date(2026, 2, 5), 12.0, 3)]:
        orders.at(day, hour)
        orders.run()
        assert orders.push.asked == asked
        if orders.made()[0].status is DepositStatus.ACTION_REQUIRED:
            orders.fails(orders.made()[0])
        orders.checks()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.status, found.reason) == (OccurrenceStatus.SKIPPED, SkipReason.NOT_PAID)
    assert [one.reason for one in found.tries] == ["INSUFFICIENT_FUNDS"] * 2
    assert len({one.deposit_id for one in found.tries} | {found.deposit_id}) == 3
    assert orders.told()[-1]["type"] == "recurring.occurrence_skipped.v1"
    assert orders.told()[-1]["reason"] == "NOT_PAID"
    assert orders.now(order).failures == 1


def test_a_second_attempt_that_is_paid_ends_it(orders: Orders) -> None:
    order = orders.order()
    orders.at(JAN, 9)
    orders.run()
    orders.fails(orders.made()[0])
    orders.checks()
    orders.at(JAN, 10.2)
    orders.run()
    orders.pays(orders.made()[0])
    orders.checks()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.status, found.attempt) == (OccurrenceStatus.PAID, 2)
    orders.at(date(2026, 2, 10), 12)
    orders.run()
    assert orders.push.asked == 2


def test_an_attempt_that_failed_and_was_paid_all_the_same_is_the_payment(orders: Orders) -> None:
    order = orders.order()
    orders.at(JAN, 9)
    orders.run()
    (deposit,) = orders.made()
    orders.fails(deposit)
    orders.checks()
    orders.pays(deposit)
    orders.at(JAN, 10.2)
    orders.run()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.status, found.deposit_id) == (OccurrenceStatus.PAID, deposit.deposit_id)
    assert orders.push.asked == 1


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        (Reason.CANCELLED_BY_PAYER, SkipReason.DECLINED_BY_PERSON),
        (Reason.INVALID_PHONE, SkipReason.NOT_PAID),
    ],
)
def test_who_said_no_is_not_asked_again(orders: Orders, reason: Reason, why: SkipReason) -> None:
    order = orders.order()
    orders.at(JAN, 9)
    orders.run()
    orders.fails(orders.made()[0], reason)
    orders.checks()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.status, found.reason) == (OccurrenceStatus.SKIPPED, why)
    orders.at(date(2026, 2, 3), 12)
    orders.run()
    assert orders.push.asked == 1


def test_without_a_word_of_the_gateway_nobody_is_asked_again_for_a_day(orders: Orders) -> None:
    order = orders.order()
    orders.at(JAN, 9)
    orders.run()
    (deposit,) = orders.made()
    orders.at(JAN, 9.2)
    orders.ends(deposit, NoAnswer())
    assert orders.world.now(deposit).status is DepositStatus.EXPIRED
    orders.checks()
    for hour in (10, 12, 19):
        orders.at(JAN, hour)
        orders.run()
    assert orders.push.asked == 1
    orders.at(FIRST, 9.3)
    orders.run()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.status, found.tries[0].reason) == (OccurrenceStatus.WAITING, "EXPIRED")
    orders.at(FIRST, 10.5)
    orders.run()
    assert orders.push.asked == 2


def test_a_payment_without_a_word_that_comes_late_is_the_payment(orders: Orders) -> None:
    order = orders.order()
    orders.at(JAN, 9)
    orders.run()
    (deposit,) = orders.made()
    orders.at(JAN, 9.2)
    orders.ends(deposit, NoAnswer())
    orders.checks()
    orders.at(JAN, 18)
    orders.pays(deposit)
    orders.at(FIRST, 9.3)
    orders.run()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert found.status is OccurrenceStatus.PAID
    assert orders.push.asked == 1


def test_a_gateway_that_certainly_was_not_reached_is_asked_again_within_its_time(
    orders: Orders,
) -> None:
    order = orders.order()
    orders.at(JAN, 9)
    orders.push.start_script = ["not_sent"] * 9
    orders.run()
    assert orders.world.now(orders.made()[0]).status is DepositStatus.CREATED
    orders.push.start_script = []
    orders.clock.advance(timedelta(seconds=40))
    orders.checks()
    (deposit,) = orders.made()
    assert deposit.status is DepositStatus.ACTION_REQUIRED
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert found.deposit_id == deposit.deposit_id


def test_a_gateway_that_stays_away_costs_an_attempt_and_no_day(orders: Orders) -> None:
    order = orders.order()
    orders.at(JAN, 9)
    orders.push.start_script = ["not_sent"] * 99
    orders.run()
    for minutes in (1, 4, 3, 3):
        orders.clock.advance(timedelta(minutes=minutes))
        orders.checks()
    orders.world.check(orders.made()[0])
    orders.checks()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.status, found.tries[0].reason) == (OccurrenceStatus.WAITING, "EXPIRED")
    orders.push.start_script = []
    orders.at(JAN, 10.4)
    orders.run()
    assert len(orders.made()) == 2
    assert orders.made()[0].status is DepositStatus.ACTION_REQUIRED


def test_without_a_rate_it_waits_and_records_nothing(orders: Orders) -> None:
    orders.order()
    orders.at(JAN, 9)
    orders.world.rate(age=timedelta(days=2))
    orders.run()
    assert orders.made() == []
    orders.world.rate()
    orders.checks()
    assert len(orders.made()) == 1


def test_while_a_currency_is_paused_it_waits_and_records_nothing(orders: Orders) -> None:
    order = orders.order()
    orders.at(JAN, 9)
    for state in (BreakerState.OPEN, BreakerState.CLOSED):
        assert orders.made() == []
        orders.world.market.set_breaker(Breaker("fx", state, "test", orders.clock.now()))
        orders.run()
        orders.checks()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.status, found.attempt, len(orders.made())) == (OccurrenceStatus.CHARGING, 1, 1)


def test_a_rule_of_deposits_that_refuses_leaves_it_out_and_says_why(orders: Orders) -> None:
    order = orders.order()
    orders.world.person(**orders.sealed, kyc_status="REJECTED")
    orders.at(JAN, 9)
    orders.run()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.status, found.reason) == (OccurrenceStatus.SKIPPED, SkipReason.REFUSED)
    assert found.detail == "PAYMENTS_IDENTITY_NOT_APPROVED"
    assert (orders.made(), orders.push.asked) == ([], 0)


def test_three_in_a_row_that_were_not_paid_pause_the_order(orders: Orders) -> None:
    order = orders.order(rule=Rule(Frequency.WEEKLY, 6))
    for week in range(3):
        orders.at(JAN + timedelta(weeks=week), 9)
        orders.run()
        orders.fails(orders.made()[0], Reason.CANCELLED_BY_PAYER)
        orders.checks()
    assert orders.now(order).status is ScheduleStatus.PAUSED
    assert [one["change"] for one in orders.told("recurring.schedule_changed")] == ["FAILED"]
    orders.at(JAN + timedelta(weeks=3), 9)
    orders.run()
    assert orders.push.asked == 3
    assert orders.service.resume(orders.user_id, order.schedule_id, key="r").failures == 0


def test_one_that_is_paid_makes_failures_forgotten(orders: Orders) -> None:
    order = orders.order(rule=Rule(Frequency.WEEKLY, 6))
    for week, ends in enumerate((orders.fails, orders.fails, orders.pays, orders.fails)):
        orders.at(JAN + timedelta(weeks=week), 9)
        orders.run()
        deposit = orders.made()[0]
        if ends == orders.fails:
            orders.fails(deposit, Reason.CANCELLED_BY_PAYER)
        else:
            orders.pays(deposit)
        orders.checks()
    assert (orders.now(order).status, orders.now(order).failures) == (ScheduleStatus.ACTIVE, 1)


def test_at_night_no_phone_is_prompted(orders: Orders) -> None:
    order = orders.order()
    for day, hour in ((JAN, 20.0), (JAN, 23.5), (FIRST, 2), (FIRST, 7.9)):
        orders.at(day, hour)
        orders.run()
        orders.checks()
    assert (orders.made(), orders.push.asked) == ([], 0)
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert found.due == datetime(2026, 2, 1, 5, 0, tzinfo=UTC)
    orders.at(FIRST, 8)
    orders.run()
    assert orders.push.asked == 1


def test_an_attempt_that_a_crash_left_for_the_night_waits_for_the_morning(orders: Orders) -> None:
    order = orders.order()
    orders.at(JAN, 19.99)
    orders.world.facts.script = ["ok", "after"]
    with pytest.raises(Crash):
        orders.run()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.status, found.attempt, orders.made()) == (OccurrenceStatus.CHARGING, 1, [])
    orders.at(JAN, 21)
    orders.run()
    assert orders.push.asked == 0
    orders.at(FIRST, 8)
    orders.run()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.attempt, orders.push.asked) == (1, 1)


def test_what_we_could_not_ask_for_in_time_is_left_out_and_the_next_comes(orders: Orders) -> None:
    order = orders.order(rule=Rule(Frequency.WEEKLY, 6))
    orders.at(JAN + timedelta(days=8), 12)
    for _ in range(3):
        orders.run()
        orders.checks()
    missed, next_one = (orders.occurrence(order, JAN + timedelta(weeks=each)) for each in (0, 1))
    assert missed is not None
    assert (missed.status, missed.reason) == (OccurrenceStatus.SKIPPED, SkipReason.TOO_LATE)
    assert next_one is not None
    assert next_one.status is OccurrenceStatus.CHARGING
    assert (orders.push.asked, orders.now(order).failures) == (1, 0)


def test_a_retry_of_an_order_that_was_paused_meanwhile_is_not_made(orders: Orders) -> None:
    order = orders.order()
    orders.at(JAN, 9)
    orders.run()
    orders.fails(orders.made()[0])
    orders.checks()
    orders.service.pause_order(orders.user_id, order.schedule_id, key="p")
    orders.at(JAN, 10.2)
    orders.run()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.status, found.reason) == (OccurrenceStatus.SKIPPED, SkipReason.STOPPED)
    assert orders.push.asked == 1


def test_a_card_is_charged_at_any_hour_without_its_owner(orders: Orders) -> None:
    order = orders.card_order()
    orders.at(JAN, 23)
    orders.run()
    deposit = orders.made()[0]
    assert (deposit.method, deposit.amount) == (Method.CARD, Money.parse("50", Currency.USD))
    assert deposit.redirect_url is None
    assert orders.keeper.charged == ["cus_1 pm_1 50.00 USD"]
    orders.pays(deposit)
    orders.checks()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert found.status is OccurrenceStatus.PAID


def test_a_card_that_is_declined_is_tried_after_one_day_and_three_more(orders: Orders) -> None:
    order = orders.card_order()
    orders.keeper.script = ["refused"] * 3
    for days, left in ((0, 2), (0.9, 2), (1.1, 1), (4.0, 1), (4.2, 0), (9, 0)):
        orders.at(JAN, 9 + 24 * days)
        orders.run()
        orders.checks()
        assert len(orders.keeper.script) == left
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.status, found.reason) == (OccurrenceStatus.SKIPPED, SkipReason.NOT_PAID)
    assert [one.reason for one in found.tries] == ["DECLINED", "DECLINED"]
    assert orders.keeper.charged == []


def test_a_card_charge_without_an_answer_is_asked_for_under_the_same_name(orders: Orders) -> None:
    order = orders.card_order()
    orders.keeper.script = ["no_word"] * 3
    orders.at(JAN, 9)
    orders.run()
    assert [one.gateway.value for one in orders.made()] == ["STRIPE", "STRIPE"]
    orders.checks()
    assert len(orders.keeper.charged) == 1
    orders.pays(orders.made()[0])
    orders.checks()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.status, found.attempt) == (OccurrenceStatus.PAID, 1)


def test_a_deposit_that_a_person_of_ours_looks_at_is_neither_paid_nor_tried_again(
    orders: Orders,
) -> None:
    order = orders.card_order()
    orders.at(JAN, 9)
    orders.run()
    deposit = orders.made()[0]
    orders.ends(deposit, Paid("pi_x", Money.parse("49.00", Currency.USD)))
    orders.checks()
    for days in (1.2, 2.3, 5.0):
        orders.at(JAN, 9 + 24 * days)
        orders.run()
        orders.checks()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert orders.world.now(deposit).review
    assert (found.status, found.attempt) == (OccurrenceStatus.CHARGING, 1)


def test_a_charge_that_the_gateway_keeps_open_is_looked_at_daily_and_never_repeated(
    orders: Orders,
) -> None:
    order = orders.card_order()
    orders.at(JAN, 9)
    orders.run()
    for days in (1.1, 2.2, 8):
        orders.at(JAN, 9 + 24 * days)
        orders.world.check(orders.made()[0])
        orders.run()
        assert orders.queue.sent[1:] == []
        assert orders.swept() == []
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert (found.status, found.attempt) == (OccurrenceStatus.CHARGING, 1)
    assert len(orders.keeper.charged) == 1


def test_a_page_that_lapsed_is_certain_after_a_day(orders: Orders) -> None:
    order = orders.card_order()
    orders.at(JAN, 9)
    orders.run()
    orders.ends(orders.made()[0], Lapsed())
    orders.checks()
    orders.at(FIRST, 9)
    orders.run()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert found.status is OccurrenceStatus.CHARGING
    orders.at(FIRST, 10.1)
    orders.run()
    found = orders.occurrence(order, JAN)
    assert found is not None
    assert found.status is OccurrenceStatus.WAITING


def test_two_workers_at_once_make_one_deposit(orders: Orders) -> None:
    order = orders.order()
    orders.at(JAN, 9)
    (message,) = orders.swept()
    for _ in range(3):
        orders.deliver(message)
    orders.checks()
    orders.checks()
    assert (orders.push.asked, len(orders.made())) == (1, 1)
    assert orders.now(order).next_on == FEB
