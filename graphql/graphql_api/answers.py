"""Answers over HTTP: the body, the status that its media type asks for, and what else to say."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from strawberry.types import ExecutionResult

from graphql_api.media_types import Answers
from graphql_api.request_errors import RequestErrors
from shared.kernel.edge_errors import (
    InternalError,
    MethodNotAllowed,
    RateLimited,
    UnsupportedMediaType,
)
from shared.kernel.errors import BaobabError
from shared.platform.correlation import correlation_id

type Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """To whom."""

    language: str = "en"
    hints: bool = False
    """Whether names of the schema may be hinted at."""


_SHOWN = ("limit", "allowed", "seconds")
"""Values of an error that programs act upon."""
_ALWAYS = (429, 503)
"""Statuses that concern whoever carries a request too: proxies and libraries wait by them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int
    media: str
    body: bytes
    headers: Headers = ()
    codes: tuple[str, ...] = ()
    """Of its errors, for the log."""

    @property
    def all_headers(self) -> list[tuple[bytes, bytes]]:
        """With the media type, in UTF-8 as JSON always is."""
        return [(b"content-type", f"{self.media}; charset=utf-8".encode()), *self.headers]


def executed(result: ExecutionResult, media: Answers, headers: Headers = ()) -> Answer:
    """Data, perhaps partial or null, and errors that a client may see."""
    content: dict[str, Any] = {"data": result.data}
    if result.errors:
        content["errors"] = [error.formatted for error in result.errors]
    codes = _codes(content.get("errors", ()))
    return Answer(200, media, json.dumps(content).encode(), headers, codes)


def refused(
    error: BaobabError | RequestErrors, media: Answers, told: Told, *, readable: bool
) -> Answer:
    """Nothing was executed. ``readable``: the request was a well-formed one of GraphQL."""
    if isinstance(error, RequestErrors):
        shown = error.formatted(told.language, hints=told.hints)
        status = error.kind.status or 400
    else:
        status, shown = error.status or 400, [_shown(error, told.language)]
    headers = _headers(error, status)
    if readable and media is Answers.JSON and status not in _ALWAYS:
        # By this media type a client knows that the answer is GraphQL's only with this status.
        status = 200
    return Answer(status, media, json.dumps({"errors": shown}).encode(), headers, _codes(shown))


def _codes(errors: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(sorted({str(each["extensions"]["code"]) for each in errors}))


def _shown(error: BaobabError, language: str) -> dict[str, Any]:
    values = {name: error.values[name] for name in _SHOWN if name in error.values}
    extensions = {
        "code": error.code,
        "advice": error.what_to_do(language),
        "retry": error.retry.value,
    }
    if isinstance(error, InternalError):
        values["correlationId"] = correlation_id()
    return {"message": error.message(language), "extensions": extensions | values}


def _headers(error: BaobabError | RequestErrors, status: int) -> Headers:
    match error:
        case MethodNotAllowed():
            return ((b"allow", str(error.values["allowed"]).encode()),)
        case UnsupportedMediaType():
            return ((b"accept-encoding", b"identity"),)
        case RateLimited():
            return ((b"retry-after", str(error.values["seconds"]).encode()),)
    if status == 503:
        return ((b"retry-after", b"1"),)
    return ((b"www-authenticate", b"Bearer"),) if status == 401 else ()
