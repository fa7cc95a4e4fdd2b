"""The pool becomes one deposit, at nine the next day, or goes back to the pool."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.kernel.money import Currency, Money
from shared.payments.methods import Method
from shared.payments.ports import Lapsed, Paid, Waiting
from shared.payments.reasons import Reason
from shared.payments.settlement import LATE, Hint
from shared.payments.states import DepositStatus
from shared.recurring.retrying import TOO_LATE
from shared.roundups.model import (
    Habits,
    PurchaseStatus,
    RoundUpsStatus,
    Transfer,
    TransferStatus,
)
from shared.roundups.reasons import ReturnReason
from tests.recurring.conftest import Kept
from tests.roundups.conftest import Coins, dollars

FIVE_DOLLARS = tuple(["1.01"] * 5 + ["3.95"])
"""Their change is exactly five dollars."""
SUNDAY = date(2026, 2, 1)


def full(coins: Coins, **changes: object) -> None:
    coins.start(**changes)
    coins.buys(*FIVE_DOLLARS)


def test_a_pool_below_the_threshold_is_not_collected(coins: Coins) -> None:
    coins.start()
    coins.buys(*FIVE_DOLLARS[:-1])
    for _ in range(9):
        coins.tomorrow()
        coins.run()
    assert (coins.made(), coins.transfers(), coins.now().pooled.amount) == ([], (), "4.95")


def test_a_pool_of_five_dollars_is_one_charge_at_nine_the_next_day(coins: Coins) -> None:
    full(coins)
    assert coins.now().due == datetime(2026, 1, 31, 6, tzinfo=UTC)
    coins.at(date(2026, 1, 31), 8.99)
    coins.run()
    assert coins.made() == []
    coins.at(date(2026, 1, 31), 9)
    coins.run()
    assert coins.keeper.charged == ["cus_1 pm_1 5.00 USD"]
    (deposit,) = coins.made()
    assert (deposit.method, deposit.amount) == (Method.CARD, dollars("5.00"))
    stored = coins.now()
    assert (stored.pool, stored.open, stored.under_way) == (0, 1, dollars("5.00"))
    assert coins.transfer().deposit_id == deposit.deposit_id


def test_what_is_bought_after_nine_is_collected_the_next_day(
    coins_at: Callable[[datetime], Coins],
) -> None:
    coins = coins_at(datetime(2026, 1, 31, 6, 1, tzinfo=UTC))
    full(coins)
    assert coins.now().due == datetime(2026, 2, 1, 6, tzinfo=UTC)


def test_a_charge_that_is_paid_is_an_ordinary_deposit_and_ends_the_transfer(coins: Coins) -> None:
    full(coins)
    coins.tomorrow()
    coins.run()
    coins.pays(coins.made()[0])
    coins.checks()
    assert coins.transfer().status is TransferStatus.PAID
    stored = coins.now()
    assert (stored.pool, stored.open, stored.since, stored.due) == (0, None, 2, None)
    assert coins.made()[0].status is DepositStatus.SETTLED
    assert coins.world.wallet().posted == 10_500


def test_what_is_bought_meanwhile_waits_in_the_next_pool_for_the_next_day(coins: Coins) -> None:
    full(coins)
    coins.tomorrow()
    coins.run()
    coins.buys(*FIVE_DOLLARS, "3.99")
    coins.run()
    assert len(coins.made()) == 1
    coins.pays(coins.made()[0])
    coins.checks()
    coins.run()
    assert (len(coins.made()), coins.now().pooled.amount) == (1, "5.01")
    coins.tomorrow(8.9)
    coins.run()
    assert len(coins.made()) == 1
    coins.clock.advance(timedelta(hours=1))
    coins.world.rate()
    coins.run()
    assert [one.amount.amount for one in coins.made()] == ["5.01", "5.00"]
    assert [one.number for one in coins.transfers()] == [2, 1]


def test_a_day_on_which_a_late_transfer_was_begun_has_no_other(coins: Coins) -> None:
    full(coins)
    coins.at(SUNDAY, 0.5)
    coins.run()
    coins.pays(coins.made()[0])
    coins.checks()
    coins.buys(*FIVE_DOLLARS)
    assert coins.now().due == datetime(2026, 2, 2, 6, tzinfo=UTC)


def test_messages_that_come_again_and_again_charge_once(coins: Coins) -> None:
    full(coins)
    coins.tomorrow()
    found = coins.swept()
    for _ in range(4):
        for message in found:
            coins.deliver(message)
        coins.checks()
    assert coins.keeper.charged == ["cus_1 pm_1 5.00 USD"]
    assert (len(coins.made()), len(coins.transfers())) == (1, 1)


def test_a_card_that_declines_puts_the_amount_back_and_is_asked_again_the_next_day(
    coins: Coins,
) -> None:
    full(coins)
    coins.tomorrow()
    coins.keeper.script = ["refused"]
    coins.run()
    stored, transfer = coins.now(), coins.transfer()
    assert (transfer.status, transfer.reason) == (TransferStatus.RETURNED, ReturnReason.NOT_PAID)
    assert (stored.pooled.amount, stored.open, stored.failures) == ("5.00", None, 1)
    coins.run()
    assert len(coins.made()) == 1
    coins.buys("3.99")
    coins.tomorrow()
    coins.run()
    assert coins.keeper.charged == ["cus_1 pm_1 5.01 USD"]
    coins.pays(coins.made()[0])
    coins.checks()
    stored = coins.now()
    assert (stored.pool, stored.failures) == (0, 0)
    told = [{key: each[key] for key in ("type", "amount_minor")} for each in coins.told()]
    assert told[-1] == {"type": "roundups.transfer_returned.v1", "amount_minor": 500}


def test_three_failures_in_a_row_pause_them_and_say_so(coins: Coins) -> None:
    full(coins)
    for _ in range(5):
        coins.tomorrow()
        coins.keeper.script = ["refused"]
        coins.run()
    stored = coins.now()
    assert (stored.status, stored.pooled.amount) == (RoundUpsStatus.PAUSED, "5.00")
    assert len(coins.transfers()) == 3
    assert coins.told()[-1]["change"] == "FAILED"
    coins.service.resume(coins.user_id, key="resume")
    coins.keeper.script = []
    coins.tomorrow()
    coins.run()
    assert coins.keeper.charged == ["cus_1 pm_1 5.00 USD"]


def test_a_refund_is_too_late_once_the_pool_is_being_collected(coins: Coins) -> None:
    coins.start()
    coins.reports(*[coins.bought("1.01", f"p{number}") for number in range(6)])
    coins.tomorrow()
    coins.run()
    assert coins.refunds("p0").purchases[0].status is PurchaseStatus.REFUNDED_LATER
    coins.pays(coins.made()[0])
    coins.checks()
    assert coins.refunds("p1").purchases[0].status is PurchaseStatus.REFUNDED_LATER
    assert (coins.now().pool, coins.transfer().amount.amount) == (0, "5.94")


def test_a_refund_takes_out_what_came_back_from_a_transfer(coins: Coins) -> None:
    coins.start()
    coins.reports(*[coins.bought("1.01", f"p{number}") for number in range(6)])
    coins.tomorrow()
    coins.keeper.script = ["refused"]
    coins.run()
    assert coins.refunds("p0").purchases[0].status is PurchaseStatus.REMOVED
    assert (coins.now().pooled.amount, coins.now().due) == ("4.95", None)


def test_a_phone_is_prompted_by_day_for_whole_shillings_and_the_rest_stays(
    coins_at: Callable[[datetime], Coins],
) -> None:
    coins = coins_at(datetime(2026, 1, 31, 5, tzinfo=UTC))
    coins.start_phone()
    coins.buys("1.00", "2.00", "3.00", "4.00", "5.00", "99.45")
    assert coins.now().pooled.amount == "485.55"
    coins.buys("50.00")
    coins.at(SUNDAY, 21)
    coins.run()
    assert coins.push.asked == 0
    assert coins.now().due == datetime(2026, 2, 2, 5, tzinfo=UTC)
    coins.at(date(2026, 2, 2), 8)
    coins.run()
    (deposit,) = coins.made()
    assert deposit.amount == Money.parse("535.00", Currency.KES)
    assert coins.now().pooled.amount == "0.55"


def test_a_phone_whose_owner_declines_is_asked_again_the_next_day_only(coins: Coins) -> None:
    coins.start_phone(threshold=Money(10_000, Currency.KES))
    coins.buys("1", "2")
    coins.tomorrow()
    coins.run()
    coins.fails(coins.made()[0], Reason.CANCELLED_BY_PAYER)
    coins.checks()
    assert coins.transfer().reason is ReturnReason.DECLINED_BY_PERSON
    assert coins.now().pooled.amount == "197.00"
    coins.at(SUNDAY, 19)
    coins.run()
    assert len(coins.made()) == 1


def test_one_payment_moves_no_more_than_its_method_can(coins: Coins) -> None:
    coins.start(habits=Habits(multiplier=10, whole_units=True))
    for _ in range(21):
        coins.buys(*["1.00"] * 50)
    assert coins.now().pooled.amount == "10500.00"
    coins.tomorrow()
    coins.run()
    assert coins.made()[0].amount == dollars("10000.00")
    assert coins.now().pooled.amount == "500.00"


def test_silence_is_not_a_no_and_a_late_payment_is_the_payment(coins: Coins) -> None:
    full(coins)
    coins.tomorrow()
    coins.run()
    deposit = coins.made()[0]
    coins.world.gateways[deposit.gateway].set(deposit, Waiting())
    for _ in range(6):
        coins.clock.advance(timedelta(hours=3))
        coins.world.rate()
        coins.checks()
        coins.run()
    assert (coins.transfer().status, coins.now().open) == (TransferStatus.CHARGING, 1)
    coins.pays(deposit)
    coins.run()
    coins.clock.advance(timedelta(days=1))
    coins.run()
    assert coins.transfer().status is TransferStatus.PAID
    assert len(coins.made()) == 1


def returned_but_paid(coins: Coins) -> Transfer:
    """A transfer that had certainly failed, and the proof that its gateway took the money."""
    full(coins)
    coins.tomorrow()
    coins.run()
    deposit = coins.made()[0]
    coins.orders.ends(deposit, Lapsed())
    coins.clock.advance(timedelta(hours=2) + LATE)
    coins.world.rate()
    coins.world.check(deposit)
    coins.run()
    assert coins.transfer().status is TransferStatus.RETURNED
    assert coins.now().pooled.amount == "5.00"
    vendor = coins.world.gateways[deposit.gateway]
    reference = coins.world.now(deposit).reference or ""
    vendor.attempts[reference] = Paid(reference, deposit.amount)
    coins.world.signal(deposit, Hint(reference))
    assert coins.world.now(deposit).status is DepositStatus.SETTLED
    return coins.transfer()


def test_a_transfer_that_is_paid_after_all_is_not_asked_for_again(coins: Coins) -> None:
    returned_but_paid(coins)
    coins.tomorrow()
    coins.run()
    stored = coins.now()
    assert (coins.transfer().status, stored.pool, stored.due) == (TransferStatus.PAID, 0, None)
    assert (len(coins.made()), len(coins.transfers())) == (1, 1)


def test_what_was_refunded_in_between_is_made_up_for_by_the_next_round_ups(coins: Coins) -> None:
    transfer = returned_but_paid(coins)
    coins.refunds("p-1-0")
    assert coins.now().pooled.amount == "4.01"
    coins.buys("1.01", "3.99")
    coins.tomorrow()
    coins.run()
    assert coins.transfer().status is TransferStatus.PAID
    assert coins.now().pooled == dollars("5.01") - transfer.amount
    coins.buys(*FIVE_DOLLARS)
    assert coins.now().due is not None


def test_stopping_ends_the_pool_and_leaves_what_is_being_collected(coins: Coins) -> None:
    full(coins)
    coins.tomorrow()
    coins.run()
    coins.buys("3.99")
    coins.service.stop(coins.user_id, key="stop")
    assert (coins.now().pool, coins.now().open) == (0, 1)
    coins.pays(coins.made()[0])
    coins.checks()
    stored = coins.now()
    assert (coins.transfer().status, stored.pool, stored.open) == (TransferStatus.PAID, 0, None)
    assert stored.status is RoundUpsStatus.STOPPED


def test_what_comes_back_after_the_end_is_in_no_pool_also_not_in_a_new_one(coins: Coins) -> None:
    full(coins)
    coins.tomorrow()
    coins.run()
    coins.service.stop(coins.user_id, key="stop")
    coins.start(key="again")
    coins.buys("3.99")
    coins.fails(coins.made()[0])
    coins.checks()
    stored = coins.now()
    assert coins.transfer().status is TransferStatus.RETURNED
    assert (stored.pooled.amount, stored.open, stored.failures) == ("0.01", None, 0)
    assert coins.told()[-1]["type"] == "roundups.round_ups_started.v1"
    assert coins.refunds("p-1-0").purchases[0].status is PurchaseStatus.REFUNDED_LATER


def test_pausing_leaves_the_pool_and_collects_nothing(coins: Coins) -> None:
    full(coins)
    coins.service.pause_all(coins.user_id, key="pause")
    coins.tomorrow()
    coins.run()
    assert (coins.made(), coins.now().pooled.amount, coins.now().due) == ([], "5.00", None)
    coins.service.resume(coins.user_id, key="resume")
    coins.tomorrow()
    coins.run()
    assert [one.amount for one in coins.made()] == [dollars("5.00")]


def test_a_transfer_of_a_stopped_pool_that_nobody_was_asked_for_is_dropped(coins: Coins) -> None:
    full(coins)
    coins.tomorrow()
    coins.world.facts.script = ["after"]
    with pytest.raises(RuntimeError):
        coins.run()
    coins.world.facts.script = []
    coins.service.pause_all(coins.user_id, key="pause")
    coins.clock.advance(timedelta(minutes=16))
    coins.run()
    transfer, stored = coins.transfer(), coins.now()
    assert (transfer.status, transfer.reason) == (TransferStatus.RETURNED, ReturnReason.STOPPED)
    assert (stored.pooled.amount, stored.failures, coins.made()) == ("5.00", 0, [])


def test_a_refusal_by_a_rule_goes_back_with_its_code(coins: Coins) -> None:
    full(coins)
    coins.world.person(**coins.orders.sealed, kyc_status="REJECTED")
    coins.tomorrow()
    coins.run()
    transfer = coins.transfer()
    assert (transfer.reason, transfer.detail) == (
        ReturnReason.REFUSED,
        "PAYMENTS_IDENTITY_NOT_APPROVED",
    )
    assert (coins.now().pooled.amount, coins.now().failures) == ("5.00", 1)


def test_without_a_rate_nobody_is_asked_and_after_days_it_goes_back_without_blame(
    coins: Coins,
) -> None:
    coins.start_phone(threshold=Money(10_000, Currency.KES))
    coins.buys("1", "2")
    coins.tomorrow()
    coins.clock.advance(timedelta(days=2, hours=1))
    coins.run()
    assert (coins.made(), coins.transfer().status) == ([], TransferStatus.CHARGING)
    coins.clock.advance(TOO_LATE)
    coins.run()
    assert coins.transfer().reason is ReturnReason.TOO_LATE
    assert (coins.now().pooled.amount, coins.now().failures) == ("197.00", 0)


@pytest.mark.parametrize("how", ["not_sent", "no_word"])
def test_a_gateway_that_does_not_answer_is_asked_again_for_the_same(coins: Coins, how: str) -> None:
    full(coins)
    coins.tomorrow()
    coins.keeper.script = [how] * 3
    coins.run()
    assert coins.transfer().status is TransferStatus.CHARGING
    coins.clock.advance(timedelta(minutes=2))
    coins.checks()
    assert coins.keeper.charged == ["cus_1 pm_1 5.00 USD"]
    assert len(coins.made()) == 1


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("commit", range(5))
def test_a_crash_around_any_record_charges_once_and_loses_nothing(
    coins: Coins, moment: str, commit: int
) -> None:
    full(coins)
    coins.tomorrow()
    coins.world.facts.script = ["ok"] * commit + [moment]
    for _ in range(3):
        try:
            coins.run()
            coins.checks()
        except RuntimeError:
            coins.world.facts.script = []
        coins.clock.advance(timedelta(minutes=16))
    coins.world.facts.script = []
    assert coins.keeper.charged == ["cus_1 pm_1 5.00 USD"]
    coins.pays(coins.made()[0])
    coins.clock.advance(timedelta(minutes=16))
    coins.run()
    assert coins.transfer().status is TransferStatus.PAID
    assert (coins.now().pool, len(coins.made())) == (0, 1)


def test_a_deposit_is_for_the_goal_that_was_named_when_it_was_begun(coins: Coins) -> None:
    house = coins.goal("House")
    coins.start(habits=Habits(goal_id=house))
    coins.buys(*FIVE_DOLLARS)
    coins.tomorrow()
    coins.run()
    coins.service.change(coins.user_id, key="other", habits=Habits(multiplier=2))
    coins.clock.advance(timedelta(minutes=2))
    coins.checks()
    assert [one.goal_id for one in coins.made()] == [house]
    assert coins.transfer().goal_id == house


def test_a_goal_that_is_archived_meanwhile_leaves_it_to_the_general_one_and_it_is_told_once(
    coins: Coins,
) -> None:
    house = coins.goal("House")
    coins.start(habits=Habits(multiplier=1, goal_id=house))
    coins.buys(*FIVE_DOLLARS)
    coins.archive(house)
    coins.tomorrow()
    coins.run()
    coins.checks()
    (deposit,) = coins.made()
    assert (deposit.goal_id, coins.transfer().goal_id, coins.now().habits) == ("", None, Habits())
    assert coins.keeper.charged == ["cus_1 pm_1 5.00 USD"]
    coins.pays(deposit)
    coins.checks()
    coins.buys(*FIVE_DOLLARS)
    coins.tomorrow()
    coins.run()
    assert [one.goal_id for one in coins.made()] == ["", ""]
    changes = [one["change"] for one in coins.told() if "change" in one]
    assert (changes, coins.now().failures) == (["GOAL_ARCHIVED"], 0)


def test_a_goal_that_was_chosen_after_it_began_is_kept_when_that_of_the_transfer_is_archived(
    coins: Coins,
) -> None:
    house, boat = coins.goal("House"), coins.goal("Boat")
    coins.start(habits=Habits(goal_id=house))
    coins.buys(*FIVE_DOLLARS)
    coins.tomorrow()
    coins.world.facts.script = ["after"]
    with pytest.raises(RuntimeError):
        coins.run()
    coins.world.facts.script = []
    coins.archive(house)
    coins.service.change(coins.user_id, key="boat", habits=Habits(goal_id=boat))
    coins.clock.advance(timedelta(minutes=16))
    for _ in range(2):
        coins.run()
    assert [one.goal_id for one in coins.made()] == [""]
    assert coins.now().habits.goal_id == boat
    assert "GOAL_ARCHIVED" not in [one.get("change") for one in coins.told()]


def test_another_card_is_charged_after_a_new_start_and_the_open_one_keeps_its_own(
    coins: Coins,
) -> None:
    full(coins)
    coins.tomorrow()
    coins.keeper.script = ["not_sent"] * 3
    coins.run()
    coins.service.stop(coins.user_id, key="stop")
    coins.keeper.cards = {name: Kept(payment_method="pm_2") for name in coins.keeper.cards}
    coins.start(key="again")
    coins.buys(*FIVE_DOLLARS)
    coins.clock.advance(timedelta(minutes=2))
    coins.checks()
    assert coins.keeper.charged == ["cus_1 pm_1 5.00 USD"]
    coins.pays(coins.made()[0])
    coins.checks()
    coins.tomorrow()
    coins.run()
    assert coins.keeper.charged[1:] == ["cus_1 pm_2 5.00 USD"]
