"""apply_broker_event and poll_broker_events: news of the broker by push and by window."""

import json
from datetime import timedelta

import pytest

from shared.breakers.pulses import Pulses
from shared.investing.brokers.alpaca_events import execution_key
from shared.investing.errors import (
    BrokerEventMalformed,
    BrokerEventUnsupported,
    BrokerUnavailable,
)
from shared.investing.polling import Topic
from shared.kernel.clock import FixedClock, to_text
from shared.platform.circuits import CircuitState, StoredCircuits
from shared.platform.memory import MemoryDatabase
from shared.platform.queues import (
    CheckMessage,
    Checks,
    MemoryQueue,
    WebhookMessage,
)
from tests.functions.investing_workers import NOW, batch


@pytest.fixture
def apply(investing_worker, monkeypatch):
    handler = investing_worker("apply_broker_event")
    accounts, funding, recalls = MemoryQueue(), MemoryQueue(), MemoryQueue()
    monkeypatch.setattr(handler, "accounts", accounts)
    monkeypatch.setattr(handler, "of_journals", (funding, recalls))
    booked = []

    class Booker:
        def apply(self, event):
            booked.append(event)

    monkeypatch.setattr(handler, "booker", Booker())
    return handler, booked, accounts, (funding, recalls)


def pushed(kind, data):
    return WebhookMessage("broker", json.dumps({"type": kind, "data": data}).encode(), NOW)


TRADE = {
    "account_id": "a",
    "at": "2026-03-02T15:04:05Z",
    "event": "partial_fill",
    "event_id": "e",
    "execution_id": "x",
    "price": "10.5",
    "qty": "0.5",
    "order": {"id": "o", "client_order_id": "c", "symbol": "QUAL", "side": "buy"},
}


def test_a_trade_is_booked(apply) -> None:
    handler, booked, accounts, of_journals = apply
    assert handler.handler(batch(pushed("trade_updates", TRADE)), None) == {"batchItemFailures": []}
    assert [one.execution.key for one in booked] == [execution_key("x")]
    assert [queue.sent for queue in (accounts, *of_journals)] == [[], [], []]


def test_journals_and_accounts_are_passed_on_as_they_came(apply) -> None:
    handler, booked, accounts, of_journals = apply
    journal = pushed("journal_status", {"journal_id": "j"})
    account = pushed("account_status", {"account_id": "a"})
    handler.handle(journal)
    handler.handle(account)
    assert [queue.sent for queue in of_journals] == [[(journal, 0)], [(journal, 0)]]
    assert accounts.sent == [(account, 0)]
    assert booked == []


DIVIDEND = {
    "id": "n",
    "account_id": "a",
    "at": "2024-12-02T05:09:50.214Z",
    "entry_type": "DIV",
    "symbol": "QUAL",
    "qty": 0,
    "net_amount": 0.78,
    "settle_date": "2024-11-29",
    "status": "executed",
}


def test_lines_about_shares_are_passed_on_and_others_are_told_elsewhere(apply, monkeypatch) -> None:
    handler, booked, accounts, _ = apply
    activities = MemoryQueue()
    monkeypatch.setattr(handler, "activities", activities)
    dividend = pushed("account_activity", DIVIDEND)
    handler.handle(dividend)
    handler.handle(pushed("account_activity", DIVIDEND | {"entry_type": "JNLC"}))
    assert activities.sent == [(dividend, 0)]
    assert (booked, accounts.sent) == ([], [])
    with pytest.raises(BrokerEventMalformed):
        handler.handle(pushed("account_activity", DIVIDEND | {"symbol": None}))


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (pushed("weather", {}), BrokerEventMalformed),
        (pushed("trade_updates", []), BrokerEventMalformed),
        (pushed("trade_updates", {}), BrokerEventMalformed),
        (pushed("trade_updates", TRADE | {"event": "trade_swap"}), BrokerEventUnsupported),
        (WebhookMessage("broker", b"{", NOW), BrokerEventMalformed),
        (WebhookMessage("stripe", b"{}", NOW), TypeError),
        (CheckMessage("poll", {}), TypeError),
    ],
)
def test_what_cannot_be_booked_is_not_swallowed(apply, message, error) -> None:
    handler, booked, accounts, of_journals = apply
    with pytest.raises(error):
        handler.handle(message)
    assert booked == []
    assert [queue.sent for queue in (accounts, *of_journals)] == [[], [], []]


