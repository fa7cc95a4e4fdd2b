"""What is kept: tables, documents, secrets and the keys that protect them."""

import json

import pytest

from infra.grants import ATTENTION_INDEX, PENDING_INDEX
from shared.platform import dynamo
from shared.platform.tables import Table
from tests.infra.templates import Synthesised, normal, text

pytestmark = pytest.mark.infra

TABLE = "AWS::DynamoDB::Table"
KEY = "AWS::KMS::Key"
BUCKET = "AWS::S3::Bucket"
SECRET = "AWS::SecretsManager::Secret"


def table(stage: Synthesised, name: str) -> dict:
    (found,) = [
        properties
        for logical_id, properties in stage.of_type(TABLE, "data").items()
        if logical_id.lower().startswith(name)
    ]
    return found


def bucket(stage: Synthesised, name: str) -> dict:
    (found,) = [
        properties
        for logical_id, properties in stage.of_type(BUCKET, "data").items()
        if name in logical_id
    ]
    return found


def test_there_is_one_table_per_logical_table(prod: Synthesised) -> None:
    assert len(prod.of_type(TABLE)) == len(Table) == 5
    assert prod.of_type("AWS::DynamoDB::GlobalTable") == {}


@pytest.mark.parametrize("name", [each.value for each in Table])
def test_a_table_is_encrypted_recoverable_and_protected(prod: Synthesised, name: str) -> None:
    found = table(prod, name)
    assert found["SSESpecification"]["SSEEnabled"] is True
    assert found["SSESpecification"]["SSEType"] == "KMS"
    assert "DataKey" in text(found["SSESpecification"]["KMSMasterKeyId"])
    assert found["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert found["DeletionProtectionEnabled"] is True
    assert found["BillingMode"] == "PAY_PER_REQUEST"
    assert found["KeySchema"] == [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ]


def test_only_what_passes_away_expires(prod: Synthesised) -> None:
    expiring = {name: table(prod, name).get("TimeToLiveSpecification") for name in map(str, Table)}
    by_time = {"AttributeName": "expires_at", "Enabled": True}
    assert expiring == {
        "core": by_time,
        "outbox": by_time,
        "journal": None,
        "audit": None,
        "market": None,
    }


def test_only_the_outbox_streams_and_only_what_is_new(prod: Synthesised) -> None:
    streams = {name: table(prod, name).get("StreamSpecification") for name in map(str, Table)}
    assert streams.pop("outbox") == {"StreamViewType": "NEW_IMAGE"}
    assert set(streams.values()) == {None}


def test_what_waits_for_staff_is_listed_by_an_index_that_holds_nothing_of_it(
    prod: Synthesised,
) -> None:
    (_, index) = table(prod, "core")["GlobalSecondaryIndexes"]
    assert index["IndexName"] == ATTENTION_INDEX == dynamo.ATTENTION_INDEX
    assert [part["AttributeName"] for part in index["KeySchema"]] == ["attention", "waits_at"]
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}


def test_unfinished_things_are_found_by_one_sparse_index(prod: Synthesised) -> None:
    (index, _) = table(prod, "core")["GlobalSecondaryIndexes"]
    assert index["IndexName"] == PENDING_INDEX == dynamo.PENDING_INDEX
    assert [part["AttributeName"] for part in index["KeySchema"]] == ["pending", "due"]
    assert index["Projection"] == {"ProjectionType": "ALL"}


