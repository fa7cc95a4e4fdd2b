"""Names that are nearly right: a stage that is open to the world tells nobody the right ones."""

from collections.abc import Iterator
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)

from tests.journeys.hostile.attempts import Attempt, asked

ROOT = Path(__file__).resolve().parents[3] / "graphql"
INVALID = "GRAPHQL_VALIDATION_FAILED"
INPUT = "BAD_USER_INPUT"


def schema(name: str) -> GraphQLSchema:
    """As committed: ``schema`` or ``session``."""
    return build_schema((ROOT / f"{name}.graphql").read_text(), assume_valid=True)


def near(name: str) -> str:
    """One letter is wrong: close enough for every library that would help."""
    return f"{name[:-1]}{'z' if name[-1] != 'z' else 'y'}"


def every_name(found: GraphQLSchema) -> frozenset[str]:
    """Of all types, fields, arguments, enum values and input fields."""
    names: set[str] = set()
    for kind in found.type_map.values():
        if kind.name.startswith("__"):
            continue
        names.add(kind.name)
        if isinstance(kind, GraphQLEnumType):
            names |= set(kind.values)
        if isinstance(kind, GraphQLObjectType | GraphQLInputObjectType):
            names |= set(kind.fields)
        if isinstance(kind, GraphQLObjectType):
            names |= {name for field in kind.fields.values() for name in field.args}
    return frozenset(names)


def near_misses(name: str) -> Iterator[Attempt]:
    """Of fields, types, arguments, directives, enum values and input fields, by literal and
    variable."""
    found, endpoint = schema(name), "graphql" if name == "schema" else "session"
    tried: list[tuple[str, str]] = []
    for root, word in ((found.query_type, "query"), (found.mutation_type, "mutation")):
        assert root is not None
        for field in root.fields:
            tried.append((INVALID, f"{word} {{ {near(field)} }}"))
            for argument in root.fields[field].args:
                document = f"{word} {{ {field}({near(argument)}: 1) {{ __typename }} }}"
                tried.append((f"{INVALID} {INPUT}", document))
    kinds = [kind for kind in found.type_map.values() if not kind.name.startswith("__")]
    for kind in kinds:
        tried.append((INVALID, f"{{ ... on {near(kind.name)} {{ __typename }} }}"))
        tried.append((INVALID, f"query ($a: {near(kind.name)}) {{ __typename }}"))
        if isinstance(kind, GraphQLInputObjectType):
            inputs = (wrong_input(kind.name, near(given)) for given in kind.fields)
            tried += [(f"{INVALID} {INPUT}", each) for each in inputs]
        if isinstance(kind, GraphQLEnumType):
            defaults = (f"query ($a: {kind.name} = {near(value)}) {{a}}" for value in kind.values)
            tried += [(f"{INVALID} {INPUT}", each) for each in defaults]
    tried.append((INVALID, "{ __typename @skipp(if: true) @includ(if: true) }"))
    tried.append((INVALID, "{ __typename @skip(iff: true) }"))
    for number, (codes, document) in enumerate(tried):
        yield asked(f"near miss {number}: {document[:60]}", codes, document, endpoint=endpoint)


def wrong_input(kind: str, name: str) -> str:
    """A default value with a field that the input does not have."""
    return f"query ($a: {kind} = {{{name}: 1}}) {{ __typename }}"


def variables() -> Iterator[Attempt]:
    """Wrong names that only a value tells."""
    change = "mutation ($i: UpdateProfileInput!) { updateProfile(input: $i) { __typename } }"
    question = "query ($l: Language) { riskQuestionnaire(language: $l) { version } }"
    for name in ("cityy", "givenNam", "countr", "taxld", "polticallyExposed"):
        yield asked(f"the input {name}", INPUT, change, endpoint="graphql",
                    variables={"i": {name: "a"}})  # fmt: skip
    for value in ("EM", "en", "SV"):
        yield asked(f"the enum {value}", INPUT, question, endpoint="graphql",
                    variables={"l": value})  # fmt: skip


def introspection() -> Iterator[Attempt]:
    """Every way to ask for the schema itself."""
    for endpoint in ("graphql", "session"):
        for document in (
            "{ __schema { types { name } } }",
            "{ s: __schema { queryType { name } } }",
            '{ __type(name: "Query") { name fields { name } } }',
            "{ ...F } fragment F on Query { __schema { directives { name } } }",
            "{ ... { ... on Query { __schema { mutationType { name } } } } }",
            "{ __schema @skip(if: true) { types { name } } }",
            "query A { __typename } query B { __schema { types { name } } }",
            "mutation { __schema { types { name } } }",
        ):
            yield asked(f"introspection: {document}", INVALID, document, endpoint=endpoint,
                        operationName="A" if "query A" in document else None)  # fmt: skip
    yield asked("a type's own name", "executed", "{ __typename }", endpoint="session")
