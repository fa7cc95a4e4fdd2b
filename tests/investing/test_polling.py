"""Windows of the event streams, their cursors, and the lines of a stream."""

from datetime import timedelta

import pytest

from shared.investing.brokers.alpaca_streams import events_in
from shared.investing.cursors import CursorStore
from shared.investing.errors import BrokerUnavailable, GapInStream
from shared.investing.polling import Forwarded, LookedBack, Poller, Topic

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class Streams:
    def __init__(self, failing=()):
        self.windows, self.failing, self.gaps = [], failing, 0

    def read(self, topic, since, until):
        self.windows.append((topic, since, until))
        if topic in self.failing:
            raise BrokerUnavailable()
        yield f'{{"n":{len(self.windows)}}}'
        if self.gaps:
            self.gaps -= 1
            raise GapInStream()


@pytest.fixture
def cursors(database):
    return CursorStore(database)


def trades(streams):
    return [(since, until) for topic, since, until in streams.windows if topic is Topic.TRADES]


def test_each_window_starts_a_few_minutes_before_the_last_one_ended(cursors, clock) -> None:
    streams, forwarded = Streams(), []
    poller = Poller(streams, cursors, lambda *event: forwarded.append(event), clock)
    start = clock.now()
    assert poller.poll()
    clock.advance(MINUTE)
    assert poller.poll()
    assert trades(streams) == [
        (start - SECOND - 35 * MINUTE, start - SECOND),
        (start - SECOND - 5 * MINUTE, start - SECOND + MINUTE),
    ]
    assert [topic for topic, _ in forwarded] == [*Topic, *Topic]
    assert cursors.read_until(Topic.JOURNALS) == start - SECOND + MINUTE


def test_many_wishes_at_once_are_one_poll(cursors, clock) -> None:
    streams = Streams()
    poller = Poller(streams, cursors, lambda *event: None, clock)
    assert poller.poll()
    assert poller.poll()
    assert len(streams.windows) == len(Topic)


def test_after_a_long_break_windows_stay_bounded(cursors, clock) -> None:
    streams = Streams()
    poller = Poller(streams, cursors, lambda *event: None, clock)
    assert poller.poll()
    clock.advance(timedelta(hours=13))
    assert [poller.poll(), poller.poll(), poller.poll()] == [False, False, True]
    lengths = [until - since for since, until in trades(streams)[1:]]
    assert lengths == [timedelta(hours=6, minutes=5)] * 2 + [timedelta(hours=1, minutes=5)]


def test_a_failing_stream_holds_up_no_other_and_keeps_its_cursor(cursors, clock) -> None:
    streams, forwarded = Streams({Topic.TRADES}), []
    poller = Poller(streams, cursors, lambda topic, event: forwarded.append(topic), clock)
    with pytest.raises(BrokerUnavailable):
        poller.poll()
    assert forwarded == [Topic.JOURNALS, Topic.ACCOUNTS, Topic.ACTIVITIES]
    assert cursors.read_until(Topic.TRADES) is None
    assert cursors.read_until(Topic.ACCOUNTS) == clock.now() - SECOND


def test_the_cursor_stays_when_forwarding_fails(cursors, clock) -> None:
    def broken(topic, event):
        raise ConnectionError

    with pytest.raises(ConnectionError):
        Poller(Streams(), cursors, broken, clock).poll()
    assert cursors.read_until(Topic.TRADES) is None


def test_a_gap_is_read_again_at_most_three_times(cursors, clock) -> None:
    streams = Streams()
    streams.gaps = 2
    Poller(streams, cursors, lambda *event: None, clock).poll()
    assert len(trades(streams)) == 3
    clock.advance(MINUTE)
    streams = Streams()
    streams.gaps = 99
    with pytest.raises(GapInStream):
        Poller(streams, cursors, lambda *event: None, clock).poll()
    assert len(streams.windows) == 3 * len(Topic)


def test_a_look_back_moves_no_cursor(cursors, clock) -> None:
    streams, forwarded = Streams(), []
    poller = Poller(streams, cursors, lambda *event: forwarded.append(event), clock)
    assert poller.repeat(clock.now() - 10 * MINUTE) is None
    assert streams.windows == [(Topic.TRADES, clock.now() - 15 * MINUTE, clock.now() - SECOND)]
    assert len(forwarded) == 1
    assert cursors.read_until(Topic.TRADES) is None