@pytest.mark.parametrize("name", ["journal", "audit"])
def test_nobody_can_rewrite_what_happened(prod: Synthesised, name: str) -> None:
    (statement,) = table(prod, name)["ResourcePolicy"]["PolicyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == {"AWS": "*"}
    assert set(statement["Action"]) == {
        "dynamodb:BatchWriteItem",
        "dynamodb:DeleteItem",
        "dynamodb:PartiQLDelete",
        "dynamodb:PartiQLUpdate",
        "dynamodb:UpdateItem",
    }


@pytest.mark.parametrize("name", ["core", "outbox", "market"])
def test_other_tables_may_be_changed_by_whoever_has_the_right(prod: Synthesised, name: str) -> None:
    assert "ResourcePolicy" not in table(prod, name)


def test_data_outlives_its_stack_where_the_stage_keeps_it(
    prod: Synthesised, dev: Synthesised
) -> None:
    kept = {TABLE, KEY, BUCKET, SECRET, "AWS::Cognito::UserPool", "AWS::SQS::Queue"}
    for stage, policy in ((prod, "Retain"), (dev, "Delete")):
        policies = {
            logical_id: resource["DeletionPolicy"]
            for logical_id, resource in stage.resources()
            if resource["Type"] in kept
        }
        assert policies != {}
        assert {name for name, each in policies.items() if each != policy} == set()


def test_every_key_that_encrypts_rotates(prod: Synthesised) -> None:
    keys = [key for key in prod.of_type(KEY).values() if key.get("KeyUsage") != "SIGN_VERIFY"]
    assert len(keys) >= 4
    assert all(key["EnableKeyRotation"] is True for key in keys)


def test_reports_are_signed_with_a_key_that_nobody_has(prod: Synthesised) -> None:
    (key,) = [key for key in prod.of_type(KEY).values() if key.get("KeyUsage") == "SIGN_VERIFY"]
    assert key["KeySpec"] == "ECC_NIST_P256"


def test_reports_are_kept_in_every_version_and_locked_where_data_is_kept(
    local: Synthesised, prod: Synthesised
) -> None:
    kept = bucket(prod, "Reports")
    assert kept["VersioningConfiguration"] == {"Status": "Enabled"}
    assert kept["ObjectLockEnabled"] is True
    rule = kept["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert rule == {"Mode": "COMPLIANCE", "Days": 2555}
    assert "ObjectLockConfiguration" not in bucket(local, "Reports")


def test_the_key_of_personal_data_works_for_a_named_person_only(prod: Synthesised) -> None:
    (key,) = [
        properties
        for logical_id, properties in prod.of_type(KEY).items()
        if "PersonalDataKey" in logical_id
    ]
    denials = [each for each in key["KeyPolicy"]["Statement"] if each["Effect"] == "Deny"]
    (denial,) = denials
    assert denial["Condition"] == {"Null": {"kms:EncryptionContext:user": "true"}}
    assert {"kms:Decrypt", "kms:GenerateDataKey*"} <= set(denial["Action"])


@pytest.mark.parametrize("name", ["Quarantine", "Kept"])
def test_documents_are_private_and_encrypted(prod: Synthesised, name: str) -> None:
    found = bucket(prod, name)
    (rule,) = found["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert found["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    assert "AccessLogs" in text(found["LoggingConfiguration"]["DestinationBucketName"])


def test_no_bucket_of_a_stage_on_aws_answers_without_tls(prod: Synthesised) -> None:
    denying = [
        policy["Bucket"]["Ref"]
        for policy in prod.of_type("AWS::S3::BucketPolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        and statement["Effect"] == "Deny"
    ]
    assert set(denying) == set(prod.of_type(BUCKET))


def test_uploads_are_reported_and_forgotten_while_kept_documents_have_versions(
    prod: Synthesised,
) -> None:
    quarantine, kept = bucket(prod, "Quarantine"), bucket(prod, "Kept")
    assert quarantine["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True}
    }
    (rule,) = quarantine["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == 7
    (cors,) = quarantine["CorsConfiguration"]["CorsRules"]
    assert cors == {
        "AllowedMethods": ["POST"],
        "AllowedOrigins": ["https://app.baobab.example"],
    }
    assert kept["VersioningConfiguration"] == {"Status": "Enabled"}
    assert all("ExpirationInDays" not in each for each in kept["LifecycleConfiguration"]["Rules"])


def test_guardduty_scans_the_quarantine_and_nobody_reads_what_it_has_not_cleared(
    prod: Synthesised,
) -> None:
    plan = prod.one("AWS::GuardDuty::MalwareProtectionPlan")
    assert plan["Actions"] == {"Tagging": {"Status": "ENABLED"}}
    assert "Quarantine" in text(plan["ProtectedResource"]["S3Bucket"]["BucketName"])
    denials = [
        statement
        for policy in prod.of_type("AWS::S3::BucketPolicy").values()
        for statement in map(normal, policy["PolicyDocument"]["Statement"])
        if statement.get("Sid") == "NobodyReadsUnscanned"
    ]
    (denial,) = denials
    assert denial["Effect"] == "Deny"
    assert denial["Action"] == ["s3:GetObject", "s3:GetObjectVersion"]
    assert denial["Condition"]["StringNotEquals"] == {
        "s3:ExistingObjectTag/GuardDutyMalwareScanStatus": "NO_THREATS_FOUND"
    }
    assert "ScannerRole" in text(denial["Condition"]["ArnNotEquals"])


def test_secrets_are_encrypted_and_no_template_holds_a_value(prod: Synthesised) -> None:
    secrets = prod.of_type(SECRET, "data")
    assert len(secrets) == 9
    for secret in secrets.values():
        assert "DataKey" in text(secret["KmsKeyId"])
        assert "SecretString" not in secret
        form = json.loads(secret["GenerateSecretString"]["SecretStringTemplate"])
        assert all(value in ("", []) for value in form.values())


def test_the_path_secret_is_drawn_from_hexadecimal_digits(prod: Synthesised) -> None:
    (rule,) = [
        secret["GenerateSecretString"]
        for secret in prod.of_type(SECRET, "data").values()
        if secret["GenerateSecretString"]["GenerateStringKey"] == "key"
    ]
    allowed = set(map(chr, range(33, 127))) - set(rule["ExcludeCharacters"])
    assert rule["ExcludePunctuation"] is True
    assert {each for each in allowed if each.isalnum()} == set("0123456789abcdef")
    assert rule["RequireEachIncludedType"] is False


def test_logs_may_be_encrypted_for_this_account_only(prod: Synthesised) -> None:
    (key,) = [
        properties
        for logical_id, properties in prod.of_type(KEY).items()
        if "LogsKey" in logical_id
    ]
    (statement,) = [
        each for each in key["KeyPolicy"]["Statement"] if "Service" in each["Principal"]
    ]
    assert "logs." in text(statement["Principal"])
    assert "kms:EncryptionContext:aws:logs:arn" in statement["Condition"]["ArnLike"]


def test_the_local_stage_does_without_what_the_embedded_aws_cannot_do(
    local: Synthesised,
) -> None:
    assert local.of_type("AWS::GuardDuty::MalwareProtectionPlan") == {}
    assert "SecureTransport" not in text(local.templates)
    assert all("ResourcePolicy" not in each for each in local.of_type(TABLE).values())
