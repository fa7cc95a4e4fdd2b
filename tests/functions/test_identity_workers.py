"""verify_identity and open_broker_account start from their settings alone."""

import json
import warnings
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.open_broker_account import handler as open_broker_account
from functions.verify_identity import handler as verify_identity

NOBODY = "usr_t1_01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with mock_aws():
        dynamodb = boto3.client("dynamodb", region_name="us-east-1")
        for name in ("core", "journal", "outbox"):
            dynamodb.create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[
                    {"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")
                ],
                KeySchema=[
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "sk", "KeyType": "RANGE"},
                ],
            )
        secrets = boto3.client("secretsmanager", region_name="us-east-1")
        onfido = {"api_token": "token", "webhook_token": "other"}
        broker = {"key": "k", "secret": "s", "firm_account": "f", "webhook_secrets": []}
        secrets.create_secret(Name="onfido", SecretString=json.dumps(onfido))
        secrets.create_secret(Name="broker", SecretString=json.dumps(broker))
        queue = boto3.client("sqs", region_name="us-east-1").create_queue(QueueName="identity")
        for name, value in {
            "CELL": "t1",
            "CORE_TABLE": "core",
            "JOURNAL_TABLE": "journal",
            "OUTBOX_TABLE": "outbox",
            "PERSONAL_DATA_KEY": "alias/personal",
            "ONFIDO_SECRET": "onfido",
            "ONFIDO_BASE_URL": "http://127.0.0.1:9/onfido/v3.6",
            "BROKER_SECRET": "broker",
            "BROKER_BASE_URL": "http://127.0.0.1:9/alpaca",
            "QUARANTINE_BUCKET": "quarantine",
            "DOCUMENTS_BUCKET": "documents",
            "IDENTITY_QUEUE": queue["QueueUrl"],
            "BROKER_ACCOUNTS_QUEUE": queue["QueueUrl"],
        }.items():
            monkeypatch.setenv(name, value)
        for module in (verify_identity, open_broker_account):
            for name in ("_settings", "_secrets", "_desk"):
                getattr(module, name).cache_clear()
        yield queue["QueueUrl"]
        for module in (verify_identity, open_broker_account):
            for name in ("_settings", "_secrets", "_desk"):
                getattr(module, name).cache_clear()


def batch(*bodies: dict[str, Any]) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": "r",
                "body": json.dumps(body),
                "attributes": {"ApproximateReceiveCount": "1"},
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:identity",
            }
            for number, body in enumerate(bodies, 1)
        ]
    }


def check(name: str) -> dict[str, Any]:
    return {"check": name, "subject": {"user_id": NOBODY}, "attempt": 0, "correlation_id": "c"}


@pytest.mark.parametrize(
    ("module", "own", "foreign"),
    [
        (verify_identity, "identity", "broker_account"),
        (open_broker_account, "broker_account", "identity"),
    ],
)
def test_a_worker_takes_its_own_checks_and_fails_only_foreign_ones(
    aws: str, monkeypatch: pytest.MonkeyPatch, module: Any, own: str, foreign: str
) -> None:
    monkeypatch.setattr("shared.platform.worker._set_visibility", lambda record: None)
    with warnings.catch_warnings():
        # The broker's SDK imports its streaming client, which imports what is going away.
        warnings.filterwarnings("ignore", "websockets.legacy", DeprecationWarning)
        answer = module.handler(batch(check(own), check(foreign)), None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m2"}]}
    waiting = boto3.client("sqs", region_name="us-east-1").get_queue_attributes(
        QueueUrl=aws, AttributeNames=["All"]
    )["Attributes"]
    assert waiting["ApproximateNumberOfMessages"] == "0"
    assert waiting["ApproximateNumberOfMessagesDelayed"] == "0"
