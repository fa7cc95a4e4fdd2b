"""Alpaca's trade events in our words. Pure."""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.investing.errors import (
    BrokerEventMalformed,
    BrokerEventUnsupported,
)
from shared.investing.model import Ending, Execution, OrderStatus, Side, TakenBack
from shared.investing.ports import RefusalReason, TradeEvent
from shared.kernel.clock import from_text
from shared.kernel.errors import InvalidValue
from shared.kernel.money import NANOS_PER_SHARE

_NO_CHANGE = frozenset(
    {
        "accepted",
        "accepted_for_bidding",
        "calculated",
        "done_for_day",
        "held",
        "new",
        "order_cancel_rejected",
        "order_replace_rejected",
        "pending_cancel",
        "pending_new",
        "pending_replace",
        "restated",
        "stopped",
        "suspended",
    }
)
_ENDINGS: Mapping[str, tuple[OrderStatus, RefusalReason | None]] = {
    "fill": (OrderStatus.FILLED, None),
    "canceled": (OrderStatus.CANCELED, RefusalReason.CANCELED_BY_BROKER),
    "expired": (OrderStatus.EXPIRED, RefusalReason.EXPIRED),
    "rejected": (OrderStatus.REJECTED, RefusalReason.REJECTED_BY_BROKER),
    "replaced": (OrderStatus.REPLACED, RefusalReason.REPLACED),
}
_BUST, _CORRECT = "trade_bust", "trade_correct"
_EXECUTIONS = frozenset({"fill", "partial_fill", _CORRECT})
_TAKES_BACK = frozenset({_BUST, _CORRECT})
_KNOWN = _NO_CHANGE | _EXECUTIONS | _TAKES_BACK | _ENDINGS.keys()
_SIDES = {"buy": Side.BUY, "sell": Side.SELL}
_BAD = (KeyError, TypeError, ValueError, InvalidOperation, InvalidValue)


def read_json(text: str | bytes) -> Any:
    """JSON with exact numbers; raises BrokerEventMalformed."""
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise BrokerEventMalformed(what="it is not JSON") from error


def trade_event(data: Mapping[str, Any]) -> TradeEvent:
    """A trade event of the stream or of a push.

    A bust takes an execution back; a correction does, and brings another in its place. Raises
    BrokerEventMalformed, or BrokerEventUnsupported for kinds that are not known.
    """
    try:
        kind = data["event"]
        if kind not in _KNOWN:
            raise BrokerEventUnsupported(kind=str(kind)[:40])
        order = data["order"]
        at = from_text(data.get("timestamp") or data["at"])
        return TradeEvent(
            client_order_id=str(order["client_order_id"]),
            account_id=str(data["account_id"]),
            symbol=str(order["symbol"]),
            broker_order_id=str(order["id"]),
            at=at,
            side=_SIDES[order["side"]],
            taken_back=_taken_back(data) if kind in _TAKES_BACK else None,
            execution=_execution(data, at) if kind in _EXECUTIONS else None,
            ending=_ending(kind, order),
            replaced_by=str(order.get("replaced_by") or "") if kind == "replaced" else "",
        )
    except _BAD as error:
        raise BrokerEventMalformed(what=type(error).__name__) from error


def _execution(data: Mapping[str, Any], at: datetime) -> Execution:
    price = Decimal(str(data["price"]))
    nanos = _nanos(data["qty"])
    if not price.is_finite() or price <= 0 or nanos <= 0:
        raise ValueError("an execution has a positive price and quantity")
    return Execution(execution_key(str(data["execution_id"])), nanos, price, at)


def _taken_back(data: Mapping[str, Any]) -> TakenBack:
    """A bust tells its shares below zero; a correction tells only those of the new execution."""
    nanos = -_nanos(data["qty"]) if data["event"] == _BUST else 0
    previous = data["previous_execution_id"]
    if nanos < 0 or not isinstance(previous, str) or not previous:
        raise ValueError("what is taken back has a name, and its shares are below zero")
    return TakenBack(execution_key(previous), nanos)


def _ending(kind: str, order: Mapping[str, Any]) -> Ending | None:
    if kind not in _ENDINGS:
        return None
    status, reason = _ENDINGS[kind]
    filled = _nanos(order.get("filled_qty") or "0")
    return Ending(status, filled, None if reason is None else reason.value)


def _nanos(quantity: object) -> int:
    nanos = Decimal(str(quantity)) * NANOS_PER_SHARE
    if nanos != nanos.to_integral_value():
        raise ValueError("a quantity has at most nine decimals")
    return int(nanos)


def execution_key(execution_id: str) -> str:
    """Eleven characters that stand for an execution: an order keeps one per fill."""
    digest = hashlib.sha256(execution_id.encode()).digest()[:8]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
