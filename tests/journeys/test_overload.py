"""When messages wait for too long automatic orders stop by themselves; withdrawals never do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.breakers.names import OVERLOAD
from shared.breakers.pulses import PULSES
from shared.kernel.clock import to_text
from shared.market_data.store import breaker_key
from tests.journeys.money_books import cash_of
from tests.journeys.test_execution_faults import (
    WATCH,
    Platform,
    at_broker_of,
    orders,
    paid_in,
    platform,
)
from tests.journeys.test_money_withdrawals import payments_to, phone
from tests.journeys.test_redrive import Line, line_of
from tools.journey import operations as op
from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.journey.purse import Purse
from tools.stack import Endpoints

__all__ = ["line_of", "phone", "platform"]
pytestmark = pytest.mark.journey

AGO = timedelta(minutes=6)


@dataclass(frozen=True)
class Watched:
    """The watch over our own queues, and time that passes between two looks of it."""

    platform: Platform
    endpoints: Endpoints

    def look(self) -> None:
        """As every minute."""
        self.platform.run(WATCH)

    def has_waited(self, queue: str) -> None:
        """The pulse that is in this queue was sent six minutes ago, and none was taken since."""
        then = to_text(datetime.now(UTC) - AGO)
        self._change("CoreTable", PULSES, f"{queue}#SENT", "waiting_since", then)
        before = to_text(datetime.now(UTC) - 2 * AGO)
        self._change("CoreTable", PULSES, f"{queue}#TAKEN", "lines", f"{before} 1 0")

    def was_tried(self) -> None:
        """The breaker has been on trial for six minutes."""
        key = breaker_key(OVERLOAD)
        then = to_text(datetime.now(UTC) - AGO)
        self._change("MarketTable", key.pk, key.sk, "since", then)

    def _change(self, table: str, pk: str, sk: str, name: str, text: str) -> None:
        self.platform.dynamodb.update_item(
            TableName=self.endpoints.outputs[table],
            Key={"pk": {"S": pk}, "sk": {"S": sk}},
            ConditionExpression="attribute_exists(pk)",
            UpdateExpression="SET #name = :text",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":text": {"S": text}},
        )


@pytest.fixture
def watched(platform: Platform, endpoints: Endpoints) -> Iterator[Watched]:
    """With no breaker left open behind the test."""
    yield Watched(platform, endpoints)
    key = breaker_key(OVERLOAD)
    platform.dynamodb.delete_item(
        TableName=endpoints.outputs["MarketTable"],
        Key={"pk": {"S": key.pk}, "sk": {"S": key.sk}},
    )


def overload(officer: Person) -> tuple[str, str]:
    """How staff see the breaker: its state, and what moved it."""
    officer.refresh()
    (shown,) = [one for one in officer.client.graphql(op.BREAKERS) if one["breaker"] == "OVERLOAD"]
    return shown["state"], str(shown["reason"]).rpartition(":")[0] or str(shown["reason"])


def test_a_queue_that_is_late_stops_orders_and_no_withdrawal_until_it_has_caught_up(
    saver: Callable[[str], tuple[Person, Purse, Any]],
    trader: Person,
    officer: Person,
    watched: Watched,
    sandbox: Any,
    phone: str,
    line_of: Callable[[str], Line],
    assert_books_agree: Callable[[Person], Any],
) -> None:
    person, purse, _ = saver("200.00")
    execution = line_of("execution")
    watched.look()
    wait_for("the first pulse", lambda: not execution.waiting(execution.url), seconds=30)
    execution.worked(False)
    watched.look()
    watched.has_waited("execution")
    watched.look()
    assert overload(officer) == ("OPEN", "QUEUE:execution")
    assert trader.client.graphql(op.AUTOMATIC_ORDERS)["paused"] is True

    # Money comes and waits, and money that is wanted goes.
    deposit = paid_in(trader, "140.00")
    assert trader.wait_for_deposit(deposit, "FUNDED", "FAILED")["status"] == "FUNDED"
    account = purse.add_phone(f"+{phone}")["payoutAccountId"]
    wanted = purse.withdraw(account, "50.00")
    done = purse.wait_for_withdrawal(wanted["payoutId"], "PAID", "FAILED", seconds=90)
    assert done["status"] == "PAID"
    assert len(payments_to(sandbox, phone)) == 1
    assert cash_of(person)["held"] == 0
    mine = [one for one in orders(trader) if one["why"]["depositId"] == deposit]
    assert mine == []

    # The worker is back: on trial first, and then as ever.
    execution.worked(True)
    wait_for("the pulse", lambda: not execution.waiting(execution.url), seconds=30)
    watched.look()
    assert overload(officer) == ("HALF_OPEN", "CALM")
    watched.was_tried()
    watched.look()
    assert overload(officer) == ("CLOSED", "CALM")
    assert trader.client.graphql(op.AUTOMATIC_ORDERS)["paused"] is False
    watched.platform.refresh()
    line_of("planning").ask("planning", user_id=trader.user_id, deposit_id=deposit)
    trader.wait_until_invested([deposit])
    placed = at_broker_of(sandbox, trader, "/trading/accounts/{account}/orders?status=all")
    names = [one["client_order_id"] for one in placed]
    mine = [one for one in orders(trader) if one["why"]["depositId"] == deposit]
    assert len(names) == len(set(names))
    assert {one["status"] for one in mine} == {"FILLED"}
    assert_books_agree(trader)
    assert_books_agree(person)
