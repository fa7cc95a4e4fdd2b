"""Each deployed function, with the credentials of its own role, tries what it must not do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.functions import FUNCTIONS, GRAPHQL_API, QUEUES
from infra.model import Function, Rights, Stream
from shared.kernel.ids import Kind, UlidIds
from tools.stack import Endpoints

pytestmark = pytest.mark.journey

ROOT = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
ACCOUNT = "000000000000"
DENIED = {"AccessDenied", "AccessDeniedException"}
ABSENT = {
    "NoSuchKey",
    "404",
    "ConditionalCheckFailedException",
    "TransactionCanceledException",
    "InvalidCiphertextException",
}
"""What is answered to somebody who may ask, about something that is not there."""
TABLES = ("core", "journal", "outbox", "audit", "market")
SECRETS = (
    *("stripe", "adyen", "daraja", "onfido", "broker", "ibkr"),
    *("session", "webhook_path", "c2b_token"),
)
PARTS_OF_NAMES = {
    "quarantine": "quarantine",
    "documents": "kept",
    "reports": "reports",
    "statements": "statements",
}
"""By what each bucket's name, which the deployment makes up, can be told."""
BUCKETS = tuple(PARTS_OF_NAMES)
READERS = {
    Rights.READ,
    Rights.READ_PENDING,
    Rights.WRITE,
    Rights.UPSERT,
    Rights.APPEND,
}
CHANGERS = {Rights.WRITE, Rights.UPSERT}
NOBODY = UlidIds("l1").new(Kind.USER)


def permitted(call: Callable[..., Any], **request: Any) -> bool:
    """Whether IAM lets the call through; what it then finds does not matter."""
    try:
        call(**request)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in DENIED:
            return False
        if code not in ABSENT:
            raise
    return True


def deployed(function: Function) -> str:
    """A function's physical name."""
    return f"baobab-local-{function.name.replace('_', '-')}"


@dataclass(frozen=True)
class Role:
    """A function's role, taken on."""

    function: Function
    arn: str
    clients: Callable[[str], Any]
    endpoints: Endpoints
    buckets: Mapping[str, str]

    def key(self) -> dict[str, dict[str, str]]:
        """An item that is not there, in the part of the tables that the function may see."""
        pattern = (*self.function.leading_keys, "USER#*")[0]
        return {"pk": {"S": pattern.replace("*", NOBODY)}, "sk": {"S": "NOTHING"}}

    def table(self, name: str) -> str:
        """Physical name."""
        return self.endpoints.outputs[f"{name.capitalize()}Table"]

    def secret(self, name: str) -> str:
        """ARN."""
        logical = "".join(part.capitalize() for part in name.split("_"))
        return self.endpoints.outputs[f"{logical}SecretName"]

    def changes_of(self, table: str) -> dict[str, Any]:
        """A deletion that never happens: its condition asks for what is not there."""
        absent = "attribute_exists(pk)"
        return {"TableName": self.table(table), "Key": self.key(), "ConditionExpression": absent}


@pytest.fixture(scope="module")
def root(endpoints: Endpoints) -> Callable[[str], Any]:
    """Clients with all rights."""
    return clients_of(endpoints, ROOT)


def clients_of(endpoints: Endpoints, credentials: Mapping[str, str]) -> Callable[[str], Any]:
    """One client per service, with these credentials."""
    make: Any = boto3.Session
    session = make(region_name="us-east-1", **credentials)

    @cache
    def client(service: str) -> Any:
        return session.client(service, endpoint_url=endpoints.aws)

    return client


@pytest.fixture(scope="module", params=FUNCTIONS, ids=lambda function: function.name)
def role(request: pytest.FixtureRequest, endpoints: Endpoints, root: Callable[[str], Any]) -> Role:
    """The deployed role of each function in turn."""
    function: Function = request.param
    arn = root("lambda").get_function_configuration(FunctionName=deployed(function))["Role"]
    taken = root("sts").assume_role(RoleArn=arn, RoleSessionName=deployed(function))
    given = taken["Credentials"]
    clients = clients_of(
        endpoints,
        {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        },
    )
    assert f":assumed-role/{arn.rpartition('/')[2]}/" in clients("sts").get_caller_identity()["Arn"]
    names = [bucket["Name"] for bucket in root("s3").list_buckets()["Buckets"]]
    buckets = {
        logical: next(name for name in names if part in name)
        for logical, part in PARTS_OF_NAMES.items()
    }
    return Role(function, arn, clients, endpoints, buckets)


def test_a_role_reads_the_tables_that_its_function_names_and_no_other(role: Role) -> None:
    dynamodb = role.clients("dynamodb")
    read = {
        table
        for table in TABLES
        if permitted(dynamodb.get_item, TableName=role.table(table), Key=role.key())
    }
    assert read == {name for name, rights in role.function.tables.items() if rights in READERS}


def test_a_role_changes_items_only_where_its_function_may(role: Role) -> None:
    dynamodb = role.clients("dynamodb")
    changed = {
        table
        for table in TABLES
        if permitted(
            dynamodb.update_item,
            **role.changes_of(table),
            UpdateExpression="SET probe = :one",
            ExpressionAttributeValues={":one": {"S": "1"}},
        )
    }
    deleted = {
        table for table in TABLES if permitted(dynamodb.delete_item, **role.changes_of(table))
    }
    rights = role.function.tables
    assert changed == {name for name in rights if rights[name] in CHANGERS}
    assert deleted == {name for name in rights if rights[name] is Rights.WRITE}
    assert not {"journal", "audit", "outbox"} & (changed | deleted)


