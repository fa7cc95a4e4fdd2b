"""Two at once: whoever is faster, one order goes out, and the books agree with the broker."""

from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import product

import pytest

from shared.kernel.errors import BaobabError
from shared.payouts.model import PayoutStatus, Rail
from shared.payouts.ports import NeverSent, PaidOut
from tests.payouts.conftest import CAME_BACK, NOT_PAID

S = PayoutStatus
ACTS = ["recall", "send", "signal", "paid", "refused", "back", "cancel"]
KINDS = ["phone", "bank", "refund", "early_refund"]


def begun(world, kind, until):
    """A payout that has come as far as the named step."""
    deposit = world.deposit(funded=kind != "early_refund")
    if kind in ("refund", "early_refund"):
        payout = world.refund(deposit, begin=False)
    else:
        rail = Rail.MPESA_B2C if kind == "phone" else Rail.STRIPE_PAYOUT
        payout = world.withdrawal(6_000, rail=rail, begin=False)
    if until != "asked":
        world.recall(payout)
    if until == "sent":
        world.send(payout)
    return payout


def act(world, payout, name):
    orders = world.rails[payout.rail].orders
    with suppress(BaobabError):
        match name:
            case "recall":
                world.recall(payout)
            case "send":
                world.send(payout)
            case "signal":
                world.sending.signalled(world.user_id, payout.payout_id)
            case "cancel":
                world.requests.cancel(world.user_id, payout.payout_id)
            case "paid" if orders:
                world.told(payout, PaidOut("po_1", payout.amount))
            case "refused" if orders:
                world.told(payout, NOT_PAID)
            case "back" if orders:
                world.told(payout, CAME_BACK)


def settle(world, payout):
    for _ in range(4):
        world.recall(payout)
        world.send(payout)


PLACES = [
    *product(["phone"], ["asked", "recalled", "sent"], [0, 1]),
    *product(["refund"], ["recalled", "sent"], [0]),
    ("early_refund", "sent", 0),
]
"""What it is, how far it had come, and before which fact of the one the other is faster."""


@pytest.mark.parametrize(("kind", "until", "place"), PLACES)
@pytest.mark.parametrize("one", ACTS)
def test_whoever_is_faster_between_reading_and_writing(make_world, kind, until, place, one):
    for other in ACTS:
        world = make_world()
        payout = begun(world, kind, until)
        world.facts.script = ["ok"] * place + [partial(act, world, payout, other)]
        act(world, payout, one)
        settle(world, payout)
        done = world.now(payout)
        assert done.status not in (S.RECALLING, S.RETURNING), other
        world.check_conserved()
        assert len(world.rails[payout.rail].orders) <= 1, other
        assert world.rails[payout.rail].sent <= 1, other
        out = payout.debited.minor if done.status is S.PAID else 0
        assert world.wallet().posted == 10_000 - out, other


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", ACTS)
def test_whoever_acts_while_the_gateway_is_being_asked(make_world, kind, other):
    world = make_world()
    payout = begun(world, kind, "recalled")
    rail = world.rails[payout.rail]
    rail.script = [lambda: act(world, payout, other)]
    world.send(payout)
    settle(world, payout)
    assert rail.sent == 1
    assert world.now(payout).status is S.SENT
    world.check_conserved()


def test_what_certainly_never_arrived_says_nothing_of_an_order_that_was_repeated(world):
    world.deposit()
    payout = world.withdrawal(rail=Rail.STRIPE_PAYOUT, begin=False)
    world.recall(payout)
    rail = world.rails[Rail.STRIPE_PAYOUT]

    def slow_and_overtaken():
        world.clock.advance(timedelta(minutes=1))
        world.send(payout)

    rail.script = [slow_and_overtaken]
    first = rail.send

    def send(order, destination):
        answer = first(order, destination)
        return NeverSent() if order.tries == 1 else answer

    rail.send = send
    world.send(payout)
    # The repeated order was taken: the first one's failure does not turn it back.
    assert world.now(payout).status is S.SENT
    assert len(rail.orders) == 1
