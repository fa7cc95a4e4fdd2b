"""In front of every execution: size, media type, encoding and shape of a request body."""

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

BODY_BYTES_MAX = 64 * 1024
NESTING_MAX = 32
TOKENS_MAX = 1000

type Scope = MutableMapping[str, Any]
type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type App = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class BadRequest(Exception):
    """A request that is no well-formed GraphQL request over HTTP."""

    status: int
    message: str
    code: str = "BAD_REQUEST"


class Guard:
    """ASGI middleware; what passes is one JSON object with a query in it."""

    def __init__(self, app: App, *, same_site_as: str | None = None) -> None:
        self._app = app
        self._origin = None if same_site_as is None else origin_of(same_site_as)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the class."""
        headers = {name.lower(): value for name, value in scope["headers"]}
        try:
            _check_head(scope["method"], headers)
            if self._origin is not None:
                check_place(headers, self._origin)
            body = await _read(receive)
            check_body(body)
        except BadRequest as bad:
            await refuse(send, bad)
            return
        await self._app(scope, _replay(body), send)


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def check_place(headers: Mapping[bytes, bytes], own: str) -> None:
    """Requests that carry the session cookie may only come from our own pages.

    Pages on a neighbouring host, such as app.… beside api.…, are ``same-site``: of these one
    alone is ours, and browsers always name it. No header at all means no browser.
    """
    site = headers.get(b"sec-fetch-site", b"none").decode("latin-1").lower()
    origin = headers.get(b"origin", b"").decode("latin-1").lower()
    ours = origin == own or (origin == "" and site in ("same-origin", "none"))
    if site not in ("same-origin", "same-site", "none") or not ours:
        raise BadRequest(403, "This request may only come from our own pages.", "FORBIDDEN")


def check_body(body: bytes) -> None:
    """Strict UTF-8, strict JSON, one object, not nested endlessly."""
    try:
        content = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
        # An escape such as \ud800 alone is JSON, but no text that can be stored or hashed.
        json.dumps(content, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise BadRequest(400, "The body must be JSON in UTF-8.") from None
    if not isinstance(content, dict):
        raise BadRequest(400, "The body must be one JSON object; batches are not taken.")
    if not isinstance(content.get("query"), str) or not content["query"].strip():
        raise BadRequest(400, "The field query must be a GraphQL document.")
    for name, kind in (("variables", dict), ("extensions", dict), ("operationName", str)):
        if not isinstance(content.get(name), kind | None):
            raise BadRequest(400, f"The field {name} has the wrong type.")
    if _nesting(content.get("variables")) > NESTING_MAX:
        raise BadRequest(400, f"Variables may be nested {NESTING_MAX} levels deep.")


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _nesting(value: object) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        inner: list[object] = []
        for each in level:
            if isinstance(each, dict):
                inner.extend(each.values())
            elif isinstance(each, list):
                inner.extend(each)
        level = inner
    return depth


def _check_head(method: str, headers: Mapping[bytes, bytes]) -> None:
    if method != "POST":
        raise BadRequest(405, "Only POST is taken.")
    media, _, parameters = headers.get(b"content-type", b"").decode("latin-1").partition(";")
    if media.strip().lower() != "application/json":
        raise BadRequest(415, "The media type must be application/json.")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if parameters.strip() and charset not in ("utf-8", "utf8"):
        raise BadRequest(415, "The encoding must be UTF-8.")
    length = headers.get(b"content-length", b"0").decode("latin-1")
    if not length.isdecimal() or int(length[:20]) > BODY_BYTES_MAX:
        raise BadRequest(413, f"The body may have at most {BODY_BYTES_MAX} bytes.")


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > BODY_BYTES_MAX:
            raise BadRequest(413, f"The body may have at most {BODY_BYTES_MAX} bytes.")
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def refuse(send: Send, bad: BadRequest) -> None:
    """Answer with a GraphQL error of this status."""
    answer = {"errors": [{"message": bad.message, "extensions": {"code": bad.code}}]}
    headers = [(b"content-type", b"application/json; charset=utf-8")]
    if bad.status == 405:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": bad.status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})
