"""What a document holds is counted right, and in one look at each of its nodes."""

from collections.abc import Callable
from typing import Any

import pytest
from graphql import parse
from graphql.language import visit
from graphql.language.visitor import Visitor

from graphql_api.counting import Counted, count
from graphql_api.documents import Documents
from graphql_api.limits import Limits
from graphql_api.request_errors import RequestErrors
from graphql_api.schema import graphql_schema
from shared.kernel.edge_errors import DocumentTooComplex, ValidationFailed

SCHEMA = graphql_schema(introspection=False)._schema


def _counted(text: str) -> Counted:
    return count(parse(text))


def test_everything_that_has_a_limit_is_counted() -> None:
    counted = _counted("""
      query A($a: Int @d) @d { x: viewer @d { user { email } ...F } y: __typename ...G }
      mutation B { signOut { __typename } }
      fragment F on Viewer { ... @d { user { email status } } }
      fragment G on Query @d { marketStatus { known } ...H @d }
      fragment H on Query { assets { nodes { name } } }
    """)
    assert (counted.operations, counted.fragments, counted.spreads) == (2, 3, 3)
    assert (counted.aliases, counted.directives) == (2, 6)
    assert counted.root_fields == 4
    assert counted.depth == 5  # the operation, viewer, F, its inline fragment, user


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("{ a }", 1),
        ("{ a { b { c } } d }", 3),
        ("{ ... { ... { a } } }", 3),
        ("{ ...F } fragment F on Q { a { b } }", 3),
        ("{ a { ...F } } fragment F on Q { ...G } fragment G on Q { b { c } }", 5),
        ("{ a } fragment F on Q { b { c { d { e } } } }", 4),
        ("{ ...Unknown }", 1),
    ],
)
def test_depth_is_selection_sets_inside_each_other(text: str, depth: int) -> None:
    assert _counted(text).depth == depth


@pytest.mark.parametrize(
    "text",
    [
        "{ ...F } fragment F on Q { ...F }",
        "{ ...F } fragment F on Q { ...G } fragment G on Q { a { ...H } } fragment H on Q { ...F }",
        "{ a } fragment F on Q { ... { ...G } } fragment G on Q { ...F }",
    ],
)
def test_fragments_in_a_circle_are_refused(text: str) -> None:
    with pytest.raises(ValidationFailed):
        _counted(text)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("{ a b c }", 0),
        ("{ a a a }", 3),
        ("{ x: a x: b }", 1),
        ("{ a { b } a { b } }", 2),
        ("{ a { b } c { b } }", 0),
        ("{ a ... { a } ... on Q { a } }", 3),
        ("{ a ...F } fragment F on Q { a }", 1),
        ("{ x { a } ...F } fragment F on Q { y { a } }", 1),
        ("query A { a } query B { a }", 0),
        ("fragment F on Q { a } fragment G on Q { a } { ...F ...G a }", 3),
    ],
)
def test_pairs_that_may_have_to_merge_are_counted(text: str, pairs: int) -> None:
    assert _counted(text).repetitions == pairs


