"""One Lambda function as the table describes it: role, log, environment, alarms."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Annotations, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.alarms import alarm
from infra.bundling import RUNTIME, code
from infra.environment import environment
from infra.grants import statements
from infra.model import Function
from infra.resources import Resources

LIVE = "live"
"""Name of the alias that stands for the published version."""


class Compute(Construct):
    """A function with a role of its own that holds its rights and nothing else."""

    called: lambda_.IFunction
    """What others call: the function itself, or its published version with a snapshot."""

    def __init__(
        self, scope: Construct, function: Function, at: Resources, given: Mapping[str, str]
    ) -> None:
        super().__init__(scope, function.name)
        stage = at.stage
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group = logs.LogGroup(
            self,
            "Log",
            retention=stage.retention,
            encryption_key=at.logs_key,
            removal_policy=stage.removal,
        )
        self.allow(
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[log_group.log_group_arn],
            ),
            *statements(function, at),
        )
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=stage.physical_name(function.name),
            runtime=RUNTIME,
            architecture=stage.architecture,
            handler=function.handler,
            code=code(function.groups, stage),
            role=self.role,
            memory_size=function.memory,
            timeout=Duration.seconds(function.timeout),
            log_group=log_group,
            tracing=lambda_.Tracing.ACTIVE if stage.on_aws else lambda_.Tracing.DISABLED,
            reserved_concurrent_executions=stage.concurrency.get(function.name),
            environment=environment(function.settings, at.values(function, given)),
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if stage.snap_start else None,
            **_network(function, at),
        )
        self.called = self._published() if stage.snap_start else self.function
        self._alarms(function, at)

    def _published(self) -> lambda_.IFunction:
        """Snapshots exist of published versions only; the newest alone is kept."""
        # True of functions that nobody publishes: this one is published below.
        Annotations.of(self.function).acknowledge_warning(
            "@aws-cdk/aws-lambda:snapStartRequirePublish"
        )
        return lambda_.Alias(self, "Live", alias_name=LIVE, version=self.function.current_version)

    def allow(self, *granted: iam.PolicyStatement) -> None:
        """Add to what the function may do."""
        for statement in granted:
            self.role.add_to_principal_policy(statement)

    def _alarms(self, function: Function, at: Resources) -> None:
        name = function.name.replace("_", "-")
        minutes = Duration.minutes(5)
        for what in ("errors", "throttles"):
            metric: cloudwatch.Metric = getattr(self.function, f"metric_{what}")(
                period=minutes, statistic="Sum"
            )
            alarm(self, at.stage, f"{name}-{what}", metric, above=0, periods=1)


def _network(function: Function, at: Resources) -> dict[str, Any]:
    """Where a function runs that uses the stage's cache; all others run outside of it."""
    if not function.price_cache or at.price_cache is None:
        return {}
    return {
        "vpc": at.price_cache.vpc,
        "vpc_subnets": ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
        "security_groups": [at.price_cache.clients],
    }
