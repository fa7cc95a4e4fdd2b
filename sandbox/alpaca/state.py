"""All that the broker knows, and the few questions every part asks about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sandbox.alpaca.accounts import Account, AccountStatus
from sandbox.alpaca.event_log import EventLog
from sandbox.alpaca.journal import Journal
from sandbox.alpaca.knobs import DEFAULT_FIRM_CASH, Knobs
from sandbox.alpaca.order import Order, OrderStatus
from sandbox.alpaca.problems import unauthorized
from sandbox.alpaca.wire import same_id
from sandbox.context import Sandbox
from sandbox.market.calendar import nyse
from sandbox.market.clock import MarketClock
from sandbox.market.quotes import Market
from sandbox.market.series import replayed

FIRM_EMAIL = "firm@sandbox.invalid"
FIRST_ACCOUNT_NUMBER = 900_000_001


@dataclass(frozen=True, slots=True)
class Activity:
    """One line of an account's history."""

    id: str
    account_id: str
    kind: str
    at: datetime
    day: date
    data: dict[str, Any]


class State:
    """Accounts, orders, journals and activities of one sandbox, in memory."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.market = Market(sandbox.clock, nyse(), replayed(), sandbox.shocks)
        self.clock = MarketClock(sandbox.clock, self.market.calendar)
        self.knobs = Knobs()
        self.events = EventLog(sandbox, lambda: self.knobs)
        self.accounts: dict[str, Account] = {}
        self.orders: dict[str, Order] = {}
        self.orders_by_client_id: dict[tuple[str, str], str] = {}
        # Open orders by account and id: what is set aside is asked for with every execution.
        self.open: dict[str, dict[str, Order]] = {}
        self.journals: dict[str, Journal] = {}
        self.activities: list[Activity] = []
        # What the market has paid and received. All books together hold what was prefunded, always.
        self.street = Decimal(0)
        self.prefunded = Decimal(0)
        self._add_firm()

    def reset(self) -> None:
        """Forgets everything; the firm account gets its first cash again."""
        self.knobs = Knobs()
        self.market.reset()
        self.events.clear()
        for orders in (self.orders, self.orders_by_client_id, self.open):
            orders.clear()
        self.accounts.clear()
        self.journals.clear()
        self.activities.clear()
        self.street = Decimal(0)
        self._add_firm()

    @property
    def firm(self) -> Account:
        """The account that journals are paid from."""
        return self.accounts[same_id(self.sandbox.config.alpaca_firm_account)]

    def now(self) -> datetime:
        """Business time."""
        return self.clock.now()

    def today(self) -> date:
        """New York's day."""
        return self.clock.now().date()

    def account(self, account_id: str) -> Account:
        """The account.

        Raises:
            Problem: it is unknown.
        """
        found = self.accounts.get(same_id(account_id))
        if found is None:
            raise unauthorized()
        return found

    def customers(self) -> Iterator[Account]:
        """All accounts but the firm's, oldest first."""
        firm = self.firm
        return (account for account in self.accounts.values() if account is not firm)

    def next_account_number(self) -> str:
        """Nine digits."""
        return str(FIRST_ACCOUNT_NUMBER + len(self.accounts))

    def add_order(self, order: Order) -> None:
        """Files a new order."""
        self.orders[order.id] = order
        self.orders_by_client_id[order.account_id, order.client_order_id] = order.id
        self.open.setdefault(order.account_id, {})[order.id] = order

    def end_order(self, order: Order, status: OrderStatus, at: datetime) -> None:
        """Closes an order; it sets nothing aside any more."""
        order.end(status, at)
        self.open[order.account_id].pop(order.id, None)

    def open_orders(self, account_id: str) -> tuple[Order, ...]:
        """Orders of the account that may still be filled."""
        return tuple(self.open.get(account_id, {}).values())

    def all_open_orders(self) -> tuple[Order, ...]:
        """The same for every account."""
        return tuple(order for orders in self.open.values() for order in orders.values())

    def held_cash(self, account_id: str) -> Decimal:
        """Cash set aside for open buys."""
        return sum((order.held_cash for order in self.open_orders(account_id)), Decimal(0))

    def held_shares(self, account_id: str, symbol: str) -> Decimal:
        """Shares set aside for open sales."""
        return sum(
            (o.held_shares for o in self.open_orders(account_id) if o.symbol == symbol),
            Decimal(0),
        )

    def buying_power(self, account: Account) -> Decimal:
        """Cash that no open order has set aside."""
        return account.cash - self.held_cash(account.id)

    def withdrawable(self, account: Account) -> Decimal:
        """Cash that has settled and is not set aside."""
        unsettled = account.unsettled_on(self.today())
        return max(Decimal(0), self.buying_power(account) - unsettled)

    def record(self, account_id: str, kind: str, data: dict[str, Any]) -> None:
        """Adds a line to the account's history, at business time now."""
        at = self.now()
        self.record_at(account_id, kind, at, data)

    def record_at(self, account_id: str, kind: str, at: datetime, data: dict[str, Any]) -> None:
        """The same, at a moment of business time."""
        stamp = at.strftime("%Y%m%d%H%M%S") + f"{at.microsecond // 1000:03}"
        day = at.astimezone(self.now().tzinfo).date()
        self.activities.append(Activity(f"{stamp}::{uuid4()}", account_id, kind, at, day, data))

    def forget_execution(self, execution_id: str) -> None:
        """Takes a line out of the history whose trade never was."""
        self.activities[:] = [
            one for one in self.activities if one.data.get("execution_id") != execution_id
        ]

    def time_until(self, instant: datetime) -> timedelta:
        """Wall time until business time reaches the instant, if nobody moves the clock."""
        return max(timedelta(0), instant - self.now())

    def prefund(self, cash: Decimal) -> None:
        """Sets the firm's cash, as a wire from or to its bank would."""
        self.prefunded += cash - self.firm.cash
        self.firm.cash = cash

    def _add_firm(self) -> None:
        firm_id = str(UUID(self.sandbox.config.alpaca_firm_account))
        self.accounts[firm_id] = Account(
            id=firm_id,
            number=str(FIRST_ACCOUNT_NUMBER - 1),
            created_at=self.now(),
            status=AccountStatus.ACTIVE,
            contact={"email_address": FIRM_EMAIL},
            identity={"given_name": "Firm", "family_name": "Account"},
            disclosures={},
            agreements=[],
            cash=DEFAULT_FIRM_CASH,
        )
        self.prefunded = DEFAULT_FIRM_CASH