@pytest.fixture
def poll(investing_worker, monkeypatch):
    handler = investing_worker("poll_broker_events")
    events, again = MemoryQueue(), MemoryQueue()
    monkeypatch.setattr(handler, "events", events)
    monkeypatch.setattr(handler, "checks", Checks(again))

    class Poller:
        caught_up, seen, rest, down = True, [], None, False

        def poll(self):
            self.seen.append("poll")
            if self.down:
                raise BrokerUnavailable()
            return self.caught_up

        def repeat(self, since):
            self.seen.append(since)
            return self.rest

    poller = Poller()
    poller.seen = []
    monkeypatch.setattr(handler, "poller", lambda: poller)
    clock = FixedClock(NOW)
    monkeypatch.setattr(handler, "circuits", StoredCircuits(MemoryDatabase(), clock))
    poller.clock = clock
    return handler, poller, events, again


def test_events_are_forwarded_in_the_form_of_a_push(poll) -> None:
    handler, _, events, _ = poll
    handler.forward(Topic.TRADES, '{"price":"0.10"}')
    ((message, delay),) = events.sent
    assert (message.vendor, delay) == ("broker", 0)
    assert json.loads(message.body) == {"type": "trade_updates", "data": {"price": "0.10"}}


def test_the_schedules_tick_starts_no_chain(poll) -> None:
    handler, poller, _, again = poll
    handler.handle(CheckMessage("poll", {}))
    assert (poller.seen, again.sent) == (["poll"], [])


def test_the_chain_after_orders_ends(poll) -> None:
    handler, poller, _, again = poll
    message = CheckMessage("poll", {"chain": "yes"})
    delays = [2]
    while True:
        handler.handle(message)
        if len(again.sent) < len(delays):
            break
        message, delay = again.sent[-1]
        delays.append(delay)
    assert delays == [2, 5, 15, 60]
    assert poller.seen == ["poll"] * 4


def test_a_window_that_is_behind_is_followed_by_the_next(poll) -> None:
    handler, poller, _, again = poll
    poller.caught_up = False
    handler.handle(CheckMessage("poll", {}))
    assert again.sent == [(CheckMessage("poll", {}, 0), 2)]


def test_a_look_back_is_one_window(poll) -> None:
    handler, poller, _, again = poll
    handler.handle(CheckMessage("poll", {"since": to_text(NOW)}))
    assert (poller.seen, again.sent) == ([NOW], [])


def test_a_look_back_over_more_than_one_window_goes_on(poll) -> None:
    handler, poller, _, again = poll
    poller.rest = NOW + timedelta(hours=6)
    handler.handle(CheckMessage("poll", {"since": to_text(NOW)}))
    assert again.sent == [(CheckMessage("poll", {"since": to_text(poller.rest)}), 2)]


def test_silence_of_the_streams_opens_the_brokers_circuit_and_their_answers_close_it(poll) -> None:
    handler, poller, _, _ = poll
    tick, state = CheckMessage("poll", {}), lambda: handler.circuits.read("broker.alpaca").state
    poller.down = True
    for _ in range(5):
        with pytest.raises(BrokerUnavailable):
            handler.handle(tick)
    assert state() is CircuitState.OPEN
    poller.down = False
    handler.handle(tick)
    assert state() is CircuitState.OPEN
    found = []
    for _ in range(3):
        poller.clock.advance(timedelta(seconds=31))
        handler.handle(tick)
        found.append(state())
    assert found == [CircuitState.HALF_OPEN, CircuitState.HALF_OPEN, CircuitState.CLOSED]
    # However it stands, events are read: they are what ends orders.
    assert len(poller.seen) == 9


def test_events_that_are_read_do_not_hide_orders_that_fail(poll) -> None:
    handler, _, _, _ = poll
    for _ in range(4):
        handler.circuits.failed("broker.alpaca")
    handler.handle(CheckMessage("poll", {}))
    handler.circuits.failed("broker.alpaca")
    assert handler.circuits.read("broker.alpaca").state is CircuitState.OPEN


def test_a_pulse_through_the_queue_of_events_is_taken(apply, monkeypatch) -> None:
    handler, booked, accounts, _ = apply
    database = MemoryDatabase()
    monkeypatch.setattr(handler, "pulses", Pulses(database))
    subject = {"queue": "broker-events", "sent_at": to_text(NOW)}
    handler.handle(CheckMessage("pulse", subject))
    (report,) = Pulses(database).read(["broker-events"])["broker-events"].reports
    assert (report.sent_at, booked, accounts.sent) == (NOW, [], [])
