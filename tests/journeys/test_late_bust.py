"""A trade is taken back by the exchange after it has settled: shares go, and their money comes."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.market_data.calendar import settlement_day
from tests.journeys.money_books import cash_of
from tests.journeys.test_execution_faults import fills, paid_in
from tests.journeys.test_market_hours import Market, market
from tools.journey.client import wait_for
from tools.journey.person import Person

__all__ = ["market"]
pytestmark = pytest.mark.journey


def held(person: Person, symbol: str) -> Decimal:
    """Shares of it on the screen."""
    holdings = person.screen()["portfolio"]["holdings"]
    found = [one["quantity"] for one in holdings if one["asset"]["symbol"] == symbol]
    return Decimal(found[0]) if found else Decimal(0)


def test_a_buy_that_has_settled_is_busted_and_its_money_is_free_again(
    trader: Person,
    sandbox: Any,
    market: Market,
    assert_books_agree: Callable[[Person], Any],
) -> None:
    trader.wait_until_invested([paid_in(trader, "240.00")])
    busted = fills(sandbox, trader)[0]
    traded = date.fromisoformat(busted["transaction_time"][:10])
    market.close()
    market.open()
    today = datetime.fromisoformat(market.hours()["timestamp"]).date()
    assert settlement_day(traded) <= today

    symbol, quantity = busted["symbol"], Decimal(busted["qty"])
    shares, cash = held(trader, symbol), cash_of(trader)["available"]
    trade = f"{sandbox.url}/_control/alpaca/trades/{busted['execution_id']}"
    sandbox.http.post(f"{trade}/bust").raise_for_status()
    wait_for("the shares' going", lambda: held(trader, symbol) == shares - quantity, seconds=30)
    back = cash_of(trader)["available"] - cash
    assert abs(back - Decimal(busted["price"]) * quantity) <= Decimal("0.01")
    reversed_ = [entry for entry in trader.journal() if entry["kind"] == "TRADE_REVERSED"]
    assert sum(symbol in str(entry["postings"]) for entry in reversed_) == 1
    assert_books_agree(trader)
    # Nothing came of taking it back a second time.
    again = sandbox.http.post(f"{trade}/bust")
    assert again.status_code == 409
