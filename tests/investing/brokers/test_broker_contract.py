"""What every broker's adapter promises, over real HTTP against its sandbox."""

from dataclasses import replace
from decimal import Decimal

import pytest

from shared.investing.errors import BrokerUnavailable, OrderMismatch
from shared.investing.model import OrderStatus, Side
from shared.investing.ports import Accepted, NoAnswer, NotSent, RefusalReason, Refused, Ticket
from shared.kernel.money import NANOS_PER_SHARE, Currency, Money, Quantity


@pytest.fixture
def buy(bench):
    """A buy for an amount."""
    return Ticket(bench.account, "t1.01A.01B", "USMV", Money(33_340, Currency.USD))


@pytest.fixture
def ended(bench, eventually):
    """Waits until the broker says that an order has ended, and gives all events of it."""

    def wait(name):
        def look():
            events = [one for one in bench.events() if one.client_order_id == name]
            return events if any(one.ending for one in events) else None

        return eventually(look)

    return wait


@pytest.fixture
def bought(bench, buy, ended):
    """An account that holds USMV; gives how much, in nano-shares."""
    assert isinstance(bench.broker.submit(buy), Accepted)
    ended(buy.client_order_id)
    return int(bench.positions()["USMV"] * NANOS_PER_SHARE)


def test_an_order_over_an_amount_is_taken_and_found(bench, buy) -> None:
    answer = bench.broker.submit(buy)
    assert isinstance(answer, Accepted)
    found = bench.broker.find(bench.account, buy.client_order_id)
    assert found.broker_order_id == answer.broker_order_id
    assert (found.symbol, found.notional, found.side) == ("USMV", buy.amount, Side.BUY)
    assert bench.placed() == [buy.client_order_id]


def test_what_nobody_sent_is_not_found(bench) -> None:
    assert bench.broker.find(bench.account, "t1.01A.01C") is None


def test_a_duplicate_is_adopted_and_never_placed_twice(bench, buy) -> None:
    first = bench.broker.submit(buy)
    assert bench.broker.submit(buy) == first
    assert bench.placed() == [buy.client_order_id]


@pytest.mark.parametrize(
    "change",
    [{"amount": Money(33_341, Currency.USD)}, {"symbol": "QUAL"}],
    ids=["another amount", "another symbol"],
)
def test_a_duplicate_that_is_another_order_is_not_adopted(bench, buy, change) -> None:
    bench.broker.submit(buy)
    with pytest.raises(OrderMismatch):
        bench.broker.submit(replace(buy, **change))
    assert bench.placed() == [buy.client_order_id]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount": Money(200_000, Currency.USD)}, RefusalReason.INSUFFICIENT_BUYING_POWER),
        ({"symbol": "NOSUCH"}, RefusalReason.NOT_TRADABLE),
        (
            {"amount": None, "side": Side.SELL, "quantity": Quantity(NANOS_PER_SHARE)},
            RefusalReason.INSUFFICIENT_SHARES,
        ),
    ],
    ids=["too little money", "no such asset", "no shares"],
)
def test_refusals_have_reasons_in_our_words(bench, buy, change, reason) -> None:
    assert bench.broker.submit(replace(buy, **change)) == Refused(reason)
    assert bench.placed() == []
    assert bench.cash() == 1000


def test_a_halted_asset_is_refused(bench, buy) -> None:
    bench.knobs(halted=["USMV"])
    assert bench.broker.submit(buy) == Refused(RefusalReason.HALTED)
    bench.knobs(halted=[])
    assert bench.placed() == []


@pytest.mark.parametrize("how", [{"status": 504}, {"close": True}], ids=["a 504", "cut off"])
def test_an_answer_lost_after_taking_the_order_is_unknown_and_then_adopted(bench, buy, how) -> None:
    bench.fault("orders.create", "timeout_after_effect", **how)
    assert bench.broker.submit(buy) == NoAnswer()
    found = bench.broker.find(bench.account, buy.client_order_id)
    assert bench.broker.submit(buy) == Accepted(found.broker_order_id)
    assert bench.placed() == [buy.client_order_id]


def test_a_server_error_is_an_unknown_outcome(bench, buy) -> None:
    bench.fault("orders.create", "error", status=500)
    assert bench.broker.submit(buy) == NoAnswer()
    assert bench.broker.find(bench.account, buy.client_order_id) is None


def test_too_many_requests_were_not_looked_at(bench, buy) -> None:
    bench.fault("orders.create", "rate_limited")
    assert bench.broker.submit(buy) == NotSent()
    assert bench.placed() == []


def test_a_broker_that_cannot_be_asked_is_unavailable(bench, buy) -> None:
    with pytest.raises(BrokerUnavailable):
        bench.unreachable.find(bench.account, buy.client_order_id)
    with pytest.raises(BrokerUnavailable):
        bench.unreachable.cancel(bench.account, "0f0e0d0c-0000-4000-8000-000000000001")


