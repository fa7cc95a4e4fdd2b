"""In front of every execution: where a request comes from, its method, type, encoding and size."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from graphql_api.media_types import check_content_type
from shared.kernel.edge_errors import (
    BadRequest,
    BodyTooLarge,
    Forbidden,
    MethodNotAllowed,
    UnsupportedMediaType,
)

type Scope = MutableMapping[str, Any]
type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type App = Callable[[Scope, Receive, Send], Awaitable[None]]
type Fields = Mapping[bytes, bytes]
"""Header fields by lower-case name."""


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def check_place(fields: Fields, own: str) -> None:
    """Requests that carry the session cookie may only come from our own pages.

    Pages on a neighbouring host, such as app.… beside api.…, are ``same-site``: of these one
    alone is ours, and browsers always name it. No header at all means no browser.
    """
    site = text_of(fields, b"sec-fetch-site", "none").lower()
    origin = text_of(fields, b"origin").lower()
    ours = origin == own or (origin == "" and site in ("same-origin", "none"))
    if site not in ("same-origin", "same-site", "none") or not ours:
        raise Forbidden()


def check_method(method: str, allowed: tuple[str, ...]) -> None:
    """MethodNotAllowed names those that are taken."""
    if method not in allowed:
        raise MethodNotAllowed(allowed=", ".join(allowed))


def check_body_fields(fields: Fields, bytes_max: int) -> None:
    """What the header says of a body, before a byte of it is read.

    Raises:
        UnsupportedMediaType: the type, charset or compression is not read.
        BadRequest: the length is no number.
        BodyTooLarge: the length is too large.
    """
    check_content_type(text_of(fields, b"content-type"))
    if text_of(fields, b"content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedMediaType(expected="application/json in UTF-8, not compressed")
    length = text_of(fields, b"content-length", "0").strip()
    if not (length.isascii() and length.isdecimal()):
        raise BadRequest(reason="the content length is no number.")
    if len(length) > len(str(bytes_max)) or int(length) > bytes_max:
        raise BodyTooLarge(allowed=bytes_max)


async def read(receive: Receive, bytes_max: int) -> bytes:
    """The body, whatever its header said of the length; BodyTooLarge when it is longer."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > bytes_max:
            raise BodyTooLarge(allowed=bytes_max)
        if not message.get("more_body", False):
            return bytes(body)


def text_of(fields: Fields, name: bytes, default: str = "") -> str:
    """A header field's value."""
    value = fields.get(name)
    return default if value is None else value.decode("latin-1")
