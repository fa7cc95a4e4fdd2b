"""How a strict scalar reads: a string in its one form, or a refusal that never quotes it."""

import re
from collections.abc import Callable
from typing import Any

from graphql import StringValueNode, ValueNode
from strawberry import scalar
from strawberry.types.scalar import ScalarDefinition

from shared.kernel.edge_errors import BadUserInput


def refused(what: str) -> BadUserInput:
    """The value itself stays out of it: it may be a secret in the wrong place."""
    return BadUserInput(reason=f"It must be {what}.")


def by_pattern(what: str, pattern: str, length_max: int) -> Callable[[str], str]:
    """A text that fits the pattern as a whole, in ASCII; longer ones are not looked at."""
    form = re.compile(pattern, re.ASCII)

    def read(text: str) -> str:
        if len(text) > length_max or not form.fullmatch(text):
            raise refused(what)
        return text

    return read


def strict(
    name: str,
    description: str,
    read: Callable[[str], object],
    *,
    write: Callable[[Any], str] = str,
    url: str | None = None,
) -> ScalarDefinition:
    """A scalar that is a string on the wire, in variables and in documents alike."""

    def value(sent: object) -> object:
        if not isinstance(sent, str):
            raise refused("a string")
        return read(sent)

    def literal(node: ValueNode, _variables: object = None) -> object:
        # A number or a bare word in the document is not a string, whatever it spells.
        if not isinstance(node, StringValueNode):
            raise refused("a string")
        return read(node.value)

    return scalar(
        name=name,
        description=description,
        specified_by_url=url,
        serialize=write,
        parse_value=value,
        parse_literal=literal,
    )
