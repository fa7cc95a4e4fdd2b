"""Breakers of automatic orders: stopped by administrators, seen by staff, told neutrally."""

from collections.abc import Callable
from typing import Any

import pytest

from graphql_api.application import Application
from shared.audit.model import Action
from shared.audit.service import AuditTrail
from shared.kernel.money import Currency
from shared.market_data.breakers import Switches
from shared.market_data.model import Breaker, BreakerState
from shared.market_data.store import MarketStore
from shared.users.roles import Role
from tests.graphql_api.money_out import ready
from tests.graphql_api.unlimited import unlimited

HOUSE, REASON = "house_t1", "The exchange has told us of a fault"
CHANGED = """... on SwitchBreakerPayload { breakers { breaker symbol broker state reason } }
  ... on UserError { code } ... on InvalidInputError { field }"""
STOP = f"mutation($i: SwitchBreakerInput!) {{ stopAutomaticOrders(input: $i) {{ {CHANGED} }} }}"
RESUME = f"mutation($i: SwitchBreakerInput!) {{ resumeAutomaticOrders(input: $i) {{ {CHANGED} }} }}"
LIST = "{ breakers { breaker symbol state reason since } }"
WITHDRAW = """mutation($i: RequestWithdrawalInput!) { requestWithdrawal(input: $i) {
  ... on WithdrawalPayload { withdrawal { debited { amount } } } ... on UserError { code } } }"""
ORDERS = "{ automaticOrders { paused pausedSymbols message } }"


@pytest.fixture
def admin(app: Application, staff: Callable[..., Any]) -> Any:
    unlimited(app)
    return staff(Role.ADMIN)


def switch(client: Any, document: str, **given: Any) -> Any:
    answer = client.graphql(document, {"i": {"breaker": "TRADING", "reason": REASON} | given})
    assert "errors" not in answer.body, answer.body
    (found,) = answer.data.values()
    return found


def not_closed(found: Any) -> list[tuple[str, str | None, str, str]]:
    return [
        (each["breaker"], each["symbol"], each["state"], each["reason"])
        for each in found["breakers"]
        if each["state"] != "CLOSED"
    ]


def test_the_kill_switch_stops_everything_until_somebody_lets_it_go(
    app: Application, admin: Any, trail: AuditTrail
) -> None:
    for _ in range(2):
        assert not_closed(switch(admin, STOP)) == [("TRADING", None, "OPEN", "STAFF")]
    assert Switches(app.database).read(["trading"])["trading"].blocks
    for _ in range(2):
        assert not_closed(switch(admin, RESUME)) == []
    # Both of one instant: their order is the one of their ids.
    entries = sorted(
        (each.entry for each in trail.whole(HOUSE)), key=lambda each: each.action.value
    )
    assert [
        (each.action, each.actor.id, each.reason, each.before, each.after) for each in entries
    ] == [
        (
            Action.BREAKER_RESET,
            admin.user_id,
            REASON,
            {"breaker": "trading", "state": "OPEN"},
            {"breaker": "trading", "state": "CLOSED"},
        ),
        (
            Action.BREAKER_TRIPPED,
            admin.user_id,
            REASON,
            {"breaker": "trading", "state": "CLOSED"},
            {"breaker": "trading", "state": "OPEN"},
        ),
    ]


def test_what_a_measure_opened_is_taken_over_or_overruled(app: Application, admin: Any) -> None:
    opened = Breaker("volatility", BreakerState.OPEN, "EWMA:0.5000", app.clock.now())
    MarketStore(app.database).set_breaker(opened)
    assert not_closed(switch(admin, STOP, breaker="VOLATILITY")) == [
        ("VOLATILITY", None, "OPEN", "STAFF")
    ]
    assert not_closed(switch(admin, RESUME, breaker="VOLATILITY")) == [
        ("VOLATILITY", None, "HALF_OPEN", "STAFF_OVERRIDE")
    ]


def test_one_symbol_is_stopped_alone(app: Application, admin: Any) -> None:
    stopped = switch(admin, STOP, breaker="VOLATILITY", symbol="QUAL")
    assert not_closed(stopped) == [("VOLATILITY", "QUAL", "OPEN", "STAFF")]
    assert Switches(app.database).read(["volatility", "volatility.QUAL"]).keys() == {
        "volatility.QUAL"
    }
    told = admin.graphql(ORDERS).data["automaticOrders"]
    assert (told["paused"], told["pausedSymbols"]) == (False, ["QUAL"])


def test_a_broker_that_is_down_is_shown_and_pauses_those_who_are_there(
    app: Application, admin: Any, join: Callable[[str], Any]
) -> None:
    person = join("amina@example.com")
    for broker, paused in (("ibkr", False), ("alpaca", True)):
        down = Breaker(f"broker.{broker}", BreakerState.OPEN, "NO_ANSWER:1", app.clock.now())
        MarketStore(app.database).set_breaker(down)
        assert person.graphql(ORDERS).data["automaticOrders"]["paused"] is paused
    found = admin.graphql("{ breakers { breaker broker state reason } }").data["breakers"]
    assert [each for each in found if each["state"] != "CLOSED"] == [
        {"breaker": "BROKER", "broker": one, "state": "OPEN", "reason": "NO_ANSWER:1"}
        for one in ("alpaca", "ibkr")
    ]


def at_brokers(found: Any) -> list[tuple[str, str, str]]:
    return [
        (each["broker"], each["state"], each["reason"])
        for each in found["breakers"]
        if each["broker"] is not None
    ]


