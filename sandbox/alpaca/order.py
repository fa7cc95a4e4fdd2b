"""One order and its executions."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sandbox.alpaca.wire import SHARE_STEP, decimal_text, optional_decimal, optional_timestamp
from sandbox.market.calendar import Session


class Side(StrEnum):
    """Which way the shares go."""

    BUY = "buy"
    SELL = "sell"


class OrderStatus(StrEnum):
    """The part of the broker's status list that this sandbox reaches."""

    ACCEPTED = "accepted"
    NEW = "new"
    PARTIALLY_FILLED = "partially_filled"
    PENDING_CANCEL = "pending_cancel"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    REPLACED = "replaced"


FINAL = frozenset(
    {
        OrderStatus.FILLED,
        OrderStatus.CANCELED,
        OrderStatus.EXPIRED,
        OrderStatus.REJECTED,
        OrderStatus.REPLACED,
    }
)


@dataclass(frozen=True, slots=True)
class Execution:
    """One trade on the exchange."""

    id: str
    at: datetime
    qty: Decimal
    price: Decimal


@dataclass(slots=True)
class Order:
    """A market order over an amount (`notional`) or a quantity (`qty`), for one session."""

    id: str
    client_order_id: str
    account_id: str
    asset_id: str
    symbol: str
    side: Side
    notional: Decimal | None
    qty: Decimal | None
    time_in_force: str
    created_at: datetime
    updated_at: datetime
    # The session in which it may trade.
    session: Session
    # Set aside when it was accepted: cash for a buy, shares for a sale.
    reserved: Decimal
    status: OrderStatus = OrderStatus.ACCEPTED
    executions: list[Execution] = field(default_factory=list)
    parts: int = 1
    # Ordered faults: refused by the exchange; the rest stays open after so many executions.
    doomed: bool = False
    stops_after: int | None = None
    filled_at: datetime | None = None
    canceled_at: datetime | None = None
    expired_at: datetime | None = None
    failed_at: datetime | None = None
    replaced_at: datetime | None = None
    replaced_by: str | None = None
    replaces: str | None = None
    # A worker is on its way; a second one would fill twice.
    in_work: bool = False

    @property
    def is_open(self) -> bool:
        """True while something may still happen to it."""
        return self.status not in FINAL

    @property
    def filled_qty(self) -> Decimal:
        """Shares traded so far."""
        return sum((execution.qty for execution in self.executions), Decimal(0))

    @property
    def filled_value(self) -> Decimal:
        """Cash traded so far, exact."""
        return sum((done.qty * done.price for done in self.executions), Decimal(0))

    @property
    def held_cash(self) -> Decimal:
        """Cash still set aside."""
        if self.side is Side.SELL:
            return Decimal(0)
        return max(Decimal(0), self.reserved - self.filled_value)

    @property
    def held_shares(self) -> Decimal:
        """Shares still set aside."""
        if self.side is Side.BUY:
            return Decimal(0)
        return max(Decimal(0), self.reserved - self.filled_qty)

    def end(self, status: OrderStatus, at: datetime) -> None:
        """Closes the order."""
        self.status = status
        self.updated_at = at
        match status:
            case OrderStatus.FILLED:
                self.filled_at = at
            case OrderStatus.CANCELED:
                self.canceled_at = at
            case OrderStatus.EXPIRED:
                self.expired_at = at
            case OrderStatus.REPLACED:
                self.replaced_at = at
            case _:
                self.failed_at = at

    def wire(self) -> dict[str, Any]:
        """The order object."""
        filled = self.filled_qty
        average = (self.filled_value / filled).quantize(SHARE_STEP) if filled else None
        return {
            "id": self.id,
            "client_order_id": self.client_order_id,
            "created_at": optional_timestamp(self.created_at),
            "updated_at": optional_timestamp(self.updated_at),
            "submitted_at": optional_timestamp(self.created_at),
            "filled_at": optional_timestamp(self.filled_at),
            "expired_at": optional_timestamp(self.expired_at),
            "expires_at": optional_timestamp(self.session.close),
            "canceled_at": optional_timestamp(self.canceled_at),
            "failed_at": optional_timestamp(self.failed_at),
            "replaced_at": optional_timestamp(self.replaced_at),
            "replaced_by": self.replaced_by,
            "replaces": self.replaces,
            "asset_id": self.asset_id,
            "symbol": self.symbol,
            "asset_class": "us_equity",
            "notional": optional_decimal(self.notional),
            "qty": optional_decimal(self.qty),
            "filled_qty": decimal_text(filled),
            "filled_avg_price": optional_decimal(average),
            "order_class": "",
            "order_type": "market",
            "type": "market",
            "side": self.side.value,
            "position_intent": "buy_to_open" if self.side is Side.BUY else "sell_to_close",
            "time_in_force": self.time_in_force,
            "limit_price": None,
            "stop_price": None,
            "status": self.status.value,
            "extended_hours": False,
            "legs": None,
            "trail_percent": None,
            "trail_price": None,
            "hwm": None,
            "commission": "0",
        }
