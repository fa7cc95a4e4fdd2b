"""Least privilege with keys, documents, events, mail and the user pool; nothing is wild."""

import pytest

from infra.functions import FUNCTIONS
from tests.infra.rights import resources_of, the_stage
from tests.infra.templates import Synthesised, text

pytestmark = pytest.mark.infra
NAMES = [function.name for function in FUNCTIONS]
NEEDS_ANY_RESOURCE = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
"""Actions that know no resources."""


def test_no_statement_has_a_wildcard_where_a_name_is_possible(prod: Synthesised) -> None:
    for name in NAMES:
        if name == "scan_upload":
            continue
        for statement in prod.statements(name):
            assert statement["Effect"] == "Allow"
            if "*" in statement["Resource"]:
                assert set(statement["Action"]) <= NEEDS_ANY_RESOURCE, name
            wild = {each for each in statement["Action"] if "*" in each}
            assert wild <= {"kms:GenerateDataKey*", "kms:ReEncrypt*"}, name


def test_no_role_carries_a_managed_policy_except_the_backup_service(prod: Synthesised) -> None:
    carrying = {
        logical_id: role["ManagedPolicyArns"]
        for logical_id, role in prod.of_type("AWS::IAM::Role").items()
        if role.get("ManagedPolicyArns")
    }
    assert all("service-role/AWSBackup" in text(arns) for arns in carrying.values())
    assert len(carrying) == 1


def test_keys_are_used_by_way_of_one_service_or_for_one_person(prod: Synthesised) -> None:
    for name in NAMES:
        if name == "scan_upload":
            continue
        for statement in prod.statements(name):
            if set(statement["Action"]) & {"kms:Sign", "kms:Verify"}:
                # Of one key, which nothing is encrypted with.
                assert len(statement["Action"]) == 1
                assert "ReportsKey" in text(statement["Resource"])
            elif any(each.startswith("kms:") for each in statement["Action"]):
                conditions = text(statement["Condition"])
                assert "kms:ViaService" in conditions or "kms:EncryptionContext:user" in conditions


def test_few_functions_open_personal_data_and_one_makes_keys_for_people(
    prod: Synthesised,
) -> None:
    person = {"StringLike": {"kms:EncryptionContext:user": "usr_ke1_*"}}
    actions = {
        name: set(statement["Action"])
        for name in NAMES
        if name != "scan_upload"
        for statement in prod.statements(name)
        if statement.get("Condition") == person
    }
    assert actions == {
        "graphql_api": {"kms:Decrypt", "kms:GenerateDataKey"},
        "verify_identity": {"kms:Decrypt"},
        "send_payout": {"kms:Decrypt"},
        "open_broker_account": {"kms:Decrypt"},
        "charge_recurring": {"kms:Decrypt"},
        "monitor_money": {"kms:Decrypt"},
        "notify": {"kms:Decrypt"},
    }


def test_two_functions_sign_reports_and_they_can_not_be_asked_from_outside(
    prod: Synthesised,
) -> None:
    signing = {
        name
        for name in NAMES
        if name != "scan_upload" and resources_of(prod.statements(name), "kms:Sign")
    }
    assert signing == {"reconcile_broker", "reconcile_gateways"}


def test_documents_are_read_and_written_only_where_it_is_needed(
    local: Synthesised, prod: Synthesised
) -> None:
    reads, writes = {}, {}
    for name in NAMES:
        statements = the_stage(local, prod, name).statements(name)
        for found, action in ((reads, "s3:GetObject"), (writes, "s3:PutObject")):
            where = text(resources_of(statements, action))
            places = {place for place in ("Quarantine", "Kept") if place in where}
            if places:
                found[name] = places
    assert reads == {
        "scan_upload": {"Quarantine"},
        "verify_identity": {"Quarantine", "Kept"},
    }
    assert writes == {"graphql_api": {"Quarantine"}, "verify_identity": {"Kept"}}


def test_only_who_must_tell_absent_files_from_withheld_ones_lists_a_bucket(
    local: Synthesised, prod: Synthesised
) -> None:
    lists = {}
    for name in NAMES:
        where = text(resources_of(the_stage(local, prod, name).statements(name), "s3:ListBucket"))
        places = {place for place in ("Quarantine", "Kept") if place in where}
        if places:
            lists[name] = places
        assert "/*" not in where
    assert lists == {"scan_upload": {"Quarantine"}, "verify_identity": {"Quarantine", "Kept"}}


def test_events_are_put_by_two_functions_and_scan_results_by_the_scanner(
    local: Synthesised,
) -> None:
    putting = {
        name: text(resources_of(local.statements(name), "events:PutEvents"))
        for name in NAMES
        if resources_of(local.statements(name), "events:PutEvents")
    }
    assert set(putting) == {"publish_outbox", "sweep_pending", "scan_upload"}
    assert "event-bus/default" in putting["scan_upload"]
    assert "event-bus/default" not in putting["publish_outbox"] + putting["sweep_pending"]


def test_mail_leaves_only_from_our_own_address(prod: Synthesised) -> None:
    (statement,) = [each for each in prod.statements("notify") if "ses:SendEmail" in each["Action"]]
    assert statement["Condition"] == {
        "StringEquals": {"ses:FromAddress": "no-reply@baobab.example"}
    }
    assert "identity/baobab.example" in text(statement["Resource"])


def test_the_api_asks_the_user_pool_for_its_client_and_to_follow_what_we_decided(
    prod: Synthesised,
) -> None:
    actions = {
        action
        for statement in prod.statements("graphql_api")
        for action in statement["Action"]
        if action.startswith("cognito-idp:")
    }
    assert actions == {
        "cognito-idp:AdminDisableUser",
        "cognito-idp:AdminEnableUser",
        "cognito-idp:AdminSetUserMFAPreference",
        "cognito-idp:AdminUserGlobalSignOut",
        "cognito-idp:DescribeUserPoolClient",
    }
