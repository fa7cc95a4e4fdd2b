"""What the page on the back office shows is valid, and its table of roles is that of the rules."""

import re
from pathlib import Path

import pytest
from graphql import GraphQLField, GraphQLObjectType, build_schema, parse, validate

from graphql_api.export import FOLDER
from graphql_api.required_rules import rule_of
from graphql_api.rules import Rule
from graphql_api.schema import graphql_schema
from shared.users.roles import STAFF, Role

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "back-office.md").read_text()
EXAMPLES = [
    document.strip()
    for block in re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)
    for document in block.split("\n\n")
]
COLUMNS = (Role.SUPPORT, Role.COMPLIANCE, Role.ADMIN)
LINES = {
    "find a person": ["Staff.findPerson", "Person.contact", "Staff.person"],
    "their accounts": [
        "Person.accounts",
        "Person.deposits",
        "Person.withdrawals",
        "Person.orders",
    ],
    "personal data in the clear": ["Person.identity"],
    "identity cases in review": ["Mutation.decideIdentityCase"],
    "withdrawals in review": ["Staff.heldWithdrawals"],
    "agree to a withdrawal": ["Mutation.decideWithdrawal"],
    "alerts about movements": [
        "Staff.moneyAlerts",
        "Staff.moneyAlert",
        "MoneyAlert.reportDraft",
    ],
    "propose what to make of one": [
        "Mutation.proposeAlertDisposition",
        "Mutation.decideAlertDisposition",
    ],
    "payouts that are stuck": ["Staff.heldPayouts"],
    "let one go on, say how it ended": [
        "Mutation.releasePayout",
        "Mutation.settlePayout",
        "Mutation.remedyPayout",
    ],
    "the firm's own money": [
        "Treasury.accounts",
        "Treasury.limits",
        "Treasury.fxRevaluation",
        "Treasury.trail",
    ],
    "money in suspense": ["Treasury.suspendedPayment", "Treasury.suspendedPayments"],
    "say whose it is, send it back": [
        "Mutation.matchSuspense",
        "Mutation.returnSuspense",
        "Mutation.decideSuspense",
    ],
    "have an order canceled": ["Mutation.cancelOrder"],
    "audit trail": ["Staff.auditTrail"],
    "end all sessions": ["Mutation.endSessions"],
    "suspend and reinstate": ["Mutation.suspendPerson", "Mutation.reinstatePerson"],
    "give and take roles": ["Mutation.setRole"],
}


@pytest.fixture(scope="module")
def fields() -> dict[str, GraphQLField]:
    """All fields of the schema by name."""
    types = graphql_schema(introspection=False)._schema.type_map
    return {
        f"{kind.name}.{name}": field
        for kind in types.values()
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__")
        for name, field in kind.fields.items()
    }


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_documented_operation_is_valid(example: str) -> None:
    schema = build_schema((FOLDER / "schema.graphql").read_text())
    assert validate(schema, parse(example)) == []


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) == 11


def cells(line: str) -> list[str]:
    """What the table says about the three roles."""
    (row,) = [each for each in PAGE.splitlines() if each.startswith(f"| {line}")]
    return [cell.strip() for cell in row.strip("|").split("|")[1:]]


@pytest.mark.parametrize("line", LINES)
def test_the_table_of_roles_is_that_of_the_rules(
    fields: dict[str, GraphQLField], line: str
) -> None:
    for name in LINES[line]:
        rule = rule_of(fields[name])
        assert isinstance(rule, Rule)
        for role, cell in zip(COLUMNS, cells(line), strict=True):
            assert (role in rule.roles) == (cell != "no"), (name, role)
            if role in rule.roles:
                assert rule.step_up == ("step-up" in cell), (name, role)


def test_every_field_of_the_back_office_asks_for_staff(fields: dict[str, GraphQLField]) -> None:
    rules = {
        name: rule_of(field)
        for name, field in fields.items()
        if name.startswith("Staff.") or name == "Query.staff"
    }
    assert len(rules) >= 5
    for name, rule in rules.items():
        assert rule is not None, name
        assert rule.roles, name
        assert rule.roles <= STAFF, name
