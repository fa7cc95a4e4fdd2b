"""watch_market: the breakers of brokers and of too much work, opened and closed by themselves."""

import pytest

from shared.breakers.changing import Changing
from shared.breakers.holding import Holding
from shared.breakers.pulses import Pulses
from shared.kernel.clock import FixedClock, to_text
from shared.market_data.breakers import Switches
from shared.market_data.model import Breaker, BreakerState
from shared.market_data.store import MarketStore
from shared.platform.circuits import StoredCircuits
from shared.platform.memory import MemoryDatabase
from shared.platform.outbox import Facts
from shared.platform.queues import CheckMessage, MemoryQueue
from shared.platform.worker import Tally
from tests.functions.investing_workers import IDS, NOW
from tests.functions.test_watch_market import Runtime, World

NAMES = ("overload", "broker", "broker.alpaca", "broker.ibkr")


@pytest.fixture
def world(investing_worker, monkeypatch):
    """A market on a Monday morning, and queues through which pulses go."""
    monkeypatch.setenv("AUDIT_TABLE", "audit")
    handler = investing_worker("watch_market")
    built = Runtime(MemoryDatabase(), FixedClock(NOW))
    queues = {name: MemoryQueue() for name in ("planning", "execution", "broker-events")}
    monkeypatch.setattr(handler, "watch", handler.watch_over(built, "t1"))
    monkeypatch.setattr(handler, "keeping", handler.keeping_of(built, "t1", queues))
    monkeypatch.setattr(handler, "metric", lambda name, **of: None)
    made = World(handler, built, [])
    made.queues = queues
    return made


@pytest.fixture
def circuits(world):
    return StoredCircuits(world.database, world.clock)


def states(world):
    found = Switches(world.database).read(NAMES)
    return {name: (one.state.value, one.reason) for name, one in found.items()}


def fail(circuits, name, times=5):
    for _ in range(times):
        circuits.failed(name)


def take(world, *names, handled=0, failed=0):
    """What the workers of these queues do: the newest pulse of each comes through."""
    for name in names or world.queues:
        message, _ = world.queues[name].sent[-1]
        subject = message.subject
        tally = Tally(handled, failed)
        Pulses(world.database).taken(subject["queue"], subject["sent_at"], tally)


def minutes(world, count, **taken):
    """Looks, one a minute, after each of which every queue is worked off."""
    for _ in range(count):
        world.later(minutes=1)
        world.look()
        take(world, **taken)


def test_a_broker_that_does_not_answer_is_stopped_tried_and_let_go(world, circuits) -> None:
    world.look()
    assert states(world) == {}
    fail(circuits, "broker.alpaca")
    world.look()
    assert states(world) == {"broker.alpaca": ("OPEN", "NO_ANSWER:1")}
    world.later(seconds=31)
    world.look()
    world.look()
    assert states(world) == {"broker.alpaca": ("HALF_OPEN", "TRIAL")}
    for _ in range(3):
        assert circuits.admits("broker.alpaca")
        circuits.succeeded("broker.alpaca")
    world.look()
    assert states(world) == {"broker.alpaca": ("CLOSED", "ANSWERS")}
    assert [(each.breaker, each.after) for each in world.events] == [
        ("broker.alpaca", "OPEN"),
        ("broker.alpaca", "HALF_OPEN"),
        ("broker.alpaca", "CLOSED"),
    ]
    assert [each[0] for each in world.entries()] == ["system:watch_market"] * 3


def test_a_trial_that_fails_stops_it_again_for_longer(world, circuits) -> None:
    fail(circuits, "broker.alpaca")
    world.look()
    world.later(seconds=31)
    assert circuits.admits("broker.alpaca")
    circuits.failed("broker.alpaca")
    world.look()
    world.later(seconds=31)
    world.look()
    assert states(world) == {"broker.alpaca": ("OPEN", "NO_ANSWER:1")}
    world.later(seconds=30)
    world.look()
    assert states(world)["broker.alpaca"][0] == "HALF_OPEN"


def test_one_broker_says_nothing_about_the_other(world, circuits) -> None:
    fail(circuits, "broker.ibkr")
    world.look()
    assert states(world) == {"broker.ibkr": ("OPEN", "NO_ANSWER:1")}


def test_what_staff_stopped_no_answer_lets_go(world, circuits) -> None:
    stopped = Breaker("overload", BreakerState.OPEN, "STAFF", world.clock.now())
    MarketStore(world.database).set_breaker(stopped)
    world.look()
    take(world)
    minutes(world, 8)
    assert states(world) == {"overload": ("OPEN", "STAFF")}


def test_a_broker_that_staff_stopped_stays_so_however_well_it_answers(world, circuits) -> None:
    by_staff(world).stop("broker.alpaca", lambda *_: [])
    for _ in range(3):
        circuits.succeeded("broker.alpaca")
        world.later(minutes=10)
        world.look()
    assert states(world)["broker.alpaca"] == ("OPEN", "STAFF")
    # Nor does its silence make it a measure that closes by itself.
    fail(circuits, "broker.alpaca")
    world.look()
    world.later(seconds=31)
    world.look()
    assert states(world)["broker.alpaca"] == ("OPEN", "STAFF")


