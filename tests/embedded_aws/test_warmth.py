"""Functions of a stack are started before anybody calls them."""

import json
from typing import Any

import pytest

pytestmark = pytest.mark.emulator

IMPORTED = """
import os
import boto3
boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody="imported")
def handler(event, context):
    return "called"
"""


def _deploy(cloud: Any, name: str, source: str, queue_url: str) -> None:
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": name,
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": cloud.role(f"{name}-role", "sqs:SendMessage"),
            "Code": {"ZipFile": source},
            "Environment": {"Variables": {"QUEUE": queue_url}},
        },
    }
    formation = cloud.client("cloudformation")
    template = json.dumps({"Resources": {"Function": function}})
    formation.create_stack(StackName=f"stack-{name}", TemplateBody=template)
    formation.get_waiter("stack_create_complete").wait(
        StackName=f"stack-{name}", WaiterConfig={"Delay": 0.05, "MaxAttempts": 200}
    )


def test_a_function_of_a_new_stack_starts_without_a_call_and_only_once(cloud: Any) -> None:
    url, _ = cloud.queue("imports")

    _deploy(cloud, "ahead", IMPORTED, url)

    assert cloud.received(url, 1) == ["imported"]
    assert cloud.invoke("ahead") == "called"
    assert cloud.received(url, 0) == []


def test_a_function_that_cannot_be_imported_keeps_no_other_from_starting(cloud: Any) -> None:
    url, _ = cloud.queue("imports-after")

    _deploy(cloud, "broken", "import nothing_like_this", url)
    _deploy(cloud, "after", IMPORTED, url)

    assert cloud.received(url, 1) == ["imported"]
    assert "nothing_like_this" in cloud.invoke("broken")["errorMessage"]
