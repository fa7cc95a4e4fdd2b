"""A burst of work is done by a few environments, and a call never waits for itself."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

pytestmark = pytest.mark.emulator

ENVIRONMENTS_MAX = max(2, os.cpu_count() or 1)
COUNT_BY_PROCESS = """
import os, time
import boto3
sqs = boto3.client("sqs")

def handler(event, context):
    for record in event["Records"]:
        sqs.send_message(QueueUrl=os.environ["DONE"], MessageBody=str(os.getpid()))
    time.sleep(0.02)
"""


def test_a_burst_of_messages_is_worked_off_by_few_environments(cloud: Any) -> None:
    done_url, _ = cloud.queue("burst-done")
    url, arn = cloud.queue("burst")
    cloud.function("burst", COUNT_BY_PROCESS, DONE=done_url)
    for number in range(30):
        cloud.client("sqs").send_message(QueueUrl=url, MessageBody=str(number))

    cloud.client("lambda").create_event_source_mapping(
        EventSourceArn=arn,
        FunctionName="burst",
        BatchSize=1,
        ScalingConfig={"MaximumConcurrency": 20},
    )

    processes = cloud.received(done_url, 30)
    assert len(processes) == 30
    assert len(set(processes)) <= ENVIRONMENTS_MAX


def test_a_burst_of_calls_is_answered_by_few_environments(cloud: Any) -> None:
    source = (
        "import os, time\n"
        "def handler(event, context):\n"
        "    time.sleep(0.02)\n"
        "    return os.getpid()\n"
    )
    cloud.function("calls", source)

    with ThreadPoolExecutor(12) as threads:
        processes = list(threads.map(lambda _: cloud.invoke("calls"), range(24)))

    assert len(processes) == 24
    assert len(set(processes)) <= ENVIRONMENTS_MAX


def test_a_function_that_calls_itself_is_answered(cloud: Any) -> None:
    source = (
        "import json, boto3\n"
        "def handler(event, context):\n"
        "    left = event.get('left', 0)\n"
        "    if not left:\n"
        "        return 0\n"
        "    payload = json.dumps({'left': left - 1})\n"
        "    answer = boto3.client('lambda').invoke(FunctionName='nested', Payload=payload)\n"
        "    return 1 + json.loads(answer['Payload'].read())\n"
    )
    cloud.function("nested", source, "lambda:InvokeFunction")

    assert cloud.invoke("nested", {"left": ENVIRONMENTS_MAX}) == ENVIRONMENTS_MAX
