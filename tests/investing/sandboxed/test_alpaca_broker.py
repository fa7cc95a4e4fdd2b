"""The broker adapter over real HTTP: orders, duplicates, refusals and unknown outcomes."""

from dataclasses import replace

import pytest

from shared.investing.brokers.alpaca import AlpacaBroker
from shared.investing.errors import BrokerUnavailable, OrderMismatch
from shared.investing.ports import Accepted, NoAnswer, NotSent, RefusalReason, Refused, Ticket
from shared.kernel.money import Currency, Money


def orders_at_the_broker(vendors, account):
    path = f"/alpaca/v1/trading/accounts/{account}/orders"
    return vendors.get(path, params={"status": "all"}).json()


@pytest.fixture
def ticket(account):
    return Ticket(account, "t1.01A.01B", "USMV", Money(3334, Currency.USD))


def test_an_order_over_an_amount_is_taken_and_found(vendors, broker, ticket) -> None:
    answer = broker.submit(ticket)
    assert isinstance(answer, Accepted)
    found = broker.find(ticket.account_id, ticket.client_order_id)
    assert found.broker_order_id == answer.broker_order_id
    assert (found.symbol, found.notional) == ("USMV", ticket.amount)
    (order,) = orders_at_the_broker(vendors, ticket.account_id)
    assert (order["notional"], order["side"], order["type"], order["time_in_force"]) == (
        "33.34",
        "buy",
        "market",
        "day",
    )


def test_a_duplicate_is_adopted_and_never_placed_twice(vendors, broker, ticket) -> None:
    first = broker.submit(ticket)
    assert broker.submit(ticket) == first
    assert len(orders_at_the_broker(vendors, ticket.account_id)) == 1


def test_a_duplicate_that_is_another_order_is_not_adopted(broker, ticket) -> None:
    broker.submit(ticket)
    with pytest.raises(OrderMismatch):
        broker.submit(replace(ticket, amount=Money(3335, Currency.USD)))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount": Money(200_000, Currency.USD)}, RefusalReason.INSUFFICIENT_BUYING_POWER),
        ({"symbol": "NOSUCH"}, RefusalReason.NOT_TRADABLE),
        ({"amount": Money(99, Currency.USD)}, RefusalReason.BELOW_MINIMUM),
    ],
)
def test_refusals_have_reasons_in_our_words(vendors, broker, ticket, change, reason) -> None:
    assert broker.submit(replace(ticket, **change)) == Refused(reason)
    assert orders_at_the_broker(vendors, ticket.account_id) == []


def test_shares_that_only_trade_whole_are_refused(vendors, broker, ticket) -> None:
    vendors.post("/_control/alpaca", json={"whole_shares_only": ["USMV"]}).raise_for_status()
    assert broker.submit(ticket) == Refused(RefusalReason.NOT_FRACTIONABLE)
    vendors.post("/_control/alpaca", json={"whole_shares_only": []}).raise_for_status()


@pytest.mark.parametrize("how", [{"status": 504}, {"close": True}])
def test_an_answer_lost_after_taking_the_order_is_an_unknown_outcome(
    vendors, broker, ticket, fault, how
) -> None:
    fault("orders.create", "timeout_after_effect", **how)
    assert broker.submit(ticket) == NoAnswer()
    assert broker.find(ticket.account_id, ticket.client_order_id) is not None
    assert len(orders_at_the_broker(vendors, ticket.account_id)) == 1


def test_a_server_error_is_an_unknown_outcome(broker, ticket, fault) -> None:
    fault("orders.create", "error", status=500)
    assert broker.submit(ticket) == NoAnswer()
    assert broker.find(ticket.account_id, ticket.client_order_id) is None


def test_too_many_requests_were_not_looked_at(vendors, broker, ticket, fault) -> None:
    fault("orders.create", "rate_limited")
    assert broker.submit(ticket) == NotSent()
    assert orders_at_the_broker(vendors, ticket.account_id) == []


def test_a_broker_that_cannot_be_asked_is_unavailable(ticket) -> None:
    unreachable = AlpacaBroker("http://127.0.0.1:9", "key", "secret")
    with pytest.raises(BrokerUnavailable):
        unreachable.find(ticket.account_id, ticket.client_order_id)
    unreachable._client._session.close()


def test_wrong_keys_are_no_refusal_of_the_order(sandbox_url, ticket) -> None:
    stranger = AlpacaBroker(f"{sandbox_url}/alpaca", "key", "wrong")
    assert stranger.submit(ticket) == NotSent()
    with pytest.raises(BrokerUnavailable):
        stranger.find(ticket.account_id, ticket.client_order_id)
    stranger._client._session.close()
