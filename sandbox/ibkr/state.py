"""All that the gateway knows, and its lasting knobs."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sandbox.context import Sandbox
from sandbox.ibkr.accounts import Account
from sandbox.ibkr.order import FINAL, Order, Status, Wanted
from sandbox.ibkr.problems import malformed
from sandbox.ibkr.session import Session
from sandbox.market.calendar import nyse
from sandbox.market.clock import MarketClock
from sandbox.market.quotes import Market
from sandbox.market.series import replayed

FIRST_ORDER = 1_210_386_700


@dataclass(slots=True)
class Knobs:
    """Lasting settings; what shall happen once is ordered as a fault instead."""

    fractions: bool = True
    """Whether accounts may trade parts of a share, and amounts of cash."""
    questions: tuple[str, ...] = ()
    """Message ids that every order is asked, one after the other."""
    executions: int = 1
    session_seconds: float = 360.0
    """So long without a sign of life, and the brokerage session ends."""
    delayed_prices: bool = False
    margin: bool = False
    """Whether accounts are told to be ones that may borrow; nothing is lent all the same."""


@dataclass(slots=True)
class Question:
    """An order that waits for a yes, and what else it will be asked."""

    wanted: Wanted
    left: list[str]
    endless: bool = False


class State:
    """Accounts, orders and open questions of one gateway, in memory."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.market = Market(sandbox.clock, nyse(), replayed(), sandbox.shocks)
        self.clock = MarketClock(sandbox.clock, self.market.calendar)
        self.reset()

    def reset(self) -> None:
        """Forgets everything; nobody has begun a session."""
        self.knobs = Knobs()
        self.session = Session(lambda: self.knobs.session_seconds)
        self.market.reset()
        self.accounts: dict[str, Account] = {}
        self.orders: dict[int, Order] = {}
        self.client_ids: dict[str, int] = {}
        self.questions: dict[str, Question] = {}
        self.selected: str | None = None

    def now(self) -> datetime:
        """Business time."""
        return self.clock.now()

    def account(self, account_id: str) -> Account:
        """The account.

        Raises:
            Problem: there is none of this number.
        """
        found = self.accounts.get(account_id)
        if found is None:
            raise malformed(f"account {account_id} is not known")
        return found

    def add(self, order: Order) -> None:
        """Files a new order."""
        self.orders[order.id] = order
        if order.wanted.client_id is not None:
            self.client_ids[order.wanted.client_id] = order.id

    def next_id(self) -> int:
        """Numbers rise."""
        return FIRST_ORDER + len(self.orders)

    def open_orders(self) -> tuple[Order, ...]:
        """Those to which something may still happen."""
        return tuple(order for order in self.orders.values() if order.open)

    def end(self, order: Order, status: Status) -> None:
        """Closes an order; one that has ended stays as it is."""
        if order.status not in FINAL:
            order.status = status

    def free_cash(self, account: Account) -> Decimal:
        """Cash that no open buy has set aside."""
        return account.cash - sum((self._reserved(o) for o in self._buys(account)), Decimal(0))

    def free_shares(self, account: Account, symbol: str) -> Decimal:
        """Shares that no open sale has set aside."""
        promised = (
            (order.wanted.quantity or Decimal(0)) - order.filled
            for order in self.open_orders()
            if order.wanted.account == account.id
            and order.wanted.side == "SELL"
            and order.wanted.symbol == symbol
        )
        return account.held(symbol) - sum(promised, Decimal(0))

    def _buys(self, account: Account) -> tuple[Order, ...]:
        return tuple(
            order
            for order in self.open_orders()
            if order.wanted.account == account.id and order.wanted.side == "BUY"
        )

    def _reserved(self, order: Order) -> Decimal:
        wanted = order.wanted
        if wanted.cash is not None:
            return max(Decimal(0), wanted.cash - order.value)
        price = wanted.price or self.market.traded(wanted.symbol).ask
        return max(Decimal(0), ((wanted.quantity or Decimal(0)) - order.filled) * price)
