"""Table streams reach functions with AWS's failure handling: nothing lost, nothing stuck."""

import json
from typing import Any

import pytest

pytestmark = pytest.mark.emulator

# Reports each key it is done with to a queue; what it does with others is told by their names.
SOURCE = """
import os
import boto3

sqs = boto3.client("sqs")
seen = set()

def handler(event, context):
    for record in event["Records"]:
        key = record["dynamodb"]["Keys"]["id"]["S"]
        once = key.startswith("once") and key not in seen
        seen.add(key)
        if key.startswith("poison") or once:
            if os.environ.get("RAISES"):
                raise ValueError(key)
            number = record["dynamodb"]["SequenceNumber"]
            return {"batchItemFailures": [{"itemIdentifier": number}]}
        sqs.send_message(QueueUrl=os.environ["DONE"], MessageBody=key)
    return {"batchItemFailures": []}
"""


def _table(cloud: Any, name: str) -> str:
    """ARN of the stream of a new table."""
    made = cloud.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    return str(made["TableDescription"]["LatestStreamArn"])


def _put(cloud: Any, table: str, *keys: str) -> None:
    for key in keys:
        cloud.client("dynamodb").put_item(TableName=table, Item={"id": {"S": key}})


def _mapping(cloud: Any, name: str, stream: str, **settings: Any) -> str:
    """Maps the stream to a new function; the URL of the queue where it tells what it has done."""
    done, _ = cloud.queue(f"{name}-done")
    raising = {"RAISES": "1"} if not settings.get("FunctionResponseTypes") else {}
    cloud.function(name, SOURCE, DONE=done, **raising)
    cloud.client("lambda").create_event_source_mapping(
        EventSourceArn=stream, FunctionName=name, StartingPosition="TRIM_HORIZON", **settings
    )
    return str(done)


def test_a_partly_failed_batch_is_repeated_from_its_first_failure(cloud: Any) -> None:
    stream = _table(cloud, "partial")
    _put(cloud, "partial", "a", "once", "b")

    done = _mapping(cloud, "partial", stream, FunctionResponseTypes=["ReportBatchItemFailures"])

    assert cloud.received(done, 3) == ["a", "once", "b"]


def test_a_poisonous_record_is_cut_out_and_its_neighbours_go_through(cloud: Any) -> None:
    stream = _table(cloud, "poisoned")
    _put(cloud, "poisoned", "a", "poison", "b")
    failed_url, failed_arn = cloud.queue("poisoned-failed")

    done = _mapping(
        cloud,
        "poisoned",
        stream,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        MaximumRetryAttempts=1,
        BisectBatchOnFunctionError=True,
        DestinationConfig={"OnFailure": {"Destination": failed_arn}},
    )

    assert cloud.received(done, 2) == ["a", "b"]
    given_up = [json.loads(body) for body in cloud.received(failed_url, 1)]
    assert [g["requestContext"]["condition"] for g in given_up] == ["RetryAttemptsExhausted"]
    assert [g["DDBStreamBatchInfo"]["batchSize"] for g in given_up] == [1]


def test_a_function_that_raises_is_given_up_after_its_retries(cloud: Any) -> None:
    stream = _table(cloud, "raising")
    _put(cloud, "raising", "poison", "next")
    failed_url, failed_arn = cloud.queue("raising-failed")

    done = _mapping(
        cloud,
        "raising",
        stream,
        BatchSize=1,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": failed_arn}},
    )

    assert cloud.received(done, 1) == ["next"]
    assert len(cloud.received(failed_url, 1)) == 1


def test_a_stuck_stream_holds_up_no_queue(cloud: Any) -> None:
    stream = _table(cloud, "stuck")
    _put(cloud, "stuck", "poison")
    done = _mapping(cloud, "stuck", stream, FunctionResponseTypes=["ReportBatchItemFailures"])
    inbox_url, inbox_arn = cloud.queue("beside-inbox")
    outbox_url, _ = cloud.queue("beside-outbox")
    source = (
        "import os, boto3\n"
        "def handler(event, context):\n"
        "    for record in event['Records']:\n"
        "        boto3.client('sqs').send_message(\n"
        "            QueueUrl=os.environ['TO'], MessageBody=record['body'])\n"
    )
    cloud.function("beside", source, TO=outbox_url)
    lambdas = cloud.client("lambda")
    lambdas.create_event_source_mapping(EventSourceArn=inbox_arn, FunctionName="beside")

    cloud.client("sqs").send_message(QueueUrl=inbox_url, MessageBody="through")

    assert cloud.received(outbox_url, 1) == ["through"]
    assert cloud.received(done, 0) == []
