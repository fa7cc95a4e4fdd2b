"""Alpaca's non-trade activities about corporate actions in our words. Pure."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.corporate_actions.model import Activity, ActivityKind
from shared.investing.brokers.alpaca_events import read_json
from shared.investing.errors import BrokerEventMalformed
from shared.kernel.clock import from_text
from shared.kernel.money import NANOS_PER_SHARE

TOPIC = "account_activity"
"""Under this name they come, by the stream and by the push."""
_KINDS: Mapping[str, ActivityKind] = {
    **dict.fromkeys(("DIV", "DIVCGL", "DIVCGS", "DIVTXEX"), ActivityKind.DIVIDEND),
    **dict.fromkeys(("DIVNRA", "DIVWH", "DIVFT", "DIVTW", "DIVFEE"), ActivityKind.TAX),
    "DIVROC": ActivityKind.RETURN_OF_CAPITAL,
    "SPLIT": ActivityKind.SPLIT,
    "CIL": ActivityKind.CASH_IN_LIEU,
    **dict.fromkeys(("MA", "REORG", "SPIN"), ActivityKind.BY_PEOPLE),
}
"""All others (journals, transfers, fees) are told elsewhere, or are not about shares. Another
symbol changes with its announcement alone."""
_EXECUTED = "executed"
_RECORD = re.compile(r"Rec Date: (\d{4}-\d{2}-\d{2})", re.ASCII)
_BAD = (KeyError, TypeError, ValueError, InvalidOperation)


def activity(data: Mapping[str, Any]) -> Activity | None:
    """An activity of the stream; None when it is about no corporate action.

    Raises BrokerEventMalformed.
    """
    try:
        word = str(data["entry_type"])
        if word not in _KINDS:
            return None
        nanos = _number(data.get("qty") or 0) * NANOS_PER_SHARE
        if nanos != nanos.to_integral_value():
            raise ValueError("a quantity has at most nine decimals")
        found = _RECORD.search(str(data.get("description") or ""))
        per_share = data.get("per_share_amount")
        return Activity(
            id=_text(data["id"]),
            kind=_KINDS[word],
            account_id=_text(data["account_id"]),
            symbol=_text(data["symbol"]),
            at=from_text(_text(data["at"])),
            settled=date.fromisoformat(_text(data["settle_date"])),
            amount=_number(data.get("net_amount") or 0),
            nanos=int(nanos),
            per_share=None if per_share is None else _number(per_share),
            record_date=None if found is None else date.fromisoformat(found[1]),
            executed=data.get("status", _EXECUTED) == _EXECUTED,
            word=word,
        )
    except _BAD as error:
        raise BrokerEventMalformed(what=type(error).__name__) from error


def line_in(body: bytes) -> Activity | None:
    """The activity of a delivery ``{"type": "account_activity", "data": {…}}``.

    Raises BrokerEventMalformed.
    """
    content = read_json(body)
    data = content.get("data") if isinstance(content, Mapping) else None
    if not isinstance(data, Mapping):
        raise BrokerEventMalformed(what="it has no data")
    return activity(data)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("not a text")
    return value


def _number(value: object) -> Decimal:
    """Numbers here are JSON numbers, unlike everywhere else at this broker; texts are read too."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise TypeError("not a number")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError("not a finite number")
    return number
