"""How parts talk: the bus, its rules, and a queue with a dead-letter queue for each worker."""

from collections.abc import Mapping

from aws_cdk import CfnOutput, Duration, Environment, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.alarms import alarm
from infra.functions import QUEUES
from infra.model import AwsEvents, Function, Queued
from infra.stages import Stage

KEPT = Duration.days(14)
MAX_RECEIVES = 5
UNDELIVERED = "undelivered"
"""What a rule or a schedule could not hand over."""
SOURCE = "baobab"


class MessagingStack(Stack):
    """Always rule, queue, function; whatever fails for good is kept and rings an alarm."""

    def __init__(
        self, scope: Construct, stage: Stage, env: Environment, buckets: dict[str, s3.Bucket]
    ) -> None:
        super().__init__(scope, stage.stack_name("messaging"), env=env)
        self._stage, self._buckets = stage, buckets
        self.key = self._key()
        self.bus = events.EventBus(self, "Bus", event_bus_name=stage.physical_name("events"))
        if stage.on_aws:
            self.bus.archive(
                "Archive",
                event_pattern=events.EventPattern(source=[SOURCE]),
                retention=Duration.days(90),
            )
        self.undelivered = self._dead_letters(UNDELIVERED)
        self.dead_letters = {UNDELIVERED: self.undelivered}
        self.queues: dict[str, sqs.Queue] = {}
        for name, worker in QUEUES.items():
            self._queue(name, worker)
            self._rules(name, worker)
        self._accept_from_rules(self.undelivered)
        CfnOutput(self, "EventBusName", value=self.bus.event_bus_name)

    def _key(self) -> kms.Key:
        key = kms.Key(
            self,
            "MessagesKey",
            description=f"Baobab {self._stage.name}: messages on queues",
            enable_key_rotation=True,
            removal_policy=self._stage.removal,
        )
        key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["kms:GenerateDataKey", "kms:Decrypt"],
                resources=["*"],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        return key

    def _dead_letters(self, name: str) -> sqs.Queue:
        allowed = sqs.RedriveAllowPolicy(redrive_permission=sqs.RedrivePermission.DENY_ALL)
        if name != UNDELIVERED:
            # By name: each of the two queues would otherwise have to exist before the other.
            source = self.format_arn(service="sqs", resource=self._stage.physical_name(name))
            allowed = sqs.RedriveAllowPolicy(
                source_queues=[sqs.Queue.from_queue_arn(self, f"{name}-source", source)]
            )
        queue = sqs.Queue(
            self,
            f"{name}-dlq",
            queue_name=self._stage.physical_name(f"{name}-dlq"),
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=self.key,
            enforce_ssl=self._stage.on_aws,
            retention_period=KEPT,
            redrive_allow_policy=allowed,
            removal_policy=self._stage.removal,
        )
        depth = queue.metric_approximate_number_of_messages_visible(
            period=Duration.minutes(1), statistic="Maximum"
        )
        alarm(self, self._stage, f"{name}-dlq-depth", depth, above=0, periods=1)
        return queue

    def _queue(self, name: str, worker: Function) -> None:
        self.dead_letters[name] = self._dead_letters(name)
        queue = self.queues[name] = sqs.Queue(
            self,
            name,
            queue_name=self._stage.physical_name(name),
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=self.key,
            enforce_ssl=self._stage.on_aws,
            # Six runs must fit, or a message would be handed out again while it is worked on.
            visibility_timeout=Duration.seconds(6 * worker.timeout),
            retention_period=KEPT,
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.dead_letters[name], max_receive_count=MAX_RECEIVES
            ),
            removal_policy=self._stage.removal,
        )
        age = queue.metric_approximate_age_of_oldest_message(
            period=Duration.minutes(1), statistic="Maximum"
        )
        waiting = queue.metric_approximate_number_of_messages_visible(
            period=Duration.minutes(1), statistic="Maximum"
        )
        alarm(self, self._stage, f"{name}-age", age, above=15 * 60, periods=3)
        alarm(self, self._stage, f"{name}-depth", waiting, above=1000, periods=5)

    def _rules(self, name: str, worker: Function) -> None:
        trigger = worker.trigger
        if not isinstance(trigger, Queued) or not (trigger.events or trigger.aws_events):
            return
        if trigger.events:
            ours = {"source": [SOURCE], "detail-type": list(trigger.events)}
            self._rule(f"{name}-events", self.bus.event_bus_name, ours, name)
        if trigger.aws_events:
            self._rule(f"{name}-aws-events", None, self._about_bucket(trigger.aws_events), name)
        self._accept_from_rules(self.queues[name])

    def _about_bucket(self, wanted: AwsEvents) -> dict[str, object]:
        detail: object = [self._buckets[wanted.bucket].bucket_name]
        for part in reversed(wanted.bucket_path):
            detail = {part: detail}
        return {
            "source": list(wanted.sources),
            "detail-type": [wanted.detail_type],
            "detail": detail,
        }

    def _rule(self, name: str, bus: str | None, pattern: Mapping[str, object], queue: str) -> None:
        events.CfnRule(
            self,
            name,
            name=self._stage.physical_name(name),
            event_bus_name=bus,
            event_pattern=pattern,
            targets=[
                events.CfnRule.TargetProperty(
                    id=queue,
                    arn=self.queues[queue].queue_arn,
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(
                        arn=self.undelivered.queue_arn
                    ),
                    retry_policy=events.CfnRule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=24 * 3600, maximum_retry_attempts=185
                    ),
                )
            ],
        )

    def _accept_from_rules(self, queue: sqs.Queue) -> None:
        rules = self.format_arn(
            service="events", resource="rule", resource_name=f"*{self._stage.physical_name('')}*"
        )
        queue.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[queue.queue_arn],
                conditions={"ArnLike": {"aws:SourceArn": rules}},
            )
        )
