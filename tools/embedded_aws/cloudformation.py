"""CloudFormation: what the emulator's resource handlers drop or return differently from AWS."""

import string
from collections.abc import Callable
from secrets import token_hex
from typing import Any

from tools.embedded_aws import emulator

type Outcome = tuple[str, dict[str, Any]]


def _yes(value: Any) -> bool:
    return str(value).lower() == "true"


def _after(resource: str, finish: Callable[[Outcome, dict[str, Any]], Outcome]) -> None:
    """Calls `finish` with what a create or an update returned, and the wanted properties."""
    handler = dict(emulator.resource_types[resource])
    create, update = handler["create"], handler["update"]

    def created(logical_id: str, wanted: dict[str, Any], *rest: Any, **named: Any) -> Outcome:
        return finish(create(logical_id, wanted, *rest, **named), wanted)

    def updated(
        physical_id: str, old: dict[str, Any], wanted: dict[str, Any], *rest: Any, **named: Any
    ) -> Outcome:
        return finish(update(physical_id, old, wanted, *rest, **named), wanted)

    emulator.resource_types[resource] = {**handler, "create": created, "update": updated}


def apply_table_settings() -> None:
    """TTL, point-in-time recovery and deletion protection of a table are dropped."""

    def finish(outcome: Outcome, wanted: dict[str, Any]) -> Outcome:
        name = outcome[0]
        ttl = wanted.get("TimeToLiveSpecification")
        if ttl:
            spec = {"AttributeName": ttl["AttributeName"], "Enabled": _yes(ttl.get("Enabled"))}
            emulator.dynamodb._update_ttl({"TableName": name, "TimeToLiveSpecification": spec})
        recovery = wanted.get("PointInTimeRecoverySpecification")
        if recovery:
            on = _yes(recovery.get("PointInTimeRecoveryEnabled"))
            spec = {"PointInTimeRecoveryEnabled": on}
            emulator.dynamodb._update_continuous_backups(
                {"TableName": name, "PointInTimeRecoverySpecification": spec}
            )
        protected = _yes(wanted.get("DeletionProtectionEnabled", False))
        emulator.dynamodb._tables[name]["DeletionProtectionEnabled"] = protected
        return outcome

    _after("AWS::DynamoDB::Table", finish)


def name_the_user_pool_provider() -> None:
    """A user pool lacks ProviderURL, which the CDK's JWT authorizer asks for."""

    def finish(outcome: Outcome, _wanted: dict[str, Any]) -> Outcome:
        name, attributes = outcome
        return name, {**attributes, "ProviderURL": f"https://{attributes.get('ProviderName', '')}"}

    _after("AWS::Cognito::UserPool", finish)


def refer_to_secrets_by_arn() -> None:
    """Ref of a secret is its ARN on AWS and its name here: grants would name no resource."""
    stored = emulator.secrets._secrets
    stock = emulator.resource_types["AWS::SecretsManager::Secret"]

    def name_of(arn: str) -> str:
        return next((name for name, secret in stored.items() if secret["ARN"] == arn), arn)

    def by_arn(outcome: Outcome) -> Outcome:
        return str(stored[outcome[0]]["ARN"]), outcome[1]

    def created(logical_id: str, wanted: dict[str, Any], stack: str) -> Outcome:
        # A name that AWS makes up is `LogicalId-random`: the CDK counts its hyphens.
        named = {"Name": f"{logical_id}-{token_hex(6)}", **wanted}
        return by_arn(stock["create"](logical_id, named, stack))

    def updated(
        physical_id: str, old: dict[str, Any], wanted: dict[str, Any], *rest: Any, **named: Any
    ) -> Outcome:
        name = name_of(physical_id)
        old, wanted = {"Name": name, **old}, {"Name": name, **wanted}
        return by_arn(stock["update"](name, old, wanted, *rest, **named))

    def deleted(physical_id: str, wanted: dict[str, Any]) -> None:
        stock["delete"](name_of(physical_id), wanted)

    emulator.resource_types["AWS::SecretsManager::Secret"] = {
        **stock,
        "create": created,
        "update": updated,
        "delete": deleted,
    }


def generate_secrets_without_punctuation() -> None:
    """ExcludePunctuation of a generated secret is ignored."""
    stock = emulator.provisioners._sm_secret_string

    def generated(wanted: dict[str, Any]) -> Any:
        rule = wanted.get("GenerateSecretString")
        if rule and _yes(rule.get("ExcludePunctuation")):
            excluded = string.punctuation + rule.get("ExcludeCharacters", "")
            wanted = {**wanted, "GenerateSecretString": {**rule, "ExcludeCharacters": excluded}}
        return stock(wanted)

    emulator.provisioners._sm_secret_string = generated


def let_pages_call_an_api() -> None:
    """Which pages may call an API is kept in the template's spelling and read in the service's:
    every browser is turned away."""

    def finish(outcome: Outcome, wanted: dict[str, Any]) -> Outcome:
        stated = wanted.get("CorsConfiguration")
        if stated:
            emulator.gateway._apis[outcome[0]]["corsConfiguration"] = {
                name[0].lower() + name[1:]: _yes(value) if name == "AllowCredentials" else value
                for name, value in stated.items()
            }
        return outcome

    _after("AWS::ApiGatewayV2::Api", finish)


def apply() -> None:
    apply_table_settings()
    let_pages_call_an_api()
    name_the_user_pool_provider()
    refer_to_secrets_by_arn()
    generate_secrets_without_punctuation()
