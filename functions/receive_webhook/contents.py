"""What a delivery says: strict JSON, and the form of the few members that are used."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

type Shape = Mapping[str, Shape | Callable[[Any], bool]]
"""Members that an object must have, each with its own shape or test; others do not matter."""

TEXT_MAX = 500
_EXPONENT_MAX = 30
"""Of powers of ten: no vendor tells of amounts beyond, and written out they would fill memory."""
_WORD = re.compile(r"[A-Za-z0-9_.]{1,24}", re.ASCII)
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
"""A surrogate by its escape, alone or in a pair."""


class Malformed(ValueError):
    """Not what this vendor sends."""


def json_object(body: bytes) -> Mapping[str, Any]:
    """The body as one JSON object: UTF-8 without a mark, no half letters, finite numbers of a
    sensible size, no member twice.

    Numbers with a fraction keep all their digits. Raises Malformed.
    """
    try:
        content = json.loads(
            body.decode("utf-8"),
            parse_float=_number,
            parse_constant=_refuse,
            object_pairs_hook=_members,
        )
        if _HALF.search(body) is not None:
            # An escape such as \ud800 alone is JSON, but no text that any store takes.
            json.dumps(content, ensure_ascii=False, default=str).encode("utf-8")
    except (ValueError, RecursionError):
        raise Malformed from None
    if not isinstance(content, dict):
        raise Malformed
    return content


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Malformed from None
    if abs(number.adjusted()) > _EXPONENT_MAX:
        raise Malformed
    return number


def _refuse(constant: str) -> None:
    raise Malformed(constant)


def _members(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    # Of a member that is there twice, another reader might take the other one.
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed
    return members


def fits(shape: Shape, content: Any) -> bool:
    """Whether a value is an object of this shape."""
    if not isinstance(content, dict):
        return False
    return all(
        name in content and (test(content[name]) if callable(test) else fits(test, content[name]))
        for name, test in shape.items()
    )


def value_at(path: Sequence[str], content: Mapping[str, Any]) -> Any:
    """What lies at a path whose shape fits."""
    value: Any = content
    for name in path:
        value = value[name]
    return value


def is_text(value: Any) -> bool:
    """Text of a bounded length that is not empty."""
    return isinstance(value, str) and 0 < len(value) <= TEXT_MAX


def is_flag(value: Any) -> bool:
    """True or false."""
    return isinstance(value, bool)


def is_code(value: Any) -> bool:
    """A whole number, or one as text: both are seen."""
    if isinstance(value, str):
        return value.isascii() and value.isdigit() and len(value) <= 9
    return isinstance(value, int) and not isinstance(value, bool)


def is_any_code(value: Any) -> bool:
    """A code: a whole number, or a short word such as ``R000001``."""
    if isinstance(value, str):
        return _WORD.fullmatch(value) is not None
    return is_code(value)


def is_object(value: Any) -> bool:
    """An object."""
    return isinstance(value, dict)


def is_list(value: Any) -> bool:
    """A list."""
    return isinstance(value, list)


def is_object_or_nothing(value: Any) -> bool:
    """An object, or null."""
    return value is None or isinstance(value, dict)


def one_of(*words: str) -> Callable[[Any], bool]:
    """Exactly one of these texts."""
    return lambda value: isinstance(value, str) and value in words
