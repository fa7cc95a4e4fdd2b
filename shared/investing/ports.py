"""What investing needs: state to plan with, rows of plans and orders, and the broker."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from shared.investing.model import Ending, Execution, Order, Side, TakenBack
from shared.investing.plan import Inputs, Plan
from shared.kernel.money import Money, Quantity
from shared.ledger.model import Wallet
from shared.platform.work import Write
from shared.portfolio.model import Position

if TYPE_CHECKING:
    # The screen reads orders, and would load all rules with it.
    from shared.investing.reading import Ask


@dataclass(frozen=True, slots=True)
class Situation:
    """What two reads know of a person, of what is to be planned, and of the market."""

    inputs: Inputs
    wallet: Wallet
    """The wallet behind the inputs: the plan holds only while it is unchanged."""
    account_id: str | None
    """The person's account at the broker."""
    planned: bool
    """The cause has its plan already."""
    trace: str = ""
    """The correlation id under which the deposit was begun; empty for another cause."""


@dataclass(frozen=True, slots=True)
class Booking:
    """The rows that one broker event touches, from one read."""

    order: Order
    wallet: Wallet
    position: Position


class Situations(Protocol):
    """Reads everything that a plan depends on."""

    def load(self, user_id: str, ask: "Ask") -> Situation:
        """Two requests: the person's state, then the market with the plan and its cause."""

    def planned(self, user_id: str, ask: "Ask") -> list[Write]:
        """The writes that end the cause's waiting for a plan; committed with the plan."""


class Plans(Protocol):
    """Plans and orders."""

    def plan(self, user_id: str, plan_id: str) -> Plan | None:
        """A plan, or None."""

    def orders(self, user_id: str, order_ids: Sequence[str]) -> list[Order]:
        """Those of the orders that exist, in one request."""

    def booking(self, user_id: str, order_id: str, symbol: str) -> Booking | None:
        """Order, wallet and position in one request; None when there is no such order."""

    def add(self, plan: Plan, orders: Sequence[Order]) -> list[Write]:
        """New rows; the write named ``plan`` fails when the cause has its plan already."""

    def named(self, broker_order_id: str) -> str | None:
        """Our name of the order in whose place this one of the broker's stands; None for none."""

    def succeeded(self, order: Order, broker_order_id: str) -> Write:
        """From now on the broker's order stands in the place of ours; the write ``successor``."""

    def save(self, order: Order) -> Write:
        """Replace an order that is still the one that was read; the write is ``order``."""


class RefusalReason(StrEnum):
    """Why an order ended without a fill, in our words."""

    INSUFFICIENT_BUYING_POWER = "INSUFFICIENT_BUYING_POWER"
    """The account at the broker does not hold the money."""
    INSUFFICIENT_SHARES = "INSUFFICIENT_SHARES"
    """The account at the broker does not hold the shares, or another order has them."""
    POSITION_DIFFERS = "POSITION_DIFFERS"
    """To close a position, its shares here and at the broker must be the same."""
    NOT_TRADABLE = "NOT_TRADABLE"
    """The asset does not trade."""
    NOT_FRACTIONABLE = "NOT_FRACTIONABLE"
    """The asset trades in whole shares only."""
    HALTED = "HALTED"
    """Trading of the asset is halted."""
    OPPOSITE_SIDE = "OPPOSITE_SIDE"
    """An order for the other side of the same asset is open."""
    ACCOUNT_BLOCKED = "ACCOUNT_BLOCKED"
    """The account at the broker may not trade."""
    ACCOUNT_NOT_ACTIVE = "ACCOUNT_NOT_ACTIVE"
    """The account at the broker is not open."""
    BELOW_MINIMUM = "BELOW_MINIMUM"
    """The order is smaller than the broker takes."""
    INVALID_ORDER = "INVALID_ORDER"
    """The broker does not accept an order of this form."""
    NEEDS_CONFIRMATION = "NEEDS_CONFIRMATION"
    """The broker asks something about it that a person has to answer first."""
    REJECTED_BY_BROKER = "REJECTED_BY_BROKER"
    """The broker or the exchange rejected it after taking it."""
    CANCELED = "CANCELED"
    """It was canceled as somebody here wanted, before all was traded."""
    CANCELED_BY_BROKER = "CANCELED_BY_BROKER"
    """The broker or the exchange canceled it before all was traded; nobody here wanted that."""
    EXPIRED = "EXPIRED"
    """The session ended before all was traded."""
    REPLACED = "REPLACED"
    """The broker put another order in its place."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """An order as the broker is told of it, at the market, today: buy for an ``amount``, or buy
    or sell a ``quantity`` of shares. One of the two is there."""

    account_id: str
    client_order_id: str
    symbol: str
    amount: Money | None = None
    side: Side = Side.BUY
    quantity: Quantity | None = None
    exit: bool = False
    """The sale closes the position: nothing may be left of it, or else it is refused."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The broker has the order."""

    broker_order_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The broker does not take the order; nothing will happen."""

    reason: RefusalReason


@dataclass(frozen=True, slots=True)
class NotSent:
    """The order certainly did not reach the broker; it may be sent again."""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """It may have reached the broker: look it up before anything else."""


type Submission = Accepted | Refused | NotSent | NoAnswer


@dataclass(frozen=True, slots=True)
class BrokerOrder:
    """The broker's view of an order."""

    broker_order_id: str
    client_order_id: str
    symbol: str
    notional: Money | None
    ended: bool
    filled_nanos: int
    side: Side = Side.BUY
    quantity: Quantity | None = None
    successor: str = ""
    """The broker's name of the order that stands in its place and goes on; empty for none."""


