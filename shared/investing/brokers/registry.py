"""Which broker an order goes to, and a breaker in front of each."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from shared.investing.errors import BrokerUnavailable, OrderMismatch
from shared.investing.ports import (
    Broker,
    BrokerOrder,
    NoAnswer,
    NotSent,
    Submission,
    Ticket,
)
from shared.platform.circuits import Circuits

ALPACA, IBKR = "alpaca", "ibkr"
_IBKR_ACCOUNT = re.compile(r"[A-Z]{1,3}[0-9]{5,9}")


def broker_of(account_id: str) -> str:
    """The name of the broker that an account is at.

    A person's broker is the one where their account is. Orders keep the account that they were
    planned for, so a person who changes brokers changes nothing about orders that are under way;
    and the two brokers' numbers look so different (a UUID, or letters and digits such as
    ``U1234567``) that neither is taken for the other's.
    """
    return IBKR if _IBKR_ACCOUNT.fullmatch(account_id) else ALPACA


@dataclass
class Guarded:
    """See Broker, with a circuit breaker: while it is open nothing goes out, and orders wait."""

    broker: Broker
    circuits: Circuits
    name: str
    waits: bool = field(default=False, init=False)
    """Whether something was held back: it is no failure of whoever asked, and is tried later."""

    def submit(self, ticket: Ticket) -> Submission:
        """See Broker."""
        if not self._admitted():
            return NotSent()
        try:
            answer = self.broker.submit(ticket)
        except OrderMismatch:
            # What it said contradicts us, but it said something.
            self.circuits.succeeded(self.name)
            raise
        if isinstance(answer, NotSent | NoAnswer):
            self.circuits.failed(self.name)
        else:
            self.circuits.succeeded(self.name)
        return answer

    def find(self, account_id: str, client_order_id: str) -> BrokerOrder | None:
        """See Broker."""
        return self._asked(lambda: self.broker.find(account_id, client_order_id))

    def cancel(self, account_id: str, broker_order_id: str) -> bool:
        """See Broker."""
        return self._asked(lambda: self.broker.cancel(account_id, broker_order_id))

    def _asked[T](self, ask: Callable[[], T]) -> T:
        if not self._admitted():
            raise BrokerUnavailable()
        try:
            answer = ask()
        except BrokerUnavailable:
            self.circuits.failed(self.name)
            raise
        self.circuits.succeeded(self.name)
        return answer

    def _admitted(self) -> bool:
        admitted = self.circuits.admits(self.name)
        self.waits = self.waits or not admitted
        return admitted


class Brokers:
    """See Broker: all of them as one, by the account. Each is made when it is first needed."""

    def __init__(self, circuits: Circuits, **makers: Callable[[], Broker]) -> None:
        self._circuits = circuits
        self._makers = makers
        self._made: dict[str, Guarded] = {}

    @property
    def used(self) -> frozenset[str]:
        """Names of those that something was asked of."""
        return frozenset(self._made)

    @property
    def waits(self) -> bool:
        """Whether a breaker held something back."""
        return any(one.waits for one in self._made.values())

    def submit(self, ticket: Ticket) -> Submission:
        """See Broker."""
        return self._of(ticket.account_id).submit(ticket)

    def find(self, account_id: str, client_order_id: str) -> BrokerOrder | None:
        """See Broker."""
        return self._of(account_id).find(account_id, client_order_id)

    def cancel(self, account_id: str, broker_order_id: str) -> bool:
        """See Broker."""
        return self._of(account_id).cancel(account_id, broker_order_id)

    def _of(self, account_id: str) -> Guarded:
        name = broker_of(account_id)
        if name not in self._made:
            made = self._makers[name]()
            self._made[name] = Guarded(made, self._circuits, f"broker.{name}")
        return self._made[name]