def _chained(size: int) -> str:
    links = "".join(f"fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(size))
    return f"{{ ...F0 }} {links} fragment F{size} on Query {{ __typename }}"


def _crossed(size: int) -> str:
    """Each fragment spreads all later ones."""
    links = "".join(
        f"fragment F{i} on Query {{ {' '.join(f'...F{j}' for j in range(i + 1, size))} a }}"
        for i in range(size)
    )
    return f"{{ ...F0 }} {links}"


FAMILIES: dict[str, Callable[[int], str]] = {
    "chained fragments": _chained,
    "crossed fragments": _crossed,
    "aliases": lambda n: f"{{ {' '.join(f'a{i}: __typename' for i in range(n))} }}",
    "one name": lambda n: f"{{ {'__typename ' * n} }}",
    "inline fragments": lambda n: f"{{ {'... { ' * min(n, 90)} a {'}' * min(n, 90)} {'b ' * n} }}",
    "directives": lambda n: f"{{ a {'@skip(if: true) ' * n} }}",
    "operations": lambda n: " ".join(f"query Q{i} {{ a }}" for i in range(n)),
    "variables": lambda n: f"query({' '.join(f'$v{i}: Int @d' for i in range(n))}) {{ a }}",
    "spreads of one": lambda n: f"{{ {'...F ' * n} }} fragment F on Query {{ a b c }}",
    "many fragments": lambda n: (
        "{ a } " + " ".join(f"fragment F{i} on Query {{ a{i} }}" for i in range(n))
    ),
}


class _Nodes(Visitor):
    """Counts every node of a document."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    def enter(self, *_: Any) -> None:
        self.seen += 1


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES.keys())
@pytest.mark.parametrize("size", [1, 10, 60])
def test_no_document_is_looked_at_more_than_it_is_large(
    family: Callable[[int], str], size: int
) -> None:
    document = parse(family(size))
    nodes = _Nodes()
    visit(document, nodes)
    assert 0 < count(document).visited <= 2 * nodes.seen


OVER = {
    "tokens": "{ " + "__typename " * 1001 + "}",
    "comments": "#\n" * 1001 + "{ __typename }",
    "lines": "{ __typename }" + "\r\n" * 1001,
    "operations": " ".join(f"query Q{i} {{ __typename }}" for i in range(11)),
    "fragments": _chained(30),
    "spreads": f"{{ {'...F ' * 101} }} fragment F on Query {{ __typename }}",
    "root_fields": f"{{ {' '.join(f'...F{i}' for i in range(3))} }}"
    + "".join(f" fragment F{i} on Query {{ {'__typename ' * 7} }}" for i in range(3)),
    "aliases": f"{{ {' '.join(f'a{i}: __typename' for i in range(31))} }}",
    "directives": f"{{ __typename {'@skip(if: true) ' * 51} }}",
    "depth": f"{{ {'... { ' * 20} __typename {'}' * 20} }}",
    "nesting": f"{{ {'... { ' * 300} __typename {'}' * 300} }}",
    "repetitions": f"{{ viewer {{ {'nextSteps ' * 60} }} }}",
}
NAMED = {"comments": "tokens", "nesting": "depth"}


@pytest.mark.parametrize(("limit", "text"), OVER.items(), ids=OVER.keys())
def test_each_limit_refuses_before_the_schema_is_asked(
    limit: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: Any, **__: Any) -> Any:
        raise AssertionError("validated")

    monkeypatch.setattr("graphql_api.documents.validate", asked)
    with pytest.raises(DocumentTooComplex) as refused:
        Documents(SCHEMA, Limits(), introspection=False).prepare(text)
    named = NAMED.get(limit, limit)
    assert refused.value.values == {"limit": named, "allowed": getattr(Limits(), named)}


WITHIN = {
    "tokens": "{ viewer { " + "nextSteps " * 40 + "} }",
    "comments": "#\n" * 1000 + "{ __typename }",
    "operations": " ".join(f"query Q{i} {{ __typename }}" for i in range(10)),
    "fragments": _chained(17),
    "root_fields": f"{{ {'__typename ' * 20} }}",
    "aliases": f"{{ viewer {{ {' '.join(f'a{i}: nextSteps' for i in range(30))} }} }}",
    "directives": f"{{ {'... @skip(if: true) { __typename } ' * 20} }}",
    "depth": f"{{ {'... { ' * 19} __typename {'}' * 19} }}",
}


@pytest.mark.parametrize("text", WITHIN.values(), ids=WITHIN.keys())
def test_what_reaches_a_limit_and_does_not_exceed_it_is_taken(text: str) -> None:
    assert Documents(SCHEMA, Limits(), introspection=False).prepare(text).operations


def test_so_many_errors_are_told_and_no_more() -> None:
    text = "{ " + " ".join(f"nothing{i}" for i in range(15)) + " }"
    with pytest.raises(RequestErrors) as refused:
        Documents(SCHEMA, Limits(), introspection=False).prepare(text)
    assert len(refused.value.errors) == 4
    assert "aborted" in refused.value.errors[-1].message


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"tokens": 0}', '{"tokens": true}', '{"tokens": 1.5}', '{"token": 5}']
)
def test_limits_that_are_none_are_not_taken(text: str) -> None:
    with pytest.raises(ValueError, match=r"limits are|Expecting"):
        Limits.of(text)


def test_other_limits_keep_the_rest() -> None:
    assert Limits.of('{"tokens": 50}') == Limits(tokens=50)
