"""apply_broker_event and poll_broker_events: news of the broker by push and by window."""

import json
from datetime import timedelta

import pytest

from shared.investing.brokers.alpaca_events import execution_key
from shared.investing.errors import (
    BrokerEventMalformed,
    BrokerEventUnsupported,
)
from shared.investing.polling import Topic
from shared.kernel.clock import to_text
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
        caught_up, seen, rest = True, [], None

        def poll(self):
            self.seen.append("poll")
            return self.caught_up

        def repeat(self, since):
            self.seen.append(since)
            return self.rest

    poller = Poller()
    poller.seen = []
    monkeypatch.setattr(handler, "poller", lambda: poller)
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
