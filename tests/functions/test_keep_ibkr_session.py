"""keep_ibkr_session: one session, and fills that reach the handler of all brokers' events."""

import json
from dataclasses import replace

import pytest

from shared.investing.brokers.ibkr_session import SessionState, SessionStore
from shared.investing.brokers.ibkr_watch import WatchStore
from shared.investing.ports import Ticket
from shared.kernel.clock import FixedClock
from shared.kernel.money import Currency, Money
from shared.platform.memory import MemoryDatabase
from shared.platform.queues import CheckMessage, Checks, MemoryQueue
from shared.platform.secrets import MemorySecrets
from tests.functions.investing_workers import NOW, SECRETS

LIVE = {"authenticated": True, "connected": True, "competing": False}
ORDER = {
    "acct": "U1234567",
    "order_ref": "t1.01A.01B",
    "orderId": 7,
    "ticker": "USMV",
    "side": "BUY",
    "status": "Filled",
    "filledQuantity": "1.5",
    "totalSize": "1.5",
}
TRADE = {
    "execution_id": "e1",
    "order_ref": "t1.01A.01B",
    "account": "U1234567",
    "symbol": "USMV",
    "side": "B",
    "size": "1.5",
    "price": "71.01",
    "commission": "0.00",
    "trade_time_r": 1_772_465_400_123,
}


class Wire:
    calls = []

    def __init__(self, base_url, token):
        assert (base_url, token) == ("http://127.0.0.1:9/ibkr", "t")

    def post(self, path, body):
        self.calls.append(path)
        return {"iserver": {"authStatus": LIVE}}

    def get(self, path, **parameters):
        self.calls.append(path)
        if path == "/iserver/account/orders":
            return {"snapshot": True, "orders": [ORDER]}
        return [TRADE]


@pytest.fixture
def keep(investing_worker, monkeypatch):
    handler = investing_worker("keep_ibkr_session")
    database, clock = MemoryDatabase(), FixedClock(NOW)
    fresh = replace(handler.platform, database=database, clock=clock)
    monkeypatch.setattr(handler, "platform", fresh)
    monkeypatch.setattr(handler, "secrets", SECRETS)
    monkeypatch.setattr(handler, "events", events := MemoryQueue())
    monkeypatch.setattr(handler, "checks", Checks(checks := MemoryQueue()))
    monkeypatch.setattr(Wire, "calls", [])
    monkeypatch.setattr(handler, "wire_of", Wire)
    return handler, database, clock, events, checks


def test_a_tick_keeps_the_session_and_hands_the_end_of_an_order_on(keep) -> None:
    handler, database, clock, events, checks = keep
    watches = WatchStore(database, clock)
    watches.begin(Ticket("U1234567", "t1.01A.01B", "USMV", Money(10_000, Currency.USD)))
    handler.handle(CheckMessage("session", {}))
    session = SessionStore(database, clock, lambda: "reader").read()
    assert (session.state, session.checked_at) == (SessionState.LIVE, NOW)
    sent = [json.loads(message.body) for message, _ in events.sent]
    assert [one["type"] for one in sent] == ["ibkr_trade_updates"] * 2
    assert [one["data"]["execution"] is None for one in sent] == [False, True]
    assert sent[1]["data"]["ending"]["filled_nanos"] == 1_500_000_000
    assert (watches.open(), checks.sent) == ([], [])


def test_after_orders_were_sent_there_are_four_looks(keep) -> None:
    handler, _, _, events, checks = keep
    handler.handle(CheckMessage("fills", {}))
    while len(checks.sent) < 3:
        handler.handle(checks.sent[-1][0])
    handler.handle(checks.sent[-1][0])
    assert [delay for _, delay in checks.sent] == [5, 15, 60]
    assert (events.sent, Wire.calls) == ([], [])


def test_a_stage_without_this_broker_calls_nobody(keep, monkeypatch) -> None:
    handler, database, clock, _, checks = keep
    monkeypatch.setattr(handler, "secrets", MemorySecrets({"ibkr": {"token": ""}}))
    handler.handle(CheckMessage("session", {}))
    handler.handle(CheckMessage("fills", {}))
    assert (Wire.calls, checks.sent) == ([], [])
    assert SessionStore(database, clock, lambda: "reader").read() is None


def test_other_messages_are_not_taken(keep) -> None:
    with pytest.raises(TypeError):
        keep[0].handle(CheckMessage("poll", {}))
