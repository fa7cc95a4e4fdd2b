"""Functions run on the project's dependencies, on their own code, and answer fast."""

import importlib.metadata
import time
from typing import Any

import pytest

pytestmark = pytest.mark.emulator

REPORT = """
import importlib.metadata, importlib.util, os, sys

def handler(event, context):
    return {
        "boto3": importlib.metadata.version("boto3"),
        "python": list(sys.version_info[:2]),
        "sees": [n for n in ("shared", "functions", "graphql_api") if importlib.util.find_spec(n)],
        "environment": sorted(os.environ),
    }
"""
SILENT = "def handler(event, context): return event"
STOCK_LOG_WAIT_S = 0.050


def test_a_function_runs_on_the_projects_dependencies(cloud: Any) -> None:
    cloud.function("report-versions", REPORT)

    told = cloud.invoke("report-versions")

    assert told["boto3"] == importlib.metadata.version("boto3")
    assert told["python"] == [3, 13]


def test_a_function_sees_no_code_but_its_own(cloud: Any) -> None:
    cloud.function("report-path", REPORT)

    assert cloud.invoke("report-path")["sees"] == []


def test_a_function_gets_its_own_variables_and_none_of_the_callers(cloud: Any) -> None:
    cloud.function("report-environment", REPORT, OWN="1")

    names = cloud.invoke("report-environment")["environment"]

    assert "OWN" in names
    assert not [name for name in names if name.startswith(("PYTEST", "PIP_", "SSL_"))]


def test_a_function_is_refused_what_its_role_does_not_allow(cloud: Any) -> None:
    source = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    try:\n"
        "        boto3.client('sqs').list_queues()\n"
        "    except Exception as error:\n"
        "        return type(error).__name__ + ' ' + str(error)\n"
    )
    cloud.function("forbidden", source, "dynamodb:GetItem")

    assert "AccessDenied" in cloud.invoke("forbidden")


def test_a_function_that_raised_is_still_warm(cloud: Any) -> None:
    source = (
        "calls = []\n"
        "def handler(event, context):\n"
        "    calls.append(1)\n"
        "    if event.get('raise'):\n"
        "        raise ValueError('on purpose')\n"
        "    return len(calls)\n"
    )
    cloud.function("raising-handler", source)

    failed = cloud.invoke("raising-handler", {"raise": True})

    assert failed["errorMessage"] == "on purpose"
    assert cloud.invoke("raising-handler") == 2


def test_a_silent_call_does_not_wait_for_logs(cloud: Any) -> None:
    cloud.function("silent", SILENT)
    cloud.invoke("silent")
    taken = []
    for _ in range(20):
        started = time.perf_counter()
        cloud.invoke("silent")
        taken.append(time.perf_counter() - started)

    # The stock wait is a lower bound of every call; a busy machine slows some, not all.
    assert min(taken) < STOCK_LOG_WAIT_S


def test_every_line_of_a_call_is_in_its_own_log(cloud: Any) -> None:
    source = (
        "import sys\n"
        "def handler(event, context):\n"
        "    for number in range(event['lines']):\n"
        "        print(f'line {number} of {event[\"name\"]}')\n"
        "    print(f'last of {event[\"name\"]}', end='\\n', file=sys.stderr)\n"
        "    return 'x' * 100_000\n"
    )
    cloud.function("talkative", source)
    calls = {"first": 0, "second": 300, "third": 1}
    for name, lines in calls.items():
        cloud.invoke("talkative", {"name": name, "lines": lines})

    logs = cloud.client("logs")
    told = {}
    for stream in logs.describe_log_streams(logGroupName="/aws/lambda/talkative")["logStreams"]:
        events = logs.get_log_events(
            logGroupName="/aws/lambda/talkative", logStreamName=stream["logStreamName"]
        )["events"]
        spoken = [event["message"] for event in events]
        assert [line.split(" ")[0] for line in spoken[:1] + spoken[-2:]] == [
            "START",
            "END",
            "REPORT",
        ]
        told[spoken[-3].removeprefix("last of ")] = spoken[1:-2]
    assert told == {
        name: [*(f"line {number} of {name}" for number in range(lines)), f"last of {name}"]
        for name, lines in calls.items()
    }
