"""What runs: mappings, schedules, and how every function is set up."""

import json

import pytest

from infra.functions import FUNCTIONS, WORKERS
from infra.model import Function, Queued, Stream
from infra.stages import ROOT
from shared.platform.queues import CheckMessage, decode
from tests.infra.templates import Synthesised, text

pytestmark = pytest.mark.infra

MAPPING = "AWS::Lambda::EventSourceMapping"
FUNCTION = "AWS::Lambda::Function"


def mapping(stage: Synthesised, name: str) -> dict:
    (found,) = [
        each
        for each in stage.of_type(MAPPING).values()
        if name.replace("_", "") in text(each["FunctionName"])
    ]
    return found


def test_the_outbox_is_followed_without_losing_or_blocking(prod: Synthesised) -> None:
    found = mapping(prod, "publish_outbox")
    assert "StreamArn" in text(found["EventSourceArn"])
    assert found["BatchSize"] == 10
    assert found["BisectBatchOnFunctionError"] is True
    assert found["MaximumRetryAttempts"] == 5
    assert found["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert found["StartingPosition"] == "TRIM_HORIZON"
    assert "sweep" in text(found["DestinationConfig"]["OnFailure"]["Destination"])
    (pattern,) = found["FilterCriteria"]["Filters"]
    assert json.loads(pattern["Pattern"]) == {"eventName": ["INSERT"]}


@pytest.mark.parametrize(
    "worker", [each for each in WORKERS if isinstance(each.trigger, Queued)], ids=lambda f: f.name
)
def test_a_worker_takes_batches_of_which_parts_may_fail(
    local: Synthesised, prod: Synthesised, worker: Function
) -> None:
    found = mapping(local if worker.name == "scan_upload" else prod, worker.name)
    assert found["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert found["BatchSize"] == worker.trigger.batch
    if worker.name != "scan_upload":
        assert found["ScalingConfig"] == {"MaximumConcurrency": worker.trigger.concurrency}


def test_one_machine_is_not_flooded_with_runs(local: Synthesised) -> None:
    limits = [
        each["ScalingConfig"]["MaximumConcurrency"]
        for each in local.of_type(MAPPING).values()
        if "ScalingConfig" in each
    ]
    assert limits == [2] * (len(WORKERS) - 1)


def test_every_worker_has_exactly_one_trigger(local: Synthesised) -> None:
    assert len(local.of_type(MAPPING)) == len(WORKERS) == 22
    assert [each.name for each in WORKERS if isinstance(each.trigger, Stream)] == ["publish_outbox"]


def test_schedules_leave_checks_that_workers_understand(prod: Synthesised) -> None:
    schedules = {each["Name"]: each for each in prod.of_type("AWS::Scheduler::Schedule").values()}
    assert {name: each["ScheduleExpression"] for name, each in schedules.items()} == {
        "baobab-prod-poll": "rate(1 minute)",
        "baobab-prod-market": "rate(1 minute)",
        "baobab-prod-history": "rate(60 minutes)",
        "baobab-prod-watch": "rate(1 minute)",
        "baobab-prod-session": "rate(1 minute)",
        "baobab-prod-sweep": "rate(5 minutes)",
        "baobab-prod-treasury": "rate(15 minutes)",
        "baobab-prod-reconciliation": "rate(60 minutes)",
    }
    for name, each in schedules.items():
        message, _correlation = decode(each["Target"]["Input"])
        assert message == CheckMessage(name.removeprefix("baobab-prod-"), {}, 0)
        assert "undelivered" in text(each["Target"]["DeadLetterConfig"])
        assert each["FlexibleTimeWindow"] == {"Mode": "OFF"}


def test_a_function_without_a_managed_scanner_scans_instead(
    local: Synthesised, prod: Synthesised
) -> None:
    def names(stage: Synthesised) -> set[str]:
        return {each["FunctionName"] for each in stage.of_type(FUNCTION).values()}

    assert "baobab-local-scan-upload" in names(local)
    assert len(names(local)) == len(FUNCTIONS)
    assert "baobab-prod-scan-upload" not in names(prod)
    assert len(names(prod)) == len(FUNCTIONS) - 1


def test_functions_on_aws_run_on_arm_and_are_traced(prod: Synthesised) -> None:
    for found in prod.of_type(FUNCTION).values():
        assert found["Architectures"] == ["arm64"]
        assert found["Runtime"] == "python3.13"
        assert found["TracingConfig"] == {"Mode": "Active"}
        assert found["Timeout"] <= 120


def test_each_function_has_a_log_of_its_own_that_is_encrypted_and_ends(
    prod: Synthesised,
) -> None:
    groups = prod.of_type("AWS::Logs::LogGroup", "workers")
    groups |= prod.of_type("AWS::Logs::LogGroup", "api")
    used = {found["LoggingConfig"]["LogGroup"]["Ref"] for found in prod.of_type(FUNCTION).values()}
    assert len(used) == len(prod.of_type(FUNCTION))
    assert used < groups.keys()
    for group in groups.values():
        assert group["RetentionInDays"] == 365
        assert "LogsKey" in text(group["KmsKeyId"])


def test_errors_and_throttles_of_each_function_ring(prod: Synthesised) -> None:
    names = {each["AlarmName"] for each in prod.of_type("AWS::CloudWatch::Alarm").values()}
    for found in prod.of_type(FUNCTION).values():
        assert f"{found['FunctionName']}-errors" in names
        assert f"{found['FunctionName']}-throttles" in names
    assert "baobab-prod-publish-outbox-iterator-age" in names


def test_concurrency_is_reserved_where_the_stage_says_so(
    prod: Synthesised, local: Synthesised
) -> None:
    def reserved(stage: Synthesised) -> dict[str, int]:
        return {
            each["FunctionName"]: each["ReservedConcurrentExecutions"]
            for each in stage.of_type(FUNCTION).values()
            if "ReservedConcurrentExecutions" in each
        }

    assert reserved(prod) == {
        "baobab-prod-graphql-api": 300,
        "baobab-prod-receive-webhook": 100,
    }
    assert reserved(local) == {}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.name)
def test_the_handler_of_a_function_exists(function: Function) -> None:
    package, _handler, _function = function.handler.rsplit(".", 2)
    folder = ROOT / package.replace(".", "/")
    if package == "graphql_api":
        folder = ROOT / "graphql" / package
    assert (folder / "handler.py").exists()


def test_everything_is_tagged(prod: Synthesised) -> None:
    for found in prod.of_type(FUNCTION).values():
        tags = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
        assert tags == {"project": "baobab", "stage": "prod"}
