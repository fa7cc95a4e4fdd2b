"""Money that arrives after hours waits for the next session, and is then invested by itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.kernel.clock import from_text
from shared.market_data.store import clock_key
from tests.journeys.schedules import forget_cached, ports_of
from tools.journey import operations as op
from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.stack import Endpoints, Ports
from tools.stack.deployment import client
from tools.stack.wiring import refresh_market

pytestmark = pytest.mark.journey

BROKER = ("sandbox-key", "sandbox-secret")
AFTER = timedelta(minutes=30)


@dataclass(frozen=True)
class Market:
    """The exchange's clock, which the sandbox moves and the platform follows."""

    sandbox: Any
    endpoints: Endpoints

    def hours(self) -> Any:
        """The broker's own word."""
        answer = self.sandbox.http.get(f"{self.sandbox.url}/alpaca/v1/clock", auth=BROKER)
        return answer.raise_for_status().json()

    def close(self) -> None:
        """On to half an hour after the close."""
        self._move(self.hours()["next_close"])
        assert not self.hours()["is_open"]

    def open(self) -> None:
        """On to half an hour into the next session."""
        self._move(self.hours()["next_open"])
        assert self.hours()["is_open"]

    def _move(self, to: str) -> None:
        moment = datetime.fromisoformat(to) + AFTER
        self.sandbox.post("/_control/clock", {"now": moment.isoformat()})
        follow(self.endpoints, self._ports, moment)

    def refresh(self) -> None:
        """The platform looks at clock and prices."""
        # The schedule does this once a minute.
        refresh_market(self.endpoints.outputs, self._ports)

    @property
    def _ports(self) -> Ports:
        return ports_of(self.endpoints)


def follow(endpoints: Endpoints, ports: Ports, moment: datetime) -> None:
    """Refreshes prices and clock until the platform knows that this moment has come: who asks
    within two seconds of another is not heard."""
    key = {name: {"S": getattr(clock_key(), name)} for name in ("pk", "sk")}

    def there() -> bool:
        refresh_market(endpoints.outputs, ports)
        row = client("dynamodb", ports).get_item(
            TableName=endpoints.outputs["MarketTable"], Key=key, ConsistentRead=True
        )
        return "Item" in row and from_text(row["Item"]["timestamp"]["S"]) >= moment

    wait_for("the platform's clock", there, seconds=30, every=700)
    forget_cached(ports)


def forget_prices(endpoints: Endpoints, dynamodb: Any) -> None:
    """As if the platform had never seen one. After other tests have moved the clock or split an
    asset its price has jumped, and a jump that one source alone tells of is in doubt for
    minutes."""
    table = endpoints.outputs["MarketTable"]
    found = dynamodb.query(
        TableName=table,
        KeyConditionExpression="pk = :quotes",
        ExpressionAttributeValues={":quotes": {"S": "QUOTES"}},
    )["Items"]
    for row in found:
        dynamodb.delete_item(TableName=table, Key={"pk": row["pk"], "sk": row["sk"]})
    forget_cached(ports_of(endpoints))


@pytest.fixture
def market(sandbox: Any, endpoints: Endpoints) -> Iterator[Market]:
    """Open before the test and after it, whatever happens in between."""
    market = Market(sandbox, endpoints)
    if not market.hours()["is_open"]:
        market.open()
    yield market
    if not market.hours()["is_open"]:
        market.open()


def test_money_that_arrives_after_hours_is_invested_in_the_next_session(
    investor: Callable[..., Person],
    market: Market,
    assert_books_agree: Callable[[Person], Any],
) -> None:
    person = investor()
    market.close()
    wait_for("the close", lambda: not person.client.graphql(op.MARKET)["isOpen"], seconds=30)

    deposit = person.create_deposit("STRIPE", "600.00")
    person.pay_by_card(deposit).raise_for_status()
    done = person.wait_for_deposit(deposit["depositId"], "FUNDED", "FAILED")
    assert done["status"] == "FUNDED"
    # Long enough for the look that follows at once, and for the next one after two seconds.
    with pytest.raises(TimeoutError):
        wait_for("orders", lambda: person.screen()["orders"]["nodes"], seconds=4)
    waiting = assert_books_agree(person)
    (account,) = [one for one in waiting["accounts"] if one["currency"] == "USD"]
    assert (account["available"]["amount"], account["held"]["amount"]) == ("600.00", "0.00")
    assert waiting["portfolio"]["holdings"] == []

    market.open()
    person.wait_until_invested([deposit["depositId"]], seconds=45)
    screen = assert_books_agree(person)
    orders = screen["orders"]["nodes"]
    assert {order["status"] for order in orders} == {"FILLED"}
    assert {order["why"]["depositId"] for order in orders} == {deposit["depositId"]}
    spent = sum(Decimal(order["filledAmount"]["amount"]) for order in orders)
    assert Decimal(590) < spent <= Decimal(600)
