"""Days and instants, each in one form."""

import re
from datetime import UTC, date, datetime

from strawberry.types.scalar import ScalarDefinition

from graphql_api.scalar_forms import refused, strict
from shared.kernel.clock import to_text

_YEAR = "(?:19|20|21)[0-9]{2}"
_DAY = re.compile(rf"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}", re.ASCII)
_INSTANT = re.compile(
    rf"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:\.[0-9]{{1,6}})?Z", re.ASCII
)
_A_DAY = "a day of the calendar from 1900 to 2199, such as 1990-12-31"
_AN_INSTANT = "an instant in UTC such as 2026-03-02T15:30:00Z"


def _day(text: str) -> date:
    if not _DAY.fullmatch(text):
        raise refused(_A_DAY)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refused(_A_DAY) from None


def _instant(text: str) -> datetime:
    if not _INSTANT.fullmatch(text):
        raise refused(_AN_INSTANT)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise refused(_AN_INSTANT) from None


TIMES: dict[object, ScalarDefinition] = {
    date: strict(
        "Date",
        "A day of the calendar such as `1990-12-31`, from 1900 to 2199.",
        _day,
        write=date.isoformat,
        url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
    ),
    datetime: strict(
        "DateTime",
        "An instant by RFC 3339 in UTC, with `Z`: `2026-03-02T15:30:00.000000Z`.",
        _instant,
        write=to_text,
        url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
    ),
}
