"""After a month's end the schedule's own message charges everybody once, and a repeat nothing."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.management_fees.model import charge_id_of
from shared.market_data.calendar import next_session
from shared.platform.queues import CheckMessage, encode
from tests.journeys.test_market_hours import Market, forget_prices, market
from tools.journey import operations as op
from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.stack import Endpoints

__all__ = ["market"]
pytestmark = pytest.mark.journey


class Fees:
    """The schedule of the fees, and what a person sees of them."""

    def __init__(self, aws: Callable[[str], Any], market: Market) -> None:
        self._sqs = aws("sqs")
        self._url = self._sqs.get_queue_url(QueueName="baobab-local-fees")["QueueUrl"]
        self._market = market

    def next_month(self) -> date:
        """On to the first session of the next month; the last day of the one that is over.

        The exchange of the sandbox is behind the system's time, by which money was paid in.
        """
        now = max(datetime.fromisoformat(self._market.hours()["timestamp"]), datetime.now(UTC))
        last = (now.date().replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        self._market._move(next_session(last).open.isoformat())
        return last

    def tick(self) -> None:
        """As the schedule does it."""
        self._send("management_fees", {})

    def again(self, person: Person, last: date) -> None:
        """The message of one person, delivered once more."""
        self._send("fee_month", {"user_id": person.user_id, "last": last.isoformat()})

    def _send(self, check: str, subject: dict[str, str]) -> None:
        self._sqs.send_message(QueueUrl=self._url, MessageBody=encode(CheckMessage(check, subject)))

    def idle(self) -> None:
        """Until nothing is left in the queue, nor being worked at."""
        names = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ]

        def empty() -> bool:
            found = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)
            return not any(int(each) for each in found["Attributes"].values())

        wait_for("an empty queue", empty, seconds=90)


@pytest.fixture(autouse=True)
def prices_of_another_season(
    endpoints: Endpoints, aws: Callable[[str], Any], market: Market
) -> Iterator[None]:
    """Those who come after find prices that count, though this moved the clock by months."""
    yield
    forget_prices(endpoints, aws("dynamodb"))
    market.refresh()


def fees_of(person: Person) -> Any:
    return person.client.graphql(op.MANAGEMENT_FEES)["managementFees"]


def test_a_month_is_charged_once_by_the_schedules_own_message(
    investor: Callable[..., Person],
    market: Market,
    sandbox: Any,
    aws: Callable[[str], Any],
    assert_books_agree: Callable[[Person], Any],
) -> None:
    person, fees = investor(), Fees(aws, market)
    deposit = person.create_deposit("STRIPE", "2000.00")
    person.pay_by_card(deposit).raise_for_status()
    person.wait_until_invested([deposit["depositId"]])
    before = fees_of(person)
    assert (before["charged"]["amount"], before["charges"]["nodes"]) == ("0.00", [])

    last = fees.next_month()
    fees.tick()
    wait_for(
        "the fee",
        lambda: [one for one in fees_of(person)["charges"]["nodes"] if one["status"] == "CHARGED"],
        seconds=90,
    )
    (fee,) = fees_of(person)["charges"]["nodes"]
    assert (fee["last"], fee["annualRate"], fee["closing"]) == (last.isoformat(), "0.0025", False)
    amount = Decimal(fee["amount"]["amount"])
    # Of about two thousand dollars for each day; what they were invested in has moved since.
    usual = 2000 * (fee["days"] - fee["waivedDays"]) * Decimal("0.0025") / 365
    assert usual / 2 < amount + Decimal("0.01")
    assert amount < 2 * usual
    assert amount > 0

    fees.tick()
    fees.again(person, last)
    fees.idle()
    after = fees_of(person)
    assert after["charges"]["nodes"] == [fee]
    assert after["charged"]["amount"] == fee["amount"]["amount"]
    booked = [one for one in person.journal() if one["kind"] == "MANAGEMENT_FEE"]
    assert len(booked) == 1
    charge = charge_id_of(person.user_id, last)
    assert booked[0]["reference"] == charge

    screen = assert_books_agree(person)
    portfolio = screen["portfolio"]
    assert portfolio["netDeposits"]["amount"] == "2000.00"
    made = sandbox.http.get(
        f"{sandbox.url}/alpaca/v1/journals", auth=("sandbox-key", "sandbox-secret")
    ).json()
    mine = [one for one in made if str(one.get("description", "")).endswith(charge)]
    assert [(one["status"], Decimal(one["net_amount"])) for one in mine] == [("executed", amount)]
