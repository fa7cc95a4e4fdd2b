"""What accounts at Alpaca hold, and what has moved in them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

import requests

from shared.investing.errors import AccountUnreadable, BrokerUnavailable
from shared.investing.ports import CashHeld, Moved
from shared.kernel.clock import to_text
from shared.kernel.errors import InvalidValue
from shared.kernel.money import Quantity
from shared.market_data.errors import SourceUnavailable
from shared.market_data.providers.alpaca import AlpacaWire

PAGE = 100
MOST_PAGES = 20
_FOREIGN = frozenset({401, 403, 404, 422})
"""Statuses with which the broker refuses to speak of one account."""
_BAD = (AttributeError, KeyError, TypeError, ValueError, InvalidOperation, InvalidValue)


class AlpacaCustody:
    """See Custody."""

    def __init__(self, wire: AlpacaWire) -> None:
        self._wire = wire

    def positions(self, account_id: str) -> Mapping[str, int]:
        """See Custody."""
        told = self._get(f"/v1/trading/accounts/{account_id}/positions")
        return _read(lambda: {str(one["symbol"]): _nanos(one["qty"]) for one in told})

    def cash(self, account_id: str) -> CashHeld:
        """See Custody."""
        told = self._get(f"/v1/trading/accounts/{account_id}/account")
        return _read(lambda: _cash(told))

    def history(self, account_id: str, since: datetime) -> Sequence[Moved]:
        """See Custody. Page by page, oldest first."""
        asked = {"account_id": account_id, "after": to_text(since), "direction": "asc"}
        found: list[Moved] = []
        for _ in range(MOST_PAGES):
            page = self._get("/v1/accounts/activities", page_size=str(PAGE), **asked)
            found += _read(partial(_lines, page))
            if len(page) < PAGE:
                return found
            asked["page_token"] = found[-1].id
        raise AccountUnreadable("too many pages of history")

    def _get(self, path: str, **parameters: str) -> Any:
        try:
            return self._wire.get(path, **parameters)
        except SourceUnavailable as error:
            cause = error.__cause__
            answer = cause.response if isinstance(cause, requests.RequestException) else None
            if answer is not None and answer.status_code in _FOREIGN:
                raise AccountUnreadable(f"status {answer.status_code}") from error
            raise BrokerUnavailable() from error


def _cash(told: Mapping[str, Any]) -> CashHeld:
    """An account that may borrow has a multiplier above one. The flag of pattern day traders is
    told only as long as there is that rule."""
    multiplier = told.get("multiplier")
    borrows = None if multiplier is None else _number(multiplier) > 1
    if told.get("pattern_day_trader") is True:
        borrows = True
    return CashHeld(_number(told["cash"]), _number(told["cash_withdrawable"]), borrows)


def _read[T](parse: Callable[[], T]) -> T:
    try:
        return parse()
    except _BAD as error:
        raise AccountUnreadable(type(error).__name__) from error


def _lines(page: Any) -> list[Moved]:
    return [_moved(one) for one in page]


def _moved(line: Mapping[str, Any]) -> Moved:
    """A trade moves shares one way and money the other; anything else says what it moved."""
    order = str(line.get("order_id") or "")
    if str(line["activity_type"]) == "FILL":
        sign = {"buy": 1, "sell": -1, "sell_short": -1}[str(line["side"])]
        shares = _number(line["qty"])
        value = shares * _number(line["price"])
        return Moved(
            str(line["id"]), order, str(line["symbol"]), sign * _nanos(shares), -sign * value
        )
    if str(line.get("status") or "executed") != "executed":
        # It was taken back, or has not happened: nothing is moved by it.
        return Moved(str(line["id"]), order, "", 0, Decimal(0))
    nanos = _nanos(line.get("qty") or 0)
    return Moved(
        id=str(line["id"]),
        order_id=order,
        symbol=str(line.get("symbol") or "") if nanos else "",
        nanos=nanos,
        cash=_number(line.get("net_amount") or 0),
    )


def _number(value: object) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError("not a finite number")
    return number


def _nanos(value: object) -> int:
    """Nano-shares; a short position is below zero."""
    number = _number(value)
    nanos = Quantity.parse(f"{abs(number):f}").nanos
    return -nanos if number < 0 else nanos
