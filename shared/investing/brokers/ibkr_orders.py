"""Orders as the gateway is told of them and as it tells of them. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from shared.investing.model import Side
from shared.investing.ports import BrokerOrder, RefusalReason, Ticket
from shared.kernel.money import NANOS_PER_SHARE, Money, Quantity
from shared.portfolio.model import BASE

STEP = Decimal("0.0001")
"""Shares have four decimals at this broker, where parts of them are allowed."""
COLLAR = Decimal("1.02")
"""A buy of whole shares pays at most so much of the price that it was sized on."""
ENDED = frozenset({"Filled", "Cancelled", "Inactive"})
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Permissions:
    """What an account may do."""

    fractions: bool
    cash_quantity: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """Size and price of an order: an amount of cash, or shares with or without a limit."""

    cash: Decimal | None = None
    quantity: Decimal | None = None
    limit: Decimal | None = None

    def body(self, conid: int, side: str, client_order_id: str) -> dict[str, Any]:
        """The order as the gateway wants it."""
        order: dict[str, Any] = {
            "conid": conid,
            "side": side,
            "orderType": "MKT" if self.limit is None else "LMT",
            "tif": "DAY",
            "outsideRTH": False,
            "cOID": client_order_id,
        }
        if self.cash is not None:
            order["cashQty"] = self.cash
        if self.quantity is not None:
            order["quantity"] = self.quantity
        if self.limit is not None:
            order["price"] = self.limit
        return {"orders": [order]}


def dollars(amount: Money) -> Decimal:
    """Cents as dollars, exact."""
    return Decimal(amount.minor).scaleb(-amount.currency.exponent)


def terms_of(
    ticket: Ticket, permitted: Permissions, ask: Callable[[], Decimal]
) -> Terms | RefusalReason:
    """Size and price of the order for a ticket, or why there is none.

    An amount becomes a cash quantity where the account may have parts of shares, and whole
    shares elsewhere. Shares are rounded down to what the broker counts, and never up.
    """
    if ticket.amount is not None:
        if permitted.fractions and permitted.cash_quantity:
            return Terms(cash=dollars(ticket.amount))
        return whole_shares(ticket.amount, ask()) or RefusalReason.BELOW_MINIMUM
    if ticket.quantity is None:
        return RefusalReason.INVALID_ORDER
    exact = Decimal(ticket.quantity.nanos) / NANOS_PER_SHARE
    quantity = exact.quantize(STEP if permitted.fractions else Decimal(1), ROUND_DOWN)
    if quantity != exact and ticket.exit:
        # Something would be left of a position that has to be closed.
        return RefusalReason.NOT_FRACTIONABLE
    if quantity <= 0:
        return (
            RefusalReason.BELOW_MINIMUM if permitted.fractions else RefusalReason.NOT_FRACTIONABLE
        )
    return Terms(quantity=quantity)


def whole_shares(amount: Money, ask: Decimal) -> Terms | None:
    """As many whole shares as the amount pays for, and a limit that keeps it so; None for none.

    The limit times the quantity is never more than the amount.
    """
    cash = dollars(amount)
    quantity = (cash / ask).quantize(Decimal(1), ROUND_DOWN)
    if quantity < 1:
        return None
    limit = min(ask * COLLAR, cash / quantity).quantize(_CENT, ROUND_DOWN)
    return Terms(quantity=quantity, limit=limit) if limit > 0 else None


def line_of(answer: Any, account_id: str, client_order_id: str) -> Mapping[str, Any] | None:
    """The order in the gateway's list; None when it is not there.

    Raises ValueError for a list that is not whole: its first answer only begins it.
    """
    if answer.get("snapshot") is not True:
        raise ValueError("the list is not whole")
    for line in answer["orders"]:
        if line.get("order_ref") == client_order_id and account_id in _accounts(line):
            found: Mapping[str, Any] = line
            return found
    return None


def _accounts(line: Mapping[str, Any]) -> tuple[Any, Any]:
    return line.get("acct"), line.get("account")


def order_of(line: Mapping[str, Any]) -> BrokerOrder:
    """A line of that list."""
    cash = line.get("totalCashSize")
    return BrokerOrder(
        broker_order_id=str(line["orderId"]),
        client_order_id=str(line["order_ref"]),
        symbol=str(line["ticker"]),
        notional=None if cash is None else Money.parse(f"{Decimal(cash):.2f}", BASE),
        ended=str(line["status"]) in ENDED,
        filled_nanos=nanos(line["filledQuantity"]),
        side=Side(line["side"]),
        quantity=Quantity(nanos(line["totalSize"])) if cash is None else None,
    )


def same_order(line: Mapping[str, Any], ticket: Ticket) -> bool:
    """Whether the gateway's order is the one of the ticket: an earlier attempt of ours.

    Whole shares for an amount may have been counted at another price, and a quantity is rounded
    down: then the most that it costs, or sells, has to fit.
    """
    if line["ticker"] != ticket.symbol or line["side"] != ticket.side.value:
        return False
    cash, size = line.get("totalCashSize"), Decimal(line["totalSize"])
    if ticket.amount is None:
        asked = Decimal(0 if ticket.quantity is None else ticket.quantity.nanos) / NANOS_PER_SHARE
        return cash is None and bool(asked - 1 < size <= asked)
    if cash is not None:
        return bool(Decimal(cash) == dollars(ticket.amount))
    return bool(size * Decimal(line["price"]) <= dollars(ticket.amount))


def nanos(quantity: Any) -> int:
    """Nano-shares, exact; raises ValueError for a quantity with more than nine decimals."""
    exact = Decimal(str(quantity)) * NANOS_PER_SHARE
    if not exact.is_finite() or exact != exact.to_integral_value() or exact < 0:
        raise ValueError("a quantity has at most nine decimals")
    return int(exact)
