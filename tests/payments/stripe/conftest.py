"""The sandbox's Stripe, with banks that answer when they are told to."""

import time

import pytest

from shared.payments.ports import Processing
from tests.payments.stripe.desk import SLOWLY, Desk


@pytest.fixture
def desk(sandbox, sandbox_url):
    sandbox.post("/_control/config", json=SLOWLY).raise_for_status()
    one = Desk(sandbox, sandbox_url)
    yield one
    one.close()


@pytest.fixture
def eventually_looked():
    """What became of a debit, once it is not processed any more."""

    def look(desk, deposit, reference):
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            outcome = desk.gateway.look_up(deposit, reference)
            if outcome != Processing():
                return outcome
            time.sleep(0.01)
        raise AssertionError("the bank never answered")

    return look
