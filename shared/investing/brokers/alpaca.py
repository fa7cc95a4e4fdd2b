"""Orders at Alpaca through the official Broker API client."""

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import requests

from shared.investing.errors import BrokerUnavailable, OrderMismatch
from shared.investing.model import Side
from shared.investing.ports import (
    Accepted,
    BrokerOrder,
    NoAnswer,
    NotSent,
    RefusalReason,
    Refused,
    Submission,
    Ticket,
)
from shared.kernel.errors import InvalidValue
from shared.kernel.money import Money, Quantity
from shared.platform.alpaca_sdk import broker_client
from shared.portfolio.model import BASE

if TYPE_CHECKING:
    from alpaca.broker.client import BrokerClient
    from alpaca.common.exceptions import APIError

_DUPLICATE = 40010001
"""Says that a field is not valid; only the message tells which."""
MOST_REPLACED = 20
"""How often one order may have been replaced by hand, and is still followed."""
_ENDED = frozenset({"filled", "canceled", "expired", "rejected", "replaced"})
_WORDS = (
    ("opposite side", RefusalReason.OPPOSITE_SIDE),
    ("wash trade", RefusalReason.OPPOSITE_SIDE),
    ("insufficient qty", RefusalReason.INSUFFICIENT_SHARES),
    ("sold short", RefusalReason.INSUFFICIENT_SHARES),
    ("buying power", RefusalReason.INSUFFICIENT_BUYING_POWER),
    ("fractionable", RefusalReason.NOT_FRACTIONABLE),
    ("halted", RefusalReason.HALTED),
    ("tradable", RefusalReason.NOT_TRADABLE),
    ("asset", RefusalReason.NOT_TRADABLE),
    ("blocked", RefusalReason.ACCOUNT_BLOCKED),
    ("not active", RefusalReason.ACCOUNT_NOT_ACTIVE),
    ("notional amount must", RefusalReason.BELOW_MINIMUM),
)
"""The broker's codes say little; the first of these words in its message tells the reason."""
_REFUSING = frozenset({400, 403, 404, 422})
_UNREADABLE = (ValueError, KeyError, TypeError, ArithmeticError, InvalidValue)
"""An answer that is not what the broker documents."""


