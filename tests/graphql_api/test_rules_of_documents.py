"""The rules of made-up documents, gathered in one walk, are those of visiting every field."""

from typing import Any

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLSchema,
    NamedTypeNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    get_operation_ast,
    visit,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes
from hypothesis_graphql.strategies import mutations, queries

from graphql_api.required_rules import required_rules, rule_of
from graphql_api.rules import Rule
from graphql_api.schema import graphql_schema, session_schema
from tests.graphql_api.samples import VALUES

SCHEMAS: dict[str, GraphQLSchema] = {
    "graphql": graphql_schema(introspection=False)._schema,
    "session": session_schema(introspection=False)._schema,
}
VALUES_OF = {
    name: st.just(nodes.String(value)) for name, value in VALUES.items() if isinstance(value, str)
}


def _by_visiting(schema: GraphQLSchema, document: DocumentNode) -> set[Rule]:
    found: set[Rule] = set()
    info = TypeInfo(schema)

    class Rules(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            parent, field = info.get_parent_type(), info.get_field_def()
            if node.name.value.startswith("__"):
                return
            assert parent is not None
            assert field is not None
            kinds = [parent]
            if isinstance(parent, GraphQLInterfaceType):
                kinds += schema.get_possible_types(parent)
            for kind in kinds:
                rule = rule_of(kind.fields[node.name.value])
                assert rule is not None
                found.add(rule)

    visit(document, TypeInfoVisitor(info, Rules()))
    return found


def _in_fragments(schema: GraphQLSchema, document: DocumentNode) -> DocumentNode:
    """The same, with whatever is selected below a field as a fragment of its own, spread twice."""
    made: list[FragmentDefinitionNode] = []
    info = TypeInfo(schema)

    class Moving(Visitor):
        def leave_field(self, node: FieldNode, *_: Any) -> Any:
            if node.selection_set is None:
                return None
            name = NameNode(value=f"F{len(made)}")
            kind = NamedTypeNode(name=NameNode(value=get_named_type(info.get_type()).name))
            made.append(
                FragmentDefinitionNode(
                    name=name,
                    type_condition=kind,
                    selection_set=node.selection_set,
                    directives=(),
                    variable_definitions=(),
                )
            )
            spread = FragmentSpreadNode(name=name, directives=())
            return FieldNode(
                name=node.name,
                alias=node.alias,
                arguments=node.arguments,
                directives=node.directives,
                selection_set=SelectionSetNode(selections=(spread, spread)),
            )

    moved = visit(document, TypeInfoVisitor(info, Moving()))
    return DocumentNode(definitions=(*moved.definitions, *made))


@pytest.mark.parametrize("path", ["graphql", "session"])
@pytest.mark.parametrize("making", [queries, mutations])
def test_one_walk_finds_what_visiting_every_field_finds(path: str, making: Any) -> None:
    schema = SCHEMAS[path]
    rules_seen: set[Rule] = set()
    fragments_seen = 0

    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(making(schema, custom_scalars=VALUES_OF, print_ast=lambda document: document))
    def run(document: DocumentNode) -> None:
        operation = get_operation_ast(document, None)
        assert isinstance(operation, OperationDefinitionNode)
        expected = _by_visiting(schema, document)
        assert required_rules(schema, document, operation) == expected
        nonlocal fragments_seen
        rules_seen.update(expected)
        moved = _in_fragments(schema, document)
        fragments_seen += len(moved.definitions) - 1
        again = get_operation_ast(moved, None)
        assert isinstance(again, OperationDefinitionNode)
        assert required_rules(schema, moved, again) == expected

    run()
    assert len(rules_seen) > 1
    assert fragments_seen
