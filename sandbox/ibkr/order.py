"""One order, its executions, and how the gateway writes both."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sandbox.ibkr.contracts import LISTED, conid
from sandbox.market.calendar import Session


class Status(StrEnum):
    """The part of the gateway's status list that this sandbox reaches."""

    PRE_SUBMITTED = "PreSubmitted"
    SUBMITTED = "Submitted"
    PENDING_CANCEL = "PendingCancel"
    FILLED = "Filled"
    CANCELLED = "Cancelled"
    INACTIVE = "Inactive"


FINAL = frozenset({Status.FILLED, Status.CANCELLED, Status.INACTIVE})


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order as it was asked for: over shares, or over an amount of cash."""

    account: str
    symbol: str
    side: str
    kind: str
    quantity: Decimal | None
    cash: Decimal | None
    price: Decimal | None
    client_id: str | None


@dataclass(frozen=True, slots=True)
class Execution:
    """One trade on the exchange."""

    id: str
    at: datetime
    qty: Decimal
    price: Decimal


@dataclass(slots=True)
class Order:
    """A day order. What happens to it is booked by the exchange."""

    id: int
    wanted: Wanted
    created_at: datetime
    session: Session
    status: Status = Status.PRE_SUBMITTED
    executions: list[Execution] = field(default_factory=list)
    parts: int = 1
    stops_after: int | None = None
    doomed: bool = False
    in_work: bool = False

    @property
    def open(self) -> bool:
        """Whether something may still happen to it."""
        return self.status not in FINAL

    @property
    def filled(self) -> Decimal:
        """Shares traded so far."""
        return sum((one.qty for one in self.executions), Decimal(0))

    @property
    def value(self) -> Decimal:
        """Cash traded so far."""
        return sum((one.qty * one.price for one in self.executions), Decimal(0))

    def live(self) -> dict[str, Any]:
        """Its line in `/iserver/account/orders`."""
        wanted, filled = self.wanted, self.filled
        rest = max(Decimal(0), (wanted.quantity or filled) - filled)
        line: dict[str, Any] = {
            "acct": wanted.account,
            "account": wanted.account,
            "conid": conid(wanted.symbol),
            "conidex": str(conid(wanted.symbol)),
            "orderId": self.id,
            "cashCcy": "USD",
            "sizeAndFills": f"{_short(filled)}/{_short(wanted.quantity or filled)}",
            "orderDesc": f"{wanted.side.capitalize()} {wanted.symbol} Market, Day",
            "description1": wanted.symbol,
            "ticker": wanted.symbol,
            "secType": "STK",
            "listingExchange": LISTED[wanted.symbol][0],
            "remainingQuantity": float(rest),
            "filledQuantity": float(filled),
            "totalSize": float(wanted.quantity or filled),
            "companyName": LISTED[wanted.symbol][1],
            "status": self.status.value,
            "order_ccp_status": self.status.value,
            "origOrderType": "MARKET" if wanted.kind == "MKT" else "LIMIT",
            "orderType": "Market" if wanted.kind == "MKT" else "Limit",
            "supportsTaxOpt": "1",
            "lastExecutionTime_r": int(self.created_at.timestamp() * 1000),
            "timeInForce": "DAY",
            "side": wanted.side,
            "outsideRTH": False,
        }
        if wanted.client_id is not None:
            line["order_ref"] = wanted.client_id
        if wanted.cash is not None:
            line["totalCashSize"] = float(wanted.cash)
        if wanted.price is not None:
            line["price"] = f"{wanted.price:f}"
        if filled:
            line["avgPrice"] = f"{self.value / filled:.6f}"
        return line

    def detail(self) -> dict[str, Any]:
        """The answer of `/iserver/account/order/status/{id}`."""
        wanted, filled = self.wanted, self.filled
        size = wanted.quantity or filled
        return {
            "sub_type": None,
            "request_id": "1",
            "order_id": self.id,
            "conidex": str(conid(wanted.symbol)),
            "conid": conid(wanted.symbol),
            "symbol": wanted.symbol,
            "side": wanted.side[0],
            "contract_description_1": wanted.symbol,
            "listing_exchange": LISTED[wanted.symbol][0],
            "option_acct": "c",
            "company_name": LISTED[wanted.symbol][1],
            "size": str(float(size)),
            "total_size": str(float(size)),
            "currency": "USD",
            "account": wanted.account,
            "order_type": "MARKET" if wanted.kind == "MKT" else "LIMIT",
            "cum_fill": str(float(filled)),
            "order_status": self.status.value,
            "order_ccp_status": "0",
            "order_description": f"{wanted.side.capitalize()} {wanted.symbol}",
            "tif": "DAY",
            "size_and_fills": f"{_short(filled)}/{_short(size)}",
            "order_not_editable": not self.open,
            "cannot_cancel_order": not self.open,
            "outside_rth": False,
        }

    def trades(self) -> list[dict[str, Any]]:
        """Its lines in `/iserver/account/trades`."""
        return [self._trade(one) for one in self.executions]

    def _trade(self, done: Execution) -> dict[str, Any]:
        wanted = self.wanted
        line: dict[str, Any] = {
            "execution_id": done.id,
            "symbol": wanted.symbol,
            "supports_tax_opt": "1",
            "side": wanted.side[0],
            "order_description": f"{wanted.side.capitalize()} {_short(done.qty)} @ {done.price}",
            "trade_time": done.at.strftime("%Y%m%d-%H:%M:%S"),
            "trade_time_r": int(done.at.timestamp() * 1000),
            "size": float(done.qty),
            "price": f"{done.price:f}",
            "exchange": "ISLAND",
            "commission": "0.00",
            "net_amount": float(done.qty * done.price),
            "account": wanted.account,
            "accountCode": wanted.account,
            "company_name": LISTED[wanted.symbol][1],
            "contract_description_1": wanted.symbol,
            "sec_type": "STK",
            "listing_exchange": LISTED[wanted.symbol][0],
            "conid": conid(wanted.symbol),
            "conidEx": str(conid(wanted.symbol)),
            "clearing_id": "IB",
            "clearing_name": "IB",
        }
        if wanted.client_id is not None:
            line["order_ref"] = wanted.client_id
        return line


def _short(qty: Decimal) -> str:
    return f"{qty.normalize():f}"
