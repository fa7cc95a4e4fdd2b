"""What may be told of a refused value: where it is and what it must be, never the value itself.

The GraphQL library quotes what it was sent: a password in the wrong field would come back in the
answer, and end in logs on its way.
"""

import re

from graphql import GraphQLError

from shared.kernel.edge_errors import BadUserInput, CardNumberRefused
from shared.kernel.errors import BaobabError

# What the library says of a value, up to where it begins to quote. Names of types and of fields
# that the schema has are no secrets of the sender; a field that it does not have may be.
_TELLING = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"Expected a value of non-null type '[^']+' to be provided",
        r"Expected value of non-null type '[^']+' not to be None",
        r"Expected value of type '[^']+' to be an object",
        r"Expected value of type '[^']+' to include required field '\w+'",
        r"Expected value of type '[^']+' not to include unknown field",
        r"Expected value of type '[^']+'(?=[,.])",
        r"(?:Int|Float|String|Boolean|ID) cannot represent [a-z0-9 -]*value",
        r"Within OneOf Input Object type '[^']+', exactly one field must be specified",
    )
)
_ENUM = re.compile(
    r"(?:Value .* does not exist in '(\w+)' enum|Enum '(\w+)' cannot represent)", re.DOTALL
)
_PLACE = re.compile(
    r"((?:Variable '\$\w+'|Argument '[\w.:]+') has invalid (?:default )?value"
    r"(?: at [\w.\[\]]+)?): ",
    re.ASCII,
)
_LEXED = re.compile(r"\b(Name|Int|Float|String|BlockString|Comment) (['\"]).*", re.DOTALL)


def refused_value(error: GraphQLError) -> BaobabError | None:
    """The refusal of a variable's or a literal's value; None when the error is about no value."""
    place = _PLACE.match(error.message)
    cause = _cause(error)
    if isinstance(cause, CardNumberRefused):
        return cause
    if isinstance(cause, BadUserInput):
        return BadUserInput(reason=_with_place(place, str(cause.values["reason"])))
    if cause is not None:
        return None
    inner = error.message if place is None else error.message[place.end() :]
    told = _told(inner)
    if told is None:
        return (
            None if place is None else BadUserInput(reason=_with_place(place, "Not of its type."))
        )
    return BadUserInput(reason=_with_place(place, f"{told}."))


def without_values(message: str) -> str:
    """A complaint about a document, without the names, numbers and strings that it quotes."""
    return _LEXED.sub(r"\1.", message)


def _cause(error: GraphQLError) -> Exception | None:
    cause: Exception | None = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _told(inner: str) -> str | None:
    enum = _ENUM.match(inner)
    if enum is not None:
        return f"Expected a value of the enum '{enum.group(1) or enum.group(2)}'"
    found = (pattern.match(inner) for pattern in _TELLING)
    return next((each.group() for each in found if each is not None), None)


def _with_place(place: re.Match[str] | None, reason: str) -> str:
    return reason if place is None else f"{place.group(1)}: {reason}"
