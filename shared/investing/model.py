"""Orders and their state machine: what was reserved, filled, charged and released. Pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from enum import StrEnum

from shared.kernel.ids import cell_of, ulid_of
from shared.kernel.money import NANOS_PER_SHARE
from shared.kernel.states import Transitions, advance, is_final
from shared.portfolio.model import BASE


class Side(StrEnum):
    """Which way the shares go."""

    BUY = "BUY"
    SELL = "SELL"


class OrderStatus(StrEnum):
    """Where an order stands. It ends only when all fills that the broker counts are booked."""

    PLANNED = "PLANNED"
    """Money is reserved; nothing was sent yet."""
    UNKNOWN = "UNKNOWN"
    """It was sent and no answer came: looked up before anything else is done."""
    SUBMITTED = "SUBMITTED"
    """The broker has it."""
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    """Some shares were bought, or the broker has ended it and a fill is still on its way."""
    FILLED = "FILLED"
    """All was bought."""
    REJECTED = "REJECTED"
    """The broker did not take it; the reservation is released."""
    CANCELED = "CANCELED"
    """Ended before all was bought; what was bought stays, the rest is released."""
    EXPIRED = "EXPIRED"
    """The session ended before all was bought; as CANCELED."""


_ENDS = frozenset(
    {OrderStatus.FILLED, OrderStatus.REJECTED, OrderStatus.CANCELED, OrderStatus.EXPIRED}
)
_MOVING = frozenset({OrderStatus.PARTIALLY_FILLED}) | _ENDS
TRANSITIONS: Transitions[OrderStatus] = {
    OrderStatus.PLANNED: frozenset({OrderStatus.UNKNOWN, OrderStatus.SUBMITTED}) | _MOVING,
    OrderStatus.UNKNOWN: frozenset({OrderStatus.SUBMITTED}) | _MOVING,
    OrderStatus.SUBMITTED: _MOVING,
    OrderStatus.PARTIALLY_FILLED: _ENDS,
    OrderStatus.FILLED: frozenset(),
    OrderStatus.REJECTED: frozenset(),
    OrderStatus.CANCELED: frozenset(),
    OrderStatus.EXPIRED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Execution:
    """One trade of an order on the exchange."""

    key: str
    """Short form of the broker's execution id: books an execution once."""
    nanos: int
    price: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Ending:
    """The broker's last word on an order: how it ended and how much it counts as filled."""

    status: OrderStatus
    filled_nanos: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order over an amount of money. All amounts in cents, quantities in nano-shares."""

    order_id: str
    user_id: str
    plan_id: str
    account_id: str
    """The person's account at the broker."""
    symbol: str
    notional_minor: int
    side: Side = Side.BUY
    status: OrderStatus = OrderStatus.PLANNED
    broker_order_id: str | None = None
    filled_nanos: int = 0
    filled_value: Decimal = Decimal(0)
    """Exact sum of quantity times price over the executions, in whole dollars."""
    charged_minor: int = 0
    executions: frozenset[str] = frozenset()
    ending: Ending | None = None
    created_at: datetime | None = None
    """When its plan was made; its identifier carries the time of the deposit."""
    submitted_at: datetime | None = None
    filled_at: datetime | None = None
    """Time of its latest execution, on the exchange's clock."""
    updated_at: datetime | None = None
    version: int = field(default=0)
    trace: str = ""
    """The correlation id of the deposit that it invests."""

    @property
    def final(self) -> bool:
        """Whether nothing is expected to happen to it any more."""
        return is_final(TRANSITIONS, self.status)

    @property
    def reserved_minor(self) -> int:
        """Cents of its reservation that are still held."""
        return 0 if self.final else max(0, self.notional_minor - self.charged_minor)

    @property
    def released_minor(self) -> int:
        """Cents of its reservation that were given back."""
        return max(0, self.notional_minor - self.charged_minor) if self.final else 0

    @property
    def client_order_id(self) -> str:
        """By this the broker knows it; names person and order, so that events need no lookup."""
        return f"{cell_of(self.order_id)}.{ulid_of(self.user_id)}.{ulid_of(self.order_id)}"

    def submitted(self, broker_order_id: str, at: datetime) -> "Order":
        """The broker has it."""
        if self.status not in (OrderStatus.PLANNED, OrderStatus.UNKNOWN):
            return self
        return replace(
            self,
            status=OrderStatus.SUBMITTED,
            broker_order_id=broker_order_id,
            submitted_at=at,
            updated_at=at,
        )

    def unanswered(self, at: datetime) -> "Order":
        """It was sent and no answer came."""
        status = advance(TRANSITIONS, self.status, OrderStatus.UNKNOWN)
        return replace(self, status=status, submitted_at=at, updated_at=at)

    def looked_at(self, at: datetime) -> "Order":
        """The broker was asked for it; nothing is known that was not known before."""
        return replace(self, updated_at=at)

    def executed(self, execution: Execution, at: datetime) -> "Order":
        """With one more execution; the same order when it is booked already.

        The charge is rounded over all executions together, half to even: in any order of
        arrival the sum is the same.
        """
        if execution.key in self.executions:
            return self
        with localcontext(prec=38):
            value = self.filled_value + execution.price * execution.nanos / NANOS_PER_SHARE
            cents = (value * 10**BASE.exponent).to_integral_value(ROUND_HALF_EVEN)
        return replace(
            self,
            filled_nanos=self.filled_nanos + execution.nanos,
            filled_value=value,
            charged_minor=int(cents),
            executions=self.executions | {execution.key},
            filled_at=max(self.filled_at or execution.at, execution.at),
            updated_at=at,
        )._settled()

    def ended(self, ending: Ending, at: datetime) -> "Order":
        """With the broker's last word; the first one holds."""
        if self.ending is not None or self.final:
            return self
        return replace(self, ending=ending, updated_at=at)._settled()

    def _settled(self) -> "Order":
        """Final only when every share that the broker counts has been booked."""
        if self.final:
            # A fill after the end: booked all the same, the end stays.
            return self
        if self.ending is not None and self.filled_nanos >= self.ending.filled_nanos:
            return replace(self, status=advance(TRANSITIONS, self.status, self.ending.status))
        if self.filled_nanos or self.ending is not None:
            return replace(self, status=OrderStatus.PARTIALLY_FILLED)
        return self


def order_names(client_order_id: str) -> tuple[str, str] | None:
    """Identifiers of person and order in a client order id; None when it is none of ours."""
    parts = client_order_id.split(".")
    if len(parts) != 3:
        return None
    cell, user, order = parts
    names = f"usr_{cell}_{user}", f"ord_{cell}_{order}"
    try:
        return None if any(ulid_of(name) == "" for name in names) else names
    except ValueError:
        return None
