"""Orders find their broker by the account, and wait while it is down."""

from datetime import timedelta

import pytest

from shared.investing.brokers.registry import ALPACA, IBKR, Brokers, broker_of
from shared.investing.errors import BrokerUnavailable
from shared.investing.ports import Accepted, NoAnswer, NotSent, RefusalReason, Refused, Ticket
from shared.kernel.money import Currency, Money
from shared.platform.circuits import SHORTEST, CircuitState, StoredCircuits

UUID = "11111111-1111-4111-8111-111111111111"


class Fake:
    def __init__(self, answer):
        self.answer, self.calls = answer, 0

    def submit(self, ticket):
        self.calls += 1
        return self.answer

    def find(self, account_id, client_order_id):
        self.calls += 1
        if isinstance(self.answer, NoAnswer):
            raise BrokerUnavailable()

    def cancel(self, account_id, broker_order_id):
        self.calls += 1
        return True


def ticket(account):
    return Ticket(account, "t1.01A.01B", "USMV", Money(3334, Currency.USD))


@pytest.mark.parametrize(
    ("account", "name"),
    [
        (UUID, ALPACA),
        ("U1234567", IBKR),
        ("DU1000001", IBKR),
        ("F12345", IBKR),
        ("u1234567", ALPACA),
        ("U1234567 ", ALPACA),
        ("", ALPACA),
    ],
)
def test_the_account_tells_the_broker(account, name) -> None:
    assert broker_of(account) == name


def test_each_order_goes_to_the_broker_of_its_account(database, clock) -> None:
    alpaca, ibkr = Fake(Accepted("a")), Fake(Accepted("i"))
    brokers = Brokers(StoredCircuits(database, clock), alpaca=lambda: alpaca, ibkr=lambda: ibkr)
    assert brokers.submit(ticket("U1234567")) == Accepted("i")
    assert (brokers.used, alpaca.calls) == ({"ibkr"}, 0)
    assert brokers.submit(ticket(UUID)) == Accepted("a")
    assert (alpaca.calls, ibkr.calls) == (1, 1)


def test_a_broker_that_is_down_is_left_alone_and_the_other_works_on(database, clock) -> None:
    down, well = Fake(NoAnswer()), Fake(Accepted("a"))
    circuits = StoredCircuits(database, clock)
    brokers = Brokers(circuits, alpaca=lambda: well, ibkr=lambda: down)
    for _ in range(5):
        assert brokers.submit(ticket("U1234567")) == NoAnswer()
    assert circuits.read("broker.ibkr").state is CircuitState.OPEN
    assert not brokers.waits
    assert brokers.submit(ticket("U1234567")) == NotSent()
    with pytest.raises(BrokerUnavailable):
        brokers.find("U1234567", "t1.01A.01B")
    assert (down.calls, brokers.waits) == (5, True)
    assert brokers.submit(ticket(UUID)) == Accepted("a")
    down.answer = Accepted("i")
    clock.advance(SHORTEST + timedelta(seconds=1))
    assert brokers.submit(ticket("U1234567")) == Accepted("i")
    assert down.calls == 6


def test_a_refusal_is_an_answer_and_opens_no_breaker(database, clock) -> None:
    refusing = Fake(Refused(RefusalReason.HALTED))
    circuits = StoredCircuits(database, clock)
    brokers = Brokers(circuits, ibkr=lambda: refusing)
    for _ in range(8):
        brokers.submit(ticket("U1234567"))
    assert refusing.calls == 8
    assert circuits.read("broker.ibkr").state is CircuitState.CLOSED
