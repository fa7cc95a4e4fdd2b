"""One Lambda function as the table describes it: role, log, environment, alarms."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
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


class Compute(Construct):
    """A function with a role of its own that holds its rights and nothing else."""

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
        )
        self._alarms(function, at)

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
