"""Everything, beside what is being taken out already: nothing is promised twice."""

from datetime import timedelta

import pytest

from shared.withdrawals.errors import NotEnoughMoney
from tests.withdrawals.conftest import World
from tests.withdrawals.purses import a_goal, bank_of, purse_of


def test_what_one_takes_out_already_another_does_not_promise_again(memory: World) -> None:
    account = bank_of(memory)
    memory.cash(10_000)
    memory.sales.free, memory.sales.worth = 10_000, 100_000
    first = memory.everything(account)
    memory.sales.free = 0
    with pytest.raises(NotEnoughMoney):
        memory.everything(account, key="key-2")
    # What comes since is there; what the first one sells, sold or unsettled, is not.
    memory.cash(7_000)
    tomorrow = memory.clock.now().date() + timedelta(days=1)
    memory.cash(40_000, settling={tomorrow: 40_000})
    memory.sales.free, memory.sales.worth = 47_000, 60_000
    second = memory.everything(account, key="key-2")
    assert (second.debited.minor, second.lacks_minor, second.held_minor) == (7_000, 0, 7_000)
    assert second.everything is not None
    assert (second.everything.later_minor, second.everything.later_on) == (0, None)
    assert memory.now(first) == first


def test_a_goals_money_is_promised_to_its_own_withdrawals_alone(memory: World) -> None:
    account, goal = bank_of(memory), a_goal(memory)
    memory.cash(10_000)
    purse_of(memory, goal, 4_000)
    memory.sales.worth, memory.sales.free = 100_000, 10_000
    memory.withdraw(account, "500.00")
    memory.sales.worth, memory.sales.free = 20_000, 0
    payout = memory.everything(account, key="key-2", goal_id=goal.goal_id)
    assert payout.lacks_minor == 20_000
    with pytest.raises(NotEnoughMoney):
        memory.everything(account, key="key-3", goal_id=goal.goal_id)
