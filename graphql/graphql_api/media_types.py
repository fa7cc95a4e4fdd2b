"""Media types of requests and answers: what is read, and which of the two forms is answered."""

import re
from collections.abc import Mapping
from enum import StrEnum

from shared.kernel.edge_errors import NotAcceptable, UnsupportedMediaType

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_TYPE = re.compile(rf"\s*({_WORD})/({_WORD})\s*", re.ASCII)
_PARAMETER = re.compile(rf";\s*(?:({_WORD})=(?:({_WORD})|\"((?:[^\"\\]|\\.)*)\"))?\s*", re.ASCII)
_QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?", re.ASCII)
_HEADER_MAX = 1000
_EXPECTED = "application/json in UTF-8"


class Answers(StrEnum):
    """The forms of an answer, with different rules for the status."""

    GRAPHQL = "application/graphql-response+json"
    """The status tells whether the request was executed."""
    JSON = "application/json"
    """For older clients: 200 for every request that could be read."""


_OFFERED = " or ".join(Answers)


def check_content_type(value: str) -> None:
    """``application/json``, with no charset or that of UTF-8.

    Raises:
        UnsupportedMediaType: another type, another charset, or no well-formed media type.
    """
    found = _media_type(value) if len(value) <= _HEADER_MAX else None
    if found is None or found[0] != "application/json":
        raise UnsupportedMediaType(expected=_EXPECTED)
    charsets = [text.lower() for name, text in found[1] if name == "charset"]
    if any(each not in ("utf-8", "utf8") for each in charsets) or len(charsets) > 1:
        raise UnsupportedMediaType(expected=_EXPECTED)


def negotiate(accept: str | None) -> Answers:
    """The form that the client prefers; without a wish the one with telling statuses.

    ``*/*`` alone is what programs send that know nothing of GraphQL: they get plain JSON.

    Raises:
        NotAcceptable: the header excludes both.
    """
    if accept is None or not accept.strip():
        return Answers.GRAPHQL
    best: tuple[float, Answers] | None = None
    wishes = dict(_wishes(accept[:_HEADER_MAX]))
    for name in wishes:
        for answer in _ORDER.get(name, ()):
            # The most telling range decides about a type: application/json;q=0 beats */*.
            ranges = (str(answer), "application/*", "*/*")
            quality = next(wishes[each] for each in ranges if each in wishes)
            if quality > 0 and (best is None or quality > best[0]):
                best = quality, answer
    if best is None:
        raise NotAcceptable(offered=_OFFERED)
    return best[1]


def prefers_page(accept: str | None) -> bool:
    """Whether a browser asks for a page rather than for data."""
    wishes = dict(_wishes((accept or "")[:_HEADER_MAX]))
    data = max((wishes.get(str(answer), 0.0) for answer in Answers), default=0.0)
    return wishes.get("text/html", 0.0) > data


_ORDER: Mapping[str, tuple[Answers, ...]] = {
    str(Answers.GRAPHQL): (Answers.GRAPHQL,),
    str(Answers.JSON): (Answers.JSON,),
    "application/*": (Answers.JSON, Answers.GRAPHQL),
    "*/*": (Answers.JSON, Answers.GRAPHQL),
}


def _wishes(accept: str) -> list[tuple[str, float]]:
    """Media ranges with their qualities, in the order of the header; what is none is skipped."""
    found = []
    for each in accept.split(","):
        media = _media_type(each)
        if media is None:
            continue
        qualities = [text for name, text in media[1] if name == "q"]
        quality = qualities[0] if qualities else "1"
        if _QUALITY.fullmatch(quality):
            found.append((media[0], float(quality)))
    return found


def _media_type(value: str) -> tuple[str, list[tuple[str, str]]] | None:
    """A lower-case type and its parameters; None when it is not well-formed (RFC 9110, 8.3)."""
    head = _TYPE.match(value)
    if head is None:
        return None
    place, parameters = head.end(), []
    while place < len(value):
        part = _PARAMETER.match(value, place)
        if part is None:
            return None
        name, token, quoted = part.groups()
        if name is not None:
            parameters.append((name.lower(), quoted if token is None else token))
        place = part.end()
    return f"{head[1]}/{head[2]}".lower(), parameters
