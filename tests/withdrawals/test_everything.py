"""Asking for everything, or for a goal's money: what is offered, what is held, what is refused."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.kernel.errors import IdempotencyKeyReused, InvalidValue, NotFound
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.payouts.everything import MAX_PARTS, part_ids
from shared.payouts.model import Payout, PayoutStatus
from shared.payouts.reasons import PayoutReason
from shared.platform.tables import as_changes
from shared.strategies.errors import GoalArchived
from shared.strategies.goal_store import SavingStore
from shared.strategies.goals import general_goal_id
from shared.withdrawals.conversion import converted, quoted
from shared.withdrawals.deciding import Wanted
from shared.withdrawals.errors import AmountNotPaidOut, NotEnoughMoney, PayoutsBlocked, TooOften
from shared.withdrawals.model import AccountKind, Asked
from shared.withdrawals.parts import Divided, sizes, times
from tests.withdrawals.conftest import NOW, World
from tests.withdrawals.purses import a_goal, bank_of, purse_of


@pytest.mark.parametrize(("amount", "everything"), [(None, False), (Money(1, Currency.USD), True)])
def test_there_is_an_amount_or_all_is_meant(amount: Any, everything: bool) -> None:
    with pytest.raises(InvalidValue) as refused:
        Wanted.of("pac_1", amount, everything=everything)
    assert refused.value.values["field"] == "amount"


def test_everything_is_an_estimate_of_which_the_cash_is_held(world: World) -> None:
    account = bank_of(world)
    world.cash(10_000)
    world.sales.worth, world.sales.free, world.sales.fee = 100_000, 10_000, 250
    world.sales.left = ("SIZE",)
    offer = world.withdrawals.preview(world.user_id, Wanted(account.account_id, None))
    assert (offer.fee_minor, offer.left, world.wallet().held) == (250, ("SIZE",), 0)
    payout = world.everything(account)
    assert (payout.status, payout.reason) == (PayoutStatus.RAISING, PayoutReason.CASH_RAISED)
    assert payout.debited == offer.conversion.debited == Money(109_750, Currency.USD)
    assert (payout.held_minor, payout.lacks_minor, payout.estimated) == (10_000, 99_750, True)
    assert payout.everything is not None
    assert payout.everything.sells
    assert (world.wallet().held, world.wallet().available) == (10_000, 0)
    assert world.everything(account) == payout == world.now(payout)


def test_the_same_key_with_an_amount_or_for_a_goal_is_another_wish(memory: World) -> None:
    account, goal = bank_of(memory), a_goal(memory)
    memory.cash(10_000)
    memory.sales.free = 10_000
    memory.everything(account)
    with pytest.raises(IdempotencyKeyReused):
        memory.withdraw(account, "100.00")
    with pytest.raises(IdempotencyKeyReused):
        memory.everything(account, goal_id=goal.goal_id)


def test_only_cash_is_everything_too_and_sells_nothing(memory: World) -> None:
    account = bank_of(memory)
    memory.cash(10_000)
    memory.sales.free, memory.sales.fee = 10_000, 30
    payout = memory.everything(account)
    assert (payout.status, payout.lacks_minor, payout.estimated) == (PayoutStatus.RAISING, 0, True)
    assert payout.everything is not None
    assert not payout.everything.sells


def test_cash_that_has_not_settled_is_in_it_and_waited_for(memory: World) -> None:
    account = bank_of(memory)
    memory.cash(10_000)
    tomorrow = memory.clock.now().date() + timedelta(days=1)
    memory.cash(5_000, settling={tomorrow: 5_000})
    memory.sales.free = 15_000
    known = memory.everything(account).everything
    assert known is not None
    assert (known.later_minor, known.later_on) == (5_000, tomorrow)


@pytest.mark.parametrize(
    ("cash", "fee", "refusal"),
    [(0, 0, NotEnoughMoney), (900, 0, AmountNotPaidOut), (1_000, 1, AmountNotPaidOut)],
)
def test_too_little_is_refused_and_nothing_is_held(
    memory: World, cash: int, fee: int, refusal: type[Exception]
) -> None:
    account = bank_of(memory)
    if cash:
        memory.cash(cash)
    memory.sales.free, memory.sales.fee = cash, fee
    with pytest.raises(refusal):
        memory.everything(account)
    assert memory.wallet().held == 0


def test_what_has_no_price_cannot_be_promised(memory: World) -> None:
    account = bank_of(memory)
    memory.cash(10_000)
    memory.sales.free, memory.sales.worth, memory.sales.priced = 10_000, 5_000, False
    with pytest.raises(NotEnoughMoney) as much:
        memory.everything(account)
    assert much.value.values == {"available": "100.00 USD"}


def test_who_owes_or_is_in_dispute_takes_nothing_out(memory: World) -> None:
    account = bank_of(memory)
    memory.cash(10_000, blocks=1)
    memory.sales.free = 10_000
    with pytest.raises(PayoutsBlocked):
        memory.everything(account)


def test_staff_agree_to_what_it_may_come_to_and_not_only_to_the_estimate(memory: World) -> None:
    account = bank_of(memory)
    memory.cash(195_000)
    memory.sales.free = 195_000
    payout = memory.everything(account)
    assert payout.status is PayoutStatus.IN_REVIEW
    assert memory.wallet().held == 195_000


def test_a_goal_has_what_it_has_and_the_refusal_names_it(memory: World) -> None:
    account, goal = bank_of(memory), a_goal(memory)
    memory.cash(10_000)
    purse_of(memory, goal, 4_000)
    memory.sales.free = 4_000
    with pytest.raises(NotEnoughMoney) as much:
        memory.withdraw(account, "40.01", goal_id=goal.goal_id)
    assert much.value.values == {"available": "40.00 USD"}
    assert memory.sales.of == [goal.goal_id]
    payout = memory.withdraw(account, "40.00", goal_id=goal.goal_id)
    assert (payout.status, payout.goal_id) == (PayoutStatus.READY, goal.goal_id)
    assert payout.purses == memory.now(payout).purses == {goal.tag: 4_000}
    assert (memory.wallet().available, memory.wallet().purses) == (6_000, {})
    assert (
        memory.withdrawals.cancel(
            memory.user_id, idempotency_key="c", payout_id=payout.payout_id
        ).cancellable
        is False
    )
    assert memory.wallet().purses[goal.tag].minor == 4_000


def test_everything_of_a_goal_holds_its_purse_alone(memory: World) -> None:
    account, goal = bank_of(memory), a_goal(memory)
    memory.cash(10_000)
    purse_of(memory, goal, 4_000)
    memory.sales.free = 4_000
    payout = memory.everything(account, goal_id=goal.goal_id)
    assert (payout.held_minor, payout.debited.minor) == (4_000, 4_000)
    assert memory.wallet().available == 6_000


def test_the_general_goal_by_its_name_is_meant_alone(memory: World) -> None:
    account, goal = bank_of(memory), a_goal(memory)
    memory.cash(10_000)
    purse_of(memory, goal, 4_000)
    memory.sales.free = 6_000
    payout = memory.everything(account, goal_id=general_goal_id(memory.user_id))
    assert (payout.held_minor, memory.wallet().purses[goal.tag].minor) == (6_000, 4_000)


def test_goals_of_others_and_those_that_were_given_up_are_refused(memory: World) -> None:
    account, goal = bank_of(memory), a_goal(memory)
    memory.cash(10_000)
    other = memory.ids.new(Kind.GOAL)
    with pytest.raises(NotFound):
        memory.withdraw(account, "10.00", goal_id=other)
    archived = replace(goal.archived(), version=goal.version)
    save = SavingStore(memory.database).save(goal, replace(archived, version=2))
    memory.database.transact(as_changes([save]))
    with pytest.raises(GoalArchived):
        memory.everything(account, goal_id=goal.goal_id)
    assert memory.wallet().held == 0


def shillings(world: World, minor: int) -> Any:
    quote = quoted(world.withdrawals.deciding.rates, Currency.KES, world.clock.now())
    return converted(Money(minor, Currency.USD), Currency.KES, 100, quote)


@pytest.mark.parametrize("minor", [1_000, 190_000, 400_000, 1_234_567])
def test_parts_are_the_whole_and_none_is_more_than_arrives_at_once(
    memory: World, minor: int
) -> None:
    found = sizes(minor, AccountKind.MPESA, shillings(memory, minor))
    assert sum(found) == minor
    assert all(shillings(memory, one).amount.minor <= 23_750_100 for one in found)
    assert len(found) == -(-minor // max(found))


def test_a_last_part_is_never_too_small_to_be_paid(memory: World) -> None:
    whole = shillings(memory, 10_000_000)
    largest = sizes(10_000_000, AccountKind.MPESA, whole)[0]
    found = sizes(largest * 2 + 1, AccountKind.MPESA, shillings(memory, largest * 2 + 1))
    assert sum(found) == largest * 2 + 1
    assert min(found) >= 100


def test_parts_leave_as_soon_as_every_limit_lets_them() -> None:
    day = timedelta(days=1)
    assert times([100] * 5, [], NOW) == [NOW] * 5
    assert times([100] * 7, [], NOW) == [NOW] * 5 + [NOW + day] * 2
    # Ten within a week: the eleventh and twelfth wait until the first ones are a week old.
    assert times([100] * 12, [], NOW)[10:] == [NOW + 7 * day] * 2
    assert times([2_500_000, 2_500_000], [], NOW) == [NOW, NOW + day]


def test_what_was_asked_for_before_counts() -> None:
    earlier = NOW - timedelta(hours=20)
    before = [Asked("pay_t1_01KJQJQA600000000000000001", "pac", 2_400_000, earlier)]
    at = before[0].at
    assert times([200_000], before, max(NOW, at)) == [at + timedelta(days=1)]


def everything_of(world: World, payout: Payout, minor: int) -> Any:
    divided = Divided(world.accounts, world.clock)
    return divided.of(payout, minor, part_ids(payout.payout_id))


def test_more_than_one_payout_can_be_is_divided_and_counted_against_limits(memory: World) -> None:
    account = memory.known_phone()
    memory.cash(400_000)
    memory.sales.free = 400_000
    payout = memory.everything(account)
    division = everything_of(memory, payout, 400_000)
    assert len(division.parts) == 3
    assert sum(one.debited.minor for one in division.parts) == 400_000
    assert [one.not_before for one in division.parts] == [None] * 3
    memory.database.transact(as_changes(division.writes))
    asked = memory.accounts.book(memory.user_id).desk.asked
    assert [one.payout_id for one in asked] == [
        payout.payout_id,
        *part_ids(payout.payout_id)[:2],
    ]
    assert [one.debited_minor for one in asked] == [one.debited.minor for one in division.parts]


def test_parts_that_the_day_has_no_room_for_wait_and_the_desk_remembers_when(
    memory: World,
) -> None:
    account = memory.known_phone()
    memory.cash(1_200_000)
    memory.sales.free = 1_200_000
    payout = memory.everything(account)
    division = everything_of(memory, payout, 1_200_000)
    now: datetime = memory.clock.now()
    waits = [one.not_before for one in division.parts]
    assert waits == [None] * 5 + [now + timedelta(days=1)] * 2
    memory.database.transact(as_changes(division.writes))
    asked = memory.accounts.book(memory.user_id).desk.asked
    assert [one.leaves_at for one in asked] == waits


def test_so_much_that_a_month_has_no_room_for_it_is_refused(memory: World) -> None:
    account = memory.known_phone()
    memory.cash(6_000_000)
    memory.sales.free = 6_000_000
    with pytest.raises(TooOften) as much:
        memory.everything(account)
    assert much.value.values["days"] == 30
    assert memory.wallet().held == 0
    assert MAX_PARTS == 25


def test_what_comes_to_too_little_in_the_end_is_no_part_at_all(memory: World) -> None:
    account = bank_of(memory)
    memory.cash(10_000)
    memory.sales.free = 10_000
    payout = memory.everything(account)
    assert everything_of(memory, payout, 999) is None
    assert everything_of(memory, payout, 1_000).parts[0].debited.minor == 1_000
