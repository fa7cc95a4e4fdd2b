"""Orders while exchange, feed and broker fail: nothing is lost, doubled, or bought blindly."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.kernel.clock import from_text, to_text
from tests.journeys.schedules import CIRCUIT, WATCH, Platform
from tools.journey import operations as op
from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.stack import Endpoints

pytestmark = pytest.mark.journey

PREVIEW = """query { depositPreview(amount: "100.00") { ... on PlanPreview { waitsFor } } }"""

BROKER = ("sandbox-key", "sandbox-secret")


@pytest.fixture
def platform(endpoints: Endpoints, aws: Callable[[str], Any], sandbox: Any) -> Iterator[Platform]:
    """With an orderly market and broker after the test, whatever happened in it."""
    platform = Platform(endpoints, aws("dynamodb"))
    yield platform
    sandbox.http.delete(sandbox.url + "/_control/faults").raise_for_status()
    sandbox.post("/_control/alpaca", {"feed_delay_seconds": 0, "halted": []})
    sandbox.post("/_control/ibkr", {"delayed_prices": False})
    core = endpoints.outputs["CoreTable"]
    platform.dynamodb.delete_item(TableName=core, Key=CIRCUIT)
    platform.run(WATCH)
    platform.refresh()


def at_broker_of(sandbox: Any, person: Person, path: str) -> Any:
    """What the broker lists for a person."""
    found = sandbox.http.get(
        f"{sandbox.url}/alpaca/v1/accounts", params={"query": person.email}, auth=BROKER
    ).json()
    place = path.format(account=found[0]["id"])
    return sandbox.http.get(f"{sandbox.url}/alpaca/v1{place}", auth=BROKER).json()


def fills(sandbox: Any, person: Person) -> list[Any]:
    """The person's executions, newest first."""
    listed: list[Any] = at_broker_of(
        sandbox, person, "/accounts/activities?account_id={account}&activity_types=FILL"
    )
    return listed


def paid_in(person: Person, dollars: str) -> str:
    """A deposit whose card was charged."""
    deposit = person.create_deposit("STRIPE", dollars)
    person.pay_by_card(deposit).raise_for_status()
    return str(deposit["depositId"])


def orders(person: Person) -> list[Any]:
    """The person's orders."""
    listed: list[Any] = person.screen()["orders"]["nodes"]
    return listed


def breaker(officer: Person) -> Any:
    """How the broker's breaker is shown to staff; None while it is closed."""
    officer.refresh()
    shown = officer.client.graphql(op.BREAKERS)
    return next((one["state"] for one in shown if one["broker"] == "alpaca"), None)


def test_the_rest_of_a_partly_filled_order_is_canceled_by_staff_and_what_was_bought_stays(
    investor: Callable[..., Person],
    officer: Person,
    sandbox: Any,
    assert_books_agree: Callable[[Person], Any],
) -> None:
    person = investor()
    sandbox.fault("alpaca", "orders.create", "partial_fill", executions=2, stop_after=1)
    deposit = paid_in(person, "400.00")
    partly = wait_for(
        "an order that stands still",
        lambda: next((one for one in orders(person) if one["status"] == "PARTIALLY_FILLED"), None),
        seconds=60,
    )
    officer.step_up()
    asked = {
        "userId": person.user_id,
        "orderId": partly["orderId"],
        "reason": "The exchange has told us of a fault",
    }
    officer.client.graphql(op.CANCEL_ORDER, input=asked)
    person.wait_until_invested([deposit])
    assert_books_agree(person)
    (ended,) = [one for one in orders(person) if one["orderId"] == partly["orderId"]]
    assert ended["status"] == "CANCELED"
    assert 0 < Decimal(ended["filledAmount"]["amount"]) < Decimal(ended["notional"]["amount"])


def test_a_trade_is_corrected_and_another_taken_back_after_the_money_was_settled(
    investor: Callable[..., Person], sandbox: Any, assert_books_agree: Callable[[Person], Any]
) -> None:
    person = investor()
    person.wait_until_invested([paid_in(person, "500.00")])
    before = person.screen()
    wrong, busted, *_ = fills(sandbox, person)
    trade = f"{sandbox.url}/_control/alpaca/trades"
    price = format(Decimal(wrong["price"]) - 1, "f")
    corrected = f"{trade}/{wrong['execution_id']}/correct"
    sandbox.http.post(corrected, json={"price": price}).raise_for_status()
    sandbox.http.post(f"{trade}/{busted['execution_id']}/bust").raise_for_status()

    def reversed_twice() -> bool:
        kinds = [entry["kind"] for entry in person.journal()]
        return kinds.count("TRADE_REVERSED") == 2

    wait_for("both corrections", reversed_twice, seconds=30)
    after = assert_books_agree(person)
    symbols = {one["asset"]["symbol"] for one in after["portfolio"]["holdings"]}
    assert symbols == {one["asset"]["symbol"] for one in before["portfolio"]["holdings"]} - {
        busted["symbol"]
    }
    back = Decimal(busted["price"]) * Decimal(busted["qty"]) + Decimal(wrong["qty"])
    cash = [
        next(one for one in seen["accounts"] if one["currency"] == "USD")["balance"]["amount"]
        for seen in (before, after)
    ]
    assert abs(Decimal(cash[1]) - Decimal(cash[0]) - back) <= Decimal("0.02")


