"""Every order in which two or three processes can meet at one deposit, call by call."""

from collections import Counter
from datetime import timedelta

import pytest

from shared.kernel.errors import BaobabError
from shared.kernel.money import Currency, Money
from shared.payments.cancelling import Cancelling
from shared.payments.methods import Gateway
from shared.payments.ports import Lapsed, Paid
from shared.payments.routing import TRIES, Routing
from shared.payments.settlement import Hint
from shared.payments.states import DepositStatus
from shared.platform.memory import MemoryDatabase
from shared.platform.queues import Checks
from tests.schedules import Switched, drawn_schedules, every_schedule

HUNDRED = Money(10_000, Currency.USD)


@pytest.fixture
def meet(world_of):
    """Runs what ``play`` gives for a fresh world, in every order; worlds afterwards."""

    def run(play, schedules=None):
        outcomes = []
        for schedule in schedules or every_schedule():
            world = world_of(Switched(MemoryDatabase(), schedule.turn))
            processes = play(world)
            schedule.run(processes)
            assert [one for one in schedule.errors if not isinstance(one, BaobabError)] == []
            outcomes.append(world)
        return outcomes

    return run


def card_paid(world):
    deposit = world.card()
    (reference,) = world.gateways[Gateway.STRIPE].attempts
    world.gateways[Gateway.STRIPE].set(deposit, Paid("pi_1", HUNDRED))
    return deposit, Hint(reference)


def signalled(world, deposit, hint, gateway=Gateway.STRIPE):
    return lambda: world.settlement.signalled(world.user_id, deposit.deposit_id, hint, gateway)


def the_one(world):
    (deposit,) = world.service.page(world.user_id, limit=5).deposits
    return deposit


def credited_once(world):
    assert (world.wallet().posted, world.wallet().held) == (10_000, 10_000)
    assert world.events().count("payments.deposit_settled.v1") == 1
    assert world.books()[f"customer:{world.user_id}:cash", "USD/2"] == -10_000


def test_three_messages_of_one_payment_credit_it_once(meet):
    def play(world):
        deposit, hint = card_paid(world)
        return [signalled(world, deposit, hint) for _ in range(3)]

    worlds = meet(play)
    assert len(worlds) >= 90
    for world in worlds:
        credited_once(world)
        assert the_one(world).status is DepositStatus.SETTLED


def test_payments_at_both_gateways_settle_once_and_one_goes_back(meet):
    def play(world):
        world.gateways[Gateway.STRIPE].start_script = ["no_word"] * TRIES
        deposit = world.card()
        plays = []
        for gateway in (Gateway.STRIPE, Gateway.ADYEN):
            (page,) = world.gateways[gateway].attempts
            world.gateways[gateway].set(deposit, Paid(f"at_{gateway.value}", HUNDRED))
            plays.append(signalled(world, deposit, Hint(page), gateway))
        return plays

    seen = Counter()
    for world in meet(play):
        credited_once(world)
        deposit = the_one(world)
        seen[deposit.gateway] += 1
        back = [one for one in world.facts.published if one.type == "payments.surplus_received"]
        assert [one.gateway for one in back] == [
            one.value for one in (Gateway.STRIPE, Gateway.ADYEN) if one is not deposit.gateway
        ]
        assert world.books()["house:suspense", "USD/2"] == -10_000
    assert set(seen) == {Gateway.STRIPE, Gateway.ADYEN}


def test_a_payment_that_meets_its_own_expiry_is_credited(meet):
    def play(world):
        deposit, hint = card_paid(world)
        stripe = world.gateways[Gateway.STRIPE]
        world.clock.advance(timedelta(hours=2))
        answers = iter([Paid("pi_1", HUNDRED), Lapsed()])
        stripe.look_up = lambda deposit, reference: next(answers, Paid("pi_1", HUNDRED))
        return [
            signalled(world, deposit, hint),
            lambda: world.settlement.checked(world.user_id, deposit.deposit_id, 3),
        ]

    for world in meet(play):
        credited_once(world)


def test_a_payment_that_meets_its_cancellation_is_never_lost(meet):
    def play(world):
        deposit, hint = card_paid(world)
        cancelling = Cancelling(
            world.deposits,
            world.facts,
            Routing(world.gateways, world.circuits, sleep=lambda _: None),
            Checks(world.queue),
            world.clock,
        )
        return [
            signalled(world, deposit, hint),
            lambda: cancelling.cancel(world.user_id, deposit.deposit_id),
        ]

    for world in meet(play):
        credited_once(world)
        assert the_one(world).status is DepositStatus.SETTLED


def test_a_repeated_request_and_its_first_begin_one_payment(meet):
    def play(world):
        return [world.card, world.card]

    for world in meet(play):
        deposit = the_one(world)
        assert deposit.status is DepositStatus.ACTION_REQUIRED
        assert len(world.gateways[Gateway.STRIPE].attempts) == 1


def test_two_who_forward_the_same_money_move_it_once(meet):
    def play(world):
        deposit, hint = card_paid(world)
        signalled(world, deposit, hint)()
        return [lambda: world.fund(deposit), lambda: world.fund(deposit)]

    for world in meet(play, drawn_schedules(150, seed=20260302)):
        deposit = the_one(world)
        world.fund(deposit)
        assert the_one(world).status is DepositStatus.FUNDED
        assert world.broker.moved == 10_000
        assert (world.wallet().posted, world.wallet().held) == (10_000, 0)
        assert world.events().count("payments.deposit_funded.v1") == 1
