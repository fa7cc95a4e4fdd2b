"""Event streams: windows, live streams, and what goes wrong with them."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture
def window(raw):
    """The events and the comments of a bounded window."""

    def read(topic, version=2, **bounds):
        answer = raw.get(f"/v{version}/events/{topic}", params=bounds)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in answer.text.split("\n\n") if line]
        events = [json.loads(line.removeprefix("data: ")) for line in lines if line[0] == "d"]
        return events, [line for line in lines if line[0] == ":"]

    return read


@pytest.fixture
def today():
    """A window that ends now."""
    return lambda: {"since": "2026-01-01", "until": datetime.now(UTC).isoformat()}


def test_a_window_tells_the_life_of_an_order(investor, order, settled, window, today):
    filled = settled(investor, order(investor, "MTUM", notional=10).id)
    events, comments = window("trades", **today())
    assert [event["event"] for event in events] == ["accepted", "new", "fill"]
    assert {event["account_id"] for event in events} == {investor}
    fill = events[-1]
    assert fill["order"]["id"] == str(filled.id)
    assert fill["order"]["filled_qty"] == fill["qty"] == filled.filled_qty == fill["position_qty"]
    assert fill["price"] == filled.filled_avg_price
    assert fill["timestamp"].startswith("2026-03-02T15:30:")
    assert datetime.fromisoformat(fill["at"]) > datetime.now(UTC) - timedelta(minutes=1)
    ids = [event["event_id"] for event in events]
    assert ids == sorted(set(ids))
    assert {len(event_id) for event_id in ids} == {26}
    assert comments == [":heartbeat"]


def test_accounts_and_journals_tell_their_states(investor, window, today):
    accounts, _ = window("accounts/status", **today())
    moves = [(event["status_from"], event["status_to"]) for event in accounts]
    assert moves == [("", "SUBMITTED"), ("SUBMITTED", "APPROVED"), ("APPROVED", "ACTIVE")]
    journals, _ = window("journals/status", **today())
    assert [event["status_to"] for event in journals] == ["queued", "sent_to_clearing", "executed"]
    assert {event["entry_type"] for event in journals} == {"JNLC"}


def test_a_cursor_reads_on_where_it_stopped(investor, order, settled, window, today):
    settled(investor, order(investor, "MTUM", notional=10).id)
    first, _ = window("trades", **today())
    cursor = first[-1]["event_id"]
    settled(investor, order(investor, "KO", notional=10).id)
    until = datetime.now(UTC).isoformat()
    rest, _ = window("trades", since_id=cursor, until=until)
    assert rest[0] == first[-1]
    assert [event["order"]["symbol"] for event in rest[1:]] == ["KO"] * 3
    middle, _ = window("trades", since_id=first[1]["event_id"], until_id=cursor)
    assert middle == first[1:]


def test_the_first_version_counts_its_events(investor, window, today):
    accounts, _ = window("accounts/status", version=1, **today())
    assert [event["event_id"] for event in accounts] == [1, 2, 3]
    some, _ = window("accounts/status", version=1, since_id=2, until_id=2)
    assert [event["event_id"] for event in some] == [2]


def test_the_official_client_reads_a_window(broker, investor, order, settled):
    from alpaca.broker.requests import GetEventsRequest

    settled(investor, order(investor, "MTUM", notional=10).id)
    now = datetime.now(UTC)
    since = (now - timedelta(minutes=5)).isoformat()
    day = GetEventsRequest(since=since, until=now.isoformat())
    events = [json.loads(one) for one in broker.get_trade_events(day)]
    assert [event["event"] for event in events] == ["accepted", "new", "fill"]


def test_a_live_stream_gives_only_what_is_new(investor, order, raw, knobs):
    knobs(heartbeat_seconds=0.05)
    first_line = threading.Event()
    seen = []

    def listen():
        with raw.stream("GET", "/v2/events/trades") as answer:
            for line in answer.iter_lines():
                first_line.set()
                seen.append(line)
                if '"fill"' in line:
                    return

    order(investor, "KO", notional=10, client_order_id="before")
    listener = threading.Thread(target=listen)
    # The order above may still send its later events; it is waited for by the next one.
    listener.start()
    assert first_line.wait(3)
    order(investor, "MTUM", notional=10, client_order_id="after")
    listener.join(3)
    assert not listener.is_alive()
    events = [json.loads(line.removeprefix("data: ")) for line in seen if line.startswith("data")]
    assert not any(
        event["event"] == "accepted" and event["order"]["client_order_id"] == "before"
        for event in events
    )


def test_a_window_into_the_future_waits_for_its_end(investor, order, window):
    since = datetime.now(UTC) - timedelta(seconds=1)
    until = datetime.now(UTC) + timedelta(milliseconds=250)
    order_thread = threading.Timer(0.03, lambda: order(investor, "KO", notional=10))
    order_thread.start()
    events, _ = window("trades", since=since.isoformat(), until=until.isoformat())
    order_thread.join()
    assert datetime.now(UTC) >= until
    assert [event["event"] for event in events] == ["accepted", "new", "fill"]


def test_dropped_events_are_announced_and_can_be_read_again(
    investor, order, settled, window, today, fault
):
    settled(investor, order(investor, "MTUM", notional=10).id)
    fault("alpaca", "events", "dropped")
    lost, comments = window("trades", **today())
    assert lost == []
    assert comments[-1] == ": you are reading too slowly, dropped 3 messages"
    again, _ = window("trades", **today())
    assert len(again) == 3


def test_a_stream_may_end_with_a_server_error(investor, window, today, fault):
    fault("alpaca", "events", "server_error")
    lost, comments = window("accounts/status", **today())
    assert (lost, comments[-1]) == ([], ": internal server error")


def test_an_end_in_a_far_future_keeps_the_stream_open(investor, raw, knobs):
    knobs(heartbeat_seconds=0.01)
    query = {"since": "2026-01-01", "until_id": "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"}
    with raw.stream("GET", "/v2/events/accounts/status", params=query) as answer:
        lines = answer.iter_lines()
        text = [next(lines) for _ in range(14)]
    assert sum(line.startswith("data: ") for line in text) == 3
    assert text.count(":heartbeat") >= 3


def test_streams_of_what_is_not_done_are_empty(investor, window, today):
    for topic in ("transfers/status", "nta", "funding/status"):
        assert window(topic, **today())[0] == []


@pytest.mark.parametrize(
    "bounds",
    [
        {"until": "2026-03-02"},
        {"until_id": "01M81JB6S9HES5WA19DN949TWF"},
        {"since": "2026-03-02", "since_id": "01M81JB6S9HES5WA19DN949TWF"},
        {"since": "2026-03-02", "until": "2026-03-03", "until_id": "01M81JB6S9HES5WA19DN949TWF"},
        {"since": "soon"},
        {"since_id": "17"},
        {"since_id": "01M81JB6S9HES5WA19DN949TWU!"},
    ],
)
def test_a_window_that_makes_no_sense_is_refused(raw, bounds):
    answer = raw.get("/v2/events/trades", params=bounds)
    assert (answer.status_code, answer.json()["code"]) == (422, 42210000)
