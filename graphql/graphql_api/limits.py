"""What one document may ask for at once, beside its size."""

from collections.abc import Iterator
from typing import Any

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
from strawberry.extensions import AddValidationRules

EXTRA_READS_MAX = 24
"""Reads of a request beyond those that all its fields share: older pages, single things."""


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
            for field in _fields(node.selection_set, fragments, set())
        }
        if len(names) > 1:
            self.report_error(GraphQLError("A mutation takes one action at a time.", node))


def _fields(
    selected: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode], seen: set[str]
) -> Iterator[FieldNode]:
    """Fields of this level; each fragment is looked into once, however often it is spread."""
    for each in selected.selections:
        match each:
            case FieldNode():
                yield each
            case InlineFragmentNode():
                yield from _fields(each.selection_set, fragments, seen)
            case FragmentSpreadNode() if each.name.value not in seen:
                seen.add(each.name.value)
                fragment = fragments.get(each.name.value)
                if fragment is not None:
                    yield from _fields(fragment.selection_set, fragments, seen)


# One instance for all requests: the validation cache keys on the rules' identity.
ONE_ACTION = AddValidationRules([OneAction])
