"""The committed schemas, and rules that hold for every field of them."""

import os
from pathlib import Path

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, GraphQLUnionType

from graphql_api.export import FOLDER, texts
from graphql_api.schema import graphql_schema, session_schema

BUILT = {
    "graphql": graphql_schema(introspection=False),
    "session": session_schema(introspection=False),
}
CORE: dict[str, GraphQLSchema] = {name: schema._schema for name, schema in BUILT.items()}


@pytest.mark.parametrize("name", ["schema.graphql", "session.graphql"])
def test_the_committed_schema_is_what_the_code_says(name: str) -> None:
    path: Path = FOLDER / name
    text = texts()[name]
    if os.environ.get("UPDATE") == "1":
        path.write_text(text)
    assert path.read_text() == text, "python -m graphql_api.export rewrites it"


@pytest.mark.parametrize("name", ["graphql", "session"])
def test_everything_is_described(name: str) -> None:
    silent = []
    for type_name, kind in CORE[name].type_map.items():
        if type_name.startswith("__") or type_name in ("String", "Int", "Boolean", "ID", "Float"):
            continue
        if not kind.description:
            silent.append(type_name)
        for field_name, field in getattr(kind, "fields", {}).items():
            if not field.description:
                silent.append(f"{type_name}.{field_name}")
    assert silent == []


@pytest.mark.parametrize("name", ["graphql", "session"])
def test_every_mutation_answers_with_its_payload_or_a_failure(name: str) -> None:
    mutation = CORE[name].mutation_type
    assert mutation is not None
    for field_name, field in mutation.fields.items():
        union = field.type.of_type
        assert isinstance(union, GraphQLUnionType), field_name
        failures = [one for one in union.types if "UserError" in {i.name for i in one.interfaces}]
        assert len(failures) == 5, field_name
        assert len(failures) < len(union.types), field_name


def test_no_amount_is_a_binary_fraction_and_no_password_can_be_read() -> None:
    for schema in CORE.values():
        assert "Float" not in schema.type_map
        for kind in schema.type_map.values():
            if isinstance(kind, GraphQLObjectType):
                assert not {"password", "passwordHash"} & set(kind.fields), kind.name


@pytest.mark.parametrize(
    ("type_name", "fields"),
    [
        ("User", {"userId", "email", "riskProfile", "kycStatus"}),
        ("Account", {"accountId", "userId", "balance", "currency"}),
        ("Transaction", {"transactionId", "accountId", "type", "amount", "timestamp", "status"}),
        ("Portfolio", {"portfolioId", "userId", "holdings"}),
        ("Holding", {"asset", "quantity", "purchasePrice"}),
        ("KycDocument", {"docId", "userId", "documentType", "s3Url", "verificationStatus"}),
        ("Asset", {"assetId", "symbol", "name", "type", "currentPrice"}),
    ],
)
def test_the_domain_is_visible(type_name: str, fields: set[str]) -> None:
    kind = CORE["graphql"].type_map[type_name]
    assert isinstance(kind, GraphQLObjectType)
    assert fields <= set(kind.fields)
