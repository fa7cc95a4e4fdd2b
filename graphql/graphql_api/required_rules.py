"""The rules behind one operation of a document, gathered in one walk over it."""

from collections.abc import Callable
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)

from graphql_api.rules import INHERITED, RULE, Rule
from shared.platform.observability import metric
from shared.users.errors import Forbidden

_DEFINITION = "strawberry-definition"
_TABLE = "baobab-rules"

type RuleTable = dict[str, dict[str, frozenset[Rule]]]


def close(schema: GraphQLSchema) -> None:
    """Refuse a schema with a field that has no rule, and let none be resolved unjudged.

    TypeError names the fields. Afterwards every field with a rule of its own asks, before its
    resolver runs, whether that rule was judged for this request.
    """
    table: RuleTable = {}
    without = []
    for name, kind in schema.type_map.items():
        if name.startswith("__") or not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            continue
        table[name] = {}
        for field_name, field in kind.fields.items():
            rule = rule_of(field)
            if rule is None:
                without.append(f"{name}.{field_name}")
                continue
            table[name][field_name] = frozenset({rule})
            if rule is not INHERITED and isinstance(kind, GraphQLObjectType):
                field.resolve = _judged(field.resolve, rule)
    if without:
        raise TypeError(f"no rule for {', '.join(without)}")
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInterfaceType):
            for actual in schema.get_possible_types(kind):
                for field_name in kind.fields:
                    table[kind.name][field_name] |= table[actual.name][field_name]
    schema.extensions = {**(schema.extensions or {}), _TABLE: table}


def rule_of(field: GraphQLField) -> Rule | None:
    """The rule that was written beside a field."""
    made = (field.extensions or {}).get(_DEFINITION)
    rule = (getattr(made, "metadata", None) or {}).get(RULE)
    return rule if isinstance(rule, Rule) else None


def required_rules(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> frozenset[Rule]:
    """The rules of all fields that the operation may select.

    Each fragment is looked into once, however often it is spread, so this is linear in the
    document. Conditions are not weighed: a field behind ``@skip`` needs its rule too. Fields of
    introspection have none, and what the schema does not know is left to validation.
    """
    table: RuleTable = schema.extensions[_TABLE]
    fragments = {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    found: set[Rule] = set()
    root = schema.get_root_type(operation.operation)
    todo: list[tuple[Any, SelectionSetNode]] = [(root, operation.selection_set)]
    while todo:
        parent, selected = todo.pop()
        for each in selected.selections:
            if isinstance(each, FieldNode):
                found |= table.get(getattr(parent, "name", ""), {}).get(
                    each.name.value, frozenset()
                )
                field = getattr(parent, "fields", {}).get(each.name.value)
                if field is not None and each.selection_set is not None:
                    todo.append((get_named_type(field.type), each.selection_set))
            elif isinstance(each, InlineFragmentNode):
                todo.append((_narrowed(schema, each, parent), each.selection_set))
            elif isinstance(each, FragmentSpreadNode):
                fragment = fragments.pop(each.name.value, None)
                if fragment is not None:
                    todo.append((_narrowed(schema, fragment, parent), fragment.selection_set))
    return frozenset(found)


def _narrowed(
    schema: GraphQLSchema, node: InlineFragmentNode | FragmentDefinitionNode, parent: Any
) -> Any:
    condition = node.type_condition
    return parent if condition is None else schema.get_type(condition.name.value)


def _judged(resolve: Callable[..., Any] | None, rule: Rule) -> Callable[..., Any]:
    if resolve is None:
        raise TypeError(f"a field with the rule {rule.name} needs a resolver")

    def judged(source: Any, info: Any, **arguments: Any) -> Any:
        if rule not in info.context.authorized:
            metric("FieldNotJudged", rule=rule.name)
            raise Forbidden()
        return resolve(source, info, **arguments)

    return judged