def test_a_loss_that_is_noticed_after_a_day_is_repeated_window_by_window(cursors, clock) -> None:
    streams = Streams()
    poller = Poller(streams, cursors, lambda *event: None, clock)
    now, since = clock.now() - SECOND, clock.now() - timedelta(hours=14)
    rest, steps = since, 0
    while rest is not None:
        rest, steps = poller.repeat(rest), steps + 1
    assert steps == 3
    six = timedelta(hours=6)
    ends = [since + six, since + 2 * six, now]
    starts = [since, since + six, since + 2 * six]
    assert trades(streams) == [
        (start - 5 * MINUTE, end) for start, end in zip(starts, ends, strict=True)
    ]


def test_many_who_miss_their_events_at_once_have_them_repeated_once(cursors, clock) -> None:
    streams, sent = Streams(), []
    shared = LookedBack()
    since = clock.now() - 10 * MINUTE
    for second in range(30):
        # Each message builds its own poller; what was looked back at is its process's.
        poller = Poller(
            streams, cursors, lambda *event: sent.append(event), clock, looked_back=shared
        )
        assert poller.repeat(since + second * SECOND) is None
        clock.advance(SECOND)
    assert (len(streams.windows), len(sent)) == (1, 1)
    # Who still misses an event half a minute later, or one of earlier, is heard.
    assert poller.repeat(since + MINUTE) is None
    assert poller.repeat(since + MINUTE - SECOND) is None
    assert len(streams.windows) == 3
    assert poller.repeat(since + MINUTE) is None
    assert len(streams.windows) == 3


def test_a_look_back_that_was_not_whole_stands_for_no_other(cursors, clock) -> None:
    streams = Streams()
    poller = Poller(streams, cursors, lambda *event: None, clock)
    since = clock.now() - timedelta(hours=8)
    rest = poller.repeat(since)
    assert rest == since + timedelta(hours=6)
    assert poller.repeat(since) == rest
    assert poller.repeat(rest) is None
    assert len(streams.windows) == 3


def test_a_cursor_never_moves_back(cursors, clock) -> None:
    cursors.advance(Topic.TRADES, clock.now())
    cursors.advance(Topic.TRADES, clock.now() - MINUTE)
    assert cursors.read_until(Topic.TRADES) == clock.now()


def test_events_are_the_data_between_blank_lines() -> None:
    lines = [b":heartbeat", b"", b'data: {"a":', b"data: 1}", b"", b"data:2", b""]
    assert list(events_in(iter(lines))) == ['{"a":\n1}', "2"]


@pytest.mark.parametrize(
    "lines",
    [
        [b": you are reading too slowly, dropped 3 messages", b""],
        [b": internal server error", b""],
        [b"data: 1", b"", b"data: {cut"],
    ],
)
def test_a_gap_is_told_after_the_events_that_came(lines) -> None:
    seen = []
    with pytest.raises(GapInStream):
        seen.extend(events_in(iter(lines)))
    stream = events_in(iter([b"data: 1", b"", *lines]))
    assert next(stream) == "1"


class Same:
    """Streams that show the same events in every window, as overlapping windows do."""

    def __init__(self, *events):
        self.events = list(events)

    def read(self, topic, since, until):
        yield from self.events if topic is Topic.TRADES else ()


def test_overlapping_windows_forward_an_event_once(cursors, clock) -> None:
    streams, sent = Same("a", "b"), []
    poller = Poller(streams, cursors, lambda topic, event: sent.append(event), clock)
    poller.poll()
    streams.events.append("c")
    clock.advance(MINUTE)
    poller.poll()
    assert sent == ["a", "b", "c"]


def test_what_seems_lost_is_forwarded_again_although_it_is_known(cursors, clock) -> None:
    streams, sent = Same("a", "b"), []
    poller = Poller(streams, cursors, lambda topic, event: sent.append(event), clock)
    poller.poll()
    assert poller.repeat(clock.now() - MINUTE) is None
    assert sent == ["a", "b", "a", "b"]


def test_an_event_that_could_not_be_kept_is_not_remembered(cursors, clock) -> None:
    streams, sent, broken = Same("a"), [], [True]

    def forward(topic, event) -> None:
        if broken:
            broken.clear()
            raise ConnectionError
        sent.append(event)

    poller = Poller(streams, cursors, forward, clock)
    with pytest.raises(ConnectionError):
        poller.poll()
    poller.poll()
    assert sent == ["a"]


def test_the_memory_of_forwarded_events_is_bounded_and_per_stream() -> None:
    memory = Forwarded(limit=2)
    for event in ("a", "b", "c"):
        memory.add(Topic.TRADES, event)
    assert [memory.knows(Topic.TRADES, event) for event in "abc"] == [False, True, True]
    assert not memory.knows(Topic.JOURNALS, "c")
