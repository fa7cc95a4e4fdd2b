"""The local stage holds only what the embedded AWS can create: one other type fails it all."""

import pytest

from tests.infra.templates import Synthesised

pytestmark = pytest.mark.infra

CREATED_FOR_REAL = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CDK::Metadata",
    "AWS::CloudWatch::Alarm",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::DynamoDB::Table",
    "AWS::Events::EventBus",
    "AWS::Events::Rule",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SES::EmailIdentity",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::SecretsManager::Secret",
}


def test_every_local_type_is_one_the_embedded_aws_creates(local: Synthesised) -> None:
    used = {resource["Type"] for _, resource in local.resources()}
    assert used - CREATED_FOR_REAL == set()


def test_no_stage_needs_a_custom_resource(prod: Synthesised, local: Synthesised) -> None:
    for stage in (prod, local):
        kinds = {resource["Type"] for _, resource in stage.resources()}
        assert {each for each in kinds if each.startswith("Custom::")} == set()
        assert "AWS::CloudFormation::CustomResource" not in kinds
