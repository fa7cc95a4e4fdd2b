"""What recurring deposits are saved for: a goal of the person's, and the general one after it."""

from datetime import date

import pytest

from shared.kernel.errors import NotFound
from shared.kernel.ids import Kind
from shared.kernel.money import Currency, Money
from shared.platform.tables import as_changes
from shared.recurring.dates import Frequency, Rule
from shared.strategies.errors import GoalArchived
from shared.strategies.goal_store import SavingStore
from shared.strategies.goals import Goal, general_goal_id
from tests.recurring.conftest import Orders

SATURDAYS = Rule(Frequency.WEEKLY, 6)


def a_goal(orders: Orders) -> Goal:
    goal = Goal(orders.user_id, orders.world.ids.new(Kind.GOAL), sealed=b"sealed", version=1)
    save(orders, None, goal)
    return goal


def save(orders: Orders, before: Goal | None, after: Goal) -> None:
    write = SavingStore(orders.world.database).save(before, after)
    orders.world.database.transact(as_changes([write]))


def changes(orders: Orders) -> list[object]:
    return [one["change"] for one in orders.told("recurring.schedule_changed")]


def test_each_deposit_is_for_the_orders_goal(orders: Orders) -> None:
    goal = a_goal(orders)
    order = orders.order(rule=SATURDAYS, goal_id=goal.goal_id)
    assert order.goal_id == order.saved_for == goal.goal_id
    assert orders.now(order) == order
    orders.at(date(2026, 1, 31), 9)
    orders.run()
    (deposit,) = orders.made()
    assert deposit.goal_id == goal.goal_id
    orders.pays(deposit)
    orders.at(date(2026, 2, 7), 9)
    orders.run()
    assert [one.goal_id for one in orders.made()] == [goal.goal_id] * 2


def test_without_a_goal_or_for_the_general_one_it_is_as_ever(orders: Orders) -> None:
    general = general_goal_id(orders.user_id)
    for order in (orders.order(), orders.order(key="k-2", goal_id=general)):
        assert (order.goal_id, order.saved_for) == ("", general)


def test_goals_of_others_and_archived_ones_are_refused_and_nothing_is_made(orders: Orders) -> None:
    goal = a_goal(orders)
    with pytest.raises(NotFound):
        orders.order(goal_id=orders.world.ids.new(Kind.GOAL))
    save(orders, goal, goal.archived())
    with pytest.raises(GoalArchived):
        orders.order(goal_id=goal.goal_id)
    assert orders.service.orders(orders.user_id) == []


def test_a_goal_that_is_archived_meanwhile_leaves_it_to_the_general_one_and_it_is_told_once(
    orders: Orders,
) -> None:
    goal = a_goal(orders)
    order = orders.order(rule=SATURDAYS, goal_id=goal.goal_id)
    save(orders, goal, goal.archived())
    orders.at(date(2026, 1, 31), 9)
    orders.run()
    orders.checks()
    (deposit,) = orders.made()
    assert (deposit.goal_id, orders.now(order).goal_id) == ("", "")
    assert changes(orders) == ["GOAL_ARCHIVED"]
    orders.pays(deposit)
    orders.at(date(2026, 2, 7), 9)
    orders.run()
    assert [one.goal_id for one in orders.made()] == ["", ""]
    assert changes(orders) == ["GOAL_ARCHIVED"]
    assert orders.now(order).failures == 0


def test_another_goal_holds_from_the_next_occurrence_on(orders: Orders) -> None:
    goal, amount = a_goal(orders), Money.parse("5000", Currency.KES)
    order = orders.order(rule=SATURDAYS)
    orders.at(date(2026, 1, 31), 9)
    orders.run()
    where = (orders.user_id, order.schedule_id)
    for _ in range(2):
        orders.service.change(*where, key="a", amount=amount, goal_id=goal.goal_id)
    assert changes(orders) == ["GOAL_CHANGED"]
    kept = orders.service.change(*where, key="b", amount=Money.parse("6000", Currency.KES))
    assert kept.goal_id == goal.goal_id
    orders.fails(orders.made()[0])
    orders.checks()
    orders.at(date(2026, 1, 31), 10.2)
    orders.run()
    orders.pays(orders.made()[0])
    orders.at(date(2026, 2, 7), 9)
    orders.run()
    assert [one.goal_id for one in orders.made()] == [goal.goal_id, "", ""]
    general = general_goal_id(orders.user_id)
    back = orders.service.change(*where, key="c", amount=amount, goal_id=general)
    assert back.goal_id == ""


def test_a_change_to_what_it_is_already_changes_and_tells_nothing(orders: Orders) -> None:
    goal = a_goal(orders)
    order = orders.order(rule=SATURDAYS, goal_id=goal.goal_id)
    where = (orders.user_id, order.schedule_id)
    for key, goal_id in (("a", None), ("b", goal.goal_id)):
        same = orders.service.change(*where, key=key, amount=order.amount, goal_id=goal_id)
        assert same == order
    assert orders.now(order) == order
    assert changes(orders) == []
