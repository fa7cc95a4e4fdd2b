"""What every broker says of an account, over real HTTP against its sandbox."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from shared.investing.brokers.alpaca_custody import AlpacaCustody
from shared.investing.brokers.custodians import Custodians
from shared.investing.brokers.ibkr_custody import IbkrCustody
from shared.investing.errors import AccountUnreadable, BrokerUnavailable
from shared.investing.model import Side
from shared.investing.ports import Accepted, CashHeld, Ticket
from shared.kernel.clock import SystemClock
from shared.kernel.money import NANOS_PER_SHARE, Currency, Money, Quantity
from shared.market_data.providers.alpaca import AlpacaWire
from shared.platform.circuits import StoredCircuits
from shared.platform.memory import MemoryDatabase

ALPACA = pytest.mark.parametrize("bench", ["alpaca"], indirect=True)
"""What this broker alone can do."""
IBKR = pytest.mark.parametrize("bench", ["ibkr"], indirect=True)


@pytest.fixture
def custody(bench, request):
    """The broker's side of the bench's account."""
    if bench.name == "alpaca":
        return AlpacaCustody(request.getfixturevalue("alpaca")[1])
    parts = request.getfixturevalue("ibkr")
    return IbkrCustody(parts.wire, parts.sessions)


@pytest.fixture
def trade(bench, eventually):
    """Places an order and waits until it has ended."""

    def make(name, **size):
        ticket = Ticket(bench.account, name, "USMV", **size)
        assert isinstance(bench.broker.submit(ticket), Accepted)
        eventually(lambda: any(one.ending for one in bench.events() if one.client_order_id == name))

    return make


def market_now(bench):
    """The time that the broker's history goes by."""
    return datetime.fromisoformat(bench.vendors.get("/alpaca/v1/clock").json()["timestamp"])


def test_an_account_that_nothing_was_bought_in_holds_its_cash_alone(bench, custody) -> None:
    assert custody.positions(bench.account) == {}
    assert custody.cash(bench.account) == CashHeld(Decimal(1000), Decimal(1000), borrows=False)


def test_an_account_that_may_borrow_is_told_apart(bench, custody) -> None:
    bench.knobs(margin=True)
    assert custody.cash(bench.account) == CashHeld(Decimal(1000), Decimal(1000), borrows=True)


def test_shares_and_cash_are_exact_after_a_trade(bench, custody, trade) -> None:
    trade("t1.01A.01B", amount=Money(33_340, Currency.USD))
    held = bench.positions()["USMV"]
    assert custody.positions(bench.account) == {"USMV": int(held * NANOS_PER_SHARE)}
    assert custody.cash(bench.account).total == bench.cash()
    assert 666 < bench.cash() < 667


def test_what_a_sale_brought_is_not_settled_cash(bench, custody, trade) -> None:
    trade("t1.01A.01B", amount=Money(33_340, Currency.USD))
    before = custody.cash(bench.account)
    assert before.total == before.settled
    trade("t1.01A.01C", side=Side.SELL, quantity=Quantity(NANOS_PER_SHARE))
    after = custody.cash(bench.account)
    assert after.settled == before.settled
    assert after.total > before.total


def test_a_broker_that_cannot_be_asked_is_unavailable(bench, custody) -> None:
    bench.fault("*", "error", times=3, status=503)
    with pytest.raises(BrokerUnavailable):
        custody.positions(bench.account)


def test_an_account_that_the_broker_does_not_know_is_unreadable_and_no_failure_of_the_broker(
    bench, custody
) -> None:
    strange = bench.account[:-4] + "0000"
    circuits = StoredCircuits(MemoryDatabase(), SystemClock())
    all_of_them = Custodians(circuits, **{bench.name: lambda: custody})
    for _ in range(6):
        with pytest.raises(AccountUnreadable):
            all_of_them.cash(strange)
    assert all_of_them.cash(bench.account).total == 1000


def test_silence_opens_the_breaker_and_then_nobody_is_asked(bench, custody) -> None:
    asked = []

    class Counting:
        def positions(self, account_id):
            asked.append(account_id)
            raise BrokerUnavailable

    circuits = StoredCircuits(MemoryDatabase(), SystemClock())
    all_of_them = Custodians(circuits, **{bench.name: Counting})
    for _ in range(8):
        with pytest.raises(BrokerUnavailable):
            all_of_them.positions(bench.account)
    assert asked == [bench.account] * 5


@IBKR
def test_a_broker_that_lists_no_history_says_so(bench, custody) -> None:
    assert custody.history(bench.account, SystemClock().now()) is None


@ALPACA
def test_the_history_says_what_moved_in_shares_and_money(bench, custody, trade) -> None:
    hour_ago = market_now(bench) - timedelta(hours=1)
    trade("t1.01A.01B", amount=Money(33_340, Currency.USD))
    trade("t1.01A.01C", side=Side.SELL, quantity=Quantity(NANOS_PER_SHARE))
    paid, bought, sold = custody.history(bench.account, hour_ago)
    assert (paid.cash, paid.nanos, paid.symbol, paid.order_id) == (1000, 0, "", "")
    assert (bought.symbol, sold.symbol, sold.nanos) == ("USMV", "USMV", -NANOS_PER_SHARE)
    assert bought.nanos - NANOS_PER_SHARE == custody.positions(bench.account)["USMV"]
    assert paid.cash + bought.cash + sold.cash == bench.cash()
    assert len({paid.id, bought.id, sold.id, bought.order_id, sold.order_id}) == 5


@ALPACA
def test_a_long_history_is_read_page_by_page(bench, custody, monkeypatch) -> None:
    monkeypatch.setattr("shared.investing.brokers.alpaca_custody.PAGE", 2)
    for _ in range(4):
        body = {"account_id": bench.account, "cash": "1.00"}
        planted = bench.vendors.post("/_control/alpaca/breaks", json=body | {"listed": True})
        planted.raise_for_status()
    found = custody.history(bench.account, market_now(bench) - timedelta(hours=1))
    assert [one.cash for one in found] == [1000, 1, 1, 1, 1]
    assert len({one.id for one in found}) == 5


@ALPACA
def test_addresses_of_alpaca_are_asked_without_following_others(bench) -> None:
    nobody = AlpacaCustody(AlpacaWire("http://127.0.0.1:9", "key", "secret"))
    with pytest.raises(BrokerUnavailable):
        nobody.cash(bench.account)
