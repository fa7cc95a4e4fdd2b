"""What an operation would cost to answer, computed without expanding a fragment.

A scalar costs 1 and an object 2, in the unit of a scalar's work. What lies in a list counts for
every entry: as many as ``first`` says for a page, by value, variable or default, and a stated
number for lists without one. A field that computes much says beside itself how much. Fields that
would merge count each: the cost is never too low.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_list_type,
    is_wrapping_type,
)

SCALAR: Final = 1
OBJECT: Final = 2
LIST_LENGTH: Final = 5
"""Entries that a list without ``first`` is taken to have."""
PAGE: Final = "first"
"""The argument by which a page's length is chosen."""
WORK: Final = "work"
"""Where a field's metadata keep what it costs beside what is selected in it."""
MOST: Final = 10**12
"""No cost is told more exactly than this: a chain of fragments cannot make numbers explode."""
_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class _Sum:
    """The cost of a selection set: what is there once, and what each entry of a page adds."""

    once: int = 0
    each: int = 0

    def plus(self, once: int, each: int) -> "_Sum":
        return _Sum(min(self.once + once, MOST), min(self.each + each, MOST))

    def with_page(self, length: int | None) -> int:
        """``length`` None: nothing said how long its lists are."""
        entries = LIST_LENGTH if length is None else length
        return min(self.once + self.each * entries, MOST)


class Costs:
    """Of one operation of a valid document, for given variables.

    Fragments are summed once each; ``visited`` counts the nodes that were looked at.
    """

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]
    ) -> None:
        self._schema = schema
        self._variables = variables
        self._fragments = {
            each.name.value: each
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        self._sums: dict[str, _Sum] = {}
        self.visited = 0

    def of(self, operation: OperationDefinitionNode) -> int:
        """At most MOST."""
        root = self._schema.get_root_type(operation.operation)
        return self._sum(operation.selection_set, root).with_page(None)

    def _sum(self, selected: SelectionSetNode, parent: GraphQLNamedType | None) -> _Sum:
        total = _Sum()
        for each in selected.selections:
            self.visited += 1
            if isinstance(each, FieldNode):
                added = self._field(each, parent)
            elif isinstance(each, InlineFragmentNode):
                condition = each.type_condition
                inside = parent if condition is None else self._type(condition.name.value)
                added = self._sum(each.selection_set, inside)
            elif isinstance(each, FragmentSpreadNode):
                added = self._fragment(each.name.value)
            else:
                raise TypeError(f"no selection: {each.kind}")
            total = total.plus(added.once, added.each)
        return total

    def _fragment(self, name: str) -> _Sum:
        if name not in self._sums:
            node = self._fragments[name]
            inside = self._type(node.type_condition.name.value)
            self._sums[name] = self._sum(node.selection_set, inside)
        return self._sums[name]

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> _Sum:
        if node.name.value == "__typename":
            return _Sum(SCALAR)
        field: GraphQLField | None = getattr(parent, "fields", {}).get(node.name.value)
        if field is None:
            # What describes the schema is limited by validation, where it is answered at all.
            return _Sum()
        kind = get_named_type(field.type)
        length = page_length(node, field, self._variables)
        entry = SCALAR
        if is_composite_type(kind) and node.selection_set is not None:
            entry = OBJECT + self._sum(node.selection_set, kind).with_page(length)
        entry += work_of(field)
        lists = _lists(field)
        if lists == 0:
            return _Sum(min(entry, MOST))
        entry = min(entry * LIST_LENGTH ** (lists - 1), MOST)
        return _Sum(each=entry) if length is None else _Sum(min(entry * length, MOST))

    def _type(self, name: str) -> GraphQLNamedType | None:
        return self._schema.get_type(name)


def work_of(field: GraphQLField) -> int:
    """What was written beside a field that computes much; 0 for all others."""
    made = (field.extensions or {}).get("strawberry-definition")
    work: int = (getattr(made, "metadata", None) or {}).get(WORK, 0)
    return work


def page_length(node: FieldNode, field: GraphQLField, variables: Mapping[str, Any]) -> int | None:
    """How many entries a field is asked for; None when it is no page.

    Never negative, at most MOST: whether the number is allowed is for the field to say.
    """
    argument = field.args.get(PAGE)
    if argument is None:
        return None
    asked: Any = argument.default_value
    for given in node.arguments or ():
        if given.name.value == PAGE:
            asked = _value(given.value, variables, asked)
    return min(max(asked, 0), MOST) if type(asked) is int else LIST_LENGTH


def _value(node: Any, variables: Mapping[str, Any], default: Any) -> Any:
    if isinstance(node, VariableNode):
        return variables.get(node.name.value, default)
    if isinstance(node, IntValueNode):
        return int(node.value) if len(node.value) <= _DIGITS else MOST
    return None


def page_variables(document: DocumentNode) -> frozenset[str]:
    """Names of the variables that a cost of this document may depend on."""
    return frozenset(_page_variables(document))


def _page_variables(document: DocumentNode) -> Iterator[str]:
    todo: list[SelectionSetNode] = [
        each.selection_set
        for each in document.definitions
        if isinstance(each, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    while todo:
        for each in todo.pop().selections:
            for argument in getattr(each, "arguments", None) or ():
                if argument.name.value == PAGE and isinstance(argument.value, VariableNode):
                    yield argument.value.name.value
            below = getattr(each, "selection_set", None)
            if below is not None:
                todo.append(below)


def _lists(field: GraphQLField) -> int:
    """How many lists are around the named type."""
    found, kind = 0, field.type
    while is_wrapping_type(kind):
        found += is_list_type(kind)
        kind = kind.of_type
    return found
