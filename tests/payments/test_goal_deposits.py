"""Deposits that name a goal: only one's own that is still saved for, and once per key."""

from typing import Any

import pytest

from shared.kernel.errors import IdempotencyKeyReused, NotFound
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.ledger.purses import Purse
from shared.payments.methods import Gateway, Method
from shared.payments.ports import Paid
from shared.payments.states import DepositStatus
from shared.platform.tables import Table
from shared.strategies.errors import GoalArchived
from shared.strategies.goal_store import SavingStore
from shared.strategies.goals import Goal, general_goal_id


def a_goal(world: Any, user_id: str | None = None) -> Goal:
    goal = Goal(user_id or world.user_id, world.ids.new(Kind.GOAL), sealed=b"s", version=1)
    world.facts.commit([SavingStore(world.database).save(None, goal)])
    return goal


def pay_in(world: Any, goal_id: str | None, key: str = "key-1", dollars: str = "100.00") -> Any:
    return world.service.create_deposit(
        world.user_id,
        idempotency_key=key,
        method=Method.CARD,
        amount=Money.parse(dollars, Currency.USD),
        goal_id=goal_id,
    )


def recorded(world: Any) -> list[str]:
    page = world.database.query(Table.CORE, f"USER#{world.user_id}", "FEED#", "FEED#~")
    return [item.sk for item in page.items]


def funded(world: Any, deposit: Any) -> Any:
    paid = Paid(f"pi_{deposit.deposit_id}", deposit.amount)
    world.gateways[Gateway.STRIPE].set(deposit, paid)
    world.signal(deposit)
    world.fund(deposit)
    return world.now(deposit)


def test_a_deposit_keeps_what_it_is_saved_for(world: Any) -> None:
    goal = a_goal(world)
    deposit = pay_in(world, goal.goal_id)
    assert deposit.goal_id == goal.goal_id
    assert world.now(deposit) == deposit
    assert pay_in(world, goal.goal_id) == deposit
    assert len(recorded(world)) == 1


def test_the_general_goal_is_what_is_meant_without_one(world: Any) -> None:
    named = pay_in(world, general_goal_id(world.user_id))
    assert named.goal_id == pay_in(world, None, key="key-2").goal_id == ""


def test_a_key_is_for_one_goal(world: Any) -> None:
    first, second = a_goal(world), a_goal(world)
    pay_in(world, first.goal_id)
    for other in (second.goal_id, None, general_goal_id(world.user_id)):
        with pytest.raises(IdempotencyKeyReused):
            pay_in(world, other)
    assert len(recorded(world)) == 1


@pytest.mark.parametrize("whose", ["nobody's", "somebody else's", "somebody else's general one"])
def test_a_goal_that_is_not_ones_own_is_not_there_and_nothing_is_recorded(
    world: Any, whose: str
) -> None:
    other = world.ids.new(Kind.USER)
    goal_id = {
        "nobody's": world.ids.new(Kind.GOAL),
        "somebody else's": a_goal(world, other).goal_id,
        "somebody else's general one": general_goal_id(other),
    }[whose]
    before = dict(world.database._items)
    with pytest.raises(NotFound):
        pay_in(world, goal_id)
    assert world.database._items == before
    assert world.gateways[Gateway.STRIPE].asked == 0


def test_nothing_is_paid_in_for_a_goal_that_was_given_up_but_what_was_begun_goes_on(
    world: Any,
) -> None:
    goal = a_goal(world)
    begun = pay_in(world, goal.goal_id)
    world.facts.commit([SavingStore(world.database).save(goal, goal.archived())])
    with pytest.raises(GoalArchived):
        pay_in(world, goal.goal_id, key="key-2")
    assert pay_in(world, goal.goal_id) == begun
    assert len(recorded(world)) == 1


def test_money_is_its_goals_from_the_moment_it_is_free_and_once(world: Any) -> None:
    goal = a_goal(world)
    deposit = pay_in(world, goal.goal_id)
    general = pay_in(world, None, key="key-2", dollars="50.00")
    assert funded(world, deposit).status is DepositStatus.FUNDED
    world.fund(deposit)
    assert world.wallet().purses == {goal.tag: Purse(10_000)}
    funded(world, general)
    assert world.wallet().available == 15_000
    assert world.wallet().purses == {goal.tag: Purse(10_000)}
