"""Bracket form encoding: `a[b][0][c]=1` to nested dictionaries and lists."""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

MAX_FIELDS = 1000
MAX_DEPTH = 12
KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
PART = re.compile(r"\[([^\[\]]*)\]")


class MalformedForm(ValueError):
    """The text is not a form, or two keys contradict each other."""


def parse_form(text: str) -> dict[str, Any]:
    """The nested value of a body or query string; all leaves are strings.

    Raises:
        MalformedForm: too many fields, too deep, an odd key, or one key used in two ways.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise MalformedForm(str(error)) from error
    root: dict[str, Any] = {}
    for key, value in pairs:
        _put(root, key, value)
    return {key: _with_lists(value) for key, value in root.items()}


def bracket_name(path: Iterable[str | int]) -> str:
    """The name under which a nested field was sent: `line_items[0][quantity]`."""
    first, *rest = (str(part) for part in path)
    return first + "".join(f"[{part}]" for part in rest)


def _put(root: dict[str, Any], key: str, value: str) -> None:
    match = KEY.fullmatch(key)
    if match is None:
        raise MalformedForm(f"Invalid key: {key}")
    parts = [match[1], *PART.findall(match[2])]
    if len(parts) > MAX_DEPTH:
        raise MalformedForm(f"Too deep: {key}")
    node = root
    for part, following in pairwise(parts):
        child = node.setdefault(part or str(len(node)), {})
        if not isinstance(child, dict):
            raise MalformedForm(f"Invalid parameter: {key} ({following} below a value)")
        node = child
    last = parts[-1] or str(len(node))
    if isinstance(node.get(last), dict):
        raise MalformedForm(f"Invalid parameter: {key} is a value and a hash")
    node[last] = value


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    children = {key: _with_lists(child) for key, child in value.items()}
    if children and all(key.isascii() and key.isdigit() for key in children):
        return [children[key] for key in sorted(children, key=int)]
    return children
