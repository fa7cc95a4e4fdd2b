"""process_corporate_actions: ticks, pages of runs, looks, and lines of the broker."""

import json
from dataclasses import replace
from datetime import date

import pytest

from shared.corporate_actions.model import ActivityKind, Run, RunStatus
from shared.investing.errors import BrokerEventMalformed
from shared.market_data.announcements import ActionKind
from shared.market_data.universe import SYMBOLS
from shared.platform.queues import CheckMessage, MemoryQueue, WebhookMessage
from tests.functions.investing_workers import NOW, batch

DAY = date(2026, 3, 3)
RUN = Run("split-1", "QUAL", ActionKind.FORWARD_SPLIT, DAY, RunStatus.RUNNING, NOW, version=1)
FURTHER = CheckMessage(
    "corporate_action_run", {"effective": "2026-03-03", "announcement_id": "split-1"}
)
LINE = {
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


class UseCases:
    """Stands for all use cases, and remembers what was asked of them."""

    def __init__(self):
        self.asked, self.going, self.after, self.known = [], [], RUN, RUN
        self.runner = self.runs = self.chasing = self.crediting = self

    def due(self, symbols):
        self.asked.append(("due", symbols))
        return self.going

    def get(self, effective, announcement_id):
        self.asked.append(("get", effective, announcement_id))
        return self.known

    def step(self, run):
        self.asked.append(("step", run))
        return self.after

    def look(self, user_id, action_id):
        self.asked.append(("look", user_id, action_id))

    def apply(self, line):
        self.asked.append(("apply", line))


@pytest.fixture
def worker(investing_worker, monkeypatch):
    handler = investing_worker("process_corporate_actions")
    use, queue = UseCases(), MemoryQueue()
    monkeypatch.setattr(handler, "use", use)
    monkeypatch.setattr(handler, "queue", queue)
    return handler, use, queue


def told(data):
    body = json.dumps({"type": "account_activity", "data": data}).encode()
    return WebhookMessage("broker", body, NOW)


def test_a_tick_sends_a_message_for_each_run_that_has_to_go_on(worker) -> None:
    handler, use, queue = worker
    use.going = [RUN]
    assert handler.handler(batch(CheckMessage("corporate_actions", {})), None) == {
        "batchItemFailures": []
    }
    assert use.asked == [("due", SYMBOLS)]
    assert queue.sent == [(FURTHER, 0)]


def test_a_page_asks_for_the_next_one_until_the_round_is_over(worker) -> None:
    handler, use, queue = worker
    use.after = replace(RUN, segment=5)
    handler.handle(FURTHER)
    assert use.asked == [("get", DAY, "split-1"), ("step", RUN)]
    assert queue.sent == [(FURTHER, 0)]
    use.after = replace(RUN, status=RunStatus.DONE)
    handler.handle(FURTHER)
    use.after = replace(RUN, rounds=1)
    handler.handle(FURTHER)
    assert len(queue.sent) == 1


def test_a_run_that_is_not_there_is_nothing_to_do(worker) -> None:
    handler, use, queue = worker
    use.known = None
    handler.handle(FURTHER)
    assert (use.asked, queue.sent) == ([("get", DAY, "split-1")], [])


def test_an_action_is_looked_at(worker) -> None:
    handler, use, _ = worker
    handler.handle(CheckMessage("corporate_action", {"user_id": "u", "action_id": "a"}))
    assert use.asked == [("look", "u", "a")]


def test_a_line_of_the_broker_is_booked_and_one_about_no_shares_is_not(worker) -> None:
    handler, use, _ = worker
    handler.handle(told(LINE))
    handler.handle(told(LINE | {"entry_type": "CSD"}))
    ((word, line),) = use.asked
    assert (word, line.kind, line.id) == ("apply", ActivityKind.DIVIDEND, "n")


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (told([]), BrokerEventMalformed),
        (told(LINE | {"net_amount": "x"}), BrokerEventMalformed),
        (WebhookMessage("broker", b"[]", NOW), BrokerEventMalformed),
        (WebhookMessage("stripe", b"{}", NOW), TypeError),
        (CheckMessage("market", {}), TypeError),
    ],
)
def test_what_is_not_understood_is_not_swallowed(worker, message, error) -> None:
    handler, use, queue = worker
    with pytest.raises(error):
        handler.handle(message)
    assert (use.asked, queue.sent) == ([], [])