def test_facts_are_put_only_together(role: Role) -> None:
    dynamodb = role.clients("dynamodb")
    absent = {"ConditionExpression": "attribute_exists(pk)"}
    alone, together = set(), set()
    tables = ("journal", "outbox", "audit", "market")
    for table in tables:
        put = {"TableName": role.table(table), "Item": role.key(), **absent}
        if permitted(dynamodb.put_item, **put):
            alone.add(table)
        if permitted(dynamodb.transact_write_items, TransactItems=[{"Put": put}]):
            together.add(table)
    rights = {name: role.function.tables.get(name) for name in tables}
    assert not {"journal", "outbox", "audit"} & alone
    assert alone == {name for name in tables if rights[name] in CHANGERS}
    assert together - alone == {
        name for name in tables if rights[name] in (Rights.APPEND, Rights.EMIT)
    }


def test_a_role_reads_the_secrets_that_its_function_names_and_no_other(role: Role) -> None:
    manager = role.clients("secretsmanager")
    read = {
        secret
        for secret in SECRETS
        if permitted(manager.get_secret_value, SecretId=role.secret(secret))
    }
    assert read == set(role.function.secrets)
    pool = role.clients("cognito-idp").describe_user_pool_client
    ids = {
        "UserPoolId": role.endpoints.user_pool_id,
        "ClientId": role.endpoints.user_pool_client_id,
    }
    assert permitted(pool, **ids) is role.function.identity


def test_a_role_sends_to_no_other_queue_than_its_functions(role: Role) -> None:
    sqs = role.clients("sqs")
    trigger = role.function.trigger
    failures = {trigger.failures} if isinstance(trigger, Stream) else set()
    for queue in QUEUES.keys() - set(role.function.sends_to) - failures:
        url = f"{sqs.meta.endpoint_url}/{ACCOUNT}/baobab-local-{queue}"
        assert not permitted(sqs.send_message, QueueUrl=url, MessageBody="{}"), queue
    if "market" in role.function.sends_to:
        url = f"{sqs.meta.endpoint_url}/{ACCOUNT}/baobab-local-market"
        wish = '{"check": "market", "subject": {}, "attempt": 0}'
        assert permitted(sqs.send_message, QueueUrl=url, MessageBody=wish)


def test_a_role_reads_and_lists_only_its_functions_buckets(role: Role) -> None:
    s3 = role.clients("s3")
    read = {
        name
        for name in BUCKETS
        if permitted(s3.get_object, Bucket=role.buckets[name], Key=f"nothing/{NOBODY}")
    }
    listed = {name for name in BUCKETS if permitted(s3.list_objects_v2, Bucket=role.buckets[name])}
    assert read == set(role.function.reads_objects)
    assert listed == set(role.function.finds_objects)
    for name in set(BUCKETS) - set(role.function.writes_objects):
        assert not permitted(s3.put_object, Bucket=role.buckets[name], Key="probe", Body=b"")


def test_a_role_opens_and_seals_personal_data_only_where_its_function_does(
    role: Role, root: Callable[[str], Any]
) -> None:
    api = root("lambda").get_function_configuration(FunctionName=deployed(GRAPHQL_API))
    key = api["Environment"]["Variables"]["PERSONAL_DATA_KEY"]
    person = {"user": NOBODY}
    made = root("kms").generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=person)
    kms = role.clients("kms")
    opened = permitted(
        kms.decrypt, KeyId=key, CiphertextBlob=made["CiphertextBlob"], EncryptionContext=person
    )
    sealed = permitted(
        kms.generate_data_key, KeyId=key, KeySpec="AES_256", EncryptionContext=person
    )
    assert opened is (role.function.personal_data is not None)
    assert sealed is (role.function.name == "graphql_api")


def test_a_role_speaks_for_the_platform_only_where_its_function_does(role: Role) -> None:
    bus = role.clients("events")

    def put(name: str) -> bool:
        entry = {"Source": "probe", "DetailType": "probe", "Detail": "{}", "EventBusName": name}
        return permitted(bus.put_events, Entries=[entry])

    assert put(role.endpoints.outputs["EventBusName"]) is role.function.publishes
    assert put("default") is role.function.reports_scans
    mail = {
        "FromEmailAddress": "stranger@elsewhere.example",
        "Destination": {"ToAddresses": ["nobody@example.com"]},
        "Content": {"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}},
    }
    assert not permitted(role.clients("sesv2").send_email, **mail)


def test_a_role_cannot_help_itself_to_more(role: Role) -> None:
    functions, mine = role.clients("lambda"), {"FunctionName": deployed(role.function)}
    assert not permitted(role.clients("iam").list_roles)
    assert not permitted(functions.invoke, **mine, Payload=b"{}")
    assert not permitted(functions.update_function_configuration, **mine, Timeout=30)
    again = role.clients("sts").assume_role
    assert not permitted(again, RoleArn=role.arn, RoleSessionName="again")