def test_one_broker_is_stopped_alone_and_let_go_on_trial(
    app: Application, admin: Any, join: Callable[[str], Any], trail: AuditTrail
) -> None:
    person = join("amina@example.com")
    stopped = switch(admin, STOP, breaker="BROKER", broker="ibkr")
    assert at_brokers(stopped) == [("ibkr", "OPEN", "STAFF")]
    # Those who are at the other broker go on.
    assert person.graphql(ORDERS).data["automaticOrders"]["paused"] is False
    for _ in range(2):
        stopped = switch(admin, STOP, breaker="BROKER", broker="alpaca")
        assert at_brokers(stopped) == [("alpaca", "OPEN", "STAFF"), ("ibkr", "OPEN", "STAFF")]
    assert not any(
        each["state"] != "CLOSED" for each in stopped["breakers"] if each["broker"] is None
    )
    assert person.graphql(ORDERS).data["automaticOrders"]["paused"] is True
    for _ in range(2):
        switched = switch(admin, RESUME, breaker="BROKER", broker="alpaca")
        assert at_brokers(switched) == [
            ("alpaca", "HALF_OPEN", "STAFF_OVERRIDE"),
            ("ibkr", "OPEN", "STAFF"),
        ]
    assert person.graphql(ORDERS).data["automaticOrders"]["paused"] is False
    entries = [each.entry for each in trail.whole(HOUSE)]
    assert sorted(
        (each.action.value, each.after["breaker"], each.after["state"]) for each in entries
    ) == [
        ("BREAKER_RESET", "broker.alpaca", "HALF_OPEN"),
        ("BREAKER_TRIPPED", "broker.alpaca", "OPEN"),
        ("BREAKER_TRIPPED", "broker.ibkr", "OPEN"),
    ]
    assert {(each.actor.id, each.reason) for each in entries} == {(admin.user_id, REASON)}


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"breaker": "BROKER", "broker": "nobody"}, {"code": "NOT_FOUND"}),
        ({"breaker": "BROKER", "broker": "alpaca.x"}, {"code": "NOT_FOUND"}),
        (
            {"breaker": "TRADING", "broker": "alpaca"},
            {"code": "INVALID_VALUE", "field": "broker"},
        ),
        (
            {"breaker": "VOLATILITY", "symbol": "QUAL", "broker": "alpaca"},
            {"code": "INVALID_VALUE", "field": "broker"},
        ),
    ],
)
def test_a_broker_that_is_none_or_given_for_something_else_is_refused(
    app: Application, admin: Any, trail: AuditTrail, given: Any, answer: Any
) -> None:
    for document in (STOP, RESUME):
        assert switch(admin, document, **given) == answer
    assert list(trail.whole(HOUSE)) == []
    known = ["broker.alpaca", "broker.ibkr", "broker", "trading", "volatility.QUAL"]
    assert Switches(app.database).read(known) == {}


def test_what_is_refused_changes_nothing_and_is_not_on_record(
    app: Application, admin: Any, trail: AuditTrail, staff: Callable[..., Any]
) -> None:
    assert switch(admin, STOP, reason="short") == {"code": "INVALID_VALUE", "field": "reason"}
    assert switch(admin, STOP, symbol="QUAL") == {"code": "INVALID_VALUE", "field": "symbol"}
    unknown = switch(admin, STOP, breaker="VOLATILITY", symbol="NONE")
    assert unknown == {"code": "NOT_FOUND"}
    watcher = staff(Role.COMPLIANCE, "watcher")
    given = {"i": {"breaker": "TRADING", "reason": REASON}}
    assert watcher.graphql(STOP, given).codes == ["FORBIDDEN"]
    assert {each["state"] for each in watcher.graphql(LIST).data["breakers"]} == {"CLOSED"}
    assert list(trail.whole(HOUSE)) == []
    assert Switches(app.database).read(["trading", "volatility"]) == {}


def test_people_are_told_that_orders_wait_and_never_why(
    app: Application, join: Callable[[str], Any]
) -> None:
    person = join("amina@example.com")
    assert person.graphql(ORDERS).data["automaticOrders"] == {
        "paused": False,
        "pausedSymbols": [],
        "message": "Automatic orders are placed as usual.",
    }
    MarketStore(app.database).set_breaker(
        Breaker("overload", BreakerState.OPEN, "ERRORS:0.2", app.clock.now())
    )
    assert person.graphql(ORDERS).data["automaticOrders"] == {
        "paused": True,
        "pausedSymbols": [],
        "message": "Automatic orders are paused for now. They go on by themselves; money and "
        "withdrawals are not affected.",
    }
    assert person.graphql(LIST).codes == ["FORBIDDEN"]


def test_with_everything_stopped_people_still_take_their_money_out(
    app: Application, admin: Any, amina: Any
) -> None:
    for breaker in ("TRADING", "BROKER", "VOLATILITY", "OVERLOAD"):
        switch(admin, STOP, breaker=breaker)
    account = ready(app, amina)
    asked = amina.graphql(
        WITHDRAW,
        {
            "i": {
                "idempotencyKey": "w-1",
                "payoutAccountId": account.account_id,
                "amount": "10.00",
            }
        },
    ).data["requestWithdrawal"]
    assert asked["withdrawal"]["debited"] == {"amount": "10.00"}
    assert app.ledger.wallet(amina.user_id, Currency.USD).held == 1_000
    assert amina.graphql(ORDERS).data["automaticOrders"]["paused"] is True
