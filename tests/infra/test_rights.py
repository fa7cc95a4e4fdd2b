"""Least privilege: what each function may do, spelled out, and nothing else."""

import re
from typing import Any

import pytest

from infra.functions import FUNCTIONS
from shared.breakers.store import SAMPLES
from shared.market_data.restrictions import RESTRICTED
from shared.market_data.store import BREAKERS
from shared.strategies.rows import PARTITION as MODELS
from tests.infra.granted import APPEND, EMIT, READ, SECRETS, SENDS, TABLES, TAKES
from tests.infra.rights import resources_of, the_stage
from tests.infra.templates import Synthesised, text

pytestmark = pytest.mark.infra

ALL_TABLES = {table for tables in TABLES.values() for table in tables} | {"audit"}
ALL_QUEUES = {queue for queues in TAKES.values() for queue in queues}
OWN_SECRETS = {"OriginSecret": "origin"}
ALL_SECRETS = {secret for secrets in SECRETS.values() for secret in secrets}
NAMES = [function.name for function in FUNCTIONS]
IN_TRANSACTION = {
    "ForAnyValue:StringEquals": {"dynamodb:EnclosingOperation": ["TransactWriteItems"]}
}


def named(resource: object, kind: str) -> str:
    """The name of a table, queue or secret in an import such as ``…CoreC65142A7Arn…``."""
    line = text(resource)
    start, names = {
        "table": ("FnGetAtt", {name.capitalize(): name for name in ALL_TABLES}),
        "queue": ("FnGetAtt", {name.replace("-", ""): name for name in ALL_QUEUES}),
        "secret": ('Ref(?:": ")?', {f"Vault{name}": name for name in ALL_SECRETS} | OWN_SECRETS),
    }[kind]
    found = [name for id_, name in names.items() if re.search(f"{start}{id_}[0-9A-F]{{8}}", line)]
    assert len(found) == 1, line
    return found[0]


def table_rights(statements: list[dict[str, Any]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for statement in statements:
        for action in statement["Action"]:
            for resource in statement["Resource"]:
                if not action.startswith("dynamodb:") or "/index/" in text(resource):
                    continue
                if "StreamArn" in text(resource):
                    continue
                once = (statement.get("Condition") or {}).items() >= IN_TRANSACTION.items()
                right = f"{action} in a transaction" if once else action
                found.setdefault(named(resource, "table"), set()).add(right)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_function_has_exactly_its_rights_on_tables(
    local: Synthesised, prod: Synthesised, name: str
) -> None:
    statements = the_stage(local, prod, name).statements(name)
    assert table_rights(statements) == TABLES[name]


@pytest.mark.parametrize("name", NAMES)
def test_a_function_sends_to_and_takes_from_exactly_its_queues(
    local: Synthesised, prod: Synthesised, name: str
) -> None:
    statements = the_stage(local, prod, name).statements(name)
    sends = {named(each, "queue") for each in resources_of(statements, "sqs:SendMessage")}
    takes = {named(each, "queue") for each in resources_of(statements, "sqs:ReceiveMessage")}
    assert sends == SENDS[name]
    assert takes == TAKES.get(name, set())


@pytest.mark.parametrize("name", NAMES)
def test_a_function_reads_exactly_its_secrets(
    local: Synthesised, prod: Synthesised, name: str
) -> None:
    statements = the_stage(local, prod, name).statements(name)
    read = resources_of(statements, "secretsmanager:GetSecretValue")
    assert {named(each, "secret") for each in read} == SECRETS.get(name, set())


def test_nothing_is_deleted_but_sessions_by_the_api_looks_that_are_done_and_stops_that_end(
    prod: Synthesised,
) -> None:
    deleting = {
        name
        for name in NAMES
        if name != "scan_upload"
        and any("dynamodb:DeleteItem" in each["Action"] for each in prod.statements(name))
    }
    assert deleting == {"graphql_api", "keep_ibkr_session", "reconcile_broker"}
    only_its_own = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["IBKR#*"]}}
    (may,) = (
        each
        for each in prod.statements("keep_ibkr_session")
        if "dynamodb:DeleteItem" in each["Action"]
    )
    assert may["Condition"] == only_its_own


def test_the_journal_is_only_ever_appended_to(prod: Synthesised) -> None:
    granted = {
        right
        for name in NAMES
        if name != "scan_upload"
        for right in table_rights(prod.statements(name)).get("journal", set())
    }
    assert granted == APPEND


def test_the_audit_trail_is_only_ever_appended_to_and_by_few_functions(prod: Synthesised) -> None:
    granted = {
        name: rights["audit"]
        for name in NAMES
        if name != "scan_upload" and "audit" in (rights := table_rights(prod.statements(name)))
    }
    assert granted == {
        "graphql_api": APPEND,
        "process_corporate_actions": APPEND,
        "watch_market": APPEND,
    }


def test_an_event_leaves_only_with_the_fact_that_made_it(prod: Synthesised) -> None:
    for name in NAMES:
        if name != "scan_upload":
            rights = table_rights(prod.statements(name)).get("outbox", set())
            assert rights in (set(), EMIT, READ), name


@pytest.mark.parametrize(
    ("name", "patterns"),
    [
        ("poll_broker_events", ["CURSOR#*", "CIRCUIT#broker.*"]),
        ("watch_market", ["CIRCUIT#broker.*", "PULSE"]),
        ("notify", ["USER#*"]),
        (
            "reconcile_broker",
            [
                *("BALANCE#*", "BROKER_DAY#*", "BROKER_REPORTS", "CASE#*", "CIRCUIT#broker.*"),
                *("IBKR#*", "USER#*"),
            ],
        ),
    ],
)
def test_some_functions_see_only_their_part_of_the_core_table(
    prod: Synthesised, name: str, patterns: list[str]
) -> None:
    conditions = [
        statement["Condition"]
        for statement in prod.statements(name)
        if "dynamodb:GetItem" in statement["Action"] and "Condition" in statement
    ]
    assert conditions == [{"ForAllValues:StringLike": {"dynamodb:LeadingKeys": patterns}}]


@pytest.mark.parametrize(
    ("name", "partitions"),
    [
        ("graphql_api", [BREAKERS, MODELS, RESTRICTED]),
        ("keep_treasury", [BREAKERS]),
        ("process_corporate_actions", [BREAKERS, "QUOTES"]),
        ("watch_market", [BREAKERS, SAMPLES]),
    ],
)
def test_of_the_market_only_breakers_are_written_by_those_who_switch_them(
    prod: Synthesised, name: str, partitions: list[str]
) -> None:
    market = [
        statement
        for statement in prod.statements(name)
        if "dynamodb:PutItem" in statement["Action"] and "Market" in text(statement)
    ]
    assert [statement["Action"] for statement in market] == [["dynamodb:PutItem"]]
    assert [statement["Condition"] for statement in market] == [
        {
            "ForAnyValue:StringEquals": {"dynamodb:EnclosingOperation": ["TransactWriteItems"]},
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": partitions},
        }
    ]
    reads = [
        statement
        for statement in prod.statements(name)
        if "dynamodb:GetItem" in statement["Action"] and "Market" in text(statement)
    ]
    assert [statement.get("Condition") for statement in reads] == [None]
