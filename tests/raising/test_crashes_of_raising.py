"""Whatever dies, comes twice or comes late: sold once, held once, and nobody's money is missing."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.investing.model import OrderStatus, Side
from shared.kernel.errors import BaobabError
from shared.payouts.model import PayoutStatus
from shared.payouts.raising import MAX_PLANS, plans_of
from tests.raising.conftest import Crash

S = PayoutStatus
ASKED = 200_000


class Play:
    """One withdrawal, with all that may happen around it."""

    def __init__(self, world):
        self.world = world
        self.before = world.wallet.posted
        self.payout = world.ask(ASKED)

    def act(self, step):
        with suppress(BaobabError, Crash):
            getattr(self, f"do_{step}")()

    def do_look(self):
        self.world.raising.look(self.world.user_id, self.payout.payout_id)

    def do_deliver(self):
        self.world.deliver()

    def do_lost(self):
        self.world.asked.clear()

    def do_twice(self):
        self.world.asked += self.world.asked[:1]

    def do_fill(self):
        self.world.fill(self.world.plan_of(self.payout), worse_bp=20)

    def do_fill_badly(self):
        self.world.fill(self.world.plan_of(self.payout), worse_bp=300)

    def do_fill_one(self):
        plan = self.world.plan_of(self.payout)
        open_ = [name for name, one in self.world.orders(plan).items() if not one.final]
        self.world.fill(plan, only=set(open_[:1]))

    def do_refuse(self):
        self.world.end(self.world.plan_of(self.payout))

    def do_day(self):
        self.world.next_day()

    def do_cancel(self):
        self.world.requests.cancel(self.world.user_id, self.payout.payout_id)

    def do_released(self):
        self.world.raising.ended(self.world.user_id, self.payout.payout_id)

    def do_crash_before(self):
        self.world.facts.script = ["before"]

    def do_crash_after(self):
        self.world.facts.script = ["after"]

    def do_crash_in_asking(self):
        self.world.crash_in_asking = True

    @property
    def sales(self):
        world = self.world
        return [
            order
            for plan in plans_of(world.now(self.payout))
            for order in world.orders(plan).values()
        ]

    def drain(self):
        """No more faults: the market trades, the broker fills, the sweep looks."""
        world = self.world
        world.facts.script.clear()
        world.crash_in_asking = False
        for _ in range(3 * MAX_PLANS):
            now = world.now(self.payout)
            if now.status is not S.RAISING:
                break
            assert now.due is not None, "somebody looks after it"
            for step in ("look", "deliver", "fill", "look", "day", "look"):
                self.act(step)
        self.act("released")
        if any(not order.final for order in self.sales):
            for plan in plans_of(world.now(self.payout)):
                world.end(plan, OrderStatus.CANCELED)


STEPS = st.sampled_from([name[3:] for name in vars(Play) if name.startswith("do_")])


def check_now(play):
    world = play.world
    payout, wallet = world.now(play.payout), world.wallet
    holds = payout.status in (S.RAISING, S.COOLING, S.READY)
    assert wallet.held == (payout.held_minor if holds else 0)
    assert wallet.available >= 0
    assert all(order.side is Side.SELL for order in play.sales)
    brought = sum(order.charged_minor for order in play.sales)
    assert wallet.posted == play.before + brought
    assert payout.raises <= MAX_PLANS
    if payout.status is S.RAISING:
        assert payout.due is not None
    if payout.status is S.READY:
        assert (payout.lacks_minor, wallet.held) == (0, ASKED)
        assert wallet.settled(world.clock.now().date()) >= 0


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEPS, max_size=16))
def test_what_is_held_is_what_it_says_and_it_comes_to_an_end(steps, make_world):
    play = Play(make_world())
    for step in steps:
        play.act(step)
        check_now(play)
    play.drain()
    check_now(play)
    done = play.world.now(play.payout)
    assert done.status in (S.READY, S.FAILED, S.CANCELLED)
    assert play.world.wallet.open_orders == 0


WAY = ("look", "deliver", "fill", "look", "day", "look")


@pytest.mark.parametrize("crash", ["crash_before", "crash_after", "crash_in_asking"])
@pytest.mark.parametrize("place", range(len(WAY)))
def test_a_crash_at_any_place_sells_once_and_holds_once(make_world, crash, place):
    straight, play = Play(make_world()), Play(make_world())
    for step in WAY:
        straight.act(step)
    for number, step in enumerate(WAY):
        if number == place:
            play.act(crash)
        play.act(step)
        check_now(play)
        if number == place:
            play.world.facts.script.clear()
            play.act(step)
    play.drain()
    done = play.world.now(play.payout)
    assert (done.status, done.lacks_minor) == (S.READY, 0)
    sold = {order.symbol: order.filled_nanos for order in straight.sales}
    first = play.world.orders(plans_of(done)[0])
    assert {symbol: order.filled_nanos for symbol, order in first.items()} == sold


def test_without_any_fault_one_plan_is_enough(make_world):
    play = Play(make_world())
    for step in WAY:
        play.act(step)
        check_now(play)
    assert (play.world.now(play.payout).status, play.world.now(play.payout).raises) == (S.READY, 1)
