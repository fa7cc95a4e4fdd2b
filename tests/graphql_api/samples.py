"""Values and operations made up from a schema: for tests that go through all of it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
)

ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
KINDS = {
    "UserId": "usr",
    "AccountId": "acc",
    "PortfolioId": "pfl",
    "DepositId": "dep",
    "PlanId": "pln",
    "OrderId": "ord",
    "TransactionId": "dep",
    "DocumentId": "doc",
    "NotificationId": "ntc",
    "SessionId": "ses",
    "AuditEntryId": "aud",
    "ReferenceId": "dep",
    "PayoutId": "pay",
    "PayoutAccountId": "pac",
    "DisputeId": "dsp",
    "ScheduleId": "sch",
    "GoalId": "gol",
}
VALUES: dict[str, Any] = {name: f"{kind}_t1_{ULID}" for name, kind in KINDS.items()} | {
    "MoneyCaseId": "DISPUTE:dsp_none",
    "MovementId": f"mov_t1_{ULID}",
    "ReportId": f"rep_t1_{ULID}",
    "ProposalId": f"prp_t1_{ULID}",
    "PurchaseId": "card-feed:4711",
    "Amount": "100.00",
    "Quantity": "1.000000000",
    "Price": "101.25",
    "Rate": "129.20",
    "Fraction": "0.25",
    "Date": "1990-12-31",
    "DateTime": "2026-03-02T15:30:00Z",
    "ChallengeId": "challenge-that-never-was",
    "Cursor": "RkVFRCMwMUFSWjNOREVLVFNWNFJSRkZRNjlHNUZBViNvcmQ",
    "EmailAddress": "somebody@example.com",
    "PhoneNumber": "+254712345678",
    "CountryCode": "KEN",
    "Symbol": "VTI",
    "IdempotencyKey": "key-1",
    "Password": "Correct-horse-42",
    "OneTimeCode": "123456",
    "RecoveryCode": "ABCDE-FGHJK",
    "Key": "a",
    "MediaType": "image/jpeg",
    "PostalCode": "00100",
    "TaxId": "A012345678Z",
    "Line": "Somewhere",
    "AccountNumber": "DE89370400440532013000",
    "RoutingNumber": "110000000",
    "Text": "Because a test needs it",
    "Int": 5,
    "Boolean": True,
}
"""A value of every scalar that an input takes; the ids name nothing."""


def value_of(kind: Any, *, everything: bool = False) -> Any:
    """A valid value; ``everything`` fills optional fields of inputs too."""
    if is_non_null_type(kind):
        return value_of(kind.of_type, everything=everything)
    if is_list_type(kind):
        return [value_of(kind.of_type, everything=everything)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return {
            name: value_of(field.type, everything=everything)
            for name, field in kind.fields.items()
            if everything or (is_non_null_type(field.type) and field.default_value is Undefined)
        }
    return VALUES[kind.name]


@dataclass(frozen=True)
class Asked:
    """An operation with its variables."""

    document: str
    variables: Mapping[str, Any]


@dataclass(frozen=True)
class _Step:
    """A selection on the way, as text with a hole for what is selected below."""

    text: str
    arguments: tuple[tuple[str, GraphQLArgument], ...]


def _step(name: str, field: GraphQLField, number: int, more: Collection[str] = ()) -> _Step:
    needed = tuple(
        (f"v{number}_{argument}", each)
        for argument, each in field.args.items()
        if is_required_argument(each) or argument in more
    )
    sent = ", ".join(f"{variable.partition('_')[2]}: ${variable}" for variable, _ in needed)
    return _Step(f"{name}({sent}) {{ %s }}" if sent else f"{name} {{ %s }}", needed)


@dataclass(frozen=True)
class Place:
    """A field of a type, and the shortest way to it from a root."""

    type_name: str
    field_name: str
    operation: str
    steps: tuple[_Step, ...]
    field: GraphQLField

    @property
    def name(self) -> str:
        """As ``Type.field``."""
        return f"{self.type_name}.{self.field_name}"

    @property
    def root(self) -> str:
        """The root field that leads there."""
        first = self.steps[0].text if self.steps else self.field_name
        return first.partition("(")[0].partition(" ")[0]

    def asked(self, values: Mapping[str, Any] | None = None) -> Asked:
        """The least that selects this field; ``values`` by argument instead of made-up ones."""
        last = _step(self.field_name, self.field, len(self.steps), values or ())
        leaf = is_leaf_type(get_named_type(self.field.type))
        text = last.text.removesuffix(" { %s }") if leaf else last.text % "__typename"
        for step in reversed(self.steps):
            text = step.text % text
        arguments = [pair for step in (*self.steps, last) for pair in step.arguments]
        declared = ", ".join(f"${name}: {each.type}" for name, each in arguments)
        head = f"{self.operation}({declared})" if declared else self.operation
        given = values or {}
        variables = {
            name: given.get(name.partition("_")[2], value_of(each.type)) for name, each in arguments
        }
        return Asked(f"{head} {{ {text} }}", variables)


def places(schema: GraphQLSchema) -> Iterator[Place]:
    """Every field of every type that answers are made of, reached by the shortest way."""
    assert schema.query_type is not None
    assert schema.mutation_type is not None
    todo: list[tuple[Any, str, tuple[_Step, ...]]] = [
        (schema.query_type, "query", ()),
        (schema.mutation_type, "mutation", ()),
    ]
    seen = {kind.name for kind, _, _ in todo}
    for kind, operation, steps in todo:
        if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
            for member in schema.get_possible_types(kind):
                if member.name not in seen:
                    seen.add(member.name)
                    inside = _Step(f"... on {member.name} {{ %s }}", ())
                    todo.append((member, operation, (*steps, inside)))
        if isinstance(kind, GraphQLObjectType):
            for interface in kind.interfaces:
                if interface.name not in seen:
                    seen.add(interface.name)
                    inside = _Step(f"... on {interface.name} {{ %s }}", ())
                    todo.append((interface, operation, (*steps[:-1], inside)))
        for name, field in getattr(kind, "fields", {}).items():
            yield Place(kind.name, name, operation, steps, field)
            below = get_named_type(field.type)
            if not is_leaf_type(below) and below.name not in seen:
                seen.add(below.name)
                todo.append((below, operation, (*steps, _step(name, field, len(steps)))))
