"""The cost of a document: as if every fragment were written out, without writing any out."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    get_named_type,
    is_composite_type,
    is_required_argument,
    parse,
    validate,
)
from graphql.type import is_list_type, is_wrapping_type
from hypothesis import given, settings
from hypothesis import strategies as st

from graphql_api.cost import LIST_LENGTH, MOST, OBJECT, PAGE, SCALAR, Costs, page_variables
from graphql_api.schema import graphql_schema

SCHEMA = graphql_schema(introspection=False)._schema


def _cost(text: str, variables: Mapping[str, Any] | None = None) -> int:
    document = parse(text)
    (operation, *_) = (e for e in document.definitions if isinstance(e, OperationDefinitionNode))
    return Costs(SCHEMA, document, variables or {}).of(operation)


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("{ __typename }", 1),
        ("{ marketStatus { known } }", 2 + 1),
        ("{ marketStatus { known isOpen } }", 2 + 2),
        ("{ viewer { nextSteps } }", 2 + LIST_LENGTH * 1),
        ("{ viewer { accounts { currency } } }", 2 + LIST_LENGTH * (2 + 1)),
        ("{ assets(first: 7) { nodes { name } } }", 2 + 7 * (2 + 1)),
        ("{ assets { nodes { name } } }", 2 + 20 * (2 + 1)),
        ("{ assets(first: 0) { nodes { name } } }", 2),
        ("{ assets(first: -3) { nodes { name } } }", 2),
        ("{ assets(first: 7) { pageInfo { hasNextPage } } }", 2 + 2 + 1),
        (
            "{ assets(first: 7) { nodes { name } edges { cursor node { name } } } }",
            2 + 7 * (2 + 1) + 7 * (2 + 1 + 2 + 1),
        ),
        ("{ assets(first: 7) { ...F } } fragment F on AssetConnection { nodes { name } }", 23),
        ("{ assets(first: 7) { ... { nodes { name } } } }", 23),
        ("{ staff { moneyCases { kind } } }", 2 + 50 * (2 + 1)),
        ("{ staff { moneyCases(first: 7) { kind } } }", 2 + 7 * (2 + 1)),
        ('{ goalProjection(goalId: "x") { ... on GoalProjection { paths } } }', 2 + 1 + 4000),
        ("{ __schema { types { name } } }", 0),
    ],
)
def test_lists_cost_by_their_length(text: str, cost: int) -> None:
    assert _cost(text) == cost


def test_a_variable_drives_the_cost_as_a_value_does() -> None:
    text = "query($n: Int! = 3) { assets(first: $n) { nodes { name } } }"
    assert page_variables(parse(text)) == {"n"}
    assert [_cost(text, {"n": n}) for n in (1, 3, 50)] == [5, 11, 152]
    assert _cost(text, {"n": -1}) == _cost(text, {"n": 0}) == 2


@pytest.mark.parametrize("huge", ["9" * 13, "9" * 10_000])
def test_numbers_of_any_length_cost_no_more_than_most(huge: str) -> None:
    text = f"{{ assets(first: {huge}) {{ nodes {{ name }} }} }}"
    assert _cost(text) == MOST
    assert _cost("query($n: Int!) { assets(first: $n) { nodes { name } } }", {"n": 10**30}) == MOST


def _chain(size: int) -> str:
    links = " ".join(f"fragment F{i} on Viewer {{ ...F{i + 1} ...F{i + 1} }}" for i in range(size))
    return f"{{ viewer {{ ...F0 }} }} {links} fragment F{size} on Viewer {{ nextSteps }}"


def test_a_chain_of_fragments_is_summed_link_by_link() -> None:
    assert [_cost(_chain(size)) for size in (0, 1, 10)] == [7, 12, 2 + 2**10 * 5]
    assert _cost(_chain(300)) == MOST
    document = parse(_chain(300))
    costs = Costs(SCHEMA, document, {})
    costs.of(document.definitions[0])
    assert costs.visited <= 3 * 301


Expand = Callable[[Any, Any, int | None], int]


def _brute_force(text: str, variables: Mapping[str, Any]) -> int:
    """By the definition: every fragment is written out wherever it is spread."""
    document = parse(text)
    fragments = {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }

    def of_set(selected: Any, parent: Any, length: int | None) -> int:
        return sum(of_node(each, parent, length) for each in selected.selections)

    def of_node(node: Any, parent: Any, length: int | None) -> int:
        if isinstance(node, InlineFragmentNode):
            inside = parent
            if node.type_condition is not None:
                inside = SCHEMA.type_map[node.type_condition.name.value]
            return of_set(node.selection_set, inside, length)
        if isinstance(node, FragmentSpreadNode):
            fragment = fragments[node.name.value]
            inside = SCHEMA.type_map[fragment.type_condition.name.value]
            return of_set(fragment.selection_set, inside, length)
        return of_field(node, parent, length)

    def of_field(node: FieldNode, parent: Any, length: int | None) -> int:
        if node.name.value == "__typename":
            return SCALAR
        field = parent.fields[node.name.value]
        own: int | None = None
        if PAGE in field.args:
            given = [each.value for each in node.arguments or () if each.name.value == PAGE]
            own = field.args[PAGE].default_value
            if given and given[0].kind == "variable":
                own = variables[given[0].name.value]
            elif given:
                own = int(given[0].value)
        kind = get_named_type(field.type)
        cost = SCALAR
        if is_composite_type(kind):
            cost = OBJECT + of_set(node.selection_set, kind, own)
        # A list that is asked for by its own length has that; the others have their page's.
        entries = next((each for each in (own, length) if each is not None), LIST_LENGTH)
        wrapped, lists = field.type, 0
        while is_wrapping_type(wrapped):
            lists += is_list_type(wrapped)
            wrapped = wrapped.of_type
        return cost * entries if lists else cost

    (operation,) = (e for e in document.definitions if isinstance(e, OperationDefinitionNode))
    return of_set(operation.selection_set, SCHEMA.query_type, None)


@st.composite
def _selections(draw: st.DrawFn, kind: GraphQLObjectType, depth: int, spread: list[str]) -> str:
    """A few fields of a type, some of them by inline fragments or by the fragments there are."""
    parts = ["__typename"]
    for name in draw(st.lists(st.sampled_from(sorted(kind.fields)), max_size=3)):
        field = kind.fields[name]
        inner = get_named_type(field.type)
        if any(is_required_argument(each) for each in field.args.values()):
            continue
        length = draw(st.sampled_from(["", "(first: 2)", "(first: 50)", "(first: $n)"]))
        arguments = length if PAGE in field.args else ""
        if isinstance(inner, GraphQLObjectType):
            if depth:
                below = draw(_selections(inner, depth - 1, []))
                parts.append(f"{name}{arguments} {{ {below} }}")
        elif not is_composite_type(inner):
            parts.append(name + arguments)
    if draw(st.booleans()) and depth:
        inline = draw(_selections(kind, depth - 1, []))
        parts.append(f"... on {kind.name} {{ {inline} }}")
    if spread:
        parts += [f"...{each}" for each in draw(st.lists(st.sampled_from(spread), max_size=3))]
    return " ".join(parts)


@st.composite
def _documents(draw: st.DrawFn) -> str:
    """A query of the committed schema with a chain of up to four fragments on the viewer."""
    viewer, query = SCHEMA.type_map["Viewer"], SCHEMA.query_type
    assert isinstance(viewer, GraphQLObjectType)
    assert query is not None
    names: list[str] = []
    fragments = []
    for number in range(draw(st.integers(0, 4))):
        inside = draw(_selections(viewer, 2, list(names)))
        fragments.append(f"fragment F{number} on Viewer {{ {inside} }}")
        names.append(f"F{number}")
    spread = " ".join(f"...{each}" for each in names)
    own = draw(_selections(query, 3, []))
    return (
        f"query($n: Int! = 4) {{ {own} viewer {{ nextSteps {spread} }} assets(first: $n)"
        f" {{ nodes {{ symbol }} }} }} {' '.join(fragments)}"
    )


@settings(max_examples=80, deadline=None)
@given(_documents(), st.integers(0, 60))
def test_the_cost_is_that_of_the_document_written_out(text: str, length: int) -> None:
    variables = {"n": length}
    assert _cost(text, variables) == min(_brute_force(text, variables), MOST)


@settings(max_examples=10, deadline=None)
@given(_documents())
def test_the_documents_made_up_here_are_nearly_all_valid(text: str) -> None:
    complaints = {each.message.split("'")[0] for each in validate(SCHEMA, parse(text))}
    # Two pages of one name may be asked for with other lengths: that alone is not mended here.
    assert complaints <= {"Fields "}
