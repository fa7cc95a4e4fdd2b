"""Requests made from the schema: each place where a client can put a text, filled with one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_leaf_type,
)

ROOT = Path(__file__).resolve().parents[2] / "graphql"

FITTING: Mapping[str, object] = {
    "Amount": "100.00",
    "Boolean": True,
    "CountryCode": "KEN",
    "Cursor": "RkVFRCM",
    "Date": "1990-04-17",
    "DateTime": "2026-03-02T15:30:00Z",
    "EmailAddress": "somebody@example.org",
    "Int": 2,
    "MediaType": "image/png",
    "OneTimeCode": "918273",
    "Password": "Wq7!somebody-else",
    "PhoneNumber": "+254712000000",
    "PostalCode": "00100",
    "TaxId": "A000000000Q",
}
"""A value that each scalar takes; a name alone fits the others, such as identifiers."""
_ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@dataclass(frozen=True)
class Place:
    """One leaf of one operation's arguments."""

    operation: str
    path: tuple[str, ...]
    scalar: str
    document: str
    variables: Mapping[str, Any]

    def holding(self, value: object) -> dict[str, Any]:
        """The variables with this value at the place and fitting ones elsewhere."""
        first, *rest = self.path
        return {**self.variables, first: _replaced(self.variables[first], tuple(rest), value)}


def places(name: str) -> list[Place]:
    """Every place of the schema ``schema`` or ``session``, through at most one object above it."""
    schema = build_schema((ROOT / f"{name}.graphql").read_text(), assume_valid=True)
    found: list[Place] = []
    if schema.mutation_type is not None:
        found += _of_type(schema, "mutation", schema.mutation_type, ())
    if schema.query_type is not None:
        found += _of_type(schema, "query", schema.query_type, ())
        for above, field in schema.query_type.fields.items():
            inner = get_named_type(field.type)
            if isinstance(inner, GraphQLObjectType) and not field.args:
                found += _of_type(schema, "query", inner, (above,))
    return found


def _of_type(
    schema: GraphQLSchema, kind: str, parent: GraphQLObjectType, above: tuple[str, ...]
) -> Iterator[Place]:
    for name, field in parent.fields.items():
        if not field.args:
            continue
        declared = ", ".join(f"${arg}: {given.type}" for arg, given in field.args.items())
        passed = ", ".join(f"{arg}: ${arg}" for arg in field.args)
        chosen = "" if is_leaf_type(get_named_type(field.type)) else " { __typename }"
        call = f"{name}({passed}){chosen}"
        for outer in reversed(above):
            call = f"{outer} {{ {call} }}"
        document = f"{kind} Planted({declared}) {{ {call} }}"
        variables = {arg: _fitting(given.type) for arg, given in field.args.items()}
        for arg, given in field.args.items():
            for path, scalar in _leaves(given.type, (arg,)):
                yield Place(".".join((*above, name)), path, scalar, document, variables)


def _leaves(kind: GraphQLInputType, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    bare = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(bare, GraphQLList):
        yield from _leaves(bare.of_type, (*path, "0"))
    elif isinstance(bare, GraphQLInputObjectType):
        for name, field in bare.fields.items():
            yield from _leaves(field.type, (*path, name))
    else:
        yield path, get_named_type(bare).name


def _fitting(kind: GraphQLInputType) -> Any:
    bare = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(bare, GraphQLList):
        return [_fitting(bare.of_type)]
    if isinstance(bare, GraphQLInputObjectType):
        return {name: _fitting(field.type) for name, field in bare.fields.items()}
    if isinstance(bare, GraphQLEnumType):
        return next(iter(bare.values))
    assert isinstance(bare, GraphQLScalarType)
    prefix = {"UserId": "usr", "DepositId": "dep", "NotificationId": "ntc", "DocumentId": "doc"}
    if bare.name in prefix:
        return f"{prefix[bare.name]}_ke1_{_ULID}"
    return FITTING.get(bare.name, "somebody")


def _replaced(value: Any, path: tuple[str, ...], new: object) -> Any:
    if not path:
        return new
    first, rest = path[0], path[1:]
    if isinstance(value, list):
        return [_replaced(value[0], rest, new)]
    return {**value, first: _replaced(value[first], rest, new)}
