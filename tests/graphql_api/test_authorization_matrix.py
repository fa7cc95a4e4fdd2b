"""Who may what: every field of every type, as anybody, through the endpoint.

What the endpoint does is compared with two other accounts of the same: what the rules beside the
fields say, and a committed table, so that a changed rule shows up as a changed line of it.
``UPDATE=1`` rewrites the table.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, get_operation_ast, parse

from graphql_api.application import Application
from graphql_api.required_rules import required_rules, rule_of
from graphql_api.schema import graphql_schema, session_schema
from shared.users.roles import STAFF, Role
from tests.graphql_api.samples import Place, places
from tests.graphql_api.staffing import appoint
from tests.graphql_api.unlimited import unlimited

TABLE = Path(__file__).with_name("authorization_matrix.json")
SCHEMAS: dict[str, GraphQLSchema] = {
    "graphql": graphql_schema(introspection=False)._schema,
    "session": session_schema(introspection=False)._schema,
}
PARTS = 4
"""So that workers share the fields; each part has people of its own."""
REFUSALS = {"NOT_SIGNED_IN": "sign in", "FORBIDDEN": "no", "STEP_UP_REQUIRED": "step up"}


@dataclass(frozen=True)
class Actor:
    """Somebody who asks."""

    name: str
    role: Role | None
    mfa: bool = True
    stepped_up: bool = True


ACTORS = (
    Actor("anonymous", None),
    Actor("user", Role.USER, mfa=False, stepped_up=False),
    Actor("support", Role.SUPPORT),
    Actor("compliance", Role.COMPLIANCE),
    Actor("admin", Role.ADMIN),
    Actor("compliance, long ago", Role.COMPLIANCE, stepped_up=False),
    Actor("admin, long ago", Role.ADMIN, stepped_up=False),
    Actor("admin by password alone", Role.ADMIN, mfa=False),
    Actor("system", Role.SYSTEM),
)


@pytest.fixture
def ask(
    app: Application, join: Callable[[str], Any], browser: Callable[[], Any]
) -> Callable[[Actor, str, Place], str]:
    """What happens to one who asks: "yes", or the refusal."""
    unlimited(app)
    clients: dict[str, Any] = {}

    def client_of(actor: Actor) -> Any:
        if actor.role is None:
            return browser()
        if actor.name not in clients:
            number = ACTORS.index(actor)
            clients[actor.name] = appoint(
                app,
                join(f"person{number}@example.com"),
                actor.role,
                mfa=actor.mfa,
                stepped_up=actor.stepped_up,
            )
        return clients[actor.name]

    def result(actor: Actor, path: str, place: Place) -> str:
        client = client_of(actor)
        # A session of its own would be ended or renewed by what is asked.
        client.cookie = None
        asked = place.asked()
        answer = client.post(f"/{path}", asked.document, asked.variables)
        codes = {error["extensions"]["code"] for error in answer.body.get("errors", [])}
        assert "INTERNAL_ERROR" not in codes, (actor.name, place.name, answer.body)
        refusals = codes & REFUSALS.keys()
        if not refusals:
            assert "errors" not in answer.body, (actor.name, place.name, answer.body)
            return "yes"
        assert answer.body.get("data") is None, (actor.name, place.name, answer.body)
        (refusal,) = refusals
        return REFUSALS[refusal]

    return result


def _by_rules(actor: Actor, schema: GraphQLSchema, place: Place) -> str:
    """What the rules say, judged here once more and in other words."""
    document = parse(place.asked().document)
    operation = get_operation_ast(document, None)
    assert operation is not None
    rules = required_rules(schema, document, operation)
    personal = [rule for rule in rules if rule.signed_in]
    if not personal:
        return "yes"
    if actor.role is None:
        return "sign in"
    if actor.role is Role.SYSTEM:
        return "no"
    for rule in personal:
        if rule.roles and (actor.role not in rule.roles or not actor.mfa):
            return "no"
    fresh = actor.stepped_up or not any(rule.step_up for rule in personal)
    return "yes" if fresh else "step up"


def _line(results: Mapping[str, str]) -> str:
    """Short for the table: who may, who may after something, and who may not."""
    parts = []
    for said in ("yes", "step up", "sign in", "no"):
        names = [actor.name for actor in ACTORS if results[actor.name] == said]
        if names:
            told = "everybody" if len(names) == len(ACTORS) else "; ".join(names)
            parts.append(f"{said}: {told}")
    return " | ".join(parts)


def _may(line: str) -> set[str]:
    """Who may, by a line of the table."""
    said = dict(part.split(": ", 1) for part in line.split(" | "))
    if said.get("yes") == "everybody":
        return {actor.name for actor in ACTORS}
    return set(said["yes"].split("; ")) if "yes" in said else set()


@pytest.mark.parametrize(
    ("path", "part"),
    [*(("graphql", part) for part in range(PARTS)), ("session", None)],
)
def test_every_field_lets_in_whom_its_rule_and_the_table_name(
    path: str, part: int | None, ask: Callable[[Actor, str, Place], str]
) -> None:
    schema = SCHEMAS[path]
    table = json.loads(TABLE.read_text())[path]
    here = list(places(schema)) if part is None else list(places(schema))[part::PARTS]
    assert here
    for place in here:
        assert rule_of(place.field) is not None, place.name
        done = {actor.name: ask(actor, path, place) for actor in ACTORS}
        said = {actor.name: _by_rules(actor, schema, place) for actor in ACTORS}
        assert done == said, place.name
        assert _line(done) == table.get(place.name), f"{place.name}: UPDATE=1 rewrites the table"


def test_the_table_has_a_line_for_every_field_and_none_for_others() -> None:
    table = {
        path: {
            place.name: _line({actor.name: _by_rules(actor, schema, place) for actor in ACTORS})
            for place in sorted(places(schema), key=lambda each: each.name)
        }
        for path, schema in SCHEMAS.items()
    }
    text = f"{json.dumps(table, indent=1)}\n"
    if os.environ.get("UPDATE") == "1":
        TABLE.write_text(text)
    assert TABLE.read_text() == text, "UPDATE=1 rewrites the table"


def test_nothing_but_signing_in_is_open_to_everybody() -> None:
    table = json.loads(TABLE.read_text())
    open_to_all = [name for name, line in table["graphql"].items() if "anonymous" in _may(line)]
    assert open_to_all == []
    assert all("anonymous" in _may(line) for line in table["session"].values())


def test_what_staff_see_and_do_is_open_to_no_one_else() -> None:
    table = json.loads(TABLE.read_text())["graphql"]
    of_staff = {
        name: _may(line)
        for name, line in table.items()
        if name.startswith(("Staff.", "Person.", "HeldCase.", "AuditEntry."))
    }
    assert of_staff
    names = {str(role).lower() for role in STAFF}
    for name, may in of_staff.items():
        assert {each.partition(",")[0] for each in may} <= names, name
        assert "admin by password alone" not in may
    assert all("system" not in _may(line) for line in table.values())
