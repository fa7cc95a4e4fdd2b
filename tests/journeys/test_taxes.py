"""Settings about taxes choose the lots of a real sale, whose report shows a wash sale."""

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.journeys.test_market_hours import Market, market
from tests.journeys.test_money_withdrawals import phone
from tools.journey import operations as op
from tools.journey.client import Refused, wait_for
from tools.journey.person import Person
from tools.journey.purse import Purse

__all__ = ["market", "phone"]
pytestmark = pytest.mark.journey

SETTINGS = """query { taxSettings { version lotMethod shortTermBp longTermBp chosenLotMethod
  washSaleDays country } }"""
MONEY = "{ amount }"
GAINS = f"""query($year: Int!) {{ realisedGains(year: $year, first: 50) {{
  ... on RealisedGains {{ year csv unitemised {MONEY}
    total {{ proceeds {MONEY} cost {MONEY} gain {MONEY} disallowed {MONEY} taxable {MONEY} }}
    lines {{ nodes {{ kind symbol acquired sold term quantity proceeds {MONEY} cost {MONEY}
      gain {MONEY} adjustedBasis {MONEY} disallowed {MONEY} taxable {MONEY} }} }} }}
  ... on UserError {{ code message }} }} }}"""


def bought(person: Person, dollars: str) -> None:
    deposit = person.create_deposit("STRIPE", dollars)
    person.pay_by_card(deposit).raise_for_status()
    person.wait_until_invested([deposit["depositId"]])


def expected(person: Person, amount: str) -> list[Any]:
    """The sales that a withdrawal would cause."""
    seen = person.client.graphql(op.WITHDRAWAL_SALES, amount=amount)
    return [one for one in seen["orders"] if one["side"] == "SELL"]


def gain_of(sales: list[Any]) -> Decimal:
    terms = ("shortTerm", "longTerm")
    return sum((usd(one["gain"][term]) for one in sales for term in terms), Decimal())


def usd(money: Any) -> Decimal:
    return Decimal(money["amount"])


def test_a_choice_of_lots_is_what_is_sold_and_a_wash_sale_is_in_the_report(
    investor: Callable[..., Person],
    veteran: Person,
    phone: str,
    market: Market,
    assert_books_agree: Callable[[Person], Any],
) -> None:
    person = investor(taxCountry="USA")
    person.add_second_factor()
    person.sign_in()
    settings = person.client.graphql(SETTINGS)
    assert settings == {
        "version": 0,
        "lotMethod": "FIFO",
        "shortTermBp": 3700,
        "longTermBp": 2000,
        "chosenLotMethod": None,
        "washSaleDays": 30,
        "country": "USA",
    }
    bought(person, "600.00")
    # On another day at other prices.
    market.close()
    market.open()
    bought(person, "600.00")
    oldest = expected(person, "300.00")

    wish = {"version": 0, "lotMethod": "HIFO", "shortTermBp": 3000}
    changed = person.client.graphql(op.UPDATE_TAX_SETTINGS, input=wish)["settings"]
    assert (changed["version"], changed["lotMethod"], changed["shortTermBp"]) == (1, "HIFO", 3000)
    with pytest.raises(Refused) as stale:
        person.client.graphql(op.UPDATE_TAX_SETTINGS, input={"version": 0, "lotMethod": "LIFO"})
    assert stale.value.code == "TAX_SETTINGS_CHANGED"
    dearest = expected(person, "300.00")
    assert gain_of(dearest) < gain_of(oldest)
    # All of it was bought these days: what stays replaces what is sold at a loss.
    washed = {one["symbol"]: usd(one["gain"]["washSale"]) for one in dearest}
    assert sum(washed.values()) > 0
    losses = {one["symbol"] for one in dearest if usd(one["gain"]["shortTerm"]) < 0}
    assert {symbol for symbol, minor in washed.items() if minor} == losses
    assert all(usd(one["gain"]["tax"]) >= 0 for one in dearest)

    purse = Purse(person)
    account = purse.add_phone(f"+{phone}")["payoutAccountId"]
    asked = purse.withdraw(account, "300.00")

    def sold() -> Any:
        now = purse.withdrawal(asked["payoutId"])
        return now if now["nextAction"] == "SETTLEMENT" else None

    wait_for("the sale", sold, seconds=60)
    year = int(market.hours()["timestamp"][:4])
    report = person.client.graphql(GAINS, year=year)
    lines = report["lines"]["nodes"]
    assert {line["symbol"] for line in lines} == set(washed)
    assert {(line["kind"], line["term"]) for line in lines} == {("SALE", "SHORT")}
    assert all(line["acquired"] <= line["sold"] for line in lines)
    for name in ("proceeds", "cost", "gain", "disallowed", "taxable"):
        assert sum(usd(line[name]) for line in lines) == usd(report["total"][name])
    filled = [one for one in person.screen()["orders"]["nodes"] if one["side"] == "SELL"]
    assert usd(report["total"]["proceeds"]) == sum(usd(one["filledAmount"]) for one in filled)
    assert usd(report["total"]["disallowed"]) > 0
    losing = [line for line in lines if usd(line["gain"]) < 0]
    assert all(usd(line["disallowed"]) == -usd(line["gain"]) for line in losing)
    assert all(usd(line["taxable"]) == 0 for line in losing)
    assert usd(report["unitemised"]) == 0
    table = list(csv.DictReader(io.StringIO(report["csv"])))
    assert sorted(row["proceeds"] for row in table) == sorted(
        line["proceeds"]["amount"] for line in lines
    )
    assert_books_agree(person)

    other = veteran.client.graphql(SETTINGS)
    assert (other["version"], other["lotMethod"], other["country"]) == (0, "FIFO", None)
    seen = {
        (line["sold"], line["proceeds"]["amount"], line["quantity"])
        for line in veteran.client.graphql(GAINS, year=year)["lines"]["nodes"]
    }
    mine = {(line["sold"], line["proceeds"]["amount"], line["quantity"]) for line in lines}
    assert not seen & mine
