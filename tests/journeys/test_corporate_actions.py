"""A split and a dividend: from what the broker announces and books to shares, cash and feed."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.kernel.clock import from_text
from shared.market_data.store import quote_key
from tests.journeys.schedules import ports_of
from tests.journeys.test_market_hours import AFTER, follow
from tools.journey.client import wait_for
from tools.journey.person import Person
from tools.stack import Endpoints
from tools.stack.wiring import scheduled_work

pytestmark = pytest.mark.journey

BROKER = ("sandbox-key", "sandbox-secret")
CONTROL = "/_control/alpaca/corporate-actions"
RATE = Decimal(10)
ACTIONS = """query { viewer { corporateActions { nodes {
  kind symbol status entitledQuantity quantityAfter
  expected { amount } paid { amount } withheld { amount } } } } }"""
MOVEMENTS = """query { viewer { transactions(first: 50) { nodes {
  type status symbol amount { amount } } } } }"""


class Stage:
    """The exchange's hours, and the work that schedules would do."""

    def __init__(self, sandbox: Any, endpoints: Endpoints, aws: Callable[[str], Any]) -> None:
        self.sandbox, self.endpoints, self.aws = sandbox, endpoints, aws
        self.ports = ports_of(endpoints)

    def hours(self) -> Any:
        return self.sandbox.http.get(f"{self.sandbox.url}/alpaca/v1/clock", auth=BROKER).json()

    def move(self, bell: str) -> datetime:
        """Half an hour past the next bell of this name, which rang then."""
        rings = datetime.fromisoformat(self.hours()[bell])
        moment = rings + AFTER
        self.sandbox.post("/_control/clock", {"now": moment.isoformat()})
        follow(self.endpoints, self.ports, moment)
        return rings

    def run(self, function: str) -> None:
        """What its schedule does."""
        name = f"baobab-local-{function}"
        event = json.dumps(scheduled_work(name, self.ports)).encode()
        answer = self.aws("lambda").invoke(FunctionName=name, Payload=event)
        assert "FunctionError" not in answer, answer["Payload"].read()

    def price(self, symbol: str, since: datetime) -> Decimal | None:
        """The last one that the platform believes, if it was made since then."""
        key = {name: {"S": getattr(quote_key(symbol), name)} for name in ("pk", "sk")}
        table = self.endpoints.outputs["MarketTable"]
        row = self.aws("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True)
        made = from_text(row["Item"]["as_of"]["S"])
        return Decimal(row["Item"]["price"]["S"]) if made >= since else None

    def announce(self, **said: str) -> str:
        return str(self.sandbox.post(CONTROL, said)["id"])


@pytest.fixture
def stage(sandbox: Any, endpoints: Endpoints, aws: Callable[[str], Any]) -> Iterator[Stage]:
    """Open before the test and after it, at prices and announcements as they were."""
    made = Stage(sandbox, endpoints, aws)
    if not made.hours()["is_open"]:
        made.move("next_open")
    yield made
    if not made.hours()["is_open"]:
        made.move("next_open")


def actions_of(person: Person) -> dict[str, Any]:
    """A person's actions by kind."""
    found = person.client.graphql(ACTIONS)["corporateActions"]["nodes"]
    return {one["kind"]: one for one in found}


def held(person: Person, symbol: str) -> Decimal:
    holdings = person.screen()["portfolio"]["holdings"]
    return sum(
        (Decimal(one["quantity"]) for one in holdings if one["asset"]["symbol"] == symbol),
        Decimal(0),
    )


def worth(person: Person, symbol: str) -> Decimal:
    (one,) = [
        each
        for each in person.screen()["portfolio"]["holdings"]
        if each["asset"]["symbol"] == symbol
    ]
    return Decimal(one["value"]["amount"])


def wait_for_worth(person: Person, symbol: str, expected: Decimal) -> Decimal:
    """What the person is shown, once it is that to the cent: screens keep prices for seconds."""

    def near() -> Decimal | None:
        found = worth(person, symbol)
        return found if abs(found - expected) <= Decimal("0.01") else None

    return wait_for(f"{symbol} worth {expected}", near, seconds=60)


def test_a_split_and_a_dividend_with_its_tax_reach_shares_cash_and_feed(
    investor: Callable[..., Person],
    stage: Stage,
    assert_books_agree: Callable[[Person], Any],
) -> None:
    person = investor()
    deposit = person.create_deposit("STRIPE", "900.00")
    person.pay_by_card(deposit).raise_for_status()
    person.wait_until_invested([deposit["depositId"]])
    symbols = sorted(one["asset"]["symbol"] for one in person.screen()["portfolio"]["holdings"])
    paying, splitting = symbols[1], symbols[2]
    shares, before = held(person, paying), held(person, splitting)

    ex_date = stage.hours()["next_open"][:10]
    split = stage.announce(
        kind="forward_split", symbol=splitting, ex_date=ex_date, old_rate="1", new_rate="2"
    )
    dividend = stage.announce(
        kind="cash_dividend",
        symbol=paying,
        ex_date=ex_date,
        record_date=ex_date,
        payable_date=ex_date,
        rate=str(RATE),
    )
    stage.run("collect-history")
    bell = stage.move("next_close")
    close = wait_for("the close", lambda: stage.price(splitting, bell), seconds=30)
    shown = wait_for_worth(person, splitting, before * close)

    # The evening before: the broker splits, and entitles whoever holds.
    for one in (split, dividend):
        stage.sandbox.post(f"{CONTROL}/{one}/ex", {})
    stage.run("process-corporate-actions")
    wait_for("the split", lambda: held(person, splitting) == 2 * before, seconds=60)
    declared = wait_for("the claim", lambda: actions_of(person).get("CASH_DIVIDEND"), seconds=60)
    expected = (shares * RATE).quantize(Decimal("0.01"), rounding="ROUND_DOWN")
    assert declared["status"] == "DECLARED"
    assert Decimal(declared["expected"]["amount"]) == expected
    applied = actions_of(person)["FORWARD_SPLIT"]
    assert (Decimal(applied["entitledQuantity"]), Decimal(applied["quantityAfter"])) == (
        before,
        2 * before,
    )

    # The last price is divided when the shares of everybody are split.
    def divided() -> bool:
        # The schedules do both, time and again: others whose orders are open come one tick later.
        stage.run("process-corporate-actions")
        stage.run("refresh-market")
        return stage.price(splitting, bell) == close / 2

    wait_for("the price of the new shares", divided, seconds=60, every=2_100)
    assert wait_for_worth(person, splitting, 2 * before * (close / 2)) == shown
    assert_books_agree(person)

    # The day itself: cash with the tax on a line of its own, and the rest is invested.
    stage.move("next_open")
    stage.sandbox.post(f"{CONTROL}/{dividend}/pay", {"withheld_percent": "30"})
    paid = wait_for(
        "the dividend and its tax",
        lambda: (one := actions_of(person)["CASH_DIVIDEND"])["withheld"] and one["paid"] and one,
        seconds=60,
    )
    gross, tax = Decimal(paid["paid"]["amount"]), Decimal(paid["withheld"]["amount"])
    assert abs(gross - expected) <= Decimal("0.01")
    assert abs(tax - gross * Decimal("0.3")) <= Decimal("0.01")
    movements = person.client.graphql(MOVEMENTS)["transactions"]["nodes"]
    (fed,) = [one for one in movements if one["type"] == "DIVIDEND"]
    assert (fed["status"], fed["symbol"]) == ("COMPLETED", paying)
    assert Decimal(fed["amount"]["amount"]) == gross - tax
    kinds = [entry["kind"] for entry in person.journal()]
    for kind in ("SPLIT", "DIVIDEND_DECLARED", "DIVIDEND_PAID", "TAX_WITHHELD"):
        assert kinds.count(kind) == 1

    def reinvested() -> bool:
        orders = person.screen()["orders"]["nodes"]
        later = [one for one in orders if one["why"]["depositId"] != deposit["depositId"]]
        return bool(later) and all(one["status"] == "FILLED" for one in later)

    wait_for("the reinvestment", reinvested, seconds=60)
    assert_books_agree(person)
