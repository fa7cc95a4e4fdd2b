"""Gateways that hang: how long they are asked, and when the one in their place has its turn."""

from dataclasses import replace
from datetime import timedelta

import pytest

from infra.functions import GRAPHQL_API
from shared.payments.methods import Gateway, Method
from shared.payments.ports import NoWord
from shared.payments.routing import BUDGET, FIRST_SHARE, TRIES, Routing


class Admitting:
    """Circuits that never open."""

    def admits(self, name):
        return True

    def succeeded(self, name):
        """Counts nothing."""

    def failed(self, name):
        """Counts nothing."""


class Hanging:
    """A watch, and gateways each of whose calls takes its time and says nothing."""

    def __init__(self, world, seconds):
        self.now, self.begun = 0.0, []
        self.world, self.seconds = world, seconds
        self.routing = Routing(world.gateways, world.circuits, sleep=self.sleep, elapsed=self.watch)

    def watch(self):
        return timedelta(seconds=self.now)

    def sleep(self, seconds):
        self.now += seconds

    def begin(self, gateway, deposit):
        name = next(name for name, one in self.world.gateways.items() if one is gateway)
        self.begun.append((name, self.now))
        self.now += self.seconds[name]
        return NoWord()

    def start(self, deposit):
        return self.routing.start(deposit, self.begin, lambda one, to: replace(one, gateway=to))


@pytest.mark.parametrize(
    ("stripe_takes", "adyen_takes"), [(0.5, 0.5), (2.9, 2.9), (2.9, 7), (6, 2.9), (6, 7), (4, 0.1)]
)
def test_gateways_that_hang_are_given_up_while_the_caller_still_waits(
    world, stripe_takes, adyen_takes
):
    hanging = Hanging(world, {Gateway.STRIPE: stripe_takes, Gateway.ADYEN: adyen_takes})
    deposit, result = hanging.start(world.card())
    assert (deposit.gateway, result) == (Gateway.ADYEN, NoWord())
    first = [at for name, at in hanging.begun if name is Gateway.STRIPE]
    second = [at for name, at in hanging.begun if name is Gateway.ADYEN]
    assert all(at < FIRST_SHARE.total_seconds() for at in first)
    # The one in its place is asked in any case, and again only within the time of all together.
    assert second
    assert second[0] < 10
    assert all(at < BUDGET.total_seconds() for at in second[1:])
    assert 1 <= len(first) <= TRIES
    assert len(second) <= TRIES
    assert hanging.now < GRAPHQL_API.timeout - 10


def test_one_that_nobody_can_replace_is_asked_for_as_long_as_there_is_time(world):
    hanging = Hanging(world, {Gateway.STRIPE: 3.4})
    deposit = replace(world.card(), method=Method.BANK_DEBIT)
    _, result = hanging.start(deposit)
    assert result == NoWord()
    assert {name for name, _ in hanging.begun} == {Gateway.STRIPE}
    assert 2 <= len(hanging.begun) <= TRIES
    assert all(at < BUDGET.total_seconds() for _, at in hanging.begun)


def test_pauses_between_tries_are_random_and_grow_to_a_limit(world):
    longest = [0.0, 0.0]
    for _ in range(200):
        pauses = []
        hanging = Hanging(world, {Gateway.STRIPE: 0, Gateway.ADYEN: 0})
        routing = replace(hanging.routing, circuits=Admitting(), sleep=pauses.append)
        routing.start(world.card(), hanging.begin, lambda one, to: None)
        assert len(pauses) == TRIES - 1
        longest = [max(was, now) for was, now in zip(longest, pauses, strict=True)]
    assert 0.1 < longest[0] <= 0.2
    assert 0.2 < longest[1] <= 0.4
