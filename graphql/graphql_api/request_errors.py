"""Why a well-formed request was not executed, in GraphQL's own words with places and a code."""

import re
from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError

from graphql_api.scrubbing import refused_value, without_values
from shared.kernel.errors import BaobabError

_HINT = re.compile(r" Did you mean .*", re.DOTALL)
_MESSAGE_MAX = 300
_PLACES_MAX = 3
"""Places told of one error: one that has hundreds is understood by the first."""


class RequestErrors(Exception):
    """One or more complaints of one kind; nothing was executed."""

    def __init__(self, kind: type[BaobabError], errors: Sequence[GraphQLError]) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.errors = errors

    def formatted(self, language: str = "en", *, hints: bool) -> list[dict[str, Any]]:
        """As an answer has them; ``hints`` may tell names of the schema.

        What is wrong with a document is told to its author in English; the rest has a language.
        """
        return [self._formatted(error, language, hints=hints) for error in self.errors]

    def _formatted(self, error: GraphQLError, language: str, *, hints: bool) -> dict[str, Any]:
        value = refused_value(error)
        kind: BaobabError | type[BaobabError] = self.kind if value is None else value
        message = error.message
        if value is not None:
            message = value.message(language) + _hint(error.message)
        found: dict[str, Any] = {
            "message": shown(message, hints=hints),
            "extensions": {
                "code": kind.code,
                "advice": kind.what_to_do(language),
                "retry": kind.retry.value,
            },
        }
        if error.locations:
            found["locations"] = [each.formatted for each in error.locations[:_PLACES_MAX]]
        return found


def _hint(message: str) -> str:
    found = _HINT.search(message)
    return "" if found is None else found.group()


def shown(message: str, *, hints: bool) -> str:
    """A message of the library that repeats no long texts and, unless wanted, no other names."""
    text = without_values(message if hints else _HINT.sub("", message))
    return text if len(text) <= _MESSAGE_MAX else f"{text[: _MESSAGE_MAX - 1]}…"