def test_a_buy_fills_and_its_events_say_what_it_cost(bench, buy, ended) -> None:
    bench.broker.submit(buy)
    events = ended(buy.client_order_id)
    done = {one.execution.key: one.execution for one in events if one.execution}
    nanos = sum(one.nanos for one in done.values())
    assert bench.positions() == {"USMV": Decimal(nanos) / NANOS_PER_SHARE}
    cost = sum(Decimal(one.nanos) / NANOS_PER_SHARE * one.price for one in done.values())
    assert bench.cash() == pytest.approx(1000 - cost, abs=Decimal("0.005"))
    assert 0 <= Decimal("333.40") - cost < Decimal("0.02")
    (ending,) = {one.ending for one in events if one.ending}
    assert (ending.status, ending.filled_nanos) == (OrderStatus.FILLED, nanos)
    assert {one.side for one in events} == {Side.BUY}
    assert {one.account_id for one in events} == {bench.account}


def test_parts_of_an_order_are_executions_of_their_own(bench, buy, ended) -> None:
    bench.knobs(executions=3)
    bench.broker.submit(buy)
    events = ended(buy.client_order_id)
    done = {one.execution.key: one.execution.nanos for one in events if one.execution}
    (ending,) = {one.ending for one in events if one.ending}
    assert len(done) == 3
    assert sum(done.values()) == ending.filled_nanos
    bench.knobs(executions=1)


def test_what_was_traded_before_a_cancel_stays(bench, buy, ended, eventually) -> None:
    bench.fault("orders.create", "partial_fill", executions=2, stop_after=1)
    taken = bench.broker.submit(buy)
    eventually(lambda: any(one.execution for one in bench.events()))
    assert bench.broker.cancel(bench.account, taken.broker_order_id) is True
    events = ended(buy.client_order_id)
    done = {one.execution.key: one.execution.nanos for one in events if one.execution}
    (ending,) = {one.ending for one in events if one.ending}
    # Nobody here had wished it, as far as the adapter knows.
    reason = RefusalReason.CANCELED_BY_BROKER.value
    assert (ending.status, ending.reason) == (OrderStatus.CANCELED, reason)
    assert sum(done.values()) == ending.filled_nanos > 0
    assert bench.broker.cancel(bench.account, taken.broker_order_id) is False


def test_an_order_that_the_exchange_rejects_ends_without_a_fill(bench, buy, ended) -> None:
    bench.fault("orders.create", "reject")
    assert isinstance(bench.broker.submit(buy), Accepted)
    events = ended(buy.client_order_id)
    (ending,) = {one.ending for one in events if one.ending}
    assert (ending.status, ending.filled_nanos) == (OrderStatus.REJECTED, 0)
    assert ending.reason == RefusalReason.REJECTED_BY_BROKER.value
    assert not any(one.execution for one in events)
    assert (bench.positions(), bench.cash()) == ({}, 1000)


def test_a_part_of_a_position_is_sold(bench, bought, ended) -> None:
    sale = Ticket(
        bench.account, "t1.01A.01S", "USMV", side=Side.SELL, quantity=Quantity(bought // 2)
    )
    before = bench.cash()
    assert isinstance(bench.broker.submit(sale), Accepted)
    events = ended("t1.01A.01S")
    done = {one.execution.key: one.execution for one in events if one.execution}
    sold = sum(one.nanos for one in done.values())
    # A broker with four decimals sells what it can count, and never more than was asked for.
    assert 0 <= bought // 2 - sold < NANOS_PER_SHARE // 10_000
    assert bench.positions()["USMV"] == Decimal(bought - sold) / NANOS_PER_SHARE
    brought = sum(Decimal(one.nanos) / NANOS_PER_SHARE * one.price for one in done.values())
    assert bench.cash() == pytest.approx(before + brought, abs=Decimal("0.005"))
    assert {one.side for one in events} == {Side.SELL}


def test_an_exit_leaves_nothing(bench, bought, ended) -> None:
    exit_of = Ticket(
        bench.account,
        "t1.01A.01X",
        "USMV",
        side=Side.SELL,
        quantity=Quantity(bought),
        exit=True,
    )
    assert isinstance(bench.broker.submit(exit_of), Accepted)
    ended("t1.01A.01X")
    assert bench.positions() == {}


def test_an_exit_of_another_number_of_shares_is_refused(bench, bought) -> None:
    less = Quantity(bought - NANOS_PER_SHARE // 10)
    exit_of = Ticket(bench.account, "t1.01A.01X", "USMV", side=Side.SELL, quantity=less, exit=True)
    assert bench.broker.submit(exit_of) == Refused(RefusalReason.POSITION_DIFFERS)
    assert int(bench.positions()["USMV"] * NANOS_PER_SHARE) == bought