def test_a_symbol_that_stands_still_gives_its_money_back_and_the_others_are_bought(
    investor: Callable[..., Person],
    platform: Platform,
    sandbox: Any,
    assert_books_agree: Callable[[Person], Any],
) -> None:
    person = investor()
    sandbox.post("/_control/alpaca", {"halted": ["MTUM"]})
    person.wait_until_invested([paid_in(person, "400.00")])
    screen = assert_books_agree(person)
    refused = [one for one in screen["orders"]["nodes"] if one["status"] != "FILLED"]
    assert [(one["symbol"], one["status"]) for one in refused] in ([], [("MTUM", "REJECTED")])
    assert "MTUM" not in {one["asset"]["symbol"] for one in screen["portfolio"]["holdings"]}
    (account,) = [one for one in screen["accounts"] if one["currency"] == "USD"]
    assert Decimal(account["held"]["amount"]) == 0


def test_no_order_is_sized_on_old_prices_and_all_are_when_the_feed_is_back(
    investor: Callable[..., Person],
    platform: Platform,
    sandbox: Any,
    assert_books_agree: Callable[[Person], Any],
) -> None:
    person = investor()
    # Of the first source and of the second.
    sandbox.post("/_control/alpaca", {"feed_delay_seconds": 900})
    sandbox.post("/_control/ibkr", {"delayed_prices": True})
    age_quotes(platform)
    # What the price cache has read a moment ago counts for some seconds more.
    wait_for(
        "old prices",
        lambda: "PRICE_FRESH" in person.client.graphql(PREVIEW)["waitsFor"],
        seconds=30,
    )
    deposit = paid_in(person, "300.00")
    assert person.wait_for_deposit(deposit, "FUNDED", "FAILED")["status"] == "FUNDED"
    with pytest.raises(TimeoutError):
        wait_for("orders", lambda: orders(person), seconds=3)
    waiting = assert_books_agree(person)
    assert waiting["portfolio"]["holdings"] == []
    sandbox.post("/_control/alpaca", {"feed_delay_seconds": 0})
    platform.refresh()
    person.wait_until_invested([deposit], seconds=60)
    assert {one["status"] for one in orders(person)} == {"FILLED"}
    assert_books_agree(person)


def age_quotes(platform: Platform) -> None:
    """The feed has stood still for a quarter of an hour: no refresh brings anything newer."""
    table = platform.endpoints.outputs["MarketTable"]
    found = platform.dynamodb.query(
        TableName=table,
        KeyConditionExpression="pk = :quotes",
        ExpressionAttributeValues={":quotes": {"S": "QUOTES"}},
    )["Items"]
    assert found
    for row in found:
        then = to_text(from_text(row["as_of"]["S"]) - timedelta(minutes=15))
        platform.dynamodb.update_item(
            TableName=table,
            Key={"pk": row["pk"], "sk": row["sk"]},
            UpdateExpression="SET as_of = :then",
            ExpressionAttributeValues={":then": {"S": then}},
        )


def test_a_broker_that_is_down_stops_orders_by_itself_and_gets_them_when_it_is_back(
    investor: Callable[..., Person],
    officer: Person,
    platform: Platform,
    sandbox: Any,
    assert_books_agree: Callable[[Person], Any],
) -> None:
    person = investor()
    for operation in ("orders.create", "orders.get_by_client_id"):
        sandbox.fault("alpaca", operation, "error", times=60, status=503)
    deposit = paid_in(person, "300.00")
    wait_for("the open circuit", lambda: platform.circuit() == "OPEN", seconds=60)
    platform.run(WATCH)
    assert breaker(officer) == "OPEN"
    assert person.client.graphql(op.AUTOMATIC_ORDERS)["paused"] is True
    waiting = orders(person)
    assert {one["status"] for one in waiting} <= {"PLANNED", "UNKNOWN"}
    later = paid_in(person, "100.00")
    assert person.wait_for_deposit(later, "FUNDED", "FAILED")["status"] == "FUNDED"
    assert_books_agree(person)

    sandbox.http.delete(sandbox.url + "/_control/faults").raise_for_status()
    platform.cooled_down()
    platform.run(WATCH)
    # Whoever polls the broker's events may have tried it already.
    assert breaker(officer) in ("HALF_OPEN", None)
    platform.swept()
    person.wait_until_invested([deposit], seconds=60)
    wait_for("the closed circuit", lambda: platform.circuit() == "CLOSED", seconds=60)
    platform.run(WATCH)
    assert breaker(officer) is None
    platform.swept()
    person.wait_until_invested([deposit, later], seconds=60)
    assert_books_agree(person)
    placed = at_broker_of(sandbox, person, "/trading/accounts/{account}/orders?status=all")
    names = [one["client_order_id"] for one in placed]
    assert len(names) == len(set(names)) == len(orders(person))
