"""The body of a request: strict UTF-8, strict JSON, one object, and what GraphQL reads in it."""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql_api.limits import NESTING_MAX
from shared.kernel.edge_errors import BadRequest

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)
_PREFIX = "sha256:"
_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
"""A surrogate, alone or in a pair."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A well-formed request: a document, or the id of a persisted one, never both."""

    document: str | None
    document_id: str | None
    """``sha256:<hex>`` or the name of an operation."""
    operation_name: str | None
    variables: Mapping[str, Any]


def read_body(body: bytes) -> Asked:
    """The request in a JSON body. Members that GraphQL does not know are not looked at.

    Raises:
        BadRequest: it is none.
    """
    return read_members(read_object(body))


def read_object(body: bytes) -> dict[str, Any]:
    """One JSON object: no name twice, no number beyond those that are finite, no half letters.

    Raises:
        BadRequest: it is none.
    """
    try:
        content = json.loads(
            body.decode("utf-8"),
            parse_constant=_no_constant,
            parse_float=_finite,
            object_pairs_hook=_once,
        )
        if _ESCAPE.search(body) is not None:
            # An escape such as \ud800 alone is JSON, but no text that can be stored or hashed.
            json.dumps(content, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise BadRequest(reason="the body must be JSON in UTF-8, each name once.") from None
    if not isinstance(content, dict):
        raise BadRequest(reason="the body must be one JSON object; batches are not taken.")
    return content


def read_members(content: Mapping[str, Any]) -> Asked:
    """What the members of a request say.

    Raises:
        BadRequest: a member has the wrong type, or they do not go together.
    """
    for name, kind in _KINDS.items():
        if not isinstance(content.get(name), kind | None):
            raise BadRequest(reason=f"the member {name} has the wrong type.")
    variables = content.get("variables") or {}
    if _nesting(variables) > NESTING_MAX:
        raise BadRequest(reason=f"variables may be nested {NESTING_MAX} levels deep.")
    document = content.get("query")
    named, hashed = content.get("documentId"), _hashed(content.get("extensions") or {})
    if named is not None and (document is not None or hashed is not None):
        raise BadRequest(reason="a documentId stands alone, without query or persistedQuery.")
    blank = document is not None and not document.strip()
    if blank or (document is None and named is None and hashed is None):
        raise BadRequest(reason="the member query must be a GraphQL document.")
    if document is not None and hashed is not None:
        if _PREFIX + hashlib.sha256(document.encode()).hexdigest() != hashed:
            raise BadRequest(reason="sha256Hash is not that of the query.")
        # The document is here: it is executed whether or not it is one of the persisted.
        hashed = None
    if named is not None and not _is_id(named):
        raise BadRequest(reason="a documentId is sha256:<64 hex digits> or a name.")
    return Asked(document, named or hashed, content.get("operationName"), variables)


_KINDS: Mapping[str, type] = {
    "query": str,
    "documentId": str,
    "operationName": str,
    "variables": dict,
    "extensions": dict,
}


def _is_id(text: str) -> bool:
    digest = text.removeprefix(_PREFIX)
    return bool((_SHA256 if digest != text else _NAME).fullmatch(digest))


def _hashed(extensions: Mapping[str, Any]) -> str | None:
    """The id in ``extensions.persistedQuery``, as several clients send it."""
    asked = extensions.get("persistedQuery")
    if asked is None:
        return None
    digest = asked.get("sha256Hash") if isinstance(asked, dict) else None
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest) or asked.get("version") != 1:
        raise BadRequest(reason="persistedQuery has version 1 and a sha256Hash.")
    return _PREFIX + digest


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers of one body may not each see another value."""
    content = dict(members)
    if len(content) < len(members):
        raise ValueError("a name occurs twice")
    return content


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("the number is too large")
    return number


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
