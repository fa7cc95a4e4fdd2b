"""What one request may ask for at once: sizes, counts and cost; and one action per mutation."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Self

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValidationRule,
)

EXTRA_READS_MAX = 24
"""Reads of a request beyond those that all its fields share: older pages, single things."""
NESTING_MAX = 32
"""Levels of lists and objects in variables."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one request. A stage may set other numbers; ``docs/api.md`` states these."""

    body_bytes: int = 64 * 1024
    tokens: int = 1000
    """Of the document; comments count separately, with the same limit."""
    lines: int = 2000
    """Of the document: a place in it is told by counting lines."""
    operations: int = 10
    fragments: int = 30
    """Definitions."""
    spreads: int = 100
    """Uses of fragments."""
    root_fields: int = 20
    """Of one operation, whatever fragments they come from."""
    aliases: int = 30
    directives: int = 50
    depth: int = 20
    """Selection sets inside each other; those of fragments, inline or not, are levels too."""
    repetitions: int = 1000
    """Pairs of fields that may have to be merged into one: validation compares each pair."""
    cost: int = 20_000
    """See ``graphql_api.cost``."""

    @classmethod
    def of(cls, text: str) -> Self:
        """From a JSON object that names those numbers that differ.

        Raises:
            ValueError: it is no such object.
        """
        given = json.loads(text)
        known = {each.name for each in fields(cls)}
        if not isinstance(given, dict) or not known.issuperset(given):
            raise ValueError(f"limits are {', '.join(sorted(known))}")
        if not all(type(number) is int and number > 0 for number in given.values()):
            raise ValueError("limits are positive whole numbers")
        return cls(**given)


class OneAction(ValidationRule):
    """A mutation does one thing.

    Under aliases, one request could try fifty passwords or send fifty messages, and every limit
    on the rate of requests would count it as one.
    """

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Counts what the operation does, under whatever names and by way of fragments."""
        if node.operation is not OperationType.MUTATION:
            return
        fragments = {
            each.name.value: each
            for each in self.context.document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        names = {
            (field.alias or field.name).value
            for field in first_fields(node.selection_set, fragments, set())
        }
        if len(names) > 1:
            self.report_error(GraphQLError("A mutation takes one action at a time.", node))


def first_fields(
    selected: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode], seen: set[str]
) -> Iterator[FieldNode]:
    """Fields of this level; each fragment is looked into once, however often it is spread."""
    for each in selected.selections:
        match each:
            case FieldNode():
                yield each
            case InlineFragmentNode():
                yield from first_fields(each.selection_set, fragments, seen)
            case FragmentSpreadNode() if each.name.value not in seen:
                seen.add(each.name.value)
                fragment = fragments.get(each.name.value)
                if fragment is not None:
                    yield from first_fields(fragment.selection_set, fragments, seen)