class AlpacaBroker:
    """See Broker. The client is made on first use: importing it takes seconds."""

    def __init__(self, base_url: str, key: str, secret: str) -> None:
        self._base_url = base_url
        self._key = key
        self._secret = secret

    @cached_property
    def _client(self) -> "BrokerClient":
        return broker_client(self._base_url, self._key, self._secret)

    def submit(self, ticket: Ticket) -> Submission:
        """See Broker."""
        from alpaca.broker.requests import OrderRequest
        from alpaca.common.exceptions import APIError
        from alpaca.trading.enums import OrderSide, OrderType, TimeInForce

        try:
            if ticket.exit and not self._closes(ticket):
                return Refused(RefusalReason.POSITION_DIFFERS)
        except BrokerUnavailable:
            return NotSent()
        sides = {Side.BUY: OrderSide.BUY, Side.SELL: OrderSide.SELL}
        order = OrderRequest.model_validate(
            {
                "symbol": ticket.symbol,
                **_size(ticket),
                "side": sides[ticket.side],
                "type": OrderType.MARKET,
                "time_in_force": TimeInForce.DAY,
                "client_order_id": ticket.client_order_id,
            }
        )
        try:
            answer: Any = self._client.submit_order_for_account(ticket.account_id, order)
            return Accepted(str(answer["id"]))
        except APIError as error:
            return self._refusal(ticket, error)
        except requests.ConnectTimeout:
            return NotSent()
        except (requests.RequestException, ValueError, KeyError, TypeError):
            # The request may have arrived, or the answer was cut off.
            return NoAnswer()

    def _refusal(self, ticket: Ticket, error: "APIError") -> Submission:
        status, code, message = _problem(error)
        if status in (401, 429) or (status in (403, 404) and not code):
            # Wrong keys, a wrong address or too many requests: nothing was looked at.
            return NotSent()
        if status not in _REFUSING:
            return NoAnswer()
        words = message.lower()
        if status == 422 and code == _DUPLICATE and "client_order_id" in words:
            return self._adopted(ticket)
        found = next((reason for word, reason in _WORDS if word in words), None)
        return Refused(found or RefusalReason.INVALID_ORDER)

    def _adopted(self, ticket: Ticket) -> Submission:
        """The order was placed by an earlier attempt that did not live to record it."""
        try:
            found = self.find(ticket.account_id, ticket.client_order_id)
        except BrokerUnavailable:
            return NoAnswer()
        if found is None:
            return NoAnswer()
        wanted = ticket.symbol, ticket.side, ticket.amount, ticket.quantity
        if (found.symbol, found.side, found.notional, found.quantity) != wanted:
            raise OrderMismatch(field="symbol, side or size")
        return Accepted(found.broker_order_id)

    def find(self, account_id: str, client_order_id: str) -> BrokerOrder | None:
        """See Broker."""
        from alpaca.common.exceptions import APIError

        try:
            answer: Any = self._client.get_order_for_account_by_client_id(
                account_id, client_order_id
            )
            return self._followed(account_id, answer)
        except APIError as error:
            status, code, _ = _problem(error)
            if status == 404 and code:
                return None
            # Without a code the answer is about our address, and "none" would send it again.
            raise BrokerUnavailable() from error
        except (requests.RequestException, *_UNREADABLE) as error:
            raise BrokerUnavailable() from error

    def _followed(self, account_id: str, answer: Any) -> BrokerOrder:
        """The order, and how far those have come that somebody put in its place by hand."""
        from alpaca.common.exceptions import APIError

        found = last = _order(answer)
        for _ in range(MOST_REPLACED):
            name = answer.get("replaced_by")
            if not name:
                break
            try:
                answer = self._client.get_order_for_account_by_id(account_id, str(name))
            except APIError as error:
                # Ours is there: "none" about the other one must not be taken for a word on it.
                raise BrokerUnavailable() from error
            last = _order(answer)
            found = replace(
                found,
                ended=last.ended,
                filled_nanos=found.filled_nanos + last.filled_nanos,
                successor=last.broker_order_id,
            )
        return found

    def cancel(self, account_id: str, broker_order_id: str) -> bool:
        """See Broker."""
        from alpaca.common.exceptions import APIError

        try:
            self._client.cancel_order_for_account_by_id(account_id, broker_order_id)
        except APIError as error:
            status, code, _ = _problem(error)
            if status == 422 or (status == 404 and code):
                return False
            raise BrokerUnavailable() from error
        except requests.RequestException as error:
            raise BrokerUnavailable() from error
        return True

    def _closes(self, ticket: Ticket) -> bool:
        """Whether nothing is left when the ticket's shares are sold.

        The broker's own closing of positions names its order itself, so that a repetition would
        not be recognised: the same shares are sold under our name instead.
        """
        from alpaca.common.exceptions import APIError

        try:
            held: Any = self._client.get_open_position_for_account(ticket.account_id, ticket.symbol)
            return bool(Quantity.parse(str(held["qty"])) == ticket.quantity)
        except APIError as error:
            status, code, _ = _problem(error)
            if status == 404 and code:
                return False
            raise BrokerUnavailable() from error
        except (requests.RequestException, *_UNREADABLE) as error:
            raise BrokerUnavailable() from error


def _size(ticket: Ticket) -> dict[str, Decimal | str]:
    """Exact decimals: cents, or nine places of a share."""
    if ticket.quantity is not None:
        return {"qty": Decimal(ticket.quantity.nanos).scaleb(-9)}
    if ticket.amount is None:
        raise ValueError("an order is over an amount or a quantity")
    return {"notional": ticket.amount.amount}


def _order(answer: Mapping[str, Any]) -> BrokerOrder:
    notional, quantity = answer["notional"], answer["qty"]
    return BrokerOrder(
        broker_order_id=str(answer["id"]),
        client_order_id=str(answer["client_order_id"]),
        symbol=str(answer["symbol"]),
        notional=None if notional is None else Money.parse(_cents(notional), BASE),
        ended=str(answer["status"]) in _ENDED,
        filled_nanos=Quantity.parse(str(answer["filled_qty"] or "0")).nanos,
        side=Side(str(answer["side"]).upper()),
        quantity=None if quantity is None else Quantity.parse(str(quantity)),
    )


def _cents(notional: str) -> str:
    """The broker writes amounts with as many decimals as it likes."""
    return format(Decimal(notional).quantize(Decimal("0.01")), "f")


def _problem(error: "APIError") -> tuple[int, int, str]:
    """Status, code and message; a body that is not JSON has neither code nor message."""
    status = error.status_code or 0
    try:
        body = json.loads(str(error))
        return status, int(body.get("code", 0)), str(body.get("message", ""))
    except (ValueError, TypeError, AttributeError):
        return status, 0, ""
