"""Strict scalars: exact text in one accepted form, refused otherwise."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NewType

from graphql import GraphQLError
from strawberry import scalar
from strawberry.types.scalar import ScalarDefinition

from shared.kernel.clock import from_text, to_text

EmailText = NewType("EmailText", str)
PhoneText = NewType("PhoneText", str)
IdempotencyKey = NewType("IdempotencyKey", str)

_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{5,24}", re.ASCII)
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


def _text(value: Any, what: str, pattern: re.Pattern[str]) -> str:
    # The value itself stays out of the message: it may be a secret in the wrong place.
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise GraphQLError(f"must be {what}")
    return value


def _decimal(value: Any) -> Decimal:
    return Decimal(_text(value, 'a plain decimal number in a string, such as "100.00"', _DECIMAL))


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(_text(value, "a date such as 1990-12-31", _DATE))
    except ValueError:
        raise GraphQLError("must be a date such as 1990-12-31") from None


def _instant(value: Any) -> datetime:
    try:
        return from_text(_text(value, "an RFC 3339 instant", _INSTANT))
    except ValueError:
        raise GraphQLError("must be an RFC 3339 instant") from None


def _pattern(what: str, pattern: re.Pattern[str]) -> Callable[[Any], str]:
    return lambda value: _text(value, what, pattern)


def _any_text(value: Any) -> str:
    # Whether it is an address is for the use case to say, in its own words.
    if not isinstance(value, str) or len(value) > 320:
        raise GraphQLError("must be an e-mail address")
    return value


SCALARS: dict[object, ScalarDefinition] = {
    Decimal: scalar(
        name="Decimal",
        description="An exact decimal number as a string, such as `100.00`. Never an exponent.",
        serialize=lambda value: format(value, "f") if isinstance(value, Decimal) else str(value),
        parse_value=_decimal,
    ),
    datetime: scalar(
        name="DateTime",
        description="An instant by RFC 3339, always in UTC.",
        serialize=to_text,
        parse_value=_instant,
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
    ),
    date: scalar(
        name="Date",
        description="A calendar day such as `1990-12-31`.",
        serialize=date.isoformat,
        parse_value=_date,
    ),
    EmailText: scalar(
        name="EmailAddress",
        description="An e-mail address.",
        serialize=str,
        parse_value=_any_text,
    ),
    PhoneText: scalar(
        name="PhoneNumber",
        description="A phone number, best with its country code: `+254712345678`.",
        serialize=str,
        parse_value=_pattern("a phone number such as +254712345678", _PHONE),
    ),
    IdempotencyKey: scalar(
        name="IdempotencyKey",
        description="Chosen by the client, 1 to 255 visible ASCII characters; the same key with "
        "the same content never acts twice.",
        serialize=str,
        parse_value=_pattern("1 to 255 visible ASCII characters", _KEY),
    ),
}
