"""What of a delivery goes on: the members that workers read, and nothing else of a person.

Vendors tell more than is asked for: who paid, from which phone, with which card's last digits. It
is proved and looked at here, and is on no queue, nor among the dead letters.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Listed:
    """Of a list of named objects those with these names, and these members of each."""

    name: str
    among: frozenset[str]
    members: "Members"


type Members = Mapping[str, Members | Listed | frozenset[str] | None]
"""Members by name; None for a text, number or flag, which is kept as it is, and a set for a text
that is kept if it is one of these, since a vendor writes other things there too."""


def kept(members: Members, content: Mapping[str, Any]) -> bytes:
    """The JSON of these members only; numbers keep their digits."""
    return _json(_picked(members, content)).encode()


def _picked(members: Members, content: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, inner in members.items():
        value = content.get(name)
        if isinstance(inner, frozenset):
            if _among(value, inner):
                found[name] = value
        elif isinstance(inner, Listed):
            # A list of one comes without its list from some vendors.
            several = value if isinstance(value, list) else [value]
            if isinstance(value, list | dict):
                found[name] = [
                    _picked(inner.members, one)
                    for one in several
                    if isinstance(one, dict) and _among(one.get(inner.name), inner.among)
                ]
        elif inner is not None:
            if isinstance(value, dict):
                found[name] = _picked(inner, value)
        elif name in content and not isinstance(value, dict | list):
            found[name] = value
    return found


def _among(name: object, names: frozenset[str]) -> bool:
    return isinstance(name, str) and name in names


def _json(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)
