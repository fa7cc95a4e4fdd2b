"""Executions and endings at Interactive Brokers in our words, and the form in which they travel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from shared.investing.brokers.alpaca_events import execution_key
from shared.investing.brokers.ibkr_orders import nanos
from shared.investing.errors import BrokerEventMalformed
from shared.investing.model import Ending, Execution, OrderStatus, Side
from shared.investing.ports import RefusalReason, TradeEvent
from shared.kernel.clock import from_text, to_text
from shared.kernel.errors import InvalidValue
from shared.platform.observability import metric

if TYPE_CHECKING:
    # Whoever only unpacks events carries no HTTP client.
    from shared.platform.ibkr_wire import IbkrWire

TOPIC = "ibkr_trade_updates"
"""The type under which these events travel on the queue of broker events."""
_BAD = (AttributeError, KeyError, TypeError, ValueError, InvalidOperation, InvalidValue)
_SIDES: Mapping[str, Side] = {"B": Side.BUY, "S": Side.SELL}
_ENDINGS: Mapping[str, tuple[OrderStatus, RefusalReason | None]] = {
    "Filled": (OrderStatus.FILLED, None),
    "Cancelled": (OrderStatus.CANCELED, RefusalReason.CANCELED_BY_BROKER),
    "Inactive": (OrderStatus.REJECTED, RefusalReason.REJECTED_BY_BROKER),
}


@dataclass(frozen=True, slots=True)
class Trade:
    """One execution of an order of ours."""

    client_order_id: str
    symbol: str
    side: Side
    execution: Execution


def trades_of(wire: "IbkrWire", account_id: str, client_order_ids: Sequence[str]) -> list[Trade]:
    """Executions of the last seven days. The list is that of the account that is selected.

    Raises GatewayError, or what ``Decimal`` and mappings raise for an answer of another form.
    """
    wire.post("/iserver/account", {"acctId": account_id})
    answer = wire.get("/iserver/account/trades", days="7")
    wanted = set(client_order_ids)
    lines = (line for line in answer if line.get("order_ref") in wanted)
    return [_trade(line) for line in lines if line["account"] == account_id]


def _trade(line: Mapping[str, Any]) -> Trade:
    price = Decimal(str(line["price"]))
    size = nanos(line["size"])
    if not price.is_finite() or price <= 0 or size <= 0:
        raise ValueError("an execution has a positive price and quantity")
    if Decimal(str(line.get("commission") or "0")) != 0:
        # Our accounts pay none; one that appears would be missing in our books.
        metric("BrokerCommission", broker="ibkr")
    seconds, rest = divmod(int(line["trade_time_r"]), 1000)
    at = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)
    key = execution_key(str(line["execution_id"]))
    return Trade(
        str(line["order_ref"]),
        str(line["symbol"]),
        _SIDES[line["side"]],
        Execution(key, size, price, at),
    )


def ending_of(status: str, filled: int) -> Ending | None:
    """What a final status means; None for one that is not final. An order that the broker gave
    up after it had traded is canceled, not rejected: what was traded stays."""
    if status not in _ENDINGS:
        return None
    ended, reason = _ENDINGS[status]
    if ended is OrderStatus.REJECTED and filled:
        ended, reason = OrderStatus.CANCELED, RefusalReason.CANCELED_BY_BROKER
    return Ending(ended, filled, None if reason is None else reason.value)


def packed(event: TradeEvent) -> dict[str, Any]:
    """An event as it travels."""
    done, end = event.execution, event.ending
    return {
        "client_order_id": event.client_order_id,
        "account_id": event.account_id,
        "symbol": event.symbol,
        "side": event.side.value,
        "broker_order_id": event.broker_order_id,
        "at": to_text(event.at),
        "execution": None
        if done is None
        else {
            "key": done.key,
            "nanos": done.nanos,
            "price": format(done.price, "f"),
            "at": to_text(done.at),
        },
        "ending": None
        if end is None
        else {"status": end.status.value, "filled_nanos": end.filled_nanos, "reason": end.reason},
    }


def unpacked(data: Mapping[str, Any]) -> TradeEvent:
    """The event again; raises BrokerEventMalformed."""
    try:
        done, end = data["execution"], data["ending"]
        return TradeEvent(
            client_order_id=str(data["client_order_id"]),
            account_id=str(data["account_id"]),
            symbol=str(data["symbol"]),
            side=Side(data["side"]),
            broker_order_id=str(data["broker_order_id"]),
            at=from_text(data["at"]),
            execution=None
            if done is None
            else Execution(
                str(done["key"]), int(done["nanos"]), Decimal(done["price"]), from_text(done["at"])
            ),
            ending=None
            if end is None
            else Ending(OrderStatus(end["status"]), int(end["filled_nanos"]), end["reason"]),
        )
    except _BAD as error:
        raise BrokerEventMalformed(what=type(error).__name__) from error
