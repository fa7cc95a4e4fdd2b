"""Stacks get what their templates ask for, as on AWS."""

import copy
import json
import re
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.emulator

TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
        "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "DeletionProtectionEnabled": True,
    },
}
PAGE = "https://app.example.com"
API: dict[str, Any] = {
    "Type": "AWS::ApiGatewayV2::Api",
    "Properties": {
        "Name": "pages",
        "ProtocolType": "HTTP",
        "CorsConfiguration": {
            "AllowOrigins": [PAGE],
            "AllowMethods": ["POST"],
            "AllowHeaders": ["authorization", "content-type"],
            "AllowCredentials": True,
            "MaxAge": 3600,
        },
    },
}
POOL = {"Type": "AWS::Cognito::UserPool", "Properties": {}}
SECRET = {
    "Type": "AWS::SecretsManager::Secret",
    "Properties": {"GenerateSecretString": {"PasswordLength": 64, "ExcludePunctuation": True}},
}


def _deploy(cloud: Any, name: str, resource: dict[str, Any], **outputs: Any) -> dict[str, str]:
    """Creates or updates a stack of one resource called Thing; its outputs."""
    given = {key: {"Value": value} for key, value in outputs.items()}
    body = json.dumps({"Resources": {"Thing": resource}, "Outputs": given})
    formation = cloud.client("cloudformation")
    known = [stack["StackName"] for stack in formation.describe_stacks()["Stacks"]]
    change = formation.update_stack if name in known else formation.create_stack
    change(StackName=name, TemplateBody=body)
    kind = "update" if name in known else "create"
    formation.get_waiter(f"stack_{kind}_complete").wait(
        StackName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200}
    )
    stack = formation.describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def test_a_table_gets_ttl_recovery_and_deletion_protection(cloud: Any) -> None:
    name = _deploy(cloud, "table", TABLE, Name={"Ref": "Thing"})["Name"]
    dynamo = cloud.client("dynamodb")

    ttl = dynamo.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = dynamo.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]

    assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    recovery = backups["PointInTimeRecoveryDescription"]
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
    assert dynamo.describe_table(TableName=name)["Table"]["DeletionProtectionEnabled"] is True


def test_an_update_of_a_table_keeps_its_rows(cloud: Any) -> None:
    name = _deploy(cloud, "kept", TABLE, Name={"Ref": "Thing"})["Name"]
    dynamo = cloud.client("dynamodb")
    dynamo.put_item(TableName=name, Item={"id": {"S": "row"}})
    changed = copy.deepcopy(TABLE)
    changed["Properties"]["DeletionProtectionEnabled"] = False

    after = _deploy(cloud, "kept", changed, Name={"Ref": "Thing"})["Name"]

    assert after == name
    assert dynamo.get_item(TableName=name, Key={"id": {"S": "row"}})["Item"] == {"id": {"S": "row"}}
    assert dynamo.describe_table(TableName=name)["Table"]["DeletionProtectionEnabled"] is False


def _asks_before(cloud: Any, api: str, page: str) -> httpx.Response:
    """What a browser asks before a page of another host may call an API."""
    fields = {"origin": page, "access-control-request-method": "POST"}
    url = cloud.client("apigatewayv2").meta.endpoint_url
    return httpx.options(f"{url}/_aws/execute-api/{api}/$default/", headers=fields)


def test_the_pages_of_an_api_may_call_it_and_no_others(cloud: Any) -> None:
    for changed in (PAGE, "https://moved.example.com"):
        stated = copy.deepcopy(API)
        stated["Properties"]["CorsConfiguration"]["AllowOrigins"] = [changed]
        api = _deploy(cloud, "pages", stated, Id={"Ref": "Thing"})["Id"]

        admitted = _asks_before(cloud, api, changed)

        assert admitted.status_code == 204
        assert admitted.headers["access-control-allow-origin"] == changed
        assert admitted.headers["access-control-allow-credentials"] == "true"
        assert admitted.headers["access-control-allow-headers"] == "authorization,content-type"
        assert _asks_before(cloud, api, "https://evil.example.com").status_code == 403


def test_a_user_pool_tells_its_provider_url(cloud: Any) -> None:
    outputs = _deploy(
        cloud,
        "pool",
        POOL,
        Id={"Ref": "Thing"},
        Url={"Fn::GetAtt": ["Thing", "ProviderURL"]},
    )

    assert outputs["Url"] == f"https://cognito-idp.us-east-1.amazonaws.com/{outputs['Id']}"


def test_a_reference_to_a_secret_is_its_arn(cloud: Any) -> None:
    arn = _deploy(cloud, "secret", SECRET, Arn={"Ref": "Thing"})["Arn"]

    assert re.fullmatch(
        r"arn:aws:secretsmanager:us-east-1:000000000000:secret:Thing-[0-9a-f]+-[0-9a-f]{6}", arn
    )
    told = cloud.client("secretsmanager").describe_secret(SecretId=arn)
    assert told["ARN"] == arn


def test_a_generated_secret_has_no_punctuation_when_told_so(cloud: Any) -> None:
    arn = _deploy(cloud, "plain-secret", SECRET, Arn={"Ref": "Thing"})["Arn"]

    value = cloud.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]

    assert re.fullmatch(r"[0-9A-Za-z]{64}", value)


def test_an_update_of_a_secret_keeps_what_was_put_into_it(cloud: Any) -> None:
    arn = _deploy(cloud, "lasting-secret", SECRET, Arn={"Ref": "Thing"})["Arn"]
    secrets = cloud.client("secretsmanager")
    secrets.put_secret_value(SecretId=arn, SecretString="from elsewhere")
    described = {**SECRET, "Properties": {**SECRET["Properties"], "Description": "changed"}}

    after = _deploy(cloud, "lasting-secret", described, Arn={"Ref": "Thing"})["Arn"]

    assert after == arn
    assert secrets.get_secret_value(SecretId=arn)["SecretString"] == "from elsewhere"
    assert secrets.describe_secret(SecretId=arn)["Description"] == "changed"


def test_a_secret_ends_with_its_stack(cloud: Any) -> None:
    arn = _deploy(cloud, "short-lived", SECRET, Arn={"Ref": "Thing"})["Arn"]
    formation, secrets = cloud.client("cloudformation"), cloud.client("secretsmanager")

    formation.delete_stack(StackName="short-lived")
    formation.get_waiter("stack_delete_complete").wait(
        StackName="short-lived", WaiterConfig={"Delay": 0.05, "MaxAttempts": 200}
    )

    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.describe_secret(SecretId=arn)
