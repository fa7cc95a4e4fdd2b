"""Rules beside fields: none without one, compiled in one walk, judged once for a request."""

from dataclasses import dataclass
from dataclasses import field as value
from typing import Annotated, Any

import pytest
import strawberry
from graphql import OperationDefinitionNode, get_operation_ast, parse

from graphql_api.required_rules import close, required_rules
from graphql_api.rules import (
    ADMIN,
    ANYONE,
    COMPLIANCE,
    INHERITED,
    OWNER,
    SIGNED_IN,
    STAFF,
    SUPPORT,
    Info,
    Rule,
    any_of,
    authorize,
    field,
    interface_type,
    object_type,
)
from shared.users.errors import Forbidden, NotSignedIn, StepUpRequired
from shared.users.roles import Role


@interface_type(description="A thing.")
class Thing:
    name: str = field(INHERITED, "Name.")
    owner: str = field(SIGNED_IN, "Owner.")


@object_type(description="A box.")
class Box(Thing):
    owner: str = field(SIGNED_IN, "Owner.")
    weight: int = field(INHERITED, "Weight.")

    @field(INHERITED, "The box in it.")
    def inner(self) -> "Box":
        return self


@object_type(description="A safe.")
class Safe(Thing):
    owner: str = field(COMPLIANCE, "Owner.")
    code: str = field(ADMIN.with_step_up(), "Code.")


Found = Annotated[Box | Safe, strawberry.union("Found", description="Either.")]


@object_type(description="Root.")
class Query:
    @field(ANYONE, "Open.")
    def open(self) -> int:
        return 1

    @field(OWNER, "A box.")
    def box(self, info: Info) -> Box:
        return Box(name="n", owner="o", weight=1)

    @field(STAFF, "Anything.")
    def found(self) -> Found:
        return Safe(name="n", owner="o", code="c")

    @field(SUPPORT, "A thing.")
    def thing(self) -> Thing:
        return Box(name="n", owner="o", weight=1)


def _built(*kinds: type) -> Any:
    schema = strawberry.Schema(query=Query, types=kinds)
    close(schema._schema)
    return schema


SCHEMA = _built(Box, Safe)


def _rules(text: str, name: str | None = None) -> set[Rule]:
    document = parse(text)
    operation = get_operation_ast(document, name)
    assert isinstance(operation, OperationDefinitionNode)
    return set(required_rules(SCHEMA._schema, document, operation))


@dataclass
class Person:
    role: Role = Role.USER
    mfa: bool = True


@dataclass
class Asking:
    """A context that knows who asks, and counts what was asked of it."""

    person: Person | None = value(default_factory=Person)
    fresh: bool = False
    authorized: frozenset[Rule] = frozenset()
    states: int = 0

    def state(self) -> None:
        self.states += 1
        if self.person is None:
            raise NotSignedIn()

    def is_active(self) -> bool:
        return self.person is not None

    def user(self) -> Person:
        assert self.person is not None
        return self.person

    def stepped_up(self) -> bool:
        return self.fresh


def test_a_schema_with_a_field_that_has_no_rule_cannot_be_built() -> None:
    @strawberry.type
    class Hole:
        known: int = field(INHERITED, "Known.")
        forgotten: int = strawberry.field(description="No rule.")
        plain: int

    @strawberry.type(name="Query")
    class Holey:
        @strawberry.field(description="No rule either.")
        def hole(self) -> Hole:
            return Hole(known=1, forgotten=1, plain=1)

    schema = strawberry.Schema(query=Holey)
    with pytest.raises(TypeError) as refused:
        close(schema._schema)
    told = str(refused.value)
    assert all(name in told for name in ("Query.hole", "Hole.forgotten", "Hole.plain"))
    assert "Hole.known" not in told


def test_something_else_in_the_place_of_a_rule_is_no_rule() -> None:
    @strawberry.type(name="Query")
    class Holey:
        hole: int = strawberry.field(description="d", metadata={"rule": "SIGNED_IN"})

    with pytest.raises(TypeError, match=r"Query\.hole"):
        close(strawberry.Schema(query=Holey)._schema)


@pytest.mark.parametrize(
    ("document", "rules"),
    [
        ("{ __typename }", set()),
        ("{ __schema { types { name fields { name } } } }", set()),
        ("{ open }", {ANYONE}),
        ("{ box { name } }", {OWNER, INHERITED}),
        ("{ box { __typename } }", {OWNER}),
        ("{ box { inner { inner { owner } } } }", {OWNER, INHERITED, SIGNED_IN}),
        ("{ box { ... { owner } } }", {OWNER, SIGNED_IN}),
        ("{ box { ... on Box { weight } } }", {OWNER, INHERITED}),
        ("{ box @include(if: false) { name } }", {OWNER, INHERITED}),
        ("{ found { __typename } }", {STAFF}),
        ("{ found { ... on Safe { code } } }", {STAFF, ADMIN.with_step_up()}),
        ("{ found { ...on Box { owner } ...on Safe { owner } } }", {STAFF, SIGNED_IN, COMPLIANCE}),
        ("{ thing { owner } }", {SUPPORT, SIGNED_IN, COMPLIANCE}),
        ("{ a: open b: box { c: name } }", {ANYONE, OWNER, INHERITED}),
        ("{ ...F } fragment F on Query { box { ...G } } fragment G on Box { owner }",
         {OWNER, SIGNED_IN}),
        ("{ ...F } fragment F on Query { ...F box { name } }", {OWNER, INHERITED}),
        ("{ open ...F } fragment F on Nothing { code }", {ANYONE}),
        ("{ open } fragment F on Query { found { __typename } }", {ANYONE}),
        ("{ nothing { code } }", set()),
    ],
)  # fmt: skip
def test_the_rules_of_an_operation_are_those_of_all_it_selects(
    document: str, rules: set[Rule]
) -> None:
    assert _rules(document) == rules


