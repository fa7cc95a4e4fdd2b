"""How the broker API writes times and numbers, and how request bodies are read."""

import json
from datetime import UTC, date, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any, NoReturn
from urllib.parse import unquote
from uuid import UUID

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from starlette.requests import Request

from sandbox.alpaca.problems import Problem, invalid, malformed
from sandbox.market.calendar import NEW_YORK

SHARE_STEP = Decimal("0.000000001")
CENT = Decimal("0.01")
LARGEST_BODY = 20 * 1024 * 1024


class Order(BaseModel):
    """Base of request bodies; unknown members are ignored, as the broker does."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)


def timestamp(instant: datetime) -> str:
    """RFC 3339 in UTC with microseconds."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def optional_timestamp(instant: datetime | None) -> str | None:
    """The same, null when unset."""
    return None if instant is None else timestamp(instant)


def decimal_text(value: Decimal) -> str:
    """Plain digits without trailing zeros."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def optional_decimal(value: Decimal | None) -> str | None:
    """The same, null when unset."""
    return None if value is None else decimal_text(value)


def shares(value: Decimal) -> Decimal:
    """A quantity cut to nine places."""
    return value.quantize(SHARE_STEP, ROUND_DOWN)


async def json_body(request: Request) -> Any:
    """The body, with exact numbers.

    Raises:
        Problem: it is not JSON or too large.
    """
    raw = await request.body()
    if len(raw) > LARGEST_BODY:
        raise Problem(413, 41310000, "request body is too large")
    try:
        return json.loads(raw, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise malformed("request body format is invalid") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def read[Body: BaseModel](body: Any, model: type[Body]) -> Body:
    """The body as `model`.

    Raises:
        Problem: a member is missing or wrong; the first one is named.
    """
    if not isinstance(body, dict):
        raise malformed("request body must be an object")
    try:
        return model.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "request"
        raise invalid(f"{where}: {first['msg']}") from error


def time_parameter(request: Request, name: str) -> datetime | None:
    """An RFC 3339 time or a date (midnight in New York) out of the query.

    Raises:
        Problem: it is neither.
    """
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        # A plus sign that was not encoded arrives as a space.
        found = datetime.fromisoformat(unquote(text).replace(" ", "+"))
    except ValueError as error:
        raise invalid(f"{name} is neither a date nor an RFC 3339 time") from error
    if found.tzinfo is not None:
        return found
    return found.replace(tzinfo=NEW_YORK if "T" not in text else UTC)


def date_parameter(request: Request, name: str) -> date | None:
    """A day out of the query; a time counts as its day.

    Raises:
        Problem: it is neither a day nor a time.
    """
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        return datetime.fromisoformat(text.replace(" ", "+")).date()
    except ValueError as error:
        raise invalid(f"{name} is not a date") from error


def number_parameter(request: Request, name: str, default: int, largest: int) -> int:
    """A whole number from 1 to `largest` out of the query.

    Raises:
        Problem: it is not.
    """
    text = request.query_params.get(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= largest):
        raise invalid(f"{name} must be a whole number from 1 to {largest}")
    return int(text)


def list_parameter(request: Request, name: str) -> list[str]:
    """Values out of the query, repeated or separated by commas."""
    return [part for text in request.query_params.getlist(name) for part in text.split(",") if part]


_UUID = TypeAdapter(UUID)


def same_id(text: str) -> str:
    """The id in its canonical form, or as it came."""
    try:
        return str(_UUID.validate_python(text))
    except ValidationError:
        return text
