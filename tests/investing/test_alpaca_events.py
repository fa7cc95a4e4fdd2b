"""The broker's trade events in our words."""

import copy
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from shared.investing.brokers.alpaca_events import execution_key, read_json, trade_event
from shared.investing.errors import BrokerEventMalformed, BrokerEventUnsupported
from shared.investing.model import Ending, OrderStatus, Side, TakenBack, order_names

FILL = {
    "account_id": "c8f1ef5d-edc0-4f23-9ee4-378f19cb92a4",
    "at": "2026-03-02T15:04:05.172241Z",
    "event": "fill",
    "event_id": "01KJQHX6JN8YBP1N3ECR58M2D6",
    "execution_id": "a829b698-da07-479f-91e6-f204c77573fc",
    "order": {
        "client_order_id": "t1.01KJQJQA600000000000000001.01KJQJQA60MHTMBCS2WAYDVETF",
        "filled_qty": "0.2",
        "id": "d507255a-b072-4fb7-96f3-9ad5a9c02b2a",
        "notional": "10",
        "qty": None,
        "side": "buy",
        "status": "filled",
        "symbol": "QUAL",
    },
    "price": "118.07",
    "qty": "0.05513895",
    "timestamp": "2026-03-02T15:04:05.1722419Z",
}


def event(**changes):
    made = copy.deepcopy(FILL)
    made["order"].update(changes.pop("order", {}))
    return {**made, **changes}


def test_a_fill_is_an_execution_and_the_end() -> None:
    found = trade_event(FILL)
    assert found.symbol == "QUAL"
    assert found.account_id == FILL["account_id"]
    assert found.broker_order_id == FILL["order"]["id"]
    assert (found.execution.nanos, found.execution.price) == (55_138_950, Decimal("118.07"))
    assert found.execution.at == datetime(2026, 3, 2, 15, 4, 5, 172241, tzinfo=UTC)
    assert found.ending == Ending(OrderStatus.FILLED, 200_000_000, None)
    assert order_names(found.client_order_id) == (
        "usr_t1_01KJQJQA600000000000000001",
        "ord_t1_01KJQJQA60MHTMBCS2WAYDVETF",
    )


def test_a_partial_fill_is_not_the_end() -> None:
    assert trade_event(event(event="partial_fill")).ending is None


def test_numbers_may_be_json_numbers() -> None:
    found = trade_event(event(price=Decimal("118.07"), qty=Decimal(1)))
    assert (found.execution.nanos, found.execution.price) == (10**9, Decimal("118.07"))


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("canceled", OrderStatus.CANCELED),
        ("expired", OrderStatus.EXPIRED),
        ("rejected", OrderStatus.REJECTED),
    ],
)
def test_an_end_counts_what_was_filled(kind, status) -> None:
    found = trade_event(event(event=kind, order={"filled_qty": "0.05"}))
    assert found.execution is None
    assert (found.ending.status, found.ending.filled_nanos) == (status, 50_000_000)


@pytest.mark.parametrize("kind", ["new", "accepted", "pending_new", "pending_cancel", "held"])
def test_news_without_effect_is_neither(kind) -> None:
    found = trade_event(event(event=kind))
    assert (found.execution, found.ending) == (None, None)


@pytest.mark.parametrize("kind", ["novelty", "trade_swap"])
def test_a_kind_that_is_not_known_needs_a_person(kind) -> None:
    with pytest.raises(BrokerEventUnsupported):
        trade_event(event(event=kind))


def test_a_bust_takes_an_execution_back_and_brings_none() -> None:
    found = trade_event(
        event(event="trade_bust", execution_id="e2", previous_execution_id="e1", qty="-0.05")
    )
    assert found.taken_back == TakenBack(execution_key("e1"), 50_000_000)
    assert (found.execution, found.ending) == (None, None)


def test_a_correction_takes_one_back_and_brings_another() -> None:
    found = trade_event(
        event(
            event="trade_correct",
            execution_id="e2",
            previous_execution_id="e1",
            qty="0.04",
            price="71.5",
        )
    )
    assert found.taken_back == TakenBack(execution_key("e1"), 0)
    assert (found.execution.key, found.execution.nanos) == (execution_key("e2"), 40_000_000)
    assert found.execution.price == Decimal("71.5")


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "trade_bust", "qty": "0.05", "previous_execution_id": "e1"},
        {"event": "trade_bust", "qty": "-0.05", "previous_execution_id": None},
        {"event": "trade_correct", "qty": "0.05", "previous_execution_id": ""},
        {"event": "trade_correct", "qty": "-0.05", "previous_execution_id": "e1"},
        {"order": {"side": "sideways"}},
    ],
)
def test_what_does_not_say_what_it_takes_back_is_not_booked(changes) -> None:
    with pytest.raises(BrokerEventMalformed):
        trade_event(event(**changes))


def test_the_side_of_the_order_is_told() -> None:
    assert trade_event(event(order={"side": "sell"})).side is Side.SELL
    assert trade_event(event()).side is Side.BUY


@pytest.mark.parametrize(
    "changes",
    [
        {"price": "0"},
        {"price": "NaN"},
        {"price": None},
        {"qty": "-1"},
        {"qty": "0.0000000001"},
        {"execution_id": ...},
        {"order": {"filled_qty": "many"}},
        {"timestamp": "yesterday"},
        {"event": ["fill"]},
    ],
)
def test_an_event_of_another_shape_is_malformed(changes) -> None:
    made = event(**changes)
    if changes.get("execution_id") is ...:
        del made["execution_id"]
    with pytest.raises(BrokerEventMalformed):
        trade_event(made)


def test_bytes_that_are_no_json_are_malformed() -> None:
    with pytest.raises(BrokerEventMalformed):
        read_json(b"{")
    assert read_json(b'{"price": 0.1}') == {"price": Decimal("0.1")}


def test_execution_keys_are_short_and_stable() -> None:
    assert len({execution_key(str(number)) for number in range(1000)}) == 1000
    assert len(execution_key("a829b698-da07-479f-91e6-f204c77573fc")) == 11


@pytest.mark.parametrize(
    "name", ["", "a.b", "t1.x.y", "t1.1.2.3", "T1.01KJQJQA600000000000000001."]
)
def test_a_client_order_id_of_somebody_else_names_nobody(name) -> None:
    assert order_names(name) is None
