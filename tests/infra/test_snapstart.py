"""Where a stage asks for it, everything calls published versions that start from a snapshot."""

import re
from typing import Any

import pytest

from infra.functions import FUNCTIONS
from infra.stages import file_context, read_stage
from tests.infra.templates import Synthesised, text

pytestmark = pytest.mark.infra

FUNCTION, VERSION, ALIAS = "AWS::Lambda::Function", "AWS::Lambda::Version", "AWS::Lambda::Alias"
MAPPING, PERMISSION = "AWS::Lambda::EventSourceMapping", "AWS::Lambda::Permission"
INTEGRATION = "AWS::ApiGatewayV2::Integration"


def ours(stage: Synthesised) -> dict[str, dict[str, Any]]:
    """Functions of the table by logical id; the CDK may add some of its own."""
    names = {f"baobab-{stage.name}-{each.name.replace('_', '-')}" for each in FUNCTIONS}
    return {
        logical_id: each
        for logical_id, each in stage.of_type(FUNCTION).items()
        if each["FunctionName"] in names
    }


def target(value: Any) -> str:
    """The logical id behind a reference, whether to a name or to an ARN."""
    (name,) = re.findall(r'"(?:Ref|Fn::GetAtt)": \[?"(\w+)"', text(value))
    return str(name)


def called(stage: Synthesised) -> list[object]:
    """Whom queues, streams and the API call."""
    mappings = [each["FunctionName"] for each in stage.of_type(MAPPING).values()]
    integrations = [each["IntegrationUri"] for each in stage.of_type(INTEGRATION).values()]
    permissions = [each["FunctionName"] for each in stage.of_type(PERMISSION).values()]
    assert mappings
    assert integrations
    assert permissions
    return [*mappings, *integrations, *permissions]


def test_every_function_gets_a_snapshot_when_a_version_is_published(prod: Synthesised) -> None:
    # All but the scanner, whose work a managed one does on AWS.
    assert len(ours(prod)) == len(FUNCTIONS) - 1
    for function in ours(prod).values():
        assert function["SnapStart"] == {"ApplyOn": "PublishedVersions"}


def test_each_function_has_one_published_version_and_one_alias_for_it(prod: Synthesised) -> None:
    published = {
        logical_id: each["FunctionName"]["Ref"]
        for logical_id, each in prod.of_type(VERSION).items()
    }
    assert sorted(published.values()) == sorted(ours(prod))
    for alias in prod.of_type(ALIAS).values():
        assert alias["Name"] == "live"
        version = alias["FunctionVersion"]["Fn::GetAtt"][0]
        assert alias["FunctionName"] == {"Ref": published.pop(version)}
    assert published == {}


def test_queues_streams_and_the_api_call_the_alias_and_nothing_else(prod: Synthesised) -> None:
    assert {target(each) for each in called(prod)} == set(prod.of_type(ALIAS))


def test_nothing_is_asked_for_that_excludes_a_snapshot(prod: Synthesised) -> None:
    for function in ours(prod).values():
        assert function["Runtime"] == "python3.13"
        assert function["Architectures"] == ["arm64"]
        assert "FileSystemConfigs" not in function
        assert "EphemeralStorage" not in function
    for kind in (ALIAS, VERSION):
        for each in prod.of_type(kind).values():
            assert "ProvisionedConcurrencyConfig" not in each


def test_an_older_version_goes_when_a_newer_one_is_live(prod: Synthesised) -> None:
    # Each one that stays costs the storage of its snapshot.
    kept = {
        resource.get("DeletionPolicy", "Delete")
        for _, resource in prod.resources()
        if resource["Type"] == VERSION
    }
    assert kept == {"Delete"}


@pytest.mark.parametrize("stage", ["dev", "local"])
def test_without_the_switch_nothing_is_published(
    stage: str, request: pytest.FixtureRequest
) -> None:
    synthesised: Synthesised = request.getfixturevalue(stage)
    assert synthesised.of_type(VERSION) == {}
    assert synthesised.of_type(ALIAS) == {}
    assert all("SnapStart" not in each for each in ours(synthesised).values())
    functions = ours(synthesised)
    assert {target(each) for each in called(synthesised)} <= set(functions)


def test_a_stage_that_does_not_run_on_aws_has_no_snapshots() -> None:
    context = file_context()
    context["stages"]["local"]["snap_start"] = True
    with pytest.raises(ValueError, match="snap_start needs AWS"):
        read_stage(context, name="local")
