"""Every input of every mutation: what does not fit is refused, unrepeated, without effect."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLSchema,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

from graphql_api.schema import graphql_schema, session_schema
from graphql_api.scrubbing import refused_value, without_values
from tests.graphql_api.samples import Place, places, value_of

SCHEMAS: dict[str, GraphQLSchema] = {
    "graphql": graphql_schema(introspection=False)._schema,
    "session": session_schema(introspection=False)._schema,
}
SECRET = "hunter2-Verysecret"
CARD = "4111 1111 1111 1111"
BARE = CARD.replace(" ", "")
CARDS = {
    "EmailAddress": f"{BARE}@example.com",
    "IdempotencyKey": BARE,
    "Key": BARE,
    "Line": CARD,
    "TaxId": CARD,
    "Text": f"with {CARD} on it",
}
"""A card number as each text could hold it."""


def _literal(value: Any, kind: Any) -> str:
    """A value as a document spells it; enums without quotes."""
    if isinstance(value, dict):
        fields = getattr(get_named_type(kind), "fields", {})
        parts = (
            f"{name}: {_literal(each, fields[name].type if name in fields else None)}"
            for name, each in value.items()
        )
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(each, kind) for each in value) + "]"
    if isinstance(get_named_type(kind), GraphQLEnumType) and isinstance(value, str):
        return value.replace("-", "_")
    return json.dumps(value)


def _leaves(kind: GraphQLInputObjectType, *path: str | int) -> Iterator[tuple[Any, Any]]:
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        here: tuple[str | int, ...] = (*path, name)
        unwrapped = field.type.of_type if is_non_null_type(field.type) else field.type
        if is_list_type(unwrapped):
            here = (*here, 0)
        if isinstance(inner, GraphQLInputObjectType):
            yield from _leaves(inner, *here)
        else:
            yield here, inner


def _changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    changed = copy.deepcopy(value)
    at = changed
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = new
    return changed


def _bad(kind: Any) -> Iterator[tuple[Any, str]]:
    yield SECRET * 200, "BAD_USER_INPUT"
    yield {"a": SECRET}, "BAD_USER_INPUT"
    if isinstance(kind, GraphQLEnumType):
        yield SECRET, "BAD_USER_INPUT"
    if kind.name in ("Int", "Boolean"):
        yield SECRET, "BAD_USER_INPUT"
    else:
        yield 4111, "BAD_USER_INPUT"
        yield True, "BAD_USER_INPUT"
    if kind.name in CARDS:
        yield CARDS[kind.name], "CARD_NUMBER_REFUSED"


def _cases() -> Iterator[Any]:
    for path, schema in SCHEMAS.items():
        for place in places(schema):
            if place.type_name == "Mutation" and place.field.args:
                yield pytest.param(path, place, id=f"{path}-{place.field_name}")


def _requests(place: Place) -> Iterator[tuple[str, Any, str]]:
    """What to spoil by name, the input, and the code to expect."""
    kind = get_named_type(place.field.args["input"].type)
    assert isinstance(kind, GraphQLInputObjectType)
    good = value_of(kind, everything=True)
    yield "unknown", good | {SECRET.replace("-", "_"): SECRET}, "BAD_USER_INPUT"
    yield "nothing", SECRET, "BAD_USER_INPUT"
    for name, field in kind.fields.items():
        if is_non_null_type(field.type):
            yield name, good | {name: None}, "BAD_USER_INPUT"
    for path, leaf in _leaves(kind):
        for value, code in _bad(leaf):
            yield ".".join(map(str, path)), _changed(good, path, value), code


def _repeats(text: str) -> bool:
    plain = text.replace(" ", "")
    return SECRET in text or "hunter2" in text or BARE in plain


@pytest.mark.parametrize(("path", "place"), [*_cases()])
def test_a_bad_value_is_refused_unrepeated_and_changes_nothing(
    path: str, place: Place, amina: Any, database: Any, identities: Any, capsys: Any
) -> None:
    kind = place.field.args["input"].type
    document = f"mutation($i: {kind}) {{ {place.field_name}(input: $i) {{ __typename }} }}"
    database.requests.clear()
    identities.calls.clear()
    capsys.readouterr()
    for what, value, code in _requests(place):
        literal = (
            f"mutation {{ {place.field_name}(input: {_literal(value, kind)}) {{ __typename }} }}"
        )
        by_variable = amina.post(f"/{path}", document, {"i": value})
        by_literal = amina.post(f"/{path}", literal)
        for answer in (by_variable, by_literal):
            assert answer.status in (200, 400)
            assert answer.body.get("data") is None
            assert set(answer.codes) == {code}, (what, answer.body)
            assert not _repeats(json.dumps(answer.body)), (what, answer.body)
        assert "Variable '$i'" in by_variable.body["errors"][0]["message"] or code != (
            "BAD_USER_INPUT"
        )
    printed = capsys.readouterr()
    assert not _repeats(printed.out + printed.err)
    assert [each for each in database.requests if not each.startswith("get")] == []
    assert identities.calls == []


def test_the_place_of_a_bad_value_is_told(amina: Any) -> None:
    document = """mutation($i: SubmitRiskProfileInput!) { submitRiskProfile(input: $i) {
      __typename } }"""
    answers = [{"question": "income", "choice": "a"}, {"question": "income", "choice": SECRET * 9}]
    answer = amina.graphql(document, {"i": {"version": "2026-1", "answers": answers}})
    (error,) = answer.body["errors"]
    assert error["message"] == (
        "A value of the request is not valid. Variable '$i' has invalid value at "
        ".answers[1].choice: It must be a key that an answer named."
    )


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("Variable '$i' has invalid value at .n: Int cannot represent non-integer value: 's'",
         "Variable '$i' has invalid value at .n: Int cannot represent non-integer value."),
        ("Variable '$i' has invalid value: Expected value of type 'I' not to include unknown field "
         "'s', found: {'s': 1}.",
         "Variable '$i' has invalid value: Expected value of type 'I' not to include unknown "
         "field."),
        ("Variable '$i' has invalid value: Expected value of type 'I' to include required field "
         "'n', found: {'a': 's'}.",
         "Variable '$i' has invalid value: Expected value of type 'I' to include required field "
         "'n'."),
        ("Variable '$i' has invalid value at .e: Value 's' does not exist in 'E' enum.",
         "Variable '$i' has invalid value at .e: Expected a value of the enum 'E'."),
        ("Variable '$i' has invalid value: something new about 's'",
         "Variable '$i' has invalid value: Not of its type."),
        ("Enum 'E' cannot represent non-enum value: \"s\".", "Expected a value of the enum 'E'."),
        ("Value 'in 'X' enum' does not exist in 'E' enum.", "Expected a value of the enum 'E'."),
    ],
)  # fmt: skip
def test_messages_of_the_library_lose_what_they_quote(message: str, told: str) -> None:
    refused = refused_value(GraphQLError(message))
    assert refused is not None
    assert refused.values["reason"] == told


@pytest.mark.parametrize("message", ["Cannot query field 'x' on type 'Query'.", "Please sign in."])
def test_other_messages_are_about_no_value(message: str) -> None:
    assert refused_value(GraphQLError(message)) is None
    assert without_values(message) == message


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("Syntax Error: Expected Name, found String 'hunter2'.",
         "Syntax Error: Expected Name, found String."),
        ("Syntax Error: Unexpected Name 'hunter2'.", "Syntax Error: Unexpected Name."),
        ('Syntax Error: Unexpected Int "4111".', "Syntax Error: Unexpected Int."),
        ("Syntax Error: Unterminated string.", "Syntax Error: Unterminated string."),
    ],
)  # fmt: skip
def test_what_cannot_be_parsed_is_not_repeated_either(message: str, told: str) -> None:
    assert without_values(message) == told
