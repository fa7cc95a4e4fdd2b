"""What people do by hand about orders: one broker is stopped, and an order is changed there."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from shared.market_data.store import asset_key
from tests.journeys.schedules import WATCH, Platform
from tools.journey import operations as op
from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.stack import Endpoints
from tools.stack.places import CHECKOUT

pytestmark = pytest.mark.journey

BROKER = ("sandbox-key", "sandbox-secret")
REASON = "The broker has told us of a fault"
WHOLE = ["AAAB", "MTUM", "QUAL", "SIZE", "USMV", "VLUE"]


@pytest.fixture
def platform(endpoints: Endpoints, aws: Callable[[str], Any]) -> Platform:
    return Platform(endpoints, aws("dynamodb"))


@pytest.fixture
def admin(endpoints: Endpoints, newcomer: Callable[..., Person], tmp_path: Any) -> Iterator[Person]:
    """An administrator, as operators made them; afterwards the broker's orders go on."""
    person = newcomer()
    person.add_second_factor()
    file = tmp_path / "endpoints.json"
    file.write_text(endpoints.to_json())
    asked = ["role", "--email", person.email, "--role", "ADMIN", "--reason", REASON]
    subprocess.run(
        [sys.executable, "-m", "tools.staff", "--endpoints", str(file), *asked],
        cwd=CHECKOUT,
        check=True,
        timeout=60,
        capture_output=True,
    )
    person.sign_in()
    yield person
    switched(person, "ResumeAutomaticOrders")


def switched(admin: Person, operation: str) -> tuple[str, str] | None:
    """The broker's breaker after that; None while it is closed."""
    given = {"breaker": "BROKER", "broker": "alpaca", "reason": REASON}
    return shown(admin.client.graphql(operation, input=given)["breakers"])


def shown(breakers: list[Any]) -> tuple[str, str] | None:
    found = (one for one in breakers if one["broker"] == "alpaca")
    return next(((one["state"], one["reason"]) for one in found), None)


def paid_in(person: Person, dollars: str) -> str:
    """A deposit whose card was charged."""
    deposit = person.create_deposit("STRIPE", dollars)
    person.pay_by_card(deposit).raise_for_status()
    return str(deposit["depositId"])


def orders(person: Person) -> list[Any]:
    listed: list[Any] = person.screen()["orders"]["nodes"]
    return listed


def test_staff_stop_one_broker_and_what_waited_goes_on_when_they_let_it(
    admin: Person,
    trader: Person,
    platform: Platform,
    assert_books_agree: Callable[[Person], Any],
) -> None:
    trader.refresh()
    before = len(orders(trader))
    assert switched(admin, "StopAutomaticOrders") == ("OPEN", "STAFF")
    deposit = paid_in(trader, "120.00")
    assert trader.wait_for_deposit(deposit, "FUNDED", "FAILED")["status"] == "FUNDED"
    # The broker answers well, and that lets nothing go.
    platform.run(WATCH)
    platform.swept()
    assert shown(admin.client.graphql(op.BREAKERS)) == ("OPEN", "STAFF")
    assert trader.client.graphql(op.AUTOMATIC_ORDERS)["paused"] is True
    assert len(orders(trader)) == before
    assert switched(admin, "ResumeAutomaticOrders") == ("HALF_OPEN", "STAFF_OVERRIDE")
    platform.run(WATCH)
    assert shown(admin.client.graphql(op.BREAKERS)) is None
    assert trader.client.graphql(op.AUTOMATIC_ORDERS)["paused"] is False
    platform.swept()
    trader.wait_until_invested([deposit], seconds=60)
    assert_books_agree(trader)


@pytest.fixture
def whole_shares(platform: Platform, sandbox: Any) -> Iterator[None]:
    """Nothing trades in parts."""

    table = platform.endpoints.outputs["MarketTable"]
    places = [asset_key(symbol) for symbol in WHOLE]
    rows = [{"pk": {"S": place.pk}, "sk": {"S": place.sk}} for place in places]

    def known() -> bool:
        platform.refresh()
        return "Item" in platform.dynamodb.get_item(TableName=table, Key=rows[-1])

    def read_anew(symbols: list[str]) -> None:
        """What an asset is like is read once a day: unless nothing is known of it."""
        sandbox.post("/_control/alpaca", {"whole_shares_only": symbols})
        for row in rows:
            platform.dynamodb.delete_item(TableName=table, Key=row)
        wait_for("the assets", known, seconds=20)
        platform.forget_cached()

    read_anew(WHOLE)
    yield
    sandbox.http.delete(sandbox.url + "/_control/faults").raise_for_status()
    read_anew([])


def test_an_order_that_somebody_changes_at_the_broker_is_followed_to_its_end(
    trader: Person,
    whole_shares: None,
    sandbox: Any,
    assert_books_agree: Callable[[Person], Any],
) -> None:
    trader.refresh()
    known = {one["orderId"] for one in orders(trader)}
    sandbox.fault("alpaca", "orders.create", "partial_fill", executions=2, stop_after=1)
    deposit = paid_in(trader, "3000.00")
    partly = wait_for(
        "an order that stands still",
        lambda: next((one for one in orders(trader) if one["status"] == "PARTIALLY_FILLED"), None),
        seconds=60,
    )
    people = sandbox.http.get(
        f"{sandbox.url}/alpaca/v1/accounts", params={"query": trader.email}, auth=BROKER
    ).json()
    desk = f"{sandbox.url}/alpaca/v1/trading/accounts/{people[0]['id']}/orders"
    listed = sandbox.http.get(desk, params={"status": "open"}, auth=BROKER).json()
    (waiting,) = (one for one in listed if one["symbol"] == partly["symbol"])
    replaced = sandbox.http.patch(f"{desk}/{waiting['id']}", json={"qty": "1"}, auth=BROKER)
    replaced.raise_for_status()
    trader.wait_until_invested([deposit], seconds=60)
    assert_books_agree(trader)
    # One order here, two there; and all shares of both are ours.
    (order,) = (one for one in orders(trader) if one["orderId"] == partly["orderId"])
    assert order["status"] == "FILLED"
    old, new = (
        sandbox.http.get(f"{desk}/{name}", auth=BROKER).json()
        for name in (waiting["id"], replaced.json()["id"])
    )
    assert (old["status"], old["replaced_by"], new["replaces"]) == (
        "replaced",
        new["id"],
        old["id"],
    )
    there = Decimal(old["filled_qty"]) + Decimal(new["filled_qty"])
    assert Decimal(order["filledQuantity"]) == there
    assert len({one["orderId"] for one in orders(trader)} - known) <= len(WHOLE)
