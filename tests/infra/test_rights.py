"""Least privilege: what each function may do, spelled out, and nothing else."""

import re
from typing import Any

import pytest

from infra.functions import FUNCTIONS
from shared.breakers.store import SAMPLES
from shared.market_data.restrictions import RESTRICTED
from shared.market_data.store import BREAKERS
from shared.strategies.rows import PARTITION as MODELS
from tests.infra.rights import resources_of, the_stage
from tests.infra.templates import Synthesised, text

pytestmark = pytest.mark.infra

READ = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
UPSERT = READ | {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:ConditionCheckItem"}
WRITE = UPSERT | {"dynamodb:DeleteItem"}
APPEND = READ | {"dynamodb:PutItem in a transaction"}
EMIT = {"dynamodb:PutItem in a transaction"}
BOOKS = {"core": UPSERT, "journal": APPEND, "outbox": EMIT}
STATES = {"core": UPSERT, "outbox": EMIT}

TABLES: dict[str, dict[str, set[str]]] = {
    "graphql_api": {
        "core": WRITE,
        "journal": READ,
        "outbox": EMIT,
        "audit": APPEND,
        "market": APPEND,
    },
    "receive_webhook": {"core": READ},
    "publish_outbox": {},
    "settle_deposit": BOOKS | {"market": READ},
    "fund_deposit": BOOKS | {"market": READ},
    "keep_treasury": BOOKS | {"market": APPEND},
    "reconcile_gateways": BOOKS,
    "reconcile_broker": {"core": WRITE, "journal": READ, "market": READ},
    "recall_cash": BOOKS,
    "send_payout": BOOKS | {"market": READ},
    "handle_dispute": BOOKS,
    "invest_deposit": STATES | {"market": READ},
    "execute_orders": BOOKS | {"market": READ},
    "apply_broker_event": BOOKS,
    "poll_broker_events": {"core": UPSERT},
    "process_corporate_actions": BOOKS | {"market": APPEND, "audit": APPEND},
    "keep_ibkr_session": {"core": WRITE},
    "scan_upload": {},
    "verify_identity": STATES,
    "open_broker_account": STATES,
    "charge_recurring": STATES | {"market": READ},
    "notify": {"core": UPSERT},
    "refresh_market": {"market": UPSERT},
    "collect_history": {"market": UPSERT},
    "monitor_risk": STATES | {"market": READ},
    "watch_market": {"audit": APPEND, "core": UPSERT, "market": APPEND, "outbox": EMIT},
    "sweep_pending": {"core": READ, "outbox": READ},
    "sweep_portfolios": STATES | {"market": READ},
    "follow_rebalances": STATES | {"market": READ},
    "raise_cash": STATES | {"market": READ},
    "accrue_fees": BOOKS | {"market": READ},
}
SENDS = {
    "graphql_api": {"payment-signals", "market"},
    "receive_webhook": {
        "payment-signals",
        "identity",
        "broker-events",
        "payouts",
        "disputes",
        "reconciliation",
    },
    "publish_outbox": {"sweep"},
    "settle_deposit": {"payment-signals"},
    "fund_deposit": {"funding"},
    "keep_treasury": {"treasury"},
    "reconcile_gateways": {"reconciliation"},
    "reconcile_broker": {"broker-reconciliation"},
    "handle_dispute": {"disputes"},
    "invest_deposit": {"planning", "market"},
    "execute_orders": {"broker-poll", "broker-sessions", "execution"},
    "keep_ibkr_session": {"broker-events", "broker-sessions"},
    "apply_broker_event": {"broker-accounts", "corporate-actions", "funding", "recalls"},
    "process_corporate_actions": {"corporate-actions", "planning"},
    "raise_cash": {"planning"},
    "recall_cash": {"recalls"},
    "send_payout": {"payouts"},
    "poll_broker_events": {"broker-events", "broker-poll"},
    "scan_upload": set(),
    "verify_identity": {"identity"},
    "open_broker_account": {"broker-accounts"},
    "charge_recurring": {"payment-signals", "recurring"},
    "notify": set(),
    "refresh_market": set(),
    "collect_history": set(),
    "watch_market": {"planning", "execution", "broker-events"},
    "monitor_risk": {"risk-monitor"},
    "sweep_portfolios": {"planning", "rebalances", "portfolio-sweep"},
    "follow_rebalances": {"planning"},
    "accrue_fees": {"fees", "planning"},
    "sweep_pending": {
        "payment-signals",
        "funding",
        "planning",
        "identity",
        "broker-accounts",
        "corporate-actions",
        "execution",
        "rebalances",
        "fees",
        "treasury",
        "recurring",
        "raises",
        "recalls",
        "payouts",
        "disputes",
    },
}
TAKES = {
    "settle_deposit": {"payment-signals"},
    "fund_deposit": {"funding"},
    "keep_treasury": {"treasury"},
    "reconcile_gateways": {"reconciliation"},
    "reconcile_broker": {"broker-reconciliation"},
    "raise_cash": {"raises"},
    "recall_cash": {"recalls"},
    "send_payout": {"payouts"},
    "handle_dispute": {"disputes"},
    "invest_deposit": {"planning"},
    "execute_orders": {"execution"},
    "apply_broker_event": {"broker-events"},
    "poll_broker_events": {"broker-poll"},
    "process_corporate_actions": {"corporate-actions"},
    "keep_ibkr_session": {"broker-sessions"},
    "scan_upload": {"uploads"},
    "verify_identity": {"identity"},
    "open_broker_account": {"broker-accounts"},
    "charge_recurring": {"recurring"},
    "notify": {"notices"},
    "refresh_market": {"market"},
    "collect_history": {"history"},
    "watch_market": {"watch"},
    "monitor_risk": {"risk-monitor"},
    "sweep_portfolios": {"portfolio-sweep"},
    "follow_rebalances": {"rebalances"},
    "accrue_fees": {"fees"},
    "sweep_pending": {"sweep"},
}
SECRETS = {
    "graphql_api": {"session", "stripe", "daraja", "adyen", "webhookpath", "origin"},
    "receive_webhook": {
        "stripe",
        "adyen",
        "onfido",
        "broker",
        "webhookpath",
        "c2btoken",
        "origin",
    },
    "settle_deposit": {"stripe", "daraja", "adyen", "webhookpath"},
    "fund_deposit": {"broker"},
    "keep_treasury": {"stripe"},
    "reconcile_gateways": {"stripe", "daraja", "adyen", "webhookpath"},
    "reconcile_broker": {"broker", "ibkr"},
    "recall_cash": {"broker"},
    "accrue_fees": {"broker"},
    "send_payout": {"stripe", "daraja", "adyen", "webhookpath"},
    "handle_dispute": {"stripe"},
    "execute_orders": {"broker", "ibkr"},
    "keep_ibkr_session": {"ibkr"},
    "poll_broker_events": {"broker"},
    "verify_identity": {"onfido"},
    "open_broker_account": {"broker"},
    "refresh_market": {"broker", "ibkr"},
    "collect_history": {"broker"},
    "charge_recurring": {"stripe", "daraja", "webhookpath"},
}
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
