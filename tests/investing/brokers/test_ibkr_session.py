"""The session at Interactive Brokers: begun, kept, lost, taken, and one order at a time in it."""

from datetime import timedelta

import pytest

from shared.investing.brokers.ibkr_keeping import PEACE
from shared.investing.brokers.ibkr_session import HELD, TRUSTED, SessionState, SessionStore
from shared.investing.errors import BrokerUnavailable
from shared.investing.ports import Accepted, NotSent, Ticket
from shared.kernel.money import Currency, Money
from shared.platform.memory import MemoryDatabase

ACCOUNT = "DU1000001"


@pytest.fixture
def gateway(vendors):
    def change(**knobs):
        answer = vendors.post("/_control/ibkr", json=knobs)
        answer.raise_for_status()
        return answer.json()

    change(cash={ACCOUNT: "1000"})
    return change


@pytest.fixture
def buy():
    return Ticket(ACCOUNT, "t1.01A.01B", "USMV", Money(33_340, Currency.USD))


def names():
    return iter(f"n{number}" for number in range(1000))


def test_the_first_look_begins_a_session_and_the_next_ones_only_keep_it(gateway, new_ibkr) -> None:
    made = new_ibkr()
    assert made.sessions.read() is None
    assert made.keeper.look().state is SessionState.LIVE
    assert made.keeper.look().state is SessionState.LIVE
    assert (gateway()["session"]["begun"], gateway()["session"]["tickled"]) == (1, 2)


def test_without_a_session_nothing_is_sent_and_nothing_said_of_orders(
    gateway, new_ibkr, buy
) -> None:
    made = new_ibkr()
    assert made.broker.submit(buy) == NotSent()
    with pytest.raises(BrokerUnavailable):
        made.broker.find(ACCOUNT, buy.client_order_id)
    assert gateway()["orders"] == []


def test_a_lost_session_is_begun_again_and_orders_go_on(gateway, ibkr, buy) -> None:
    gateway(session="lost")
    assert ibkr.broker.submit(buy) == NotSent()
    assert gateway()["orders"] == []
    assert ibkr.keeper.look().state is SessionState.LIVE
    assert isinstance(ibkr.broker.submit(buy), Accepted)
    assert len(gateway()["orders"]) == 1


def test_a_session_that_others_took_is_taken_back_once_and_then_left_in_peace(
    gateway, new_ibkr, clock
) -> None:
    made = new_ibkr(clock=clock)
    made.keeper.look()
    gateway(session="taken")
    assert made.keeper.look().state is SessionState.LIVE
    gateway(session="taken")
    clock.advance(timedelta(minutes=1))
    assert made.keeper.look().state is SessionState.COMPETING
    assert not made.sessions.live()
    assert gateway()["session"]["begun"] == 2
    clock.advance(PEACE)
    assert made.keeper.look().state is SessionState.LIVE
    assert gateway()["session"]["begun"] == 3


def test_a_gateway_that_is_logged_out_needs_a_person(gateway, ibkr) -> None:
    gateway(session="logged_out")
    assert ibkr.keeper.look().state is SessionState.LOGGED_OUT
    assert not ibkr.sessions.live()
    gateway(session="logged_in")
    assert ibkr.keeper.look().state is SessionState.LIVE


def test_a_gateway_that_does_not_answer_is_known_as_such(new_ibkr) -> None:
    made = new_ibkr(url="http://127.0.0.1:9")
    assert made.keeper.look().state is SessionState.UNREACHABLE
    assert not made.sessions.live()


def test_what_nobody_has_confirmed_for_minutes_is_not_believed(gateway, new_ibkr, clock) -> None:
    made = new_ibkr(clock=clock)
    made.keeper.look()
    clock.advance(TRUSTED)
    assert made.sessions.live()
    clock.advance(timedelta(seconds=1))
    assert not made.sessions.live()


def test_only_one_process_looks_after_the_session(gateway, new_ibkr, database, clock) -> None:
    first, second = (new_ibkr(database, clock=clock) for _ in range(2))
    with first.sessions.hold() as ours:
        assert ours
        assert second.keeper.look() is None
    assert second.keeper.look().state is SessionState.LIVE
    assert gateway()["session"]["tickled"] == 1


def test_a_lease_of_a_process_that_died_ends_by_itself(clock) -> None:
    database, name = MemoryDatabase(), names()
    dead = SessionStore(database, clock, lambda: next(name)).hold()
    assert dead.__enter__()
    other = SessionStore(database, clock, lambda: next(name))
    with other.hold() as ours:
        assert not ours
    clock.advance(HELD + timedelta(seconds=1))
    with other.hold() as ours:
        assert ours
        # The dead one wakes up and gives back what is not its own any more.
        dead.__exit__(None, None, None)
        with SessionStore(database, clock, lambda: next(name)).hold() as third:
            assert not third


def test_an_order_waits_for_its_turn_and_is_not_sent_without(gateway, ibkr, buy, clock) -> None:
    waited = []
    ibkr.sessions._pause = waited.append
    with ibkr.sessions.turn() as ours:
        assert ours
        assert ibkr.broker.submit(buy) == NotSent()
    assert (len(waited), gateway()["orders"]) == (8, [])
    assert isinstance(ibkr.broker.submit(buy), Accepted)