def test_a_broker_that_answers_when_staff_let_it_go_is_closed_by_the_next_look(
    world, circuits
) -> None:
    staff = by_staff(world)
    staff.stop("broker.alpaca", lambda *_: [])
    staff.release("broker.alpaca", lambda *_: [])
    assert states(world)["broker.alpaca"] == ("HALF_OPEN", "STAFF_OVERRIDE")
    world.look()
    assert states(world)["broker.alpaca"] == ("CLOSED", "ANSWERS")


def test_a_silent_broker_that_staff_let_go_flows_until_it_is_silent_once_more(
    world, circuits
) -> None:
    fail(circuits, "broker.alpaca")
    world.look()
    world.later(seconds=5)
    by_staff(world).release("broker.alpaca", lambda *_: [])
    world.look()
    assert states(world)["broker.alpaca"] == ("HALF_OPEN", "STAFF_OVERRIDE")
    world.later(seconds=26)
    assert circuits.admits("broker.alpaca")
    world.look()
    assert states(world)["broker.alpaca"] == ("HALF_OPEN", "STAFF_OVERRIDE")
    circuits.failed("broker.alpaca")
    world.look()
    assert states(world)["broker.alpaca"] == ("OPEN", "NO_ANSWER:2")


def by_staff(world):
    facts = Facts(world.database, world.clock, IDS)
    return Holding(Changing(Switches(world.database), facts), world.clock, ())


def test_what_staff_let_go_once_the_next_overload_stops_again(world) -> None:
    staff = by_staff(world)
    staff.stop("overload", lambda *_: [])
    staff.release("overload", lambda *_: [])
    assert states(world) == {"overload": ("HALF_OPEN", "STAFF_OVERRIDE")}
    world.look()
    take(world)
    minutes(world, 1)
    assert states(world) == {"overload": ("CLOSED", "CALM")}
    minutes(world, 2, handled=13, failed=12)
    world.later(minutes=1)
    world.look()
    assert states(world)["overload"][0] == "OPEN"


def test_a_reset_of_old_does_not_keep_overload_closed_for_ever(world) -> None:
    reset = Breaker("overload", BreakerState.CLOSED, "STAFF_RESET", world.clock.now())
    MarketStore(world.database).set_breaker(reset)
    world.look()
    minutes(world, 3, handled=13, failed=12)
    assert states(world)["overload"][0] == "OPEN"


def test_an_overload_that_staff_overruled_stays_on_trial_until_it_is_over(world) -> None:
    world.look()
    minutes(world, 3, handled=13, failed=12)
    assert states(world)["overload"][0] == "OPEN"
    by_staff(world).release("overload", lambda *_: [])
    minutes(world, 3, handled=13, failed=12)
    assert states(world) == {"overload": ("HALF_OPEN", "STAFF_OVERRIDE")}
    minutes(world, 7, handled=13, failed=0)
    assert states(world) == {"overload": ("CLOSED", "CALM")}


def test_a_queue_that_takes_nothing_keeps_nobody_from_watching_the_market(world) -> None:
    class Silent(MemoryQueue):
        def send(self, *_: object, **__: object) -> None:
            raise ConnectionError

    world.queues["execution"] = Silent()
    world.quotes("92")
    with pytest.raises(ConnectionError):
        world.look()
    assert world.breakers() == {"volatility": ("OPEN", "LEVEL_1:-0.0800")}


def test_each_look_sends_a_pulse_through_each_queue(world) -> None:
    world.look()
    now = to_text(world.clock.now())
    for name, queue in world.queues.items():
        assert queue.sent == [(CheckMessage("pulse", {"queue": name, "sent_at": now}), 0)]


def test_a_queue_that_nobody_works_off_is_overload_and_goes_on_by_itself(world) -> None:
    world.look()
    take(world)
    minutes(world, 3)
    for _ in range(5):
        world.later(minutes=1)
        world.look()
        take(world, "planning", "broker-events")
    assert states(world) == {}
    world.later(minutes=1, seconds=1)
    world.look()
    assert states(world) == {"overload": ("OPEN", "QUEUE:execution:301")}
    take(world)
    minutes(world, 1)
    assert states(world)["overload"] == ("HALF_OPEN", "CALM")
    minutes(world, 4)
    assert states(world)["overload"] == ("HALF_OPEN", "CALM")
    minutes(world, 1)
    assert states(world)["overload"] == ("CLOSED", "CALM")


def test_a_watch_that_slept_finds_no_overload(world) -> None:
    world.look()
    take(world)
    world.later(hours=3)
    world.look()
    world.look()
    assert states(world) == {}


def test_many_failures_are_overload_but_not_a_few(world) -> None:
    world.look()
    take(world, handled=6, failed=6)
    minutes(world, 1)
    assert states(world) == {}
    take(world, "execution", handled=20, failed=11)
    minutes(world, 1)
    assert states(world) == {"overload": ("OPEN", "ERRORS:execution:6538")}
    minutes(world, 3)
    assert states(world)["overload"][0] == "OPEN"
    minutes(world, 4, handled=10)
    assert states(world)["overload"] == ("HALF_OPEN", "CALM")


def test_it_stops_again_while_on_trial(world) -> None:
    world.look()
    for _ in range(6):
        world.later(minutes=1)
        world.look()
    take(world)
    minutes(world, 1)
    assert states(world)["overload"][0] == "HALF_OPEN"
    for _ in range(7):
        world.later(minutes=1)
        world.look()
    assert states(world)["overload"][0] == "OPEN"
    assert [each.after for each in world.events] == ["OPEN", "HALF_OPEN", "OPEN"]