def test_each_operation_of_a_document_has_its_own_rules() -> None:
    text = "query A { open } query B { found { __typename } }"
    assert _rules(text, "A") == {ANYONE}
    assert _rules(text, "B") == {STAFF}


def test_fragments_that_double_at_each_step_are_looked_into_once() -> None:
    looked_at = 0

    class Counting(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            nonlocal looked_at
            looked_at += 1
            return super().get(key, default)

    count = 200
    chain = " ".join(
        f"fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} open }}" for i in range(count)
    )
    document = parse(f"{{ ...F0 ...F0 }} {chain} fragment F{count} on Query {{ box {{ name }} }}")
    operation = get_operation_ast(document, None)
    assert operation is not None
    table = SCHEMA._schema.extensions["baobab-rules"]
    SCHEMA._schema.extensions["baobab-rules"] = Counting(table)
    try:
        found = required_rules(SCHEMA._schema, document, operation)
    finally:
        SCHEMA._schema.extensions["baobab-rules"] = table
    assert found == {ANYONE, OWNER, INHERITED}
    assert looked_at == count + 2


@pytest.mark.parametrize(
    ("rule", "person", "fresh", "refusal"),
    [
        (ANYONE, None, False, None),
        (INHERITED, None, False, None),
        (SIGNED_IN, None, False, NotSignedIn),
        (SIGNED_IN, Person(mfa=False), False, None),
        (SIGNED_IN, Person(Role.ADMIN), False, None),
        (SIGNED_IN, Person(Role.SYSTEM), True, Forbidden),
        (OWNER, None, False, NotSignedIn),
        (OWNER, Person(), False, None),
        (STAFF, None, False, NotSignedIn),
        (STAFF, Person(), True, Forbidden),
        (STAFF, Person(Role.SYSTEM), True, Forbidden),
        (STAFF, Person(Role.SUPPORT), False, None),
        (STAFF, Person(Role.SUPPORT, mfa=False), True, Forbidden),
        (SUPPORT, Person(Role.SUPPORT), False, None),
        (SUPPORT, Person(Role.COMPLIANCE), False, Forbidden),
        (SUPPORT, Person(Role.ADMIN), False, Forbidden),
        (COMPLIANCE, Person(Role.COMPLIANCE), False, None),
        (COMPLIANCE, Person(Role.SUPPORT), False, Forbidden),
        (ADMIN, Person(Role.ADMIN), False, None),
        (ADMIN, Person(Role.COMPLIANCE), False, Forbidden),
        (ADMIN, Person(Role.ADMIN, mfa=False), True, Forbidden),
        (ADMIN.with_step_up(), Person(Role.ADMIN), False, StepUpRequired),
        (ADMIN.with_step_up(), Person(Role.ADMIN), True, None),
        (ADMIN.with_step_up(), Person(Role.SUPPORT), True, Forbidden),
        (ADMIN.with_step_up(), Person(Role.SUPPORT), False, Forbidden),
        (SIGNED_IN.with_step_up(), Person(mfa=False), False, StepUpRequired),
        (SIGNED_IN.with_step_up(), Person(mfa=False), True, None),
        (any_of(Role.SUPPORT, Role.ADMIN), Person(Role.ADMIN), False, None),
        (any_of(Role.SUPPORT, Role.ADMIN), Person(Role.COMPLIANCE), False, Forbidden),
    ],
)
def test_a_rule_lets_in_whom_it_names_and_nobody_else(
    rule: Rule, person: Person | None, fresh: bool, refusal: type[Exception] | None
) -> None:
    asking: Any = Asking(person, fresh)
    rules = frozenset({rule, INHERITED})
    if refusal is None:
        authorize(asking, rules)
        assert asking.authorized == rules
        return
    with pytest.raises(refusal):
        authorize(asking, rules)
    assert asking.authorized == frozenset()


def test_one_refused_field_refuses_the_whole_request() -> None:
    asking: Any = Asking(Person(Role.SUPPORT))
    with pytest.raises(Forbidden):
        authorize(asking, frozenset({STAFF, SUPPORT, COMPLIANCE}))
    assert asking.authorized == frozenset()


def test_only_the_root_of_ones_own_things_reads_the_state_to_judge() -> None:
    own: Any = Asking()
    authorize(own, frozenset({OWNER, SIGNED_IN, INHERITED}))
    assert own.states == 1
    market: Any = Asking()
    authorize(market, frozenset({SIGNED_IN, INHERITED}))
    assert market.states == 0


@pytest.mark.parametrize("roles", [(), (Role.USER,), (Role.SYSTEM,), (Role.ADMIN, Role.SYSTEM)])
def test_a_rule_for_staff_names_staff(roles: tuple[Role, ...]) -> None:
    with pytest.raises(ValueError, match="staff"):
        any_of(*roles)


def test_a_field_that_was_not_judged_for_this_request_does_not_resolve() -> None:
    unjudged = SCHEMA.execute_sync("{ open }", context_value=Asking())
    assert isinstance(unjudged.errors[0].original_error, Forbidden)
    other = Asking(authorized=frozenset({ANYONE}))
    partly = SCHEMA.execute_sync("{ open found { __typename } }", context_value=other)
    assert [error.path for error in partly.errors] == [["found"]]
    below = Asking(Person(Role.SUPPORT), authorized=frozenset({STAFF}))
    deep = SCHEMA.execute_sync("{ found { ... on Safe { name code } } }", context_value=below)
    assert [error.path for error in deep.errors] == [["found", "code"]]
    judged = SCHEMA.execute_sync("{ open }", context_value=other)
    assert (judged.errors, judged.data) == (None, {"open": 1})
