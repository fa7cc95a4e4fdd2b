"""Orders at Interactive Brokers that are in no list any more, and those that it gave up."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shared.investing.brokers.ibkr_events import ending_of
from shared.investing.brokers.ibkr_watch import OVER, Watcher, WatchStore
from shared.investing.model import Ending, OrderStatus
from shared.investing.ports import Ticket
from shared.kernel.clock import FixedClock
from shared.kernel.money import Currency, Money
from shared.platform.memory import MemoryDatabase

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
ACCOUNT, NAME = "DU1000001", "t1.01A.01B"


class Session:
    """Live, and ours alone."""

    def live(self):
        return True

    def turn(self):
        return nullcontext(True)


class Wire:
    """A gateway with no order in its list, and a list of trades."""

    def __init__(self):
        self.trades = []

    def get(self, path, **parameters):
        if path == "/iserver/account/orders":
            return {"orders": [], "snapshot": True}
        assert path == "/iserver/account/trades"
        return self.trades

    def post(self, path, body):
        assert (path, body) == ("/iserver/account", {"acctId": ACCOUNT})


@pytest.fixture
def looking():
    clock, database, wire, told = FixedClock(NOW), MemoryDatabase(), Wire(), []
    watches = WatchStore(database, clock)
    ticket = Ticket(ACCOUNT, NAME, "USMV", Money(10_000, Currency.USD))
    watches.begin(ticket)
    watches.taken(ticket, "1799796559")
    return clock, wire, told, Watcher(wire, Session(), watches, told.append, clock)


def trade(size):
    return {
        "execution_id": f"x-{size}",
        "order_ref": NAME,
        "account": ACCOUNT,
        "symbol": "USMV",
        "side": "B",
        "size": Decimal(size),
        "price": "70.01",
        "trade_time_r": int(NOW.timestamp() * 1000),
        "commission": "0",
    }


@pytest.mark.parametrize("sizes", [[], ["0.5"], ["0.5", "0.25"]])
def test_an_order_of_an_earlier_day_has_expired_with_what_its_trades_say(looking, sizes) -> None:
    clock, wire, told, watcher = looking
    wire.trades = [trade(size) for size in sizes]
    clock.advance(OVER)
    assert watcher.look() == 1
    assert [one.ending for one in told] == [None] * len(sizes)
    told.clear()
    clock.advance(timedelta(seconds=1))
    assert watcher.look() == 0
    filled = sum(int(Decimal(size) * 10**9) for size in sizes)
    assert [one.execution.nanos for one in told if one.execution] == [
        int(Decimal(size) * 10**9) for size in sizes
    ]
    assert told[-1].ending == Ending(OrderStatus.EXPIRED, filled, "EXPIRED")
    assert watcher.look() == 0


@pytest.mark.parametrize(
    ("status", "filled", "ending"),
    [
        ("Filled", 5, Ending(OrderStatus.FILLED, 5)),
        ("Cancelled", 0, Ending(OrderStatus.CANCELED, 0, "CANCELED_BY_BROKER")),
        ("Cancelled", 5, Ending(OrderStatus.CANCELED, 5, "CANCELED_BY_BROKER")),
        ("Inactive", 0, Ending(OrderStatus.REJECTED, 0, "REJECTED_BY_BROKER")),
        ("Inactive", 5, Ending(OrderStatus.CANCELED, 5, "CANCELED_BY_BROKER")),
        ("PendingCancel", 5, None),
        ("Submitted", 5, None),
        ("PreSubmitted", 0, None),
    ],
)
def test_statuses_of_the_gateway_and_what_they_end(status, filled, ending) -> None:
    assert ending_of(status, filled) == ending
