"""Somebody whose target has moved is brought there by the schedule's own message, in two plans."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.platform.indexes import SEGMENTS
from shared.platform.queues import CheckMessage, encode
from tests.journeys.test_market_hours import Market, market
from tools.journey import operations as op
from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.stack import Endpoints

__all__ = ["market"]
pytestmark = pytest.mark.journey


class Sweeps:
    """The schedule of the sweep, and what is kept of it."""

    def __init__(self, endpoints: Endpoints, aws: Callable[[str], Any], market: Market) -> None:
        self._table = endpoints.outputs["CoreTable"]
        self._aws = aws
        self._market = market

    def _day(self) -> str:
        now = datetime.fromisoformat(self._market.hours()["timestamp"])
        return now.date().isoformat()

    def run(self) -> None:
        """As the schedule does it, until everybody was looked at."""
        sqs = self._aws("sqs")
        url = sqs.get_queue_url(QueueName="baobab-local-portfolio-sweep")["QueueUrl"]
        tick = encode(CheckMessage("portfolio_sweep", {}))

        def look() -> bool:
            done = self._done()
            if not done:
                # While prices are old a tick waits, and the next one comes.
                self._market.refresh()
                sqs.send_message(QueueUrl=url, MessageBody=tick)
            return done == SEGMENTS

        wait_for("all segments", look, seconds=90, every=3_000)

    def _done(self) -> int:
        answer = self._aws("dynamodb").query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={
                ":pk": {"S": f"SWEEP#{self._day()}"},
                ":sk": {"S": "SEGMENT#"},
            },
        )
        return sum(bool(item.get("done", {}).get("BOOL")) for item in answer["Items"])

    def runs_of(self, person: Person) -> list[Any]:
        """Runs of a person, as they are stored."""
        answer = self._aws("dynamodb").query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={
                ":pk": {"S": f"USER#{person.user_id}"},
                ":sk": {"S": "BALANCING#"},
            },
        )
        return [
            {name: next(iter(one.values())) for name, one in item.items()}
            for item in answer["Items"]
        ]

    def until(self, person: Person, status: str) -> Any:
        """The one run of a person, once it stands so."""

        def look() -> Any:
            runs = self.runs_of(person)
            return runs[0] if runs and runs[0]["status"] == status else None

        return wait_for(f"a run that is {status}", look, seconds=60)


def drift_of(person: Person) -> Decimal:
    return Decimal(person.screen()["portfolio"]["drift"])


def test_a_portfolio_beside_its_target_sells_settles_and_buys_by_itself(
    investor: Callable[..., Person],
    market: Market,
    endpoints: Endpoints,
    aws: Callable[[str], Any],
    assert_books_agree: Callable[[Person], Any],
) -> None:
    moved, stays = investor(), investor()
    for person in (moved, stays):
        deposit = person.create_deposit("STRIPE", "2000.00")
        person.pay_by_card(deposit).raise_for_status()
        person.wait_until_invested([deposit["depositId"]])
    sweeps = Sweeps(endpoints, aws, market)
    (goal,) = moved.client.graphql(op.GOALS)["goals"]
    wanted = {"goalId": goal["goalId"], "path": "SPENDING", "style": "INCOME"}
    moved.client.graphql(op.CHANGE_GOAL, input=wanted)
    # A day on which nobody was looked at yet.
    market.close()
    market.open()
    before = drift_of(moved)
    assert before > Decimal("0.05")
    orders_before = len(stays.screen()["orders"]["nodes"])

    sweeps.run()
    run = sweeps.until(moved, "SETTLING")
    sides = {order["side"] for order in moved.screen()["orders"]["nodes"]}
    assert sides == {"BUY", "SELL"}
    assert run["why"] == "BAND"

    market.close()
    market.open()
    sweeps.run()
    run = sweeps.until(moved, "COMPLETED")
    assert len(run["plan_ids"].split()) == 2
    assert drift_of(moved) < Decimal("0.01") < before
    assert_books_agree(moved)

    assert sweeps.runs_of(stays) == []
    assert len(stays.screen()["orders"]["nodes"]) == orders_before
    assert_books_agree(stays)
