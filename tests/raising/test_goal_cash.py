"""A withdrawal of one goal's money: its cash, its sales, and what becomes of them."""

import pytest

from shared.investing.model import OrderStatus
from shared.payouts.model import PayoutStatus
from shared.payouts.reasons import PayoutReason
from shared.strategies.goals import general_goal_id
from tests.investing.goal_money import a_goal, archive, by_tag

S, R = PayoutStatus, PayoutReason


@pytest.fixture
def saver(world):
    """Beside ten thousand dollars of the general goal: five thousand for another one, invested,
    and five hundred in its purse."""
    goal = a_goal(world.base, world.user_id)
    deposit = world.base.deposit(world.user_id, 500_000, goal_id=goal.goal_id)
    made = world.base.planner().invest(world.user_id, deposit).plan
    world.fill(made.plan_id)
    world.next_day()
    world.base.deposit(world.user_id, 50_000, goal_id=goal.goal_id)
    world.goal = goal
    return world


def purse(world):
    found = world.wallet.purses.get(world.goal.tag)
    return 0 if found is None else found.minor


def general(world):
    return world.wallet.available - purse(world)


def test_the_goals_own_cash_is_held_first_and_nothing_else_is_touched(saver):
    had, beside = purse(saver), general(saver)
    payout = saver.ask(30_000, goal_id=saver.goal.goal_id)
    assert (payout.status, payout.lacks_minor) == (S.READY, 0)
    assert (purse(saver), general(saver)) == (had - 30_000, beside)
    assert saver.now(payout).purses == {saver.goal.tag: 30_000}


def test_what_its_cash_does_not_cover_is_sold_of_its_lots_alone_and_held_out_of_its_purse(saver):
    lots, beside = by_tag(saver.base, saver.user_id), general(saver)
    payout = saver.ask(200_000, goal_id=saver.goal.goal_id)
    had = payout.held_minor
    assert (payout.status, purse(saver)) == (S.RAISING, 0)
    saver.look(payout)
    (planned,) = saver.deliver()
    assert planned.plan.inputs.available_minor == 0
    saver.fill(saver.plan_of(payout))
    after = by_tag(saver.base, saver.user_id)
    assert after[""] == lots[""]
    assert sum(after[saver.goal.tag].values()) < sum(lots[saver.goal.tag].values())
    waits = saver.look(payout)
    assert waits.settles_on is not None
    assert saver.wallet.held == had
    saver.next_day()
    done = saver.look(payout)
    assert (done.status, done.purses) == (S.READY, {saver.goal.tag: 200_000})
    assert (saver.wallet.held, general(saver)) == (200_000, beside)
    # What the little more brought is the goal's.
    assert 0 < purse(saver) < 1_000


def test_others_cash_never_stands_in_for_a_goal_whose_sales_were_rejected(saver):
    saver.base.deposit(saver.user_id, 900_000)
    beside = general(saver)
    payout = saver.ask(200_000, goal_id=saver.goal.goal_id)
    for _ in range(3):
        saver.look(payout)
        saver.deliver()
        saver.end(saver.plan_of(payout))
        saver.look(payout)
    done = saver.now(payout)
    assert (done.status, done.reason) == (S.FAILED, R.CASH_NOT_RAISED)
    assert (general(saver), saver.wallet.held) == (beside, 0)


@pytest.mark.parametrize("sold", [False, True])
def test_who_takes_it_back_has_the_cash_in_the_goals_purse_again(saver, sold):
    had, beside = purse(saver), general(saver)
    payout = saver.ask(200_000, goal_id=saver.goal.goal_id)
    saver.look(payout)
    brought = 0
    if sold:
        (planned,) = saver.deliver()
        saver.fill(planned.plan.plan_id)
        brought = purse(saver)
        assert brought >= payout.lacks_minor
    saver.requests.cancel(saver.user_id, payout.payout_id)
    assert (purse(saver), general(saver)) == (had + brought, beside)
    assert saver.wallet.held == 0


def test_what_a_withdrawal_of_no_goal_took_out_of_purses_goes_back_there_when_it_fails(saver):
    had, beside = purse(saver), general(saver)
    payout = saver.ask(900_000)
    assert saver.now(payout).purses == {saver.goal.tag: had}
    assert saver.wallet.available == 0
    saver.look(payout)
    saver.deliver()
    saver.end(saver.plan_of(payout), OrderStatus.REJECTED)
    saver.requests.cancel(saver.user_id, payout.payout_id)
    assert (purse(saver), general(saver)) == (had, beside)


def test_what_is_less_than_all_purses_takes_the_general_cash_first(saver):
    had, beside = purse(saver), general(saver)
    payout = saver.ask(beside + 1_000)
    assert saver.now(payout).purses == {saver.goal.tag: 1_000}
    assert purse(saver) == had - 1_000
    saver.requests.cancel(saver.user_id, payout.payout_id)
    assert (purse(saver), general(saver)) == (had, beside)


def test_the_general_goal_alone_leaves_the_purses_of_others(saver):
    had = purse(saver)
    lots = by_tag(saver.base, saver.user_id)
    payout = saver.ask(300_000, goal_id=general_goal_id(saver.user_id))
    assert (payout.status, purse(saver)) == (S.RAISING, had)
    assert payout.held_minor == 300_000 - payout.lacks_minor
    saver.look(payout)
    saver.deliver()
    saver.fill(saver.plan_of(payout))
    saver.look(payout)
    saver.next_day()
    assert saver.look(payout).status is S.READY
    assert purse(saver) == had
    assert by_tag(saver.base, saver.user_id)[saver.goal.tag] == lots[saver.goal.tag]


def test_a_goal_that_is_given_up_meanwhile_still_pays_what_was_asked_of_it_and_no_more(saver):
    lots = by_tag(saver.base, saver.user_id)
    payout = saver.ask(200_000, goal_id=saver.goal.goal_id)
    saver.look(payout)
    archive(saver.base, saver.goal)
    saver.deliver()
    saver.fill(saver.plan_of(payout))
    assert by_tag(saver.base, saver.user_id)[""] == lots[""]
    saver.look(payout)
    saver.next_day()
    assert saver.look(payout).status is S.READY
    assert saver.wallet.held == 200_000
