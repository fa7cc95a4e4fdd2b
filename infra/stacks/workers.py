"""Everything that runs without being asked by a client: workers, the outbox, schedules."""

import json
from typing import Any

import jsii
from aws_cdk import CfnOutput, Duration, Environment, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.alarms import alarm
from infra.compute import Compute
from infra.functions import WORKERS
from infra.grants import allow, use_key
from infra.model import Function, Queued, Schedule, Stream
from infra.resources import Resources
from infra.stacks.messaging import UNDELIVERED

RETRIES = 5


@jsii.implements(lambda_.IEventSourceDlq)
class _LeftOn:
    """The queue for batches that were given up; its rights are granted with all others."""

    def __init__(self, queue: sqs.Queue) -> None:
        self._arn = queue.queue_arn

    def bind(self, *_ignored: Any, **_named: Any) -> lambda_.DlqDestinationConfig:
        """What the mapping needs to know."""
        return lambda_.DlqDestinationConfig(destination=self._arn)


class WorkersStack(Stack):
    """One function per queue, and the publisher behind the outbox."""

    def __init__(
        self, scope: Construct, at: Resources, env: Environment, webhook_base_url: str
    ) -> None:
        super().__init__(scope, at.stage.stack_name("workers"), env=env)
        self._at = at
        self.functions: dict[str, lambda_.Function] = {}
        for worker in WORKERS:
            if worker.reports_scans and at.stage.malware_scanner != "function":
                continue
            told = "webhook_base_url" in worker.values
            given = {"webhook_base_url": webhook_base_url} if told else {}
            compute = Compute(self, worker, at, given)
            self.functions[worker.name] = compute.function
            match worker.trigger:
                case Queued() as trigger:
                    self._take_from_queue(compute, trigger)
                case Stream() as trigger:
                    self._follow_table(compute, worker, trigger)
        self._schedules()
        CfnOutput(
            self,
            "RefreshMarketFunction",
            value=self.functions["refresh_market"].function_name,
        )

    def _take_from_queue(self, compute: Compute, trigger: Queued) -> None:
        queue = self._at.queues[trigger.queue]
        compute.allow(
            allow(
                [
                    "sqs:ReceiveMessage",
                    "sqs:DeleteMessage",
                    "sqs:ChangeMessageVisibility",
                    "sqs:GetQueueAttributes",
                    "sqs:GetQueueUrl",
                ],
                [queue.queue_arn],
            ),
            use_key(self._at.messages_key.key_arn, "sqs", self._at),
        )
        mapping = lambda_.EventSourceMapping(
            compute,
            "Queue",
            target=compute.called,
            event_source_arn=queue.queue_arn,
            batch_size=trigger.batch,
            max_concurrency=min(trigger.concurrency, self._at.stage.most_runs_per_queue),
            report_batch_item_failures=True,
        )
        mapping.node.add_dependency(compute.role)

    def _follow_table(self, compute: Compute, worker: Function, trigger: Stream) -> None:
        table = self._at.tables[trigger.table]
        failures = self._at.queues[trigger.failures]
        stream = table.table_stream_arn
        assert stream is not None  # noqa: S101 - narrows the type
        compute.allow(
            allow(
                [
                    "dynamodb:DescribeStream",
                    "dynamodb:GetRecords",
                    "dynamodb:GetShardIterator",
                    "dynamodb:ListStreams",
                ],
                [stream],
            ),
            use_key(self._at.data_key.key_arn, "dynamodb", self._at),
            allow(["sqs:SendMessage"], [failures.queue_arn]),
            use_key(self._at.messages_key.key_arn, "sqs", self._at, write=True),
        )
        mapping = lambda_.EventSourceMapping(
            compute,
            "Stream",
            target=compute.called,
            event_source_arn=stream,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=trigger.batch,
            retry_attempts=RETRIES,
            bisect_batch_on_error=True,
            report_batch_item_failures=True,
            on_failure=_LeftOn(failures),
            # Expiry by TTL is a removal and no news.
            filters=[
                lambda_.FilterCriteria.filter({"eventName": lambda_.FilterRule.is_equal("INSERT")})
            ],
        )
        mapping.node.add_dependency(compute.role)
        age = compute.function.metric("IteratorAge", statistic="Maximum")
        name = worker.name.replace("_", "-")
        alarm(compute, self._at.stage, f"{name}-iterator-age", age, above=60_000, periods=1)

    def _schedules(self) -> None:
        role = iam.Role(
            self,
            "SchedulerRole",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            ),
        )
        group = scheduler.CfnScheduleGroup(
            self, "Schedules", name=self._at.stage.physical_name("schedules")
        )
        targets = [self._at.dead_letters[UNDELIVERED].queue_arn]
        for worker in WORKERS:
            trigger = worker.trigger
            if isinstance(trigger, Queued) and trigger.schedule:
                queue = self._at.queues[trigger.queue]
                targets.append(queue.queue_arn)
                self._schedule(trigger.schedule, queue.queue_arn, role, group)
        role.add_to_principal_policy(allow(["sqs:SendMessage"], targets))
        role.add_to_principal_policy(
            use_key(self._at.messages_key.key_arn, "sqs", self._at, write=True)
        )

    def _schedule(
        self,
        wanted: Schedule,
        queue_arn: str,
        role: iam.Role,
        group: scheduler.CfnScheduleGroup,
    ) -> None:
        unit = "minute" if wanted.minutes == 1 else "minutes"
        schedule = scheduler.CfnSchedule(
            self,
            f"Every-{wanted.check}",
            name=self._at.stage.physical_name(wanted.check),
            group_name=group.name,
            schedule_expression=f"rate({wanted.minutes} {unit})",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=queue_arn,
                role_arn=role.role_arn,
                input=json.dumps({"check": wanted.check, "subject": {}, "attempt": 0}),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(
                    arn=self._at.dead_letters[UNDELIVERED].queue_arn
                ),
                # The next tick does the same work: an old one is worth nothing.
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=int(
                        Duration.minutes(max(wanted.minutes, 1)).to_seconds()
                    ),
                    maximum_retry_attempts=3,
                ),
            ),
        )
        schedule.add_resource_dependency(group)
