"""All brokers' accounts as one, by the account, with the circuit breaker of each broker."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from shared.breakers.names import at_broker
from shared.investing.at_broker import broker_of
from shared.investing.errors import AccountUnreadable, BrokerUnavailable
from shared.investing.ports import CashHeld, Custody, Moved
from shared.platform.circuits import Circuits


class Custodians:
    """See Custody. Each broker's part is made when it is first needed; while its breaker is open
    it is not asked, and silence counts in it. What it does not tell of one account does not."""

    def __init__(self, circuits: Circuits, **makers: Callable[[], Custody]) -> None:
        self._circuits = circuits
        self._makers = makers
        self._made: dict[str, Custody] = {}

    def positions(self, account_id: str) -> Mapping[str, int]:
        """See Custody."""
        return self._asked(account_id, lambda at: at.positions(account_id))

    def cash(self, account_id: str) -> CashHeld:
        """See Custody."""
        return self._asked(account_id, lambda at: at.cash(account_id))

    def history(self, account_id: str, since: datetime) -> Sequence[Moved] | None:
        """See Custody."""
        return self._asked(account_id, lambda at: at.history(account_id, since))

    def _asked[T](self, account_id: str, ask: Callable[[Custody], T]) -> T:
        name = broker_of(account_id)
        circuit = at_broker(name)
        if not self._circuits.admits(circuit):
            raise BrokerUnavailable()
        if name not in self._made:
            self._made[name] = self._makers[name]()
        try:
            answer = ask(self._made[name])
        except BrokerUnavailable:
            self._circuits.failed(circuit)
            raise
        except AccountUnreadable:
            self._circuits.succeeded(circuit)
            raise
        self._circuits.succeeded(circuit)
        return answer