class Broker(Protocol):
    """Sends orders. Nothing here repeats by itself."""

    def submit(self, ticket: Ticket) -> Submission:
        """Place an order; a duplicate client order id is Accepted with the existing order.

        Raises OrderMismatch when the existing one is a different order.
        """

    def find(self, account_id: str, client_order_id: str) -> BrokerOrder | None:
        """An order by our id, None when the broker has none; raises BrokerUnavailable."""

    def cancel(self, account_id: str, broker_order_id: str) -> bool:
        """Ask for an order to be canceled: whether the broker took that. False when there is
        nothing to cancel any more. Either way the order's events tell how it ended.

        Raises BrokerUnavailable; to ask again does no harm.
        """


@dataclass(frozen=True, slots=True)
class CashHeld:
    """Dollars of an account, exact: not every broker rounds executions to cents."""

    total: Decimal
    settled: Decimal
    """What of it has settled and is not set aside for open orders."""
    borrows: bool | None = None
    """Whether the account may borrow, or counts as that of a pattern day trader; None where the
    broker does not tell."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One line of an account's history: what it changed."""

    id: str
    order_id: str
    """The broker's own name of the order that it belongs to; empty for what is of none."""
    symbol: str
    """Empty where no shares moved."""
    nanos: int
    """Nano-shares; negative left the account."""
    cash: Decimal
    """Dollars; negative left the account."""


class Custody(Protocol):
    """What a broker says that an account holds. All of it raises BrokerUnavailable, and
    AccountUnreadable when it is this account that the broker does not tell of."""

    def positions(self, account_id: str) -> Mapping[str, int]:
        """Nano-shares by symbol, of those that are held."""

    def cash(self, account_id: str) -> CashHeld:
        """Dollars, whatever other currencies the account holds."""

    def history(self, account_id: str, since: datetime) -> Sequence[Moved] | None:
        """What moved after a moment of the market's time; None where the broker does not list
        that."""


@dataclass(frozen=True, slots=True)
class TradeEvent:
    """What the broker reports of one order: taken, executed, ended, an execution taken back, or
    several at once: a correction takes one back and brings another."""

    client_order_id: str
    account_id: str
    symbol: str
    broker_order_id: str
    at: datetime
    side: Side = Side.BUY
    execution: Execution | None = None
    taken_back: TakenBack | None = None
    ending: Ending | None = None
    replaced_by: str = ""
    """With an ending ``REPLACED``: the broker's name of the order that goes on in its place."""


@dataclass(frozen=True, slots=True)
class Road:
    """What stands between a person's orders and the broker, when they are to be sent."""

    stopped: frozenset[str] = frozenset()
    """Open breakers that stop all of them."""
    paused: frozenset[str] = frozenset()
    """Symbols that are not bought."""
    frozen: frozenset[str] = frozenset()
    """Symbols that are neither bought nor sold, not even to raise cash."""
    market_open: bool = True
    """Whether the market is known to trade."""
    held: bool = False
    """Whether automatic trading of the person is stopped."""


class Roads(Protocol):
    """Looks along the way to the broker."""

    def look(self, user_id: str, account_id: str, symbols: Collection[str]) -> Road:
        """How it stands now, in one request."""


class Polls(Protocol):
    """Asks for a look at the broker's events."""

    def soon(self) -> None:
        """Within seconds, several times."""

    def again_since(self, at: datetime) -> None:
        """Once more from this time on: an event seems to be lost."""
