"""What accounts at Interactive Brokers hold."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import InvalidOperation
from typing import Any

from shared.investing.brokers.ibkr_books import cash, symbols_held
from shared.investing.brokers.ibkr_session import SessionStore
from shared.investing.errors import AccountUnreadable, BrokerUnavailable
from shared.investing.ports import CashHeld
from shared.kernel.errors import InvalidValue
from shared.platform.ibkr_wire import GatewayError, GatewayRefusal, IbkrWire

_BAD = (AttributeError, KeyError, TypeError, ValueError, InvalidOperation, InvalidValue)
_ACCOUNTS = "/portfolio/accounts"
_OF_CASH = "STKCASH"
"""How the gateway calls the trading of an account that may not borrow."""


class IbkrCustody:
    """See Custody. Without a live session nothing is said of any account."""

    def __init__(self, wire: IbkrWire, sessions: SessionStore) -> None:
        self._wire = wire
        self._sessions = sessions

    def positions(self, account_id: str) -> Mapping[str, int]:
        """See Custody."""
        return self._asked(lambda _: symbols_held(self._wire, account_id))

    def cash(self, account_id: str) -> CashHeld:
        """See Custody."""

        def ask(accounts: Any) -> CashHeld:
            told = cash(self._wire, account_id)
            return CashHeld(told.total, told.settled, _borrows(accounts, account_id))

        return self._asked(ask)

    def history(self, account_id: str, since: datetime) -> None:
        """See Custody: the gateway tells of trades alone, and of those of a few days."""

    def _asked[T](self, ask: Callable[[Any], T]) -> T:
        """``ask`` is given the list of accounts."""
        if not self._sessions.live():
            raise BrokerUnavailable()
        try:
            # The gateway answers about accounts only after their list was asked for.
            return ask(self._wire.get(_ACCOUNTS))
        except GatewayRefusal as refusal:
            raise AccountUnreadable("refused") from refusal
        except GatewayError as error:
            raise BrokerUnavailable() from error
        except _BAD as error:
            raise AccountUnreadable(type(error).__name__) from error


def _borrows(accounts: Any, account_id: str) -> bool | None:
    mine = (line for line in accounts if line.get("id") == account_id)
    trading = next((line.get("tradingType") for line in mine), None)
    return None if trading is None else trading != _OF_CASH
