"""The deployed worker with the real adapters: the pool is charged at the sandbox's vendors."""

from dataclasses import replace
from typing import Any

import pytest
from moto import mock_aws

from shared.kernel.money import Currency
from shared.payments.methods import Gateway, Method
from shared.payments.ports import Paid
from shared.payments.states import DepositStatus
from shared.platform.queues import CheckMessage
from shared.roundups.model import TransferStatus
from shared.roundups.reasons import ReturnReason
from shared.roundups.service import Wish
from tests.recurring import test_worker as of_orders
from tests.roundups.conftest import Coins

sandbox_url, clients, worker = of_orders.sandbox_url, of_orders.clients, of_orders.worker
FIVE_DOLLARS = tuple(["1.01"] * 5 + ["3.95"])


class Collector:
    """Round-ups beside the worker that the other tests have."""

    def __init__(self, worker: Any) -> None:
        self.worker, self.coins = worker, Coins(orders=worker.orders)

    def full_pool_of_a_kept_card(self) -> None:
        """A pool of five dollars, for a card that the sandbox's Stripe keeps."""
        self.worker.order_of_a_kept_card()
        orders = self.worker.orders
        first = orders.made()[0]
        coins = self.coins
        coins.service = replace(coins.service, cards=lambda: self.worker.keeper)
        wish = Wish(currency=Currency.USD, method=Method.CARD, card_of=first.deposit_id)
        coins.service.start(coins.user_id, key="start", wish=wish)
        coins.buys(*FIVE_DOLLARS)
        orders.service.cancel(orders.user_id, self.order_id(), key="only-round-ups")

    def order_id(self) -> str:
        orders = self.worker.orders
        return str(orders.service.orders(orders.user_id)[0].schedule_id)

    def nine(self) -> dict[str, Any]:
        """Nine o'clock tomorrow: what the sweep leaves on the queue, delivered twice."""
        self.coins.tomorrow()
        messages = self.coins.swept()
        assert [message.check for message in messages] == ["round_ups"]
        answer: dict[str, Any] = self.worker.deliver(*messages, *messages)
        return answer


@pytest.fixture
def collector(worker: Any) -> Collector:
    return Collector(worker)


def test_a_full_pool_is_one_charge_however_often_it_is_delivered(collector: Collector) -> None:
    collector.full_pool_of_a_kept_card()
    before = len(collector.worker.charges())
    assert collector.nine() == {"batchItemFailures": []}
    assert len(collector.worker.charges()) == before + 1
    coins = collector.coins
    deposit = coins.orders.made()[0]
    outcome = collector.worker.keeper.look_up(deposit, deposit.reference or "")
    assert isinstance(outcome, Paid)
    assert (deposit.amount.amount, outcome.amount) == ("5.00", deposit.amount)
    vendor = coins.world.gateways[Gateway.STRIPE]
    reference = deposit.reference or ""
    vendor.owners[reference], vendor.attempts[reference] = deposit.deposit_id, outcome
    coins.world.signal(deposit)
    assert collector.worker.deliver(_check(coins)) == {"batchItemFailures": []}
    assert coins.transfer().status is TransferStatus.PAID
    assert (coins.now().pool, coins.now().open) == (0, None)


def test_a_charge_whose_answer_is_lost_is_asked_for_under_the_same_name(
    collector: Collector,
) -> None:
    collector.full_pool_of_a_kept_card()
    before = len(collector.worker.charges())
    collector.worker.fault("timeout_after_effect", close=True)
    collector.nine()
    assert len(collector.worker.charges()) == before + 1
    assert collector.coins.orders.made()[0].status is DepositStatus.ACTION_REQUIRED


def test_a_card_that_declines_leaves_the_amount_in_the_pool(collector: Collector) -> None:
    collector.full_pool_of_a_kept_card()
    before = len(collector.worker.charges())
    collector.worker.fault("declined", decline_code="insufficient_funds")
    collector.nine()
    coins = collector.coins
    assert len(collector.worker.charges()) == before
    assert coins.transfer().reason is ReturnReason.NOT_PAID
    assert (coins.now().pooled.amount, coins.now().open) == ("5.00", None)
    collector.nine()
    assert len(collector.worker.charges()) == before + 1
    assert coins.transfer(2).status is TransferStatus.CHARGING


def test_a_phone_is_prompted_once_for_the_pool(collector: Collector) -> None:
    coins = collector.coins
    coins.start_phone()
    coins.buys("1", "1", "1", "1", "1", "1")
    assert collector.nine() == {"batchItemFailures": []}
    (deposit,) = coins.orders.made()
    assert (deposit.amount.amount, deposit.status) == ("594.00", DepositStatus.ACTION_REQUIRED)
    assert (deposit.reference or "").startswith("ws_CO_")


def test_somebody_without_round_ups_is_no_failure(collector: Collector) -> None:
    nobody = CheckMessage("round_ups", {"user_id": "usr_t1_01KG96R6400000000000000009"})
    with mock_aws():
        assert collector.worker.deliver(nobody) == {"batchItemFailures": []}
    assert collector.coins.orders.made() == []


def _check(coins: Coins) -> CheckMessage:
    return CheckMessage("round_ups", {"user_id": coins.user_id}, 1)
